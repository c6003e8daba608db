package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
	"github.com/seed-959697dd/soc/tui"
)

// Decide implements tui.Decider.
func (d *desk) Decide(ctx context.Context, id string, x triage.Decision) (tui.Made, error) {
	if err := d.begin(); err != nil {
		return tui.Made{}, err
	}
	defer d.busy.Done()
	x.By = d.by
	made, err := d.book.Settle(ctx, id, x)
	if errors.Is(err, casebook.ErrClosed) {
		err = d.taken(ctx, id, err)
	}
	return tui.Made(made), err
}

// done is one write by the person at the screen. It says who was first when somebody else was.
func (d *desk) done(ctx context.Context, id string, do func() (casebook.Settled, error)) (tui.Made, error) {
	if err := d.begin(); err != nil {
		return tui.Made{}, err
	}
	defer d.busy.Done()
	made, err := do()
	switch {
	case errors.Is(err, casebook.ErrClosed):
		return tui.Made{}, d.taken(ctx, id, err)
	case errors.Is(err, casebook.ErrMoved), errors.Is(err, casebook.ErrNoCase):
		return tui.Made{}, &tui.TakenError{Case: id, Else: movedOn}
	}
	return tui.Made(made), err
}

// movedOn is said of a case that is no longer as it was left.
const movedOn = "somebody did something else with it since; theirs stands"

// Assign implements tui.Decider.
func (d *desk) Assign(ctx context.Context, id, owner string) (tui.Made, error) {
	return d.done(ctx, id, func() (casebook.Settled, error) { return d.book.Assign(ctx, id, owner, d.by) })
}

// Snooze implements tui.Decider.
func (d *desk) Snooze(ctx context.Context, id string, until time.Time) (tui.Made, error) {
	return d.done(ctx, id, func() (casebook.Settled, error) { return d.book.Snooze(ctx, id, until, d.by) })
}

// Merge implements tui.Decider.
func (d *desk) Merge(ctx context.Context, id string, others []string, reason string) (list []tui.Made, err error) {
	_, err = d.done(ctx, id, func() (casebook.Settled, error) {
		_, did, err := d.book.Join(ctx, id, others, d.by, reason)
		for _, s := range did {
			list = append(list, tui.Made(s))
		}
		return casebook.Settled{}, err
	})
	return list, err
}

// Split implements tui.Decider.
func (d *desk) Split(ctx context.Context, id string, verdicts []string, reason string) (tui.Made, error) {
	return d.done(ctx, id, func() (casebook.Settled, error) {
		_, did, err := d.book.Detach(ctx, id, verdicts, d.by, reason)
		return did, err
	})
}

// Again implements tui.Decider.
func (d *desk) Again(ctx context.Context, m tui.Made) (tui.Made, error) {
	return d.done(ctx, m.Case, func() (casebook.Settled, error) { return d.book.Again(ctx, casebook.Settled(m), d.by) })
}

// Withdraw implements tui.Decider.
func (d *desk) Withdraw(ctx context.Context, m tui.Made) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	err := d.book.TakeBack(ctx, casebook.Settled(m), d.by, "taken back on the screen")
	if errors.Is(err, casebook.ErrMoved) || errors.Is(err, casebook.ErrOpen) || errors.Is(err, casebook.ErrClosed) {
		return d.taken(ctx, m.Case, err)
	}
	return err
}

// taken says who was first.
func (d *desk) taken(ctx context.Context, id string, why error) error {
	t := &tui.TakenError{Case: id}
	err := d.book.Decisions(ctx, id, func(x *casebook.Decided) error {
		if !x.Undone {
			t.Disposition, t.By, t.Reason, t.At = x.Disposition, x.By, x.Reason, x.At
		}
		return nil
	})
	if err != nil {
		return errors.Join(why, err)
	}
	if errors.Is(why, casebook.ErrMoved) && t.By == "" {
		t.Else = movedOn
	}
	return t
}

// Note implements tui.Decider.
func (d *desk) Note(ctx context.Context, id, text string) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	_, err := d.book.Note(ctx, id, d.by, text)
	return err
}
