package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

func newRespondStatus(a *app) *cobra.Command {
	var book string
	c := &cobra.Command{
		Use:   "status [PLAN]",
		Short: "Show plans, who agreed to them and what was done",
		Long: `Status lists the plans of the casebook, the latest first, with how far each has come; or one plan whole, with its approvals and
receipts. It changes nothing.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no such plan`,
		Example: "  soc respond status\n  soc respond status p-7f3a",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.respondStatus(c.Context(), book, args) },
	}
	c.Flags().StringVar(&book, "book", "", "the casebook `FILE`")
	return c
}

func (a *app) respondStatus(ctx context.Context, path string, args []string) error {
	s, err := a.settings("")
	if err != nil {
		return err
	}
	r := &responder{app: a, s: s}
	return a.withBook(ctx, path, true, func(book *casebook.Book, out *bufio.Writer) error {
		if len(args) == 1 {
			p, err := book.Plan(ctx, args[0])
			if err != nil {
				return planError(err)
			}
			return r.showPlan(ctx, book, out, &p)
		}
		none := true
		err := book.Plans(ctx, func(p respond.Plan, err error) error {
			none = false
			if err != nil {
				fmt.Fprintf(a.IO.Err, "soc: %v\n", err)
				return nil
			}
			return r.listPlan(ctx, book, out, &p)
		})
		if err == nil && none {
			fmt.Fprintln(a.IO.Err, "soc: no plan was made yet: soc respond plan CASE makes one")
		}
		return err
	})
}

// progress is how far a plan has come.
type progress struct {
	how      string
	next     string // what a person may do about it; empty: nothing is due
	receipts []respond.Receipt
}

func (r *responder) standing(ctx context.Context, book *casebook.Book, p *respond.Plan) (is progress, err error) {
	steps, err := casebook.Ledger{Book: book}.Steps(ctx, p.Digest)
	if err != nil {
		return is, err
	}
	errand, err := book.Errand(ctx, p.Digest)
	if err != nil {
		return is, err
	}
	open, bad, refused := 0, 0, 0
	for i := range steps {
		if steps[i].Stage != respond.Ended {
			open++
		}
		if steps[i].Outcome == respond.FailedOutcome || steps[i].Outcome == respond.Unverified {
			bad++
		}
		is.receipts = append(is.receipts, steps[i].Receipt())
	}
	if errand != nil {
		for i := range errand.Rest {
			if errand.Rest[i].Outcome == respond.RefusedOutcome {
				refused++
			}
		}
		is.receipts = append(is.receipts, errand.Rest...)
	}
	switch {
	case bad > 0:
		is.how = fmt.Sprintf("%d failed or unverified", bad)
	case open > 0:
		is.how, is.next = fmt.Sprintf("%d in force", open), "soc respond undo "+p.ID
	case len(steps) > 0:
		is.how = "taken back"
	case refused > 0:
		is.how = fmt.Sprintf("%d refused", refused)
		return is, nil
	default:
		is.how, is.next, err = r.agreement(ctx, book, p)
		if errand != nil && errand.Ended.IsZero() {
			is.how += ", for a watch"
		}
		return is, err
	}
	if refused > 0 {
		is.how += fmt.Sprintf(", %d refused", refused)
	}
	return is, nil
}

// agreement says of a plan of which nothing was begun whether it can be, and what comes next.
func (r *responder) agreement(ctx context.Context, book *casebook.Book, p *respond.Plan) (how, next string, err error) {
	switch err := r.agreed(ctx, book, p); {
	case errors.Is(err, respond.ErrExpired) && p.Case != "":
		return "expired", "soc respond plan " + p.Case, nil
	case errors.Is(err, respond.ErrExpired):
		return "expired", "", nil
	case errors.Is(err, respond.ErrPurpose):
		return string(p.Purpose), "", nil
	case errors.Is(err, respond.ErrReplaced):
		newer, err := book.Newer(ctx, p)
		return "replaced by " + newer, "soc respond status " + newer, err
	case err != nil:
		return "waits for approval", render.ApproveCommand(p), nil
	case p.Needs() == respond.Nobody:
		return "tasks for people", "", nil
	}
	return "approved", "soc respond apply " + p.ID + " --execute", nil
}

func (r *responder) listPlan(ctx context.Context, book *casebook.Book, out *bufio.Writer, p *respond.Plan) error {
	if r.app.wantsJSON() {
		_, err := out.Write(p.AppendJSON(nil))
		return err
	}
	is, err := r.standing(ctx, book, p)
	if err != nil {
		return err
	}
	paper := render.NewPaper(r.app.IO)
	_, err = out.Write(paper.PlanLine(nil, p, is.how))
	return err
}

func (r *responder) showPlan(ctx context.Context, book *casebook.Book, out *bufio.Writer, p *respond.Plan) error {
	is, err := r.standing(ctx, book, p)
	if err != nil {
		return err
	}
	list, err := book.Approvals(ctx, p.Digest)
	if err != nil {
		return err
	}
	paper := render.NewPaper(r.app.IO)
	b := r.app.planText(p)
	if !r.app.wantsJSON() {
		b = fmt.Appendf(b, "%s: %s\n", p.ID, is.how)
		if e, err := book.Errand(ctx, p.Digest); err != nil {
			return err
		} else if e != nil && e.Why != "" {
			b = append(b, term.Clean("not carried out: "+e.Why)+"\n"...)
		}
		if is.next != "" {
			b = paper.Next(b, term.Clean(is.next))
		}
	}
	for i := range list {
		if r.app.wantsJSON() {
			b = list[i].AppendJSON(b)
		} else {
			b = paper.Approval(b, &list[i])
		}
	}
	for i := range is.receipts {
		if r.app.wantsJSON() {
			b = is.receipts[i].AppendJSON(b)
		} else {
			b = paper.Receipt(b, &is.receipts[i])
		}
	}
	_, err = out.Write(b)
	return err
}
