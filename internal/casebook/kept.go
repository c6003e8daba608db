package casebook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
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

// kept are the digests of what the batch is about to write, in order.
func (w *batch) kept(at sql.NullInt64) []keptRow {
	list := make([]keptRow, 0, len(w.order)+len(w.closings))
	for _, e := range w.order {
		if e.next != nil {
			list = append(list, keptRow{verdict: e.id, digest: e.next.digest})
		}
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

// sum is the digest of what a verdict's row says: what is shown of it, and its document as it is stored.
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
