package casebook

import (
	"context"
	"database/sql"
	"testing"

	"github.com/seed-959697dd/soc/internal/query"
)

// Pool lets a test change the settings of the one connection that remains.
func (b *Book) Pool(statement string) error {
	b.db.SetMaxOpenConns(1)
	_, err := b.db.Exec(statement)
	return err
}

// Holds is the first thing that Verify finds.
func (b *Book) Holds(ctx context.Context) error {
	p, err := b.Verify(ctx)
	if err != nil {
		return err
	}
	return p.Err()
}

// Rechain writes the journal anew over what its records say now, as somebody would who may write the file.
func Rechain(t *testing.T, b *Book) {
	t.Helper()
	err := b.write(t.Context(), "rewriting", func(ctx context.Context, tx *sql.Tx) error {
		var list []Record
		c := &chain{tx: tx}
		err := c.each(ctx, `SELECT seq, at, who, what FROM journal ORDER BY seq`, func(scan func(...any) error) error {
			var r Record
			var at sql.NullInt64
			err := scan(&r.Seq, &at, &r.By, &r.What)
			r.At = instant(at)
			list = append(list, r)
			return err
		})
		hash := ""
		for _, r := range list {
			r.Previous = hash
			hash = r.sum()
			if err == nil {
				_, err = tx.ExecContext(ctx, `UPDATE journal SET previous = $1, hash = $2 WHERE seq = $3`, r.Previous, hash, r.Seq)
			}
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE head SET hash = $1`, hash)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// AskEach is Ask without the help of the database, and whether the database could have decided all of it.
func (b *Book) AskEach(ctx context.Context, l Look, q *query.Query) (list []Place, un Undecided, exact bool, err error) {
	_, exact, _ = l.condition(q, b.moment())
	list, un, err = b.askEach(ctx, &l, q, b.moment(), "", nil)
	return list, un, exact, err
}
