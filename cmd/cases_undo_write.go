package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
)

type casesUndoWriteOptions struct{ by string }

func newCasesUndoWrite(a *app, book *string) *cobra.Command {
	var o casesUndoWriteOptions
	c := &cobra.Command{
		Use:   "undo-write RUN|CASE",
		Short: "Take back what was written to other systems",
		Long: `Brings what entries said before a run wrote to them, or before anything was written about a case, back, the last first, and reads them
afterwards. An entry that somebody changed since is left as it is. Comments stay. The kill switch does not stop it.

EXIT STATUS
  0 done, 1 something was not taken back or nobody knows, 2 wrong command line or no such run or case`,
		Example: "  soc cases undo-write c-7f3a",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesUndoWrite(c.Context(), *book, args[0], o) },
	}
	c.Flags().StringVar(&o.by, "by", "", "who takes it back (default: $SOC_USER, then the login `NAME`)")
	return c
}

func (a *app) casesUndoWrite(ctx context.Context, path, name string, o casesUndoWriteOptions) error {
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	s, err := a.settings("")
	if err != nil {
		return err
	}
	return a.withBook(ctx, path, false, func(book *casebook.Book, out *bufio.Writer) error {
		w, err := a.scribe(s, book, by, true, out)
		if err != nil {
			return err
		}
		list, err := unwrite(ctx, w.clerk, book, name)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(a.IO.Err, "soc: nothing of that stands anywhere")
		}
		return a.outcome(list)
	})
}

// unwrite takes back what a run, or anybody about a case, wrote.
func unwrite(ctx context.Context, clerk *respond.Clerk, book *casebook.Book, name string) ([]respond.Receipt, error) {
	if err := clerk.Recover(ctx); err != nil {
		return nil, err
	}
	steps, err := written(ctx, book, name)
	if err != nil {
		return nil, err
	}
	return clerk.Undo(ctx, steps)
}

// written are the steps of a run, or those about a case.
func written(ctx context.Context, book *casebook.Book, name string) ([]respond.Step, error) {
	ledger := casebook.Ledger{Book: book}
	if strings.HasPrefix(name, "w-") {
		steps, err := ledger.Steps(ctx, name)
		if err == nil && len(steps) == 0 {
			err = usage(fmt.Errorf("%s: no run wrote under that name", name), "soc cases undo-write CASE")
		}
		return steps, err
	}
	c, err := book.Case(ctx, name)
	if err != nil {
		return nil, err
	}
	origins, err := book.Origins(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var all []respond.Step
	met := map[string]*cited{}
	for _, o := range origins {
		w := respond.Writing{Desk: o.Source, Item: o.Item}
		steps, err := ledger.On(ctx, w.Target().Value)
		if err != nil {
			return nil, err
		}
		for i := range steps {
			about, err := aboutCase(ctx, book, c.ID, o, steps[i].Item.Cites, met)
			if err != nil {
				return nil, err
			}
			if about {
				all = append(all, steps[i])
			}
		}
	}
	return all, nil
}

// cited is the case that a step cites, as it is by now.
type cited struct {
	id   string // empty: of a verdict that has no case
	from []casebook.Origin
}

func (c *cited) holds(item casebook.Origin) bool {
	return slices.ContainsFunc(c.from, func(o casebook.Origin) bool { return o.Source == item.Source && o.Item == item.Item })
}

// aboutCase tells whether what was written to an item of a case is about that case: also what was written about one that was merged into it,
// or that the item's alerts were taken out of.
func aboutCase(ctx context.Context, book *casebook.Book, id string, item casebook.Origin, cites []string, met map[string]*cited) (bool, error) {
	for _, cite := range cites {
		if met[cite] == nil {
			met[cite] = &cited{}
			c, err := book.Case(ctx, cite)
			if err == nil {
				met[cite].id = c.ID
				met[cite].from, err = book.Origins(ctx, c.ID)
			}
			if err != nil && !errors.Is(err, casebook.ErrNoCase) {
				return false, err
			}
		}
		if is := met[cite]; is.id == id || is.id != "" && !is.holds(item) {
			return true, nil
		}
	}
	return false, nil
}
