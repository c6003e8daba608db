package sentinel_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	fakeentra "github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/sentinel"
	"github.com/seed-959697dd/soc/internal/source/sentinel"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a workspace, a client of it and a clock that moves when somebody waits.
type world struct {
	*sentinel.Client
	fake *fake.Server
	at   *atomic.Int64
}

var formats = sync.OnceValues(func() (*alert.Set, error) { return alert.NewSet(alert.Options{}) })

func open(t *testing.T, n int, change func(*fake.Server, *sentinel.Settings)) *world {
	t.Helper()
	w := &world{at: &atomic.Int64{}}
	now := func() time.Time { return noon.Add(time.Duration(w.at.Load())) }
	w.fake = fake.Demo(now, n, 7)
	srv := httptest.NewServer(w.fake)
	t.Cleanup(srv.Close)
	s := sentinel.Settings{
		Name: "sentinel", URL: srv.URL, Tenant: fake.Tenant, ClientID: fake.ClientID, Secret: web.NewSecret(fake.Secret), Subscription: fake.Subscription, ResourceGroup: fake.Group,
		Workspace: fake.Workspace, WorkspaceID: fake.WorkspaceID, Write: true, Formats: formats, Now: now,
		Sleep: func(ctx context.Context, d time.Duration) error { w.at.Add(int64(d)); return ctx.Err() },
	}
	if change != nil {
		change(w.fake, &s)
	}
	var err error
	if w.Client, err = sentinel.New(s); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) pull(t *testing.T, p alert.Pull) (list []alert.Pulled, gaps []alert.Gap) {
	t.Helper()
	gaps, err := w.Pull(t.Context(), p, func(i alert.Pulled) error { list = append(list, i); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, gaps
}

func (w *world) entry(t *testing.T, item string) respond.Entry {
	t.Helper()
	e, err := w.Read(t.Context(), item)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// first is an incident to write to.
func (w *world) first(t *testing.T) string {
	t.Helper()
	list, _ := w.pull(t, alert.Pull{Most: 1})
	return list[0].Item
}

// Ten thousand incidents over many pages, each with its alerts and entities, the oldest change first, in a form that is read as an alert.
func TestTenThousandIncidents(t *testing.T) {
	t.Parallel()
	n := 10_000
	if raced { // two requests an incident
		n = 2_000
	}
	w := open(t, n, nil)
	list, gaps := w.pull(t, alert.Pull{From: noon.Add(-96 * time.Hour)})
	if len(list) != n || len(gaps) != 0 {
		t.Fatalf("%d incidents, %v", len(list), gaps)
	}
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	p, items := set.NewParser(), map[string]bool{}
	for i, one := range list {
		var a alert.Alert
		if _, err := p.Parse(&a, one.Raw, nil); err != nil {
			t.Fatal(err)
		}
		if a.Format != "sentinel-incident" || a.ID != one.Item || items[one.Item] || len(a.Ambiguous) > 0 || i > 0 && one.Changed.Before(list[i-1].Changed) {
			t.Fatalf("%s %s %v", a.Format, a.ID, a.Ambiguous)
		}
		items[one.Item] = true
		for _, s := range []alert.Slot{alert.EntitySlot(alert.Target, alert.Host), alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Source, alert.IP)} {
			if a.Text(s) == "" {
				t.Fatalf("an incident without %s: %s", s, one.Raw)
			}
		}
	}
}

// Pulled again from a little before the last change: nothing is lost, and what was handed over before is known by item and edition.
func TestFollowing(t *testing.T) {
	t.Parallel()
	w := open(t, 120, func(s *fake.Server, _ *sentinel.Settings) { s.Page = 25 })
	list, _ := w.pull(t, alert.Pull{})
	seen := map[string]bool{}
	for _, i := range list {
		seen[i.Item+i.Edition] = true
	}
	mark := list[len(list)-1].Changed
	w.at.Add(int64(time.Hour))
	w.fake.Alert(list[3].Item)                                      // new evidence
	w.fake.Person(list[5].Item, "Active", "alice@corp.example.com") // a person's words
	if err := w.Note(t.Context(), list[7].Item, "soc-note-1", "seen"); err != nil {
		t.Fatal(err)
	}
	e := w.entry(t, list[9].Item)
	want, err := w.Draft(e, respond.Change{Tags: []string{"soc"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(t.Context(), list[9].Item, e, want); err != nil {
		t.Fatal(err)
	}
	again, _ := w.pull(t, alert.Pull{From: mark.Add(-time.Minute)})
	var news []string
	for _, i := range again {
		if !seen[i.Item+i.Edition] {
			news = append(news, i.Item)
		}
	}
	if len(again) < 5 || !slices.Equal(news, []string{list[3].Item}) {
		t.Errorf("%d handed over again, new are %v", len(again), news)
	}
}

func TestHowMuchIsPulled(t *testing.T) {
	t.Parallel()
	for n := range 4 { // a workspace with hardly anything in it has no gap
		if list, gaps := open(t, n, nil).pull(t, alert.Pull{}); len(list) != n || len(gaps) != 0 {
			t.Errorf("%d of %d, %v", len(list), n, gaps)
		}
	}
	w := open(t, 40, nil)
	all, _ := w.pull(t, alert.Pull{})
	list, gaps := w.pull(t, alert.Pull{Most: 17})
	if len(list) != 17 || len(gaps) != 1 || gaps[0].Class != alert.Partial {
		t.Errorf("%d, %v", len(list), gaps)
	}
	if list, gaps = w.pull(t, alert.Pull{Most: 40}); len(list) != 40 || len(gaps) != 0 {
		t.Errorf("%d, %v", len(list), gaps)
	}
	list, _ = w.pull(t, alert.Pull{From: all[10].Changed, To: all[20].Changed})
	if len(list) != 10 || list[0].Item != all[10].Item {
		t.Errorf("%d within the window", len(list))
	}
	list, _ = w.pull(t, alert.Pull{Query: "properties/severity eq 'High'"})
	if len(list) == 0 || len(list) == 40 {
		t.Errorf("%d of severity High", len(list))
	}
	stop := errors.New("stop")
	if _, err := w.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// Trap: a page whose incidents were all changed at one moment goes on at its link, which is taken verbatim. It may lead anywhere; the token
// goes to the service alone.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, astray := range []bool{false, true} {
		w := open(t, 30, func(s *fake.Server, _ *sentinel.Settings) {
			s.StrayLinks, s.Page = astray, 10
			for _, i := range list(s) {
				s.At(i, noon.Add(-time.Hour))
			}
		})
		n := 0
		_, err := w.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
		if astray && !errors.Is(err, web.ErrLink) || !astray && (err != nil || n != 30) {
			t.Errorf("astray %v: %d, %v", astray, n, err)
		}
	}
}

// list is the names of what a fake holds.
func list(s *fake.Server) (names []string) {
	for i := range 30 {
		names = append(names, fake.Name(i))
	}
	return names
}

// Trap: ARM throttles with 429 and Retry-After; answers are cut, slow, or a page for people; a redirect leads to another host.
func TestWhatGoesWrongOnTheWay(t *testing.T) {
	t.Parallel()
	at := func(n int, f fault.Fault) func(*fake.Server, *sentinel.Settings) {
		return func(s *fake.Server, _ *sentinel.Settings) {
			s.Door.Fault = func(k int) fault.Fault {
				if k == n {
					return f
				}
				return fault.None
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*fake.Server, *sentinel.Settings)
		is     error
		says   string
	}{
		"throttled, over soon": {at(1, fault.Busy), nil, ""},
		"cut":                  {at(2, fault.Cut), nil, ""}, // sent again: it only reads
		"a page for people":    {at(1, fault.Portal), web.ErrHTML, "pulling incidents of law-soc"},
		"a token not taken":    {at(1, fault.Denied), nil, ""},
		"an error in a 200":    {at(1, fault.Failed), nil, "no list of incidents"},
		"endless":              {at(1, fault.Endless), web.ErrTooLarge, ""},
		"a token shown": {func(s *fake.Server, _ *sentinel.Settings) {
			s.Door.Fault = func(int) fault.Fault { return fault.Denied }
		}, nil, "answered 401"},
		"elsewhere": {func(s *fake.Server, _ *sentinel.Settings) { s.Door.Elsewhere = func(int) bool { return true } }, web.ErrRedirect, ""},
		"throttled for long": {func(s *fake.Server, _ *sentinel.Settings) {
			s.Door.Fault = func(int) fault.Fault { return fault.Busy }
		}, nil, "answered 429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, 3, c.change)
			n := 0
			_, err := w.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
			switch {
			case c.is == nil && c.says == "":
				if err != nil || n != 3 {
					t.Error(n, err)
				}
			case err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), fake.Secret) || strings.Contains(err.Error(), "eyJ"):
				t.Error(n, err)
			}
		})
	}
}

// An incident whose alerts the service refuses comes without them, and that is a gap; one whose alerts it could not give ends the pull, so
// that it comes again.
func TestAnIncidentWithoutItsAlerts(t *testing.T) {
	t.Parallel()
	gone := fake.Name(2)
	w := open(t, 5, func(s *fake.Server, _ *sentinel.Settings) { s.Refuses = gone })
	list, gaps := w.pull(t, alert.Pull{})
	if len(list) != 5 || len(gaps) != 1 || !strings.Contains(gaps[0].Reason, gone) {
		t.Errorf("%d, %v", len(list), gaps)
	}
}

// Trap: PUT replaces the whole incident, and a stale etag is a conflict. What is not to be changed stays.
func TestWriteBackAndUndo(t *testing.T) {
	t.Parallel()
	w := open(t, 5, nil)
	item := w.first(t)
	before := w.fake.Incident(item)
	was := w.entry(t, item)
	want, err := w.Draft(was, respond.Change{Close: true, Disposition: triage.BenignPositive, Severity: triage.Low, Owner: "soc@corp.example.com", Tags: []string{"soc:closed"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(t.Context(), item, was, want); err != nil {
		t.Fatal(err)
	}
	now := w.entry(t, item)
	if !now.Same(&want) || now.Held != "closed" || now.Disposition != "BenignPositive/SuspiciousButExpected" || now.Revision == was.Revision {
		t.Errorf("%+v", now)
	}
	after := w.fake.Incident(item)
	for _, name := range []string{"title", "description", "firstActivityTimeUtc", "lastActivityTimeUtc", "incidentNumber", "createdTimeUtc"} {
		if fmt.Sprint(after.Properties[name]) != fmt.Sprint(before.Properties[name]) {
			t.Errorf("%s was %v and is %v", name, before.Properties[name], after.Properties[name])
		}
	}
	if err := w.Write(t.Context(), item, was, want); err != nil { // again after a crash
		t.Error(err)
	}
	if err := w.Write(t.Context(), item, now, was); err != nil { // undo
		t.Fatal(err)
	}
	if back := w.entry(t, item); !back.Same(&was) || back.Held != "" {
		t.Errorf("%+v, was %+v", back, was)
	}
	if _, err := w.Read(t.Context(), "no-such"); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	if _, err := w.Read(t.Context(), "../x"); err == nil {
		t.Error("a path was taken for a name")
	}
}

// Trap: every comment, tag and automation rule makes a new etag. A write whose words nobody touched is tried again; one that a person
// overtook is not made.
func TestConflicts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meddle func(*fake.Server, string)
		times  int
		is     error
		says   string
	}{
		"a comment was quicker, twice":     {func(s *fake.Server, i string) { s.Change(i, func(i *fake.Incident) { i.Comments["x"] = "y" }) }, 2, nil, ""},
		"comments are quicker for ever":    {func(s *fake.Server, i string) { s.Change(i, func(*fake.Incident) {}) }, 100, nil, "answered 409"},
		"a person took it":                 {func(s *fake.Server, i string) { s.Person(i, "Active", "alice@corp.example.com") }, 1, respond.ErrOvertaken, ""},
		"a person closed it another way":   {func(s *fake.Server, i string) { s.Person(i, "Closed", "") }, 1, respond.ErrOvertaken, ""},
		"a person took it after a comment": {nil, 2, respond.ErrOvertaken, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, 3, nil)
			item := w.first(t)
			was := w.entry(t, item)
			want, err := w.Draft(was, respond.Change{Close: true, Disposition: triage.FalsePositive})
			if err != nil {
				t.Fatal(err)
			}
			done := 0
			w.fake.Door.Before = func(method, _ string) {
				if method != "PUT" || done == c.times {
					return
				}
				if done++; c.meddle == nil && done == 1 {
					w.fake.Change(item, func(*fake.Incident) {})
				} else if c.meddle == nil {
					w.fake.Person(item, "Active", "bob@corp.example.com")
				} else {
					c.meddle(w.fake, item)
				}
			}
			err = w.Write(t.Context(), item, was, want)
			switch {
			case c.is == nil && c.says == "":
				if err != nil {
					t.Error(err)
				}
			case err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says):
				t.Error(err)
			}
			if i := w.fake.Incident(item); err != nil && i.Properties["classification"] != nil {
				t.Errorf("it was written all the same: %v", i.Properties["classification"])
			}
		})
	}
}

// Trap: only some pairs of classification and reason close an incident; the service takes each that a draft makes.
func TestEveryDispositionCloses(t *testing.T) {
	t.Parallel()
	w := open(t, 5, nil)
	items, _ := w.pull(t, alert.Pull{})
	for d := triage.Undetermined; d <= triage.FalsePositive; d++ {
		item := items[d].Item
		was := w.entry(t, item)
		want, err := w.Draft(was, respond.Change{Close: true, Disposition: d})
		if err == nil {
			err = w.Write(t.Context(), item, was, want)
		}
		if err != nil {
			t.Errorf("%s: %v", d, err)
		}
	}
	was := w.entry(t, items[4].Item)
	if _, err := w.Draft(was, respond.Change{Disposition: triage.TruePositive}); err == nil {
		t.Error("an open incident was classified")
	}
	if err := w.Write(t.Context(), items[4].Item, was, respond.Entry{Status: was.Status, Severity: was.Severity, Owner: "somebody"}); err == nil {
		t.Error("an owner of no kind was sent")
	}
}

// An answer that is no error and says something else is one.
func TestAnAnswerThatSaysOtherwise(t *testing.T) {
	t.Parallel()
	w := open(t, 2, func(s *fake.Server, _ *sentinel.Settings) { s.Ignores = true })
	item := w.first(t)
	was := w.entry(t, item)
	want, _ := w.Draft(was, respond.Change{Close: true})
	if err := w.Write(t.Context(), item, was, want); err == nil || !strings.Contains(err.Error(), `says status "New"`) {
		t.Error(err)
	}
}

// A note is one comment however often it is written, also when the answer to the first was lost.
func TestANoteIsWrittenOnce(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	w := open(t, 2, func(s *fake.Server, _ *sentinel.Settings) {
		s.Door.Fault = func(int) fault.Fault {
			if r := s.Door.Requests(); r[len(r)-1].Method == "PUT" && !mended.Load() {
				return fault.HangUp
			}
			return fault.None
		}
	})
	item := w.first(t)
	_ = w.Note(t.Context(), item, "soc-1", "looked at <img src=//192.0.2.1/p> [here](//192.0.2.1)") // it is there, and nobody said so
	mended.Store(true)
	for range 2 {
		if err := w.Note(t.Context(), item, "soc-1", "looked at <img src=//192.0.2.1/p> [here](//192.0.2.1)"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Note(t.Context(), item, "soc-2", strings.Repeat("ä", 40_000)); err != nil {
		t.Fatal(err)
	}
	got := w.fake.Incident(item).Comments
	if len(got) != 2 {
		t.Fatalf("%d comments", len(got))
	}
	for _, text := range got {
		if !strings.Contains(text, "soc-1") && !strings.Contains(text, "soc-2") {
			t.Errorf("a comment without its key")
		}
		if strings.ContainsAny(text, "<>[]") { // comments are markup there
			t.Errorf("a comment with markup in it: %.80q", text)
		}
	}
	if err := w.Note(t.Context(), "no-such", "k", "t"); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
}

func (w *world) search(t *testing.T, q investigate.Query) (list []*alert.Alert, a investigate.Answer) {
	t.Helper()
	a, err := w.Search(t.Context(), q, func(a *alert.Alert) error { list = append(list, a); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, a
}

func question() investigate.Query {
	return investigate.Query{From: noon.Add(-96 * time.Hour), To: noon, Most: 500, Terms: []investigate.Term{{Kind: "user", Value: "alice"}, {Kind: "process.id", Value: "0x1a2c", Host: "ws-001"}}}
}

func TestLogsAreAsked(t *testing.T) {
	t.Parallel()
	w := open(t, 400, nil)
	list, a := w.search(t, question())
	formats := map[string]int{}
	for _, r := range list {
		formats[r.Input.Name]++
		if r.Format == alert.Generic || len(r.Gaps) > 0 || r.First(alert.EntitySlot(alert.Actor, alert.User)) == nil && r.First(alert.EntitySlot(alert.Target, alert.User)) == nil {
			t.Fatalf("%s is read as %s, %v", r.Raw, r.Format, r.Gaps)
		}
		if r.Time.IsZero() || !strings.Contains(strings.ToLower(string(r.Raw)), "alice") {
			t.Fatalf("%s", r.Raw)
		}
	}
	if len(list) == 0 || a.Counts[0] != int64(len(list)) || formats["sentinel/SecurityEvent"] == 0 || formats["sentinel/SigninLogs"] == 0 || len(a.Covered) != 2 {
		t.Errorf("%d records, counted %v, %v, covered %d", len(list), a.Counts, formats, len(a.Covered))
	}
	for _, r := range w.fake.Door.Requests() {
		if strings.HasSuffix(r.Path, "/query") && (gjson.Get(r.Body, "timespan").String() != "2026-02-25T12:00:00Z/2026-03-01T12:00:00Z" || r.Header.Get("Prefer") == "") {
			t.Errorf("%s", r.Body)
		}
	}
}

// Trap: Log Analytics answers 200 with an error beside the rows, cuts at its row limit, takes too long (504), throttles (429): each is a
// gap that says what was asked.
func TestLogsThatAnswerPartially(t *testing.T) {
	t.Parallel()
	refuse := func(n int, a fakeentra.Answer) func(*fake.Server, *sentinel.Settings) {
		return func(s *fake.Server, _ *sentinel.Settings) {
			s.Query = func(k int, _ string) (fakeentra.Answer, bool) { return a, k >= n }
		}
	}
	for name, c := range map[string]struct {
		change func(*fake.Server, *sentinel.Settings)
		says   string
	}{
		"more rows than it hands over": {func(s *fake.Server, _ *sentinel.Settings) { s.Rows = 3 }, "exceeded the internal record count limit"},
		"it takes too long":            {refuse(3, fakeentra.Refuse(504, "GatewayTimeout", "Gateway timeout")), `user "alice", in SecurityEvent, 2026-02-25T12:00:00Z/2026-03-01T12:00:00Z: `},
		"it throttles":                 {refuse(3, fakeentra.Answer{Status: 429, After: "600", Doc: map[string]any{"error": map[string]any{"code": "ThrottledError", "message": "too many"}}}), "answered 429"},
		"nothing may be asked":         {func(s *fake.Server, _ *sentinel.Settings) { s.Logs = false }, "InsufficientAccessError"},
		"a table is not there":         {nil, "or are not there, 2026-02-25T12:00:00Z/2026-03-01T12:00:00Z: WindowsEvent"},
		"no workspace id":              {func(_ *fake.Server, s *sentinel.Settings) { s.WorkspaceID = "" }, "workspace_id"},
		"an answer without a table":    {refuse(1, fakeentra.Answer{Status: 200, Doc: map[string]any{"tables": []any{}}}), "has no table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, 400, c.change)
			_, a := w.search(t, question())
			if !slices.ContainsFunc(a.Gaps, func(g alert.Gap) bool { return strings.Contains(g.Reason, c.says) && g.Source == "sentinel" }) {
				t.Errorf("%q", a.Gaps)
			}
		})
	}
}

// What is missing is named, with what to grant.
func TestExamine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fake.Server, *sentinel.Settings)
		fails  string // the finding that is not OK
		hint   string
	}{
		"all is well":        {nil, "", ""},
		"a wrong secret":     {func(_ *fake.Server, s *sentinel.Settings) { s.Secret = web.NewSecret("x") }, "auth", "client secret"},
		"another tenant":     {func(_ *fake.Server, s *sentinel.Settings) { s.Tenant = "t" }, "auth", "check tenant"},
		"no role":            {func(f *fake.Server, _ *sentinel.Settings) { f.Reader, f.Responder = false, false }, "Microsoft Sentinel Reader", `--role "Microsoft Sentinel Reader" --scope /subscriptions/`},
		"no role to write":   {func(f *fake.Server, _ *sentinel.Settings) { f.Responder = false }, "Microsoft Sentinel Responder", `--role "Microsoft Sentinel Responder"`},
		"no role for tables": {func(f *fake.Server, _ *sentinel.Settings) { f.Logs = false }, "Log Analytics Reader", `--role "Log Analytics Reader"`},
		"no workspace id":    {func(_ *fake.Server, s *sentinel.Settings) { s.WorkspaceID = "" }, "Log Analytics Reader", "customerId"},
		"another workspace":  {func(_ *fake.Server, s *sentinel.Settings) { s.Workspace = "other" }, "sample", "az monitor log-analytics workspace list"},
		"an unknown version": {func(_ *fake.Server, s *sentinel.Settings) { s.Version = "2001-01-01" }, "version", "2024-03-01"},
		"nobody is there":    {func(_ *fake.Server, s *sentinel.Settings) { s.URL = "http://127.0.0.1:1" }, "reach", "curl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, 3, c.change)
			failed := ""
			for _, f := range w.Examine(t.Context()) {
				if strings.Contains(f.Detail+f.Hint, fake.Secret) {
					t.Error("the secret is shown")
				}
				if f.Name == "clock" { // of the real server's Date and the test's clock
					continue
				}
				if !f.OK {
					failed += f.Name
					if f.Name == c.fails && !strings.Contains(f.Hint, c.hint) {
						t.Errorf("%+v", f)
					}
				}
			}
			if failed != c.fails {
				t.Errorf("%q failed, want %q", failed, c.fails)
			}
		})
	}
}

func TestWhatItNeeds(t *testing.T) {
	t.Parallel()
	whole := sentinel.Settings{Tenant: "t", ClientID: "c", Secret: web.NewSecret("s"), Subscription: "s", ResourceGroup: "g", Workspace: "w", Now: time.Now}
	for _, cloud := range []string{"", "government", "china"} {
		whole.Cloud = cloud
		if _, err := sentinel.New(whole); err != nil {
			t.Error(err)
		}
	}
	for name, change := range map[string]func(*sentinel.Settings){
		"cloud": func(s *sentinel.Settings) { s.Cloud = "mars" }, "tenant": func(s *sentinel.Settings) { s.Tenant = "" }, "subscription": func(s *sentinel.Settings) { s.Subscription = "" },
		"workspace": func(s *sentinel.Settings) { s.Workspace = "" }, "client_secret": func(s *sentinel.Settings) { s.Secret = web.Secret{} },
		"plain http": func(s *sentinel.Settings) { s.URL = "http://sentinel.example" },
	} {
		s := whole
		change(&s)
		if _, err := sentinel.New(s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A case is pursued through the tables: what its alert names is found there, with where and why.
func TestACaseIsPursued(t *testing.T) {
	t.Parallel()
	w := open(t, 400, nil)
	pulled, _ := w.pull(t, alert.Pull{})
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	if _, err := set.NewParser().Parse(&a, pulled[8].Raw, nil); err != nil { // every eighth has logs around it
		t.Fatal(err)
	}
	doc := fmt.Sprintf(`{"kind":"verdict","version":1,"id":"v-1","route":"escalate","score":900,"base":-2944,"group":{"count":1,"first_time":%[1]q,"last_time":%[1]q,"alert_ids":[%[2]q]},"alert":%[3]s,"signals":[]}`,
		a.Time.UTC().Format(time.RFC3339Nano), a.ID, a.AppendJSON(nil, false))
	v, err := investigate.ReadVerdict(doc)
	if err != nil {
		t.Fatal(err)
	}
	k := investigate.NewCase([]investigate.Verdict{v}, &investigate.Cluster{ID: "c-1", Members: []int{0}}, []investigate.Member{{ID: v.ID, Document: doc}})
	if err := (investigate.Pursuit{}).Pursue(t.Context(), w, []*investigate.Case{&k}); err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{}
	for i := range k.Events {
		places[k.Events[i].Record.Input.Name] = true
	}
	if !places["sentinel/SecurityEvent"] {
		t.Errorf("%d events, from %v; gaps %q", len(k.Events), places, k.Gaps)
	}
}
