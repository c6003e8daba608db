package cmd

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
)

// One run follows a source of a casebook at a time: a second one would judge what the first has taken in, and they would move each other's
// marks. Workers share, and keep out a run that does not.

// turnLease is how long a source stays with a run that was killed; casebook.lease makes it shorter, not longer.
const turnLease = 30 * time.Second

// sharers is who all workers are.
const sharers = "workers"

// turn is a run's hold on a source that it follows. It is kept until the run has stored what it judged, which is after it has read on.
type turn struct {
	in     *inlet
	holder string
	lease  time.Duration
	beat   sync.WaitGroup

	mu    sync.Mutex
	ours  bool
	ended bool               // nothing is claimed any more
	stop  context.CancelFunc // of the beat
}

func (in *inlet) leaseName() string { return "follow " + in.name }

// inTurn reads when it is the run's turn: until then it waits, and says for whom.
func (in *inlet) inTurn(read func(context.Context, stream.Limits, func(stream.Batch) error) error) func(context.Context, stream.Limits, func(stream.Batch) error) error {
	return func(ctx context.Context, lim stream.Limits, emit func(stream.Batch) error) error {
		if in.book == nil {
			return read(ctx, lim, emit)
		}
		t := in.turn
		if err := t.wait(ctx, emit); err != nil {
			return err
		}
		held, lost := context.WithCancelCause(ctx)
		defer lost(nil)
		t.keep(ctx, lost)
		err := read(held, lim, emit)
		if ctx.Err() == nil && held.Err() != nil {
			return context.Cause(held)
		}
		return err
	}
}

// holder is this run, in the words in which another one is told of it.
func (in *inlet) holder() string {
	if in.stores {
		return sharers
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return fmt.Sprintf("process %d on %s (run %s)", os.Getpid(), host, rand.Text()[:8]) // two containers may share the rest
}

// newTurn is one that is not claimed yet.
func (in *inlet) newTurn(lease time.Duration) *turn {
	return &turn{in: in, holder: in.holder(), lease: min(orDefault(lease, turnLease), turnLease), stop: func() {}}
}

// claim takes the source or keeps it, unless the run is over.
func (t *turn) claim(ctx context.Context) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false, context.Canceled
	}
	ours, err := t.in.book.Claim(ctx, t.in.leaseName(), t.holder, t.in.app.Now().Add(t.lease))
	t.ours = ours || err != nil && t.ours
	return ours, bookError(err)
}

// wait claims the source, again and again while somebody else has it.
func (t *turn) wait(ctx context.Context, emit func(stream.Batch) error) error {
	said := ""
	for {
		ours, err := t.claim(ctx)
		if ours || err != nil {
			return err
		}
		l, err := t.in.book.Leased(ctx, t.in.leaseName())
		if err != nil {
			return bookError(err)
		}
		if l.Holder != "" && l.Holder != said {
			said = l.Holder
			if err := emit(stream.Batch{Input: t.in.name, Notes: []string{heldBy(l) + ": this run waits for its turn"}}); err != nil {
				return err
			}
		}
		if !pause(ctx, min(t.lease/10, time.Second)) {
			return ctx.Err()
		}
	}
}

// heldBy says who follows a source.
func heldBy(l casebook.Lease) string {
	verb := " follows it"
	if l.Holder == sharers {
		verb = " (--worker) follow it"
	}
	if l.Since.IsZero() {
		return l.Holder + verb
	}
	return l.Holder + verb + " since " + l.Since.UTC().Format(time.RFC3339)
}

// keep renews the claim until end. A run that stood still for so long that another one follows by now ends.
func (t *turn) keep(ctx context.Context, lost context.CancelCauseFunc) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop = stop; t.ended {
		stop()
	}
	t.beat.Go(func() {
		for pause(ctx, t.lease/3) {
			ours, err := t.claim(ctx)
			if err != nil || ours { // an error is told by whatever else the run does with the book
				continue
			}
			l, err := t.in.book.Leased(ctx, t.in.leaseName())
			if err != nil {
				l.Holder = "another run"
			}
			lost(fmt.Errorf("following %s: this run stood still for more than %s, and %s", t.in.name, t.lease, heldBy(l)))
			return
		}
	})
}

// end gives the source back. Workers leave it to run out: others may be at it.
func (t *turn) end(ctx context.Context) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	t.ended = true
	ours := t.ours && t.holder != sharers
	t.stop()
	t.mu.Unlock()
	t.beat.Wait()
	if !ours {
		return nil
	}
	return bookError(t.in.book.Yield(ctx, t.in.leaseName(), t.holder))
}
