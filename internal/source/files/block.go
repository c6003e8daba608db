package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/source/files/match"
	"github.com/seed-959697dd/soc/investigate"
)

// block is a stretch of a file that is read line by line. The lines that begin in it are its own; their last may end beyond.
type block struct {
	w    *worker
	rd   *reading
	part *part
	note note

	lo, hi int64  // the stretch
	text   []byte // from the first line that is the block's own to the end of the last, with what may belong to that
	base   int64  // offset of text[0]
	before int64  // lines that end in the stretch before text
	end    int64  // offset behind the last line of the block's own
}

// block searches block i.
func (w *worker) block(rd *reading, i int) *part {
	size := int64(w.r.s.o.Block)
	b := &block{w: w, rd: rd, lo: rd.start + int64(i)*size}
	b.hi = min(b.lo+size, rd.st.Size())
	b.part = &part{name: rd.in.src.Name, input: rd.number, number: i, relative: true, last: i == rd.blocks-1, blind: func() { rd.notes.blind(i) }}
	if b.part.last {
		b.part.end = b.rd.ending
	}
	if rd.st.Size() >= w.r.s.o.Indexed {
		if lines, out := rd.notes.outside(i, w.r.q.From, w.r.q.To); out {
			b.part.lines = lines
			return b.part
		}
	}
	b.search(rd.notes.known())
	if !rd.notes.known() {
		b.note.lines, b.note.blind = b.part.lines, b.note.blind || len(b.part.lost)+len(b.part.gaps) > 0
		rd.notes.set(i, b.note)
	}
	return b.part
}

// ending says what is to be said of the file.
func (rd *reading) ending() (c investigate.Covered, gap string) {
	rd.notes.end()
	gap = rd.in.changed(rd.st)
	return investigate.Covered{Input: rd.in.src.Name, Times: rd.notes.times(), Records: rd.notes.lines()}, gap
}

func (b *block) search(noted bool) {
	long, ok := b.read()
	if !ok {
		return
	}
	if !noted {
		b.times()
	}
	w := b.w
	w.hits = w.r.plan.set.Find(w.hits[:0], b.text)
	b.cut(w.hits)
	if long {
		b.long()
	}
	if b.part.last {
		b.last()
	}
}

// fill reads the file from an offset into the worker's memory, behind what is there, until that holds n bytes or the file ends.
func (b *block) fill(from int64, n int) (more bool) {
	w := b.w
	have := len(w.buf)
	if cap(w.buf) < n {
		w.buf = append(make([]byte, 0, n+n/8), w.buf...)
	}
	w.buf = w.buf[:n]
	k, err := b.rd.file.ReadAt(w.buf[have:], from+int64(have))
	w.buf = w.buf[:have+k]
	if err != nil && !errors.Is(err, io.EOF) {
		b.part.gaps = append(b.part.gaps, fmt.Sprintf("reading on from byte %d: %v", from+int64(len(w.buf)), bare(err)))
	}
	return err == nil
}

// read makes the block's text. It says whether a line begins behind it that is longer than a record may be.
func (b *block) read() (long, ok bool) {
	w, from := b.w, b.lo
	if b.lo > b.rd.start {
		from-- // a line begins behind a line's end
	}
	w.buf = w.buf[:0]
	b.fill(from, int(b.hi-from))
	if from+int64(len(w.buf)) < b.hi {
		b.hi = from + int64(len(w.buf)) // the file shrank, which is found out at the end
	}
	if b.hi <= b.lo {
		return false, false
	}
	b.part.lines = int64(bytes.Count(w.buf[b.lo-from:], newline))
	first := 0
	if from < b.lo {
		if first = bytes.IndexByte(w.buf, '\n') + 1; first == 0 || from+int64(first) >= b.hi {
			return false, false // no line begins here
		}
	}
	b.base = from + int64(first)
	if b.base > b.lo {
		b.before = int64(bytes.Count(w.buf[b.lo-from:first], newline))
	}
	end, whole := b.line(from, max(first, int(b.hi-from)-1))
	if !whole {
		end, long = bytes.LastIndexByte(w.buf[first:b.hi-from], '\n')+1+first, true
	}
	b.end = from + int64(end)
	if !long && goesOn(w.buf[first:end]) {
		for range mostWrapped { // the lines behind may belong to the last
			next, whole := b.line(from, end)
			if !whole || next == end {
				break
			}
			if end = next; !goesOn(w.buf[first:end]) {
				break
			}
		}
	}
	b.text = w.buf[first:end]
	return long, true
}

// bare takes the path off an error whose message will name it.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

var newline = []byte{'\n'}

// line returns the end of the line in which byte i of the memory stands, which holds the file from an offset; false when the line is longer than
// a record may be.
func (b *block) line(from int64, i int) (end int, whole bool) {
	w := b.w
	start := bytes.LastIndexByte(w.buf[:min(i, len(w.buf))], '\n') + 1
	for {
		if i < len(w.buf) {
			if k := bytes.IndexByte(w.buf[i:], '\n'); k >= 0 {
				return i + k + 1, i+k-start <= b.w.r.limit()
			}
		}
		if i = len(w.buf); i-start > b.w.r.limit() {
			return 0, false
		}
		if !b.fill(from, len(w.buf)+max(64<<10, len(w.buf)-start)) && i == len(w.buf) {
			return i, true
		}
	}
}

const (
	near = 1 << 10  // bytes between two hits that are read in one go
	most = 64 << 10 // bytes that are
)

// cut cuts the records around the hits out of the text.
func (b *block) cut(hits []match.Hit) {
	lines, counted, done := b.before, 0, b.wrappedIn()
	for len(hits) > 0 {
		at := hits[0].At
		if at < done {
			hits = hits[1:]
			continue
		}
		from, to := around(b.text, at, done)
		if b.base+int64(from) >= b.end {
			return
		}
		n := 0
		for n < len(hits) {
			if hits[n].At >= to {
				if hits[n].At-to > near || to-from > most {
					break
				}
				_, to = around(b.text, hits[n].At, to)
			}
			n++
		}
		lines += int64(bytes.Count(b.text[counted:from], newline))
		counted, done = from, to
		b.stretch(from, to, lines, hits[:n])
		hits = hits[n:]
	}
}

// stretch searches the records of a stretch of the text that begins with the line behind so many.
func (b *block) stretch(from, to int, lines int64, hits []match.Hit) {
	s := stream.Stretch{Name: b.part.name, Line: lines + 1, Offset: b.base + int64(from), Text: b.text[from:to:to]}
	_ = stream.ReadLines(b.w.ctx, s, b.w.r.s.o.Limits, func(batch stream.Batch) error { // no error but that of ctx
		for i := range batch.Records {
			rec := &batch.Records[i]
			at := int(rec.Offset - b.base)
			for len(hits) > 0 && hits[0].At < at {
				hits = hits[1:]
			}
			n := 0
			for n < len(hits) && hits[n].At < at+len(rec.Raw) {
				n++
			}
			if n > 0 && rec.Offset < b.end {
				b.w.record(b.part, rec, hits[:n])
			}
		}
		b.tell(&batch)
		return nil
	})
}

func (b *block) tell(batch *stream.Batch) {
	for i := range batch.Rejects {
		r := &batch.Rejects[i]
		b.part.lost = append(b.part.lost, lost{r.Reason, r.Line, r.Offset})
	}
	for _, g := range batch.Gaps {
		b.part.gaps = append(b.part.gaps, g.Reason)
	}
}

// long searches a line that is longer than memory should hold: it may be a response of many records.
func (b *block) long() {
	start := b.base + int64(len(b.text))
	end, buf := start, make([]byte, 256<<10)
	for {
		n, err := b.rd.file.ReadAt(buf, end)
		if k := bytes.IndexByte(buf[:n], '\n'); k >= 0 {
			end += int64(k) + 1
			break
		}
		if end += int64(n); err != nil || b.w.ctx.Err() != nil {
			break
		}
	}
	s := stream.Stretch{
		Name: b.part.name, Line: b.before + int64(bytes.Count(b.text, newline)) + 1, Offset: start,
		Long: io.NewSectionReader(b.rd.file, start, end-start),
	}
	w := b.w
	_ = stream.ReadLines(w.ctx, s, w.r.s.o.Limits, func(batch stream.Batch) error { // no error but that of ctx
		for i := range batch.Records {
			rec := &batch.Records[i]
			if w.own = w.r.plan.set.Find(w.own[:0], rec.Raw); len(w.own) > 0 {
				w.record(b.part, rec, w.own)
			}
		}
		b.tell(&batch)
		return nil
	})
}
