package splunk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/splunk"
	"github.com/seed-959697dd/soc/internal/source/splunk"
	"github.com/seed-959697dd/soc/investigate"
)

// sysmon is a process as Windows' XML has it.
func sysmon(at time.Time, host, image, guid string) fake.Event {
	return fake.Event{Index: "win", Host: host, Sourcetype: "XmlWinEventLog", Time: at, Raw: fmt.Sprintf(
		`<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID><TimeCreated SystemTime='%s'/><Computer>%s.corp.example</Computer></System><EventData><Data Name='Image'>%s</Data><Data Name='ProcessGuid'>%s</Data><Data Name='ProcessId'>4242</Data></EventData></Event>`,
		at.Format(time.RFC3339Nano), host, image, guid)}
}

func estate(s *fake.Server) {
	for i := range 300 {
		at := noon.Add(-time.Duration(i) * time.Minute)
		s.Index(sysmon(at, fmt.Sprintf("ws-%d", i%5), `C:\Windows\System32\svchost.exe`, fmt.Sprintf("{0000-%04d}", i)))
	}
	s.Index(
		sysmon(noon.Add(-90*time.Second), "ws-1", `C:\Users\bob\evil &amp; co.exe`, "{feed-0001}"),
		fake.Event{Index: "proxy", Host: "gw", Sourcetype: "json", Time: noon.Add(-80 * time.Second), Raw: `{"src_ip":"10.0.0.7","path":"C:\\Users\\bob\\evil.ps1","url":"http://files.example/i?a=1&b=2"}`, Fields: map[string]string{"src": "10.0.0.7"}},
		fake.Event{Index: "proxy", Host: "gw", Sourcetype: "text", Time: noon.Add(-70 * time.Second), Raw: "something from 10.0.0.70"},
		fake.Event{Index: "proxy", Host: "gw", Sourcetype: "text", Time: noon.AddDate(0, 0, -9), Raw: "long ago from 10.0.0.7"},
	)
}

// ask puts a question.
func ask(t *testing.T, c *splunk.Client, q investigate.Query) ([]*alert.Alert, investigate.Answer, error) {
	t.Helper()
	var list []*alert.Alert
	a, err := c.Search(t.Context(), q, func(a *alert.Alert) error {
		list = append(list, a)
		return nil
	})
	return list, a, err
}

func window(terms ...investigate.Term) investigate.Query {
	return investigate.Query{Terms: terms, From: noon.AddDate(0, 0, -1), To: noon}
}

// Values of every kind, in logs of several kinds: found where they are, counted, and read as what their product calls them.
func TestWhatIsSearchedFor(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, nil)
	estate(s)
	q := window(
		investigate.Term{Kind: "ip", Value: "10.0.0.7"},
		investigate.Term{Kind: "file", Value: `C:\Users\bob\evil.ps1`},
		investigate.Term{Kind: "process", Value: `evil & co.exe`},
		investigate.Term{Kind: "process.key", Value: "{FEED-0001}"},
		investigate.Term{Kind: "process.id", Value: "4242", Host: "WS-1.corp.example"},
		investigate.Term{Kind: "url", Value: "http://files.example/i?a=1&b=2"},
		investigate.Term{Kind: "ip", Value: "203.0.113.77"},
		investigate.Term{Kind: "file", Value: "*"},
		investigate.Term{Kind: "process.id", Value: "1717"},
	)
	list, a, err := ask(t, c, q)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int64{1, 1, 1, 1, 61, 1, 0, 0, 0}; !slices.Equal(a.Counts, want) {
		t.Errorf("counts %v, want %v", a.Counts, want)
	}
	places, formats := map[alert.Place]bool{}, map[string]int{}
	for _, r := range list {
		places[r.Input] = true
		formats[r.Format]++
		if r.Time.IsZero() || !strings.HasPrefix(r.Input.Name, "siem: index ") {
			t.Errorf("%s %+v", r.Time, r.Input)
		}
	}
	if len(list) != 62 || len(places) != len(list) || formats["windows-event"] != 61 {
		t.Errorf("%d records at %d places: %v", len(list), len(places), formats)
	}
	if len(a.Gaps) != 2 || !strings.Contains(a.Gaps[0].Reason+a.Gaps[1].Reason, "short numbers") || !strings.Contains(a.Gaps[0].Reason+a.Gaps[1].Reason, "shorter than 3") {
		t.Errorf("%v", a.Gaps)
	}
	if len(a.Covered) != 2 || a.Covered[0].Input != "siem: index proxy" || a.Covered[1].Records != 300 || len(a.Covered[1].Times) < 100 {
		t.Errorf("%.300v", a.Covered)
	}
	q.From = time.Time{}
	if _, a, err = ask(t, c, q); err != nil || a.Counts[0] != 2 {
		t.Errorf("an open window: %v %v", a.Counts, err)
	}
}

// Alerts are no logs: what a notable says of a host is not found beside what the host says, unless somebody wants it.
func TestAlertsAreNoLogs(t *testing.T) {
	t.Parallel()
	for index, want := range map[string]int64{"": 1, "win": 1, "notable, win": 2} {
		s, c := server(t, fake.Options{}, func(set *splunk.Settings) { set.Index = index })
		s.Index(sysmon(noon.Add(-time.Minute), "ws-77", "cmd.exe", "{1}"))
		s.Raise(noon.Add(-time.Minute), noon, map[string]any{"rule_name": "r", "dest": "ws-77"})
		_, a, err := ask(t, c, window(investigate.Term{Kind: "host", Value: "ws-77"}))
		if err != nil || a.Counts[0] != want || len(a.Gaps) > 0 {
			t.Errorf("%q: %v %v", index, a, err)
		}
	}
}

// Only what the settings name is looked through.
func TestOnlySomeIndexes(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, func(set *splunk.Settings) { set.Index = "win, other*" })
	estate(s)
	_, a, err := ask(t, c, window(investigate.Term{Kind: "ip", Value: "10.0.0.7"}, investigate.Term{Kind: "process.key", Value: "{feed-0001}"}))
	if err != nil || !slices.Equal(a.Counts, []int64{0, 1}) || len(a.Covered) != 1 {
		t.Errorf("%v %v", a, err)
	}
}

// A value that everything holds is counted over there; the others of the same question come whole all the same.
func TestACommonValueIsCountedOnly(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, nil)
	estate(s)
	q := window(investigate.Term{Kind: "file", Value: "svchost.exe"}, investigate.Term{Kind: "ip", Value: "10.0.0.7"}, investigate.Term{Kind: "process.key", Value: "{feed-0001}"})
	q.Most = 10
	list, a, err := ask(t, c, q)
	if err != nil || !slices.Equal(a.Counts, []int64{300, 1, 1}) || len(a.Gaps) > 0 {
		t.Fatalf("%v %v", a, err)
	}
	if len(list) < 12 || len(list) > 100 {
		t.Errorf("%d records", len(list))
	}
	c2 := client(t, s, func(set *splunk.Settings) { set.Limit = 50 })
	list, a, err = ask(t, c2, window(investigate.Term{Kind: "file", Value: "svchost.exe"}))
	if err != nil || len(list) != 50 || len(a.Gaps) != 1 || !strings.Contains(a.Gaps[0].Reason, "more than 50 records hold file svchost.exe") {
		t.Errorf("%d %v %v", len(list), a.Gaps, err)
	}
}

// Many values are asked for in a few searches.
func TestManyValues(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, nil)
	estate(s)
	var q investigate.Query
	for i := range 300 {
		q.Terms = append(q.Terms, investigate.Term{Kind: "process.key", Value: fmt.Sprintf("{0000-%04d}", i)})
	}
	list, a, err := ask(t, c, q)
	if err != nil || len(list) != 300 || slices.Max(a.Counts) != 1 || slices.Min(a.Counts) != 1 || len(s.Requests()) > 10 {
		t.Errorf("%d records, %d requests, %v %v", len(list), len(s.Requests()), a.Gaps, err)
	}
}

// What a search does not tell is a gap that says what was asked; what makes every further question pointless is an error.
func TestAnAnswerThatIsNotWhole(t *testing.T) {
	t.Parallel()
	term := investigate.Term{Kind: "file", Value: "svchost.exe"}
	for name, c := range map[string]struct {
		o     fake.Options
		class alert.GapClass
		says  string
		fails bool
	}{
		"a limit":        {fake.Options{Messages: []fake.Message{{Type: "WARN", Text: "The search result count (50000) exceeds maxresultrows"}}}, alert.Partial, "maxresultrows", false},
		"a lost indexer": {fake.Options{Messages: []fake.Message{{Type: "ERROR", Text: "Unable to distribute to peer named idx2"}}}, alert.Failed, "idx2", false},
		"no last row":    {fake.Options{Unended: true}, alert.Partial, "no last row", false},
		"cut off":        {fake.Options{Broken: 10}, alert.Partial, "cut off", false},
		"the quota":      {fake.Options{Quota: 99}, alert.Failed, "concurrent", false},
		"throttled":      {fake.Options{Fault: func(int) fault.Fault { return fault.Busy }}, alert.Failed, "429", false},
		"a page":         {fake.Options{Fault: func(int) fault.Fault { return fault.Portal }}, alert.Failed, "HTML", false},
		"hung up":        {fake.Options{Fault: func(int) fault.Fault { return fault.HangUp }}, alert.Partial, "cut off", false},
		"no right":       {fake.Options{Capabilities: []string{}}, "", "403", true},
		"no token":       {fake.Options{Fault: func(int) fault.Fault { return fault.Denied }}, "", "401", true},
	} {
		s, cl := server(t, c.o, nil)
		estate(s)
		_, a, err := ask(t, cl, window(term))
		if c.fails {
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), token) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || len(a.Gaps) == 0 {
			t.Errorf("%s: %v %v", name, a.Gaps, err)
			continue
		}
		if g := a.Gaps[0]; g.Class != c.class || g.Source != "siem" || !strings.Contains(g.Reason, c.says) || !strings.Contains(g.Reason, "file svchost.exe") || strings.Contains(g.Reason, token) {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

// Whoever asks may stop: its error comes back, and so does that of the context.
func TestASearchThatIsStopped(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, nil)
	estate(s)
	enough := errors.New("enough of it")
	if _, err := c.Search(t.Context(), window(investigate.Term{Kind: "file", Value: "svchost.exe"}), func(*alert.Alert) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Search(ctx, window(investigate.Term{Kind: "file", Value: "svchost.exe"}), func(*alert.Alert) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
