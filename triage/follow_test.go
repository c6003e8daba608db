package triage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// TestStream feeds alerts one by one, by a clock that runs along.
func TestStream(t *testing.T) {
	sec, minute := time.Second, time.Minute
	for name, c := range map[string]struct {
		alerts []*alert.Alert
		wait   time.Duration // after the last alert, before the end
		soon   []string      // verdicts before the end
		all    []string
	}{
		"nothing is judged while its group may grow": {[]*alert.Alert{event("a", "r", "h", 0), event("b", "r", "h", 30*sec)}, 0, nil, []string{"2 [a b]"}},
		"a quiet minute closes a group":              {[]*alert.Alert{event("a", "r", "h", 0)}, minute, []string{"1 [a]"}, []string{"1 [a]"}},
		"the watermark closes a group": {
			[]*alert.Alert{event("a", "r", "h", 0), event("b", "s", "h", 6*minute+2*sec)}, 0, []string{"1 [a]"}, []string{"1 [a]", "1 [b]"},
		},
		"out of order within the lateness joins": {
			[]*alert.Alert{event("a", "r", "h", 0), event("b", "s", "h", 3*minute), event("c", "r", "h", 20*sec)}, 0, nil, []string{"2 [a c]", "1 [b]"},
		},
		"later than that is marked late": {
			[]*alert.Alert{event("a", "s", "h", 0), event("b", "s", "h", 10*minute), event("c", "r", "h", 1*minute)}, 0, []string{"1 [a]"}, []string{"1 [a]", "1 [c] late", "1 [b]"},
		},
		"a gap splits": {[]*alert.Alert{event("a", "r", "h", 0), event("b", "r", "h", 61*sec)}, 0, []string{"1 [a]"}, []string{"1 [a]", "1 [b]"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := triage.DefaultPolicy()
			s := triage.NewStream(&p, &triage.Standing{})
			var got []string
			yield := func(v *triage.Verdict, _ *triage.Members) error {
				line := fmt.Sprint(v.Count, " ", v.IDs)
				if v.Late {
					line += " late"
				}
				got = append(got, line)
				return nil
			}
			now := start.Add(time.Hour)
			for _, a := range c.alerts {
				var b triage.Observed
				var o triage.Observation
				triage.NewAssessor(nil).Assess(a, &o)
				b.Append(a, &o)
				if err := s.Add(t.Context(), &b, now, yield); err != nil {
					t.Fatal(err)
				}
				now = now.Add(sec)
			}
			if err := s.Tick(t.Context(), now.Add(c.wait), yield); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.soon) {
				t.Errorf("before the end %q, wanted %q", got, c.soon)
			}
			if err := s.End(t.Context(), yield); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.all) {
				t.Errorf("%q, wanted %q", got, c.all)
			}
		})
	}
}

// Law: how the same alerts are cut into batches changes no verdict: not which groups there are, not their order, not their context.
func TestBatchesChangeNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 10))
	var alerts []*alert.Alert
	for i := range 500 {
		at := time.Duration(i)*7*time.Second - time.Duration(r.IntN(4)*20)*time.Second
		alerts = append(alerts, event(fmt.Sprint("a", i), fmt.Sprint("r", r.IntN(12)), fmt.Sprint("h", r.IntN(4)), at))
	}
	judge := func(size int) (list []string) {
		p := triage.DefaultPolicy()
		s := triage.NewStream(&p, &triage.Standing{})
		yield := func(v *triage.Verdict, _ *triage.Members) error {
			list = append(list, string(v.AppendJSON(nil)))
			return nil
		}
		now := start.Add(time.Hour)
		assess := triage.NewAssessor(nil)
		for rest := alerts; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			var b triage.Observed
			for _, a := range rest[:min(size, len(rest))] {
				var o triage.Observation
				assess.Assess(a, &o)
				b.Append(a, &o)
			}
			if err := s.Add(t.Context(), &b, now, yield); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.End(t.Context(), yield); err != nil {
			t.Fatal(err)
		}
		return list
	}
	want := judge(500)
	if len(want) < 100 {
		t.Fatalf("%d groups show nothing", len(want))
	}
	for _, size := range []int{1, 10, 37, 250} {
		got := judge(size)
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Errorf("batches of %d: verdict %d is another:\n%s\nwant\n%s", size, i, got[min(i, len(got)-1)], want[i])
				break
			}
		}
	}
}
