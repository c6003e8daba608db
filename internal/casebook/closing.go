package casebook

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Closing is what becomes of a group that a certificate closes: with probability Q it was picked to be looked at again.
type Closing struct {
	Threshold triage.Weight // the score lies below it
	Q         float64
	Picked    bool
}

// closedGroup is one as it is stored.
type closedGroup struct {
	Closing
	precedent string
	score     int64
}

// settle sends a verdict that a certificate closes to a person when that is due: when it was picked, when the run closes nothing like
// it, or when it belongs to a case, which is how one that was picked before stays a case. Nothing of the verdict says which of the three
// it was, or that there was anything to say. It returns what is to be stored of the closing, nil for nothing, and whether a person gets
// what would have been closed.
func (r *Run) settle(v *triage.Verdict) (c *closedGroup, held bool) {
	if v.Route != triage.Closed || v.Certificate == "" {
		return nil, false
	}
	if v.Case == "" && r.info.Close != nil {
		if said := r.info.Close(v); said != nil {
			c = &closedGroup{Closing: *said, precedent: v.Certificate, score: int64(v.Score)}
		}
	}
	if c != nil && !c.Picked {
		return c, false
	}
	v.Route, v.Certificate = triage.Review, ""
	if v.Case == "" {
		v.Case = triage.CaseOf(v.ID)
	}
	return c, true
}

// takeClosings takes over the closings that the book does not have: the first word of a precedent about a group counts. One that was not
// picked then may be now, when the group has grown towards the threshold.
func (w *batch) takeClosings(ctx context.Context, tx *sql.Tx, parts []*part) error {
	w.closings = map[string]*closedGroup{}
	var precedent string // one run has one
	var stored []any
	for _, p := range parts {
		c := p.row.closing
		if c == nil || w.closings[p.row.id] != nil {
			continue
		}
		w.closings[p.row.id], precedent = c, c.precedent
		if w.entries[p.row.id].stored {
			stored = append(stored, p.row.id)
		}
	}
	for len(stored) > 0 {
		n := min(len(stored), lookupSize)
		if err := w.forgetClosings(ctx, tx, precedent, stored[:n:n]); err != nil {
			return err
		}
		stored = stored[n:]
	}
	return nil
}

// forgetClosings leaves out those of the verdicts' closings that the book has.
func (w *batch) forgetClosings(ctx context.Context, tx *sql.Tx, precedent string, verdicts []any) error {
	rows, err := tx.QueryContext(ctx, `SELECT verdict, picked FROM closings WHERE verdict IN `+placeholders(len(verdicts))+` AND precedent = `+placeholder(len(verdicts)+1), append(verdicts, precedent)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var picked int64
		if err := rows.Scan(&id, &picked); err != nil {
			return err
		}
		if picked == 1 || !w.closings[id].Picked {
			delete(w.closings, id)
		}
	}
	return rows.Err()
}

func (w *batch) saveClosings(ctx context.Context, tx *sql.Tx, at sql.NullInt64, seq int64) error {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO closings (precedent, verdict, score, threshold, q, picked, at, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (precedent, verdict) DO UPDATE SET score = excluded.score, threshold = excluded.threshold, q = excluded.q, picked = excluded.picked, at = excluded.at, seq = excluded.seq`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for id, c := range w.closings {
		if _, err := stmt.ExecContext(ctx, c.precedent, id, c.score, int64(c.Threshold), c.Q, number(c.Picked), at, seq); err != nil {
			return err
		}
	}
	return nil
}

// number is a yes or no as both databases store it.
func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// secretSize is the bytes of the key by which closed groups are picked.
const secretSize = 32

// AuditKey is the key by which closed groups are picked to be looked at again. It never leaves the book, so that nobody who does not read
// the book's file can tell which groups nobody will look at.
func (b *Book) AuditKey(ctx context.Context) (key []byte, err error) {
	err = b.write(ctx, "making the audit key", func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT value FROM secrets WHERE name = 'audit'`).Scan(&key)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		key = make([]byte, secretSize)
		_, _ = rand.Read(key) // never fails
		if _, err := enter(ctx, tx, b.now(), "soc", keyMade("audit", key)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO secrets (name, value) VALUES ('audit', $1)`, key)
		return err
	})
	return key, err
}

// keyMade is the journal's word for a new secret: it names it by its digest.
func keyMade(name string, key []byte) []byte {
	sum := sha256.Sum256(key)
	b := wire.Text(wire.Text([]byte{'{'}, "do", "key"), "name", name)
	return append(wire.Hex(b, "digest", "sha256:", sum[:]), '}')
}
