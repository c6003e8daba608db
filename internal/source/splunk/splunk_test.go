package splunk_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/splunk"
	"github.com/seed-959697dd/soc/internal/source/splunk"
	"github.com/seed-959697dd/soc/internal/web"
)

const (
	token    = "splunk-token-0123456789"
	password = "splunk-pass/word+with=signs"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// server serves a fake and makes a client for it that does not wait.
func server(t *testing.T, o fake.Options, change func(*splunk.Settings)) (*fake.Server, *splunk.Client) {
	t.Helper()
	o.Token, o.Now = token, clock
	s := fake.New(o)
	return s, client(t, s, change)
}

func client(t testing.TB, h http.Handler, change func(*splunk.Settings)) *splunk.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := splunk.Settings{
		Name: "siem", URL: srv.URL, Token: web.NewSecret(token), Formats: formats, Now: clock, Write: true,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&set)
	}
	c, err := splunk.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pull collects what a pull hands over.
func pull(t *testing.T, c *splunk.Client, p alert.Pull) (list []alert.Pulled, gaps []alert.Gap, err error) {
	t.Helper()
	gaps, err = c.Pull(t.Context(), p, func(a alert.Pulled) error {
		list = append(list, a)
		return nil
	})
	return list, gaps, err
}

func ids(list []alert.Pulled) (all []string) {
	for _, a := range list {
		all = append(all, a.Item)
	}
	return all
}

func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	secret := web.NewSecret(token)
	for want, s := range map[string]splunk.Settings{
		"a token, or a user and a password": {URL: "https://siem.example:8089", Now: clock},
		"needs the password of soc":         {URL: "https://siem.example:8089", Now: clock, User: "soc"},
		"plain http":                        {URL: "http://siem.example:8089", Now: clock, Token: secret},
		"is sent to siem.example":           {URL: "http://siem.example:8089", Now: clock, User: "soc", Password: secret},
		"no name of an index":               {URL: "https://siem.example:8089", Now: clock, Token: secret, Index: `win" | delete`},
		"no name of an app":                 {URL: "https://siem.example:8089", Now: clock, Token: secret, App: ".."},
		"none of Enterprise Security":       {URL: "https://siem.example:8089", Now: clock, Token: secret, Version: "latest"},
		"delete does more":                  {URL: "https://siem.example:8089", Now: clock, Token: secret, Query: "search index=x | delete"},
		"has no \"alerts\"":                 {URL: "https://siem.example:8089", Now: clock, Token: secret, Kind: "alerts"},
		"needs a clock":                     {URL: "https://siem.example:8089", Token: secret},
	} {
		if _, err := splunk.New(s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Ten thousand notables, some of which were indexed long after their time: each comes once, in the order of arrival.
func TestTenThousandNotables(t *testing.T) {
	t.Parallel()
	for version, n := range map[string]int{"7.3.2": 10_000, "8.4.0": 1000} { // the index and its macro are there in both
		s, c := server(t, fake.Options{Version: version}, func(set *splunk.Settings) { set.Kind = splunk.Notables })
		want := s.Stock(7, n, noon.Add(-time.Hour))
		list, gaps, err := pull(t, c, alert.Pull{From: noon.AddDate(0, 0, -10)})
		if err != nil || len(gaps) > 0 {
			t.Fatal(gaps, err)
		}
		got := ids(list)
		if !slices.IsSortedFunc(list, func(a, b alert.Pulled) int { return a.Changed.Compare(b.Changed) }) {
			t.Error("not in the order of arrival")
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%d of %d", len(got), len(want))
		}
	}
}

// Where a search does not keep to the times of arrival that it is given, what is pulled does, and nothing comes twice.
func TestTimesOfArrivalThatAreNotKeptTo(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{Deaf: true}, nil)
	s.Stock(7, 3000, noon.Add(-time.Hour)) // of a day and an hour
	from, to := noon.Add(-26*time.Hour), noon.Add(-2*time.Hour)
	list, gaps, err := pull(t, c, alert.Pull{From: from, To: to})
	if err != nil || len(gaps) > 0 || len(list) < 2000 {
		t.Fatal(len(list), gaps, err)
	}
	met := map[string]bool{}
	for _, a := range list {
		if met[a.Item] || a.Changed.Before(from) || !a.Changed.Before(to) {
			t.Fatalf("%s came at %s", a.Item, a.Changed)
		}
		met[a.Item] = true
	}
}

// A follower that pulls again from where it was, less an overlap, loses nothing: not what arrives late, not what arrives in the same second.
// What it has already it knows by item and edition, whatever people did to it in between.
func TestFollowing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		kind    splunk.Kind
	}{{"7.3.2", ""}, {"8.4.0", splunk.Notables}, {"8.4.0", ""}} {
		s, cl := server(t, fake.Options{Version: c.version}, func(set *splunk.Settings) { set.Kind = c.kind })
		s.Stock(3, 300, noon.Add(-time.Hour))
		known, mark, repeats := map[string]bool{}, noon.AddDate(0, 0, -1), 0
		follow := func(to time.Time) {
			list, gaps, err := pull(t, cl, alert.Pull{From: mark.Add(-10 * time.Minute), To: to})
			if err != nil || len(gaps) > 0 {
				t.Fatal(gaps, err)
			}
			for _, a := range list {
				if known[a.Item+a.Edition] {
					repeats++
				}
				known[a.Item+a.Edition] = true
				if a.Changed.After(mark) {
					mark = a.Changed
				}
			}
		}
		follow(noon.Add(-time.Hour))
		for id := range known {
			item, _, _ := strings.Cut(id, "\x00")
			s.Edit(item[:len(item)-16], "alice", map[string]string{"status": "2", "owner": "alice", "comment": "mine"})
		}
		at := mark.Add(-2 * time.Hour)
		if c.kind == "" && c.version[0] == '8' {
			at = mark.Add(-5 * time.Minute) // findings are listed by their own time: the overlap is what catches a late one
		}
		late := s.Raise(at, mark, map[string]any{"rule_name": "late", "urgency": "high", "security_domain": "endpoint", "rule_title": "late"})
		follow(noon)
		if len(known) != 301 || repeats == 0 {
			t.Errorf("version %s %s: %d known, %d repeats", c.version, c.kind, len(known), repeats)
		}
		if !slices.ContainsFunc(slices.Collect(func(yield func(string) bool) {
			for id := range known {
				if !yield(id) {
					return
				}
			}
		}), func(id string) bool { return strings.HasPrefix(id, late) }) {
			t.Error("the late one was lost")
		}
	}
}

// What is handed over is what the parser of the format reads: the vendor's id is the item.
func TestWhatIsPulledIsRead(t *testing.T) {
	t.Parallel()
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for version, format := range map[string]string{"7.3.2": "splunk-notable", "8.4.0": "splunk-finding"} {
		s, c := server(t, fake.Options{Version: version}, nil)
		s.Stock(5, 20, noon.Add(-time.Minute))
		list, _, err := pull(t, c, alert.Pull{From: noon.Add(-time.Hour)})
		if err != nil || len(list) == 0 {
			t.Fatal(err)
		}
		for _, p := range list {
			var a alert.Alert
			if _, err := formats.NewParser().Parse(&a, p.Raw, nil); err != nil {
				t.Fatal(err)
			}
			if a.Format != format || a.ID != p.Item || a.Rule.Name == "" || a.Severity.Score < 0 || a.Time.IsZero() {
				t.Errorf("%s %q %+v: %s", a.Format, a.ID, a.Rule, p.Raw)
			}
		}
	}
}

// Trap: the window of findings is the last day unless it is named, and 100 is all that one list holds.
func TestFindingsBeyondADayAndAPage(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{Version: "8.4.0"}, nil)
	want := s.Stock(7, 10_000, noon.Add(-time.Hour))
	list, gaps, err := pull(t, c, alert.Pull{From: noon.AddDate(0, 0, -10)})
	if err != nil || len(gaps) > 0 || !slices.Equal(ids(list), want) {
		t.Fatalf("%d of %d, %v %v", len(list), len(want), gaps, err)
	}
	if n := len(s.Requests()); n > 500 {
		t.Errorf("%d requests", n)
	}
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.Path, "/findings") && (r.Query.Get("earliest") == "" || r.Query.Get("latest") == "") {
			t.Fatalf("the window was not named: %v", r.Query)
		}
	}
	if list, _, err = pull(t, c, alert.Pull{}); err != nil || len(list) != 10_000 {
		t.Errorf("from the beginning: %d, %v", len(list), err)
	}
}

// More findings at one moment than a list holds: the others are a gap.
func TestMoreFindingsThanCanBeTold(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{Version: "8.4.0"}, nil)
	for range 150 {
		s.Raise(noon.Add(-time.Hour), noon.Add(-time.Hour), map[string]any{"rule_title": "burst", "security_domain": "network"})
	}
	list, gaps, err := pull(t, c, alert.Pull{From: noon.AddDate(0, 0, -1)})
	if err != nil || len(list) != 100 || len(gaps) != 1 || !strings.Contains(gaps[0].Reason, "more than 100 findings carry the time 2026-03-01T11:00:00Z") {
		t.Errorf("%d %v %v", len(list), gaps, err)
	}
}

// Trap: a list of investigations holds 100 at most, and the id of a single finding is a string, of several a list.
func TestInvestigationsBeyondAPage(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{Version: "8.4.0"}, func(set *splunk.Settings) { set.Kind = splunk.Investigations })
	var want []string
	for i := range 250 {
		findings := []string{"a@@notable@@time1", "b@@notable@@time2"}[:1+i%2]
		want = append(want, s.Open(noon.Add(time.Duration(i-300)*time.Minute), "case "+string(rune('a'+i%26))+strings.Repeat("x", i), findings...))
	}
	list, gaps, err := pull(t, c, alert.Pull{From: noon.AddDate(0, 0, -2)})
	if err != nil || len(gaps) > 0 || !slices.Equal(ids(list), want) {
		t.Errorf("%d of %d, %v %v", len(list), len(want), gaps, err)
	}
}

func TestAtMostSoMany(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"7.3.2", "8.4.0"} {
		s, c := server(t, fake.Options{Version: version}, nil)
		s.Stock(7, 50, noon.Add(-time.Hour))
		list, gaps, err := pull(t, c, alert.Pull{From: noon.AddDate(0, 0, -3), Most: 30})
		if err != nil || len(list) != 30 || len(gaps) != 1 || gaps[0].Class != alert.Partial || !strings.Contains(gaps[0].Reason, "more than the 30") {
			t.Errorf("%s: %d %v %v", version, len(list), gaps, err)
		}
		if list, gaps, err = pull(t, c, alert.Pull{From: noon.AddDate(0, 0, -3), Most: 50}); err != nil || len(list) != 50 || len(gaps) != 0 {
			t.Errorf("%s, exactly: %d %v %v", version, len(list), gaps, err)
		}
	}
}

// A person's query narrows down or stands alone; one that would write is refused before anything is sent.
func TestAPersonsQuery(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, nil)
	s.Stock(7, 200, noon.Add(-time.Minute))
	s.Index(fake.Event{Index: "ids", Host: "gw", Sourcetype: "suricata", Time: noon.Add(-time.Hour), Raw: `{"event_type":"alert","src_ip":"203.0.113.9"}`})
	window := alert.Pull{From: noon.AddDate(0, 0, -1)}
	all, _, _ := pull(t, c, window)
	for query, check := range map[string]func(n int) bool{
		"urgency=critical":             func(n int) bool { return n > 0 && n < len(all) },
		`urgency=low OR urgency=high`:  func(n int) bool { return n > 0 && n < len(all) },
		"search index=ids":             func(n int) bool { return n == 1 },
		"search `notable` | head 3":    func(n int) bool { return n == 3 },
		"`notable` | search owner=bob": func(n int) bool { return n == 0 },
	} {
		window.Query = query
		list, _, err := pull(t, c, window)
		if err != nil || !check(len(list)) {
			t.Errorf("%s: %d %v", query, len(list), err)
		}
		for _, a := range list {
			if a.Item == "" || a.Edition == "" || a.Changed.IsZero() {
				t.Errorf("%s: %+v", query, a)
			}
		}
	}
	before := len(s.Requests())
	for _, query := range []string{
		"search index=x | delete", "| outputlookup x", "search index=x|COLLECT index=y", "urgency=high | sendemail to=a@example.com", "search [search x | map search=\"y\"]",
		"search \"a\" | ``` harmless ``` script python x", "| inputlookup x | sendalert y", "search \"unended", "search `unended", "search ```unended", "search x [ y",
	} {
		window.Query = query
		if _, _, err := pull(t, c, window); err == nil {
			t.Errorf("%s was not refused", query)
		}
	}
	for _, query := range []string{`search "| delete"`, "delete=1", "search x ```| delete```", `search index=x user="\" | delete"`} {
		window.Query = query
		if _, _, err := pull(t, c, window); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	if len(s.Ran()) > 0 || len(s.Requests()) != before+4 {
		t.Errorf("%v ran, %d requests", s.Ran(), len(s.Requests())-before)
	}
	s, c = server(t, fake.Options{Version: "8.4.0"}, func(set *splunk.Settings) { set.Kind = splunk.Findings })
	if _, _, err := pull(t, c, alert.Pull{Query: "urgency=high"}); err == nil || !strings.Contains(err.Error(), "needs the kind notables") || len(s.Requests()) > 0 {
		t.Errorf("a query for a list: %v", err)
	}
}

// Trap: previews and messages stand in one stream with the results. Previews are none, warnings are gaps, errors are errors after everything
// else was handed over.
func TestPreviewsAndMessages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    fake.Options
		n    int
		gap  string
		fail string
	}{
		"previews":       {fake.Options{Previews: true}, 40, "", ""},
		"a warning":      {fake.Options{Messages: []fake.Message{{Type: "WARN", Text: "Search auto-finalized after time limit (60 seconds) reached."}}}, 40, "auto-finalized", ""},
		"information":    {fake.Options{Messages: []fake.Message{{Type: "INFO", Text: "Your timerange was substituted"}, {Type: "DEBUG", Text: "base lispy"}}}, 40, "", ""},
		"an error":       {fake.Options{Messages: []fake.Message{{Type: "ERROR", Text: "Unable to distribute to peer named idx2"}}}, 40, "", "peer named idx2"},
		"a fatal error":  {fake.Options{Messages: []fake.Message{{Type: "FATAL", Text: "The search job has failed"}}}, 40, "", "has failed"},
		"no last row":    {fake.Options{Unended: true}, 40, "", "no last row"},
		"a broken line":  {fake.Options{Broken: 21}, 20, "", "cut off"},
		"an empty index": {fake.Options{}, 0, "", ""},
	} {
		s, cl := server(t, c.o, nil)
		s.Stock(1, c.n+(40-c.n)*min(1, c.n), noon.Add(-time.Minute))
		list, gaps, err := pull(t, cl, alert.Pull{From: noon.Add(-12 * time.Hour)})
		if len(list) != c.n && len(list) != c.n-1 { // one may have arrived late, after the window
			t.Errorf("%s: %d rows", name, len(list))
		}
		if (err == nil) != (c.fail == "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s: %v", name, err)
		}
		if (len(gaps) == 0) != (c.gap == "") || c.gap != "" && !strings.Contains(gaps[0].Reason, c.gap) {
			t.Errorf("%s: %v", name, gaps)
		}
	}
}

// TestWhatGoesWrong on the way ends a pull with an error that shows no token, and never with nothing.
func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	for f, want := range map[fault.Fault]string{
		fault.Busy: "429", fault.Denied: "401", fault.Failed: "the asset is not configured", fault.Slow: "nothing for", fault.Cut: "cut off", fault.HangUp: "",
		fault.Portal: "HTML", fault.Echo: "no permission for", fault.Endless: "too large",
	} {
		s, c := server(t, fake.Options{Version: "7.3.2", Fault: func(int) fault.Fault { return f }}, func(set *splunk.Settings) {
			if set.Kind = splunk.Notables; f == fault.Slow {
				set.Idle = 50 * time.Millisecond
			}
		})
		s.Stock(1, 10, noon.Add(-time.Minute))
		_, _, err := pull(t, c, alert.Pull{From: noon.Add(-time.Hour)})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), token) {
			t.Errorf("%d: %v", f, err)
		}
	}
}

// Splunk runs only so many searches at once: a 503 is asked again.
func TestTheQuotaIsWaitedFor(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{Quota: 2}, nil)
	s.Stock(1, 10, noon.Add(-time.Minute))
	list, _, err := pull(t, c, alert.Pull{From: noon.Add(-time.Hour)})
	if err != nil || len(list) != 10 {
		t.Errorf("%d %v", len(list), err)
	}
	s, c = server(t, fake.Options{Quota: 20}, nil)
	if _, _, err = pull(t, c, alert.Pull{From: noon.Add(-time.Hour)}); err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "concurrent") {
		t.Errorf("%v, %d requests", err, len(s.Requests()))
	}
}

// A redirect to another host is refused: the token would go there too.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	met := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { met <- r.Header.Get("Authorization") }))
	t.Cleanup(other.Close)
	_, c := server(t, fake.Options{Elsewhere: other.URL}, nil)
	if _, _, err := pull(t, c, alert.Pull{}); !errors.Is(err, web.ErrRedirect) || len(met) > 0 {
		t.Errorf("%v", err)
	}
}

// A session ends while soc goes on: it logs in again, once, and shows the password in no error.
func TestALoginThatExpires(t *testing.T) {
	t.Parallel()
	o := fake.Options{User: "soc", Password: password}
	as := func(pass string) func(*splunk.Settings) {
		return func(set *splunk.Settings) {
			set.Token, set.User, set.Password = web.Secret{}, "soc", web.NewSecret(pass)
		}
	}
	s, c := server(t, o, as(password))
	s.Stock(1, 10, noon.Add(-time.Minute))
	for range 3 {
		if list, _, err := pull(t, c, alert.Pull{From: noon.Add(-time.Hour)}); err != nil || len(list) != 10 {
			t.Fatalf("%d %v", len(list), err)
		}
		s.Expire()
	}
	logins := 0
	for _, r := range s.Requests() {
		if r.Path == "/services/auth/login" {
			logins++
		} else if strings.Contains(r.Body+r.Query.Encode(), "pass") {
			t.Errorf("the password went to %s", r.Path)
		}
	}
	if logins != 3 {
		t.Errorf("%d logins", logins)
	}
	_, c = server(t, o, as("another-one"))
	if _, _, err := pull(t, c, alert.Pull{}); err == nil || !strings.Contains(err.Error(), "401 Unauthorized to the login of soc") || strings.Contains(err.Error(), "another-one") {
		t.Errorf("%v", err)
	}
}

func TestWithoutEnterpriseSecurity(t *testing.T) {
	t.Parallel()
	_, c := server(t, fake.Options{Version: "none"}, nil)
	if _, _, err := pull(t, c, alert.Pull{}); !errors.Is(err, splunk.ErrNoSuite) {
		t.Error(err)
	}
	s, c := server(t, fake.Options{Version: "none"}, func(set *splunk.Settings) { set.Query = "search index=ids" })
	s.Index(fake.Event{Index: "ids", Host: "gw", Time: noon.Add(-time.Hour), Raw: "something"})
	if list, _, err := pull(t, c, alert.Pull{From: noon.Add(-2 * time.Hour)}); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}
