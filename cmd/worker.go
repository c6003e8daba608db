package cmd

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/work"
	"github.com/seed-959697dd/soc/triage"
)

// Workers share one casebook: docs/decisions/0009. What arrives is kept and enqueued in one transaction; what is due is judged and taken from
// what waits in another.

const (
	arrivals    = "triage"  // the queue
	longGroups  = 10        // gaps after which a group that goes on is judged as it stands
	largeGroups = 500       // alerts at which it is, too
	lookBackTo  = 50_000    // verdicts of others that are read for context when a worker begins
	recallEvery = time.Hour // how often it reads anew what the estate has seen
	idleEvery   = 300 * time.Millisecond
)

// worker is a run that shares its work.
type worker struct {
	*run
	out     *bufio.Writer
	jobs    *work.Jobs
	groups  *triage.Stream
	parser  *alert.Parser
	assess  *triage.Assessor
	ours    map[judgedGroup]struct{} // judged here and not yet met among what was judged
	seen    int64                    // the last journal record whose verdicts are known
	recalls time.Time
	fail    context.CancelCauseFunc

	mu sync.Mutex // guards what is printed and counted
}

type judgedGroup struct {
	fp    triage.Fingerprint
	first int64
}

// unstored is why something that arrived could not be kept.
type unstored struct{ error }

func (u *unstored) Unwrap() error { return u.error }

// jobsOf opens the queues beside a casebook.
func (a *app) jobsOf(ctx context.Context, book *casebook.Book, s *settings) (*work.Jobs, error) {
	return work.Open(ctx, work.Settings{DB: book.DB(), Postgres: book.Shared(), Alone: book.Alone, Lease: s.Casebook.Lease.Duration, Now: a.Now, Stubbed: a.Stubbed})
}

// sharing takes in what arrives and judges what is due, until the run is interrupted or its inputs have ended and nothing waits any more.
func (r *run) sharing(ctx context.Context, s *settings, sources []stream.Source, out *bufio.Writer) error {
	r.interruptible(ctx)
	jobs, err := r.app.jobsOf(ctx, r.book, s)
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	w := &worker{run: r, out: out, jobs: jobs, fail: fail, parser: r.set.NewParser(), assess: triage.NewAssessor(r.checks), ours: map[judgedGroup]struct{}{}}
	w.groups = r.stream()
	if err := r.recall(ctx, w.groups.Remember); err != nil {
		return err
	}
	w.recalls = r.app.Now()
	var both sync.WaitGroup
	both.Go(func() {
		if err := jobs.Work(ctx, w.trouble, work.Queue{Name: arrivals, Parallel: 1, Do: w.judge}); err != nil {
			fail(err)
		}
	})
	err = w.takeIn(ctx, sources)
	fail(err) // nil: the work is done
	both.Wait()
	rest := context.WithoutCancel(ctx)
	if cause := context.Cause(ctx); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if err == nil {
		r.sum.queued, err = r.book.Queued(rest)
	}
	return bookError(err)
}

// takeIn reads the inputs side by side. When they have ended it waits until nothing waits; without any it waits for the end of the run.
func (w *worker) takeIn(ctx context.Context, sources []stream.Source) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, src := range growing(ctx, sources) {
		parser := w.set.NewParser()
		wg.Go(func() {
			if err := stream.Read(ctx, src, w.conf.limits(), func(b stream.Batch) error { return w.take(ctx, parser, b) }); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		wg.Wait()
		close(ended)
	}()
	select {
	case <-ctx.Done():
		settle(&wg, context.Cause(ctx))
		return context.Cause(ctx)
	case <-ended:
	}
	for len(sources) == 0 || w.waits(ctx) {
		if !pause(ctx, idleEvery) {
			return context.Cause(ctx)
		}
	}
	return nil
}

// waits tells whether anything waits for a worker. What cannot be told now is asked again.
func (w *worker) waits(ctx context.Context) bool {
	n, err := w.book.Queued(ctx)
	return err != nil || n > 0
}

// take keeps what a batch holds and enqueues it. It returns when that is on the disk.
func (w *worker) take(ctx context.Context, parser *alert.Parser, b stream.Batch) error {
	p := &packet[[]casebook.Pending]{batch: b}
	var buf []byte
	err := records(p, parser, func(al *alert.Alert) error {
		one := casebook.Pending{Key: casebook.Key{ID: strings.Clone(al.ID), Digest: al.Digest}, Input: al.Input, Raw: al.Raw}
		if viewed(al) {
			one.View = al.View
		}
		one.Fingerprint, buf = triage.FingerprintOf(al, buf)
		p.result = append(p.result, one)
		return nil
	})
	if err != nil {
		return err
	}
	var fresh int64
	if len(p.result) > 0 {
		fresh, err = w.book.Await(ctx, p.result, func(ctx context.Context, tx *sql.Tx, arrived time.Time) error {
			return w.jobs.Add(ctx, tx, arrivals, strconv.FormatInt(arrived.UnixNano(), 10), arrived.Add(w.policy.Gap))
		})
	}
	if err != nil {
		if len(b.Records) > 0 && b.Records[0].Item == "" {
			return bookError(err) // nobody keeps it for us
		}
		return &unstored{bookError(err)}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.acc.note(p.read, p.rejects, b.Gaps, w.docs); err != nil {
		return err
	}
	w.sum.known += int64(len(p.result)) - fresh
	w.talk(&b)
	w.show.read(b.Bytes, w.acc.read)
	if w.acc.keep != nil && len(p.rejects) > 0 {
		if err := w.acc.keep.Flush(); err != nil {
			return fmt.Errorf("writing the rejects file: %w", err)
		}
	}
	if err := w.dropped(context.WithoutCancel(ctx), p.rejects); err != nil {
		return err
	}
	b.Done()
	return nil
}

// trouble says why a job failed, which is tried again.
func (w *worker) trouble(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.show.bar.Clear()
	fmt.Fprintf(w.app.IO.Err, "soc: %s; it is tried again\n", term.Clean(err.Error()))
}

// judge judges what is due of what arrived at a time.
func (w *worker) judge(ctx context.Context, about string) error {
	ns, err := strconv.ParseInt(about, 10, 64)
	if err != nil {
		return fmt.Errorf("a job about %q: %w", about, err)
	}
	w.renew()
	if err := w.expire(); err != nil {
		return err
	}
	if err := w.rewatch(ctx); err != nil {
		return err
	}
	due, err := w.book.Due(ctx, time.Unix(0, ns), w.app.Now().Add(-longGroups*w.policy.Gap), largeGroups)
	if err != nil {
		return err
	}
	for _, list := range due {
		for try := 1; ; try++ {
			err := w.settleGroups(ctx, list)
			if err == nil {
				break
			}
			if !errors.Is(err, casebook.ErrTaken) || try == 3 {
				return err
			}
		}
	}
	return nil
}

// spoken is a verdict as it will be printed once it is stored.
type spoken struct {
	text []byte
	tag  tag
}

// settleGroups judges all that waits of some groups and stores the verdicts, unless somebody else did meanwhile.
func (w *worker) settleGroups(ctx context.Context, list []triage.Fingerprint) error {
	pending, err := w.book.Pending(ctx, list)
	if err != nil || len(pending) == 0 {
		return err
	}
	if err := w.learn(ctx); err != nil {
		return err
	}
	w.saying.Lock()
	w.toSay = nil // of a try that came to nothing
	w.saying.Unlock()
	rejects, names, observed := w.look(pending)
	w.keep, err = w.book.Begin(ctx, casebook.RunInfo{
		Command: "triage", Inputs: names, Digests: w.stands.Digests, Close: w.closing, Tell: w.herald.telling,
		Within: func(ctx context.Context, tx *sql.Tx) error { return w.book.Take(ctx, tx, pending) },
	})
	if err != nil {
		return err
	}
	var said []spoken
	err = w.groups.Settle(ctx, observed, func(v *triage.Verdict, m *triage.Members) error {
		person := v.Route != triage.Closed
		w.ours[judgedGroup{v.Fingerprint, v.First.UnixNano()}] = struct{}{}
		text, t, err := w.render(ctx, nil, v, m)
		if person && err == nil {
			w.opened(v)
		}
		said = append(said, spoken{text, t})
		return err
	})
	if err == nil {
		err = w.keep.End(ctx)
	}
	w.keep = nil
	if err != nil {
		return err
	}
	if err := w.say(ctx, said, rejects); err != nil {
		w.fail(err) // what is stored is stored; nobody reads what is printed
	}
	return nil
}

// look runs the checks over what waits. What is no alert here, whatever the worker thought that took it in, is rejected.
func (w *worker) look(pending []casebook.Pending) (rejects []stream.Reject, names []string, observed *triage.Observed) {
	observed = &triage.Observed{}
	var al alert.Alert
	var obs triage.Observation
	known := map[string]struct{}{}
	for i := range pending {
		p := &pending[i]
		if _, dup := known[p.Input.Name]; !dup {
			known[p.Input.Name] = struct{}{}
			names = append(names, p.Input.Name)
		}
		if _, err := w.parser.Parse(&al, p.Raw, p.View); err != nil {
			rejects = append(rejects, stream.Reject{Input: p.Input.Name, Line: p.Input.Line, Offset: p.Input.Offset, Item: p.Input.Item, Bytes: int64(len(p.Raw)), Reason: err.Error(), Raw: p.Raw})
			continue
		}
		al.Input = p.Input
		w.observe(w.assess, &al, &obs, observed)
	}
	return rejects, names, observed
}

// learn reads what other workers judged meanwhile, for context.
func (w *worker) learn(ctx context.Context) (err error) {
	if now := w.app.Now(); now.Sub(w.recalls) >= recallEvery {
		w.recalls = now
		if err := w.book.Sightings(ctx, func(s triage.Sighting) error { w.groups.Remember(s); return nil }); err != nil {
			return err
		}
	}
	base := w.policy.Base()
	w.seen, err = w.book.Judged(ctx, w.seen, lookBackTo, func(p *triage.Passed) {
		key := judgedGroup{p.Fingerprint, p.First.UnixNano()}
		if _, ours := w.ours[key]; ours {
			delete(w.ours, key)
			return
		}
		p.Evidence -= base
		w.groups.Pass(p)
	})
	return err
}

// say prints what is stored.
func (w *worker) say(ctx context.Context, said []spoken, rejects []stream.Reject) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range said {
		if err := w.emit(said[i].text, said[i].tag); err != nil {
			return err
		}
	}
	gaps := w.herald.flush(ctx)
	err := w.acc.note(0, rejects, gaps, w.docs)
	w.judged = len(said) > 0
	return errors.Join(err, w.dropped(ctx, rejects), w.cleared(ctx), w.writeBack(ctx), w.flush())
}

func (w *worker) flush() error {
	if err := w.out.Flush(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
