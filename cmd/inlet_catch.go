package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/render"
)

// Bounds of what is caught before it is handed on.
const (
	catchMost  = 500
	catchBytes = 1 << 20
)

// catch gathers what a pull finds into batches, and hands on what is to be judged.
type catch struct {
	in    *inlet
	limit int64
	keep  func([]alert.Pulled) (fresh []bool, err error) // before it is handed on; nil: all of it is
	emit  func(stream.Batch) error

	list    []alert.Pulled
	size    int
	count   int64
	last    time.Time // of the latest change
	settled time.Time // the latest change of what was kept
	before  time.Time // set where late ones are looked for: what is new and older than that came late
	late    int
	mixed   bool  // a change came after a later one: how far it got says nothing
	err     error // of this side
}

func (c *catch) take(p alert.Pulled) error {
	identify(&p)
	c.count++
	if p.Changed.Before(c.last) {
		c.mixed = true
	} else {
		c.last = p.Changed
	}
	c.list = append(c.list, p)
	if c.size += len(p.Raw) + len(p.View); len(c.list) >= catchMost || c.size >= catchBytes {
		return c.flush()
	}
	return nil
}

func (c *catch) flush() error {
	list := c.list
	c.list, c.size = nil, 0
	if len(list) == 0 || c.err != nil {
		return c.err
	}
	if c.keep != nil {
		var fresh []bool
		if fresh, c.err = c.keep(list); c.err != nil {
			return c.err
		}
		list = only(list, fresh)
	}
	for i := range list {
		if list[i].Changed.Before(c.before) {
			c.late++
		}
	}
	if c.err = c.in.hand(list, c.limit, c.emit); c.err == nil {
		c.err = c.in.named(list)
	}
	if c.err == nil {
		c.settled = c.last
	}
	return c.err
}

// tardiness is what there is to say of late ones.
func (c *catch) tardiness() string {
	return render.Plural(int64(c.late), "alert", "alerts") + " of before " + c.before.UTC().Format(time.RFC3339) + " came late: judged now"
}

// note keeps the names of what a pull of a finite window found: what is written back finds it by them. It needs no bytes: the window can be
// pulled again. Who asks for a window wants all of it judged; what was judged before, in the same edition, is judged as it was then: a status
// that changed since makes other bytes, and is no other alert.
func (in *inlet) note(ctx context.Context) func([]alert.Pulled) ([]bool, error) {
	if in.book == nil {
		return nil
	}
	return func(list []alert.Pulled) ([]bool, error) {
		fresh, err := in.book.Arrive(context.WithoutCancel(ctx), in.name, list, false)
		if err != nil {
			return nil, bookError(err)
		}
		for i := range fresh {
			fresh[i] = true
		}
		former, err := in.book.JudgedAs(ctx, in.name, list)
		for i, digest := range former {
			if list[i].Raw, err = in.book.Raw(ctx, digest); err != nil {
				break
			}
			list[i].View = nil
		}
		return fresh, bookError(err)
	}
}

// named keeps the names of what a worker has taken over: what is written back finds it by them.
func (in *inlet) named(list []alert.Pulled) error {
	if !in.stores || len(list) == 0 {
		return nil
	}
	_, err := in.book.Arrive(context.Background(), in.name, list, false)
	return bookError(err)
}

func only[T any](list []T, chosen []bool) []T {
	some := list[:0:0]
	for i := range list {
		if chosen[i] {
			some = append(some, list[i])
		}
	}
	return some
}

// hand emits records under the inlet's name.
func (in *inlet) hand(list []alert.Pulled, limit int64, emit func(stream.Batch) error) error {
	if len(list) == 0 {
		return nil
	}
	b := stream.Batch{Input: in.name}
	for i := range list {
		in.add(&b, &list[i], "", limit)
	}
	return emit(b)
}

// add adds one record to a batch, or the reason why it is none.
func (in *inlet) add(b *stream.Batch, p *alert.Pulled, fault string, limit int64) {
	if limit <= 0 {
		limit = 4 << 20
	}
	in.line++
	size := int64(len(p.Raw))
	b.Bytes += size
	if fault == "" && size > limit {
		fault = fmt.Sprintf("longer than %d bytes", limit)
	}
	if fault != "" {
		b.Rejects = append(b.Rejects, stream.Reject{Input: in.name, Line: in.line, Bytes: size, Reason: fault, Raw: p.Raw, Item: p.Item})
		return
	}
	b.Records = append(b.Records, stream.Record{Raw: p.Raw, View: p.View, Line: in.line, Item: p.Item})
}

// identify names what its system gave no name, or no edition, by its bytes: two that share a name would pass for one.
func identify(p *alert.Pulled) {
	if p.Item != "" && p.Edition != "" {
		return
	}
	digest := alert.DigestOf(p.Raw).String()
	p.Item, p.Edition = orElse(p.Item, digest), orElse(p.Edition, digest)
}
