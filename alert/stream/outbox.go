package stream

import "bytes"

// outbox gathers a batch.
type outbox struct {
	name  string
	emit  func(Batch) error
	batch Batch
	size  int // records in the batch before: a guess for the next
	arena []byte
}

// record hands on the next n bytes as a record and consumes them. view makes its view.
func (w *window) record(n int, view func(raw []byte) []byte) {
	raw := w.buf[w.pos : w.pos+n : w.pos+n]
	if w.wants(n) {
		r := Record{Raw: raw, Line: w.line, Offset: w.offset()}
		if view != nil {
			r.View = view(raw)
		}
		w.add(r)
		w.lend()
	}
	w.skip(n)
}

// wants tells whether the record in the next n bytes is handed on.
func (w *window) wants(n int) bool { return w.wanted == nil || w.wanted(w.offset(), w.rest(), n) }

func (w *window) add(r Record) {
	if len(w.out.batch.Records)+len(w.out.batch.Rejects) >= maxItems {
		w.flush()
	}
	if w.out.batch.Records == nil {
		if w.out.batch.Records = take(w.pool.lists); w.out.batch.Records == nil {
			w.out.batch.Records = make([]Record, 0, max(w.out.size, 8))
		}
	}
	w.out.batch.Records = append(w.out.batch.Records, r)
}

// begin opens a reject at pos: everything skipped until end belongs to it.
func (w *window) begin(reason string) {
	w.open = &Reject{Input: w.out.name, Line: w.line, Offset: w.offset(), Reason: reason}
}

func (w *window) end() {
	if len(w.out.batch.Records)+len(w.out.batch.Rejects) >= maxItems {
		w.flush()
	}
	w.out.batch.Rejects = append(w.out.batch.Rejects, *w.open)
	w.open = nil
}

// reject consumes n bytes as a reject.
func (w *window) reject(n int, reason string) {
	w.begin(reason)
	w.skip(n)
	w.end()
}

func (w *window) gap(reason string) {
	w.out.batch.Gaps = append(w.out.batch.Gaps, Gap{Input: w.out.name, Reason: reason})
}

// flush emits the batch, if anything is in it.
func (w *window) flush() {
	b := w.out.batch
	w.out.batch = Batch{}
	if w.fail != nil || len(b.Records)+len(b.Rejects)+len(b.Gaps) == 0 {
		return
	}
	b.Input, b.Bytes = w.out.name, w.offset()-w.counted
	w.counted, w.out.size = w.offset(), len(b.Records)
	w.out.arena = nil
	w.fail = w.out.emit(b)
}

// keep returns a copy of p that lives as long as the batch.
func (o *outbox) keep(p []byte) []byte {
	if cap(o.arena)-len(o.arena) < len(p) {
		o.arena = make([]byte, 0, max(len(p), maxKept))
	}
	start := len(o.arena)
	o.arena = append(o.arena, p...)
	return o.arena[start:len(o.arena):len(o.arena)]
}

// isBlank reports whether a line holds nothing to read.
func isBlank(line []byte) bool {
	return len(line) == 0 || line[0] <= ' ' && len(bytes.TrimLeft(line, " \t\r\n")) == 0
}
