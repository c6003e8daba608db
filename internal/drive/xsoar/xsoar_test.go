package xsoar_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/drive/xsoar"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/xsoar"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

const key = "xsoar-key-0123456789"

func clock() time.Time { return time.Date(2026, 3, 3, 4, 0, 0, 0, time.UTC) }

func platform(t *testing.T, s *fake.Server, change func(*xsoar.Settings)) *xsoar.Platform {
	t.Helper()
	if s.Version == 0 {
		s.Version = 6
	}
	s.Key, s.Now = key, clock
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	set := xsoar.Settings{
		URL: server.URL, Version: s.Version, Key: web.NewSecret(key), KeyID: s.KeyID, Advanced: s.Advanced, Now: clock,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if s.Version == 8 {
		set.URL += "/xsoar"
	}
	if change != nil {
		change(&set)
	}
	p, err := xsoar.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sample() *respond.Handover {
	return &respond.Handover{
		Case: "c-1234abcd", Title: "beacon of ws-12", Severity: "critical", Note: "The beacon of ws-12.", First: clock(),
		Exhibits: []respond.Exhibit{
			{Type: "ip", Role: "target", Value: "203.0.113.9"},
			{Type: "ip", Role: "source", Value: "10.20.1.22"},
			{Type: "url", Value: "http://203.0.113.9/a"},
			{Type: "sha256", Value: "aa"},
			{Type: "sha256", Value: "bb"},
			{Type: "host", Role: "target", Value: "ws-12"},
			{Type: "user", Role: "actor", Value: `CORP\t.brandt`},
		},
	}
}

func hand(t *testing.T, p *xsoar.Platform, playbook string) (respond.Handed, error) {
	t.Helper()
	d := respond.Handed{Handover: sample()}
	return d, d.Hand(t.Context(), p, "", playbook)
}

// Trap: version 6 and version 8 have other paths and other headers, and an advanced key signs each request.
func TestACaseIsHandedOverOnceWhateverTheVersion(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*fake.Server{
		"version 6":                {Version: 6},
		"one that keeps no source": {Version: 6, Forgets: true},
		"version 8, standard key":  {Version: 8, KeyID: "3"},
		"version 8, advanced key":  {Version: 8, KeyID: "4", Advanced: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.Playbooks, s.Polls = []string{"Quarantine"}, 2
			p := platform(t, s, nil)
			first, err := hand(t, p, "Quarantine")
			if err != nil || first.Outcome != "created" || !first.Record.Note || first.Run.Status != "running" {
				t.Fatalf("%+v %v", first, err)
			}
			second, err := hand(t, p, "Quarantine")
			if err != nil || second.Outcome != "existing" || second.Record.ID != first.Record.ID || !second.Run.Before {
				t.Fatalf("%+v %v", second, err)
			}
			run := *first.Run
			for range 3 {
				if run, err = p.Follow(t.Context(), first.Record, run); err != nil {
					t.Fatal(err)
				}
			}
			if run.Status != "success" || len(s.Incidents()) != 1 {
				t.Errorf("%+v, %d incidents", run, len(s.Incidents()))
			}
			for _, r := range s.Requests() {
				if s.Advanced && strings.Contains(r.Header.Get("Authorization"), key) {
					t.Error("the advanced key itself travelled")
				}
			}
		})
	}
}

func TestFieldsAndLabels(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	body := ""
	for _, r := range s.Requests() {
		if r.Path == "/incident" {
			body = r.Body
		}
	}
	for path, want := range map[string]string{
		"name": "c-1234abcd: beacon of ws-12", "severity": "4", "occurred": "2026-03-03T04:00:00Z", "details": "The beacon of ws-12.", "createInvestigation": "false",
		"CustomFields.sourceips": `["10.20.1.22"]`, "CustomFields.destinationips": `["203.0.113.9"]`, "CustomFields.hostnames": `["ws-12"]`, "CustomFields.sha256": "aa",
		`labels.#(type=="soc_case").value`: "c-1234abcd", `labels.#(value=="bb").type`: "File SHA256", `labels.#(type=="URL").value`: "http://203.0.113.9/a",
		"CustomFields.users": `["CORP\\t.brandt"]`, "playbookId": "",
	} {
		if got := gjson.Get(body, path).String(); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
}

// Trap: a search with size 0, which is the default, finds nothing, and one without a date may look at the last days only.
func TestEverySearchSaysHowManyAndSinceWhen(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.Path, "/search") && (gjson.Get(r.Body, "filter.size").Int() < 1 || gjson.Get(r.Body, "filter.fromDate").Str == "") {
			t.Error(r.Body)
		}
	}
}

// An incident whose name only looks like ours is not ours.
func TestOnlyTheLabelTells(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	other := sample()
	other.Case, other.Title = "c-9999", "about c-1234abcd: beacon"
	if _, err := p.Create(t.Context(), other, ""); err != nil {
		t.Fatal(err)
	}
	d, err := hand(t, p, "")
	if err != nil || d.Outcome != "created" || len(s.Incidents()) != 2 {
		t.Errorf("%+v %v", d, err)
	}
	if _, _, err := p.Find(t.Context(), `c-1* or name:*`, ""); err == nil {
		t.Error("an id became a query")
	}
}

func TestWhatGoesWrongIsAnError(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		fault    fault.Fault
		at       int
		says     string
		survives bool
		then     string
	}{
		"a wrong key":                       {fault.Denied, 1, "answered 401", false, "created"},
		"too many searches, over soon":      {fault.Busy, 1, "", true, "existing"},
		"too many requests at the making":   {fault.Busy, 3, "answered 429", false, "created"},
		"an error in the body of a 200":     {fault.Failed, 3, "the asset is not configured", false, "created"},
		"an error that shows what it got":   {fault.Echo, 3, "no permission", false, "created"},
		"a page for people":                 {fault.Portal, 3, "HTML", false, "created"},
		"cut, and the incident is made":     {fault.Cut, 3, "", true, "existing"},
		"hung up, and it is made":           {fault.HangUp, 3, "", true, "existing"},
		"endless, and nobody knows":         {fault.Endless, 3, "too large", false, "created"},
		"a search that is answered by HTML": {fault.Portal, 1, "HTML", false, "created"},
	}
	for name, row := range rows {
		for _, s := range []*fake.Server{{Version: 6}, {Version: 8, KeyID: "4", Advanced: true}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s.Fault = func(n int) fault.Fault {
					if n == row.at {
						return row.fault
					}
					return fault.None
				}
				p := platform(t, s, nil)
				first, err := hand(t, p, "")
				if row.survives != (err == nil) || err != nil && !strings.Contains(err.Error(), row.says) {
					t.Fatal(err)
				}
				if err == nil && first.Outcome != "created" {
					t.Errorf("%+v", first)
				}
				if err != nil && strings.Contains(err.Error(), key) {
					t.Errorf("the key is in the error: %v", err)
				}
				again, err := hand(t, p, "")
				if err != nil || again.Outcome != row.then || len(s.Incidents()) != 1 {
					t.Errorf("the second time: %+v %v, %d incidents", again, err, len(s.Incidents()))
				}
			})
		}
	}
}

func TestASlowAnswerIsATimeout(t *testing.T) {
	t.Parallel()
	p := platform(t, &fake.Server{Fault: func(int) fault.Fault { return fault.Slow }}, func(set *xsoar.Settings) { set.Timeout = 20 * time.Millisecond })
	if _, err := hand(t, p, ""); !errors.Is(err, web.ErrTimeout) {
		t.Error(err)
	}
}

// Trap: no call runs a playbook on an incident that is there. It is set by a command, whose failure is an entry of type 4.
func TestAPlaybookOnAnExistingIncident(t *testing.T) {
	t.Parallel()
	s := &fake.Server{Playbooks: []string{"Quarantine", "it-breaks"}}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	if d, err := hand(t, p, "None"); err == nil || !strings.Contains(err.Error(), "Playbook None was not found") || d.Record.ID == "" {
		t.Errorf("%+v %v", d, err)
	}
	d, err := hand(t, p, "it-breaks")
	if err != nil || d.Run.Before {
		t.Fatalf("%+v %v", d, err)
	}
	if run, err := p.Follow(t.Context(), d.Record, *d.Run); err != nil || run.Status != "failed" {
		t.Errorf("%+v %v", run, err)
	}
}

func declared() xsoar.Declared {
	return xsoar.Declared{
		Actions: []string{"block-ip"}, Investigation: "41",
		Command: respond.Words{"!fw-block-ip", "ip={target}"}, Undo: respond.Words{"!fw-unblock-ip", "ip={target}"}, Probe: respond.Words{"!fw-check-ip", "ip={target}"},
		InForce: respond.Reading{At: "0.contents.blocked", Is: []string{"true"}, Not: []string{"false"}},
	}
}

func TestAnActionIsDoneVerifiedAndTakenBack(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	d, err := xsoar.NewDriver(p, declared())
	if err != nil {
		t.Fatal(err)
	}
	order := respond.Order{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}
	before, err := d.Probe(t.Context(), "block-ip", order.Target)
	if err != nil || before.Done {
		t.Fatal(before, err)
	}
	if err := d.Do(t.Context(), order); err != nil || !s.Blocked("203.0.113.9") {
		t.Fatal(err)
	}
	if now, err := d.Probe(t.Context(), "block-ip", order.Target); err != nil || !now.Done {
		t.Fatal(now, err)
	}
	if err := d.Undo(t.Context(), order); err != nil || s.Blocked("203.0.113.9") {
		t.Fatal(err)
	}
	if after, err := d.Probe(t.Context(), "block-ip", order.Target); err != nil || after.Digest() != before.Digest() {
		t.Error(after, err)
	}
	n := len(s.Requests())
	for _, hostile := range []string{`1" other="2`, "1`", `1\`, "${incident.id}", "1\n!fw-unblock-ip ip=2"} {
		order.Target.Value = hostile
		if err := d.Do(t.Context(), order); !errors.Is(err, xsoar.ErrUnspeakable) {
			t.Errorf("%q: %v", hostile, err)
		}
	}
	if len(s.Requests()) != n {
		t.Error("a hostile target was sent")
	}
}

// Trap: a closed investigation answers 412; a failed command is an entry of type 4 within a 200.
func TestFailuresOfACommand(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, nil)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	set := declared()
	set.Command[0] = "!none"
	d, err := xsoar.NewDriver(p, set)
	if err != nil {
		t.Fatal(err)
	}
	order := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}
	if err := d.Do(t.Context(), order); err == nil || !strings.Contains(err.Error(), "Unsupported Command") {
		t.Error(err)
	}
	s.Close("41")
	if err := d.Undo(t.Context(), order); !errors.Is(err, xsoar.ErrClosed) {
		t.Error(err)
	}
}

// P9: what declares no undo or no probe is a task.
func TestWithoutAWayBackItIsATask(t *testing.T) {
	t.Parallel()
	p := platform(t, &fake.Server{}, nil)
	for name, change := range map[string]func(*xsoar.Declared){"no undo": func(d *xsoar.Declared) { d.Undo = nil }, "no probe": func(d *xsoar.Declared) { d.Probe = nil }} {
		set := declared()
		change(&set)
		d, err := xsoar.NewDriver(p, set)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := d.Does("block-ip"); ok {
			t.Error(name)
		}
	}
	for name, change := range map[string]func(*xsoar.Declared){
		"no command":             func(d *xsoar.Declared) { d.Command = nil },
		"no investigation":       func(d *xsoar.Declared) { d.Investigation = "" },
		"a target as argument":   func(d *xsoar.Declared) { d.Command = respond.Words{"!block", "{target}=x"} },
		"a target as command":    func(d *xsoar.Declared) { d.Command = respond.Words{"{target}"} },
		"a bare word":            func(d *xsoar.Declared) { d.Command = respond.Words{"!block", "{target}"} },
		"two commands":           func(d *xsoar.Declared) { d.Command = respond.Words{"!block ip=1 !other"} },
		"a probe without yes":    func(d *xsoar.Declared) { d.InForce.Is = nil },
		"an unknown placeholder": func(d *xsoar.Declared) { d.Undo = respond.Words{"!x", "ip={ip}"} },
	} {
		set := declared()
		change(&set)
		if _, err := xsoar.NewDriver(p, set); err == nil {
			t.Error(name)
		}
	}
	for name, set := range map[string]xsoar.Settings{
		"no key": {Version: 6}, "no version": {Key: web.NewSecret("k")}, "no number": {Version: 8, Key: web.NewSecret("k")}, "advanced 6": {Version: 6, Advanced: true, Key: web.NewSecret("k")},
	} {
		set.URL = "https://xsoar.example"
		if _, err := xsoar.New(set); err == nil {
			t.Error(name)
		}
	}
}
