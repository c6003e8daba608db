package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

type auditVerifyOptions struct {
	book, checkpoints string
	evidence          []string
	strict            bool
}

func newAuditVerify(a *app, book *string) *cobra.Command {
	var o auditVerifyOptions
	c := &cobra.Command{
		Use:   "verify",
		Short: "Find what was changed in the casebook behind its journal's back",
		Long: `Recomputes every record's hash and compares the casebook with what the records say, table by table and column by column: alerts
and verdicts, cases and what people did with them, what was closed without a person, plans and how far they came, what arrived and waits.
Then the journal is compared with the checkpoints that people signed. Each finding names the record and the row. Nothing is changed.

--evidence compares a folder of soc investigate --collect with its manifest, and that with the journal, too; where there is no casebook,
with the manifest alone.

EXIT STATUS
  0 everything is as the journal tells it, 1 something is not, 2 wrong command line or no casebook, 4 holds with gaps (--strict)`,
		Example: "  soc triage alerts.json\n  soc audit verify\n  soc audit verify --json --strict || test $? -eq 4",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.book = *book
			return a.auditVerify(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.checkpoints, "checkpoints", "", "the signed checkpoints in `FILE` (default: beside the casebook, with .checkpoints behind its name)")
	f.StringArrayVar(&o.evidence, "evidence", nil, "an evidence folder `DIR`, too; may be given again")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when something could not be verified")
	return c
}

// verification is what soc audit verify found.
type verification struct {
	file    string // of checkpoints, unless another is named
	proof   *casebook.Proof
	held    int                  // checkpoints
	last    *casebook.Checkpoint // the one that reaches furthest
	signed  string               // by whom
	gaps    []alert.Gap
	missing bool // of checkpoints
	folders []folder
	alone   bool // there is no casebook: only folders were looked at
}

func (a *app) auditVerify(ctx context.Context, o auditVerifyOptions) error {
	v, err := a.verification(ctx, o)
	if err != nil {
		return err
	}
	b := v.appendText(nil)
	if a.wantsJSON() {
		b = append(v.appendJSON(nil), '\n')
	}
	if _, err := a.IO.Out.Write(b); err != nil {
		return err
	}
	switch {
	case len(v.proof.Findings) > 0:
		return &failure{status: statusFailed}
	case o.strict && len(v.gaps) > 0:
		return &failure{status: statusGaps}
	}
	return nil
}

func (a *app) verification(ctx context.Context, o auditVerifyOptions) (v *verification, err error) {
	conf, err := a.settings("")
	if err != nil {
		return nil, err
	}
	path, err := a.locate(o.book)
	if err != nil {
		return nil, usage(err, "soc audit verify --book FILE")
	}
	if errors.Is(there(path), fs.ErrNotExist) && o.book == "" && len(o.evidence) > 0 {
		v = &verification{proof: &casebook.Proof{}, alone: true}
		for _, dir := range o.evidence {
			if err := v.evidence(ctx, dir, nil); err != nil {
				return nil, err
			}
		}
		return v, nil
	}
	book, err := a.openBook(ctx, o.book, true, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bookError(book.Close())) }()
	v = &verification{file: a.checkpointsOf(path)}
	if v.proof, err = book.Verify(ctx); err != nil {
		return nil, bookError(err)
	}
	if n := v.proof.Untold; n > 0 {
		v.gap("journal", alert.Partial, render.Plural(n, "row is", "rows are")+" from before the journal told of such: whether they were changed cannot be told")
	}
	if n := v.proof.Partly; n > 0 {
		v.gap("journal", alert.Partial, render.Plural(n, "row is", "rows are")+" from before the journal told all of such: whether some of their columns were changed cannot be told")
	}
	for _, dir := range o.evidence {
		if err := v.evidence(ctx, dir, book); err != nil {
			return nil, err
		}
	}
	return v, v.checkpoints(ctx, conf, book, o.checkpoints)
}

func (v *verification) gap(check string, class alert.GapClass, reason string) {
	v.gaps = append(v.gaps, alert.Gap{Check: check, Class: class, Reason: reason})
}

// checkpoints compares the journal with what was signed about it.
func (v *verification) checkpoints(ctx context.Context, conf *settings, book *casebook.Book, named string) error {
	file := named
	if file == "" {
		file = v.file
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named != "":
		return usage(fmt.Errorf("--checkpoints: %w", err), "soc audit sign --key FILE --checkpoints "+named)
	case errors.Is(err, fs.ErrNotExist):
		v.missing = true
		v.gap("checkpoints", alert.Unconfigured, "no checkpoint was signed: that the whole journal was written anew would not be found")
		return nil
	case err != nil:
		return fmt.Errorf("reading checkpoints: %w", err)
	}
	approvers, err := conf.trusted()
	if err != nil {
		return err
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			continue
		}
		at := fmt.Sprintf("%s:%d", filepath.Base(file), n)
		c, err := casebook.ReadCheckpoint(line)
		if err != nil {
			v.found(0, at, "is "+err.Error())
			continue
		}
		who, err := c.Trusted(approvers)
		if err != nil {
			v.found(c.Seq, at, "does not count: "+err.Error())
			continue
		}
		hash, err := book.HashAt(ctx, c.Seq)
		if err != nil {
			return bookError(err)
		}
		v.compare(&c, who.Name, at, hash)
	}
	return nil
}

// compare holds the journal against one checkpoint.
func (v *verification) compare(c *casebook.Checkpoint, who, at, hash string) {
	switch {
	case hash == "":
		v.found(c.Seq, at, fmt.Sprintf("the record that %s signed on %s is gone: the journal was cut", who, render.Span(c.At, c.At)))
	case hash != c.Hash:
		v.found(c.Seq, at, fmt.Sprintf("the record is another than %s signed on %s: the journal was written anew", who, render.Span(c.At, c.At)))
	default:
		if v.held++; v.last == nil || c.Seq > v.last.Seq {
			v.last, v.signed = c, who
		}
	}
}

func (v *verification) found(record int64, id, what string) {
	v.proof.Findings = append(v.proof.Findings, casebook.Finding{Record: record, Where: "checkpoints", ID: id, What: what})
}

func (v *verification) appendText(b []byte) []byte {
	p := v.proof
	n := int64(len(p.Findings)) + p.More
	subject, teller := "the casebook", "journal tells"
	if v.alone {
		subject, teller = "the evidence", "manifest tells"
	}
	if n == 0 {
		b = fmt.Appendf(b, "%s is as its %s it\n", subject, teller)
	} else {
		b = fmt.Appendf(b, "CHANGED: %s is not as its %s it: %s\n", subject, teller, render.Plural(n, "finding", "findings"))
	}
	for _, f := range p.Findings {
		record := "-"
		if f.Record > 0 {
			record = fmt.Sprint("record ", f.Record)
		}
		b = fmt.Appendf(b, "  %-12s %-12s %s\n", record, f.Where, term.Clean(join(f.ID, f.What)))
	}
	if p.More > 0 {
		b = fmt.Appendf(b, "  and %s more\n", render.Count(p.More))
	}
	for i := range v.folders {
		b = v.folders[i].append(b)
	}
	if v.alone {
		return v.appendGaps(b)
	}
	b = fmt.Appendf(b, "read         %s: %s, %s, %s, %s, %s, %s\n", render.Plural(p.Records, "record", "records"), render.Plural(p.Alerts, "alert", "alerts"),
		render.Plural(p.Verdicts, "verdict", "verdicts"), render.Plural(p.Closings, "closing under a certificate", "closings under a certificate"),
		render.Plural(p.Decisions, "decision", "decisions"), render.Plural(p.Notes, "note", "notes"), render.Plural(p.Alarms, "alarm", "alarms"))
	if v.last != nil {
		b = fmt.Appendf(b, "checkpoints  %s; the last by %s on %s, %s came after it\n", render.Plural(int64(v.held), "holds", "hold"), term.Clean(v.signed),
			render.Span(v.last.At, v.last.At), render.Plural(p.Records-v.last.Seq, "record", "records"))
	}
	b = v.appendGaps(b)
	if v.missing && n == 0 {
		b = append(b, "  soc audit sign --key FILE\n"...)
	}
	return b
}

func (v *verification) appendGaps(b []byte) []byte {
	for _, g := range v.gaps {
		b = fmt.Appendf(b, "gap          %s: %s\n", g.Check, term.Clean(g.Reason))
	}
	return b
}

func join(id, what string) string {
	if id == "" {
		return what
	}
	return id + " " + what
}

func (v *verification) appendJSON(b []byte) []byte {
	p := v.proof
	b = append(b, `{"kind":"audit","version":1`...)
	b = wire.Bool(b, "holds", len(p.Findings) == 0)
	b = wire.Text(wire.Int(b, "records", p.Records), "head", p.Head)
	for _, one := range [...]struct {
		name string
		n    int64
	}{{"alerts", p.Alerts}, {"verdicts", p.Verdicts}, {"closings", p.Closings}, {"decisions", p.Decisions}, {"notes", p.Notes}, {"alarms", p.Alarms}, {"checkpoints", int64(v.held)}} {
		b = wire.Int(b, one.name, one.n)
	}
	if v.last != nil {
		b = wire.Int(b, "signed", v.last.Seq)
	}
	b = append(wire.Key(b, "findings"), '[')
	for _, f := range p.Findings {
		b = append(wire.Comma(b), '{')
		if f.Record > 0 {
			b = wire.Int(b, "record", f.Record)
		}
		b = append(wire.Text(wire.Text(wire.Text(b, "where", f.Where), "id", f.ID), "what", f.What), '}')
	}
	b = append(b, ']')
	if p.More > 0 {
		b = wire.Int(b, "more", p.More)
	}
	if len(v.folders) > 0 {
		b = append(wire.Key(b, "evidence"), '[')
		for i := range v.folders {
			b = v.folders[i].appendJSON(wire.Comma(b))
		}
		b = append(b, ']')
	}
	return append(alert.AppendGaps(b, v.gaps), '}')
}
