package triage_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// says is a check that notes one signal of each alert.
type says func(a *alert.Alert, note func(triage.Signal))

func (says) Name() string                                     { return "says" }
func (c says) Check(a *alert.Alert, note func(triage.Signal)) { c(a, note) }

// judgeOne judges alerts that make one group.
func judgeOne(t *testing.T, p *triage.Policy, st *triage.Standing, checks []triage.Check, alerts ...*alert.Alert) (doc string, got triage.Verdict) {
	t.Helper()
	g := triage.NewGroups(time.Minute, t.TempDir())
	defer g.Close()
	assessor := triage.NewAssessor(checks)
	for _, a := range alerts {
		var batch triage.Observed
		var obs triage.Observation
		assessor.Assess(a, &obs)
		batch.Append(a, &obs)
		if err := g.Add(&batch); err != nil {
			t.Fatal(err)
		}
	}
	err := triage.Judge(t.Context(), g, p, st, 1, func(b []byte, v *triage.Verdict, _ *triage.Members) ([]byte, int, error) {
		doc, got = string(v.AppendJSON(nil)), *v
		return b, 0, nil
	}, func([]byte, int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return doc, got
}

// TestAnExcusedAnswerCountsNothing: what a service says, and sets aside itself, is shown and does not count.
func TestAnExcusedAnswerCountsNothing(t *testing.T) {
	t.Parallel()
	p := triage.DefaultPolicy()
	a := signIn("alice", "192.0.2.1", firstDay)
	_, silent := judgeOne(t, &p, &triage.Standing{}, nil, a)
	ask := func(_ context.Context, a *alert.Alert) ([]triage.Signal, []alert.Gap) {
		s := triage.Note("oracle", triage.Reputation, 3000, "it is known to be bad", "", &a.Fields[0])
		s.Hard, s.By = true, "the oracle's own list of exceptions"
		return []triage.Signal{s}, nil
	}
	_, v := judgeOne(t, &p, &triage.Standing{Ask: ask}, nil, a)
	if v.Score != silent.Score || v.Route != silent.Route || len(v.Suppressed) != 1 || v.Suppressed[0].Check != "oracle" {
		t.Errorf("score %d after %d, %v, suppressed %v", v.Score, silent.Score, v.Route, v.Suppressed)
	}
}

// TestTheSameAgain: a verdict decided again by what stands in its document comes out the same.
func TestTheSameAgain(t *testing.T) {
	t.Parallel()
	learned := triage.DefaultPolicy()
	learned.Precedent = &triage.Precedent{Base: -2000, Strength: 8, Weights: map[string]triage.Learned{"says/technique/0": {Weight: 900}, "says/technique/5": {Weight: -400}}}
	plain := triage.DefaultPolicy()
	faint := says(func(a *alert.Alert, note func(triage.Signal)) {
		note(triage.Note("says", triage.Technique, 0, "it is of some kind", "", &a.Fields[0]))
	})
	loud := says(func(a *alert.Alert, note func(triage.Signal)) {
		if a.Severity.Score < 50 {
			note(triage.Note("says", triage.Technique, 1000, "it is of a bad kind", "", &a.Fields[0]))
		}
	})
	one, two := signIn("alice", "192.0.2.1", firstDay), signIn("alice", "192.0.2.1", firstDay.Add(time.Second))
	one.Severity, two.Severity = alert.Severity{Score: 10, Vendor: "1"}, alert.Severity{Score: 95, Vendor: "9"}
	two.Digest[0] ^= 1
	for name, c := range map[string]struct {
		policy *triage.Policy
		check  triage.Check
		alerts []*alert.Alert
	}{
		"a weight where the expert gave none":  {&learned, faint, []*alert.Alert{one}},
		"a learned weight":                     {&learned, loud, []*alert.Alert{one}},
		"ratings that differ within the group": {&plain, loud, []*alert.Alert{one, two}},
	} {
		doc, v := judgeOne(t, c.policy, &triage.Standing{}, []triage.Check{c.check}, c.alerts...)
		var past triage.Past
		if err := triage.ReadPast(doc, &past); err != nil {
			t.Fatal(err)
		}
		now := triage.Decide(past.Evidence, c.policy)
		if class := triage.Compare(&past.Then, &now, triage.Undetermined); class != triage.NoFlip || now.Score != v.Score || past.Evidence.Pattern.Severity != v.Pattern.Severity {
			t.Errorf("%s: %v: score %d, then %d; severity %v, then %v; stratum %v, then %v", name, class, now.Score, v.Score, now.Severity, v.Severity, past.Evidence.Pattern.Severity, v.Pattern.Severity)
		}
	}
}
