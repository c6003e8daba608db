package casebook

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// RunInfo says what is being run, for the journal.
type RunInfo struct {
	Command string
	Inputs  []string
	Digests triage.Digests
	// Close is asked about every verdict that a certificate closes, from several goroutines, once the verdict has the id it has in the book: nil
	// sends it to a person. When Close is nil no certificate closes anything.
	Close func(*triage.Verdict) *Closing
	// Tell says what people are to be told of a verdict, once it has the id it has in the book; nil: nothing. It is asked from several goroutines,
	// and stored in the transaction that stores the verdict, see Untold.
	Tell func(*triage.Verdict) *Telling
	// Within, when set, runs in the one transaction that stores all that the run kept, however much that is: when it fails nothing is stored.
	Within func(ctx context.Context, tx *sql.Tx) error
}

// Run is one run of a command that stores verdicts. Its methods are safe for concurrent use.
//
// What is kept is collected and written in transactions of their own, each with its journal record: a run that is
// killed leaves whole transactions behind, and the same run again adds what is missing. A run that finds everything in
// the book already writes nothing, no journal record either.
type Run struct {
	b     *Book
	info  RunInfo
	empty bool // the book held no alert when the run began: nothing needs to be looked up

	mu      sync.Mutex // guards what is collected
	parts   []*part
	size    int
	since   time.Time
	err     error
	handed  map[string]*handed // verdicts that Keep was given and that are not on disk
	writing sync.Mutex         // held while a batch is written, so that the others go on collecting
}

// handed is a verdict on its way to the disk.
type handed struct {
	parts   int // that are not written, or yet to come
	printed bool
}

// Bounds of what is collected before it is written.
const (
	batchParts = 2000
	batchBytes = 4 << 20
	batchTime  = 500 * time.Millisecond
)

// Begin starts a run.
func (b *Book) Begin(ctx context.Context, what RunInfo) (*Run, error) {
	var some bool
	if err := b.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM alerts)`).Scan(&some); err != nil {
		return nil, b.fail("beginning a run", err)
	}
	return &Run{b: b, info: what, empty: !some, handed: map[string]*handed{}}, nil
}

// Keep stores a verdict with the alerts of its group. Before it returns it gives v the ids it has in the book: when a
// member is known already, those of the verdict that holds it and of that one's case. What a certificate closes it may send to a
// person. So print v afterwards.
//
// What Keep was given is on disk after the next Flush or End.
func (r *Run) Keep(ctx context.Context, v *triage.Verdict, m *triage.Members) error {
	if err := r.adopt(ctx, v, m); err != nil {
		return err
	}
	r.hand(v.ID, 1)
	closed, held := r.settle(v)
	c := &collector{run: r, row: rowOf(v, &r.b.zip), days: spread(v), copies: int64(v.Count)}
	c.row.closing = closed
	if r.info.Tell != nil {
		c.row.tell = r.info.Tell(v)
	}
	if held {
		c.row.parties = nil
	}
	if err := m.Each(func(o *triage.Observation) error { return c.add(ctx, o) }); err != nil {
		return err
	}
	if err := c.end(ctx); err != nil {
		return err
	}
	r.hand(v.ID, -1)
	return nil
}

// hand counts what of a verdict is not on disk.
func (r *Run) hand(id string, parts int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.handed[id]
	if h == nil {
		h = &handed{}
		r.handed[id] = h
	}
	if h.parts += parts; h.parts == 0 {
		delete(r.handed, id)
	}
}

// Printed notes that a verdict was printed, under the id that Keep gave it.
func (r *Run) Printed(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.handed[id]; h != nil {
		h.printed = true
	}
}

// Unkept counts the verdicts that were printed and are not on disk: all that a run which failed did not write, none after a Flush that worked.
func (r *Run) Unkept() (n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.handed {
		if h.printed {
			n++
		}
	}
	return n
}

// adopt gives v the ids of the verdict that holds one of its members.
func (r *Run) adopt(ctx context.Context, v *triage.Verdict, m *triage.Members) error {
	if r.empty {
		return nil
	}
	h, ok, err := r.b.holder(ctx, m)
	if !ok || err != nil {
		return err
	}
	v.ID = h.Verdict
	switch {
	case h.Case != "":
		v.Case = h.Case
	case v.Route != triage.Closed:
		v.Case = triage.CaseOf(v.ID)
	}
	return nil
}

// queue takes a part over and writes a batch when enough has come together.
func (r *Run) queue(ctx context.Context, p *part) error {
	now := r.b.now()
	r.mu.Lock()
	if r.err != nil {
		defer r.mu.Unlock()
		return r.err
	}
	if len(r.parts) == 0 {
		r.since = now
	}
	r.parts = append(r.parts, p)
	r.handed[p.name].parts++
	r.size += p.size()
	full := r.info.Within == nil && (len(r.parts) >= batchParts || r.size >= batchBytes || now.Sub(r.since) >= batchTime)
	r.mu.Unlock()
	if full {
		return r.Flush(ctx)
	}
	return nil
}

// Flush writes what was kept so far. A run that waits for its input calls it.
func (r *Run) Flush(ctx context.Context) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	parts, err := r.parts, r.err
	r.parts, r.size = nil, 0
	r.mu.Unlock()
	if err != nil || len(parts) == 0 && r.info.Within == nil {
		return err
	}
	if err = r.store(ctx, parts); err != nil {
		r.mu.Lock()
		r.err = err
		r.mu.Unlock()
		return err
	}
	for _, p := range parts {
		r.hand(p.name, -1)
	}
	return nil
}

// End writes the rest.
func (r *Run) End(ctx context.Context) error { return r.Flush(ctx) }
