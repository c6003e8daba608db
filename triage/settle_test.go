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

// What nothing will join any more falls into the groups of a finite input, whatever its order.
func TestSettledGroupsAreExact(t *testing.T) {
	t.Parallel()
	var alerts []*alert.Alert
	for i := range 200 {
		at := time.Duration(i*i%1800) * time.Second
		alerts = append(alerts, event(fmt.Sprintf("a%03d", i), fmt.Sprint("r", i%3), fmt.Sprint("h", i%5), at))
	}
	p := triage.DefaultPolicy()
	judged := func(judge func(b *triage.Observed, yield func(*triage.Verdict) error) error) (list []string) {
		var b triage.Observed
		var o triage.Observation
		rand.New(rand.NewPCG(7, 7)).Shuffle(len(alerts), func(i, j int) { alerts[i], alerts[j] = alerts[j], alerts[i] })
		for _, a := range alerts {
			triage.NewAssessor(nil).Assess(a, &o)
			b.Append(a, &o)
		}
		err := judge(&b, func(v *triage.Verdict) error {
			ids := slices.Clone(v.IDs)
			slices.Sort(ids)
			list = append(list, fmt.Sprint(v.ID, v.Count, ids, v.Late))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	settled := judged(func(b *triage.Observed, yield func(*triage.Verdict) error) error {
		s := triage.NewStream(&p, &triage.Standing{})
		return s.Settle(t.Context(), b, func(v *triage.Verdict, _ *triage.Members) error { return yield(v) })
	})
	exact := judged(func(b *triage.Observed, yield func(*triage.Verdict) error) error {
		g := triage.NewGroups(p.Gap, "")
		defer g.Close()
		if err := g.Add(b); err != nil {
			return err
		}
		return triage.Judge(t.Context(), g, &p, &triage.Standing{}, 1, func(b []byte, v *triage.Verdict, _ *triage.Members) ([]byte, bool, error) {
			return b, true, yield(v)
		}, func([]byte, bool) error { return nil })
	})
	slices.Sort(settled)
	slices.Sort(exact)
	if len(settled) < 50 || !slices.Equal(settled, exact) {
		t.Errorf("%d groups %v\nwant %d %v", len(settled), settled, len(exact), exact)
	}
}

// What others judged is context like what was judged here.
func TestWhatOthersJudgedIsContext(t *testing.T) {
	t.Parallel()
	p := triage.DefaultPolicy()
	neighbours := func(tell func(*triage.Stream)) (n int) {
		s := triage.NewStream(&p, &triage.Standing{})
		tell(s)
		var b triage.Observed
		var o triage.Observation
		a := event("a", "r", "h", time.Minute)
		triage.NewAssessor(nil).Assess(a, &o)
		b.Append(a, &o)
		err := s.Settle(t.Context(), &b, func(v *triage.Verdict, _ *triage.Members) error { n = v.Pattern.Neighbours; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var key triage.Observation
	triage.NewAssessor(nil).Assess(event("b", "other", "h", 0), &key)
	if n := neighbours(func(*triage.Stream) {}); n != 0 {
		t.Errorf("%d neighbours of nothing", n)
	}
	if n := neighbours(func(s *triage.Stream) {
		s.Pass(&triage.Passed{Fingerprint: triage.Fingerprint{1}, First: start, Rule: key.Rule, Host: key.Host, Evidence: 2000})
	}); n != 1 {
		t.Errorf("%d neighbours, want the one that another worker judged", n)
	}
}
