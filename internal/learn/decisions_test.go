package learn_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/triage"
)

// samples is where one export of each product lies.
const samples = "../../testdata/decisions"

// TestProducts reads every sample and compares what it says with the golden file beside it. Write or renew the golden files with
// UPDATE=1, then read them.
func TestProducts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(samples + "/*")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".golden") {
			continue
		}
		read++
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(readings(t, string(text)), "\n") + "\n"
		if os.Getenv("UPDATE") == "1" {
			if err := os.WriteFile(file+".golden", []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file + ".golden")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: -want +got\n%s", filepath.Base(file), diff)
		}
	}
	if read < 10 {
		t.Errorf("%d samples in %s", read, samples)
	}
}

// TestSameInEveryContainer reads the same decisions as lines, as an array, as a response and as tables.
func TestSameInEveryContainer(t *testing.T) {
	t.Parallel()
	a := `{"alert_id":"a-1","disposition":"true_positive","by":"maria","at":"2026-01-20T10:00:00Z","incident":"i-1"}`
	b := `{"alert_id":"a-2","disposition":"false_positive","by":"tom","at":"2026-01-20T11:00:00Z"}`
	want := readings(t, a+"\n"+b+"\n")
	if len(want) != 2 || strings.HasPrefix(want[0], "line") {
		t.Fatal(want)
	}
	for name, text := range map[string]string{
		"array":             "[" + a + "," + b + "]",
		"array over lines":  "[\n " + a + ",\n " + b + "\n]\n",
		"response":          `{"count":2,"value":[` + a + "," + b + "]}",
		"two on a line":     a + " " + b,
		"byte order mark":   "\ufeff" + a + "\n" + b,
		"comma":             "alert_id,disposition,by,at,incident\na-1,true_positive,maria,2026-01-20T10:00:00Z,i-1\na-2,false_positive,tom,2026-01-20T11:00:00Z,\n",
		"semicolon":         "Alert ID;Disposition;By;At;Incident\r\na-1;True Positive;maria;2026-01-20 10:00:00;i-1\r\na-2;\"False Positive\";tom;2026-01-20 11:00:00;\r\n",
		"tab":               "alert_id\tdisposition\tby\tat\tincident\na-1\ttrue_positive\tmaria\t2026-01-20T10:00:00Z\ti-1\na-2\tfalse_positive\ttom\t2026-01-20T11:00:00Z\t\n",
		"lines with commas": a + ",\n" + b + "\n",
	} {
		if diff := cmp.Diff(want, readings(t, text)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// TestNarrowTable reads a table of two columns, which is too narrow to be told from text by its shape.
func TestNarrowTable(t *testing.T) {
	t.Parallel()
	for _, comma := range []string{",", ";", "\t"} {
		got := readings(t, strings.ReplaceAll("alert_id|verdict\na-1|tp\na-2|benign\n\"a-3\"|fp\n", "|", comma))
		if len(got) != 3 || !strings.HasPrefix(got[0], "a-1 true_positive") || !strings.HasPrefix(got[1], `line 3: disposition "benign"`) || !strings.HasPrefix(got[2], "a-3 false_positive") {
			t.Errorf("%q: %q", comma, got)
		}
	}
}

// TestYieldStops hands an error of the caller's back at once.
func TestYieldStops(t *testing.T) {
	t.Parallel()
	full, calls := errors.New("full"), 0
	err := learn.ReadDecisions(strings.NewReader(strings.Repeat(`{"alert_id":"a","disposition":"fp"}`+"\n", 9)), func(triage.Decision) error {
		calls++
		return full
	}, func(learn.Reject) {})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// TestCutFile refuses a file that breaks off inside its response: nobody knows what it would have said.
func TestCutFile(t *testing.T) {
	t.Parallel()
	err := learn.ReadDecisions(strings.NewReader(`{"count":2,"value":[{"alert_id":"a","disposition":"fp"}]`), func(triage.Decision) error { return nil }, func(learn.Reject) {})
	if err == nil {
		t.Error("a response that is not closed was taken for whole")
	}
}

// readings are the decisions and the rejects of a text, each on a line.
func readings(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	err := learn.ReadDecisions(strings.NewReader(text), func(d triage.Decision) error {
		var at string
		if !d.At.IsZero() {
			at = d.At.UTC().Format(time.RFC3339Nano)
		}
		line := d.AlertID
		for _, part := range []struct{ mark, text string }{
			{" verdict ", d.Verdict},
			{" ", d.Disposition.String()},
			{" ", string(d.Certainty)},
			{" of ", d.Incident},
			{" by ", d.By},
			{" at ", at},
			{" because ", d.Reason},
		} {
			if part.text != "" {
				line += part.mark + strings.ReplaceAll(part.text, "\n", `\n`)
			}
		}
		out = append(out, line)
		return nil
	}, func(r learn.Reject) { out = append(out, fmt.Sprintf("line %d: %s", r.Line, r.Reason)) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// FuzzReadDecisions holds the reader to its laws on any input: it ends, every decision names an alert or a verdict, a disposition and
// a certainty that exist, every reject has a line and a reason on one line, and what it reads it reads again the same.
func FuzzReadDecisions(f *testing.F) {
	files, err := filepath.Glob(samples + "/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"alert_id":"a","disposition":"tp","reason":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`))
	f.Add([]byte(`{"IncidentNumber":1,"Status":"Closed","Classification":"TruePositive","AlertIds":"[\"a\",[\"b\"],{\"c\":1}]","Owner":"{"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		type outcome struct {
			decisions []triage.Decision
			rejects   []learn.Reject
		}
		read := func() (o outcome, err error) {
			err = learn.ReadDecisions(strings.NewReader(string(text)), func(d triage.Decision) error {
				o.decisions = append(o.decisions, d)
				return nil
			}, func(r learn.Reject) { o.rejects = append(o.rejects, r) })
			return o, err
		}
		o, err := read()
		again, err2 := read()
		if diff := cmp.Diff(o, again, cmp.AllowUnexported(outcome{})); diff != "" || (err == nil) != (err2 == nil) {
			t.Fatalf("another reading says otherwise: %v %v\n%s", err, err2, diff)
		}
		for _, d := range o.decisions {
			if d.AlertID == "" && d.Verdict == "" || d.Disposition > triage.FalsePositive || d.Certainty != triage.Confirmed && d.Certainty != triage.Asserted {
				t.Fatalf("no decision: %+v", d)
			}
		}
		for _, r := range o.rejects {
			if r.Line < 1 || r.Reason == "" || strings.Contains(r.Reason, "\n") || len(r.Reason) > 400 {
				t.Fatalf("no reject: %+v", r)
			}
		}
	})
}
