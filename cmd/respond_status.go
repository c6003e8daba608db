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
		return book.Plans(ctx, func(p respond.Plan, err error) error {
			if err != nil {
				fmt.Fprintf(a.IO.Err, "soc: %v\n", err)
				return nil
			}
			return r.listPlan(ctx, book, out, &p)
		})
	})
}

// standing says how far a plan has come, and what came of it.
func (r *responder) standing(ctx context.Context, book *casebook.Book, p *respond.Plan) (how string, list []respond.Receipt, err error) {
	steps, err := casebook.Ledger{Book: book}.Steps(ctx, p.Digest)
	if err != nil {
		return "", nil, err
	}
	errand, err := book.Errand(ctx, p.Digest)
	if err != nil {
		return "", nil, err
	}
	open, bad, refused := 0, 0, 0
	for i := range steps {
		if steps[i].Stage != respond.Ended {
			open++
		}
		if steps[i].Outcome == respond.FailedOutcome || steps[i].Outcome == respond.Unverified {
			bad++
		}
		list = append(list, steps[i].Receipt())
	}
	if errand != nil {
		for i := range errand.Rest {
			if errand.Rest[i].Outcome == respond.RefusedOutcome {
				refused++
			}
		}
		list = append(list, errand.Rest...)
	}
	switch {
	case bad > 0:
		how = fmt.Sprintf("%d failed or unverified", bad)
	case open > 0:
		how = fmt.Sprintf("%d in force", open)
	case len(steps) > 0:
		how = "taken back"
	case refused > 0:
		return fmt.Sprintf("%d refused", refused), list, nil
	default:
		how, err = r.agreement(ctx, book, p)
		if errand != nil && errand.Ended.IsZero() {
			how += ", for a watch"
		}
		return how, list, err
	}
	if refused > 0 {
		how += fmt.Sprintf(", %d refused", refused)
	}
	return how, list, nil
}

// agreement says of a plan of which nothing was begun whether it can be.
func (r *responder) agreement(ctx context.Context, book *casebook.Book, p *respond.Plan) (string, error) {
	switch err := r.agreed(ctx, book, p); {
	case errors.Is(err, respond.ErrExpired):
		return "expired", nil
	case errors.Is(err, respond.ErrPurpose):
		return string(p.Purpose), nil
	case errors.Is(err, respond.ErrReplaced):
		newer, err := book.Newer(ctx, p)
		return "replaced by " + newer, err
	case err != nil:
		return "waits for approval", nil
	case p.Needs() == respond.Nobody:
		return "tasks for people", nil
	}
	return "approved", nil
}

func (r *responder) listPlan(ctx context.Context, book *casebook.Book, out *bufio.Writer, p *respond.Plan) error {
	if r.app.wantsJSON() {
		_, err := out.Write(p.AppendJSON(nil))
		return err
	}
	how, _, err := r.standing(ctx, book, p)
	if err != nil {
		return err
	}
	paper := render.NewPaper(r.app.IO)
	_, err = out.Write(paper.PlanLine(nil, p, how))
	return err
}

func (r *responder) showPlan(ctx context.Context, book *casebook.Book, out *bufio.Writer, p *respond.Plan) error {
	how, receipts, err := r.standing(ctx, book, p)
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
		b = fmt.Appendf(b, "%s: %s\n", p.ID, how)
		if e, err := book.Errand(ctx, p.Digest); err != nil {
			return err
		} else if e != nil && e.Why != "" {
			b = append(b, term.Clean("not carried out: "+e.Why)+"\n"...)
		}
	}
	for i := range list {
		if r.app.wantsJSON() {
			b = list[i].AppendJSON(b)
		} else {
			b = paper.Approval(b, &list[i])
		}
	}
	for i := range receipts {
		if r.app.wantsJSON() {
			b = receipts[i].AppendJSON(b)
		} else {
			b = paper.Receipt(b, &receipts[i])
		}
	}
	_, err = out.Write(b)
	return err
}
