package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// form is how verdicts are written.
type form uint8

const (
	asText form = iota
	asJSON
	asCSV
	asOCSF
)

var formNames = [...]string{"text", "json", "csv", "ocsf"}

// form settles how verdicts are written: by --output, by --json or --text, or by what stdout is.
func (a *app) form(o triageOptions) (form, error) {
	if o.output == "" {
		if a.wantsJSON() {
			return asJSON, nil
		}
		return asText, nil
	}
	i := slices.Index(formNames[:], o.output)
	if i < 0 {
		return 0, usage(fmt.Errorf("--output %s: not json, text, csv or ocsf", o.output), "soc triage --output csv alerts.json")
	}
	f := form(i)
	if a.json && f != asJSON || a.text && f != asText {
		return 0, usage(fmt.Errorf("--output %s: --json or --text asks for something else", o.output), "soc triage --output "+o.output+" alerts.json")
	}
	if (f == asCSV || f == asOCSF) && (o.parse || o.listFormats || o.explain != "") {
		return 0, usage(fmt.Errorf("--output %s: is for verdicts, not for --parse, --formats or --explain", o.output), "soc triage --output "+o.output+" alerts.json")
	}
	a.json, a.text = f == asJSON, f == asText
	return f, nil
}

// printer writes the verdicts of a run in one form. Its render is called from several goroutines, everything else from one.
type printer struct {
	app     *app
	form    form
	explain string // the alert, verdict or case asked for; every verdict when empty
	policy  *triage.Policy
	digests *triage.Digests
	out     io.Writer
	now     time.Time
	paper   render.Paper
	board   render.Board
	bar     *render.Progress
	bytes   int64 // of input, so far
	groups  int64
	found   bool
}

// printer makes the one that a run asked for; the header of a table is written at once.
func (a *app) printer(o triageOptions, f form, policy *triage.Policy, sources []stream.Source, out io.Writer) (*printer, error) {
	now, err := a.clock(o)
	if err != nil {
		return nil, err
	}
	p := &printer{app: a, form: f, explain: o.explain, policy: policy, out: out, now: now, paper: render.NewPaper(a.IO)}
	p.board.Printed = o.follow
	if a.IO.ErrTTY && (f == asText || !a.IO.OutTTY) {
		p.bar = render.NewProgress(a.IO.Err, a.IO.Width, totalSize(sources), a.Now)
	}
	if f != asCSV {
		return p, nil
	}
	_, err = out.Write(render.CSVHeader(nil))
	return p, err
}

// totalSize is the bytes of all sources, 0 when one of them does not know or is longer than it looks.
func totalSize(sources []stream.Source) int64 {
	packed := []string{".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip"}
	var sum int64
	for _, s := range sources {
		st, err := os.Stat(s.Name)
		if err != nil || !st.Mode().IsRegular() || slices.Contains(packed, filepath.Ext(s.Name)) {
			return 0
		}
		sum += st.Size()
	}
	return sum
}

// docs is where rejects and gaps go as documents; nil when they do not.
func (p *printer) docs() io.Writer {
	if p.form == asJSON && p.explain == "" {
		return p.out
	}
	return nil
}

// read tells how far the reading is.
func (p *printer) read(bytes, alerts int64) {
	p.bytes += bytes
	p.bar.Read(p.bytes, alerts)
}

func (p *printer) render(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, tag, error) {
	if p.explain != "" {
		return p.only(b, v, m)
	}
	if p.form == asJSON {
		return p.app.render(b, v, m)
	}
	t := tagOf(v)
	switch {
	case p.form == asCSV:
		b = render.CSV(b, v)
	case p.form == asOCSF:
		b = append(render.OCSF(b, v, p.now, p.app.version()), '\n')
	case v.Route == triage.Escalate:
		t.row = render.RowOf(v)
	default:
		t.row = render.Brief(v)
	}
	return b, t, nil
}

// wants tells whether --explain asks for a verdict.
func (p *printer) wants(v *triage.Verdict, m *triage.Members) (match bool, err error) {
	match = v.ID == p.explain || v.Case == p.explain || slices.Contains(v.IDs, p.explain)
	if !match && v.More > 0 {
		err = v.Rest(m, func(ids []string) { match = match || slices.Contains(ids, p.explain) })
	}
	return match, err
}

// only renders the verdicts that --explain asks for.
func (p *printer) only(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, tag, error) {
	match, err := p.wants(v, m)
	t := tagOf(v)
	switch {
	case err != nil || !match:
		return b, t, err
	case p.form == asJSON:
		return p.app.render(b, v, m)
	}
	return append(render.Explain(b, p.paper, v, p.policy), '\n'), t, nil
}

// prints tells whether emit writes anything of a verdict at once.
func (p *printer) prints(b []byte, t tag) bool {
	return len(b) > 0 || t.row != nil && p.board.Printed && t.route == triage.Escalate
}

func (p *printer) emit(b []byte, t tag) error {
	p.groups++
	p.bar.Judged(p.groups)
	if t.row != nil {
		p.board.Add(t.row)
		if p.board.Printed && t.route == triage.Escalate {
			b = append(t.row.Append(b, p.paper), '\n')
		}
	}
	p.found = p.found || len(b) > 0
	_, err := p.out.Write(b)
	return err
}

// end writes what follows the last verdict: the board, the summary, or the account alone on stderr beside a table.
func (p *printer) end(o triageOptions, c *account, s *summary, started time.Time) error {
	p.bar.Clear()
	acc := p.account(o, c, s)
	var err error
	switch {
	case p.explain != "" && !p.found:
		return usage(fmt.Errorf("--explain %s: no alert, verdict or case of that id in the input", p.explain), "soc triage --json ... | jq -r .id")
	case p.explain != "":
	case p.form == asJSON:
		err = p.app.summarise(p.out, c, s, *p.digests, started)
	case p.form == asText:
		_, err = p.out.Write(p.board.Append(nil, p.paper, acc))
	default:
		_, err = p.app.IO.Err.Write(acc.Append(nil, p.paper))
	}
	if err != nil {
		return err
	}
	return s.status(o, c)
}

func (p *printer) account(o triageOptions, c *account, s *summary) *render.Account {
	next := ""
	if n := s.routes[triage.Escalate]; n > 0 {
		next = render.Plural(n, "group needs", "groups need") + " a person first: soc cases list --route escalate"
		if o.noBook {
			next = render.Plural(n, "group needs", "groups need") + " a person first: soc triage --no-book --explain ID FILE"
			if len(o.from.names) > 0 {
				next = strings.Replace(next, "FILE", "--from "+o.from.names[0], 1)
			}
		}
	}
	return &render.Account{
		Next: next, Shared: o.worker, Waiting: s.queued, Known: s.known,
		Read: c.read, InVerdicts: s.alerts, Groups: s.groups, Rejected: c.rejected,
		WouldClose: s.would, Closed: s.routes[triage.Closed],
		Rejects: c.first, Gaps: c.gaps, RejectsFile: o.rejects, Autonomy: p.policy.Autonomy, Precedent: p.calibrated(),
	}
}

// calibrated names the precedent by which scores are probabilities, nothing without one.
func (p *printer) calibrated() string {
	if p.policy.Precedent == nil || len(p.policy.Precedent.Calibration) == 0 {
		return ""
	}
	return p.policy.Precedent.Digest
}

// listFormats prints what is recognised: the formats given first, then the shipped ones.
func (a *app) listFormats(o triageOptions, f form, out io.Writer) error {
	list, err := alert.Formats()
	if err != nil {
		return err
	}
	own, err := readFormats(o.formats)
	if err != nil {
		return usage(err, "soc triage --formats")
	}
	list = append(own, list...)
	var b []byte
	if f == asText {
		b = render.Formats(b, render.NewPaper(a.IO), list)
	} else {
		for _, f := range list {
			b = append(render.FormatJSON(b, f), '\n')
		}
	}
	_, err = out.Write(b)
	return err
}

func readFormats(names []string) ([]*alert.Format, error) {
	var list []*alert.Format
	for _, name := range names {
		r, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("reading a format: %w", err)
		}
		f, err := alert.ReadFormat(name, r)
		_ = r.Close() // opened for reading only
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}
