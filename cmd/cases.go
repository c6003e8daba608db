package cmd

import (
	"bufio"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

func newCases(a *app) *cobra.Command {
	var book string
	c := &cobra.Command{
		Use:   "cases",
		Short: "List, show and close the cases in the casebook",
		Long: `Every verdict that was not closed belongs to a case. Cases wait in the casebook until a person says what they were;
those decisions are what soc learn reads. A case may be named by the beginning of its id.`,
		Example: "  soc triage alerts.json\n  soc cases list\n  soc cases show c-7f3a\n  soc cases close c-7f3a --as false_positive --reason 'backup job' --confirmed",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&book, "book", "", "the casebook `FILE` (default: $SOC_BOOK, then the user's state directory)")
	c.AddCommand(newCasesList(a, &book), newCasesShow(a, &book), newCasesClose(a, &book), newCasesReopen(a, &book), newCasesNote(a, &book),
		newCasesMerge(a, &book), newCasesSplit(a, &book), newCasesExport(a, &book), newCasesWriteBack(a, &book), newCasesUndoWrite(a, &book))
	return c
}

type casesListOptions struct {
	state, route string
	limit        int
	all          bool // --limit was not given
}

func newCasesList(a *app, book *string) *cobra.Command {
	var o casesListOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List cases, those first that need a person soonest",
		Long: `Lists the cases of the queue: escalated ones first, then by probability.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no casebook`,
		Example: "  soc triage alerts.json\n  soc cases list --route escalate\n  soc cases list --state closed --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.all = !c.Flags().Changed("limit")
			return a.casesList(c.Context(), *book, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.state, "state", casebook.Opened, "cases in this `STATE`: open, closed, all")
	f.StringVar(&o.route, "route", "", "cases of this `ROUTE`: escalate, review")
	f.IntVar(&o.limit, "limit", 100, "at most `N` cases, 0 for all (JSON: all, unless given)")
	return c
}

func (a *app) casesList(ctx context.Context, path string, o casesListOptions) error {
	if err := among("soc cases list --state", o.state, casebook.Opened, casebook.Closed, "all"); err != nil {
		return err
	}
	if err := among("soc cases list --route", o.route, "", "escalate", "review"); err != nil {
		return err
	}
	if o.limit < 0 {
		return usage(fmt.Errorf("--limit %d: 0 or more", o.limit), "soc cases list --limit 0")
	}
	q := casebook.Query{State: o.state, Route: o.route, Limit: o.limit}
	if a.wantsJSON() && o.all {
		q.Limit = 0
	}
	return a.withBook(ctx, path, true, func(book *casebook.Book, out *bufio.Writer) error {
		line := appendCaseLine
		if a.wantsJSON() {
			line = func(b []byte, c *casebook.Case, _ int, _ time.Time) []byte { return appendCase(b, c) }
		}
		n := 0
		err := book.Cases(ctx, q, func(c *casebook.Case) error {
			if n++; n == 1 && !a.wantsJSON() {
				fmt.Fprintf(out, "%-18s  %-8s  %-8s  %6s  %-11s  %s\n", "CASE", "ROUTE", "SEVERITY", "ALERTS", "LAST (UTC)", "WHAT")
			}
			_, err := out.Write(append(line(nil, c, a.IO.Width, a.Now()), '\n'))
			return err
		})
		if err != nil || a.wantsJSON() {
			return err
		}
		return a.caseCount(ctx, book, q, n)
	})
}

// caseCount says on stderr how many of how many cases were shown.
func (a *app) caseCount(ctx context.Context, book *casebook.Book, q casebook.Query, n int) error {
	all, err := book.Count(ctx, q)
	if err != nil {
		return err
	}
	if all > n {
		fmt.Fprintf(a.IO.Err, "%d of %d cases; --limit 0 shows all\n", n, all)
	} else if n == 0 {
		fmt.Fprintln(a.IO.Err, "no such cases")
	}
	return nil
}

// among checks a flag that takes one of a few words; an empty one means that the flag may be left out.
func among(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return usage(fmt.Errorf("%s %q: not one of %s", flag[strings.LastIndex(flag, " ")+1:], value, strings.Join(words, ", ")), flag+" "+words[0])
}

// appendCaseLine is a case as a line of the list. Its time is to the minute in the year that runs, to the day before:
// 80 columns have to hold what the case is about, too. An uncalibrated probability is not shown: it would be believed.
func appendCaseLine(b []byte, c *casebook.Case, width int, now time.Time) []byte {
	last := ""
	switch {
	case c.Last.IsZero():
	case c.Last.UTC().Year() == now.UTC().Year():
		last = c.Last.UTC().Format("01-02 15:04")
	default:
		last = c.Last.UTC().Format(time.DateOnly)
	}
	what := c.Title
	if c.Host != "" {
		what = shortHost(c.Host) + ": " + what
	}
	if c.Status == casebook.Closed {
		what = c.Disposition + ", " + what
	}
	line := fmt.Sprintf("%-18s  %-8s  %-8s  %6d  %-11s  %s", c.ID, c.Route, short(c.Severity), c.Alerts, last, term.Clean(what))
	return append(b, term.Truncate(line, max(width, 80))...)
}

// shortHost is a host without its domain, an address as it is.
func shortHost(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	name, _, _ := strings.Cut(host, ".")
	return name
}

func short(severity string) string {
	if severity == "informational" {
		return "info"
	}
	return severity
}

// appendCase is a case as a document, without what hangs on it.
func appendCase(b []byte, c *casebook.Case) []byte {
	return append(appendCaseHead(b, c), '}')
}

func appendCaseHead(b []byte, c *casebook.Case) []byte {
	b = append(b, `{"kind":"case","version":1`...)
	b = wire.Text(b, "id", c.ID)
	b = wire.Text(b, "title", c.Title)
	b = wire.Text(b, "status", c.Status)
	b = wire.Text(b, "severity", c.Severity)
	b = wire.Text(b, "route", c.Route)
	b = wire.Float(b, "probability", c.Probability)
	b = wire.Text(b, "disposition", c.Disposition)
	b = wire.Text(b, "host", c.Host)
	b = wire.Int(b, "count", c.Alerts)
	b = wire.Time(b, "first_time", c.First)
	b = wire.Time(b, "last_time", c.Last)
	b = wire.Time(b, "opened", c.Opened)
	return wire.Time(b, "closed", c.Closed)
}
