package files

import (
	"io/fs"
	"os"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/source/files/match"
	"github.com/seed-959697dd/soc/investigate"
)

// whole reads an input from its begin to its end, and searches each record.
func (w *worker) whole(number int) {
	in := w.r.s.inputs[number]
	was, err := os.Stat(in.src.Name)
	if err != nil {
		was = nil // a gap, when it does not open
	}
	reader := &sequence{w: w, in: in, number: number, notes: &notes{}}
	if was != nil {
		if n := in.recall(was); n.known() {
			if _, out := n.outside(0, w.r.q.From, w.r.q.To); out && was.Size() >= w.r.s.o.Indexed {
				w.r.board.put(&part{name: in.src.Name, input: number, last: true, end: reader.ending(n, nil)})
				return
			}
			reader.old = n
		} else {
			reader.notes = n
		}
	}
	src := in.src
	src.Met = true // whatever does not open is a gap
	src.Wanted = reader.wanted
	src.Stored = reader.stored
	if err := stream.Read(w.ctx, src, w.r.s.o.Limits, reader.batch); err != nil {
		return // the search is over
	}
	reader.finish(was)
}

// sequence is an input whose parts come one after the other.
type sequence struct {
	w      *worker
	in     *input
	number int
	parts  int
	notes  *notes // being made
	old    *notes // made before
	note   note
	count  int64
	seen   int64       // bytes of records
	next   int64       // how many there must be until a record is looked at for its time
	hits   []match.Hit // in what lies ahead, from base on
	base   int64
	looked int64  // up to where that is known
	timed  []bool // by record that was wanted and has not come yet: it is one of these
	finder *storedFinder
}

// distance is how many bytes lie between a record whose time is noted and the next: few at the begin, so that small inputs are told of too.
func distance(offset int64) int64 { return min(256<<10, 32<<10+offset/32) }

// wanted looks into every record.
func (s *sequence) wanted(at int64, text []byte, n int) bool {
	s.count++
	s.seen += int64(n)
	timed := s.old == nil && s.seen > s.next
	if timed {
		s.next = s.seen + distance(s.seen)
	} else if !s.hit(at, text, n) {
		return false
	}
	s.timed = append(s.timed, timed)
	return true
}

// stored tells how many records of a chunk of an event log are to be decoded: all, or none, or one for its time.
func (s *sequence) stored(chunk []byte, records []int) int {
	if s.finder == nil {
		s.finder = &storedFinder{stored: s.w.r.plan.stored()}
	}
	if s.finder.may(chunk, records) {
		return len(records)
	}
	s.seen += int64(len(chunk))
	n := 0
	if s.old == nil && s.seen > s.next {
		n = 1
	}
	s.count += int64(len(records) - n)
	return n
}

// ahead is how many bytes are searched in one go: records are short, and to begin anew with each takes longer than to search it.
const ahead = 64 << 10

// hit tells whether a literal begins in a record. It may be wrong about one that ends behind it.
func (s *sequence) hit(at int64, text []byte, n int) bool {
	set := s.w.r.plan.set
	if at < 0 || n > ahead {
		s.w.hits = set.Find(s.w.hits[:0], text[:n])
		return len(s.w.hits) > 0
	}
	end := at + int64(n)
	if end > s.looked {
		text = text[:min(len(text), ahead)]
		s.hits, s.base = set.Find(s.hits[:0], text), at
		s.looked = max(end, at+int64(len(text)-set.Longest()))
	}
	for len(s.hits) > 0 && s.base+int64(s.hits[0].At) < at {
		s.hits = s.hits[1:]
	}
	return len(s.hits) > 0 && s.base+int64(s.hits[0].At) < end
}

// batch searches one batch of the records that were wanted.
func (s *sequence) batch(b stream.Batch) error {
	w := s.w
	w.begin(s.in)
	p := &part{name: s.in.src.Name, input: s.number, number: s.parts, blind: func() { s.notes.blind(0) }}
	for i := range b.Records {
		rec := &b.Records[i]
		if s.timed[i] {
			w.time(&s.note, rec.Raw, rec.View)
		}
		if w.hits = w.r.plan.set.Find(w.hits[:0], rec.Raw); len(w.hits) > 0 {
			w.record(p, rec, w.hits)
		}
	}
	s.timed = append(s.timed[:0], s.timed[len(b.Records):]...)
	for i := range b.Rejects {
		r := &b.Rejects[i]
		p.lost = append(p.lost, lost{r.Reason, r.Line, r.Offset})
	}
	for _, g := range b.Gaps {
		p.gaps = append(p.gaps, g.Reason)
	}
	s.note.blind = s.note.blind || len(p.gaps)+len(p.lost) > 0 // who asks again is to hear of them again
	s.parts++
	b.Done()
	if !w.r.board.put(p) {
		return w.ctx.Err()
	}
	return nil
}

// finish hands in the last part.
func (s *sequence) finish(was fs.FileInfo) {
	n := s.old
	if n == nil {
		n = s.notes
		n.records = s.count
		n.set(0, s.note)
		n.end()
	}
	p := &part{name: s.in.src.Name, input: s.number, number: s.parts, last: true}
	if s.count > 0 || !s.note.blind {
		p.end = s.ending(n, was)
	}
	s.w.r.board.put(p)
}

func (s *sequence) ending(n *notes, was fs.FileInfo) func() (investigate.Covered, string) {
	return func() (c investigate.Covered, gap string) {
		if was != nil {
			gap = s.in.changed(was)
		}
		return investigate.Covered{Input: s.in.src.Name, Times: n.times(), Records: n.records}, gap
	}
}
