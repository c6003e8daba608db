package tui

import (
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

// plan is the screen of a case's plans: what is to be done, who agreed, what came of it.
type plan struct {
	scroll
	id    string // of the case
	read  bool
	plans []PlanFile
	at    int // which plan
	live  []respond.Receipt
	busy  string // what is under way
	fault string
	lines []render.Line
	width int
}

func (p *plan) layout(w, h int) {
	p.width, p.height = w, max(1, h)
	p.lines = nil
	switch {
	case !p.read && p.fault == "":
		p.lines = render.Note(render.Faint, w-gutter, "reading the plans of "+p.id)
	case len(p.plans) == 0:
		p.lines = render.Note(render.Plain, w-gutter, "no plan was made for "+p.id+" yet: m makes one")
	default:
		f := &p.plans[p.at]
		p.lines = render.PlanLines(w-gutter, &f.Plan, f.Standing, f.Approvals, f.Receipts)
	}
	if p.busy != "" || len(p.live) > 0 {
		p.lines = append(render.ReceiptLines(w-gutter, p.busy, p.live), p.lines...)
	}
	if p.fault != "" {
		p.lines = append(render.Note(render.Warn, w-gutter, p.fault), p.lines...)
	}
	p.clamp(len(p.lines))
}

// current is the plan that is looked at.
func (p *plan) current() *PlanFile {
	if len(p.plans) == 0 {
		return nil
	}
	return &p.plans[p.at]
}

// press obeys an act. What is dangerous is typed: here only its dialogue is opened.
func (p *plan) press(a act) intent {
	if p.move(a, len(p.lines)) {
		return nil
	}
	f := p.current()
	switch {
	case p.busy != "":
		return wantToast{p.busy + ": wait until it has ended"}
	case a == actMake:
		return wantMake{p.id}
	case f == nil:
		return wantToast{"no plan was made yet: m makes one"}
	case a == actNextPlan:
		p.at = (p.at + 1) % len(p.plans)
		p.cursor, p.top = 0, 0
		p.layout(p.width, p.height)
		return wantToast{fmt.Sprintf("plan %d of %d", p.at+1, len(p.plans))}
	case a == actApprove:
		return p.approve(f)
	case a == actApply:
		return wantDialog{newTyped("Carry out "+f.Plan.ID, []string{"Each action is written down before it runs, and its target is asked afterwards."}, "execute", wantApply{f.Plan.ID})}
	case a == actTakeBack:
		return wantDialog{newTyped("Take back what "+f.Plan.ID+" did", []string{"The last action first. It needs no approval."}, "undo", wantTakeBack{f.Plan.ID})}
	}
	return nil
}

// approve asks for each risk that a machine would take: by its name, or at level 3 by one key for all.
func (p *plan) approve(f *PlanFile) intent {
	risks := f.Plan.Risks()
	if len(risks) == 0 {
		return wantToast{"this plan has tasks for people only: there is nothing to agree to"}
	}
	if len(f.Assisted) > 0 {
		return wantDialog{assistedDialog{plan: f.Plan.ID, risks: f.Assisted}}
	}
	return wantDialog{risksDialog{plan: f.Plan.ID, risks: risks}}
}

func (p *plan) view(b *strings.Builder, t *theme, w, h int) {
	for y := range h {
		var l render.Line
		at := p.top + y
		if at < len(p.lines) {
			l = p.lines[at]
		}
		t.row(b, &l, w, " ", at == p.cursor && at < len(p.lines), true)
		b.WriteByte('\n')
	}
}
