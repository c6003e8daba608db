package cmd

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

func newCasesShow(a *app, book *string) *cobra.Command {
	var raw bool
	c := &cobra.Command{
		Use:   "show CASE",
		Short: "Show a case: verdicts with their evidence, alerts, decisions and notes",
		Long: `Shows everything the casebook has on one case. As JSON it is a document of kind case, followed by documents of kind
members where there are more alerts than it has room for, and with --raw by one document of kind raw per alert.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no such case`,
		Example: "  soc cases show c-7f3a\n  soc cases show c-7f3a --raw",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesShow(c.Context(), *book, args[0], raw) },
	}
	c.Flags().BoolVar(&raw, "raw", false, "the alerts as received, too")
	return c
}

func (a *app) casesShow(ctx context.Context, path, name string, raw bool) error {
	return a.withBook(ctx, path, true, func(book *casebook.Book, out *bufio.Writer) error {
		c, err := book.Case(ctx, name)
		if err != nil {
			return err
		}
		if a.wantsJSON() {
			err = showJSON(ctx, book, c, out)
		} else {
			err = showText(ctx, book, c, out)
		}
		if err != nil || !raw {
			return err
		}
		form := appendRaw
		if !a.wantsJSON() {
			form = appendRawText
		}
		return book.Members(ctx, c.ID, func(m *casebook.Member) error {
			body, err := book.Raw(ctx, m.Digest)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			_, err = out.Write(append(form(nil, m, body), '\n'))
			return err
		})
	})
}

// showJSON prints the case as a document, and members documents for the alerts beyond its first ones.
func showJSON(ctx context.Context, book *casebook.Book, c *casebook.Case, out *bufio.Writer) error {
	b := append(wire.Key(appendCaseHead(nil, c), "verdicts"), '[')
	err := book.Verdicts(ctx, c.ID, func(v *casebook.Verdict) error {
		b = append(wire.Comma(b), v.Document...)
		return nil
	})
	if err != nil {
		return err
	}
	var ids []string
	verdict := ""
	var members []byte
	pass := func() {
		if len(ids) > 0 {
			members = append(triage.AppendMembers(members, verdict, ids), '\n')
		}
		ids = ids[:0]
	}
	b = append(wire.Key(append(b, ']'), "alert_ids"), '[')
	n := 0
	err = book.Members(ctx, c.ID, func(m *casebook.Member) error {
		if n++; n <= triage.MaxIDs {
			b = wire.String(wire.Comma(b), m.ID)
			return nil
		}
		if m.Verdict != verdict || len(ids) == triage.MaxIDs {
			pass()
		}
		verdict, ids = m.Verdict, append(ids, m.ID)
		return nil
	})
	if err != nil {
		return err
	}
	pass()
	if b, err = appendWords(ctx, append(b, ']'), book, c.ID); err != nil {
		return err
	}
	_, err = out.Write(append(append(b, '}', '\n'), members...))
	return err
}

// appendWords appends what people said about a case.
func appendWords(ctx context.Context, b []byte, book *casebook.Book, id string) ([]byte, error) {
	b = append(wire.Key(b, "decisions"), '[')
	err := book.Decisions(ctx, id, func(d *casebook.Decided) error {
		b = appendDecision(wire.Comma(b), d)
		b = append(wire.Bool(b[:len(b)-1], "undone", d.Undone), '}')
		return nil
	})
	if err != nil {
		return nil, err
	}
	b = append(wire.Key(append(b, ']'), "notes"), '[')
	err = book.Notes(ctx, id, func(n *casebook.Note) error {
		b = wire.Time(append(wire.Comma(b), '{'), "at", n.At)
		b = append(wire.Text(wire.Text(b, "by", n.By), "text", n.Text), '}')
		return nil
	})
	return append(b, ']'), err
}

// appendRaw is an alert's bytes as a document; without "raw" when they are not kept.
func appendRaw(b []byte, m *casebook.Member, body []byte) []byte {
	b = append(b, `{"kind":"raw","version":1`...)
	b = wire.Text(b, "alert_id", m.ID)
	b = wire.Text(b, "digest", m.Digest.String())
	if body != nil && utf8.Valid(body) {
		b = wire.Text(b, "raw", string(body))
	} else if body != nil {
		b = wire.Text(b, "raw_base64", base64.StdEncoding.EncodeToString(body))
	}
	return append(b, '}')
}
