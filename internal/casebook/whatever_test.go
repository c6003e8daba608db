package casebook_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// Whatever runs and people do, in whatever order, is no finding. Refusals are part of it: most of what is drawn cannot be done to the case that
// is drawn.
func TestWhateverIsDoneTheBookHolds(t *testing.T) {
	t.Parallel()
	did := map[string]int{}
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 11))
		now := clock()
		b, err := casebook.Open(t.Context(), newPath(t), casebook.Options{Now: func() time.Time { now = now.Add(time.Second); return now }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		w := &whatever{b: b, r: r, now: &now, did: map[string]int{}}
		for range 120 {
			what := w.step(t)
			if err := b.Holds(t.Context()); err != nil {
				t.Fatalf("seed %d, after %s: %v", seed, what, err)
			}
		}
		for what, n := range w.did {
			did[what] += n
		}
	}
	for _, what := range []string{"triage", "close", "reopen", "merge", "split", "assign", "snooze", "take back", "arrive"} {
		if did[what] == 0 {
			t.Errorf("%s was never done: %v", what, did)
		}
	}
}

// whatever draws what is done next.
type whatever struct {
	b    *casebook.Book
	r    *rand.Rand
	now  *time.Time
	last []casebook.Settled
	did  map[string]int
}

func (w *whatever) lines() (list []string) {
	for range 1 + w.r.IntN(4) {
		host, n := w.r.IntN(10), w.r.IntN(8)
		command := "cmd.exe"
		if w.r.IntN(3) == 0 {
			command = "evil.exe"
		}
		one := line(fmt.Sprint("ws-", host), fmt.Sprint("a-", host, "-", n, "-", command), n*5, command)
		for range 1 + w.r.IntN(2) {
			list = append(list, one)
		}
	}
	return list
}

// two are cases, or one twice.
func (w *whatever) two(t *testing.T) (ids [2]string, verdicts []string) {
	t.Helper()
	var all []string
	err := w.b.Cases(t.Context(), casebook.Query{}, func(c *casebook.Case) error { all = append(all, c.ID); return nil })
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	ids = [2]string{all[w.r.IntN(len(all))], all[w.r.IntN(len(all))]}
	err = w.b.Verdicts(t.Context(), ids[0], func(v *casebook.Verdict) error { verdicts = append(verdicts, v.ID); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return ids, verdicts
}

func (w *whatever) step(t *testing.T) (what string) {
	t.Helper()
	ctx := t.Context()
	var did casebook.Settled
	var err error
	n := w.r.IntN(16)
	if n < 3 || w.did["triage"] == 0 {
		triageInto(t, w.b, w.lines())
		w.did["triage"]++
		return "triage"
	}
	ids, verdicts := w.two(t)
	switch n {
	case 3:
		what = "close"
		did, err = w.b.Settle(ctx, ids[0], triage.Decision{Disposition: triage.FalsePositive, Reason: "x", Certainty: triage.Asserted, By: "ann"})
	case 4, 5:
		what = "reopen"
		_, err = w.b.Reopen(ctx, ids[0], "ann", "x")
	case 6, 7:
		what = "merge"
		var list []casebook.Settled
		if _, list, err = w.b.Join(ctx, ids[0], []string{ids[1]}, "ann", "x"); err == nil {
			did = list[0]
		}
	case 8, 9:
		what = "split"
		_, did, err = w.b.Detach(ctx, ids[0], verdicts[:1+w.r.IntN(max(1, len(verdicts)-1))], "ann", "x")
	case 10:
		what = "assign"
		did, err = w.b.Assign(ctx, ids[0], []string{"", "ann", "sam"}[w.r.IntN(3)], "ann")
	case 11:
		what = "snooze"
		did, err = w.b.Snooze(ctx, ids[0], w.now.Add(time.Hour), "ann")
	case 12, 13:
		what = "take back"
		if len(w.last) > 0 {
			err = w.b.TakeBack(ctx, w.last[len(w.last)-1], "ann", "x")
			w.last = w.last[:len(w.last)-1]
		}
	default:
		what = "arrive"
		if err = w.arrive(t); err != nil {
			t.Fatal(err)
		}
	}
	if err == nil {
		w.did[what]++
	}
	if did.Seq > 0 {
		w.last = append(w.last, did)
	}
	return what
}

// arrive keeps what comes for a worker and from a system, and judges some of it.
func (w *whatever) arrive(t *testing.T) error {
	t.Helper()
	ctx, lines := t.Context(), w.lines()
	list := make([]alert.Pulled, len(lines))
	for i := range lines {
		list[i] = pulled(fmt.Sprint(w.r.IntN(5)), fmt.Sprint(w.r.IntN(3)), lines[i])
	}
	if _, err := w.b.Arrive(ctx, "siem", list, w.r.IntN(2) == 0); err != nil {
		return err
	}
	if err := w.b.SetMark(ctx, casebook.Mark{Source: "siem", Query: fmt.Sprint(w.r.IntN(2)), At: w.now.Add(time.Duration(w.r.IntN(200)) * time.Minute)}); err != nil {
		return err
	}
	if err := w.b.Drop(ctx, "siem", list[0].Item, alert.DigestOf(list[0].Raw)); err != nil {
		return err
	}
	waits := pendings(t, lines...)
	var arrived time.Time
	if _, err := w.b.Await(ctx, waits, func(_ context.Context, _ *sql.Tx, at time.Time) error { arrived = at; return nil }); err != nil {
		return err
	}
	if err := w.b.Clear(ctx); err != nil || arrived.IsZero() || w.r.IntN(3) == 0 {
		return err
	}
	due, err := w.b.Due(ctx, arrived, arrived, 1)
	if err != nil || len(due) == 0 {
		return err
	}
	mine, err := w.b.Pending(ctx, due[0])
	if err != nil {
		return err
	}
	run, err := w.b.Begin(ctx, casebook.RunInfo{Command: "triage", Within: func(ctx context.Context, tx *sql.Tx) error { return w.b.Take(ctx, tx, mine) }})
	if err != nil {
		return err
	}
	raw := make([]string, len(mine))
	for i := range mine {
		raw[i] = string(mine[i].Raw)
	}
	_, err = feed(ctx, run, raw)
	return err
}
