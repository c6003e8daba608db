package elastic_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	client "github.com/seed-959697dd/soc/internal/source/elastic"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

const profile = "u_mGBROF_q5bmFCATbLXAcCwKa0k8JvONAwSruelyKA5E_0"

func itemOf(id string) string { return ".internal.alerts-security.alerts-default-000001/" + id }

func read(t *testing.T, c *client.Client, item string) respond.Entry {
	t.Helper()
	e, err := c.Read(t.Context(), item)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func draft(t *testing.T, c *client.Client, was respond.Entry, ch respond.Change) respond.Entry {
	t.Helper()
	e, err := c.Draft(was, ch)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAnAlertIsClosedAndOpenedAgain(t *testing.T) {
	t.Parallel()
	s := demo(3)
	id := s.Alerts()[1]
	item := itemOf(id)
	s.Change(id, "kibana.alert.workflow_tags", []any{"night", "amber"})
	c := connect(t, s, nil)
	was := read(t, c, item)
	want := draft(t, c, was, respond.Change{Close: true, Disposition: triage.FalsePositive, Owner: profile, Tags: []string{"soc"}})
	if want.Status != "closed" || want.Disposition != "false_positive" || strings.Join(want.Tags, " ") != "amber night soc" || want.Owner != profile || strings.Join(was.Tags, " ") != "amber night" {
		t.Fatalf("%+v of %+v", want, was)
	}
	if err := c.Write(t.Context(), item, was, want); err != nil {
		t.Fatal(err)
	}
	now := read(t, c, item)
	if !now.Same(&want) || now.Held != "assigned to "+profile {
		t.Fatalf("%+v, want %+v", now, want)
	}
	if err := c.Write(t.Context(), item, now, was); err != nil { // undo
		t.Fatal(err)
	}
	if back := read(t, c, item); !back.Same(&was) || back.Held != "" {
		t.Errorf("%+v, was %+v", back, was)
	}
	for _, r := range s.Requests() { // only the alert that was meant, by its id
		if strings.HasSuffix(r.Path, "/status") && (len(gjson.Get(r.Body, "signal_ids").Array()) != 1 || gjson.Get(r.Body, "query").Exists()) {
			t.Error(r.Body)
		}
	}
}

// A reason that differs is written, though Kibana changes one only together with the status.
func TestAReasonIsCorrected(t *testing.T) {
	t.Parallel()
	s := demo(1)
	item := itemOf(s.Alerts()[0])
	c := connect(t, s, nil)
	was := read(t, c, item)
	closed := draft(t, c, was, respond.Change{Close: true, Disposition: triage.FalsePositive})
	if err := c.Write(t.Context(), item, was, closed); err != nil {
		t.Fatal(err)
	}
	other := draft(t, c, closed, respond.Change{Close: true, Disposition: triage.TruePositive})
	if err := c.Write(t.Context(), item, closed, other); err != nil {
		t.Fatal(err)
	}
	if now := read(t, c, item); now.Disposition != "true_positive" || now.Status != "closed" {
		t.Errorf("%+v", now)
	}
}

// Before 9.2 there is no reason: it becomes the tag that analysts use there. What Elastic has no word for is refused.
func TestWhatElasticHasNoWordFor(t *testing.T) {
	t.Parallel()
	s := demo(1)
	s.Version = "8.19.3"
	item := itemOf(s.Alerts()[0])
	c := connect(t, s, func(set *client.Settings) { set.Version = "8.19" })
	was := read(t, c, item)
	want := draft(t, c, was, respond.Change{Close: true, Disposition: triage.BenignPositive})
	if want.Disposition != "" || strings.Join(want.Tags, " ") != "Benign Positive" {
		t.Fatalf("%+v", want)
	}
	if err := c.Write(t.Context(), item, was, want); err != nil {
		t.Fatal(err)
	}
	if now := read(t, c, item); !now.Same(&want) {
		t.Errorf("%+v", now)
	}
	for name, ch := range map[string]respond.Change{"a severity": {Severity: triage.Informational}, "a severity beside soc's own tag": {Severity: triage.Informational, Tags: []string{"soc:escalate"}}, "the name of an account": {Owner: "alice"}} {
		if _, err := c.Draft(was, ch); err == nil {
			t.Error(name)
		}
	}
	if e, err := c.Draft(was, respond.Change{Severity: triage.Critical, Tags: []string{"soc:escalate"}, Unasked: true}); err != nil || e.Severity != was.Severity || !slices.Contains(e.Tags, "soc:escalate") {
		t.Errorf("what soc escalates gets its tag, and keeps its severity: %+v, %v", e, err)
	}
	newer := connect(t, s, nil) // one that believes the reason is there is told so, not answered with silence
	open := respond.Entry{Status: "closed", Severity: want.Severity, Tags: want.Tags}
	reopened := open
	reopened.Status = "open"
	if err := newer.Write(t.Context(), item, open, reopened); err != nil {
		t.Fatal(err)
	}
	if err := newer.Write(t.Context(), item, reopened, draft(t, newer, reopened, respond.Change{Close: true})); err == nil || !strings.Contains(err.Error(), "reason") {
		t.Error(err)
	}
}

// Trap: a human changed the alert after it was read. Nothing is written.
func TestAPersonWasQuicker(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*elastic.Server, string){
		"status":   func(s *elastic.Server, id string) { s.Change(id, "kibana.alert.workflow_status", "acknowledged") },
		"assignee": func(s *elastic.Server, id string) { s.Change(id, "kibana.alert.workflow_assignee_ids", []any{"u_2"}) },
		"tag":      func(s *elastic.Server, id string) { s.Change(id, "kibana.alert.workflow_tags", []any{"mine"}) },
	} {
		s := demo(2)
		id := s.Alerts()[0]
		c := connect(t, s, nil)
		was := read(t, c, itemOf(id))
		change(s, id)
		before := len(s.Requests())
		if err := c.Write(t.Context(), itemOf(id), was, draft(t, c, was, respond.Change{Close: true})); !errors.Is(err, respond.ErrOvertaken) {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(s.Requests()) - before; n != 1 {
			t.Errorf("%s: %d requests after it", name, n)
		}
	}
}

// Trap: an update that reached none, met another one or failed says so in the body of a 200.
func TestAnUpdateThatDidNotHappenIsAnError(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		trouble elastic.Trouble
		fault   fault.Fault
		says    string
		is      error
	}{
		"updated < requested":   {trouble: elastic.Fewer, says: "updated 0 alerts"},
		"a conflict in a 200":   {trouble: elastic.Conflict, is: respond.ErrOvertaken},
		"a conflict as 409":     {trouble: elastic.Stale, is: respond.ErrOvertaken},
		"failures in a 200":     {trouble: elastic.Failures, says: "index is read-only"},
		"too many requests":     {fault: fault.Busy, says: "answered 429"},
		"nobody knows":          {fault: fault.HangUp, says: "status of alert"},
		"another body in a 200": {fault: fault.Failed, says: "updated 0 alerts"},
	} {
		s := demo(1)
		id := s.Alerts()[0]
		c := connect(t, s, nil)
		was := read(t, c, itemOf(id))
		s.Trouble, s.Fault = at(3, row.trouble), at(3, row.fault)
		err := c.Write(t.Context(), itemOf(id), was, draft(t, c, was, respond.Change{Close: true}))
		if err == nil || !strings.Contains(err.Error(), row.says) || row.is != nil && !errors.Is(err, row.is) {
			t.Errorf("%s: %v", name, err)
		}
		if row.fault != fault.HangUp && s.Alert(id, "kibana.alert.workflow_status") != "open" {
			t.Errorf("%s: it was done", name)
		}
	}
}

func TestAnAlertThatIsGone(t *testing.T) {
	t.Parallel()
	s := demo(2)
	id := s.Alerts()[0]
	c := connect(t, s, nil)
	was := read(t, c, itemOf(id))
	s.Drop(id)
	if _, err := c.Read(t.Context(), itemOf(id)); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	if err := c.Write(t.Context(), itemOf(id), was, was); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	if _, err := c.Read(t.Context(), id); err == nil || errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	// Trap: shards that failed hide an alert; it is not gone then.
	s.Trouble = func(int) elastic.Trouble { return elastic.Shards }
	if _, err := c.Read(t.Context(), itemOf(s.Alerts()[0])); err == nil || errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
}

// Notes: one case for each alert, one comment for each key, and the alert keeps its status. Trap: a case that synchronises would open a
// closed alert again when it joins.
func TestANoteIsAddedOnce(t *testing.T) {
	t.Parallel()
	s := demo(2)
	id := s.Alerts()[0]
	item := itemOf(id)
	c := connect(t, s, nil)
	was := read(t, c, item)
	if err := c.Write(t.Context(), item, was, draft(t, c, was, respond.Change{Close: true})); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"v-1", "v-1", "v-2", "v-1"} {
		if err := c.Note(t.Context(), item, key, "It was a scanner."); err != nil {
			t.Fatal(err)
		}
	}
	cases := s.Cases()
	if len(cases) != 1 || len(cases[0].Comments) != 2 || len(cases[0].Alerts) != 1 || !strings.Contains(cases[0].Comments[0], "v-1") || cases[0].Title == "" {
		t.Errorf("%+v", cases)
	}
	if got := s.Alert(id, "kibana.alert.workflow_status"); got != "closed" {
		t.Errorf("the alert is %s", got)
	}
}

// A note goes on after an interruption, wherever that was, and there still is one case with one comment.
func TestANoteSurvivesInterruptions(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 7; n++ {
		for _, wrong := range []fault.Fault{fault.HangUp, fault.Failed} {
			s := demo(1)
			item := itemOf(s.Alerts()[0])
			s.Fault = at(n, wrong)
			c := connect(t, s, nil)
			first := c.Note(t.Context(), item, "v-1", "text")
			if err := c.Note(t.Context(), item, "v-1", "text"); err != nil {
				t.Errorf("request %d: %v, then %v", n, first, err)
			}
			if cases := s.Cases(); len(cases) != 1 || len(cases[0].Comments) != 1 || len(cases[0].Alerts) != 1 {
				t.Errorf("request %d: %v, %+v", n, first, cases)
			}
		}
	}
}

// Trap: a case that somebody changed meanwhile refuses a change with its old version. No change of ours goes by one: a comment is added
// whatever happened to the case, also when a person closed it.
func TestACaseThatSomebodyChanged(t *testing.T) {
	t.Parallel()
	s := demo(1)
	id := s.Alerts()[0]
	c := connect(t, s, nil)
	if err := c.Note(t.Context(), itemOf(id), "v-1", "text"); err != nil {
		t.Fatal(err)
	}
	patch := func(version string) int {
		req := httptest.NewRequestWithContext(t.Context(), "PATCH", "/api/cases", strings.NewReader(`{"cases":[{"id":"case-1","version":"`+version+`","status":"closed"}]}`))
		req.Header.Set("Authorization", "ApiKey "+key)
		req.Header.Set("kbn-xsrf", "true")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		return w.Code
	}
	if got := patch("WzEsMV0="); got != 409 {
		t.Errorf("a stale version: %d", got)
	}
	if got := patch("WzMsMV0="); got != 200 {
		t.Errorf("the last version: %d", got)
	}
	if err := c.Note(t.Context(), itemOf(id), "v-2", "text"); err != nil {
		t.Error(err)
	}
	if cases := s.Cases(); len(cases) != 1 || len(cases[0].Comments) != 2 || cases[0].Status != "closed" {
		t.Errorf("%+v", cases)
	}
	if got := s.Alert(id, "kibana.alert.workflow_status"); got != "open" {
		t.Errorf("the alert is %s", got)
	}
	for _, r := range s.Requests() {
		if r.Method == "POST" && strings.HasPrefix(r.Path, "/api/cases") && gjson.Get(r.Body, "version").Exists() {
			t.Error(r.Body)
		}
	}
}

// An alert that was moved to another index is the one that it was.
func TestAnAlertInAnotherIndex(t *testing.T) {
	t.Parallel()
	s := demo(1)
	c := connect(t, s, nil)
	if e := read(t, c, ".internal.alerts-security.alerts-default-000000/"+s.Alerts()[0]); e.Status != "open" {
		t.Errorf("%+v", e)
	}
}

// What a comment quotes was written by an attacker, and cases show Markdown: an image tells when it is looked at.
func TestACommentIsNoMarkup(t *testing.T) {
	t.Parallel()
	s := demo(1)
	c := connect(t, s, nil)
	if err := c.Note(t.Context(), itemOf(s.Alerts()[0]), "v-1", "![x](//192.0.2.1/p) <img src=x>"); err != nil {
		t.Fatal(err)
	}
	if got := s.Cases()[0].Comments[0]; strings.ContainsAny(got, "<>[]()!") || !strings.Contains(got, "192.0.2.1/p") {
		t.Errorf("the comment is %q", got)
	}
}
