package stream

import (
	"bytes"
	"errors"
	"io"
)

const (
	blockSize = 256 << 10
	maxRecord = 1 << 30 // whatever Limits say: a record must fit in memory
	maxKept   = 64 << 10
	maxItems  = 1000
	maxEmpty  = 100 // reads without a byte before the input counts as stuck
)

// window is the stretch of the input that is in memory: buf[pos:] is not yet consumed. Readers of containers look at it
// with indexes relative to pos, which stay right when more moves the rest into a new block. Errors are sticky: after one,
// more returns false and every loop runs out.
type window struct {
	src   io.Reader
	stop  func() error
	eager bool // hand on what one read brought: more may be a long time coming
	limit int  // Limits.Record

	wanted func(at int64, text []byte, n int) bool // nil: all
	stored func(chunk []byte, records []int) int   // nil: all

	buf  []byte
	pos  int
	lent *loan // records point into buf; nil when none do
	base int64 // offset of buf[0] in the input
	line int64 // of buf[pos]
	err  error // why there is nothing after buf: io.EOF or what broke
	fail error // what stops the run

	fresh bool // nothing but blanks stands before pos on its line
	col   int  // how many blanks, when fresh

	rescanned int64 // bytes looked at again after something broke
	counted   int64 // offset up to which batches account for the input
	open      *Reject
	out       outbox
	pool      *pool
}

func (w *window) offset() int64 { return w.base + int64(w.pos) }

func (w *window) rest() []byte { return w.buf[w.pos:] }

// has reports whether byte i of the rest exists, reading on if need be. Beyond the limit for one record it says no.
func (w *window) has(i int) bool {
	if i > w.limit {
		return false
	}
	for w.pos+i >= len(w.buf) {
		if !w.more() {
			return false
		}
	}
	return true
}

// begins looks at one byte after the other: a pipe may hold back the next until the first are answered.
func (w *window) begins(prefix string) bool {
	for i := range len(prefix) {
		if !w.has(i) || w.rest()[i] != prefix[i] {
			return false
		}
	}
	return true
}

// more reads on, and reports whether at least one byte came. What is finished goes out first.
func (w *window) more() bool {
	if w.flush(); w.err != nil || w.fail != nil {
		return false
	}
	if w.fail = w.stop(); w.fail != nil {
		return false
	}
	w.room()
	before, empty := len(w.buf), 0
	for len(w.buf) < cap(w.buf) && w.err == nil {
		n, err := w.src.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf, w.err = w.buf[:len(w.buf)+n], err
		if empty++; n > 0 {
			empty = 0
		}
		if empty == maxEmpty {
			w.err = io.ErrNoProgress
		}
		if w.eager && n > 0 {
			break
		}
	}
	return len(w.buf) > before
}

// room makes free space behind the rest: in a new block when records point into this one.
func (w *window) room() {
	if len(w.buf) < cap(w.buf) {
		return
	}
	rest, size := w.rest(), blockSize
	for size < 2*len(rest) {
		size *= 2
	}
	block := w.buf[:0]
	if w.lent != nil || cap(w.buf) != size {
		block = w.block(size)
	}
	w.base += int64(w.pos)
	w.buf, w.pos = append(block, rest...), 0
	if w.lent != nil {
		w.lent.end()
		w.lent = nil
	}
}

// block returns memory for a block of a size.
func (w *window) block(size int) []byte {
	if size == blockSize {
		if b := take(w.pool.blocks); b != nil {
			return b
		}
	}
	return make([]byte, 0, size)
}

// lend notes that the record added last points into buf.
func (w *window) lend() {
	if w.lent == nil {
		w.lent = &loan{block: w.buf, pool: w.pool}
		w.lent.users.Add(1)
	}
	if w.out.batch.loan == nil {
		w.out.batch.loan = w.lent
		w.lent.users.Add(1)
	}
}

// skip consumes n bytes, into the open reject if there is one.
func (w *window) skip(n int) {
	p := w.rest()[:n]
	if w.open != nil {
		w.open.Raw = append(w.open.Raw, p[:min(n, maxKept-len(w.open.Raw))]...)
		w.open.Bytes += int64(n)
	}
	w.line += int64(bytes.Count(p, []byte{'\n'}))
	w.pos += n
	w.fresh = w.fresh && n == 0
}

// eol returns how far the end of the line is, looking from byte from on; false when the line is longer than a record may be.
func (w *window) eol(from int) (int, bool) {
	for {
		if i := bytes.IndexByte(w.buf[w.pos+from:], '\n'); i >= 0 {
			return from + i, from+i <= w.limit
		}
		from = len(w.buf) - w.pos
		if from > w.limit {
			return from, false
		}
		if !w.more() {
			return from, true
		}
	}
}

// skipLine consumes the rest of the line without keeping it, but not its newline.
func (w *window) skipLine() {
	for {
		if i := bytes.IndexByte(w.rest(), '\n'); i >= 0 {
			w.skip(i)
			return
		}
		w.skip(len(w.rest()))
		if !w.more() {
			return
		}
	}
}

// newlineHere consumes the newline at pos, if there is one.
func (w *window) newlineHere() {
	if w.has(0) && w.rest()[0] == '\n' {
		w.skip(1)
		w.fresh, w.col = true, 0
	}
}

// blank consumes white space, within the line if oneLine, and reports whether something follows.
func (w *window) blank(oneLine bool) bool {
	for w.has(0) {
		switch w.buf[w.pos] {
		case '\n':
			if oneLine {
				return false
			}
			w.line++
			w.fresh, w.col = true, -1
			fallthrough
		case ' ', '\t', '\r':
			w.pos++
			w.col++
		default:
			return true
		}
	}
	return false
}

// cut says that the input broke before its end, so that what stands last is not whole.
func (w *window) cut() bool { return w.err != nil && !errors.Is(w.err, io.EOF) }
