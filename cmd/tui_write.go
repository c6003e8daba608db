package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/tui"
)

// letters write back from the screen, by the same ways as soc cases write-back and undo-write. The systems are made ready when the first case
// is to be written back.
type letters struct {
	*desk
	desks func() (map[string]respond.Desk, error)
}

// Drafts implements tui.Writer.
func (d *letters) Drafts(ctx context.Context, id string) (l tui.Letter, err error) {
	if err := d.begin(); err != nil {
		return l, err
	}
	defer d.busy.Done()
	list, why, err := d.asked(ctx, id)
	if err != nil {
		return l, err
	}
	desks, err := d.desks()
	if err != nil {
		return l, err
	}
	l.Why = why
	clerk, _ := d.app.clerk(d.s, desks, d.book, d.by, nil)
	for i := range list {
		draft, err := clerk.Draft(ctx, &list[i])
		if err = errors.Join(err, ctx.Err()); err != nil {
			return l, bookError(err)
		}
		l.Items = append(l.Items, render.Written{Writing: list[i], Draft: draft})
	}
	return l, nil
}

// asked are the items of a decided case, as a person wants them written; why there is none.
func (d *letters) asked(ctx context.Context, id string) (list []respond.Writing, why string, err error) {
	c, err := d.book.Case(ctx, id)
	switch {
	case err != nil:
		return nil, "", err
	case c.Status != casebook.Closed:
		return nil, "the case is open: nothing is written back before it is decided", nil
	}
	if list, err = writings(ctx, d.book, c.ID); err != nil {
		return nil, "", err
	}
	for i := range list {
		list[i].Person = true
	}
	if len(list) == 0 {
		why = "no alert of it came from a source: there is nothing to be written to"
	}
	return list, why, nil
}

// Write implements tui.Writer.
func (d *letters) Write(ctx context.Context, id string, seen []render.Written, told func(respond.Receipt)) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	list, why, err := d.asked(ctx, id)
	if err != nil {
		return err
	}
	if why != "" || !alike(list, seen) {
		return fmt.Errorf("%s is not as it was shown any more, so nothing was written: look again", id)
	}
	desks, err := d.desks()
	if err != nil {
		return err
	}
	clerk, run := d.app.clerk(d.s, desks, d.book, d.by, told)
	all, left, err := clerk.Write(ctx, run, list)
	if err != nil {
		return bookError(err)
	}
	if len(left) > 0 {
		return fmt.Errorf("%s left for the next time: one writes to %d at most", render.Plural(int64(len(left)), "item was", "items were"), mostWrites)
	}
	return amiss(all)
}

// alike tells whether what is to be written says what a person was shown.
func alike(list []respond.Writing, seen []render.Written) bool {
	if len(list) != len(seen) {
		return false
	}
	for i := range list {
		a, b := &list[i], &seen[i].Writing
		if a.Target() != b.Target() || a.Say != b.Say || a.Note != b.Note {
			return false
		}
	}
	return true
}

// amiss says what did not take effect, or was refused.
func amiss(list []respond.Receipt) error {
	bad, refused := counts(list)
	if bad+refused == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d did not take effect, or nobody knows; %d refused: the receipts say why", bad, len(list), refused)
}

// TakeBack implements tui.Writer.
func (d *letters) TakeBack(ctx context.Context, id string, told func(respond.Receipt)) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	desks, err := d.desks()
	if err != nil {
		return err
	}
	clerk, _ := d.app.clerk(d.s, desks, d.book, d.by, told)
	list, err := unwrite(ctx, clerk, d.book, id)
	switch {
	case err != nil:
		return bookError(err)
	case len(list) == 0:
		return errors.New("nothing of it stands anywhere")
	}
	return amiss(list)
}
