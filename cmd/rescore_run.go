package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// rescoring is one run.
type rescoring struct {
	*run
	truth  map[string]triage.Disposition // by alert id and by verdict id
	acc    account                       // of the old verdicts
	window window
	flips  render.Flips
	then   fit
	now    fit
	last   bool          // the documents ended with their summary
	out    *bufio.Writer // standard output
	docs   *bufio.Writer // documents; nil when nobody wants any
	file   *os.File      // --out
	mark   *bookmark     // nil without --resume
	former *former       // nil without --alerts
	tally  []tally       // of --model
	shares bool          // results are for others, whatever form they print
	idle   bool          // nothing was asked for here: it worked for others
}

// rescored is what a worker makes of a batch.
type rescored struct {
	text      []byte
	verdicts  int64
	classes   [triage.NoFlip + 1]int64
	then, now fit
	top       render.Flips
	olds      []old // with --alerts
	summary   bool  // one was among the documents
	end       int64 // offset in the input up to which this goes
}

// rescoring makes the settings ready by which verdicts are judged again.
func (a *app) rescoring(o rescoreOptions) (*rescoring, error) {
	r := &rescoring{out: bufio.NewWriterSize(a.IO.Out, 64<<10)}
	r.run = &run{app: a, o: triageOptions{now: o.now, tz: o.tz, workers: o.workers, noBook: true, context: o.context, formats: o.formats, model: o.model}}
	conf, err := a.settings(o.policy)
	if err != nil {
		return nil, err
	}
	now, err := a.clock(r.o)
	if err != nil {
		return nil, err
	}
	if r.window, err = windowOf(o.window); err != nil {
		return nil, err
	}
	if err := r.labels(o.labels); err != nil {
		return nil, err
	}
	if len(o.alerts) == 0 {
		r.policy, r.rules, err = conf.deciding(now)
		r.stands.Digests.Policy = r.policy.Digest
	} else {
		err = r.checksOf(conf, now)
	}
	if err == nil {
		err = r.run.precedent(conf, o.precedent)
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	if o.resume != "" {
		r.mark = &bookmark{file: o.resume}
	}
	return r, nil
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

// old reads the old verdicts: each is decided again, or only kept in mind when their alerts go along.
func (r *rescoring) old(ctx context.Context, o rescoreOptions, args []string) error {
	if o.booked() {
		if err := r.open(o, nil); err != nil {
			return err
		}
		return r.book(ctx, o.book)
	}
	sources, err := stream.Expand(args, r.app.IO.In)
	if err != nil {
		return err
	}
	if err := r.open(o, sources); err != nil {
		return err
	}
	if r.mark == nil {
		return r.files(ctx, sources)
	}
	for !r.mark.done(sources) {
		if err := r.files(ctx, sources[r.mark.Input:r.mark.Input+1]); err != nil {
			return err
		}
		r.mark.next()
	}
	return nil
}

// files rescores documents from files or standard input.
func (r *rescoring) files(ctx context.Context, sources []stream.Source) error {
	from := r.mark.offset()
	use := func() func(*packet[rescored]) error {
		w := r.worker()
		return func(p *packet[rescored]) error {
			for i := range p.batch.Records {
				rec := &p.batch.Records[i]
				p.result.end = max(p.result.end, rec.Offset+int64(len(rec.Raw)))
				if rec.Offset < from {
					continue
				}
				p.read++
				if err := w.judge(view(rec.Raw), &p.result); err != nil {
					p.rejects = append(p.rejects, stream.Reject{Input: p.batch.Input, Line: rec.Line, Offset: rec.Offset, Bytes: int64(len(rec.Raw)), Reason: err.Error(), Raw: rec.Raw})
				}
			}
			for _, bad := range p.batch.Rejects {
				p.result.end = max(p.result.end, bad.Offset+bad.Bytes)
				if bad.Offset >= from {
					p.read, p.rejects = p.read+1, append(p.rejects, bad)
				}
			}
			return nil
		}
	}
	return ingest(ctx, sources, stream.Limits{Record: 64 << 20}, r.o.workers, use, func(p *packet[rescored]) error {
		if err := r.acc.note(p.read, p.rejects, r.mark.fresh(p.batch.Gaps), r.documents()); err != nil {
			return err
		}
		if err := r.collect(&p.result); err != nil {
			return err
		}
		return r.keepMark(p.result.end)
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
	if r.docs == nil {
		return nil
	}
	return r.docs
}

// collect counts a batch, in the order of the input.
func (r *rescoring) collect(res *rescored) error {
	f := &r.flips
	for i := range res.olds {
		r.former.add(&res.olds[i])
	}
	r.last = r.last || res.summary
	if r.former != nil {
		return nil
	}
	f.Verdicts += res.verdicts
	for class, n := range res.classes {
		f.Classes[class] += n
	}
	r.then.Merge(&res.then)
	r.now.Merge(&res.now)
	f.Merge(&res.top)
	if r.docs == nil {
		return nil
	}
	_, err := r.docs.Write(res.text)
	return err
}

func (r *rescoring) close() error {
	var err error
	if r.known != nil {
		err = r.known.close()
	}
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	}
	return err
}
