package files

import (
	"bytes"
	"context"
	"slices"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/source/files/match"
)

// worker searches, one part at a time.
type worker struct {
	ctx    context.Context //nolint:containedctx // a worker lives as long as one search
	r      *run
	parser *alert.Parser
	buf    []byte
	hits   []match.Hit
	own    []match.Hit // of one record
	canon  []byte      // of the record at hand
	place  []byte      // name of the input at hand, canonical
	terms  []int       // met in the record at hand
	local  []int       // by term: records of the part at hand
	sample alert.Alert
}

func newWorker(ctx context.Context, r *run) *worker {
	return &worker{ctx: ctx, r: r, parser: r.s.o.Formats.NewParser(), local: make([]int, len(r.plan.terms))}
}

func (w *worker) work() {
	for w.ctx.Err() == nil {
		j, ok := w.r.job()
		if !ok {
			return
		}
		if j.rd == nil {
			rd := w.r.lines(j.input)
			if w.r.divide(rd); rd == nil {
				w.whole(j.input)
			}
			continue
		}
		w.begin(j.rd.in)
		p := w.block(j.rd, j.block)
		j.rd.done()
		if !w.r.board.put(p) {
			return
		}
	}
}

// begin forgets the part before.
func (w *worker) begin(in *input) {
	clear(w.local)
	w.place = canonical(w.place[:0], []byte(in.src.Name))
}

// record takes in a record with hits in it.
func (w *worker) record(p *part, rec *stream.Record, hits []match.Hit) {
	if w.meet(rec.Raw, hits); len(w.terms) == 0 || w.enough(p) {
		return
	}
	raw := bytes.Clone(rec.Raw) // who keeps the record should not keep a block
	view := rec.View
	if len(view) > 0 && &view[0] == &rec.Raw[0] {
		view = raw
	} else if view != nil {
		view = bytes.Clone(view)
	}
	m := met{terms: slices.Clone(w.terms)}
	for off, alone := rec.Offset, true; ; alone = false {
		a := new(alert.Alert)
		rest, err := w.parser.Parse(a, raw, view)
		if err != nil {
			m.lost = &lost{"a record holds a value but cannot be read (" + err.Error() + ")", rec.Line, off}
			break
		}
		if !alone || len(rest) > 0 {
			w.own = w.r.plan.set.Find(w.own[:0], a.Raw)
			w.meet(a.Raw, w.own)
		}
		a.Input = alert.Place{Name: p.name, Line: rec.Line, Offset: off}
		w.keep(p, &m, a)
		if len(rest) == 0 {
			break
		}
		off += int64(len(raw) - len(rest))
		raw = rest
	}
	p.records = append(p.records, m)
	p.size += empty
}

func (w *worker) keep(p *part, m *met, a *alert.Alert) {
	if len(w.terms) == 0 {
		return
	}
	if within(a.Time, w.r.q) {
		for _, t := range w.terms {
			w.local[t]++
		}
	}
	m.alerts = append(m.alerts, alerted{a, slices.Clone(w.terms)})
	p.size += 2*len(a.Raw) + len(a.Fields)*64 + 512
}

// enough tells that all terms of a record have brought what the query wants, so that it is counted and no more. The collector does the same
// with those that were read because that was not known yet: it has seen what fills a term, or will before this record.
func (w *worker) enough(p *part) bool {
	most := w.r.q.Most
	if most == 0 {
		return false
	}
	for _, t := range w.terms {
		if w.local[t] < most && !w.r.full[t].Load() {
			return false
		}
	}
	if p.common == nil {
		p.common = map[int]int64{}
	}
	for _, t := range w.terms {
		p.common[t]++
	}
	return true
}

// meet finds which terms a record holds, of those that the hits speak for.
func (w *worker) meet(raw []byte, hits []match.Hit) {
	w.terms, w.canon = w.terms[:0], w.canon[:0]
	for _, h := range hits {
		for _, o := range w.r.plan.owners[h.Literal] {
			if !slices.Contains(w.terms, o.term) && w.confirm(raw, o) {
				w.terms = append(w.terms, o.term)
			}
		}
	}
	slices.Sort(w.terms)
}

// confirm tells whether a record of which a literal was found holds the whole value, and the host.
func (w *worker) confirm(raw []byte, o owner) bool {
	t := &w.r.plan.terms[o.term]
	sp := &t.spellings[o.spelling]
	if sp.plain && t.host == nil {
		return true
	}
	if len(w.canon) == 0 {
		w.canon = canonical(w.canon, raw)
	}
	return (sp.plain || holds(w.canon, sp.text)) && (t.host == nil || holds(w.canon, t.host) || holds(w.place, t.host))
}
