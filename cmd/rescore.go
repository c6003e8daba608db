package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

type rescoreOptions struct {
	policy, precedent string
	labels            string
	failOn            string
	book              string
	fromBook          bool
	now               string
	workers           int
}

func newRescore(a *app) *cobra.Command {
	var o rescoreOptions
	c := &cobra.Command{
		Use:   "rescore [FILE...]",
		Short: "Judge old verdicts again under other settings, and stop what would miss attacks",
		Long: `Rescore reads verdicts that soc triage wrote and decides each again, on the evidence that stands in it, under the policy
and the precedent of today. It prints what comes out otherwise (documents of kind flip; for people, a table with the newly
missed first) and changes nothing.

The checks do not run again: an alert's own bytes are not in a verdict. Allow rules that matched then count as long as the policy
still has a rule of that name; a model's answers count as they were given.

Without knowledge the graver reading counts: what was escalated and is no more is newly missed. With --labels, decisions say what
was an attack, and the account tells accuracy, AUC, Brier score and miss rate before and after.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or document, 3 what --fail-on names came about, 130 interrupted`,
		Example: `  soc rescore verdicts.ndjson --policy policy.yaml --fail-on newly-missed
  soc rescore verdicts.ndjson --precedent precedent.json --labels decisions.ndjson
  soc rescore --from-book --policy policy.yaml --json`,
		RunE: func(c *cobra.Command, args []string) error { return a.rescore(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.policy, "policy", "", "decide by the policy in `FILE` instead of the configured one")
	f.StringVar(&o.precedent, "precedent", "", "score by what the precedent in `FILE` taught")
	f.StringVar(&o.labels, "labels", "", "decisions in `FILE` that say what was an attack")
	f.StringVar(&o.failOn, "fail-on", "", "exit 3 on `WHAT`: newly-missed, any flip, or more than N% of flips")
	f.BoolVar(&o.fromBook, "from-book", false, "rescore the verdicts of the casebook")
	f.StringVar(&o.book, "book", "", "rescore the verdicts of the casebook `FILE`")
	f.StringVar(&o.now, "now", "", "the `TIME` to take for now (RFC 3339)")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many cores to use")
	return c
}

// gate is what makes a rescoring fail.
type gate struct {
	missed, any bool
	share       float64 // of flips, in per cent; negative: no bound
}

func gateOf(text string) (g gate, err error) {
	g.share = -1
	switch n, percent := strings.CutSuffix(text, "%"); {
	case text == "":
	case text == "newly-missed":
		g.missed = true
	case text == "any":
		g.any = true
	case percent:
		if g.share, err = strconv.ParseFloat(n, 64); err == nil && g.share >= 0 && g.share <= 100 {
			return g, nil
		}
		fallthrough
	default:
		return g, usage(fmt.Errorf("--fail-on %s: not newly-missed, any or a share like 5%%", text), "soc rescore --fail-on newly-missed verdicts.ndjson")
	}
	return g, nil
}

// rescoring is one run.
type rescoring struct {
	*run
	truth map[string]triage.Disposition // by alert id and by verdict id
	acc   account
	flips render.Flips
	then  learn.Measure
	now   learn.Measure
	last  bool // the documents ended with their summary
	out   *bufio.Writer
}

// rescored is what a worker makes of a batch.
type rescored struct {
	text      []byte
	verdicts  int64
	classes   [triage.NoFlip + 1]int64
	then, now learn.Measure
	top       render.Flips
	summary   bool // one was among the documents
}

func (a *app) rescore(ctx context.Context, o rescoreOptions, args []string) (err error) {
	g, err := gateOf(o.failOn)
	if err != nil {
		return err
	}
	if (o.fromBook || o.book != "") && len(args) > 0 {
		return usage(errors.New("--from-book and files do not go together"), "soc rescore --from-book")
	}
	r, err := a.rescoring(o)
	if err != nil {
		return err
	}
	started := a.Now()
	if o.fromBook || o.book != "" {
		err = r.book(ctx, o.book)
	} else {
		err = r.files(ctx, args)
	}
	if err != nil {
		return err
	}
	if err := r.finish(o, started); err != nil {
		return err
	}
	if g.missed && r.flips.Classes[triage.NewlyMissed] > 0 || g.any && r.flips.Total() > 0 || g.share >= 0 && 100*float64(r.flips.Total()) > g.share*float64(r.flips.Verdicts) {
		return &failure{status: statusNeedsPerson}
	}
	return nil
}

// rescoring makes the settings ready by which verdicts are judged again.
func (a *app) rescoring(o rescoreOptions) (*rescoring, error) {
	if o.workers < 1 {
		return nil, usage(fmt.Errorf("--workers %d: at least 1", o.workers), "soc rescore --workers 1 verdicts.ndjson")
	}
	r := &rescoring{run: &run{app: a, o: triageOptions{now: o.now, workers: o.workers, noBook: true}}, out: bufio.NewWriterSize(a.IO.Out, 64<<10)}
	conf, err := a.settings(o.policy)
	if err != nil {
		return nil, err
	}
	now, err := a.clock(r.o)
	if err != nil {
		return nil, err
	}
	if r.policy, r.rules, err = conf.deciding(now); err != nil {
		return nil, err
	}
	r.stands.Digests.Policy = r.policy.Digest
	if err := r.run.precedent(conf, o.precedent); err != nil {
		return nil, err
	}
	r.flips.Then, r.flips.Now = &r.then, &r.now
	return r, r.labels(o.labels)
}

// labels reads what is known to be true.
func (r *rescoring) labels(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return usage(fmt.Errorf("reading labels: %w", err), "soc rescore --labels decisions.ndjson verdicts.ndjson")
	}
	defer f.Close() //nolint:errcheck // only read
	r.truth = map[string]triage.Disposition{}
	err = learn.ReadDecisions(f, func(d triage.Decision) error {
		id := d.AlertID
		if id == "" {
			id = d.Verdict
		}
		if r.truth[id] != triage.TruePositive {
			r.truth[id] = d.Disposition
		}
		return nil
	}, func(bad learn.Reject) { r.flips.Unread++ })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// files rescores documents from files or standard input.
func (r *rescoring) files(ctx context.Context, args []string) error {
	sources, err := stream.Expand(args, r.app.IO.In)
	if err != nil {
		return err
	}
	use := func() func(*packet[rescored]) error {
		w := r.worker()
		return func(p *packet[rescored]) error {
			for i := range p.batch.Records {
				rec := &p.batch.Records[i]
				p.read++
				if err := w.judge(view(rec.Raw), &p.result); err != nil {
					p.rejects = append(p.rejects, stream.Reject{Input: p.batch.Input, Line: rec.Line, Offset: rec.Offset, Bytes: int64(len(rec.Raw)), Reason: err.Error(), Raw: rec.Raw})
				}
			}
			p.read += int64(len(p.batch.Rejects))
			p.rejects = append(p.rejects, p.batch.Rejects...)
			return nil
		}
	}
	return ingest(ctx, sources, stream.Limits{Record: 64 << 20}, r.o.workers, use, func(p *packet[rescored]) error {
		if err := r.acc.note(p.read, p.rejects, p.batch.Gaps, r.documents()); err != nil {
			return err
		}
		return r.collect(&p.result)
	}, func(res *rescored) { *res = rescored{text: res.text[:0]} })
}

// book rescores the verdicts of a casebook.
func (r *rescoring) book(ctx context.Context, named string) error {
	r.last = true
	book, err := r.app.openBook(ctx, named, true, false)
	if err != nil {
		return err
	}
	defer book.Close() //nolint:errcheck // only read
	w := r.worker()
	var res rescored
	err = book.AllVerdicts(ctx, func(v *casebook.Verdict) error {
		res = rescored{text: res.text[:0]}
		if err := w.judge(view(v.Document), &res); err != nil {
			return fmt.Errorf("verdict %s: %w", v.ID, err)
		}
		r.acc.read++
		return r.collect(&res)
	})
	return bookError(err)
}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (r *rescoring) documents() io.Writer {
	if r.app.wantsJSON() {
		return r.out
	}
	return nil
}

// rejudge judges documents again. One per goroutine.
type rejudge struct {
	r     *rescoring
	past  triage.Past
	terms map[string]triage.Weight
	rules map[string]bool
}

func (r *rescoring) worker() *rejudge {
	return &rejudge{r: r, terms: map[string]triage.Weight{}, rules: r.rules.Names()}
}

// judge decides one document again. Documents of ours that are no verdicts are passed over.
func (w *rejudge) judge(doc string, res *rescored) error {
	if err := triage.ReadPast(doc, &w.past); err != nil {
		switch kindOf(doc) {
		case "summary":
			res.summary = true
			return nil
		case "members", "gap", "reject":
			return nil
		}
		return err
	}
	p := &w.past
	res.verdicts++
	if p.Evidence.Allow != nil && !w.rules[p.Evidence.Allow.Rule] {
		p.Evidence.Allow = nil
	}
	p.Evidence.Gaps = w.standing(p.Evidence.Gaps)
	now := triage.Decide(p.Evidence, &w.r.policy)
	truth := w.r.known(p)
	if truth != triage.Undetermined {
		res.then.Add(&p.Then, truth == triage.TruePositive)
		res.now.Add(&now, truth == triage.TruePositive)
	}
	class := triage.Compare(&p.Then, &now, truth)
	res.classes[class]++
	if class == triage.NoFlip {
		return nil
	}
	clear(w.terms)
	triage.Terms(w.terms, now.Signals)
	w.terms[triage.BaseTerm] = now.Base
	f := triage.Flip{Past: p, Now: now, Class: class, Because: triage.Differences(p.Terms, w.terms)}
	if w.r.app.wantsJSON() {
		res.text = append(f.AppendJSON(res.text), '\n')
	} else if !res.top.Full(class) {
		res.top.Add(render.FlipRowOf(&f))
	}
	return nil
}

// standing takes the gaps of settings then for those of settings now.
func (w *rejudge) standing(gaps []alert.Gap) []alert.Gap {
	kept := gaps[:0]
	for _, g := range gaps {
		if g.Check != "precedent" {
			kept = append(kept, g)
		}
	}
	return append(kept, w.r.stands.Gaps...)
}

// known is what a verdict is known to be: an attack when any of its alerts is.
func (r *rescoring) known(p *triage.Past) triage.Disposition {
	if r.truth == nil {
		return triage.Undetermined
	}
	truth := r.truth[p.ID]
	for _, id := range p.AlertIDs {
		if d := r.truth[id]; d == triage.TruePositive || truth == triage.Undetermined {
			truth = d
		}
		if truth == triage.TruePositive {
			break
		}
	}
	return truth
}

// kindOf is the kind of a document.
func kindOf(doc string) string {
	_, rest, _ := strings.Cut(doc[:min(len(doc), 200)], `"kind":"`)
	kind, _, _ := strings.Cut(rest, `"`)
	return kind
}

// collect counts a batch, in the order of the input.
func (r *rescoring) collect(res *rescored) error {
	f := &r.flips
	f.Verdicts += res.verdicts
	for class, n := range res.classes {
		f.Classes[class] += n
	}
	r.then.Merge(&res.then)
	r.now.Merge(&res.now)
	f.Merge(&res.top)
	r.last = r.last || res.summary
	_, err := r.out.Write(res.text)
	return err
}

// finish prints the account.
func (r *rescoring) finish(o rescoreOptions, started time.Time) error {
	if !r.last && r.acc.read > 0 {
		r.acc.gaps = append(r.acc.gaps, stream.Gap{Input: "verdicts", Reason: "they end without a summary: whoever wrote them was cut short"})
	}
	if r.app.wantsJSON() {
		b := []byte(`{"kind":"summary","version":1,"command":"rescore"`)
		b = wire.Int(b, "read", r.acc.read)
		b = wire.Int(b, "rejected", r.acc.rejected)
		b = wire.Int(b, "verdicts", r.flips.Verdicts)
		b = r.flips.AppendJSON(b)
		b = wire.Float(b, "seconds", r.app.Now().Sub(started).Seconds())
		b = append(wire.Key(b, "digests"), '{')
		b = wire.Text(b, "policy", r.stands.Digests.Policy)
		b = append(wire.Text(b, "precedent", r.stands.Digests.Precedent), "}}\n"...)
		if _, err := r.out.Write(b); err != nil {
			return err
		}
	} else if _, err := r.out.Write(r.flips.Append(nil, render.NewPaper(r.app.IO))); err != nil {
		return err
	}
	if err := r.out.Flush(); err != nil {
		return err
	}
	if !r.last && r.acc.read > 0 {
		return &failure{status: statusFailed, err: errors.New("the verdicts end without a summary: whoever wrote them was cut short")}
	}
	return nil
}
