package tui

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

// planOf reads the latest plan of the open case.
func (t *talk) planOf(ctx context.Context) (*PlanFile, error) {
	if t.file == nil {
		return nil, errNoneOpen
	}
	list, err := t.desk.Responder.Plans(ctx, t.file.Row.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("no plan was made for this case yet: plan make")
	}
	return &list[0], nil
}

func (t *talk) sayPlan(ctx context.Context, rest string) error {
	if rest == "make" && t.file != nil {
		some, err := t.desk.Responder.Propose(ctx, t.file.Row.ID)
		if err != nil {
			return err
		}
		if !some {
			return errors.New("the case recommends nothing: no plan")
		}
	}
	f, err := t.planOf(ctx)
	if err == nil {
		t.lines(render.PlanLines(t.width, &f.Plan, f.Standing, f.Approvals, f.Receipts))
	}
	return err
}

// sayApprove asks for the name of each risk; a line with another word, or none, does not accept it.
func (t *talk) sayApprove(ctx context.Context, _ string) error {
	f, err := t.planOf(ctx)
	if err != nil {
		return err
	}
	if len(f.Assisted) > 0 {
		return t.assisted(ctx, f)
	}
	var accepted []string
	for _, risk := range f.Plan.Risks() {
		t.lines(render.RiskLines(t.width, risk))
		t.line("to accept, type %s", risk)
		line, ok := t.hear("? ")
		if !ok {
			return errors.New("nothing was approved")
		}
		if line == risk {
			accepted = append(accepted, risk)
		}
	}
	if len(accepted) == 0 {
		return errors.New("no risk was accepted, nothing was approved")
	}
	if err := t.desk.Responder.Agree(ctx, f.Plan.ID, accepted); err != nil {
		return err
	}
	t.line("agreed to %s", f.Plan.ID)
	return nil
}

// assisted asks once for all risks of a plan whose actions are all at level 3.
func (t *talk) assisted(ctx context.Context, f *PlanFile) error {
	for _, risk := range f.Assisted {
		t.lines(render.RiskLines(t.width, risk))
	}
	t.line("every action of it is at level 3 of the ladder: to accept these risks, type y")
	if line, ok := t.hear("? "); !ok || line != "y" {
		return errors.New("nothing was approved")
	}
	if err := t.desk.Responder.Agree(ctx, f.Plan.ID, nil); err != nil {
		return err
	}
	t.line("agreed to %s", f.Plan.ID)
	return nil
}

// again asks for a word once more before something is done.
func (t *talk) again(word, what string) error {
	t.line("%s: type %s to go on", what, word)
	if line, ok := t.hear("? "); !ok || line != word {
		return errors.New("nothing was done")
	}
	return nil
}

func (t *talk) sayExecute(ctx context.Context, _ string) error {
	return t.carry(ctx, "execute", "carry out", func(r Responder) carrier { return r.Apply })
}

func (t *talk) sayTakeBack(ctx context.Context, _ string) error {
	return t.carry(ctx, "undo", "take back", func(r Responder) carrier { return r.TakeBack })
}

// carrier is what hands over receipts of a plan.
type carrier func(ctx context.Context, plan string, told func(respond.Receipt)) error

func (t *talk) carry(ctx context.Context, word, what string, by func(Responder) carrier) error {
	f, err := t.planOf(ctx)
	if err == nil {
		err = t.again(word, fmt.Sprintf("%s %s", what, f.Plan.ID))
	}
	if err != nil {
		return err
	}
	return by(t.desk.Responder)(ctx, f.Plan.ID, t.receipt)
}
