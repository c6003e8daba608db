package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/source/dir"
)

// feedPulse is how often it is noted that a feed is well.
const feedPulse = 30 * time.Second

// feeding takes what a system hands over of its own accord, until the run is over. A feed that ends with an error is begun again.
func (in *inlet) feeding(ctx context.Context, lim stream.Limits, emit func(stream.Batch) error) error {
	if err := in.replay(ctx, lim, emit); err != nil {
		return err
	}
	if d, ok := in.sys.(*dir.Dir); ok && in.book != nil {
		d.Remember(memory{in.book, in.name})
	}
	f := &flow{inlet: in, limit: lim.Record, emit: emit, mark: casebook.Mark{Source: in.name}}
	p := pace{every: orDefault(in.conf.Every.Duration, time.Second)}
	for {
		err := f.once(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case f.err != nil:
			return f.err
		case err == nil: // it ended of its own accord, which feeds do not
			return nil
		}
		p.failures++
		if f.well {
			p.failures, f.well = 1, false
		}
		f.mark.Failed, f.mark.Failures, f.mark.Error = in.app.Now(), p.failures, err.Error()
		if err := in.setMark(ctx, &f.mark); err != nil {
			return err
		}
		if in.tells(&f.trouble, []alert.Gap{{Source: in.name, Class: alert.Failed, Reason: err.Error() + "; it is tried again"}}, "", emit) != nil {
			return ctx.Err()
		}
		if !pause(ctx, p.wait()) {
			return ctx.Err()
		}
	}
}

// memory remembers in a book which files of a directory were read.
type memory struct {
	book *casebook.Book
	name string
}

// Known implements dir.Memory.
func (m memory) Known(ctx context.Context, file, edition string) (bool, error) {
	return m.book.Arrived(ctx, m.name, file, edition)
}

// Keep implements dir.Memory.
func (m memory) Keep(ctx context.Context, file, edition string) error {
	return m.book.Remember(ctx, m.name, file, edition)
}

// flow is one feeding inlet under way.
type flow struct {
	*inlet
	limit int64
	emit  func(stream.Batch) error
	mark  casebook.Mark
	well  bool  // something came since it was begun, or nothing for so long that it would have failed
	err   error // of this side
	trouble
}

// once feeds until the feed ends. What comes while the disk is written to is written together.
func (f *flow) once(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	came := make(chan alert.Fed, catchMost) // what waits here stays with the sender
	ended := make(chan error, 1)
	go func() {
		ended <- f.sys.(alert.Feeder).Feed(ctx, func(one alert.Fed) error {
			select {
			case came <- one:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	quiet := time.NewTicker(feedPulse)
	defer quiet.Stop()
	for {
		select {
		case <-quiet.C:
			if f.err = f.alive(ctx, nil); f.err != nil {
				cancel()
				return <-ended
			}
		case one := <-came:
			if f.err = f.take(ctx, gathered(one, came)); f.err != nil {
				cancel()
				return <-ended
			}
		case err := <-ended:
			return err
		}
	}
}

// gathered is what has come by now.
func gathered(first alert.Fed, came <-chan alert.Fed) []alert.Fed {
	list := []alert.Fed{first}
	size := len(first.Raw)
	for len(list) < catchMost && size < catchBytes {
		select {
		case one := <-came:
			list = append(list, one)
			size += len(one.Raw)
		default:
			return list
		}
	}
	return list
}

// take keeps what came, says so to the sender, and hands on what is new. What cannot be kept stays with the sender: that is no error.
func (f *flow) take(ctx context.Context, list []alert.Fed) error {
	var pulled []alert.Pulled
	var faults []string
	b := stream.Batch{Input: f.name}
	for i := range list {
		b.Gaps = append(b.Gaps, f.gaps(list[i].Gaps)...)
		if list[i].Raw != nil {
			identify(&list[i].Pulled)
			some, gaps := []slice{{list[i].Pulled, list[i].Fault}}, []alert.Gap(nil)
			if list[i].Fault == "" {
				some, gaps = sliced(context.WithoutCancel(ctx), &list[i].Pulled, f.limit)
			}
			for _, p := range some {
				pulled, faults = append(pulled, p.Pulled), append(faults, p.fault)
			}
			b.Gaps = append(b.Gaps, f.gaps(gaps)...)
		}
	}
	fresh, kept := []bool(nil), error(nil)
	if f.book != nil && !f.stores && len(pulled) > 0 {
		fresh, kept = f.book.Arrive(context.WithoutCancel(ctx), f.name, pulled, true)
	}
	if kept != nil {
		pulled = nil
		b.Gaps = append(b.Gaps, f.leave(kept)...)
	}
	for i := range pulled {
		if fresh == nil || fresh[i] {
			f.add(&b, &pulled[i], faults[i], f.limit)
		}
	}
	if f.book == nil || f.stores { // what is handed on is as safe as it gets
		err := f.pass(b)
		var out *unstored
		if errors.As(err, &out) {
			kept, pulled = out.error, nil
			err = f.pass(stream.Batch{Input: f.name, Gaps: f.leave(kept)})
		}
		if err == nil {
			err = f.named(pulled)
		}
		if err != nil {
			return err
		}
	}
	for i := range list {
		if list[i].Kept != nil {
			list[i].Kept(kept)
		}
	}
	if err := f.alive(ctx, kept); err != nil || f.book == nil || f.stores {
		return err
	}
	return f.pass(b)
}

// leave is the gap of what could not be kept and stays with the sender, unless it was said for the same reason.
func (f *flow) leave(why error) []stream.Gap {
	gaps := []alert.Gap{{Source: f.name, Class: alert.Failed, Reason: "left with the sender: " + why.Error()}}
	if !f.news(gaps, f.app.Now()) {
		return nil
	}
	return f.gaps(gaps)
}

func (f *flow) pass(b stream.Batch) error {
	if len(b.Records)+len(b.Rejects)+len(b.Gaps) == 0 {
		return nil
	}
	return f.emit(b)
}

// alive notes now and then that the feed is well, and says so when it was not.
func (f *flow) alive(ctx context.Context, kept error) error {
	f.well = true
	now := f.app.Now()
	if kept == nil {
		if err := f.tells(&f.trouble, nil, "what waited with the sender comes now", f.emit); err != nil {
			return err
		}
	}
	if f.book == nil {
		return nil
	}
	if kept != nil || f.mark.Failures == 0 && now.Sub(f.mark.Seen) < feedPulse {
		return nil
	}
	f.mark.At, f.mark.Seen, f.mark.Failures = now, now, 0
	return f.setMark(ctx, &f.mark)
}
