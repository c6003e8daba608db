package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

type casesCloseOptions struct {
	as, reason, by      string
	confirmed, asserted bool
}

func newCasesClose(a *app, book *string) *cobra.Command {
	var o casesCloseOptions
	c := &cobra.Command{
		Use:   "close CASE --as DISPOSITION --reason TEXT",
		Short: "Close a case and say what it was",
		Long: `Closes a case with a decision on each of its verdicts. A decision is asserted unless --confirmed says that the case
was investigated.

EXIT STATUS
  0 done, 1 failed or closed already, 2 wrong command line or no such case`,
		Example: "  soc cases close c-7f3a --as true_positive --reason 'token stolen, see INC-12' --confirmed",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesClose(c.Context(), *book, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.as, "as", "", "what it was: true_positive, benign_positive, false_positive, undetermined")
	f.StringVar(&o.reason, "reason", "", "why, in a sentence")
	f.StringVar(&o.by, "by", "", "who says so (default: $SOC_USER, then the login `NAME`)")
	f.BoolVar(&o.confirmed, "confirmed", false, "it was investigated")
	f.BoolVar(&o.asserted, "asserted", false, "it was not (the default)")
	c.MarkFlagsMutuallyExclusive("confirmed", "asserted")
	return c
}

func (a *app) casesClose(ctx context.Context, path, name string, o casesCloseOptions) error {
	const hint = "soc cases close CASE --as false_positive --reason 'backup job'"
	d := triage.Decision{Reason: strings.TrimSpace(o.reason), Certainty: triage.Asserted}
	var ok bool
	if d.Disposition, ok = triage.DispositionOf(o.as); !ok {
		return usage(fmt.Errorf("--as %q: not true_positive, benign_positive, false_positive or undetermined", o.as), hint)
	}
	if d.Reason == "" {
		return usage(errors.New("closing a case needs a reason"), hint)
	}
	if o.confirmed {
		d.Certainty = triage.Confirmed
	}
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		d.By = by
		id, err := book.Decide(ctx, name, d)
		return id, fmt.Sprintf("closed %s as %s (%s)", id, d.Disposition, d.Certainty), err
	})
}

type casesWordOptions struct{ reason, by string }

func newCasesReopen(a *app, book *string) *cobra.Command {
	var o casesWordOptions
	c := &cobra.Command{
		Use:   "reopen CASE --reason TEXT",
		Short: "Open a closed case again and take its decision back",
		Long: `Opens a closed case again. The decisions on its verdicts stay on record and count no more.

EXIT STATUS
  0 done, 1 failed or open already, 2 wrong command line or no such case`,
		Example: "  soc cases reopen c-7f3a --reason 'seen on two more hosts'",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesReopen(c.Context(), *book, args[0], o) },
	}
	o.flags(c)
	return c
}

func (a *app) casesReopen(ctx context.Context, path, name string, o casesWordOptions) error {
	reason := strings.TrimSpace(o.reason)
	if reason == "" {
		return usage(errors.New("reopening a case needs a reason"), "soc cases reopen CASE --reason 'seen on two more hosts'")
	}
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		id, err := book.Reopen(ctx, name, by, reason)
		return id, "reopened " + id, err
	})
}

func newCasesNote(a *app, book *string) *cobra.Command {
	var o casesWordOptions
	c := &cobra.Command{
		Use:   "note CASE TEXT",
		Short: "Add a note to a case",
		Long: `Adds a note to a case, open or closed. Notes are never changed or removed.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no such case`,
		Example: "  soc cases note c-7f3a 'asked the owner, no answer yet'",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.casesNote(c.Context(), *book, args[0], args[1], o)
		},
	}
	c.Flags().StringVar(&o.by, "by", "", "who says so (default: $SOC_USER, then the login `NAME`)")
	return c
}

func (a *app) casesNote(ctx context.Context, path, name, text string, o casesWordOptions) error {
	if strings.TrimSpace(text) == "" {
		return usage(errors.New("an empty note"), "soc cases note CASE 'asked the owner'")
	}
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		id, err := book.Note(ctx, name, by, text)
		return id, "noted on " + id, err
	})
}

// casesDo is one write by a person; it prints what was done, or the case as it is now.
func (a *app) casesDo(ctx context.Context, path, by string, do func(book *casebook.Book, by string) (id, said string, err error)) error {
	by, err := a.person(by)
	if err != nil {
		return err
	}
	return a.withBook(ctx, path, false, func(book *casebook.Book, out *bufio.Writer) error {
		id, said, err := do(book, by)
		if err != nil {
			return err
		}
		if !a.wantsJSON() {
			fmt.Fprintln(out, term.Clean(said))
			return nil
		}
		c, err := book.Case(ctx, id)
		if err != nil {
			return err
		}
		_, err = out.Write(append(appendCase(nil, c), '\n'))
		return err
	})
}
