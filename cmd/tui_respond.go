package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/tui"
)

// responses makes and carries out plans from the screen, by the same ways as soc respond. The inventories that it needs are read when the
// first plan is looked at.
type responses struct {
	*desk
	responder func() (*responder, error)
}

// Plans implements tui.Responder.
func (d *responses) Plans(ctx context.Context, id string) ([]tui.PlanFile, error) {
	r, err := d.responder()
	if err != nil {
		return nil, err
	}
	ids, err := d.book.PlansOf(ctx, id)
	if err != nil {
		return nil, err
	}
	var list []tui.PlanFile
	for _, id := range ids {
		p, err := d.book.Plan(ctx, id)
		if err != nil {
			return list, err
		}
		is, err := r.standing(ctx, d.book, &p)
		if err != nil {
			return list, err
		}
		f := tui.PlanFile{Plan: p, Standing: is.how, Receipts: is.receipts}
		if f.Approvals, err = d.book.Approvals(ctx, p.Digest); err != nil {
			return list, err
		}
		if f.Assisted, err = r.assisted(ctx, d.book, &p); err != nil {
			return list, err
		}
		list = append(list, f)
	}
	return list, nil
}

// Propose implements tui.Responder.
func (d *responses) Propose(ctx context.Context, id string) (some bool, err error) {
	if err := d.begin(); err != nil {
		return false, err
	}
	defer d.busy.Done()
	r, err := d.responder()
	if err != nil {
		return false, err
	}
	if err := r.graded(ctx, d.book); err != nil {
		return false, err
	}
	docs, err := d.app.caseDocuments(ctx, planOptions{book: d.o.book}, []string{id})
	if err != nil {
		return false, err
	}
	for _, doc := range docs {
		p, err := r.propose(ctx, doc, d.by, &playbooks{})
		if err != nil {
			return some, err
		}
		if len(p.Items)+len(p.Refused) == 0 {
			continue
		}
		if err := d.book.KeepPlan(ctx, &p); err != nil {
			return some, err
		}
		some = true
		r.herald.planned(&p)
	}
	d.tell(ctx, r)
	return some, nil
}

// tell sends what people are to be told, behind the screen. It is called between begin and Done, so that closing waits for it, too.
func (d *responses) tell(ctx context.Context, r *responder) {
	if d.o.plain {
		r.herald.flush(ctx)
		return
	}
	d.busy.Go(func() { r.herald.flush(ctx) })
}

// Agree implements tui.Responder.
func (d *responses) Agree(ctx context.Context, plan string, risks []string) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	if d.o.key == "" {
		return errors.New("no key to sign with: name its file by --key, or by respond.key in soc.yaml")
	}
	p, err := d.book.Plan(ctx, plan)
	if err != nil {
		return err
	}
	r, err := d.responder()
	if err != nil {
		return err
	}
	if err := current(ctx, d.book, &p); err != nil {
		return err
	}
	approvers, err := d.s.trusted()
	if err != nil {
		return err
	}
	o := approveOptions{key: d.o.key, risks: risks}
	if len(risks) == 0 { // as it stands now: the level may have fallen since the plan was read
		if o.assisted, err = r.assisted(ctx, d.book, &p); err == nil && len(o.assisted) == 0 {
			err = fmt.Errorf("not every action of %s is at level 3: each risk has to be accepted by its name", p.ID)
		}
	}
	var one respond.Approval
	if err == nil {
		one, err = d.app.agree(&p, approvers, o)
	}
	if err == nil {
		err = vouched(approvers, &p, &one)
	}
	if err != nil {
		return err
	}
	if err := d.book.Approve(ctx, &one); err != nil {
		return err
	}
	list, err := d.book.Approvals(ctx, p.Digest)
	if err != nil {
		return err
	}
	r.herald.agreed(&p, &one, respond.Agreed(&p, list, d.app.Now()) == nil, false)
	d.tell(ctx, r)
	return nil
}

// Apply implements tui.Responder.
func (d *responses) Apply(ctx context.Context, plan string, told func(respond.Receipt)) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	p, err := d.book.Plan(ctx, plan)
	if err != nil {
		return err
	}
	r, err := d.responder()
	if err != nil {
		return err
	}
	if err := r.agreed(ctx, d.book, &p); err != nil {
		return err
	}
	crew, err := r.crew(ctx, d.book, d.by, told)
	if err != nil {
		return err
	}
	list, err := crew.Apply(ctx, &p)
	d.tell(ctx, r)
	if err != nil {
		return err
	}
	return d.app.outcome(list)
}

// TakeBack implements tui.Responder.
func (d *responses) TakeBack(ctx context.Context, plan string, told func(respond.Receipt)) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.busy.Done()
	p, err := d.book.Plan(ctx, plan)
	if err != nil {
		return err
	}
	r, err := d.responder()
	if err != nil {
		return err
	}
	crew, err := r.crew(ctx, d.book, d.by, told)
	if err != nil {
		return err
	}
	list, err := crew.Undo(ctx, func(s *respond.Step) bool { return s.Plan == p.Digest })
	d.tell(ctx, r)
	if err == nil && len(list) == 0 {
		err = errors.New("nothing of that plan is in force")
	}
	if err != nil {
		return err
	}
	return d.app.outcome(list)
}
