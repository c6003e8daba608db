package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
)

func newCasesMerge(a *app, book *string) *cobra.Command {
	var o casesWordOptions
	c := &cobra.Command{
		Use:   "merge CASE OTHER... --reason TEXT",
		Short: "Make one case of several",
		Long: `Puts the verdicts of the other cases into the first, which keeps its id; theirs lead to it from then on. All must be open. The cases stay
one, whatever soc investigate finds; soc cases split takes it back.

EXIT STATUS
  0 done, 1 failed or a case is closed, 2 wrong command line or no such case`,
		Example: "  soc cases merge c-7f3a c-4a55 --reason 'the same phishing mail'\n  soc cases split c-7f3a v-4a55 --reason 'it was another mail'",
		Args:    cobra.MinimumNArgs(2),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesMerge(c.Context(), *book, args, o) },
	}
	o.flags(c)
	return c
}

func newCasesSplit(a *app, book *string) *cobra.Command {
	var o casesWordOptions
	c := &cobra.Command{
		Use:   "split CASE VERDICT... --reason TEXT",
		Short: "Take verdicts out of a case into one of their own",
		Long: `Puts verdicts of an open case into a case of their own and prints its id. The two stay apart, whatever soc investigate finds; soc cases
merge takes it back. soc cases show names the verdicts of a case.

EXIT STATUS
  0 done, 1 failed or the case is closed, 2 wrong command line or no such case or verdict`,
		Example: "  soc cases merge c-7f3a c-4a55 --reason 'one intruder'\n  soc cases split c-7f3a v-4a55 --reason 'no, the scanner'",
		Args:    cobra.MinimumNArgs(2),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesSplit(c.Context(), *book, args, o) },
	}
	o.flags(c)
	return c
}

func (o *casesWordOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.reason, "reason", "", "why, in a sentence")
	c.Flags().StringVar(&o.by, "by", "", "who says so (default: $SOC_USER, then the login `NAME`)")
}

func (a *app) casesMerge(ctx context.Context, path string, args []string, o casesWordOptions) error {
	reason := strings.TrimSpace(o.reason)
	if reason == "" {
		return usage(errors.New("merging cases needs a reason"), "soc cases merge CASE OTHER --reason 'the same phishing mail'")
	}
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		id, err := book.Merge(ctx, args[0], args[1:], by, reason)
		return id, fmt.Sprintf("merged %s into %s", strings.Join(args[1:], ", "), id), err
	})
}

func (a *app) casesSplit(ctx context.Context, path string, args []string, o casesWordOptions) error {
	reason := strings.TrimSpace(o.reason)
	if reason == "" {
		return usage(errors.New("splitting a case needs a reason"), "soc cases split CASE VERDICT --reason 'the scanner, not the intruder'")
	}
	return a.casesDo(ctx, path, o.by, func(book *casebook.Book, by string) (string, string, error) {
		id, err := book.Split(ctx, args[0], args[1:], by, reason)
		return id, fmt.Sprintf("split %s into %s", strings.Join(args[1:], ", "), id), err
	})
}
