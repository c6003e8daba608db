package splunksoar_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/drive/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

const token = "soar-token-0123456789"

func platform(t *testing.T, s *fake.Server, change func(*splunksoar.Settings)) *splunksoar.Platform {
	t.Helper()
	s.Token = token
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	set := splunksoar.Settings{URL: server.URL, Token: web.NewSecret(token), Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	if change != nil {
		change(&set)
	}
	p, err := splunksoar.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sample() *respond.Handover {
	return &respond.Handover{
		Case: "c-1234abcd", Title: "beacon of ws-12", Severity: "critical", Note: "The beacon of ws-12.", Techniques: []string{"T1071.001"},
		Exhibits: []respond.Exhibit{
			{Type: "ip", Role: "target", Value: "203.0.113.9", Verdict: "malicious"},
			{Type: "ip", Role: "source", Value: "10.20.1.22"},
			{Type: "sha256", Value: "6527c9361a2f469c5275afcb5d06e53013367cd231995de13dc7218711388382"},
			{Type: "host", Role: "target", Value: "ws-12"},
			{Type: "colour", Value: "red"},
		},
	}
}

func hand(t *testing.T, p *splunksoar.Platform, playbook string) (respond.Handed, error) {
	t.Helper()
	d := respond.Handed{Handover: sample()}
	return d, d.Hand(t.Context(), p, "", playbook)
}

func TestACaseIsHandedOverOnce(t *testing.T) {
	t.Parallel()
	s := &fake.Server{Playbooks: []string{"community/quarantine"}, Polls: 1}
	p := platform(t, s, nil)
	first, err := hand(t, p, "community/quarantine")
	if err != nil || first.Outcome != "created" || !first.Record.Note || first.Run.Status != "running" {
		t.Fatalf("%+v %v", first, err)
	}
	containers := s.Rows("container")
	if len(containers) != 1 || containers[0]["severity"] != "high" || containers[0]["source_data_identifier"] != "c-1234abcd" {
		t.Fatal(containers)
	}
	fields := map[string]bool{}
	for _, a := range s.Rows("artifact") {
		for field, value := range a["cef"].(map[string]any) {
			fields[field+"="+value.(string)] = true
		}
	}
	for _, want := range []string{"destinationAddress=203.0.113.9", "sourceAddress=10.20.1.22", "destinationHostName=ws-12", "fileHashSha256=6527c9361a2f469c5275afcb5d06e53013367cd231995de13dc7218711388382"} {
		if !fields[want] {
			t.Errorf("no artifact %s: %v", want, fields)
		}
	}
	if len(fields) != 4 {
		t.Errorf("%d artifacts", len(fields))
	}
	run := *first.Run
	for range 3 {
		if run, err = p.Follow(t.Context(), first.Record, run); err != nil {
			t.Fatal(err)
		}
	}
	if run.Status != "success" {
		t.Errorf("%+v", run)
	}
	second, err := hand(t, p, "community/quarantine")
	if err != nil || second.Outcome != "existing" || second.Record.ID != first.Record.ID || !second.Run.Before {
		t.Fatalf("%+v %v", second, err)
	}
	for resource, n := range map[string]int{"container": 1, "artifact": 4, "container_note": 1, "playbook_run": 1} {
		if got := len(s.Rows(resource)); got != n {
			t.Errorf("%d rows of %s after the second time, want %d", got, resource, n)
		}
	}
}

// Trap: run_automation on every artifact starts the platform's playbooks once for each. It is on the last only, and only where wanted.
func TestAutomationStartsOnceOrNever(t *testing.T) {
	t.Parallel()
	for _, wanted := range []bool{false, true} {
		s := &fake.Server{}
		p := platform(t, s, func(set *splunksoar.Settings) { set.Automation = wanted })
		if _, err := hand(t, p, ""); err != nil {
			t.Fatal(err)
		}
		list := s.Rows("artifact")
		for i, a := range list {
			if a["run_automation"] != (wanted && i == len(list)-1) {
				t.Errorf("wanted %v: artifact %d of %d has run_automation %v", wanted, i+1, len(list), a["run_automation"])
			}
		}
		if s.Rows("container")[0]["run_automation"] != false {
			t.Error("the container starts automation")
		}
	}
}

// Trap: a duplicate source id is "failed", and means that the case is there.
func TestADuplicateIsTheExistingOne(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	first, err := p.Create(t.Context(), sample(), "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.Create(t.Context(), sample(), "") // as a second process would that looked before the first wrote
	if err != nil || !second.Existed || second.ID != first.ID {
		t.Fatalf("%+v %v", second, err)
	}
}

// Trap: an update of an artifact replaces its CEF. So none is ever updated.
func TestNoArtifactIsUpdated(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	for range 2 {
		if _, err := hand(t, p, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Path, "/rest/artifact") || r.Method != "GET" && r.Method != "POST" {
			t.Errorf("%s %s", r.Method, r.Path)
		}
	}
}

// Trap: filter values are JSON, so a text has its own quotes. The fake refuses one without.
func TestFiltersAreQuoted(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	if _, ok, err := p.Find(t.Context(), `c-1" or "1"="1`, ""); ok || err != nil {
		t.Fatal(ok, err)
	}
	if got := s.Requests()[0].Query.Get("_filter_source_data_identifier"); got != `"c-1\" or \"1\"=\"1"` {
		t.Error(got)
	}
}

func TestWhatGoesWrongIsAnError(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		fault    fault.Fault
		at       int // request
		says     string
		survives bool
		then     string // outcome of the second hand-over
	}{
		"a wrong token":                  {fault.Denied, 1, "answered 401", false, "created"},
		"too many requests, over soon":   {fault.Busy, 2, "", true, "existing"},
		"failed in the body of a 200":    {fault.Failed, 2, "the asset is not configured", false, "created"}, // trap: 200 with failed:true
		"failed, with the token":         {fault.Echo, 2, "REDACTED", false, "created"},
		"a page for people":              {fault.Portal, 2, "HTML", false, "created"},
		"cut, and the container is made": {fault.Cut, 2, "", true, "existing"}, // sent again: the duplicate names it
		"hung up, and it is made":        {fault.HangUp, 2, "", true, "existing"},
		"the note is refused":            {fault.Failed, 3, "container 101 is there, its note is not", false, "existing"},
		"an endless answer":              {fault.Endless, 2, "too large", false, "created"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &fake.Server{Fault: func(n int) fault.Fault {
				if n == row.at {
					return row.fault
				}
				return fault.None
			}}
			p := platform(t, s, nil)
			_, err := hand(t, p, "")
			if row.survives != (err == nil) || err != nil && !strings.Contains(err.Error(), row.says) {
				t.Fatalf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("the token is in the error: %v", err)
			}
			again, err := hand(t, p, "")
			if err != nil || again.Outcome != row.then || !again.Record.Note {
				t.Errorf("the second time: %+v %v", again, err)
			}
			if n := len(s.Rows("container")); n != 1 {
				t.Errorf("%d containers", n)
			}
			if n := len(s.Rows("container_note")); n != 1 {
				t.Errorf("%d notes", n)
			}
		})
	}
}

func TestASlowAnswerIsATimeout(t *testing.T) {
	t.Parallel()
	p := platform(t, &fake.Server{Fault: func(int) fault.Fault { return fault.Slow }}, func(set *splunksoar.Settings) { set.Timeout = 20 * time.Millisecond })
	if _, err := hand(t, p, ""); !errors.Is(err, web.ErrTimeout) {
		t.Error(err)
	}
}

func TestAPlaybookThatIsNotThereOrBreaks(t *testing.T) {
	t.Parallel()
	s := &fake.Server{Playbooks: []string{"local/it-breaks"}}
	p := platform(t, s, nil)
	if d, err := hand(t, p, "local/none"); err == nil || d.Record.ID == "" || d.Run != nil {
		t.Errorf("%+v %v", d, err)
	}
	d, err := hand(t, p, "local/it-breaks")
	if err != nil {
		t.Fatal(err)
	}
	run, err := p.Follow(t.Context(), d.Record, *d.Run)
	if err != nil || run.Status != "failed" || run.Detail == "" {
		t.Errorf("%+v %v", run, err)
	}
}

func declared() splunksoar.Declared {
	return splunksoar.Declared{
		Actions: []string{"block-ip"}, Container: "101",
		Command: respond.Words{"block ip", "fw1", "12", "ip={target}"}, Undo: respond.Words{"unblock ip", "fw1", "12", "ip={target}"}, Probe: respond.Words{"lookup ip", "fw1", "12", "ip={target}"},
		InForce: respond.Reading{At: "result_data.0.summary.blocked", Is: []string{"true"}, Not: []string{"false"}},
	}
}

func TestAnActionIsDoneVerifiedAndTakenBack(t *testing.T) {
	t.Parallel()
	s := &fake.Server{Polls: 2}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	d, err := splunksoar.NewDriver(p, declared())
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := d.Does("block-ip"); !ok {
		t.Fatal("it does not")
	}
	const hostile = `203.0.113.9","evil":"x`
	for _, value := range []string{"203.0.113.9", hostile} {
		order := respond.Order{Key: "k1", Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: value}}
		before, err := d.Probe(t.Context(), "block-ip", order.Target)
		if err != nil || before.Done {
			t.Fatal(before, err)
		}
		for range 2 {
			if err := d.Do(t.Context(), order); err != nil || !s.Blocked(value) {
				t.Fatal(err)
			}
		}
		if now, err := d.Probe(t.Context(), "block-ip", order.Target); err != nil || !now.Done {
			t.Fatal(now, err)
		}
		for range 2 {
			if err := d.Undo(t.Context(), order); err != nil || s.Blocked(value) {
				t.Fatal(err)
			}
		}
		if after, err := d.Probe(t.Context(), "block-ip", order.Target); err != nil || after.Digest() != before.Digest() {
			t.Error(after, err)
		}
	}
	for _, r := range s.Requests() { // one parameter, whatever the target says
		if r.Path == "/rest/action_run" && r.Method == "POST" && len(gjson.Get(r.Body, "targets.0.parameters.0").Map()) != 1 {
			t.Errorf("the target became another parameter: %s", r.Body)
		}
	}
}

// Trap: an action that fails does so after a 200, in the status of its run.
func TestAFailedActionRunIsAnError(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	set := declared()
	set.Command[1] = "fw2"
	d, err := splunksoar.NewDriver(p, set)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Do(t.Context(), respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}); err == nil || !strings.Contains(err.Error(), "failed: no such asset") {
		t.Error(err)
	}
}

// P9: what declares no undo or no probe is a task.
func TestWithoutAWayBackItIsATask(t *testing.T) {
	t.Parallel()
	p := platform(t, &fake.Server{}, nil)
	for name, change := range map[string]func(*splunksoar.Declared){"no undo": func(d *splunksoar.Declared) { d.Undo = nil }, "no probe": func(d *splunksoar.Declared) { d.Probe = nil }} {
		set := declared()
		change(&set)
		d, err := splunksoar.NewDriver(p, set)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := d.Does("block-ip"); ok {
			t.Error(name)
		}
	}
	for name, change := range map[string]func(*splunksoar.Declared){
		"no command":            func(d *splunksoar.Declared) { d.Command = nil },
		"no container":          func(d *splunksoar.Declared) { d.Container = "" },
		"a target as parameter": func(d *splunksoar.Declared) { d.Command = respond.Words{"block ip", "fw1", "12", "{target}=x"} },
		"a target as asset":     func(d *splunksoar.Declared) { d.Command = respond.Words{"block ip", "{target}", "12"} },
		"no app":                func(d *splunksoar.Declared) { d.Command = respond.Words{"block ip", "fw1", "ip={target}"} },
		"no reading":            func(d *splunksoar.Declared) { d.InForce = respond.Reading{} },
	} {
		set := declared()
		change(&set)
		if _, err := splunksoar.NewDriver(p, set); err == nil {
			t.Error(name)
		}
	}
}
