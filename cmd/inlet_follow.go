package cmd

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
)

// How a system is followed. Source of the back-off with jitter: M. Brooker, Exponential Backoff and Jitter (AWS Architecture Blog, 2015).
const (
	pullEvery   = time.Minute      // from one pull to the next
	pullOverlap = 5 * time.Minute  // how much of what was read is read again: changes are not always visible in their order
	quietSlack  = time.Hour        // by how much the system's clock may be behind while nothing happens there
	longestWait = 15 * time.Minute // after failures
	pullLate    = 24 * time.Hour   // how far back is looked for late ones where alerts are found by a time that they carry
	lateParts   = 24               // how often that is done within that time
)

// pace is when something is tried again.
type pace struct {
	every    time.Duration
	failures int
}

// wait is how long to wait now: after failures twice as long each time, half of it by chance.
func (p *pace) wait() time.Duration {
	if p.failures == 0 {
		return p.every
	}
	d := min(p.every<<min(p.failures, 16), longestWait)
	d = max(d, p.every)
	return d/2 + rand.N(d/2+1)
}

// pause waits and tells whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// pulling pulls again and again, from where the last process ended, until the run is over. Trouble is told when it begins and when it
// changes, not every time.
func (in *inlet) pulling(ctx context.Context, lim stream.Limits, emit func(stream.Batch) error) error {
	if err := in.replay(ctx, lim, emit); err != nil {
		return err
	}
	mark, err := in.mark(ctx)
	if err != nil {
		return err
	}
	keep, forget := in.fresh(ctx)
	looked := time.Time{} // for late ones
	p, t := pace{every: orDefault(in.conf.Every.Duration, pullEvery)}, trouble{}
	for {
		c := &catch{in: in, limit: lim.Record, keep: keep, emit: emit}
		began, asked := in.app.Now(), in.window(&mark)
		if late := in.lateness(); late > 0 && !mark.At.IsZero() && began.Sub(looked) >= late/lateParts {
			c.before, asked.From = asked.From, later(mark.Began, mark.At.Add(-late), asked.From)
		}
		gaps := in.round(ctx, c, &mark, asked)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case c.err != nil:
			return c.err
		}
		if mark.Failures == 0 && !notFound(gaps) && !c.before.IsZero() {
			looked = began
		}
		if err := in.setMark(ctx, &mark); err != nil {
			return err
		}
		if c.late > 0 && emit(stream.Batch{Input: in.name, Notes: []string{c.tardiness()}}) != nil {
			return ctx.Err()
		}
		forget(mark.At.Add(-in.lateness()))
		if in.tells(&t, gaps, "it is read on from where it was left, nothing is lost", emit) != nil {
			return ctx.Err()
		}
		if p.failures = mark.Failures; !pause(ctx, p.wait()) {
			return ctx.Err()
		}
	}
}

// tells emits what is new about the trouble of a source, or that it is over.
func (in *inlet) tells(t *trouble, gaps []alert.Gap, rest string, emit func(stream.Batch) error) error {
	now := in.app.Now()
	if t.news(gaps, now) {
		if err := in.tell(gaps, emit); err != nil {
			return err
		}
	}
	if !notFound(gaps) {
		if text := t.over(now, rest); text != "" {
			return emit(stream.Batch{Input: in.name, Notes: []string{text}})
		}
	}
	return nil
}

// fresh keeps what is new on disk until it is judged, and tells what is; without a book it remembers what came, for as long as a pull may bring
// it again.
func (in *inlet) fresh(ctx context.Context) (keep func([]alert.Pulled) ([]bool, error), forget func(time.Time)) {
	if in.book != nil && !in.stores {
		return func(list []alert.Pulled) ([]bool, error) {
			fresh, err := in.book.Arrive(context.WithoutCancel(ctx), in.name, list, true)
			return fresh, bookError(err)
		}, func(time.Time) {}
	}
	seen := map[[2]string]time.Time{}
	keep = func(list []alert.Pulled) ([]bool, error) {
		fresh := make([]bool, len(list))
		for i := range list {
			key := [2]string{list[i].Item, list[i].Edition}
			_, was := seen[key]
			fresh[i], seen[key] = !was, list[i].Changed
		}
		if in.book == nil {
			return fresh, nil
		}
		former, err := in.book.JudgedAs(ctx, in.name, list) // what people did to it since makes other bytes and no other alert
		for i := range former {
			fresh[i] = false
		}
		return fresh, bookError(err)
	}
	return keep, func(mark time.Time) {
		for key, changed := range seen {
			if changed.Before(mark.Add(-2 * quietSlack)) {
				delete(seen, key)
			}
		}
	}
}

func orDefault(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}

// tardy is a system whose alerts are found by a time that they carry, not by that of their arrival: one that arrives late is behind where the
// reading is by then.
type tardy interface{ Tardy() bool }

// lateness is how far back is looked now and then for what arrived late; 0: not at all.
func (in *inlet) lateness() time.Duration {
	if t, ok := in.sys.(tardy); ok && t.Tardy() {
		return orDefault(in.conf.Late.Duration, pullLate)
	}
	return in.conf.Late.Duration
}

// window is what is asked for next. Where it begins for the first time is noted.
func (in *inlet) window(mark *casebook.Mark) alert.Pull {
	asked := in.asked
	if !mark.At.IsZero() {
		asked.From = mark.At.Add(-orDefault(in.conf.Overlap.Duration, pullOverlap))
	}
	if mark.Began.IsZero() {
		mark.Began = asked.From
	}
	return asked
}

// later is where a look for late ones begins: at its bound, not before what was asked for first, and not after where it would have begun anyway.
func later(first, bound, usual time.Time) time.Time {
	if first.After(bound) {
		bound = first
	}
	if usual.Before(bound) {
		return usual
	}
	return bound
}

// round is one pull, after which the mark says how far everything is kept. What went wrong on this side is the catch's.
func (in *inlet) round(ctx context.Context, c *catch, mark *casebook.Mark, asked alert.Pull) []alert.Gap {
	began := in.app.Now()
	gaps, err := in.sys.(alert.Puller).Pull(ctx, asked, c.take)
	if c.flush() != nil || ctx.Err() != nil {
		return nil
	}
	if !c.mixed && c.settled.After(mark.At) {
		mark.At = c.settled
	}
	switch {
	case err != nil:
		gaps = append(gaps, in.broken(c.count, err))
		mark.Failed, mark.Error, mark.Failures = in.app.Now(), err.Error(), mark.Failures+1
	case notFound(gaps):
		mark.Failed, mark.Error, mark.Failures = in.app.Now(), gaps[0].Reason, 0
	default: // all of it is there, in whatever order it came
		mark.Seen, mark.Failures = in.app.Now(), 0
		for _, t := range []time.Time{c.last, began.Add(-quietSlack)} {
			if t.After(mark.At) {
				mark.At = t
			}
		}
	}
	return gaps
}

// mark is where the last process ended. Another query begins anew.
func (in *inlet) mark(ctx context.Context) (casebook.Mark, error) {
	m := casebook.Mark{Source: in.name}
	if in.book != nil {
		var err error
		if m, err = in.book.Mark(ctx, in.name); err != nil {
			return m, bookError(err)
		}
	}
	if m.Query != in.asked.Query {
		m.At, m.Began = time.Time{}, time.Time{}
	}
	m.Query, m.Failures = in.asked.Query, 0
	return m, nil
}

func (in *inlet) setMark(ctx context.Context, m *casebook.Mark) error {
	if in.book == nil {
		return nil
	}
	return bookError(in.book.SetMark(context.WithoutCancel(ctx), *m))
}

// replay hands on what a process that died had on disk and did not judge.
func (in *inlet) replay(ctx context.Context, lim stream.Limits, emit func(stream.Batch) error) error {
	if in.book == nil {
		return nil
	}
	var list, whole, parts []alert.Pulled
	size := 0
	pass := func() error {
		some := list
		list, size = nil, 0
		return in.hand(some, lim.Record, emit)
	}
	err := in.book.Waiting(ctx, in.name, func(a *casebook.Arrival) error {
		some, _ := sliced(ctx, &a.Pulled, lim.Record)
		if len(some) > 1 { // an older version kept a message of several alerts as one
			whole = append(whole, a.Pulled)
			for i := range some {
				parts = append(parts, some[i].Pulled)
			}
			return nil
		}
		list = append(list, a.Pulled)
		if size += len(a.Raw); len(list) >= catchMost || size >= catchBytes {
			return pass()
		}
		return nil
	})
	if err == nil {
		err = in.apart(ctx, whole, parts)
	}
	if err != nil {
		return bookError(err)
	}
	list = append(list, parts...)
	return pass()
}

// apart keeps what lay in one message each by itself, in place of the message.
func (in *inlet) apart(ctx context.Context, whole, parts []alert.Pulled) error {
	if len(whole) == 0 {
		return nil
	}
	if _, err := in.book.Arrive(ctx, in.name, parts, !in.stores); err != nil {
		return err
	}
	for i := range whole {
		if err := in.book.Drop(ctx, in.name, whole[i].Item, alert.DigestOf(whole[i].Raw)); err != nil {
			return err
		}
	}
	return nil
}
