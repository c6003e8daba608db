package cmd

import (
	"bufio"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
)

type drillOptions struct {
	book, by string
	times    int
	execute  bool
}

func newDrill(a *app) *cobra.Command {
	var o drillOptions
	c := &cobra.Command{
		Use:   "drill ACTION [--times N] [--execute]",
		Short: "Practise the way back of an action on a harmless target",
		Long: `Drill carries an action out on the harmless target that soc.yaml names for it under respond.drills, an address for documentation or an account
that nobody uses, verifies it there, takes it back at once and verifies that. How long that takes, and whether it works, counts for
the level of the action (soc respond promote). Everything that keeps an action from being carried out keeps a drill from it, but for
documentation addresses. Without --execute it says what it would do.

EXIT STATUS
  0 done, 1 a drill failed, 2 wrong command line`,
		Example: "  soc respond drill block-ip",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.drill(c.Context(), o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.StringVar(&o.by, "by", "", "who practises (default: $SOC_USER, then the login `NAME`)")
	f.IntVar(&o.times, "times", 1, "how often, `N` from 1 to 100")
	f.BoolVar(&o.execute, "execute", false, "do it; without this nothing is done")
	return c
}

func (a *app) drill(ctx context.Context, o drillOptions, action string) error {
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	r, err := a.responder(contextOptions{})
	if err != nil {
		return err
	}
	entry, ok := respond.Catalogue()[action]
	target := r.s.Respond.Drills[action]
	switch {
	case !ok || entry.Class != respond.Reversible:
		return usage(fmt.Errorf("%s is no action that is taken back", action), "soc respond drill block-ip --execute")
	case target == "":
		return usage(fmt.Errorf("no harmless target is named for %s", action), "in soc.yaml: respond: {drills: {"+action+": 192.0.2.1}}")
	case o.times < 1 || o.times > 100:
		return usage(fmt.Errorf("--times %d: from 1 to 100", o.times), "soc respond drill "+action+" --times 20 --execute")
	}
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		r.guard.Reachable = append(slices.Clone(r.guard.Reachable), netip.MustParsePrefix(p))
	}
	want := respond.Want{Action: action, Target: respond.Target{Type: entry.Targets[0], Value: target}, Why: "the way back is practised"}
	return a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) error {
		var list []respond.Receipt
		for range o.times {
			one, err := r.practise(ctx, book, out, want, by, o.execute)
			if err != nil {
				return err
			}
			if list = append(list, one...); !o.execute || a.outcome(one) != nil {
				break
			}
		}
		r.herald.flush(ctx)
		return a.outcome(list)
	})
}

// practise does one drill. What it did is taken back even when the run is interrupted.
func (r *responder) practise(ctx context.Context, book *casebook.Book, out *bufio.Writer, want respond.Want, by string, execute bool) ([]respond.Receipt, error) {
	set := r.planning(ctx, by)
	set.Purpose, set.Level = respond.Drill, nil
	p := respond.Propose(respond.Situation{Wants: []respond.Want{want}}, set)
	switch {
	case len(p.Refused) > 0:
		return nil, usage(fmt.Errorf("%s %s: %s", want.Action, want.Target.Value, p.Refused[0].Because), "in soc.yaml: respond: {drills: {"+want.Action+": TARGET}}")
	case p.Items[0].Class == respond.Task:
		return nil, usage(fmt.Errorf("no driver is configured for %s", want.Action), "soc doctor")
	case p.Items[0].Done:
		return nil, usage(fmt.Errorf("%s %s is in force already: it is no target to practise on", want.Action, want.Target.Value), "soc respond status")
	case !execute:
		if err := r.rehearse(ctx, book, out, &p); err != nil {
			return nil, err
		}
		r.say("nothing was done; with --execute it is, and taken back")
		return nil, nil
	}
	if err := book.KeepPlan(ctx, &p); err != nil {
		return nil, err
	}
	crew, err := r.crew(ctx, book, by, r.app.teller(out))
	if err != nil {
		return nil, err
	}
	list, err := crew.Apply(ctx, &p)
	back, uerr := crew.Undo(context.WithoutCancel(ctx), func(s *respond.Step) bool { return s.Plan == p.Digest })
	if err == nil {
		err = uerr
	}
	return append(list, back...), err
}
