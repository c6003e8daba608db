package casebook_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// wall is a target that can be told not to let go.
type wall struct {
	blocked map[string]bool
	stuck   bool
}

func (w *wall) Does(string) (bool, bool) { return true, true }

func (w *wall) Probe(_ context.Context, _ string, t respond.Target) (respond.State, error) {
	return respond.State{Done: w.blocked[t.Value], Image: "absent"}, nil
}

func (w *wall) Do(_ context.Context, o respond.Order) error {
	w.blocked[o.Target.Value] = true
	return nil
}

func (w *wall) Undo(_ context.Context, o respond.Order) error {
	if w.stuck {
		return errors.New("it does not move")
	}
	delete(w.blocked, o.Target.Value)
	return nil
}

func planFor(t *testing.T, b *casebook.Book, w *wall, id string, at time.Time, targets ...string) respond.Plan {
	t.Helper()
	s := respond.Situation{Case: id, Severity: "low"}
	for _, v := range targets {
		s.Wants = append(s.Wants, respond.Want{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: v}, Why: "a test"})
	}
	p := respond.Propose(s, respond.Settings{Author: "sam", Now: at, Hands: func(action string, target respond.Target) (respond.Hand, bool) {
		state, err := w.Probe(t.Context(), action, target)
		return respond.Hand{Driver: "wall", Under: "sha256:v1", State: state, Err: err}, true
	}})
	if err := b.KeepPlan(t.Context(), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func sound1(t *testing.T, b *casebook.Book, want string) {
	t.Helper()
	proof, err := b.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, f := range proof.Findings {
		got += f.Where + ": " + f.What + "\n"
	}
	if got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

// How long taking back took, and that it failed once, stays known when it works in the end.
func TestWhatTakingBackWasLike(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	now, w := clock(), &wall{blocked: map[string]bool{}}
	crew := respond.Crew{Drivers: map[string]respond.Driver{"wall": w}, Ledger: casebook.Ledger{Book: b, By: "sam"}, Now: func() time.Time { now = now.Add(time.Second); return now }, Watched: func(context.Context) bool { return true }}
	p := planFor(t, b, w, "c-1", now, "9.9.9.1", "9.9.9.2")
	if list, err := crew.Apply(t.Context(), &p); err != nil || list[0].Outcome != respond.Done || list[1].Outcome != respond.Done {
		t.Fatal(list, err)
	}
	if list, err := b.Rollbacks(t.Context()); err != nil || list != nil {
		t.Fatal(list, err)
	}
	first := func(s *respond.Step) bool { return s.Item.ID == "a1" }
	second := func(s *respond.Step) bool { return s.Item.ID == "a2" }
	undo := func(chosen func(*respond.Step) bool) {
		if _, err := crew.Undo(t.Context(), chosen); err != nil {
			t.Fatal(err)
		}
	}
	undo(first)
	w.stuck = true
	undo(second)
	w.stuck = false
	undo(second)
	list, err := b.Rollbacks(t.Context())
	if err != nil || len(list) != 3 || list[0].Failed || !list[1].Failed || list[2].Failed {
		t.Fatalf("%+v %v", list, err)
	}
	for _, r := range list {
		if r.Action != "block-ip" || r.Under != "sha256:v1" || r.At.IsZero() || !r.Failed && r.Took <= 0 {
			t.Errorf("%+v", r)
		}
	}
	if list[2].Took <= list[0].Took {
		t.Errorf("the second took %s with its failed attempt, the first %s", list[2].Took, list[0].Took)
	}
	sound1(t, b, "")
	run(t, path, `UPDATE steps SET failed = NULL`)
	sound1(t, b, "steps: was taken back otherwise than the records say\n")
}

func TestProposalsWithWhatPeopleSaid(t *testing.T) {
	t.Parallel()
	b, _, cases := worked(t)
	w := &wall{blocked: map[string]bool{}}
	p := planFor(t, b, w, cases[0], clock(), "9.9.9.1", "9.9.9.2")
	approval := respond.Approval{Plan: p.Digest, Risks: []string{"block-ip"}, By: "maria", At: clock()}
	if err := b.Approve(t.Context(), &approval); err != nil {
		t.Fatal(err)
	}
	if err := b.CallWrong(t.Context(), p.Digest, "a2", "maria", "the mail goes there"); err != nil {
		t.Fatal(err)
	}
	var got []string
	read := func() {
		got = nil
		err := b.Proposals(t.Context(), func(p *casebook.Proposal) error {
			got = append(got, fmt.Sprint(p.Plan.ID, len(p.Approvals), len(p.Wrong), !p.Wrong["a2"].IsZero(), p.Decided, p.Confirmed))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := b.Case(t.Context(), cases[0])
	if err != nil {
		t.Fatal(err)
	}
	if c.Status == casebook.Closed {
		if _, err := b.Reopen(t.Context(), cases[0], "ann", "a test"); err != nil {
			t.Fatal(err)
		}
	}
	if read(); len(got) != 1 || got[0] != fmt.Sprint(p.ID, 1, 1, true, triage.Undetermined, false) {
		t.Errorf("nobody decided: %q", got)
	}
	if _, err := b.Decide(t.Context(), cases[0], triage.Decision{Disposition: triage.TruePositive, Reason: "seen", Certainty: triage.Confirmed, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	if read(); len(got) != 1 || got[0] != fmt.Sprint(p.ID, 1, 1, true, triage.TruePositive, true) {
		t.Errorf("decided: %q", got)
	}
	sound1(t, b, "")
}

func TestLevelsAndTheirJournal(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	for n, l := range []casebook.Level{
		{Grade: respond.Grade{Rung: respond.Rung{Action: "block-ip", Stratum: "low"}, Level: respond.Assisted, Under: "sha256:v1", By: "maria", Because: "the record"}, Document: []byte(`{"kind":"promotion"}`)},
		{Grade: respond.Grade{Rung: respond.Rung{Action: "block-ip", Stratum: "low"}, Level: respond.Shadow, Under: "sha256:v1", By: "soc", Because: "the kill switch"}},
	} {
		at, err := b.SetLevel(t.Context(), &l)
		if err != nil || at.IsZero() {
			t.Fatal(err)
		}
		l.At = at
		list, err := b.Levels(t.Context())
		if err != nil || len(list) != n+1 || list[n].Grade != l.Grade || string(list[n].Document) != string(l.Document) {
			t.Fatalf("%+v %v", list, err)
		}
	}
	if err := b.CallWrong(t.Context(), "sha256:p", "a1", "maria", "no"); err != nil {
		t.Fatal(err)
	}
	sound1(t, b, "")
	onFiles(t) // copies are made of files
	for statement, want := range map[string]string{
		`UPDATE levels SET level = 4 WHERE document = ''`:      "levels: says something else than the record\n",
		`UPDATE levels SET document = 'x' WHERE document = ''`: "levels: says something else than the record\n",
		`DELETE FROM levels WHERE document = ''`:               "levels: is missing\n",
		`DELETE FROM wrongs`:                                   "wrongs: is missing\n",
		`UPDATE wrongs SET item = 'a2'`:                        "wrongs: says something else than the record\n",
		`INSERT INTO levels SELECT 99, action, stratum, 4, under, at, who, because, document FROM levels LIMIT 1`: "levels: no record of the journal tells of it\n",
	} {
		other := filepath.Join(t.TempDir(), "copy.db")
		run(t, path, "VACUUM INTO '"+filepath.ToSlash(other)+"'")
		run(t, other, statement)
		sound1(t, open(t, other), want)
	}
}

func TestOneAtATimeHoldsTheChair(t *testing.T) {
	t.Parallel()
	now := clock()
	b, err := casebook.Open(t.Context(), newPath(t), casebook.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close() //nolint:errcheck // every write was committed
	claim := func(holder string, want bool) {
		t.Helper()
		if got, err := b.Claim(t.Context(), "chair", holder, now.Add(time.Minute)); err != nil || got != want {
			t.Errorf("%s: %t %v", holder, got, err)
		}
	}
	yield := func(holder string) {
		if err := b.Yield(t.Context(), "chair", holder); err != nil {
			t.Error(err)
		}
	}
	claim("a", true)
	claim("b", false)
	now = now.Add(50 * time.Second)
	claim("a", true) // renewed
	now = now.Add(50 * time.Second)
	claim("b", false)
	yield("b") // it was not b's
	claim("b", false)
	yield("a")
	claim("b", true)
	now = now.Add(2 * time.Minute) // b died
	claim("a", true)
	claim("b", false)
}
