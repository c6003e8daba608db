package respond

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Recover settles what a process that ended early left behind: it asks the target and notes what it finds. It does nothing to it. What
// may still be under way is left alone.
func (c *Crew) Recover(ctx context.Context) error {
	steps, err := c.Ledger.Steps(ctx, "")
	if err != nil {
		return err
	}
	for i := range steps {
		s := &steps[i]
		if !s.unsettled() || s.underWay(c.Now()) {
			continue
		}
		if _, err := c.settle(ctx, s); err != nil && !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return nil
}

// settle asks the target what became of a step. It is false when that cannot be known now, and the step stays as it is.
func (c *Crew) settle(ctx context.Context, s *Step) (bool, error) {
	d, was := c.Drivers[s.Item.Driver], s.Stage
	if d == nil {
		return false, nil // a person has to bring the driver back
	}
	now, err := ask(ctx, d, s.order())
	if err != nil {
		return false, nil //nolint:nilerr // it is asked again
	}
	s.Ended = c.Now()
	switch {
	case s.Stage == UndoOpen && !now.Done:
		s.Stage, s.Outcome, s.Detail = Ended, Undone, "found taken back after an interruption"
	case s.Stage == UndoOpen: // still in force: whoever undoes tries again
		s.Stage, s.Outcome, s.Detail = Verified, Done, "taking it back was interrupted: "+now.Detail
	case now.Done:
		s.Stage, s.Outcome, s.Detail = Verified, Done, "found in force after an interruption: "+now.Detail
	default:
		s.Stage, s.Outcome, s.Detail = Ended, FailedOutcome, "interrupted, and found not in force: plan again"
	}
	return true, c.Ledger.Settle(ctx, s, was)
}

// Tend does what is due of one step: it takes back what is over, and settles what a process left that ended early. What somebody else has done
// meanwhile, or is not due any more, is left alone. Again is when to come again about the same, 0 for not at all: what a step is due for after it
// has moved, its ledger sees to. One whose driver this crew does not have is left to another.
func (c *Crew) Tend(ctx context.Context, key string) (again time.Duration, err error) {
	s, err := c.Ledger.Step(ctx, key)
	if err != nil || s == nil {
		return 0, err
	}
	if s.Stage != Ended && c.Drivers[s.Item.Driver] == nil {
		return elsewhere, nil
	}
	_, again, err = c.tend(ctx, s)
	return again, err
}

// TendAll does, of all steps, what has been due since a time or longer, the last first.
func (c *Crew) TendAll(ctx context.Context, since time.Time) (list []Receipt, err error) {
	steps, err := c.Ledger.Steps(ctx, "")
	if err != nil {
		return nil, err
	}
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Due().After(since) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return list, err
		}
		r, _, err := c.tend(ctx, &steps[i])
		if err != nil {
			return list, err
		}
		if r != nil {
			list = append(list, *r)
		}
	}
	return list, nil
}

// tend is Tend of a step as it was read. The receipt is of taking it back, nil when that was not tried.
func (c *Crew) tend(ctx context.Context, s *Step) (r *Receipt, again time.Duration, err error) {
	wait := func() time.Duration { return max(0, s.Due().Sub(c.Now())) } // none as well when nothing is due any more
	if s.Due().IsZero() || wait() > 0 {
		return nil, wait(), nil
	}
	if s.unsettled() {
		switch known, err := c.settle(ctx, s); {
		case errors.Is(err, ErrTaken):
			return nil, 0, nil
		case err != nil:
			return nil, 0, err
		case !known:
			return nil, pause, nil
		case s.Due().IsZero() || wait() > 0:
			return nil, 0, nil
		}
	}
	done, err := c.takeBack(ctx, s)
	switch {
	case errors.Is(err, ErrTaken):
		return nil, 0, nil
	case err != nil:
		return nil, 0, err
	case !done:
		again = pause
	}
	one := s.Receipt()
	c.tell(one)
	return &one, again, nil
}

// Undo takes back the steps that chosen picks and that are in force, the last first. The kill switch does not stop it: what was done
// can always be taken back.
func (c *Crew) Undo(ctx context.Context, chosen func(*Step) bool) ([]Receipt, error) {
	if err := c.Recover(ctx); err != nil {
		return nil, err
	}
	steps, err := c.Ledger.Steps(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []Receipt
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		if s.Item.Class != Reversible || !chosen(s) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return list, err
		}
		switch {
		case s.underWay(c.Now()):
			s.Outcome, s.Detail = FailedOutcome, "another run is at it, or ended in the middle of it: try again in "+grace.String()
		case s.Stage != Verified:
			continue
		default:
			if _, err := c.takeBack(ctx, s); errors.Is(err, ErrTaken) {
				s.Outcome, s.Detail = FailedOutcome, "another run takes it back"
			} else if err != nil {
				return list, err
			}
		}
		list = append(list, s.Receipt())
		c.tell(s.Receipt())
	}
	return list, nil
}

// Due picks the steps whose time is over.
func Due(now time.Time) func(*Step) bool {
	return func(s *Step) bool { return s.Stage == Verified && !s.Until.IsZero() && !now.Before(s.Until) }
}

// takeBack takes a step back that is in force; ErrTaken when somebody else does. It is false when there is nobody to do it.
func (c *Crew) takeBack(ctx context.Context, s *Step) (bool, error) {
	d := c.Drivers[s.Item.Driver]
	if d == nil {
		s.Outcome, s.Detail = FailedOutcome, fmt.Sprintf("not taken back: no driver is called %q any more", s.Item.Driver)
		return false, nil
	}
	was := s.Stage
	s.Stage, s.Ended = UndoOpen, c.Now()
	if err := c.Ledger.Settle(ctx, s, was); err != nil {
		return false, err
	}
	sure := context.WithoutCancel(ctx)
	said := d.Undo(ctx, s.order())
	after, err := ask(sure, d, s.order())
	s.Ended = c.Now()
	switch {
	case err == nil && !after.Done:
		s.Stage, s.Outcome, s.Detail = Ended, Undone, after.Detail
	case said != nil:
		s.Stage, s.Outcome, s.Detail = Verified, FailedOutcome, "not taken back: "+said.Error()
	case err != nil:
		s.Stage, s.Outcome, s.Detail = Verified, Unverified, "taken back by the driver's word; the target cannot be asked: "+err.Error()
	default:
		s.Stage, s.Outcome, s.Detail = Verified, Unverified, "the driver said that it took it back, and the target does not show it"
	}
	if s.Stage == Verified && !s.Until.IsZero() {
		s.Until = s.Ended.Add(pause)
	}
	return true, c.Ledger.Advance(sure, s)
}
