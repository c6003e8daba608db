package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/tui"
)

type casesTendOptions struct {
	to, until, by string
	nobody, now   bool
}

func newCasesAssign(a *app, book *string) *cobra.Command {
	var o casesTendOptions
	c := &cobra.Command{
		Use:   "assign CASE",
		Short: "Say who looks after a case",
		Long: `Assigns an open case to whoever says so, or to --to NAME; --nobody takes the name away.

EXIT STATUS
  0 done, 1 failed or the case is closed, 2 wrong command line or no such case`,
		Example: "  soc cases assign c-7f3a\n  soc cases assign c-7f3a --to maria\n  soc cases assign c-7f3a --nobody",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesAssign(c.Context(), *book, args[0], o) },
	}
	c.Flags().StringVar(&o.to, "to", "", "who looks after it: a `NAME` (default: you)")
	c.Flags().BoolVar(&o.nobody, "nobody", false, "nobody does")
	c.Flags().StringVar(&o.by, "by", "", "who says so (default: $SOC_USER, then the login `NAME`)")
	c.MarkFlagsMutuallyExclusive("to", "nobody")
	return c
}

func (a *app) casesAssign(ctx context.Context, path, name string, o casesTendOptions) error {
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		owner := o.to
		if owner == "" && !o.nobody {
			owner = by
		}
		did, err := book.Assign(ctx, name, owner, by)
		said := did.Case + " assigned to " + owner
		if owner == "" {
			said = did.Case + " assigned to nobody"
		}
		return did.Case, said, err
	})
}

func newCasesSnooze(a *app, book *string) *cobra.Command {
	var o casesTendOptions
	c := &cobra.Command{
		Use:   "snooze CASE --until TIME",
		Short: "Put a case aside until a time",
		Long: `Puts an open case aside. It comes back by itself when the time has come, or with the first alert that joins it; --now brings it back at once.
Times are in UTC: 90m, 4h, 3d, 2w, 18:00, tomorrow, friday (at eight), 2026-03-09, "2026-03-09 18:00".

EXIT STATUS
  0 done, 1 failed or the case is closed, 2 wrong command line or no such case`,
		Example: "  soc cases snooze c-7f3a --until 4h\n  soc cases list --state snoozed\n  soc cases snooze c-7f3a --now",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesSnooze(c.Context(), *book, args[0], o) },
	}
	c.Flags().StringVar(&o.until, "until", "", "until when: a `TIME`, or how long")
	c.Flags().BoolVar(&o.now, "now", false, "bring it back now")
	c.Flags().StringVar(&o.by, "by", "", "who says so (default: $SOC_USER, then the login `NAME`)")
	c.MarkFlagsMutuallyExclusive("until", "now")
	return c
}

func (a *app) casesSnooze(ctx context.Context, path, name string, o casesTendOptions) error {
	var until time.Time
	if !o.now {
		if o.until == "" {
			return usage(errors.New("snoozing a case needs a time"), "soc cases snooze CASE --until 4h")
		}
		var err error
		if until, err = tui.ParseUntil(o.until, a.Now()); err != nil {
			return usage(fmt.Errorf("--until: %w", err), "soc cases snooze CASE --until 4h")
		}
	}
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		did, err := book.Snooze(ctx, name, until, by)
		said := did.Case + " snoozed until " + render.Moment(until)
		if until.IsZero() {
			said = did.Case + " brought back"
		}
		return did.Case, said, err
	})
}
