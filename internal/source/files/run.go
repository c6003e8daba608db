package files

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/investigate"
)

// run is one search. Its workers take inputs and blocks in order, so that the first part that is missing is always at work.
type run struct {
	s     *Source
	q     *investigate.Query
	plan  *plan
	board *board
	full  []atomic.Bool // by term: the collector has enough of it

	mu      sync.Mutex
	opened  *sync.Cond
	input   int        // the next to be opened
	opening int        // being opened
	split   []*reading // with blocks left to take, in the order of the inputs
}

// reading is a file that is read line by line, in blocks.
type reading struct {
	in     *input
	number int
	file   *os.File
	st     fs.FileInfo
	start  int64 // of the text
	blocks int
	next   int
	notes  *notes
	left   atomic.Int64 // blocks that are not yet read
}

// done says that a block was read. The file is closed with the last: the collector may be far behind.
func (rd *reading) done() {
	if rd.left.Add(-1) == 0 {
		rd.close()
	}
}

func (rd *reading) close() { _ = rd.file.Close() } // opened for reading only: closing loses nothing

func newRun(s *Source, q *investigate.Query, p *plan) *run {
	r := &run{s: s, q: q, plan: p, board: newBoard(), full: make([]atomic.Bool, len(q.Terms))}
	r.opened = sync.NewCond(&r.mu)
	return r
}

// do searches all inputs.
func (r *run) do(ctx context.Context, c *collector) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, r.board.close)()
	var wg sync.WaitGroup
	for range r.s.o.Workers {
		wg.Go(func() { newWorker(ctx, r).work() })
	}
	err := r.collect(ctx, c)
	cancel(err)
	r.board.close()
	wg.Wait()
	for _, rd := range r.split {
		rd.close()
	}
	return err
}

func (r *run) collect(ctx context.Context, c *collector) error {
	for done := 0; done < len(r.s.inputs); {
		if err := ctx.Err(); err != nil { // the board may be full of what came before
			return err
		}
		p, err := r.board.take(ctx)
		if err != nil {
			return err
		}
		if err := c.take(p); err != nil {
			return err
		}
		for t := range r.full {
			if c.full(t) {
				r.full[t].Store(true)
			}
		}
		if p.last {
			done++
		}
	}
	return ctx.Err()
}

// job is a block of a file, or an input that nobody has opened yet.
type job struct {
	rd    *reading
	block int
	input int
}

// job returns the next thing to do.
func (r *run) job() (job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		switch {
		case len(r.split) > 0:
			rd := r.split[0]
			j := job{rd: rd, block: rd.next}
			if rd.next++; rd.next == rd.blocks {
				r.split = r.split[1:]
			}
			return j, true
		case r.input < len(r.s.inputs):
			r.input++
			r.opening++
			return job{input: r.input - 1}, true
		case r.opening == 0:
			return job{}, false
		}
		r.opened.Wait()
	}
}

// divide says what an opened input turned out to be: a reading, or nothing that others can help with.
func (r *run) divide(rd *reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opening--; rd != nil { // whoever opened the input after it may have been faster
		at := slices.IndexFunc(r.split, func(o *reading) bool { return o.number > rd.number })
		if at < 0 {
			at = len(r.split)
		}
		r.split = slices.Insert(r.split, at, rd)
	}
	r.opened.Broadcast()
}

// lines opens an input that is a file and is read line by line. Of all others nothing is kept open.
func (r *run) lines(number int) *reading {
	in := r.s.inputs[number]
	f, err := in.src.Open()
	if err != nil {
		return nil
	}
	file, ok := f.(*os.File)
	if !ok {
		_ = f.Close()
		return nil
	}
	st, err := file.Stat()
	if err == nil && st.Mode().IsRegular() && st.Size() > 0 {
		if start, ok := stream.Lined(file, r.s.o.Limits); ok {
			blocks := max(1, int((st.Size()-start+int64(r.s.o.Block)-1)/int64(r.s.o.Block)))
			rd := &reading{in: in, number: number, file: file, st: st, start: start, blocks: blocks, notes: in.recall(st)}
			rd.left.Store(int64(blocks))
			return rd
		}
	}
	_ = file.Close()
	return nil
}

// limit is how long a record may be.
func (r *run) limit() int {
	if n := r.s.o.Limits.Record; n > 0 {
		return int(n)
	}
	return 4 << 20
}
