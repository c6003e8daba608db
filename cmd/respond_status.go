package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

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

// How far a plan has come, in words that lead to a next step.
const (
	isExpired  = "expired"
	isReplaced = "replaced by "
	isWaiting  = "waits for approval"
	isAgreed   = "approved"
	isForced   = " in force"
	isBroken   = " failed or unverified"
)

// next is what a person may do about a plan that has come so far; empty when nothing is due.
func next(p *respond.Plan, how string) string {
	switch {
	case how == isWaiting:
		return render.ApproveCommand(p)
	case how == isAgreed:
		return "soc respond apply " + p.ID + " --execute"
	case how == isExpired && p.Case != "":
		return "soc respond plan " + p.Case
	case strings.HasPrefix(how, isReplaced):
		return "soc respond status " + strings.TrimPrefix(how, isReplaced)
	case strings.HasSuffix(how, isForced):
		return "soc respond undo " + p.ID
	}
	return ""
}

// standing says how far a plan has come.
func (r *responder) standing(ctx context.Context, book *casebook.Book, p *respond.Plan) (string, []respond.Step, error) {
	steps, err := casebook.Ledger{Book: book}.Steps(ctx, p.Digest)
	if err != nil {
		return "", nil, err
	}
	open, bad := 0, 0
	for i := range steps {
		if steps[i].Stage != respond.Ended {
			open++
		}
		if steps[i].Outcome == respond.FailedOutcome || steps[i].Outcome == respond.Unverified {
			bad++
		}
	}
	switch {
	case bad > 0:
		return strconv.Itoa(bad) + isBroken, steps, nil
	case open > 0:
		return strconv.Itoa(open) + isForced, steps, nil
	case len(steps) > 0:
		return "taken back", steps, nil
	}
	switch err := r.agreed(ctx, book, p); {
	case errors.Is(err, respond.ErrExpired):
		return isExpired, nil, nil
	case errors.Is(err, respond.ErrPurpose):
		return string(p.Purpose), nil, nil
	case errors.Is(err, respond.ErrReplaced):
		newer, err := book.Newer(ctx, p)
		return isReplaced + newer, nil, err
	case err != nil:
		return isWaiting, nil, nil
	case p.Needs() == respond.Nobody:
		return "tasks for people", nil, nil
	}
	return isAgreed, nil, nil
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
	how, steps, err := r.standing(ctx, book, p)
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
		if command := next(p, how); command != "" {
			b = paper.Next(b, term.Clean(command))
		}
	}
	for i := range list {
		if r.app.wantsJSON() {
			b = list[i].AppendJSON(b)
		} else {
			b = paper.Approval(b, &list[i])
		}
	}
	for i := range steps {
		rec := steps[i].Receipt()
		if r.app.wantsJSON() {
			b = rec.AppendJSON(b)
		} else {
			b = paper.Receipt(b, &rec)
		}
	}
	_, err = out.Write(b)
	return err
}
