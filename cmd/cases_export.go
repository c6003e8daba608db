package cmd

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

type casesExportOptions struct{ format, what string }

func newCasesExport(a *app, book *string) *cobra.Command {
	var o casesExportOptions
	c := &cobra.Command{
		Use:   "export",
		Short: "Print all decisions, or all cases, for other programs",
		Long: `Prints the decisions that stand, one per verdict, as documents of kind decision: what soc learn reads. Decisions that
were taken back are left out.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no casebook`,
		Example: "  soc triage alerts.json\n  soc cases export > decisions.ndjson\n  soc cases export --what cases --format csv > cases.csv",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.casesExport(c.Context(), *book, o) },
	}
	c.Flags().StringVar(&o.format, "format", "ndjson", "`FORMAT`: ndjson, csv")
	c.Flags().StringVar(&o.what, "what", "decisions", "`WHAT` to print: decisions, cases")
	return c
}

func (a *app) casesExport(ctx context.Context, path string, o casesExportOptions) error {
	if err := among("soc cases export --format", o.format, "ndjson", "csv"); err != nil {
		return err
	}
	if err := among("soc cases export --what", o.what, "decisions", "cases"); err != nil {
		return err
	}
	if a.json && o.format == "csv" {
		return usage(errors.New("--json and --format csv ask for different things"), "soc cases export --format csv")
	}
	return a.withBook(ctx, path, true, func(book *casebook.Book, out *bufio.Writer) error {
		if o.format == "csv" {
			return exportCSV(ctx, book, o.what, csv.NewWriter(out))
		}
		if o.what == "cases" {
			return book.Cases(ctx, casebook.Query{}, func(c *casebook.Case) error {
				_, err := out.Write(append(appendCase(nil, c), '\n'))
				return err
			})
		}
		return standing(ctx, book, func(d *casebook.Decided) error {
			_, err := out.Write(append(appendDecision(nil, d), '\n'))
			return err
		})
	})
}

// standing hands over the decisions that were not taken back.
func standing(ctx context.Context, book *casebook.Book, yield func(*casebook.Decided) error) error {
	return book.Decisions(ctx, "", func(d *casebook.Decided) error {
		if d.Undone {
			return nil
		}
		return yield(d)
	})
}

func exportCSV(ctx context.Context, book *casebook.Book, what string, w *csv.Writer) error {
	defer w.Flush()
	if what == "cases" {
		if err := w.Write([]string{"id", "status", "title", "host", "severity", "route", "probability", "disposition", "count", "first_time", "last_time", "opened", "closed", "owner", "snoozed_until"}); err != nil {
			return err
		}
		return book.Cases(ctx, casebook.Query{}, func(c *casebook.Case) error {
			return w.Write([]string{
				c.ID, c.Status, term.CSVCell(c.Title), term.CSVCell(c.Host), c.Severity, c.Route, strconv.FormatFloat(c.Probability, 'f', 6, 64), c.Disposition,
				strconv.FormatInt(c.Alerts, 10), stamp(c.First), stamp(c.Last), stamp(c.Opened), stamp(c.Closed), term.CSVCell(c.Owner), stamp(c.Until),
			})
		})
	}
	if err := w.Write([]string{"verdict", "disposition", "reason", "certainty", "by", "at", "incident"}); err != nil {
		return err
	}
	return standing(ctx, book, func(d *casebook.Decided) error {
		return w.Write([]string{d.Verdict, d.Disposition, term.CSVCell(d.Reason), string(d.Certainty), term.CSVCell(d.By), stamp(d.At), d.Incident})
	})
}

// stamp is a time as documents carry it, nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// appendDecision is a decision as a document of kind decision, version 1.
func appendDecision(b []byte, d *casebook.Decided) []byte {
	b = append(b, `{"kind":"decision","version":1`...)
	b = wire.Text(b, "verdict", d.Verdict)
	b = wire.Text(b, "disposition", d.Disposition)
	b = wire.Text(b, "reason", d.Reason)
	b = wire.Text(b, "certainty", string(d.Certainty))
	b = wire.Text(b, "by", d.By)
	b = wire.Time(b, "at", d.At)
	return append(wire.Text(b, "incident", d.Incident), '}')
}
