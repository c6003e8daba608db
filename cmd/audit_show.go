package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
)

type auditShowOptions struct {
	book, about string
	from        int64
	limit       int
	all         bool // --limit was not given
}

func newAuditShow(a *app, book *string) *cobra.Command {
	var o auditShowOptions
	c := &cobra.Command{
		Use:   "show",
		Short: "Show what the journal says: who wrote what to the casebook, and when",
		Long: `Shows the records of the journal in order, the newest ones unless --from or --case says otherwise. As JSON they are documents
of kind journal.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no casebook`,
		Example: "  soc triage alerts.json\n  soc audit show\n  soc audit show --from 1 --json > journal.ndjson",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.book, o.all = *book, !c.Flags().Changed("limit")
			return a.auditShow(c.Context(), o)
		},
	}
	f := c.Flags()
	f.Int64Var(&o.from, "from", 0, "begin with record `N`")
	f.IntVar(&o.limit, "limit", 50, "at most `N` records, 0 for all (JSON: all, unless given)")
	f.StringVar(&o.about, "case", "", "only what was done to `CASE`")
	return c
}

var errEnough = errors.New("enough")

func (a *app) auditShow(ctx context.Context, o auditShowOptions) error {
	if o.limit < 0 || o.from < 0 {
		return usage(errors.New("--from and --limit are 0 or more"), "soc audit show --limit 0")
	}
	if a.wantsJSON() && o.all {
		o.limit = 0
	}
	return a.withBook(ctx, o.book, true, func(book *casebook.Book, out *bufio.Writer) error {
		about := ""
		if o.about != "" {
			c, err := book.Case(ctx, o.about)
			if err != nil {
				return err
			}
			about = c.ID
		}
		from := o.from
		if from == 0 && about == "" && o.limit > 0 {
			last, _, err := book.Head(ctx)
			if err != nil {
				return err
			}
			from = last - int64(o.limit) + 1
		}
		n := 0
		err := book.Journal(ctx, from, func(r *casebook.Record) error {
			if about != "" && !concerns(r, about) {
				return nil
			}
			if n++; o.limit > 0 && n > o.limit {
				return errEnough
			}
			b := appendRecord(nil, r)
			if a.wantsJSON() {
				b = r.AppendJSON(nil)
			}
			_, err := out.Write(append(b, '\n'))
			return err
		})
		if errors.Is(err, errEnough) {
			fmt.Fprintln(a.IO.Err, "and more; --limit 0 shows all")
			err = nil
		}
		return err
	})
}

// concerns tells whether a record speaks of a case by its id.
func concerns(r *casebook.Record, id string) bool {
	what := gjson.ParseBytes(r.What)
	if what.Get("case").Str == id {
		return true
	}
	for _, one := range what.Get("reopened").Array() {
		if one.Str == id {
			return true
		}
	}
	return false
}

// appendRecord is a record as a line for people. Digests and what is nothing are left to the document.
func appendRecord(b []byte, r *casebook.Record) []byte {
	b = fmt.Appendf(b, "%6d  %s  %-12s  ", r.Seq, r.At.UTC().Format("2006-01-02 15:04:05"), term.Clean(r.By))
	words := ""
	gjson.ParseBytes(r.What).ForEach(func(k, v gjson.Result) bool {
		text := v.String()
		switch {
		case k.Str == "do":
			words = text
			return true
		case v.IsArray():
			var list []string
			for _, one := range v.Array() {
				list = append(list, one.String())
			}
			text = strings.Join(list, " ")
		}
		if text != "" && text != "0" && k.Str != "rows" && !v.IsObject() && !strings.HasPrefix(text, "sha256:") {
			words += ", " + k.Str + " " + text
		}
		return true
	})
	return append(b, term.Clean(words)...)
}
