package investigate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/investigate"
)

// shelf is logs in memory, searched slowly. Records come in the order in which they lie there.
type shelf struct {
	records []*alert.Alert
	asked   int // questions
	terms   int // the most of one
	fails   error
	gaps    []alert.Gap // of every answer
}

func (s *shelf) Search(_ context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	s.asked++
	s.terms = max(s.terms, len(q.Terms))
	answer := investigate.Answer{Counts: make([]int64, len(q.Terms)), Gaps: s.gaps}
	if s.fails != nil {
		return answer, s.fails
	}
	for _, a := range s.records {
		text := strings.ReplaceAll(strings.ToLower(string(a.Raw)), `\\`, `\`)
		hit := false
		for i, t := range q.Terms {
			if strings.Contains(text, strings.ToLower(t.Value)) && strings.Contains(text, strings.ToLower(t.Host)) {
				answer.Counts[i]++
				hit = hit || q.Most == 0 || answer.Counts[i] <= int64(q.Most)
			}
		}
		if hit {
			if err := found(a); err != nil {
				return answer, err
			}
		}
	}
	return answer, nil
}

// read makes records of lines, as if they stood in files of that name.
func read(t testing.TB, name, body string) (list []*alert.Alert) {
	t.Helper()
	set, err := alert.NewSet(alert.Options{Now: time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	parser := set.NewParser()
	offset := int64(0)
	for i, line := range strings.SplitAfter(body, "\n") {
		var a alert.Alert
		raw := []byte(strings.TrimSuffix(line, "\n"))
		if _, err := parser.Parse(&a, raw, nil); err == nil {
			a.Input = alert.Place{Name: name, Line: int64(i + 1), Offset: offset}
			list = append(list, a.Clone())
		}
		offset += int64(len(line))
	}
	return list
}

func logs(t testing.TB, names ...string) (list []*alert.Alert) {
	t.Helper()
	for _, name := range names {
		body, err := os.ReadFile(filepath.Join("..", "testdata", "logs", name))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, read(t, name, string(body))...)
	}
	return list
}

// verdictOf is the document that triage would write of a record, as far as cases read it.
func verdictOf(a *alert.Alert, id string) string {
	doc := string(a.AppendJSON(nil, false))
	at := a.Time.UTC().Format(time.RFC3339Nano)
	return fmt.Sprintf(`{"kind":"verdict","version":1,"id":"v-%s","route":"escalate","score":900,"base":-2944,"group":{"count":1,"first_time":%q,"last_time":%q,"alert_ids":["%s"]},"alert":%s,"signals":[]}`, id, at, at, a.ID, doc)
}

func oneCase(t testing.TB, docs ...string) *investigate.Case {
	t.Helper()
	var list []investigate.Verdict
	members := make([]investigate.Member, 0, len(docs))
	for _, doc := range docs {
		v, err := investigate.ReadVerdict(doc)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
		members = append(members, investigate.Member{ID: v.ID, Document: doc})
	}
	c := investigate.Cluster{ID: "c-1"}
	for i := range list {
		c.Members = append(c.Members, i)
	}
	k := investigate.NewCase(list, &c, members)
	return &k
}

func pursue(t testing.TB, src investigate.Source, b investigate.Budget, cases ...*investigate.Case) {
	t.Helper()
	p := investigate.Pursuit{Budget: b, Checks: check.All()}
	if err := p.Pursue(context.Background(), src, cases); err != nil {
		t.Fatal(err)
	}
}

// The order in which a source hands records over does not matter; each is an event at most once, with place, digest, summary and reason;
// events stand in order of time.
func TestLawsOfPursuit(t *testing.T) {
	t.Parallel()
	all := logs(t, "ws-11.ndjson", "srv-02.ndjson", "cloudtrail.ndjson", "auth.log", "audit-gw-1.log", "access.log", "audit-web-1.log")
	rng := rand.New(rand.NewPCG(7, 11))
	for n, seed := range all {
		if n%5 != 0 { // a fifth of them is enough
			continue
		}
		doc := verdictOf(seed, "1a")
		first := oneCase(t, doc)
		pursue(t, &shelf{records: all}, investigate.Budget{}, first)
		met := map[alert.Place]bool{}
		for i := range first.Events {
			e := &first.Events[i]
			switch {
			case met[e.Record.Input]:
				t.Errorf("%s:%d is an event twice", e.Record.Input.Name, e.Record.Input.Line)
			case e.Record.Input.Line < 1 || e.Record.Digest == alert.Digest{}:
				t.Errorf("an event without place or digest: %+v", e.Record.Input)
			case e.Summary == "" || e.Why == "" || e.By == "" || strings.Contains(e.Summary, "\n"):
				t.Errorf("%s:%d: summary %q, why %q, by %q", e.Record.Input.Name, e.Record.Input.Line, e.Summary, e.Why, e.By)
			case i > 0 && e.Record.Time.Before(first.Events[i-1].Record.Time):
				t.Errorf("event %d is earlier than the one before", i+1)
			}
			met[e.Record.Input] = true
		}
		want := first.AppendJSON(nil)
		for range 3 {
			mixed := slices.Clone(all)
			rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			again := oneCase(t, doc)
			pursue(t, &shelf{records: mixed}, investigate.Budget{}, again)
			if got := again.AppendJSON(nil); !bytes.Equal(got, want) {
				t.Fatalf("seed %s:%d: another order of the records, another case:\n%s\n%s", seed.Input.Name, seed.Input.Line, got, want)
			}
		}
	}
}

// One question per hop, whatever the number of cases; no more than the budget allows.
func TestPursuitKeepsItsBudget(t *testing.T) {
	t.Parallel()
	all := logs(t, "ws-11.ndjson", "srv-02.ndjson", "cloudtrail.ndjson")
	ws, ct := oneCase(t, verdictOf(all[13], "1a")), oneCase(t, verdictOf(all[len(all)-5], "2b"))
	src := &shelf{records: all}
	pursue(t, src, investigate.Budget{Hops: 2, Terms: 9}, ws, ct)
	if src.asked > 2 || src.terms > 9 {
		t.Errorf("%d questions, the largest of %d terms", src.asked, src.terms)
	}
	if len(ws.Events) == 0 || !slices.ContainsFunc(ws.Gaps, func(g alert.Gap) bool { return strings.Contains(g.Reason, "still to follow") }) {
		t.Errorf("%d events, gaps %v", len(ws.Events), ws.Gaps)
	}
	few := oneCase(t, verdictOf(all[13], "1a"))
	pursue(t, &shelf{records: all}, investigate.Budget{Events: 5}, few)
	if len(few.Events) != 5 || !slices.ContainsFunc(few.Gaps, func(g alert.Gap) bool {
		return strings.Contains(g.Reason, "more than") || strings.Contains(g.Reason, "has room for")
	}) {
		t.Errorf("%d events, gaps %v", len(few.Events), few.Gaps)
	}
}

// A log that an attacker wrote: a tree without end, a ring of processes, one process with a hundred thousand children. What is left out is
// said, and nothing takes long.
func TestHostileLogsAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	line := func(n, parent int, at time.Time) {
		fmt.Fprintf(&b, `{"EventID":"1","Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"h1","UtcTime":%q,"ProcessGuid":"{k-%06d}","ProcessId":"%d","Image":"C:\\t\\p%d.exe","CommandLine":"p","ParentProcessGuid":"{k-%06d}","ParentProcessId":"%d","ParentImage":"C:\\t\\p%d.exe"}`+"\n", at.Format("2006-01-02 15:04:05.000"), n, 1000+n, n, parent, 1000+parent, parent)
	}
	at := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	for i := range 200 { // a chain that ends where it began
		line(i+1, i, at.Add(time.Duration(i)*time.Second))
	}
	line(0, 200, at)
	for i := range 3000 { // and a crowd
		line(1000+i, 5, at.Add(time.Duration(i)*time.Millisecond))
	}
	all := read(t, "hostile.ndjson", b.String())
	k := oneCase(t, verdictOf(all[4], "1a"))
	pursue(t, &shelf{records: all}, investigate.Budget{}, k)
	if n := len(k.Events); n == 0 || n > 2000 {
		t.Errorf("%d events", n)
	}
	if !slices.ContainsFunc(k.Gaps, func(g alert.Gap) bool { return g.Check == "logs" && g.Class == alert.Partial }) {
		t.Errorf("nothing is said to be left out: %v", k.Gaps)
	}
}

// Among thousands of failed logons from one address the one that succeeded is found, though the address is anything but rare.
func TestSuccessAmongManyFailures(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	at := time.Date(2026, 3, 12, 2, 0, 0, 0, time.UTC)
	for i := range 6000 {
		fmt.Fprintf(&b, "%s gw-1 sshd[%d]: Failed password for root from 203.0.113.88 port %d ssh2\n", at.Add(time.Duration(i)*time.Second).Format("Jan _2 15:04:05"), 2000+i, 10000+i)
	}
	fmt.Fprintf(&b, "%s gw-1 sshd[9999]: Accepted password for deploy from 203.0.113.88 port 40100 ssh2\n", at.Add(2*time.Hour).Format("Jan _2 15:04:05"))
	all := read(t, "auth.log", b.String())
	k := oneCase(t, verdictOf(all[7], "1a"))
	pursue(t, &shelf{records: all}, investigate.Budget{}, k)
	if n := len(k.Events); n == 0 || n > 100 || !strings.HasPrefix(k.Events[n-1].Summary, "logon of deploy from 203.0.113.88") {
		t.Errorf("%d events, the last: %+v", n, k.Events[max(0, n-1):])
	}
	if !slices.ContainsFunc(k.Gaps, func(g alert.Gap) bool { return strings.Contains(g.Reason, "failed logons from 203.0.113.88") }) {
		t.Errorf("what was left out is not said: %v", k.Gaps)
	}
}

// A source that misses more than a case has room for: the rest is counted, each once, however often it is asked.
func TestGapsThatFindNoRoomAreCounted(t *testing.T) {
	t.Parallel()
	src := &shelf{records: logs(t, "ws-11.ndjson")}
	for i := range 130 {
		src.gaps = append(src.gaps, alert.Gap{Check: "logs", Class: alert.Failed, Reason: fmt.Sprint("file ", i, " cannot be read")})
	}
	k := oneCase(t, verdictOf(src.records[13], "1a"))
	pursue(t, src, investigate.Budget{}, k)
	files := 0
	for _, g := range k.Gaps {
		if strings.HasPrefix(g.Reason, "file ") {
			files++
		}
	}
	if src.asked < 2 || files != 100 || !slices.ContainsFunc(k.Gaps, func(g alert.Gap) bool { return g.Reason == "and 30 more gaps than a case has room for" }) {
		t.Errorf("%d questions, %d files, %v", src.asked, files, k.Gaps)
	}
}

// An alert that names nothing to follow, and a source that fails.
func TestNothingToFollow(t *testing.T) {
	t.Parallel()
	bare := `{"kind":"verdict","version":1,"id":"v-1a","route":"review","group":{"alert_ids":["a"]},"alert":{"id":"a","title":"something"}}`
	k := oneCase(t, bare)
	src := &shelf{records: logs(t, "ws-11.ndjson")}
	pursue(t, src, investigate.Budget{}, k)
	if len(k.Events) != 0 || !slices.ContainsFunc(k.Gaps, func(g alert.Gap) bool { return strings.Contains(g.Reason, "names nothing that leads on") }) {
		t.Errorf("%d events, gaps %v", len(k.Events), k.Gaps)
	}
	broken := errors.New("broken")
	all := logs(t, "ws-11.ndjson")
	err := investigate.Pursuit{}.Pursue(context.Background(), &shelf{fails: broken}, []*investigate.Case{oneCase(t, verdictOf(all[13], "1a"))})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
