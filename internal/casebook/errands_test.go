package casebook_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/work"
	"github.com/seed-959697dd/soc/respond"
)

// queueOf is the queue beside a book, by a clock of the test.
func queueOf(t *testing.T, b *casebook.Book, now func() time.Time) *work.Jobs {
	t.Helper()
	j, err := work.Open(t.Context(), work.Settings{DB: b.DB(), Postgres: b.Shared(), Alone: b.Alone, Now: now, Stubbed: true})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func jobs(t *testing.T, path string) string {
	t.Helper()
	return strings.TrimSuffix(state(t, path, `SELECT count(*) FROM river_job`), "|\n")
}

// What an approval hands over, and the job of it, are there together or not at all.
func TestAnApprovalThatIsNotKeptHandsNothingOver(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	j := queueOf(t, b, clock)
	p := planFor(t, b, &wall{blocked: map[string]bool{}}, "c-1", clock(), "9.9.9.1")
	yes := respond.Approval{Plan: p.Digest, Risks: []string{"block-ip"}, By: "maria", At: clock(), Signature: "x"}
	broken := errors.New("the disk is full")
	add := func(ctx context.Context, tx *sql.Tx) error {
		return j.Add(ctx, tx, "respond", "plan "+p.Digest, clock())
	}
	err := b.ApproveErrand(t.Context(), &yes, func(ctx context.Context, tx *sql.Tx) error { return errors.Join(add(ctx, tx), broken) })
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	list, err := b.Approvals(t.Context(), p.Digest)
	if e, eerr := b.Errand(t.Context(), p.Digest); err != nil || eerr != nil || len(list) != 0 || e != nil || jobs(t, path) != "0" {
		t.Fatalf("%v %v %+v %+v, %s jobs", err, eerr, list, e, jobs(t, path))
	}
	if err := b.ApproveErrand(t.Context(), &yes, add); err != nil {
		t.Fatal(err)
	}
	list, err = b.Approvals(t.Context(), p.Digest)
	if e, eerr := b.Errand(t.Context(), p.Digest); err != nil || eerr != nil || len(list) != 1 || e == nil || e.By != "maria" || jobs(t, path) != "1" {
		t.Fatalf("%v %v %+v %+v, %s jobs", err, eerr, list, e, jobs(t, path))
	}
	// A plan of the machine's own is kept with its job once.
	own := p
	own.Digest, own.ID, own.Author = "sha256:of another", "p-another", "soc"
	for range 2 {
		if err := b.KeepErrand(t.Context(), &own, add); err != nil {
			t.Fatal(err)
		}
	}
	if open, err := b.Errands(t.Context()); err != nil || len(open) != 2 || jobs(t, path) != "2" {
		t.Errorf("%v %+v, %s jobs", err, open, jobs(t, path))
	}
}

// One that is handed over anew while it is carried out stays open, and what became of the last time is forgotten.
func TestAnErrandIsHandedOverAnew(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	p := planFor(t, b, &wall{blocked: map[string]bool{}}, "c-1", clock(), "9.9.9.1")
	yes := respond.Approval{Plan: p.Digest, Risks: []string{"block-ip"}, By: "maria", At: clock(), Signature: "x"}
	give := func() *casebook.Errand {
		t.Helper()
		if err := b.ApproveErrand(t.Context(), &yes, func(context.Context, *sql.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		e, err := b.Errand(t.Context(), p.Digest)
		if err != nil || e == nil || !e.Ended.IsZero() || e.Why != "" || e.Rest != nil {
			t.Fatalf("%+v %v", e, err)
		}
		return e
	}
	end := func(e *casebook.Errand) *casebook.Errand {
		t.Helper()
		e.Why = "because"
		e.Rest = []respond.Receipt{{Plan: p.Digest, Action: "a1", Name: "block-ip", Target: p.Items[0].Target, Outcome: respond.RefusedOutcome, Ended: clock(), Detail: "the kill switch is on"}}
		if err := b.EndErrand(t.Context(), e, "maria"); err != nil {
			t.Fatal(err)
		}
		now, err := b.Errand(t.Context(), p.Digest)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	first := give()
	give()
	if e := end(first); !e.Ended.IsZero() {
		t.Errorf("what was handed over anew ended with what was before: %+v", e)
	}
	if e := end(give()); e.Ended.IsZero() || e.Why != "because" || len(e.Rest) != 1 || e.Rest[0].Outcome != respond.RefusedOutcome || e.Rest[0].Detail != "the kill switch is on" || e.Rest[0].Target.Value != "9.9.9.1" {
		t.Errorf("%+v", e)
	}
	sound1(t, b, "")
	give()
	sound1(t, b, "")
}

// meeting is a wall at which two have to be at work at the same time before either goes on.
type meeting struct {
	mu     sync.Mutex
	wall   wall
	undone map[string]int
	met    sync.WaitGroup
}

func (m *meeting) Does(string) (bool, bool) { return true, false }

func (m *meeting) Probe(ctx context.Context, action string, t respond.Target) (respond.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wall.Probe(ctx, action, t)
}

func (m *meeting) Do(ctx context.Context, o respond.Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wall.Do(ctx, o)
}

func (m *meeting) Undo(ctx context.Context, o respond.Order) error {
	m.mu.Lock()
	n := 0
	for _, one := range m.undone {
		n += one
	}
	m.undone[o.Target.Value]++
	m.mu.Unlock()
	if n < 2 {
		m.met.Done()
		m.met.Wait()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wall.Undo(ctx, o)
}

// Two crews with one book share what is due by its jobs alone: both are at work at once, and each step is taken back once.
func TestTwoCrewsShareWhatIsDue(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var ahead atomic.Int64
	began := time.Now()
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	m := &meeting{wall: wall{blocked: map[string]bool{}}, undone: map[string]int{}}
	m.met.Add(2)
	crew := func(name string) (*respond.Crew, *work.Jobs) {
		b := open(t, path)
		j := queueOf(t, b, now)
		return &respond.Crew{
			Drivers: map[string]respond.Driver{"wall": m}, Now: now, Watched: func(context.Context) bool { return true },
			Ledger: casebook.Ledger{Book: b, By: name, Remind: func(ctx context.Context, tx *sql.Tx, s *respond.Step) error {
				return j.Add(ctx, tx, "respond", s.Key, s.Due())
			}},
		}, j
	}
	first, _ := crew("first")
	const steps = 8
	var targets []string
	for i := range steps {
		targets = append(targets, fmt.Sprintf("9.9.9.%d", i+1))
	}
	p := planFor(t, open(t, path), &m.wall, "c-1", now(), targets...)
	if list, err := first.Apply(t.Context(), &p); err != nil || len(list) != steps || list[steps-1].Outcome != respond.Done {
		t.Fatal(list, err)
	}
	ahead.Store(int64(5*time.Hour + time.Since(began)))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var both sync.WaitGroup
	for _, name := range []string{"first", "second"} {
		c, j := crew(name)
		c.Told = func(r respond.Receipt) {
			if r.Outcome != respond.Undone {
				t.Errorf("%s: %+v", name, r)
			}
			if list, err := c.Ledger.Steps(ctx, ""); err == nil && len(list) == 0 {
				cancel()
			}
		}
		both.Go(func() {
			err := j.Work(ctx, func(err error) { t.Error(err) }, work.Queue{Name: "respond", Parallel: 1, Poll: 50 * time.Millisecond, Do: func(ctx context.Context, key string) error {
				again, err := c.Tend(ctx, key)
				if err == nil && again > 0 {
					err = work.Later(again)
				}
				return err
			}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if len(m.wall.blocked) > 0 || len(m.undone) != steps {
		t.Errorf("%v are still blocked, %v were taken back", m.wall.blocked, m.undone)
	}
	for target, n := range m.undone {
		if n != 1 {
			t.Errorf("%s was taken back %d times", target, n)
		}
	}
	sound1(t, open(t, path), "")
}

// Runs at once take away no more than one may, whoever counted first: the book asks the caps as it keeps a step.
func TestRunsAtOnceKeepTheCaps(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var mu sync.Mutex
	blocked := 0
	var plans []respond.Plan
	seed := open(t, path)
	for i := range 4 {
		plans = append(plans, planFor(t, seed, &wall{blocked: map[string]bool{}}, fmt.Sprintf("c-%d", i), clock(), fmt.Sprintf("9.9.%d.1", i), fmt.Sprintf("9.9.%d.2", i)))
	}
	var all sync.WaitGroup
	for i := range plans {
		b := open(t, path)
		crew := respond.Crew{
			Drivers: map[string]respond.Driver{"wall": &meeting{wall: wall{blocked: map[string]bool{}}, undone: map[string]int{}}}, Now: clock,
			Ledger: casebook.Ledger{Book: b, By: fmt.Sprint(i)}, Watched: func(context.Context) bool { return true }, Limits: respond.Limits{PerHour: 3},
		}
		all.Go(func() {
			list, err := crew.Apply(t.Context(), &plans[i])
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, r := range list {
				if r.Outcome == respond.Done {
					blocked++
				}
			}
		})
	}
	all.Wait()
	if blocked != 3 {
		t.Errorf("%d actions within the hour, want 3", blocked)
	}
	sound1(t, seed, "")
}
