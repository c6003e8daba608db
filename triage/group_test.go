package triage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// event is an alert for grouping tests.
func event(id, rule, host string, at time.Duration) *alert.Alert {
	a := &alert.Alert{ID: id, Format: "test", Rule: alert.Rule{ID: rule}, Time: start.Add(at), Severity: alert.Severity{Score: 50}}
	a.Digest[0], a.Digest[1] = byte(len(id)), byte(at)
	for i := range len(id) {
		a.Digest[2+i%20] ^= id[i] + byte(i)
	}
	a.Fields = []alert.Field{
		{Slot: alert.SlotRuleID, Trust: alert.Sensor, Path: "rule", Value: rule},
		{Slot: alert.EntitySlot(alert.Target, alert.Host), Trust: alert.Sensor, Path: "host", Value: host},
	}
	return a
}

type noted struct{ weights map[string]triage.Weight }

func (noted) Name() string { return "noted" }
func (n noted) Check(a *alert.Alert, note func(triage.Signal)) {
	if w, ok := n.weights[a.ID]; ok {
		note(triage.Note("noted", triage.CommandLine, w, "noted "+a.ID, "", a.First(alert.SlotRuleID)))
	}
}

// verdicts runs alerts through grouping and judging, in batches of a few.
func verdicts(t testing.TB, alerts []*alert.Alert, checks ...triage.Check) []triage.Verdict {
	t.Helper()
	p := triage.DefaultPolicy()
	g := triage.NewGroups(p.Gap, t.TempDir())
	defer g.Close()
	var b triage.Observed
	var o triage.Observation
	for i, a := range alerts {
		triage.NewAssessor(checks).Assess(a, &o)
		b.Append(a, &o)
		if i%7 == 6 || i == len(alerts)-1 {
			if err := g.Add(&b); err != nil {
				t.Fatal(err)
			}
			b.Reset()
		}
	}
	var out []triage.Verdict
	err := triage.Judge(context.Background(), g, &p, &triage.Standing{}, 2, func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, triage.Verdict, error) {
		c := *v
		c.Alert = slices.Clone(v.Alert)
		c.IDs, c.Signals = slices.Clone(v.IDs), slices.Clone(v.Signals)
		if v.More > 0 {
			if err := v.Rest(m, func(ids []string) { c.IDs = append(c.IDs, ids...) }); err != nil {
				return b, c, err
			}
		}
		return v.AppendJSON(b), c, nil
	}, func(_ []byte, v triage.Verdict) error {
		out = append(out, v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGroups(t *testing.T) {
	sec := time.Second
	for name, c := range map[string]struct {
		alerts []*alert.Alert
		want   []string // "count ids"
	}{
		"one rule and host within a minute": {[]*alert.Alert{event("a", "r", "h", 0), event("b", "r", "h", 59*sec), event("c", "r", "h", 118*sec)}, []string{"3 [a b c]"}},
		"a gap of more than a minute":       {[]*alert.Alert{event("a", "r", "h", 0), event("b", "r", "h", 61*sec)}, []string{"1 [a]", "1 [b]"}},
		"another host":                      {[]*alert.Alert{event("a", "r", "h", 0), event("b", "r", "i", 1*sec)}, []string{"1 [a]", "1 [b]"}},
		"another rule":                      {[]*alert.Alert{event("a", "r", "h", 0), event("b", "s", "h", 1*sec)}, []string{"1 [a]", "1 [b]"}},
		"newest first":                      {[]*alert.Alert{event("c", "r", "h", 100*sec), event("b", "r", "h", 50*sec), event("a", "r", "h", 0)}, []string{"3 [a b c]"}},
		"byte-identical copies":             {[]*alert.Alert{event("a", "r", "h", 0), event("a", "r", "h", 0), event("a", "r", "h", 0)}, []string{"3 [a]"}},
		"host names differ in case only":    {[]*alert.Alert{event("a", "r", "WS-1", 0), event("b", "r", "ws-1", 1*sec)}, []string{"2 [a b]"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, v := range verdicts(t, c.alerts) {
				got = append(got, fmt.Sprint(v.Count, " ", v.IDs))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, wanted %q", got, c.want)
			}
		})
	}
}

// TestOrderOfTheInputDoesNotMatter also sends enough through to spill to disk.
func TestOrderOfTheInputDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var alerts []*alert.Alert
	weights := map[string]triage.Weight{}
	for i := range 30_000 {
		id := fmt.Sprintf("id-%05d", i)
		alerts = append(alerts, event(id, fmt.Sprint("r", rng.IntN(40)), fmt.Sprint("h", rng.IntN(100)), time.Duration(rng.IntN(86400))*time.Second))
		if i%100 == 0 {
			weights[id] = triage.Weight(rng.IntN(4000))
		}
	}
	want := verdicts(t, alerts, noted{weights})
	rng.Shuffle(len(alerts), func(i, j int) { alerts[i], alerts[j] = alerts[j], alerts[i] })
	got := verdicts(t, alerts, noted{weights})
	if len(got) != len(want) {
		t.Fatalf("%d groups, wanted %d", len(got), len(want))
	}
	ids := map[string]bool{}
	for i := range want {
		w, g := want[i], got[i]
		if w.ID != g.ID || w.Score != g.Score || w.Count != g.Count || string(w.Alert) != string(g.Alert) || !slices.Equal(w.IDs, g.IDs) {
			t.Fatalf("verdict %d differs:\n%+v\n%+v", i, w, g)
		}
		for _, id := range g.IDs {
			if ids[id] {
				t.Fatalf("%s stands in two verdicts", id)
			}
			ids[id] = true
		}
	}
	if len(ids) != len(alerts) {
		t.Errorf("%d ids of %d", len(ids), len(alerts))
	}
}

func TestALargeGroupLosesNoID(t *testing.T) {
	var alerts []*alert.Alert
	for i := range 5000 {
		alerts = append(alerts, event(fmt.Sprintf("id-%05d", i), "r", "h", time.Duration(i)*time.Millisecond))
	}
	vs := verdicts(t, alerts, noted{map[string]triage.Weight{"id-04321": 3900}})
	if len(vs) != 1 || vs[0].Count != 5000 || vs[0].More != 4000 || len(vs[0].IDs) != 5000 {
		t.Fatalf("%d verdicts, count %d, more %d, ids %d", len(vs), vs[0].Count, vs[0].More, len(vs[0].IDs))
	}
	if !strings.Contains(string(vs[0].Alert), `"id":"id-04321"`) || vs[0].Route != triage.Escalate {
		t.Errorf("the strongest member does not speak for the group: %s, %s", vs[0].Alert, vs[0].Route)
	}
}

func BenchmarkGroup(b *testing.B) {
	var alerts []*alert.Alert
	for i := range 10_000 {
		alerts = append(alerts, event(fmt.Sprintf("id-%05d", i), fmt.Sprint("r", i%40), fmt.Sprint("h", i%1000), time.Duration(i)*time.Second))
	}
	b.ReportAllocs()
	for b.Loop() {
		verdicts(b, alerts)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(alerts)), "ns/alert")
}
