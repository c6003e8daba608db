package casebook

import (
	"database/sql"
	"maps"
	"slices"
	"strconv"

	"github.com/seed-959697dd/soc/internal/wire"
)

// The words of a run's record for what changes in rows that the book has and that are not written anew, so that the journal alone tells what
// such a row must be. There are few of them: most runs bring new alerts.

// appendAliases tells which names lead to which verdicts from now on.
func (w *batch) appendAliases(b []byte) []byte {
	if len(w.aliases) == 0 {
		return b
	}
	b = append(wire.Key(b, "aliases"), '{')
	for _, id := range slices.Sorted(maps.Keys(w.aliases)) {
		b = wire.Text(b, id, w.aliases[id])
	}
	return append(b, '}')
}

// appendSpans tells of the verdicts that keep their documents when they begin and end now, and when they did.
func (w *batch) appendSpans(b []byte) []byte {
	list := map[string]*entry{}
	for _, e := range w.order {
		if e.stored && e.next == nil && e.span != [2]sql.NullInt64{nanos(e.first), nanos(e.last)} {
			list[e.id] = e
		}
	}
	if len(list) == 0 {
		return b
	}
	b = append(wire.Key(b, "spans"), '{')
	for _, id := range slices.Sorted(maps.Keys(list)) {
		e := list[id]
		b = appendNumbers(wire.Key(b, id), e.span[0], e.span[1], nanos(e.first), nanos(e.last))
	}
	return append(b, '}')
}

// appendMore tells of alerts how many copies there were, and how many there are now.
func (w *batch) appendMore(b []byte) []byte {
	if len(w.more) == 0 {
		return b
	}
	list := map[string]*held{}
	for _, k := range w.more {
		list[k.brief()] = w.alerts[k]
	}
	b = append(wire.Key(b, "copies"), '{')
	for _, name := range slices.Sorted(maps.Keys(list)) {
		b = appendNumbers(wire.Key(b, name), sql.NullInt64{Int64: list[name].was, Valid: true}, sql.NullInt64{Int64: list[name].copies, Valid: true})
	}
	return append(b, '}')
}

// brief names an alert in the journal.
func (k *Key) brief() string { return brief(canon(nil).text(string(k.Digest[:])).text(k.ID)) }

func appendNumbers(b []byte, list ...sql.NullInt64) []byte {
	b = append(b, '[')
	for _, n := range list {
		if b = wire.Comma(b); n.Valid {
			b = strconv.AppendInt(b, n.Int64, 10)
		} else {
			b = append(b, "null"...)
		}
	}
	return append(b, ']')
}
