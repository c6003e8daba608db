package respond

import (
	"context"
	"fmt"
)

// Authority says what a machine may do by itself, at the moment when it is asked. Both methods are asked before every single action. An
// error means that it may not.
type Authority interface {
	// Grade returns how far a rung has come, under what proposed the action.
	Grade(ctx context.Context, r Rung, under string) (Grade, error)
	// Earlier says why the action is not repeated on its target without a person: it was done in this case before, or a person took it
	// back. Empty: it may.
	Earlier(ctx context.Context, p *Plan, i *Item) (string, error)
}

// Refuses says why a machine must not carry out an action of a plan without a person; empty when the grade allows it.
func (g *Grade) Refuses(p *Plan, i *Item) string {
	r := Rung{i.Action, p.Severity}
	switch {
	case p.Purpose != Alone:
		return "the plan is not one that a machine carries out alone"
	case g.Rung != r:
		return "nothing is known of " + r.String()
	case g.Level != Automatic:
		return fmt.Sprintf("%s is at level %s, not %s", r, g.Level, Automatic)
	case g.Under != i.Under:
		return "the level was given under another policy, weights, model or connector"
	case i.Confirmed == "":
		return "the threat is not confirmed"
	case i.Class != Reversible || i.Inverse == "" || i.TTL <= 0 || i.TTL > longestAlone:
		return "it is not reversible within " + longestAlone.String()
	}
	if why := r.tooGrave(); why != "" {
		return why
	}
	return ""
}

// Alone carries out the actions of a plan that the ladder lets a machine do without a person, one after the other, and no other. What
// Apply refuses is refused here, too; of the hour's cap half is left to people, whatever raises alerts meanwhile.
func (c *Crew) Alone(ctx context.Context, p *Plan, a Authority) ([]Receipt, error) {
	return c.apply(ctx, p, func(i *Item) string {
		g, err := a.Grade(ctx, Rung{i.Action, p.Severity}, i.Under)
		if err != nil {
			return "how far it has come is unknown: " + err.Error()
		}
		if why := g.Refuses(p, i); why != "" {
			return why
		}
		why, err := a.Earlier(ctx, p, i)
		if err != nil {
			return "what was done before is unknown: " + err.Error()
		}
		if why != "" {
			return why
		}
		switch n, err := c.Ledger.Since(ctx, c.Now().Add(-perHour)); {
		case err != nil:
			return "how much was done in the last hour is unknown: " + err.Error()
		case n >= max(1, c.Limits.WithDefaults().PerHour/2):
			return fmt.Sprintf("cap: %d actions within the hour; the rest is kept for people", n)
		}
		return ""
	})
}
