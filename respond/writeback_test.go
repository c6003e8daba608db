package respond_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// bureau is what survives a crash: the letters' disk, and a desk with its items.
type bureau struct {
	t       *testing.T
	steps   []respond.Step
	entries map[string]respond.Entry
	notes   map[string][]string
	writes  map[string]int // that changed something
	budget  int            // until the crash; below zero it never comes
	stopped string
	deaf    bool
	half    bool // a write ends in the middle
	fails   error
	clock   time.Time
}

func newBureau(t *testing.T, items ...string) *bureau {
	b := &bureau{t: t, entries: map[string]respond.Entry{}, notes: map[string][]string{}, writes: map[string]int{}, budget: -1, clock: noon}
	for _, id := range items {
		b.entries[id] = respond.Entry{Status: "new", Severity: "medium", Tags: []string{"night"}}
	}
	return b
}

func (b *bureau) spend() {
	if b.budget--; b.budget == 0 {
		panic(crash{})
	}
}

func (b *bureau) Begin(_ context.Context, s *respond.Step, _ time.Time, _ respond.Room) error {
	b.spend()
	if slices.ContainsFunc(b.steps, func(o respond.Step) bool { return o.Key == s.Key }) {
		return respond.ErrTaken
	}
	b.steps = append(b.steps, *s)
	b.spend()
	return nil
}

func (b *bureau) Advance(_ context.Context, s *respond.Step) error {
	b.spend()
	for i := range b.steps {
		if b.steps[i].Key == s.Key {
			b.steps[i] = *s
		}
	}
	b.spend()
	return nil
}

func (b *bureau) Settle(ctx context.Context, s *respond.Step, was respond.Stage) error {
	if slices.ContainsFunc(b.steps, func(o respond.Step) bool { return o.Key == s.Key && o.Stage != was }) {
		return respond.ErrTaken
	}
	return b.Advance(ctx, s)
}

func (b *bureau) On(_ context.Context, item string) ([]respond.Step, error) {
	return b.which(func(s *respond.Step) bool { return s.Item.Target.Value == item }), nil
}

func (b *bureau) Unsettled(context.Context) ([]respond.Step, error) {
	return b.which(func(s *respond.Step) bool {
		return s.Stage == respond.Intent || s.Stage == respond.Result || s.Stage == respond.UndoOpen
	}), nil
}

func (b *bureau) which(want func(*respond.Step) bool) (list []respond.Step) {
	for i := range b.steps {
		if want(&b.steps[i]) {
			list = append(list, b.steps[i])
		}
	}
	return list
}

func (b *bureau) Read(_ context.Context, id string) (respond.Entry, error) {
	e, ok := b.entries[id]
	if !ok {
		return e, respond.ErrNoItem
	}
	if e.Status == "closed" {
		e.Held = "closed"
	}
	return e, nil
}

func (b *bureau) Draft(was respond.Entry, c respond.Change) (respond.Entry, error) {
	want := was
	want.Held = ""
	if c.Close {
		if c.Disposition == triage.Undetermined {
			return want, errors.New("no word for undetermined")
		}
		want.Status, want.Disposition = "closed", c.Disposition.String()
	}
	if c.Severity != triage.NoSeverity {
		want.Severity = c.Severity.String()
	}
	if len(c.Tags) > 0 {
		want.Tags = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(was.Tags), c.Tags...))))
	}
	return want, nil
}

func (b *bureau) Write(_ context.Context, id string, was, want respond.Entry) error {
	now := b.entries[id]
	if !now.Same(&was) {
		return respond.ErrOvertaken
	}
	kept := slices.ContainsFunc(b.steps, func(s respond.Step) bool { return s.Item.Target.Value == "siem/"+id && s.Image != "" })
	if !kept {
		b.t.Error("it is written before what it said is on disk")
	}
	b.spend()
	switch {
	case b.fails != nil:
		return b.fails
	case b.deaf:
		return nil
	}
	b.writes[id]++
	if b.half {
		want.Severity, want.Tags = was.Severity, was.Tags
	}
	want.Revision = now.Revision + "'"
	b.entries[id] = want
	b.spend()
	return nil
}

func (b *bureau) Note(_ context.Context, id, key, text string) error {
	b.spend()
	if !slices.ContainsFunc(b.notes[id], func(n string) bool { return strings.Contains(n, key) }) {
		b.notes[id] = append(b.notes[id], text)
	}
	b.spend()
	return nil
}

func (b *bureau) clerk() *respond.Clerk {
	return &respond.Clerk{
		Desks: map[string]respond.Desk{"siem": b}, Letters: b, Now: func() time.Time { return b.clock }, Stopped: func() string { return b.stopped },
	}
}

// closing is what a run says of an item that was closed here.
func closing(id string) respond.Writing {
	return respond.Writing{Desk: "siem", Item: id, Case: "c-1", Say: "close", Change: respond.Change{Close: true, Disposition: triage.FalsePositive, Tags: []string{"soc"}}, Note: "a backup job"}
}

func byHand(w respond.Writing) respond.Writing {
	w.Person = true
	return w
}

func (b *bureau) write(list ...respond.Writing) []respond.Outcome {
	b.t.Helper()
	receipts, _, err := b.clerk().Write(b.t.Context(), "w-1", list)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []respond.Outcome
	for i := range receipts {
		out = append(out, receipts[i].Outcome)
	}
	return out
}

func (b *bureau) undo() []respond.Receipt {
	b.t.Helper()
	list, err := b.clerk().Undo(b.t.Context(), slices.Clone(b.steps))
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bureau) wants(what string, got []respond.Outcome, want ...respond.Outcome) {
	b.t.Helper()
	if !slices.Equal(got, want) {
		b.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestWhatIsWrittenCanBeTakenBack(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "1", "2")
	before := maps.Clone(b.entries)
	b.wants("the first time", b.write(closing("1"), closing("2")), respond.Done, respond.Done, respond.Done, respond.Done)
	if e := b.entries["1"]; e.Status != "closed" || e.Disposition != "false_positive" || !slices.Equal(e.Tags, []string{"night", "soc"}) || !strings.Contains(b.notes["1"][0], "a backup job\n[soc ") {
		t.Errorf("%+v %q", e, b.notes["1"])
	}
	b.wants("again", b.write(closing("1")), respond.Already)
	for i, r := range b.undo() {
		if r.Outcome != respond.Undone || !strings.Contains(r.Detail, "status closed -> new") {
			t.Errorf("%d: %+v", i, r)
		}
	}
	for id, e := range b.entries {
		was := before[id]
		if !e.Same(&was) {
			t.Errorf("%s says %+v, and said %+v", id, e, was)
		}
	}
	b.wants("by a run, after a person took it back", b.write(closing("1")), respond.RefusedOutcome)
	b.wants("by a person", b.write(byHand(closing("1"))), respond.Done)
	if b.writes["1"] != 3 || len(b.notes["1"]) != 1 {
		t.Errorf("%d writes, %d notes", b.writes["1"], len(b.notes["1"]))
	}
}

// What a person did is never written over, neither forth nor back.
func TestPeopleComeFirst(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "1", "2", "3")
	hold := func(id string, f func(*respond.Entry)) {
		e := b.entries[id]
		f(&e)
		b.entries[id] = e
	}
	hold("1", func(e *respond.Entry) { e.Held = "assigned to alice" })
	b.wants("an item that is alice's", b.write(closing("1"), byHand(closing("1"))), respond.RefusedOutcome, respond.RefusedOutcome)
	taken := byHand(closing("1"))
	taken.Held = true
	b.wants("asked for all the same", b.write(taken), respond.Done, respond.Done)

	b.wants("an item of nobody's", b.write(closing("2")), respond.Done, respond.Done)
	hold("2", func(e *respond.Entry) { e.Status = "new" }) // a person opens it again
	b.wants("by the next run", b.write(closing("2")), respond.RefusedOutcome)
	if list, e := b.undo(), b.entries["2"]; list[0].Outcome != respond.RefusedOutcome || e.Disposition != "false_positive" {
		t.Errorf("%+v, %+v", list, e)
	}
	b.wants("by a person", b.write(byHand(closing("2"))), respond.Done)

	b.wants("a third", b.write(closing("3")), respond.Done, respond.Done)
	hold("3", func(e *respond.Entry) { e.Severity = "critical" })
	if list := b.undo(); list[0].Outcome != respond.RefusedOutcome || !strings.Contains(list[0].Detail, "severity medium -> critical") || b.entries["3"].Status != "closed" {
		t.Errorf("%+v", list)
	}
	hold("3", func(e *respond.Entry) { e.Severity = "medium" })
	if list := b.undo(); list[0].Outcome != respond.Undone {
		t.Errorf("%+v", list)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "1")
	b.wants("an item that is gone", b.write(closing("9")), respond.RefusedOutcome)
	undetermined := closing("1")
	undetermined.Change.Disposition = triage.Undetermined
	b.wants("without a word for it", b.write(undetermined), respond.RefusedOutcome)
	elsewhere := closing("1")
	elsewhere.Desk = "other"
	b.wants("a desk that is not written to", b.write(elsewhere), respond.RefusedOutcome)
	b.stopped = "stop exists"
	b.wants("under the kill switch", b.write(closing("1")), respond.RefusedOutcome)
	if len(b.steps) > 0 || b.writes["1"] > 0 {
		t.Errorf("%+v", b.steps)
	}
	b.stopped = ""
	b.wants("a write", b.write(closing("1")), respond.Done, respond.Done)
	b.stopped = "stop exists"
	if list := b.undo(); list[0].Outcome != respond.Undone {
		t.Errorf("the kill switch keeps it from being taken back: %+v", list)
	}
}

// A desk that fails is tried again by the next run; one that says yes and does nothing is not believed; after three in a row a run gives up.
func TestDesksThatFail(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "1", "2", "3", "4")
	b.fails = errors.New("503")
	b.wants("while it is down", b.write(closing("1"), closing("2"), closing("3"), closing("4")), respond.FailedOutcome, respond.FailedOutcome, respond.FailedOutcome, respond.RefusedOutcome)
	b.fails = nil
	b.wants("when it is up", b.write(closing("1")), respond.Done, respond.Done)
	b.deaf = true
	b.wants("deaf", b.write(closing("2")), respond.Unverified)
	b.deaf = false
	b.wants("by the next run", b.write(closing("2")), respond.RefusedOutcome)
	b.wants("by a person", b.write(byHand(closing("2"))), respond.Done, respond.Done)
	b.half = true
	both := closing("3")
	both.Change.Severity = triage.High
	b.wants("half", b.write(both), respond.Unverified)
	b.half = false
	if list := b.undo(); list[0].Outcome != respond.Undone || b.entries["3"].Status != "new" {
		t.Errorf("half of it is not taken back: %+v", list)
	}
}

// What one call leaves the next one does: what says so already does not count.
func TestNoMoreThanAFew(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "1", "2", "3")
	list := []respond.Writing{closing("1"), closing("2"), closing("3")}
	for n, want := range []int{2, 1, 0} {
		c := b.clerk()
		c.Most = 1
		if _, left, err := c.Write(t.Context(), "w-1", list); err != nil || len(left) != want {
			t.Errorf("call %d: %d left, %v", n+1, len(left), err)
		}
	}
	if b.entries["3"].Status != "closed" {
		t.Errorf("%+v", b.entries)
	}
}

// Killed at any moment and begun again: nothing is written or noted twice, no word from before is lost, and all of it is done.
func TestWritingBackSurvivesEveryCrash(t *testing.T) {
	t.Parallel()
	items := []string{"1", "2", "3"}
	list := []respond.Writing{closing("1"), closing("2"), closing("3")}
	for first := 1; ; first++ {
		b := newBureau(t, items...)
		before := maps.Clone(b.entries)
		crashes := 0
		r := rand.New(rand.NewPCG(1, uint64(first)))
		b.budget = first
		run := func(f func(*respond.Clerk) error) {
			for survive(func() {
				if err := f(b.clerk()); err != nil {
					t.Fatal(err)
				}
			}) {
				crashes++
				b.clock = b.clock.Add(time.Hour)
				b.budget = 1 + r.IntN(20)
				if crashes > 20 {
					b.budget = -1
				}
			}
		}
		run(func(c *respond.Clerk) error {
			_, _, err := c.Write(t.Context(), fmt.Sprintf("w-%d", crashes), list)
			return err
		})
		for _, id := range items {
			if e := b.entries[id]; e.Status != "closed" || b.writes[id] != 1 || len(b.notes[id]) != 1 {
				t.Fatalf("crash at %d: %s says %+v after %d writes, %d notes", first, id, e, b.writes[id], len(b.notes[id]))
			}
		}
		none := crashes == 0
		b.budget = 1 + first%11
		run(func(c *respond.Clerk) error {
			if err := c.Recover(t.Context()); err != nil {
				return err
			}
			_, err := c.Undo(t.Context(), slices.Clone(b.steps))
			return err
		})
		for _, id := range items {
			if e, was := b.entries[id], before[id]; !e.Same(&was) || b.writes[id] != 2 {
				t.Fatalf("crash at %d: %s says %+v and said %+v, %d writes", first, id, e, was, b.writes[id])
			}
		}
		if none {
			return
		}
	}
}

// A draft announces the comment that would be added, also where an item says the rest already, and not one that is there.
func TestADraftTellsOfItsComment(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "1")
	w := closing("1")
	w.Note = "closed for a reason"
	tells := func(when string, o respond.Outcome, note bool) {
		t.Helper()
		if d, err := b.clerk().Draft(t.Context(), &w); err != nil || d.Why != "" && d.Outcome != o || d.Note != note {
			t.Errorf("%s: %+v, %v", when, d, err)
		}
	}
	tells("nothing is there", respond.Unverified, true)
	was := b.entries["1"]
	d, err := b.clerk().Draft(t.Context(), &w)
	if err != nil {
		t.Fatal(err)
	}
	b.entries["1"] = d.Want
	tells("the words are there", respond.Already, true)
	b.entries["1"] = was
	b.write(w)
	tells("all of it is there", respond.Already, false)
}
