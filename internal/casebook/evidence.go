package casebook

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Collected notes in the journal that evidence of cases was copied into a folder whose manifest has that digest, and returns the
// number of the record. From then on another manifest is another.
func (b *Book) Collected(ctx context.Context, by, manifest string, copies int, cases []string) (seq int64, err error) {
	err = b.write(ctx, "noting evidence", func(ctx context.Context, tx *sql.Tx) error {
		what := wire.Text(wire.Text([]byte{'{'}, "do", "collect"), "manifest", manifest)
		what = append(wire.Texts(wire.Int(what, "copies", int64(copies)), "cases", slices.Sorted(slices.Values(cases))), '}')
		seq, err = enter(ctx, tx, b.now(), by, what)
		return err
	})
	return seq, err
}

// Evidence returns the record of the journal that names the manifest of that digest; nil when none does. Only a journal that Verify
// holds says anything by it.
func (b *Book) Evidence(ctx context.Context, manifest string) (*Record, error) {
	var r Record
	var at sql.NullInt64
	err := b.db.QueryRowContext(ctx, `SELECT seq, previous, hash, at, who, what FROM journal WHERE what LIKE $1 ORDER BY seq LIMIT 1`,
		`{"do":"collect","manifest":"`+manifest+`"%`).Scan(&r.Seq, &r.Previous, &r.Hash, &at, &r.By, &r.What)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, b.fail("reading the journal", err)
	}
	r.At = instant(at)
	return &r, nil
}
