package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

type applyOptions struct {
	book, by string
	execute  bool
}

func newApply(a *app) *cobra.Command {
	var o applyOptions
	c := &cobra.Command{
		Use:   "apply PLAN [--execute]",
		Short: "Carry out an approved plan, or show what that would do",
		Long: `Apply checks a plan's digest, expiry and approvals, and says of each action what would become of it now: its target is asked for its
state, and nothing is done. A plan that is not approved yet is shown, too. With --execute it does it: one action after the
other, each written down before it runs and verified at its target afterwards. It refuses an action whose target was changed since
the plan was made, that is protected, or that would take away too much. An action that cannot be verified stops those behind it.
What a run left unfinished that was killed is asked for at its target, never sent again blindly.

EXIT STATUS
  0 done, 1 an action failed or could not be verified, 2 wrong command line or a plan that does not hold, 3 not approved, 130 interrupted`,
		Example: "  soc respond apply p-7f3a || test $? -eq 3\n  soc respond apply p-7f3a --execute || test $? -eq 3",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.apply(c.Context(), o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.StringVar(&o.by, "by", "", "who carries it out (default: $SOC_USER, then the login `NAME`)")
	f.BoolVar(&o.execute, "execute", false, "do it; without this nothing is done")
	return c
}

func (a *app) apply(ctx context.Context, o applyOptions, name string) error {
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	r, err := a.responder(contextOptions{})
	if err != nil {
		return err
	}
	return a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) error {
		p, err := book.Plan(ctx, name)
		if err != nil {
			return planError(err)
		}
		agreed := r.agreed(ctx, book, &p)
		if !o.execute && (agreed == nil || errors.Is(agreed, respond.ErrUnapproved)) {
			if err := r.rehearse(ctx, book, out, &p); err != nil {
				return err
			}
		}
		if errors.Is(agreed, respond.ErrUnapproved) || errors.Is(agreed, respond.ErrStale) || errors.Is(agreed, respond.ErrRisk) {
			return &failure{agreed, statusNeedsPerson, render.ApproveCommand(&p)}
		}
		if agreed != nil {
			return planError(agreed)
		}
		if !slices.ContainsFunc(p.Items, func(i respond.Item) bool { return i.Class != respond.Task }) {
			fmt.Fprintln(a.IO.Err, "soc: all of the plan is for people: there is nothing that --execute could do")
			return nil
		}
		if !o.execute {
			fmt.Fprintln(a.IO.Err, "soc: nothing was done; with --execute it is")
			return nil
		}
		crew, err := r.crew(ctx, book, by, a.teller(out))
		if err != nil {
			return err
		}
		list, err := crew.Apply(ctx, &p)
		r.herald.flush(ctx)
		if err != nil {
			return err
		}
		if takenBack(list) {
			return &failure{errTakenBack, statusFailed, "soc respond plan " + p.Case}
		}
		return a.outcome(list)
	})
}

var errTakenBack = errors.New("nothing was done: all of the plan was taken back before")

// takenBack tells whether all that was ever done of a plan was taken back.
func takenBack(list []respond.Receipt) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(r respond.Receipt) bool { return r.Outcome != respond.Undone })
}

// agreed checks the approvals of a plan, and that their signatures still hold under the approvers of today.
func (r *responder) agreed(ctx context.Context, book *casebook.Book, p *respond.Plan) error {
	if err := current(ctx, book, p); err != nil {
		return err
	}
	approvers, err := r.s.trusted()
	if err != nil {
		return err
	}
	list, err := book.Approvals(ctx, p.Digest)
	if err != nil {
		return err
	}
	for i := range list {
		if err := vouched(approvers, p, &list[i]); err != nil {
			return err
		}
	}
	return respond.Agreed(p, list, r.app.Now())
}

// current refuses a plan whose place a newer one of the same case has taken.
func current(ctx context.Context, book *casebook.Book, p *respond.Plan) error {
	if p.Purpose != respond.ForPeople {
		return fmt.Errorf("%w (%s)", respond.ErrPurpose, p.Purpose)
	}
	newer, err := book.Newer(ctx, p)
	if err == nil && newer != "" {
		err = fmt.Errorf("%w (%s)", respond.ErrReplaced, newer)
	}
	return err
}

func (a *app) planText(p *respond.Plan) []byte {
	if a.wantsJSON() {
		return p.AppendJSON(nil)
	}
	paper := render.NewPaper(a.IO)
	return paper.Plan(nil, p, false)
}

// teller prints each receipt as soon as it is certain.
func (a *app) teller(out *bufio.Writer) func(respond.Receipt) {
	paper := render.NewPaper(a.IO)
	return func(r respond.Receipt) {
		if a.wantsJSON() {
			_, _ = out.Write(r.AppendJSON(nil))
		} else {
			_, _ = out.Write(paper.Receipt(nil, &r))
		}
		_ = out.Flush() // a reader that went away does not stop what was begun
	}
}

// outcome is the exit status of what was carried out.
func (a *app) outcome(list []respond.Receipt) error {
	bad := 0
	for i := range list {
		switch list[i].Outcome {
		case respond.FailedOutcome, respond.Unverified, respond.RefusedOutcome:
			bad++
		case respond.Done, respond.Already, respond.Undone:
		}
	}
	if bad > 0 {
		return &failure{fmt.Errorf("%d of %d actions did not take effect, or nobody knows", bad, len(list)), statusFailed, "soc respond status"}
	}
	return nil
}

type undoOptions struct {
	book, by, wrong string
	expired         bool
}

func newUndo(a *app) *cobra.Command {
	var o undoOptions
	c := &cobra.Command{
		Use:   "undo PLAN [ACTION] | --all-expired",
		Short: "Take back what a plan did",
		Long: `Undo brings the targets of a plan's actions back to the state from before, the last action first, and verifies it. It needs no approval, and
the kill switch does not stop it. --all-expired takes back whatever has outlived its time, of all plans. --wrong says that the action
should not have been done, or proposed, whether or not it is in force: that counts against it (soc respond promote).

EXIT STATUS
  0 done, 1 an action could not be taken back or verified, 2 wrong command line or no such plan`,
		Example: "  soc respond undo p-7f3a a1\n  soc respond undo --all-expired",
		Args:    cobra.MaximumNArgs(2),
		RunE:    func(c *cobra.Command, args []string) error { return a.undo(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.StringVar(&o.by, "by", "", "who takes it back (default: $SOC_USER, then the login `NAME`)")
	f.StringVar(&o.wrong, "wrong", "", "it was wrong, for this `REASON`")
	f.BoolVar(&o.expired, "all-expired", false, "take back what has outlived its time, of all plans")
	return c
}

func (a *app) undo(ctx context.Context, o undoOptions, args []string) error {
	if o.expired == (len(args) > 0) {
		return usage(errors.New("either a plan or --all-expired says what to take back"), "soc respond undo PLAN")
	}
	if o.wrong != "" && len(args) != 2 {
		return usage(errors.New("--wrong is said of one action of a plan"), "soc respond undo PLAN ACTION --wrong REASON")
	}
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	r, err := a.responder(contextOptions{})
	if err != nil {
		return err
	}
	return a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) error {
		chosen := respond.Due(a.Now())
		if !o.expired {
			p, err := book.Plan(ctx, args[0])
			if err != nil {
				return planError(err)
			}
			if len(args) == 2 && !slices.ContainsFunc(p.Items, func(i respond.Item) bool { return i.ID == args[1] }) {
				return usage(fmt.Errorf("plan %s has no action %s", p.ID, args[1]), "soc respond status "+p.ID)
			}
			if o.wrong != "" {
				if err := book.CallWrong(ctx, p.Digest, args[1], by, o.wrong); err != nil {
					return err
				}
			}
			chosen = func(s *respond.Step) bool {
				return s.Plan == p.Digest && (len(args) == 1 || s.Item.ID == args[1])
			}
		}
		crew, err := r.crew(ctx, book, by, a.teller(out))
		if err != nil {
			return err
		}
		list, err := crew.Undo(ctx, chosen)
		r.herald.flush(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(a.IO.Err, "soc: nothing of that is in force")
		}
		return a.outcome(list)
	})
}
