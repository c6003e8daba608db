package kql_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/fake/kusto"
	"github.com/seed-959697dd/soc/internal/kql"
	"github.com/seed-959697dd/soc/investigate"
)

// hostile makes a value out of what means something in the language, or used to in some other.
func hostile(r *rand.Rand) string {
	pieces := []string{
		`"`, `'`, `\`, `\\`, `|`, `(`, `)`, `[`, `]`, `{`, `}`, `//`, `/*`, `*/`, `--`, ";", "\n", "\r\n", "\t", "\x00", "\x1b[31m", "```", "~~~",
		`@"`, `@'`, `h"`, `H@"`, `h'`, `""`, `" | take 1 //`, `" or 1==1`, `") | union SecretTable | where ("" == "`, `\u0022`, `\"`, `\x22`, `\'`,
		"\u2028", "\u2029", "\u202e", "\u200b", "é", "日本", "𝒳", "\U0001F600", "\xff\xfe", "\xed\xa0\x80", `datetime(now)`, "let x=1;", "$(x)", "%22", " ", "a", "ws-12", "=~", "has",
	}
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// Law: whatever a value is, it stays one literal that says the value, and the query around it does not change.
func TestAValueStaysOneLiteral(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 11))
	for range 10_000 {
		value := hostile(r)
		shape, literals, err := kusto.Shape("T | where C =~ " + kql.Literal(value) + " | take 5")
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		if shape != `T | where C =~ "" | take 5  ` || len(literals) != 1 || literals[0] != strings.ToValidUTF8(valid(value), "\ufffd") {
			t.Fatalf("%q became %q in %s", value, literals, shape)
		}
	}
}

// valid replaces each wrong byte, as ranging over a string does.
func valid(s string) string { return string([]rune(s)) }

// Law: a whole search with hostile values has the queries of one with harmless values, but for what the literals say.
func TestAQueryKeepsItsShape(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	kinds := []investigate.Kind{"user", "ip", "file", "url", "domain", "hash", "host", "process"}
	ask := func(value func() string) (shapes []string) {
		s := source(t, nil)
		s.Ask = func(_ context.Context, q string, _, _ time.Time) (kql.Result, error) {
			shape, _, err := kusto.Shape(q)
			if err != nil {
				t.Fatalf("%v in %s", err, q)
			}
			shapes = append(shapes, shape)
			switch len(shapes) {
			case 1:
				return kql.Result{Rows: [][]byte{[]byte(`{"soc_table":"DeviceProcessEvents","soc_n":5}`), []byte(`{"soc_table":"Lines","soc_n":5}`)}}, nil
			case 2:
				return kql.Result{Rows: [][]byte{[]byte(`{"soc_table":"DeviceProcessEvents","t0":2,"t1":1,"t2":1,"t3":4}`)}}, nil
			}
			return kql.Result{}, nil
		}
		var terms []investigate.Term
		for _, k := range kinds {
			terms = append(terms, investigate.Term{Kind: k, Value: value(), Host: "ws-12"})
		}
		if _, err := s.Search(t.Context(), investigate.Query{Terms: terms, From: noon.Add(-time.Hour), To: noon}, nil); err != nil {
			t.Fatal(err)
		}
		return shapes
	}
	want := ask(func() string { return "plain" })
	for range 500 {
		if got := ask(func() string { return "x" + hostile(r) + "x" }); !slices.Equal(got, want) {
			t.Fatalf("the shape changed; the last is\n%.2000s", got[len(got)-1])
		}
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var formats = sync.OnceValues(func() (*alert.Set, error) { return alert.NewSet(alert.Options{}) })

// source is one over a database.
func source(t *testing.T, db kusto.Database) *kql.Source {
	t.Helper()
	tables, err := kql.ReadTables(kql.Device() + "\nLines: Computer\n  text ~Message\n")
	if err != nil {
		t.Fatal(err)
	}
	return &kql.Source{
		Name: "hunt", Time: "Timestamp", Tables: tables, Formats: formats, Rows: 1000, Now: func() time.Time { return noon },
		Ask: func(_ context.Context, q string, _, _ time.Time) (kql.Result, error) {
			out, err := db.Query(q)
			if err != nil {
				return kql.Result{}, err
			}
			return kql.Result{Rows: objects(t, out)}, nil
		},
	}
}

func objects(t *testing.T, table *kusto.Table) (rows [][]byte) {
	t.Helper()
	for _, row := range table.Rows {
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, text)
	}
	return rows
}

// processes is a table with n rows of a loud account and one of alice.
func processes(n int) *kusto.Table {
	t := &kusto.Table{}
	for _, c := range strings.Fields("Timestamp:datetime DeviceId:string DeviceName:string ReportId:long FileName:string SHA256:string AccountName:string ProcessId:long ProcessCommandLine:string InitiatingProcessFileName:string ActionType:string") {
		name, kind, _ := strings.Cut(c, ":")
		t.Columns = append(t.Columns, kusto.Column{Name: name, Type: kind})
	}
	row := func(i int, user, file string) {
		t.Rows = append(t.Rows, map[string]any{
			"Timestamp": noon.Add(-time.Hour).Add(time.Duration(i) * time.Second), "DeviceId": "d1", "DeviceName": "ws-12.example.com", "ReportId": float64(i), "FileName": file,
			"AccountName": user, "ProcessId": float64(1000 + i), "ProcessCommandLine": file + " --run", "InitiatingProcessFileName": "explorer.exe", "ActionType": "ProcessCreated",
		})
	}
	for i := range n {
		row(i, "system", "svchost.exe")
	}
	row(n, "alice", "evil.exe")
	return t
}

func search(t *testing.T, s *kql.Source, q investigate.Query) (list []*alert.Alert, a investigate.Answer) {
	t.Helper()
	a, err := s.Search(t.Context(), q, func(a *alert.Alert) error { list = append(list, a); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, a
}

func TestWhatIsFoundIsCountedAndRead(t *testing.T) {
	t.Parallel()
	s := source(t, kusto.Database{"DeviceProcessEvents": processes(300)})
	q := investigate.Query{From: noon.Add(-2 * time.Hour), To: noon, Most: 50, Terms: []investigate.Term{
		{Kind: "user", Value: `CORP\alice`},
		{Kind: "user", Value: "system"},
		{Kind: "file", Value: "evil.exe"},
		{Kind: "process.id", Value: "1003", Host: "WS-12"},
		{Kind: "process.id", Value: "1003", Host: "ws-99"},
		{Kind: "process.id", Value: "0x3eb", Host: "ws-12"},
	}}
	list, a := search(t, s, q)
	if want := []int64{1, 300, 1, 1, 0, 0}; !slices.Equal(a.Counts, want) {
		t.Errorf("counted %v, want %v", a.Counts, want)
	}
	evil := 0
	for _, r := range list {
		if r.Format != "defender-xdr" || r.Input.Name != "hunt/DeviceProcessEvents" || r.Time.IsZero() {
			t.Fatalf("%s %+v %s", r.Format, r.Input, r.Time)
		}
		if strings.Contains(string(r.Raw), "evil.exe") {
			evil++
		}
	}
	if len(list) != 52 && len(list) != 51 || evil != 1 { // the one with number 1003 is among the first of the loud account's
		t.Errorf("%d records, %d of them what was looked for", len(list), evil)
	}
	if len(a.Covered) != 1 || a.Covered[0].Records != 301 || len(a.Covered[0].Times) < 2 {
		t.Errorf("covered %+v", a.Covered)
	}
	if len(a.Gaps) == 0 || a.Gaps[0].Class != alert.Unconfigured || !strings.Contains(a.Gaps[0].Reason, "DeviceNetworkEvents") {
		t.Errorf("gaps %v: that the other tables are empty is not said", a.Gaps)
	}
	again, _ := search(t, s, q)
	if len(again) != len(list) || again[0].Input != list[0].Input {
		t.Error("the same row is another place the second time")
	}
}

// What came back incomplete, or not at all, is a gap that says what was asked.
func TestWhatIsMissingIsAGap(t *testing.T) {
	t.Parallel()
	q := investigate.Query{From: noon.Add(-2 * time.Hour), To: noon, Terms: []investigate.Term{{Kind: "user", Value: "alice"}, {Kind: "registry", Value: "HKLM"}}}
	for name, c := range map[string]struct {
		at     int // of the three queries
		result func(kql.Result) kql.Result
		err    error
		class  alert.GapClass
		says   string
		found  int
	}{
		"the tables cannot be told":       {1, nil, errors.New("answered 504"), alert.Failed, "which tables have records, in DeviceProcessEvents, DeviceNetworkEvents", 1},
		"the counts are partial":          {2, func(r kql.Result) kql.Result { r.Fault = "PartialError"; return r }, nil, alert.Failed, `how many records hold user "alice"`, 0},
		"the rows do not come":            {3, nil, errors.New("answered 429"), alert.Failed, `the records that hold user "alice", in DeviceProcessEvents, 2026-03-01T10:00:00Z/2026-03-01T12:00:00Z: answered 429`, 0},
		"the rows are partial":            {3, func(r kql.Result) kql.Result { r.Fault = "PartialError: limit"; return r }, nil, alert.Failed, "PartialError: limit", 1},
		"rows are left out without words": {3, func(kql.Result) kql.Result { return kql.Result{} }, nil, alert.Partial, "0 came, 1 were counted", 0},
		"a row is no record":              {3, func(kql.Result) kql.Result { return kql.Result{Rows: [][]byte{[]byte(`[1]`)}} }, nil, alert.Partial, "cannot be read", 0},
		"nobody has such a column":        {9, nil, nil, alert.Partial, "1 of kind registry", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := source(t, kusto.Database{"DeviceProcessEvents": processes(3)})
			ask, n := s.Ask, 0
			s.Ask = func(ctx context.Context, text string, from, to time.Time) (kql.Result, error) {
				n++
				r, err := ask(ctx, text, from, to)
				if n == c.at && c.err != nil {
					return kql.Result{}, c.err
				}
				if n == c.at {
					r = c.result(r)
				}
				return r, err
			}
			list, a := search(t, s, q)
			if len(list) != c.found || !slices.ContainsFunc(a.Gaps, func(g alert.Gap) bool {
				return g.Class == c.class && g.Source == "hunt" && strings.Contains(g.Reason, c.says)
			}) {
				t.Errorf("%d records, gaps %q", len(list), a.Gaps)
			}
		})
	}
}

// More rows than fit into an answer are fetched in several, and what one value has too many of is a gap unless the question allows it.
func TestMoreThanAnAnswerHolds(t *testing.T) {
	t.Parallel()
	s := source(t, kusto.Database{"DeviceProcessEvents": processes(120)})
	s.Rows = 40
	var terms []investigate.Term
	for i := range 100 {
		terms = append(terms, investigate.Term{Kind: "process.id", Value: fmt.Sprint(1000 + i), Host: "ws-12"})
	}
	list, a := search(t, s, investigate.Query{From: noon.Add(-2 * time.Hour), To: noon, Terms: terms})
	if len(list) != 100 {
		t.Errorf("%d of 100 records, %q", len(list), a.Gaps)
	}
	list, a = search(t, s, investigate.Query{From: noon.Add(-2 * time.Hour), To: noon, Terms: []investigate.Term{{Kind: "user", Value: "system"}}})
	if len(list) != 40 || !slices.ContainsFunc(a.Gaps, func(g alert.Gap) bool { return strings.Contains(g.Reason, "40 came, 120 were counted") }) {
		t.Errorf("%d records, %q", len(list), a.Gaps)
	}
}

func TestWhatEndsASearch(t *testing.T) {
	t.Parallel()
	s := source(t, kusto.Database{"DeviceProcessEvents": processes(3)})
	q := investigate.Query{Terms: []investigate.Term{{Kind: "user", Value: "alice"}}}
	stop := errors.New("enough")
	if _, err := s.Search(t.Context(), q, func(*alert.Alert) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ask := s.Ask
	s.Ask = func(ctx context.Context, q string, from, to time.Time) (kql.Result, error) {
		cancel()
		return ask(ctx, q, from, to)
	}
	if _, err := s.Search(ctx, q, func(*alert.Alert) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Advanced hunting reaches back thirty days: what a question wants beyond is a gap.
func TestHowFarTablesReachBack(t *testing.T) {
	t.Parallel()
	s := source(t, kusto.Database{"DeviceProcessEvents": processes(3)})
	s.Back = 30 * 24 * time.Hour
	q := investigate.Query{From: noon.Add(-90 * 24 * time.Hour), To: noon, Terms: []investigate.Term{{Kind: "user", Value: "alice"}}}
	if _, a := search(t, s, q); len(a.Gaps) == 0 || !strings.Contains(a.Gaps[0].Reason, "reaches 30 days back only") {
		t.Errorf("%q", a.Gaps)
	}
}

func TestAListOfTablesIsChecked(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"  user =A\n", "T:\n  user\n", "T:\n  user A\n", "T:\n  user =A|B\n", "T x:\n", "T: A|B\n"} {
		if _, err := kql.ReadTables(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// FuzzLiteral: the same law, for values that a machine finds.
func FuzzLiteral(f *testing.F) {
	f.Add(`" | take 1 //`)
	f.Add("a\nb\x00\u2028\U0001F600")
	f.Add(`@"x" h'y'`)
	f.Fuzz(func(t *testing.T, value string) {
		shape, literals, err := kusto.Shape(kql.Literal(value))
		if err != nil || shape != `""  ` || len(literals) != 1 || literals[0] != valid(value) {
			t.Errorf("%q became %q in %s, %v", value, literals, shape, err)
		}
	})
}
