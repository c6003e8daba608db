package cmd

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// shownMembers bounds the alerts that the text of a case lists; its JSON has all.
const shownMembers = 50

// showText prints a case for a person.
func showText(ctx context.Context, book *casebook.Book, c *casebook.Case, out *bufio.Writer) error {
	fmt.Fprintf(out, "%s  %s\n", c.ID, term.Clean(c.Title))
	standing := c.Status
	if c.Status == casebook.Closed {
		standing = fmt.Sprintf("closed %s as %s", render.Span(c.Closed, c.Closed), words(c.Disposition))
	}
	fmt.Fprintf(out, "%s, %s, severity %s", standing, c.Route, c.Severity)
	if c.Owner != "" {
		fmt.Fprintf(out, ", owner %s", term.Clean(c.Owner))
	}
	if c.Status != casebook.Closed && !c.Until.IsZero() {
		fmt.Fprintf(out, ", snoozed until %s", render.Moment(c.Until))
	}
	if c.Host != "" {
		fmt.Fprintf(out, ", host %s", term.Clean(c.Host))
	}
	fmt.Fprintf(out, "\n%s in %s, %s, opened %s\n", render.Plural(int64(c.Alerts), "alert", "alerts"), render.Plural(int64(c.Verdicts), "verdict", "verdicts"),
		render.Span(c.First, c.Last), render.Span(c.Opened, c.Opened))
	err := book.Verdicts(ctx, c.ID, func(v *casebook.Verdict) error {
		_, err := out.Write(appendEvidence(nil, v))
		return err
	})
	if err != nil {
		return err
	}
	if err := showMembers(ctx, book, c.ID, out); err != nil {
		return err
	}
	return showWords(ctx, book, c.ID, out)
}

// appendEvidence is a verdict as the sum it was decided by.
func appendEvidence(b []byte, v *casebook.Verdict) []byte {
	doc := gjson.ParseBytes(v.Document)
	standing := "uncalibrated"
	if doc.Get("calibrated").Bool() {
		standing = fmt.Sprintf("probability %.2f", doc.Get("probability").Num)
	}
	b = fmt.Appendf(b, "\nVERDICT %s  %s, %s, %s", v.ID, doc.Get("route").Str, words(doc.Get("disposition").Str), standing)
	b = fmt.Appendf(b, "\n%+8d  base rate\n", doc.Get("base").Int())
	for _, s := range doc.Get("signals").Array() {
		b = fmt.Appendf(b, "%+8d  %s: %s\n", s.Get("term").Int(), term.Clean(s.Get("check").Str), term.Clean(s.Get("sentence").Str))
		for _, r := range s.Get("receipts").Array() {
			b = fmt.Appendf(b, "            %s = %s\n", term.Clean(r.Get("path").Str), term.Clean(r.Get("value").Str))
		}
	}
	b = fmt.Appendf(b, "%+8d  score\n", doc.Get("score").Int())
	for _, s := range doc.Get("suppressed").Array() {
		b = fmt.Appendf(b, "  suppressed  %s, by %s\n", term.Clean(s.Get("sentence").Str), term.Clean(s.Get("by").Str))
	}
	for _, g := range doc.Get("gaps").Array() {
		b = fmt.Appendf(b, "  gap  %s %s: %s\n", term.Clean(g.Get("check").Str+g.Get("source").Str), g.Get("class").Str, term.Clean(g.Get("reason").Str))
	}
	return b
}

// words is a disposition as people write it.
func words(disposition string) string { return strings.ReplaceAll(disposition, "_", " ") }

func showMembers(ctx context.Context, book *casebook.Book, id string, out *bufio.Writer) error {
	n := 0
	err := book.Members(ctx, id, func(m *casebook.Member) error {
		if n++; n > shownMembers {
			return nil
		}
		if n == 1 {
			fmt.Fprint(out, "\nALERTS\n")
		}
		in := gjson.ParseBytes(m.Input)
		fmt.Fprintf(out, "  %s  %s line %d", term.Clean(m.ID), term.Clean(in.Get("name").Str), in.Get("line").Int())
		if m.Copies > 1 {
			fmt.Fprintf(out, ", %d copies", m.Copies)
		}
		fmt.Fprintln(out)
		return nil
	})
	if n > shownMembers {
		fmt.Fprintf(out, "  and %d more: --json lists all\n", n-shownMembers)
	}
	return err
}

// showWords prints what people said about a case.
func showWords(ctx context.Context, book *casebook.Book, id string, out *bufio.Writer) error {
	title := "\nDECISIONS\n"
	err := book.Decisions(ctx, id, func(d *casebook.Decided) error {
		undone := ""
		if d.Undone {
			undone = " (taken back)"
		}
		_, err := fmt.Fprintf(out, "%s  %s  %s on %s, %s by %s: %s%s\n", title, render.Span(d.At, d.At), words(d.Disposition), d.Verdict, d.Certainty, term.Clean(d.By), term.Clean(d.Reason), undone)
		title = ""
		return err
	})
	if err != nil {
		return err
	}
	title = "\nNOTES\n"
	return book.Notes(ctx, id, func(n *casebook.Note) error {
		_, err := fmt.Fprintf(out, "%s  %s  %s: %s\n", title, render.Span(n.At, n.At), term.Clean(n.By), term.Clean(n.Text))
		title = ""
		return err
	})
}

// appendRawText is an alert's bytes for a person's eyes.
func appendRawText(b []byte, m *casebook.Member, body []byte) []byte {
	if body == nil {
		return fmt.Appendf(b, "\nRAW %s: not kept", term.Clean(m.ID))
	}
	return term.AppendClean(fmt.Appendf(b, "\nRAW %s\n", term.Clean(m.ID)), string(body))
}
