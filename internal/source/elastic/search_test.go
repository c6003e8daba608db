package elastic_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	client "github.com/seed-959697dd/soc/internal/source/elastic"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
)

const logs = ".ds-logs-endpoint.events.process-default-2026.03.01-000001"

// document is a record of a log at a second of the last hour.
func document(second int, more map[string]any) map[string]any {
	d := map[string]any{
		"@timestamp": end().Add(-time.Hour + time.Duration(second)*time.Second).Format("2006-01-02T15:04:05.000Z"), "ecs": map[string]any{"version": "8.11.0"},
		"event": map[string]any{"kind": "event", "category": []any{"process"}, "module": "endpoint"},
	}
	for k, v := range more {
		d[k] = v
	}
	return d
}

func search(t *testing.T, c *client.Client, q investigate.Query) (investigate.Answer, []*alert.Alert) {
	t.Helper()
	var list []*alert.Alert
	a, err := c.Search(t.Context(), q, func(a *alert.Alert) error { list = append(list, a); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return a, list
}

func lastHour() (from, to time.Time) { return end().Add(-time.Hour), end() }

func question(most int, terms ...investigate.Term) investigate.Query {
	from, to := lastHour()
	return investigate.Query{Terms: terms, From: from, To: to, Most: most}
}

func TestEachKindIsLookedForWhereItStands(t *testing.T) {
	t.Parallel()
	s := demo(0)
	record := func(id string, more map[string]any) { s.Add(logs, id, document(60, more)) }
	record("host", map[string]any{"host": map[string]any{"name": "WS-042.corp.example"}})
	record("addresses", map[string]any{"host": map[string]any{"name": "srv-1", "ip": []any{"10.0.0.8", "fe80::1"}}})
	record("account", map[string]any{"user.name": "T.Brandt", "host.name": "ws-7"})
	record("started", map[string]any{"process": map[string]any{"name": "WINWORD.EXE", "pid": 4242, "entity_id": "{KEY-1}"}, "host": map[string]any{"name": "ws-042"}})
	record("elsewhere", map[string]any{"process": map[string]any{"pid": 4242}, "host": map[string]any{"name": "ws-043"}})
	record("looked up", map[string]any{"dns": map[string]any{"question": map[string]any{"name": "cdn.example.net"}, "resolved_ip": []any{"192.0.2.7", "192.0.2.8"}}})
	record("signed in", map[string]any{"message": "Accepted publickey for root", "source": map[string]any{"ip": "203.0.113.9"}})
	c := connect(t, s, nil)
	for name, row := range map[string]struct {
		term investigate.Term
		want string
	}{
		"a host by its short name":       {investigate.Term{Kind: "host", Value: "ws-042"}, "host started"},
		"a host by its long name":        {investigate.Term{Kind: "host", Value: "ws-042.corp.example"}, "host started"},
		"one address of several":         {investigate.Term{Kind: "ip", Value: "10.0.0.8"}, "addresses"},
		"an address in another spelling": {investigate.Term{Kind: "ip", Value: "FE80:0:0:0::1"}, "addresses"},
		"an account with its domain":     {investigate.Term{Kind: "user", Value: `CORP\t.brandt`}, "account"},
		"a program in another case":      {investigate.Term{Kind: "process", Value: "winword.exe"}, "started"},
		"a number on one host":           {investigate.Term{Kind: "process.id", Value: "0x1092", Host: "ws-042"}, "started"},
		"a key":                          {investigate.Term{Kind: "process.key", Value: "{key-1}"}, "started"},
		"an answer to a query":           {investigate.Term{Kind: "ip", Value: "192.0.2.8"}, "looked up"},
		"a word in a text, from there":   {investigate.Term{Kind: "result", Value: "Accepted", Host: "203.0.113.9"}, "signed in"},
	} {
		a, list := search(t, c, question(0, row.term))
		var ids []string
		for _, r := range list {
			ids = append(ids, r.ID)
		}
		if strings.Join(ids, " ") != row.want || a.Counts[0] != int64(len(list)) || len(a.Gaps) != 0 {
			t.Errorf("%s: %v, counts %v, gaps %v", name, ids, a.Counts, a.Gaps)
		}
	}
	_, list := search(t, c, question(0, investigate.Term{Kind: "user", Value: "t.brandt"}, investigate.Term{Kind: "host", Value: "ws-7"}))
	if len(list) != 1 || list[0].Format != "ecs" || list[0].Input.Name != logs || list[0].Input.Offset == 0 || list[0].Text(alert.EntitySlot(alert.Actor, alert.User)) != "T.Brandt" {
		t.Errorf("%+v", list)
	}
}

// What cannot be asked for is a gap, and so is a source without an address for logs.
func TestWhatIsNotAskedForIsAGap(t *testing.T) {
	t.Parallel()
	s := demo(0)
	s.Add(logs, "one", document(1, nil))
	a, _ := search(t, connect(t, s, nil), question(0,
		investigate.Term{Kind: "colour", Value: "red"}, investigate.Term{Kind: "ip", Value: "not an address"}, investigate.Term{Kind: "process.id", Value: "4242"}, investigate.Term{Kind: "process.id", Value: "pid=4242"}))
	if len(a.Gaps) != 4 {
		t.Errorf("%v", a.Gaps)
	}
	a, _ = search(t, connect(t, s, func(set *client.Settings) { set.Elasticsearch = "" }), question(0, investigate.Term{Kind: "host", Value: "x"}))
	if len(a.Gaps) != 1 || a.Gaps[0].Class != alert.Unconfigured {
		t.Errorf("%v", a.Gaps)
	}
}

// Trap: a query without LIMIT has 1,000 rows, one with it 10,000 at most. Every query has one, and what is behind it is asked for.
func TestMoreRecordsThanAnAnswerHolds(t *testing.T) {
	t.Parallel()
	s := demo(0)
	for i := range 3_400 {
		s.Add(logs, fmt.Sprint("r", i), document(i/4, map[string]any{"host": map[string]any{"name": "ws-1"}}))
	}
	s.Add(logs, "seldom", document(1900, map[string]any{"user": map[string]any{"name": "eve"}}))
	c := connect(t, s, func(set *client.Settings) { set.Rows = 1_500 })
	host, user := investigate.Term{Kind: "host", Value: "ws-1"}, investigate.Term{Kind: "user", Value: "eve"}
	a, list := search(t, c, question(0, host, user))
	if len(list) != 3_401 || a.Counts[0] != 3_400 || a.Counts[1] != 1 || len(a.Gaps) != 0 {
		t.Errorf("%d records, counts %v, gaps %v", len(list), a.Counts, a.Gaps)
	}
	// One that is common is counted, and does not crowd the others out.
	a, list = search(t, c, question(25, host, user))
	if len(list) != 26 || a.Counts[0] != 3_400 || a.Counts[1] != 1 || len(a.Gaps) != 0 {
		t.Errorf("%d records, counts %v, gaps %v", len(list), a.Counts, a.Gaps)
	}
	for _, r := range s.Requests() {
		if q := gjson.Get(r.Body, "query").Str; q != "" && !strings.Contains(q, "| LIMIT ") {
			t.Error(q)
		}
	}
	// More of one moment than an answer holds cannot be had, and that is said.
	q := question(0, host)
	q.To = q.From.Add(9 * time.Second)
	a, list = search(t, connect(t, s, func(set *client.Settings) { set.Rows = 3 }), q)
	if len(list) != 30 || len(a.Gaps) != 1 || !strings.Contains(a.Gaps[0].Reason, "more than 3 records") {
		t.Errorf("%v", a.Gaps)
	}
}

// An answer that is larger than one may be is asked for in parts; a record that alone is, is a gap.
func TestAnswersThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := demo(0)
	for i := range 300 {
		s.Add(logs, fmt.Sprint("r", i), document(i, map[string]any{"host": map[string]any{"name": "ws-1"}}))
	}
	host := investigate.Term{Kind: "host", Value: "ws-1"}
	c := connect(t, s, func(set *client.Settings) { set.MaxBody = 20_000 })
	for most, want := range map[int]int{0: 300, 290: 290} {
		if a, list := search(t, c, question(most, host)); len(list) != want || a.Counts[0] != 300 || len(a.Gaps) != 0 {
			t.Errorf("most %d: %d records, counts %v, gaps %v", most, len(list), a.Counts, a.Gaps)
		}
	}
	s.Add(logs, "huge", document(400, map[string]any{"host": map[string]any{"name": "ws-2"}, "message": strings.Repeat("x", 30_000)}))
	a, list := search(t, c, question(0, investigate.Term{Kind: "host", Value: "ws-2"}))
	if len(list) != 0 || len(a.Gaps) != 1 || !strings.Contains(a.Gaps[0].Reason, "larger than an answer") {
		t.Errorf("%d records, gaps %v", len(list), a.Gaps)
	}
}

// Trap: is_partial, in a 200. What came is kept, that more is missing is a gap, and so is whatever else went wrong; the gap says what was
// asked and shows no value.
func TestAnAnswerThatIsNotWholeIsAGap(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault   fault.Fault
		trouble elastic.Trouble
		polls   int
		says    string
		records int
	}{
		"partial":                      {trouble: elastic.Partial, says: "is_partial", records: 1},
		"too many requests":            {fault: fault.Busy, records: 2},
		"a page for people":            {fault: fault.Portal, says: "HTML"},
		"cut":                          {fault: fault.Cut, records: 2},
		"a redirect":                   {trouble: elastic.Elsewhere, says: "refused to be redirected"},
		"it takes its time":            {polls: 3, records: 2},
		"it runs for ever":             {trouble: elastic.Forever, says: "still running after"},
		"a failure in the body of 200": {fault: fault.Failed, says: "no values"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := demo(0)
			s.Add(logs, "one", document(1, map[string]any{"user.name": "eve"}))
			s.Add(logs, "two", document(2, map[string]any{"user.name": "eve"}))
			s.Fault, s.Trouble, s.Polls = at(1, row.fault), at(1, row.trouble), row.polls
			a, list := search(t, connect(t, s, nil), question(0, investigate.Term{Kind: "user", Value: "eve"}))
			if len(list) != row.records || (len(a.Gaps) == 0) != (row.says == "") {
				t.Fatalf("%d records, gaps %v", len(list), a.Gaps)
			}
			for _, g := range a.Gaps {
				if !strings.Contains(g.Reason, row.says) || !strings.Contains(g.Reason, "1 user") || !strings.Contains(g.Reason, "logs-*") || strings.Contains(g.Reason, "eve") || strings.Contains(g.Reason, key) {
					t.Errorf("%q", g.Reason)
				}
			}
			if row.trouble == elastic.Forever && s.Running() != 0 {
				t.Error("the query was left running")
			}
		})
	}
}

// What makes every further question pointless ends the search.
func TestWithoutTheRightNothingIsAsked(t *testing.T) {
	t.Parallel()
	s := demo(3)
	s.Lacks = []string{elastic.ReadLogs}
	c := connect(t, s, nil)
	never := func(*alert.Alert) error { return errors.New("a record") }
	var e *web.Error
	if _, err := c.Search(t.Context(), question(0, investigate.Term{Kind: "user", Value: "eve"}), never); !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Search(ctx, question(0, investigate.Term{Kind: "user", Value: "eve"}), never); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Nothing found can be told from nothing collected.
func TestWhatTheLogsReachOverIsKnown(t *testing.T) {
	t.Parallel()
	s := demo(0)
	for i := range 600 {
		s.Add(logs, fmt.Sprint("r", i), document(600+i, nil))
	}
	a, list := search(t, connect(t, s, nil), question(0, investigate.Term{Kind: "user", Value: "nobody"}))
	if len(list) != 0 || len(a.Covered) != 1 || a.Covered[0].Records != 600 || len(a.Gaps) != 0 {
		t.Fatalf("%+v", a)
	}
	times := a.Covered[0].Times
	if from, _ := lastHour(); !times[0].Equal(from.Add(600*time.Second)) || !times[len(times)-1].Equal(from.Add(1199*time.Second)) || len(times) > 4096 {
		t.Errorf("%d times, %v to %v", len(times), times[0], times[len(times)-1])
	}
}

// hostile makes values of what means something to a query language, a JSON parser or a terminal.
func hostile(r *rand.Rand) string {
	pieces := []string{`"`, `'`, "`", "|", "||", "(", ")", "[", "]", "{", "}", "//", "/*", "*/", "--", "#", "?from", "?", "\\", `\"`, `"""`, "\n", "\r\n", "\t", "\x00", "\x1b[31m", "$", "*", "%", ";", "=", "<", ">", "&", "\u202e", "\u2028", "ä", "日本", "🜏", " OR true", "| LIMIT 1", "FROM *", "TO_DATETIME", "a", "Z", "0", " "}
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return fmt.Sprintf("%s~%d", b.String(), r.IntN(1<<30)) // no two alike, and none that a query's own text happens to hold
}

// Whatever a value is made of, no query's text ever changes, and the value arrives as the bytes that it is.
func TestNoValueBecomesTextOfAQuery(t *testing.T) {
	t.Parallel()
	texts, arrived := map[string]bool{}, map[string]bool{}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, e := range v {
				collect(e)
			}
		case []any:
			for _, e := range v {
				collect(e)
			}
		case string:
			arrived[v] = true
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var doc struct {
			Query  string         `json:"query"`
			Params []any          `json:"params"`
			Filter map[string]any `json:"filter"`
		}
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Error(err)
		}
		texts[doc.Query] = true
		collect(doc.Filter)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"is_partial":false,"columns":[],"values":[]}`))
	}))
	defer server.Close()
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Settings{URL: server.URL, Elasticsearch: server.URL, Key: web.NewSecret(key), Formats: formats, Now: end})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // chance that can be repeated is what is wanted
	kinds := []investigate.Kind{"user", "domain", "url", "file", "process", "process_command", "hash", "session", "process.key", "registry", "result", "host", "mail", "request"}
	var terms []investigate.Term
	for i := range 10_000 {
		term := investigate.Term{Kind: kinds[i%len(kinds)], Value: hostile(r)}
		if i%5 == 0 {
			term.Host = hostile(r)
		}
		terms = append(terms, term)
	}
	a, list := search(t, c, question(50, terms...))
	if len(list) != 0 || len(a.Gaps) != 1 { // that there are no logs at all
		t.Fatalf("%d records, gaps %v", len(list), a.Gaps)
	}
	if len(texts) > 20 { // the limit differs with the number of terms, and nothing else
		t.Errorf("%d texts of queries", len(texts))
	}
	for _, term := range terms {
		if !arrived[term.Value] || term.Host != "" && !arrived[term.Host] {
			t.Fatalf("%q did not arrive as it is", term.Value)
		}
		for text := range texts {
			if strings.Contains(text, term.Value) {
				t.Fatalf("%q is in %q", term.Value, text)
			}
		}
	}
}

// A record that holds such a value is found by it, and no other.
func TestHostileValuesAreFound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // as above
	s := demo(0)
	var terms []investigate.Term
	for i := range 100 {
		v := hostile(r)
		s.Add(logs, fmt.Sprint("r", i), document(i, map[string]any{"process": map[string]any{"command_line": v}}))
		terms = append(terms, investigate.Term{Kind: "process_command", Value: v})
	}
	a, list := search(t, connect(t, s, nil), question(10, terms...))
	if len(list) != 100 || len(a.Gaps) != 0 {
		t.Errorf("%d records, gaps %v", len(list), a.Gaps)
	}
	for i, n := range a.Counts {
		if n != 1 {
			t.Errorf("%q: %d", terms[i].Value, n)
		}
	}
}
