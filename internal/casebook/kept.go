package casebook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"
)

// A run writes thousands of verdicts and closings under one journal record. What they said stays provable: the table kept
// gets a digest of each such row and is only ever added to; the record has one digest over its part of that table.

// keptRow is the digest of a verdict's row, or with a precedent of a closing's.
type keptRow struct {
	verdict, precedent string
	digest             [sha256.Size]byte
}

// kept are the digests of what the batch is about to write under the record seq, in order.
func (w *batch) kept(at sql.NullInt64, seq int64) []keptRow {
	list := make([]keptRow, 0, len(w.order)+len(w.closings))
	var room []byte
	for _, e := range w.order {
		if e.next == nil {
			continue
		}
		r := wholeRow{row: e.next, run: seq, received: at, first: nanos(e.first), last: nanos(e.last), parties: unique(append(e.parties, e.next.parties...))}
		if e.stored {
			r.received = e.received
		}
		k := keptRow{verdict: e.id}
		k.digest, room = r.sum(room)
		list = append(list, k)
	}
	for id, c := range w.closings {
		list = append(list, keptRow{id, c.precedent, c.digest(at.Int64)})
	}
	slices.SortFunc(list, func(a, b keptRow) int {
		return cmp.Or(cmp.Compare(a.verdict, b.verdict), cmp.Compare(a.precedent, b.precedent))
	})
	return list
}

// sumOf is the one digest over a record's rows.
func sumOf(list []keptRow) string {
	h := sha256.New()
	for i := range list {
		list[i].into(h)
	}
	return digestText(h)
}

func (k *keptRow) into(h hash.Hash) {
	fmt.Fprintf(h, "%q %q %x\n", k.verdict, k.precedent, k.digest) //nolint:errcheck // a hash never fails
}

func digestText(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

func (b *Book) saveKept(ctx context.Context, tx *sql.Tx, seq int64, list []keptRow) error {
	rows := b.inserter(tx, 4, `INSERT INTO kept (seq, verdict, precedent, digest)`, ``)
	for i := range list {
		if err := rows.add(ctx, seq, list[i].verdict, list[i].precedent, list[i].digest[:]); err != nil {
			return err
		}
	}
	_, err := rows.end(ctx)
	return err
}

// wholeRow is all of a verdict's row but the case, which people change, and the count, which is that of its alerts; and the parties of it.
type wholeRow struct {
	*row
	run                   int64
	received, first, last sql.NullInt64
	parties               []Party // sorted
}

// sum is the digest of the row, made in a room that it returns for the next. r.digest is there.
func (r *wholeRow) sum(room []byte) (digest [sha256.Size]byte, again []byte) {
	b := canon(append(room[:0], r.digest[:]...))
	b = b.text(r.fingerprint).text(r.format).text(r.rule).text(r.host).text(r.title)
	b = b.number(r.run).maybe(r.received).maybe(r.first).maybe(r.last)
	for _, p := range r.parties {
		b = b.text(p.Kind).text(p.Value)
	}
	return sha256.Sum256(b), b
}

// canon is columns spelled so that no two rows look the same.
type canon []byte

func (b canon) text(s string) canon { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }

func (b canon) number(n int64) canon { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func (b canon) maybe(n sql.NullInt64) canon {
	if !n.Valid {
		return append(b, 0)
	}
	return append(b, 1).number(n.Int64)
}

// unique sorts parties and leaves each once.
func unique(list []Party) []Party {
	slices.SortFunc(list, func(a, b Party) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value)) })
	return slices.Compact(list)
}

// alertRow is a row of the alerts but its bytes, which its digest holds. The copies are those of when it was written.
type alertRow struct {
	digest             []byte
	id, verdict, input string
	received           sql.NullInt64
	copies             int64
}

func (a *alertRow) sum(room []byte) (digest [sha256.Size]byte, again []byte) {
	b := canon(room[:0]).text(string(a.digest)).text(a.id).text(a.verdict).text(a.input).maybe(a.received).number(a.copies)
	return sha256.Sum256(b), b
}

// members is the one digest over the alerts that the batch is about to write.
func (w *batch) members(received sql.NullInt64) string {
	list := make([][sha256.Size]byte, 0, w.count)
	var room []byte
	for _, p := range w.fresh {
		for i := range p.members {
			m := &p.members[i]
			a := alertRow{m.Digest[:], m.ID, p.row.id, m.input, received, w.alerts[m.Key].copies}
			var sum [sha256.Size]byte
			sum, room = a.sum(room)
			list = append(list, sum)
		}
	}
	return together(list)
}

// together is one digest over several, in whatever order they come.
func together(list [][sha256.Size]byte) string {
	slices.SortFunc(list, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for i := range list {
		h.Write(list[i][:])
	}
	return digestText(h)
}

// brief names something in few letters of the journal: half of a digest, which is as hard to meet as it needs to be.
func brief(b canon) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// sum is the digest of what a verdict's row shows, and of its document as it is stored.
func (r *row) sum() (digest [sha256.Size]byte) {
	h := sha256.New()
	//nolint:errcheck // a hash never fails
	fmt.Fprintf(h, "%d %d %q %q %x %d\n", r.rank, number(r.wouldClose), r.disposition, r.severity, math.Float64bits(r.probability), r.score)
	h.Write(r.document)
	h.Sum(digest[:0])
	return digest
}

// digest is that of a closing's row.
func (c *closedGroup) digest(at int64) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%d %d %x %d %d", c.score, c.Threshold, math.Float64bits(c.Q), number(c.Picked), at))
}
