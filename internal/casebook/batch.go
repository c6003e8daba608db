package casebook

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// batch is what one transaction of a run is about to change. It is made from what the book says under the write lock,
// so that it is true whatever other processes stored meanwhile.
type batch struct {
	b       *Book
	alerts  map[Key]*held
	entries map[string]*entry // verdicts, by id
	order   []*entry          // the same, in order of arrival
	fresh   []*part           // parts with their new members only
	more    []Key             // known alerts that have more copies now
	aliases map[string]string
	seen    map[triage.Sighting]int64
	count   int64 // new alerts

	closings map[string]*closedGroup // new ones, by verdict
}

// held is an alert that the book, or an earlier part of the batch, has.
type held struct {
	verdict string
	copies  int64
	stored  bool
	was     int64 // copies, where there are more now
}

// entry is a verdict as the book has it and what is to become of it.
type entry struct {
	id      string
	stored  bool
	caseID  string
	closed  bool // a person closed the case
	rank    int64
	score   int64
	next    *row // the document to store; nil keeps the one there is
	added   int64
	joined  bool // new members
	reopen  bool
	aside   bool // a person put the case aside
	woken   bool // and it comes back, for there is news of it
	changed bool
	opened  bool // it was closed without a person, and needs one now
	first   time.Time
	last    time.Time

	received sql.NullInt64    // where it is stored
	parties  []Party          // the same, of those whose document is to change
	span     [2]sql.NullInt64 // first and last, as they are stored
}

// store writes parts in one transaction, with the journal record that says so.
func (r *Run) store(ctx context.Context, parts []*part) error {
	return r.b.write(ctx, "storing verdicts", func(ctx context.Context, tx *sql.Tx) error {
		if r.info.Within != nil {
			if err := r.info.Within(ctx, tx); err != nil {
				return err
			}
		}
		w := &batch{b: r.b, alerts: map[Key]*held{}, entries: map[string]*entry{}, aliases: map[string]string{}, seen: map[triage.Sighting]int64{}}
		if err := w.load(ctx, tx, parts); err != nil {
			return err
		}
		for _, p := range parts {
			w.take(p)
		}
		if err := w.takeClosings(ctx, tx, parts); err != nil {
			return err
		}
		if w.order = slices.DeleteFunc(w.order, func(e *entry) bool { return !e.changed }); len(w.order) == 0 && len(w.aliases) == 0 && len(w.closings) == 0 {
			return nil
		}
		if err := w.loadParties(ctx, tx); err != nil {
			return err
		}
		last, _, err := head(ctx, tx)
		if err != nil {
			return err
		}
		now := r.b.now()
		rows := w.kept(nanos(now), last+1)
		seq, err := enter(ctx, tx, now, "soc", w.what(&r.info, sumOf(rows), w.members(nanos(now))))
		if err != nil {
			return err
		}
		if err := r.b.saveKept(ctx, tx, seq, rows); err != nil {
			return err
		}
		return w.save(ctx, tx, now, seq)
	})
}

// take decides what becomes of a part.
func (w *batch) take(p *part) {
	e := w.entry(p)
	fresh := p.members[:0]
	for i := range p.members {
		m := &p.members[i]
		h, ok := w.alerts[m.Key]
		if !ok {
			w.alerts[m.Key] = &held{verdict: e.id, copies: m.copies}
			e.added += m.copies
			e.joined = true
			w.count++
			for _, s := range m.seen {
				w.seen[s]++
			}
			fresh = append(fresh, *m)
			continue
		}
		if m.copies > h.copies {
			holder := w.entries[h.verdict]
			holder.added += m.copies - h.copies
			holder.changed = true
			if h.stored && h.was == 0 {
				h.was = h.copies
				w.more = append(w.more, m.Key)
			}
			h.copies = m.copies
		}
	}
	if len(fresh) > 0 {
		w.fresh = append(w.fresh, &part{row: p.row, members: fresh})
	}
	e.merge(p.row)
}

// entry finds the verdict that a part belongs to: the one that holds its first known member, else its own.
func (w *batch) entry(p *part) *entry {
	id := p.row.id
	for i := range p.members {
		if h, ok := w.alerts[p.members[i].Key]; ok {
			id = h.verdict
			break
		}
	}
	if id != p.row.id {
		w.aliases[p.row.id] = id
		p.row.id = id
	}
	e := w.entries[id]
	if e == nil {
		e = &entry{id: id}
		w.entries[id] = e
		w.order = append(w.order, e)
	}
	return e
}

// merge takes the row's evidence over when it is stronger than what is stored, or as strong and about more alerts. Weaker
// evidence never replaces stronger: what a later export leaves out, or adds, must not lower a verdict.
func (e *entry) merge(r *row) {
	raised := r.rank > e.rank || r.rank == e.rank && r.score > e.score
	equal := r.rank == e.rank && r.score == e.score
	if !e.stored && e.next == nil || raised || equal && e.joined {
		e.reopen = e.reopen || e.closed && e.joined && r.rank > e.rank
		e.next, e.rank, e.score = r, r.rank, r.score
	}
	e.woken = e.woken || e.aside && (e.joined || raised)
	e.changed = e.changed || e.joined || raised || !e.stored
	e.first, e.last = earlier(e.first, r.first), later(e.last, r.last)
	if e.caseID == "" && e.rank > 0 {
		e.caseID, e.opened = triage.CaseOf(e.id), e.stored
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// what is the batch in the words of the journal.
func (w *batch) what(info *RunInfo, kept, members string) []byte {
	var verdicts int64
	var reopened, woken, opened []string
	for _, e := range w.order {
		if e.woken {
			woken = append(woken, e.caseID)
		}
		if !e.stored {
			verdicts++
		}
		if e.reopen {
			reopened = append(reopened, e.caseID)
		}
		if e.opened {
			opened = append(opened, e.caseID)
		}
	}
	b := wire.Text([]byte{'{'}, "do", "keep")
	b = wire.Text(b, "command", info.Command)
	b = wire.Texts(b, "inputs", info.Inputs)
	b = wire.Int(b, "alerts", w.count)
	b = wire.Int(b, "verdicts", verdicts)
	b = wire.Int(b, "changed", int64(len(w.order))-verdicts)
	if len(w.closings) > 0 {
		b = wire.Int(b, "closings", int64(len(w.closings)))
	}
	slices.Sort(reopened)
	b = wire.Texts(b, "reopened", reopened)
	slices.Sort(woken)
	b = wire.Texts(b, "woken", slices.Compact(woken))
	slices.Sort(opened)
	b = wire.Texts(b, "opened", opened)
	b = w.appendMore(w.appendSpans(w.appendAliases(b)))
	b = append(wire.Key(b, "digests"), '{')
	b = wire.Text(b, "policy", info.Digests.Policy)
	b = wire.Text(b, "precedent", info.Digests.Precedent)
	b = wire.Text(b, "context", info.Digests.Context)
	b = wire.Text(b, "model", info.Digests.Model)
	return append(wire.Text(wire.Text(append(b, '}'), "kept", kept), "members", members), '}')
}
