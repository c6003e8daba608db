package triage_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// TestAModelOnlyRaises judges the same group without a model and with one that says all it must not.
func TestAModelOnlyRaises(t *testing.T) {
	t.Parallel()
	a := signIn("alice", "192.0.2.1", firstDay)
	receipt := []alert.Ref{{Path: "user", Value: "alice"}}
	judged := func(heard ...triage.Witness) (v triage.Verdict) {
		g := triage.NewGroups(time.Minute, t.TempDir())
		defer g.Close()
		var batch triage.Observed
		var obs triage.Observation
		triage.NewAssessor(nil).Assess(a, &obs)
		batch.Append(a, &obs)
		if err := g.Add(&batch); err != nil {
			t.Fatal(err)
		}
		p := triage.DefaultPolicy()
		for range 2 { // groups may be judged again
			err := triage.Judge(t.Context(), g, &p, &triage.Standing{Witnesses: heard}, 1, func(b []byte, got *triage.Verdict, _ *triage.Members) ([]byte, int, error) {
				v = *got
				return b, 0, nil
			}, func([]byte, int) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	silent := judged()
	for name, s := range map[string]triage.Signal{
		"lowers":            {Weight: -3000, Trust: alert.Estate},
		"sets aside":        {Weight: 500, By: "the model"},
		"decides alone":     {Weight: 0, Hard: true},
		"calls it harmless": {Weight: -1, Family: triage.Assets, Trust: alert.Estate},
	} {
		s.Check, s.Sentence, s.Receipts = "model", "it says so", receipt
		if s.Family == "" {
			s.Family = triage.Models
		}
		v := judged(func(context.Context, *triage.Verdict) *triage.Testimony {
			return &triage.Testimony{Model: "m", Signals: []triage.Signal{s}}
		})
		if v.Score < silent.Score || v.Route != silent.Route || v.Disposition != silent.Disposition || v.WouldClose {
			t.Errorf("%s: %d %v %v, without a model %d %v %v", name, v.Score, v.Route, v.Disposition, silent.Score, silent.Route, silent.Disposition)
		}
	}
	if v := judged(func(context.Context, *triage.Verdict) *triage.Testimony {
		return &triage.Testimony{Model: "m", Signals: []triage.Signal{{Check: "model", Family: triage.Models, Weight: 590, Sentence: "it says so", Receipts: receipt}}}
	}); v.Score != silent.Score+590 {
		t.Errorf("a witness for an attack: %d after %d", v.Score, silent.Score)
	}
	raises := func(weight triage.Weight) triage.Witness {
		return func(_ context.Context, v *triage.Verdict) *triage.Testimony {
			if v.Score != silent.Score && v.Score != silent.Score+590 {
				t.Errorf("a witness is shown %d", v.Score)
			}
			return &triage.Testimony{Signals: []triage.Signal{{Check: "model", Family: triage.Models, Weight: weight, Sentence: "it says so", Receipts: receipt}}}
		}
	}
	if v := judged(raises(590), raises(800)); v.Score != silent.Score+800+295 || len(v.Models) != 2 {
		t.Errorf("two witnesses: %d after %d, %d of them", v.Score, silent.Score, len(v.Models))
	}
}
