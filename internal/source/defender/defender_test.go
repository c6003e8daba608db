package defender_test

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
	fake "github.com/seed-959697dd/soc/internal/fake/defender"
	fakeentra "github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	"github.com/seed-959697dd/soc/internal/source/defender"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a tenant, a client of it and a clock that moves when somebody waits.
type world struct {
	*defender.Client
	fake *fake.Server
	list string
	at   *atomic.Int64
}

var formats = sync.OnceValues(func() (*alert.Set, error) { return alert.NewSet(alert.Options{}) })

func open(t *testing.T, n int, change func(*fake.Server, *defender.Settings)) *world {
	t.Helper()
	w := &world{at: &atomic.Int64{}, list: fake.Alerts}
	now := func() time.Time { return noon.Add(time.Duration(w.at.Load())) }
	w.fake = fake.Demo(now, n, 7)
	srv := httptest.NewServer(w.fake)
	t.Cleanup(srv.Close)
	s := defender.Settings{
		Name: "defender", URL: srv.URL, Tenant: fake.Tenant, ClientID: fake.ClientID, Secret: web.NewSecret(fake.Secret), Write: true, Formats: formats, Now: now,
		Sleep: func(ctx context.Context, d time.Duration) error { w.at.Add(int64(d)); return ctx.Err() },
	}
	if change != nil {
		change(w.fake, &s)
	}
	if s.Incidents {
		w.list = fake.Incidents
	}
	var err error
	if w.Client, err = defender.New(s); err != nil {
		t.Fatal(err)
	}
	return w
}

func incidents(_ *fake.Server, s *defender.Settings) { s.Incidents = true }

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

func (w *world) first(t *testing.T) string {
	t.Helper()
	list, _ := w.pull(t, alert.Pull{Most: 1})
	return list[0].Item
}

// Trap: no link to a next page comes, $top ends at 1000 and $skip at 500. Ten thousand alerts come all the same, once, the oldest change
// first, in a form that is read as an alert; with links, too.
func TestTenThousandAlerts(t *testing.T) {
	t.Parallel()
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	for links, n := range map[bool]int{false: 10_000, true: 2_000} {
		if raced {
			n = 1_500
		}
		w := open(t, n, func(s *fake.Server, _ *defender.Settings) { s.Links = links })
		list, gaps := w.pull(t, alert.Pull{From: noon.Add(-96 * time.Hour)})
		if len(list) != n || len(gaps) != 0 {
			t.Fatalf("%d alerts, %v", len(list), gaps)
		}
		p, items := set.NewParser(), map[string]bool{}
		for i, one := range list {
			var a alert.Alert
			if _, err := p.Parse(&a, one.Raw, nil); err != nil {
				t.Fatal(err)
			}
			if a.Format != "graph-alerts-v2" || a.ID != one.Item || items[one.Item] || i > 0 && one.Changed.Before(list[i-1].Changed) {
				t.Fatalf("%s %s", a.Format, a.ID)
			}
			items[one.Item] = true
			for _, s := range []alert.Slot{alert.EntitySlot(alert.Target, alert.Host), alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Source, alert.IP)} {
				if a.Text(s) == "" {
					t.Fatalf("an alert without %s: %s", s, one.Raw)
				}
			}
		}
	}
}

func TestIncidentsWithTheirAlerts(t *testing.T) {
	t.Parallel()
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, 400, incidents)
	list, gaps := w.pull(t, alert.Pull{})
	n := 0
	for _, one := range list {
		var a alert.Alert
		if _, err := set.NewParser().Parse(&a, one.Raw, nil); err != nil || a.Format != "graph-alerts-v2" || a.Text(alert.EntitySlot(alert.Target, alert.Host)) == "" {
			t.Fatalf("%v %s %s", err, a.Format, one.Raw)
		}
		n += len(gjson.GetBytes(one.Raw, "alerts").Array())
	}
	if n != 400 || len(gaps) != 0 {
		t.Errorf("%d alerts in %d incidents, %v", n, len(list), gaps)
	}
}

// Trap: more alerts were changed at one moment than a page holds, as after a rule that closes many. None is lost and it ends; what cannot be
// reached is a gap.
func TestManyChangedAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, clamp int
		lost     bool
	}{{1400, 1000, false}, {2600, 1000, false}, {700, 50, false}, {3000, 50, true}} {
		if raced && c.n > 2000 {
			continue
		}
		w := open(t, c.n, func(s *fake.Server, _ *defender.Settings) {
			s.Clamp = c.clamp
			for k := range c.n {
				s.At(fake.Alerts, fake.ID(k), noon.Add(-time.Hour))
			}
		})
		list, gaps := w.pull(t, alert.Pull{})
		if (len(list) < c.n) != c.lost || (len(gaps) > 0) != c.lost {
			t.Errorf("%d at once: %d came, %v", c.n, len(list), gaps)
		}
	}
}

// Where the service does not sort, or refuses to, everything comes all the same, the oldest change first.
func TestAServiceThatDoesNotSort(t *testing.T) {
	t.Parallel()
	w := open(t, 3000, func(s *fake.Server, _ *defender.Settings) { s.NoOrder, s.Clamp = true, 400 })
	list, gaps := w.pull(t, alert.Pull{From: noon.Add(-96 * time.Hour)})
	met := map[string]bool{}
	for i, one := range list {
		if met[one.Item] || i > 0 && one.Changed.Before(list[i-1].Changed) {
			t.Fatalf("%s comes twice, or too late", one.Item)
		}
		met[one.Item] = true
	}
	if len(list) != 3000 || len(gaps) != 0 || len(w.fake.Door.Requests()) > 200 {
		t.Errorf("%d alerts, %v, %d requests", len(list), gaps, len(w.fake.Door.Requests()))
	}
	if _, err := w.Pull(t.Context(), alert.Pull{Query: "no filter"}, func(alert.Pulled) error { return nil }); err == nil || !strings.Contains(err.Error(), "Invalid filter") {
		t.Error(err)
	}
}

// Pulled again from a little before the last change: nothing is lost, and what was handed over before is known by item and edition.
func TestFollowing(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*fake.Server, *defender.Settings){nil, incidents} {
		w := open(t, 120, change)
		list, _ := w.pull(t, alert.Pull{})
		seen := map[string]bool{}
		for _, i := range list {
			seen[i.Item+i.Edition] = true
		}
		mark := list[len(list)-1].Changed
		w.at.Add(int64(time.Hour))
		w.fake.Change(w.list, list[3].Item, func(doc map[string]any) { doc["assignedTo"] = "alice@corp.example.com" })
		e := w.entry(t, list[5].Item)
		want, err := w.Draft(e, respond.Change{Close: true, Disposition: triage.FalsePositive})
		if err == nil {
			err = w.Write(t.Context(), list[5].Item, e, want)
		}
		if err == nil {
			err = w.Note(t.Context(), list[7].Item, "soc-1", "seen")
		}
		if err != nil {
			t.Fatal(err)
		}
		another := []any{map[string]any{"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "198.51.100.9"}}
		id := list[9].Item
		if w.list == fake.Incidents {
			id = gjson.GetBytes(list[9].Raw, "alerts.0.id").String()
		}
		w.fake.Change(fake.Alerts, id, func(doc map[string]any) { doc["evidence"] = append(slices.Clone(doc["evidence"].([]any)), another...) })
		w.fake.Change(w.list, list[9].Item, func(map[string]any) {})
		w.fake.Change(w.list, list[11].Item, func(doc map[string]any) { // how the machine is now is no new evidence
			if e, ok := doc["evidence"].([]any); ok {
				device := e[0].(map[string]any)
				calmer := map[string]any{"riskScore": "none", "remediationStatus": "remediated"}
				for k, v := range device {
					if calmer[k] == nil {
						calmer[k] = v
					}
				}
				doc["evidence"] = append([]any{calmer}, e[1:]...)
			}
		})
		again, _ := w.pull(t, alert.Pull{From: mark.Add(-time.Minute)})
		var news []string
		for _, i := range again {
			if !seen[i.Item+i.Edition] {
				news = append(news, i.Item)
			}
		}
		if len(again) < 5 || !slices.Equal(news, []string{list[9].Item}) {
			t.Errorf("%s: %d handed over again, new are %v", w.list, len(again), news)
		}
	}
}

func TestHowMuchIsPulled(t *testing.T) {
	t.Parallel()
	w := open(t, 40, nil)
	all, _ := w.pull(t, alert.Pull{})
	if list, gaps := w.pull(t, alert.Pull{Most: 17}); len(list) != 17 || len(gaps) != 1 {
		t.Errorf("%d, %v", len(list), gaps)
	}
	if list, _ := w.pull(t, alert.Pull{From: all[10].Changed, To: all[20].Changed}); len(list) != 10 || list[0].Item != all[10].Item {
		t.Errorf("%d within the window", len(list))
	}
	if list, _ := w.pull(t, alert.Pull{Query: "severity eq 'high'"}); len(list) == 0 || len(list) == 40 {
		t.Errorf("%d of severity high", len(list))
	}
	stop := errors.New("stop")
	if _, err := w.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestWhatGoesWrongOnTheWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong fault.Fault
		ever  bool
		is    error
		says  string
	}{
		"throttled, over soon": {fault.Busy, false, nil, ""},
		"throttled for long":   {fault.Busy, true, nil, "answered 429"},
		"cut, sent again":      {fault.Cut, false, nil, ""},
		"a page for people":    {fault.Portal, false, web.ErrHTML, ""},
		"an error in a 200":    {fault.Failed, false, nil, "no list of alerts_v2"},
		"a token not taken":    {fault.Denied, false, nil, ""},
		"a right that is gone": {fault.Denied, true, nil, "answered 401"},
	} {
		w := open(t, 3, nil)
		w.fake.Door.Fault = func(n int) fault.Fault {
			if n == 1 || c.ever {
				return c.wrong
			}
			return fault.None
		}
		n := 0
		_, err := w.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
		fine := c.is == nil && c.says == ""
		if err != nil && strings.Contains(err.Error(), "eyJ") { // how a token begins
			t.Errorf("%s: the token is shown", name)
		}
		if fine != (err == nil) || fine && n != 3 || err != nil && (c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	w := open(t, 3, func(s *fake.Server, _ *defender.Settings) { s.Door.Elsewhere = func(int) bool { return true } })
	if _, err := w.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { return nil }); !errors.Is(err, web.ErrRedirect) {
		t.Error(err)
	}
}

func TestWriteBackAndUndo(t *testing.T) {
	t.Parallel()
	for d, word := range map[triage.Disposition]string{
		triage.TruePositive: "truePositive/other", triage.BenignPositive: "informationalExpectedActivity/other", triage.FalsePositive: "falsePositive/notMalicious", triage.Undetermined: "",
	} {
		for _, change := range []func(*fake.Server, *defender.Settings){nil, incidents} {
			w := open(t, 5, change)
			item := w.first(t)
			was := w.entry(t, item)
			ch := respond.Change{Close: true, Disposition: d, Owner: "soc@corp.example.com"}
			if w.list == fake.Incidents {
				ch.Tags = []string{"soc:closed"}
			}
			want, err := w.Draft(was, ch)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(t.Context(), item, was, want); err != nil {
				t.Fatal(err)
			}
			now := w.entry(t, item)
			if !now.Same(&want) || now.Disposition != word || now.Status != "resolved" || now.Held != "closed" {
				t.Errorf("%+v", now)
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
			for _, r := range w.fake.Door.Requests() {
				if r.Method == "PATCH" && gjson.Get(r.Body, "severity").Exists() {
					t.Error("more was sent than was to be changed")
				}
			}
		}
	}
}

// Trap: a person changed it after we read it; Graph would overwrite that without a word.
func TestConflicts(t *testing.T) {
	t.Parallel()
	w := open(t, 5, nil)
	items, _ := w.pull(t, alert.Pull{})
	was := w.entry(t, items[0].Item)
	want, _ := w.Draft(was, respond.Change{Close: true, Disposition: triage.TruePositive})
	w.fake.Change(fake.Alerts, items[0].Item, func(doc map[string]any) { doc["assignedTo"] = "alice@corp.example.com" })
	if err := w.Write(t.Context(), items[0].Item, was, want); !errors.Is(err, respond.ErrOvertaken) || w.fake.Doc(fake.Alerts, items[0].Item)["status"] != "new" {
		t.Error(err)
	}
	if held := w.entry(t, items[0].Item).Held; held != "assigned to alice@corp.example.com" {
		t.Errorf("held: %q", held)
	}
	w.fake.Conflicts = 2
	was = w.entry(t, items[1].Item)
	want, _ = w.Draft(was, respond.Change{Close: true})
	if err := w.Write(t.Context(), items[1].Item, was, want); err != nil || w.fake.Conflicts != 0 {
		t.Error(err)
	}
	w.fake.Conflicts = 100
	was = w.entry(t, items[2].Item)
	want, _ = w.Draft(was, respond.Change{Close: true})
	if err := w.Write(t.Context(), items[2].Item, was, want); err == nil || !strings.Contains(err.Error(), "answered 409") {
		t.Error(err)
	}
	w.fake.Conflicts, w.fake.Ignores = 0, true
	if err := w.Write(t.Context(), items[2].Item, was, want); err == nil || !strings.Contains(err.Error(), `says status "new"`) {
		t.Error(err)
	}
	for _, id := range []string{"no-such", "a/b", ".."} {
		if _, err := w.Read(t.Context(), id); err == nil || id == "no-such" && !errors.Is(err, respond.ErrNoItem) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	w := open(t, 5, nil)
	was := w.entry(t, w.first(t))
	other := triage.High
	if was.Severity == "high" {
		other = triage.Low
	}
	for _, ch := range []respond.Change{{Severity: other}, {Tags: []string{"x"}}, {Tags: []string{"soc:escalate"}}, {Severity: other, Tags: []string{"soc:escalate"}}} {
		if _, err := w.Draft(was, ch); err == nil {
			t.Errorf("%+v was drafted", ch)
		}
	}
	// What soc says of its own accord stands in its note.
	if want, err := w.Draft(was, respond.Change{Severity: other, Tags: []string{"soc:escalate"}, Unasked: true}); err != nil || !want.Same(&was) {
		t.Errorf("%+v %v", want, err)
	}
}

// Trap: the same comment twice is two comments, and none can be taken back. It is looked for first, and after an answer that was lost.
func TestANoteIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*fake.Server, *defender.Settings){nil, incidents} {
		var lost atomic.Int32
		w := open(t, 2, func(s *fake.Server, c *defender.Settings) {
			if change != nil {
				change(s, c)
			}
			s.Door.Fault = func(int) fault.Fault {
				if r := s.Door.Requests(); r[len(r)-1].Method == "POST" && lost.Add(1) == 1 {
					return fault.HangUp
				}
				return fault.None
			}
		})
		item := w.first(t)
		if err := w.Note(t.Context(), item, "soc-1", "looked at"); err != nil || lost.Load() != 1 {
			t.Errorf("%v, %d were lost", err, lost.Load())
		}
		for range 2 {
			if err := w.Note(t.Context(), item, "soc-1", "looked at"); err != nil {
				t.Fatal(err)
			}
		}
		if got, _ := w.fake.Doc(w.list, item)["comments"].([]any); len(got) != 1 || !strings.Contains(got[0].(map[string]any)["comment"].(string), "soc-1") {
			t.Errorf("%v", got)
		}
		if err := w.Note(t.Context(), "no-such", "k", "t"); !errors.Is(err, respond.ErrNoItem) {
			t.Error(err)
		}
	}
}

func (w *world) search(t *testing.T) (list []*alert.Alert, a investigate.Answer) {
	t.Helper()
	q := investigate.Query{From: noon.Add(-96 * time.Hour), To: noon, Most: 500, Terms: []investigate.Term{{Kind: "user", Value: "alice"}, {Kind: "domain", Value: "c2.example.net"}}}
	a, err := w.Search(t.Context(), q, func(a *alert.Alert) error { list = append(list, a); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, a
}

func TestHunting(t *testing.T) {
	t.Parallel()
	w := open(t, 400, nil)
	list, a := w.search(t)
	by := map[string]int{}
	for _, r := range list {
		by[r.Input.Name]++
		if r.Format != "defender-xdr" || r.Time.IsZero() {
			t.Fatalf("%s %s", r.Format, r.Raw)
		}
	}
	if by["defender/DeviceProcessEvents"] == 0 || by["defender/DeviceNetworkEvents"] != 50 || a.Counts[1] != 50 || len(a.Covered) != 2 {
		t.Errorf("%v, counted %v", by, a.Counts)
	}
	for _, r := range w.fake.Door.Requests() {
		if gjson.Get(r.Body, "timespan").String() != "2026-02-25T12:00:00Z/2026-03-01T12:00:00Z" {
			t.Errorf("%s", r.Body)
		}
	}
}

// What hunting cuts, throttles or refuses is a gap that says what was asked.
func TestHuntingThatAnswersPartially(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fake.Server, *defender.Settings)
		says   string
	}{
		"rows are cut without a word": {func(s *fake.Server, _ *defender.Settings) {
			s.Hunt = func(n int, _ string) (fakeentra.Answer, bool) {
				if n == 3 { // the first that asks for rows
					s.Rows = 3
				}
				return fakeentra.Answer{}, false
			}
		}, "3 came, "},
		"it throttles": {func(s *fake.Server, _ *defender.Settings) {
			s.Hunt = func(n int, _ string) (fakeentra.Answer, bool) {
				a := fakeentra.Refuse(429, "TooManyRequests", "You have exceeded the quota")
				a.After = "900"
				return a, n > 2
			}
		}, `domain "c2.example.net"`},
		"it may not be asked": {func(s *fake.Server, _ *defender.Settings) { s.Door.Roles = s.Door.Roles[:2] }, "Missing application roles"},
		"it takes too long": {func(s *fake.Server, c *defender.Settings) {
			s.Door.Fault = func(int) fault.Fault { return fault.Slow }
			c.Timeout = 20 * time.Millisecond
		}, "no whole answer in time"},
	} {
		w := open(t, 400, c.change)
		if _, a := w.search(t); !slices.ContainsFunc(a.Gaps, func(g alert.Gap) bool { return strings.Contains(g.Reason, c.says) && g.Source == "defender" }) {
			t.Errorf("%s: %q", name, a.Gaps)
		}
	}
}

// What is missing is named, with what to grant.
func TestExamine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fake.Server, *defender.Settings)
		fails  string
		hint   string
	}{
		"all is well":              {nil, "", ""},
		"incidents":                {incidents, "", ""},
		"a wrong secret":           {func(_ *fake.Server, s *defender.Settings) { s.Secret = web.NewSecret("x") }, "auth", "client secret"},
		"an unknown application":   {func(_ *fake.Server, s *defender.Settings) { s.ClientID = "x" }, "auth", "client_id"},
		"no right to write":        {func(f *fake.Server, _ *defender.Settings) { f.Door.Roles[0] = "SecurityAlert.Read.All" }, "SecurityAlert.ReadWrite.All", "admin-consent"},
		"no right to hunt":         {func(f *fake.Server, _ *defender.Settings) { f.Door.Roles = f.Door.Roles[:2] }, "ThreatHunting.Read.All", "ThreatHunting.Read.All"},
		"no right to alerts":       {func(f *fake.Server, s *defender.Settings) { f.Door.Roles, s.Write = f.Door.Roles[1:], false }, "SecurityAlert.Read.All", "API permissions"},
		"a token that shows none":  {func(f *fake.Server, _ *defender.Settings) { f.Door.Opaque = true }, "SecurityAlert.ReadWrite.All", "SecurityAlert.ReadWrite.All"},
		"only to read, and enough": {func(f *fake.Server, s *defender.Settings) { f.Door.Roles[0], s.Write = "SecurityAlert.Read.All", false }, "", ""},
	} {
		w := open(t, 3, c.change)
		failed := ""
		for _, f := range w.Examine(t.Context()) {
			if f.Name != "clock" && !f.OK { // the clock is of the real server's Date and the test's
				failed += f.Name
				if f.Name == c.fails && !strings.Contains(f.Hint, c.hint) {
					t.Errorf("%s: %+v", name, f)
				}
			}
			if strings.Contains(f.Detail+f.Hint, fake.Secret) {
				t.Errorf("%s: the secret is shown", name)
			}
		}
		if failed != c.fails {
			t.Errorf("%s: %q failed, want %q", name, failed, c.fails)
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
	if !places["defender/DeviceProcessEvents"] {
		t.Errorf("%d events, from %v; gaps %q", len(k.Events), places, k.Gaps)
	}
}
