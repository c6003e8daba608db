package respond_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

// world is what survives a crash: the ledger's disk and the targets. budget counts down to the crash; below zero it never comes.
type world struct {
	steps   []respond.Step
	inForce map[string]bool
	sent    map[string]int // Do, by key
	undone  map[string]int
	budget  int
	stopped string
	after   int             // executions begun while the kill switch was on
	deaf    map[string]bool // targets that say yes and do nothing
	fails   map[string]bool
	clock   time.Time
	jobs    []job // that were stored with the steps they are about
}

// job is what a ledger enqueues when a step moves: look at it then.
type job struct {
	key string
	due time.Time
}

func (w *world) enqueue(s *respond.Step) {
	if due := s.Due(); !due.IsZero() {
		w.jobs = append(w.jobs, job{s.Key, due})
	}
}

type crash struct{}

func newWorld() *world {
	return &world{inForce: map[string]bool{}, sent: map[string]int{}, undone: map[string]int{}, deaf: map[string]bool{}, fails: map[string]bool{}, budget: -1, clock: noon}
}

// spend ends the process here when its time has come.
func (w *world) spend() {
	if w.budget--; w.budget == 0 {
		panic(crash{})
	}
}

func (w *world) Begin(ctx context.Context, s *respond.Step, from time.Time, room respond.Room) error {
	w.spend()
	for i := range w.steps {
		if w.steps[i].Key == s.Key {
			return respond.ErrTaken
		}
	}
	open, err := w.Steps(ctx, "")
	if err != nil {
		return err
	}
	hour, err := w.Since(ctx, from)
	if err != nil {
		return err
	}
	if why := room(open, hour); why != "" {
		return respond.RefusalError(why)
	}
	w.steps = append(w.steps, *s)
	w.enqueue(s)
	w.spend()
	return nil
}

func (w *world) Advance(_ context.Context, s *respond.Step) error {
	w.spend()
	for i := range w.steps {
		if w.steps[i].Key == s.Key {
			w.steps[i] = *s
			w.enqueue(s)
		}
	}
	w.spend()
	return nil
}

func (w *world) Settle(ctx context.Context, s *respond.Step, was respond.Stage) error {
	for i := range w.steps {
		if w.steps[i].Key == s.Key && w.steps[i].Stage != was {
			return respond.ErrTaken
		}
	}
	return w.Advance(ctx, s)
}

func (w *world) Steps(_ context.Context, plan string) ([]respond.Step, error) {
	return slices.DeleteFunc(slices.Clone(w.steps), func(s respond.Step) bool {
		return plan != "" && s.Plan != plan || plan == "" && s.Stage == respond.Ended
	}), nil
}

func (w *world) Step(_ context.Context, key string) (*respond.Step, error) {
	for i := range w.steps {
		if w.steps[i].Key == key {
			s := w.steps[i]
			return &s, nil
		}
	}
	return nil, nil
}

func (w *world) Since(_ context.Context, from time.Time) (n int, _ error) {
	for i := range w.steps {
		if !w.steps[i].Started.Before(from) {
			n++
		}
	}
	return n, nil
}

func (w *world) Does(string) (bool, bool) { return true, false }

func (w *world) Probe(_ context.Context, _ string, t respond.Target) (respond.State, error) {
	return respond.State{Done: w.inForce[t.Value], Image: "image of " + t.Value}, nil
}

func (w *world) Do(_ context.Context, o respond.Order) error {
	w.spend()
	if w.stopped != "" {
		w.after++
	}
	if w.fails[o.Target.Value] {
		return errors.New("no")
	}
	w.sent[o.Key]++
	w.inForce[o.Target.Value] = !w.deaf[o.Target.Value]
	w.spend()
	return nil
}

func (w *world) Undo(_ context.Context, o respond.Order) error {
	w.spend()
	if o.Image != "image of "+o.Target.Value {
		return fmt.Errorf("undone without its image: %q", o.Image)
	}
	w.undone[o.Key]++
	delete(w.inForce, o.Target.Value)
	w.spend()
	return nil
}

func (w *world) crew() *respond.Crew {
	return &respond.Crew{
		Drivers: map[string]respond.Driver{"d": w}, Ledger: w, Now: func() time.Time { return w.clock }, Stopped: func() string { return w.stopped },
		Watched: func(context.Context) bool { return true }, Limits: respond.Limits{PerHour: 1000},
	}
}

// survive runs f, which may crash, and tells whether it did.
func survive(f func()) (crashed bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			crashed = true
		}
	}()
	f()
	return false
}

func planOf(addresses ...string) respond.Plan {
	set := respond.Settings{Hands: func(_ string, t respond.Target) (respond.Hand, bool) {
		return respond.Hand{Driver: "d", State: respond.State{Image: "image of " + t.Value}}, true
	}}
	return propose(set, want("block-ip", respond.IP, addresses...))
}

// Killed at every step of 500 random plans: nothing is done twice, no way back is lost.
func TestKilledAnywhereNothingIsDoneTwiceOrLost(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var list []string
		for range 1 + r.IntN(4) {
			list = append(list, fmt.Sprintf("9.9.%d.%d", r.IntN(250), 1+r.IntN(250)))
		}
		p := planOf(list...)
		deaf, fails := r.IntN(8), r.IntN(8)
		for at := 1; ; at++ {
			w := newWorld()
			if deaf < len(list) {
				w.deaf[list[deaf]] = true
			}
			if fails < len(list) {
				w.fails[list[fails]] = true
			}
			w.budget = at
			crashed := survive(func() { apply(t, w, &p) })
			w.budget, w.clock = -1, w.clock.Add(3*time.Minute)
			check(t, w, "after the crash")
			apply(t, w, &p)
			check(t, w, "after the next run")
			if _, err := w.crew().Undo(t.Context(), func(*respond.Step) bool { return true }); err != nil {
				t.Fatal(err)
			}
			for target := range maps.Keys(w.inForce) {
				if w.inForce[target] {
					t.Fatalf("crash at %d: %s stays in force after everything was taken back: %+v", at, target, w.steps)
				}
			}
			if !crashed {
				break
			}
		}
	}
}

func apply(t *testing.T, w *world, p *respond.Plan) []respond.Receipt {
	t.Helper()
	list, err := w.crew().Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// check holds the laws of what is on disk and what is in force.
func check(t *testing.T, w *world, when string) {
	t.Helper()
	for key, n := range w.sent {
		if n > 1 {
			t.Fatalf("%s: %s was sent %d times", when, key, n)
		}
	}
	for target, on := range w.inForce {
		if on && !slices.ContainsFunc(w.steps, func(s respond.Step) bool {
			return s.Item.Target.Value == target && s.Stage != respond.Ended && s.Image != ""
		}) {
			t.Fatalf("%s: %s is in force and nothing on disk takes it back", when, target)
		}
	}
}

// An interrupted undo leaves a step that the next undo finishes.
func TestAnInterruptedUndoIsFinished(t *testing.T) {
	t.Parallel()
	p := planOf("9.9.9.1", "9.9.9.2")
	for at := 1; ; at++ {
		w := newWorld()
		apply(t, w, &p)
		w.budget = at
		crashed := survive(func() { _, _ = w.crew().Undo(t.Context(), func(*respond.Step) bool { return true }) })
		w.budget, w.clock = -1, w.clock.Add(3*time.Minute)
		if _, err := w.crew().Undo(t.Context(), func(*respond.Step) bool { return true }); err != nil {
			t.Fatal(err)
		}
		if w.inForce["9.9.9.1"] || w.inForce["9.9.9.2"] {
			t.Fatalf("crash at %d: %+v", at, w.steps)
		}
		for _, s := range w.steps {
			if s.Stage != respond.Ended || s.Outcome != respond.Undone {
				t.Fatalf("crash at %d: %+v", at, s)
			}
		}
		if !crashed {
			return
		}
	}
}

// Killed at every step, whoever only does the jobs that were stored with the steps ends all of it: what is due always has a job, and a job whose
// step has moved on does nothing.
func TestWhatIsDueAlwaysHasAJob(t *testing.T) {
	t.Parallel()
	p := planOf("9.9.9.1", "9.9.9.2", "9.9.9.3")
	for _, held := range []bool{false, true} { // what cannot be taken back at first
		for at := 1; ; at++ {
			w := newWorld()
			w.deaf["9.9.9.3"] = true
			w.budget = at
			crashed := survive(func() { apply(t, w, &p) })
			for end := noon.Add(6 * time.Hour); w.clock.Before(end); w.clock = w.clock.Add(30 * time.Second) {
				crew := w.crew()
				if held && w.clock.Before(noon.Add(5*time.Hour)) {
					crew.Drivers = map[string]respond.Driver{"d": stuck{w}}
				}
				crashed = w.work(t, crew) || crashed
			}
			for _, s := range w.steps {
				if s.Stage != respond.Ended {
					t.Fatalf("crash at %d: nobody came to %+v", at, s)
				}
			}
			for target, on := range w.inForce {
				if on {
					t.Fatalf("crash at %d: %s stays in force", at, target)
				}
			}
			check(t, w, "at the end")
			for key, n := range w.undone {
				if !crashed && n != 1 {
					t.Fatalf("%s was taken back %d times", key, n)
				}
			}
			if !crashed {
				break
			}
		}
	}
}

// A pass over all rows does the same for a ledger whose jobs were lost, and reports nothing that others do.
func TestAPassDoesWhatHasNoJob(t *testing.T) {
	t.Parallel()
	p := planOf("9.9.9.1", "9.9.9.2")
	for at := 1; ; at++ {
		w := newWorld()
		w.budget = at
		crashed := survive(func() { apply(t, w, &p) })
		w.budget, w.clock = -1, w.clock.Add(5*time.Hour)
		force := len(w.inForce)
		list, err := w.crew().TendAll(t.Context(), w.clock)
		if err != nil || len(list) != force || len(w.inForce) != 0 {
			t.Fatalf("crash at %d: %v, %d of %d taken back: %+v", at, err, len(list), force, w.steps)
		}
		if list, err := w.crew().TendAll(t.Context(), w.clock); err != nil || len(list) != 0 {
			t.Fatalf("crash at %d: again %v %+v", at, err, list)
		}
		if !crashed {
			break
		}
	}
	w := newWorld()
	apply(t, w, &p)
	w.clock = w.clock.Add(5 * time.Hour)
	slow := w.crew()
	slow.Drivers = map[string]respond.Driver{"d": hasty{w, func() {
		if list, err := w.crew().TendAll(t.Context(), w.clock); err != nil || len(list) > 1 {
			t.Errorf("%v %+v", err, list)
		}
	}}}
	if list, err := slow.TendAll(t.Context(), w.clock); err != nil || len(list) != 1 || list[0].Outcome != respond.Undone || len(w.inForce) != 0 {
		t.Errorf("%v %+v", err, list)
	}
	for key, n := range w.undone {
		if n != 1 {
			t.Errorf("%s was taken back %d times", key, n)
		}
	}
}

// hasty lets another process pass while one takes something back.
type hasty struct {
	*world
	meanwhile func()
}

func (h hasty) Undo(ctx context.Context, o respond.Order) error {
	h.meanwhile()
	return h.world.Undo(ctx, o)
}

// What a person's undo left when it was killed is settled by a job, long before its time would be over.
func TestAnInterruptedUndoHasAJob(t *testing.T) {
	t.Parallel()
	p := planOf("9.9.9.1", "9.9.9.2")
	for at := 1; ; at++ {
		w := newWorld()
		apply(t, w, &p)
		w.clock = w.clock.Add(time.Hour)
		w.work(t, w.crew())
		w.budget = at
		crashed := survive(func() { _, _ = w.crew().Undo(t.Context(), func(*respond.Step) bool { return true }) })
		w.budget, w.clock = -1, w.clock.Add(3*time.Minute)
		w.work(t, w.crew())
		for _, s := range w.steps {
			if s.Stage == respond.UndoOpen || s.Stage == respond.Verified != w.inForce[s.Item.Target.Value] {
				t.Fatalf("crash at %d: %+v", at, s)
			}
		}
		if !crashed {
			return
		}
	}
}

// work does the jobs that are due, and tells whether the process crashed. A job that ended with a crash is done again.
func (w *world) work(t *testing.T, crew *respond.Crew) (crashed bool) {
	t.Helper()
	list := w.jobs
	w.jobs = nil
	for _, j := range list {
		if w.clock.Before(j.due) {
			w.jobs = append(w.jobs, j)
			continue
		}
		again, err := time.Duration(0), error(nil)
		if survive(func() { again, err = crew.Tend(t.Context(), j.key) }) {
			crashed, w.budget = true, -1
			w.jobs = append(w.jobs, j)
		} else if again > 0 {
			w.jobs = append(w.jobs, job{j.key, w.clock.Add(again)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return crashed
}

func TestWhatTheTargetDoesNotShowStopsTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.deaf["9.9.9.1"] = true
	p := planOf("9.9.9.1", "9.9.9.2")
	list := apply(t, w, &p)
	if list[0].Outcome != respond.Unverified || list[0].Verified || list[1].Outcome != respond.RefusedOutcome || w.inForce["9.9.9.2"] {
		t.Errorf("%+v", list)
	}
}

// A global change once went out in one step: here the next target waits until the one before shows it.
func TestRamp(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fails["9.9.9.2"] = true
	p := planOf("9.9.9.1", "9.9.9.2", "9.9.9.3", "9.9.9.4")
	list := apply(t, w, &p)
	got := []respond.Outcome{list[0].Outcome, list[1].Outcome, list[2].Outcome, list[3].Outcome}
	if !slices.Equal(got, []respond.Outcome{respond.Done, respond.FailedOutcome, respond.RefusedOutcome, respond.RefusedOutcome}) {
		t.Errorf("%v", got)
	}
}

func TestTheKillSwitchStopsAllButTheOneInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.1", "9.9.9.2", "9.9.9.3")
	c := w.crew()
	c.Told = func(respond.Receipt) { w.stopped = "file stop" }
	list, err := c.Apply(t.Context(), &p)
	if err != nil || w.after > 0 || list[0].Outcome != respond.Done || list[1].Outcome != respond.RefusedOutcome || list[2].Outcome != respond.RefusedOutcome {
		t.Errorf("%v %+v", err, list)
	}
	if back, err := c.Undo(t.Context(), func(*respond.Step) bool { return true }); err != nil || len(back) != 1 || back[0].Outcome != respond.Undone {
		t.Errorf("what was done cannot be taken back: %v %+v", err, back)
	}
}

func TestATargetThatChangedIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	set := respond.Settings{Hands: func(string, respond.Target) (respond.Hand, bool) {
		return respond.Hand{Driver: "d", State: respond.State{Image: "another"}}, true
	}}
	p := propose(set, want("block-ip", respond.IP, "9.9.9.9"))
	if list := apply(t, w, &p); list[0].Outcome != respond.RefusedOutcome || w.inForce["9.9.9.9"] {
		t.Errorf("%+v", list)
	}
	w.inForce["9.9.9.9"] = true
	if list := apply(t, w, &p); list[0].Outcome != respond.Already || len(w.steps) > 0 {
		t.Errorf("%+v", list)
	}
}

func TestWhatNobodyTakesBackIsNotDone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.9")
	c := w.crew()
	c.Watched = nil
	if list, err := c.Apply(t.Context(), &p); err != nil || list[0].Outcome != respond.RefusedOutcome {
		t.Errorf("%v %+v", err, list)
	}
}

func TestTheTimeToLiveIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.9")
	apply(t, w, &p)
	for _, hours := range []time.Duration{3, 5} {
		w.clock = noon.Add(hours * time.Hour)
		list, err := w.crew().Undo(t.Context(), respond.Due(w.clock))
		if err != nil || len(list) > 0 != (hours == 5) {
			t.Errorf("after %d hours: %v %+v", hours, err, list)
		}
	}
	if w.inForce["9.9.9.9"] {
		t.Error("it stays in force")
	}
}

// Many small plans take away no more than a large one may.
func TestTheCapHoldsOverAllPlans(t *testing.T) {
	t.Parallel()
	w := newWorld()
	set := respond.Settings{Hands: func(_ string, t respond.Target) (respond.Hand, bool) {
		return respond.Hand{Driver: "d", State: respond.State{Image: "image of " + t.Value}}, true
	}}
	for i := range 30 {
		p := propose(set, want("isolate-host", respond.Host, fmt.Sprintf("ws-%d", i)))
		apply(t, w, &p)
	}
	if len(w.inForce) != 3 {
		t.Errorf("%d hosts of an unknown number are isolated", len(w.inForce))
	}
}

// between is a ledger over which somebody else carries out another plan after all was checked for a step and before it is begun.
type between struct {
	*world
	other func()
}

func (b *between) Begin(ctx context.Context, s *respond.Step, from time.Time, room respond.Room) error {
	if f := b.other; f != nil {
		b.other = nil
		f()
	}
	return b.world.Begin(ctx, s, from, room)
}

// Two runs at the same time take away no more than one may.
func TestTheCapHoldsOverRunsAtTheSameTime(t *testing.T) {
	t.Parallel()
	set := respond.Settings{Hands: func(_ string, t respond.Target) (respond.Hand, bool) {
		return respond.Hand{Driver: "d", State: respond.State{Image: "image of " + t.Value}}, true
	}}
	for _, row := range []struct {
		name   string
		limits respond.Limits
		most   int
		says   string
	}{
		{"at a time", respond.Limits{PerHour: 1000}, 3, "cap: more than 3 hosts at a time, of an unknown number"},
		{"an hour", respond.Limits{PerHour: 3, Blind: 100}, 3, "cap: 3 actions within the hour"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			mine := propose(set, want("isolate-host", respond.Host, "ws-1", "ws-2", "ws-3"))
			yours := propose(set, want("isolate-host", respond.Host, "ws-11", "ws-12", "ws-13"))
			crew := w.crew()
			crew.Limits = row.limits
			crew.Ledger = &between{w, func() {
				other := w.crew()
				other.Limits = row.limits
				if _, err := other.Apply(t.Context(), &yours); err != nil {
					t.Error(err)
				}
			}}
			list, err := crew.Apply(t.Context(), &mine)
			if err != nil || len(w.inForce) != row.most {
				t.Fatalf("%d hosts are isolated: %v %+v", len(w.inForce), err, list)
			}
			if last := list[len(list)-1]; last.Outcome != respond.RefusedOutcome || last.Detail != row.says {
				t.Errorf("%+v", last)
			}
		})
	}
}

func TestAgreed(t *testing.T) {
	t.Parallel()
	p := planOf("9.9.9.9")
	two := propose(respond.Settings{}, want("disable-account", respond.User, "bob"))
	yes := func(p *respond.Plan, by string, at time.Time, risks ...string) respond.Approval {
		return respond.Approval{Plan: p.Digest, By: by, At: at, Risks: risks}
	}
	changed := p
	changed.Case = "c-2"
	for name, c := range map[string]struct {
		plan respond.Plan
		list []respond.Approval
		at   time.Time
		want error
	}{
		"agreed":                     {p, []respond.Approval{yes(&p, "bob", noon, "block-ip")}, noon, nil},
		"nobody":                     {p, nil, noon, respond.ErrUnapproved},
		"the author":                 {p, []respond.Approval{yes(&p, "Ann", noon, "block-ip")}, noon, respond.ErrOwn},
		"another risk":               {p, []respond.Approval{yes(&p, "bob", noon, "isolate-host")}, noon, respond.ErrRisk},
		"another plan":               {p, []respond.Approval{yes(&two, "bob", noon, "block-ip")}, noon, respond.ErrOther},
		"too old":                    {p, []respond.Approval{yes(&p, "bob", noon, "block-ip")}, noon.Add(16 * time.Minute), respond.ErrStale},
		"in the future":              {p, []respond.Approval{yes(&p, "bob", noon.Add(time.Hour), "block-ip")}, noon, respond.ErrFuture},
		"expired":                    {p, []respond.Approval{yes(&p, "bob", noon.Add(25*time.Hour), "block-ip")}, noon.Add(25 * time.Hour), respond.ErrExpired},
		"edited":                     {changed, []respond.Approval{yes(&p, "bob", noon, "block-ip")}, noon, respond.ErrChanged},
		"two people":                 {two, []respond.Approval{yes(&two, "bob", noon, "disable-account"), yes(&two, "eve", noon, "disable-account")}, noon, nil},
		"one person twice":           {two, []respond.Approval{yes(&two, "bob", noon, "disable-account"), yes(&two, "bob", noon, "disable-account")}, noon, respond.ErrUnapproved},
		"two people, one risk named": {two, []respond.Approval{yes(&two, "bob", noon, "disable-account"), yes(&two, "eve", noon)}, noon, respond.ErrRisk},
	} {
		if err := respond.Agreed(&c.plan, c.list, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Another process looks while one is in the middle of an action: it takes nobody for dead who is at work.
func TestWhoIsAtWorkIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.9")
	busy := w.crew()
	busy.Drivers = map[string]respond.Driver{"d": meddling{w, func() {
		other := w.crew()
		if err := other.Recover(t.Context()); err != nil {
			t.Error(err)
		}
		if list, err := other.Undo(t.Context(), func(*respond.Step) bool { return true }); err != nil || len(list) != 1 || list[0].Outcome != respond.FailedOutcome {
			t.Errorf("%v %+v", err, list)
		}
		if w.steps[0].Stage != respond.Intent {
			t.Errorf("%+v", w.steps[0])
		}
	}}}
	list, err := busy.Apply(t.Context(), &p)
	if err != nil || list[0].Outcome != respond.Done || w.steps[0].Stage != respond.Verified {
		t.Errorf("%v %+v %+v", err, list, w.steps)
	}
}

// meddling does something else in the middle of an action.
type meddling struct {
	*world
	between func()
}

func (m meddling) Do(ctx context.Context, o respond.Order) error {
	m.between()
	return m.world.Do(ctx, o)
}

// An account whose sessions were ended is not taken away for ever.
func TestWhatHealsItselfCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	set := respond.Settings{Hands: func(_ string, t respond.Target) (respond.Hand, bool) {
		return respond.Hand{Driver: "d", State: respond.State{Image: "image of " + t.Value}}, true
	}}
	for i := range 10 {
		p := propose(set, want("revoke-sessions", respond.User, fmt.Sprintf("user-%d", i)))
		if list := apply(t, w, &p); list[0].Outcome != respond.Done {
			t.Fatalf("user %d: %+v", i, list)
		}
	}
}

// One that cannot be taken back is tried again later, not at once.
func TestWhatCannotBeTakenBackWaits(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.9")
	apply(t, w, &p)
	crew := w.crew()
	crew.Drivers = map[string]respond.Driver{"d": stuck{w}}
	w.clock = noon.Add(5 * time.Hour)
	for i, tries := range []int{1, 0, 1} {
		list, err := crew.Undo(t.Context(), respond.Due(w.clock))
		if err != nil || len(list) != tries {
			t.Errorf("try %d: %v %+v", i, err, list)
		}
		w.clock = w.clock.Add(40 * time.Second)
	}
}

type stuck struct{ *world }

func (stuck) Undo(context.Context, respond.Order) error { return errors.New("the target is away") }

// A plan of which the turn is over goes on where it was.
func TestAPlanGoesOnWhenItIsItsTurnAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.1", "9.9.9.2", "9.9.9.3")
	crew := w.crew()
	lost := errors.New("another")
	crew.Turn = func(context.Context) error {
		if len(w.steps) == 2 {
			return lost
		}
		return nil
	}
	if list, err := crew.Apply(t.Context(), &p); !errors.Is(err, lost) || len(list) != 2 || len(w.inForce) != 2 {
		t.Fatalf("%v %+v", err, list)
	}
	if list := apply(t, w, &p); len(list) != 3 || len(w.sent) != 3 {
		t.Errorf("%+v", list)
	}
	check(t, w, "at the end")
}

// A crew that does not have the driver leaves what is due to another, and says so when all rows are looked at.
func TestWhoDoesNotHaveTheDriverLeavesIt(t *testing.T) {
	t.Parallel()
	w := newWorld()
	p := planOf("9.9.9.9")
	apply(t, w, &p)
	w.clock = w.clock.Add(5 * time.Hour)
	bare := w.crew()
	bare.Drivers, bare.Told = nil, func(r respond.Receipt) { t.Errorf("told %+v", r) }
	if again, err := bare.Tend(t.Context(), w.steps[0].Key); err != nil || again <= 0 {
		t.Errorf("%v %v", again, err)
	}
	bare.Told = nil
	if list, err := bare.TendAll(t.Context(), w.clock); err != nil || len(list) != 1 || list[0].Outcome != respond.FailedOutcome {
		t.Errorf("%v %+v", err, list)
	}
	if again, err := w.crew().Tend(t.Context(), w.steps[0].Key); err != nil || again != 0 || len(w.inForce) != 0 {
		t.Errorf("%v %v %v", again, err, w.inForce)
	}
}
