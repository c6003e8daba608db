package respond

import (
	"context"
	"errors"
	"strings"
)

// Recover settles what a process that ended early left behind: it reads the entry and notes what it finds. It writes nothing there. What
// may still be under way is left alone; comments are settled when they are next handed to their desk.
func (c *Clerk) Recover(ctx context.Context) error {
	steps, err := c.Letters.Unsettled(ctx)
	if err != nil {
		return err
	}
	for i := range steps {
		s := &steps[i]
		d := c.desk(s)
		if s.Item.Action != WriteAction || s.underWay(c.Now()) || d == nil {
			continue // without its desk it stays open: a person has to bring it back
		}
		m, err := imageOf(s)
		if err != nil {
			continue
		}
		now, err := d.Read(ctx, itemOf(s))
		if err != nil {
			continue
		}
		was := s.Stage
		s.Ended = c.Now()
		switch {
		case was == UndoOpen && now.Same(&m.Was):
			s.Stage, s.Outcome, s.Detail = Ended, Undone, "found as it was before, after an interruption"
		case was == UndoOpen && !now.Same(&m.Want):
			s.Stage, s.Outcome, s.Detail = Verified, Unverified, "taking it back was interrupted, or somebody changed it since: "+Difference(&m.Want, &now)
		case was == UndoOpen:
			s.Stage, s.Outcome, s.Detail = Verified, Done, "taking it back was interrupted"
		case now.Same(&m.Want):
			s.Stage, s.Outcome, s.Detail = Verified, Done, "found written after an interruption: "+Difference(&m.Was, &m.Want)
		case now.Same(&m.Was):
			s.Stage, s.Outcome, s.Detail = Ended, FailedOutcome, "interrupted, and found not written"
		default:
			s.Stage, s.Outcome, s.Detail = Verified, Unverified, "interrupted, and it says neither what it said nor what it was to say: "+Difference(&m.Want, &now)
		}
		if err := c.Letters.Settle(ctx, s, was); err != nil && !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return nil
}

func (c *Clerk) desk(s *Step) Desk { return c.Desks[strings.TrimPrefix(s.Item.Driver, "sources.")] }

// itemOf is the item's own id: what stands behind the desk's name.
func itemOf(s *Step) string {
	return strings.TrimPrefix(s.Item.Target.Value, strings.TrimPrefix(s.Item.Driver, "sources.")+"/")
}

// Undo writes back what the entries of steps said before, the last step first, where nobody changed them since. The kill switch does not
// stop it. Comments stay.
func (c *Clerk) Undo(ctx context.Context, steps []Step) ([]Receipt, error) {
	var list []Receipt
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		if s.Item.Action != WriteAction || s.Stage == Ended {
			continue
		}
		if err := ctx.Err(); err != nil {
			return list, err
		}
		if err := c.takeBack(ctx, s); err != nil {
			return list, err
		}
		r := s.Receipt()
		list = append(list, r)
		if c.Told != nil {
			c.Told(r)
		}
	}
	return list, nil
}

func (c *Clerk) takeBack(ctx context.Context, s *Step) error {
	refuse := func(why string) error {
		s.Outcome, s.Detail = RefusedOutcome, "not taken back: "+why
		return nil
	}
	d := c.desk(s)
	switch {
	case d == nil:
		return refuse("no source that is written to is called as in " + s.Item.Driver + " any more")
	case s.underWay(c.Now()):
		return refuse("another run is at it, or ended in the middle of it: try again in " + grace.String())
	case s.Stage != Verified:
		return refuse("nobody knows yet whether it was written: try again")
	}
	m, err := imageOf(s)
	if err != nil {
		return refuse(err.Error())
	}
	now, err := d.Read(ctx, itemOf(s))
	switch {
	case err != nil:
		return refuse("what it says is unknown: " + err.Error())
	case now.Same(&m.Was): // somebody was quicker, or it was done by a process that died
	case !now.Same(&m.Want) && (s.Outcome != Unverified || !m.between(&now)):
		return refuse("somebody changed it since: " + Difference(&m.Want, &now))
	}
	was := s.Stage
	s.Stage, s.Ended = UndoOpen, c.Now()
	if err := c.Letters.Settle(ctx, s, was); errors.Is(err, ErrTaken) {
		return refuse("another run takes it back")
	} else if err != nil {
		return err
	}
	sure := context.WithoutCancel(ctx)
	var said error
	if !now.Same(&m.Was) {
		said = d.Write(ctx, itemOf(s), now, m.Was)
	}
	after, err := d.Read(sure, itemOf(s))
	s.Ended = c.Now()
	switch {
	case err == nil && after.Same(&m.Was):
		s.Stage, s.Outcome, s.Detail = Ended, Undone, Difference(&m.Want, &m.Was)
	case said != nil:
		s.Stage, s.Outcome, s.Detail = Verified, FailedOutcome, "not taken back: "+said.Error()
	case err != nil:
		s.Stage, s.Outcome, s.Detail = Verified, Unverified, "taken back by the desk's word; it cannot be read: "+err.Error()
	default:
		s.Stage, s.Outcome, s.Detail = Verified, Unverified, "it was to say what it said before and says otherwise: "+Difference(&m.Was, &after)
	}
	return c.Letters.Advance(sure, s)
}
