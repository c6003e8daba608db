package respond

import (
	"context"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Prospect is what would become of an action if its plan were carried out now.
type Prospect uint8

// The prospects. The zero value is that it would not be done.
const (
	WouldRefuse Prospect = iota
	WouldDo
	WouldFind // the target is in the wanted state already: nothing would be done
	WasBegun  // a run was at it before: it is not sent again
	ByPerson
)

var prospectNames = [...]string{"refused", "done", "already", "begun", "task"}

func (p Prospect) String() string { return prospectNames[p] }

// Forecast says what would become of one action, and why.
type Forecast struct {
	Plan    string // digest
	Action  string // the item's id
	Name    string
	Target  Target
	Would   Prospect
	Because string
}

// Foresee asks every target and says what would become of each action of a plan if it were carried out now. It changes nothing, neither
// at a target nor in the ledger. That each action before would take effect is assumed; that the plan is agreed is not asked.
func (c *Crew) Foresee(ctx context.Context, p *Plan) ([]Forecast, error) {
	begun, force, err := c.standing(ctx, p)
	if err != nil {
		return nil, err
	}
	var list []Forecast
	ahead, broken := 0, ""
	for i := range p.Items {
		item := &p.Items[i]
		f := Forecast{Plan: p.Digest, Action: item.ID, Name: item.Action, Target: item.Target, Would: ByPerson}
		if s := begun[item.ID]; s != nil {
			f.Would, f.Because = WasBegun, s.Outcome.String()+": "+s.Detail
			if s.Outcome == FailedOutcome || s.Outcome == Unverified {
				broken = item.ID
			}
		} else if item.Class != Task {
			f.Would, f.Because = c.foresee(ctx, item, broken, &force, ahead)
			if f.Would == WouldDo {
				force.add(item, c.Estate)
				ahead++
			}
		}
		list = append(list, f)
	}
	return list, ctx.Err()
}

func (c *Crew) foresee(ctx context.Context, i *Item, broken string, force *tally, ahead int) (Prospect, string) {
	before, o, why := c.look(ctx, i)
	switch {
	case o == Already:
		return WouldFind, why
	case why != "":
		return WouldRefuse, why
	}
	if why := c.bars(ctx, i, broken, force, ahead); why != "" {
		return WouldRefuse, why
	}
	return WouldDo, before.Detail
}

// AppendJSON appends the forecast as a document of kind forecast, version 1, on a line of its own.
func (f *Forecast) AppendJSON(b []byte) []byte {
	b = wire.Text(append(b, `{"kind":"forecast","version":1`...), "plan", f.Plan)
	b = wire.Text(wire.Text(b, "action", f.Action), "name", f.Name)
	b = wire.Word(f.Target.append(wire.Key(b, "target")), "would", f.Would.String())
	return append(wire.Text(b, "because", f.Because), '}', '\n')
}
