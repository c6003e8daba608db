package casebook

import (
	"context"
	"database/sql"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
)

// An earlier version wrote rows of which its journal told nothing. When a book is brought up to date its migration counts them, table by table;
// whoever opens it for writing enters that into the journal, so that nobody adds to them later.

// confess enters what earlier versions did not tell.
func (b *Book) confess(ctx context.Context) error {
	var some bool
	if err := b.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM earlier)`).Scan(&some); err != nil || !some {
		return err
	}
	return b.write(ctx, "noting what an earlier version wrote", func(ctx context.Context, tx *sql.Tx) error {
		list, err := earlierRows(ctx, tx)
		if err != nil || len(list) == 0 {
			return err
		}
		word := append(wire.Key(wire.Text([]byte{'{'}, "do", "earlier"), "tables"), '{')
		for _, e := range list {
			word = wire.Int(word, e.table, e.rows)
		}
		if _, err := enter(ctx, tx, b.now(), program, append(word, "}}"...)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM earlier`)
		return err
	})
}

// untoldRows are rows of a table of which no record tells.
type untoldRows struct {
	table string
	rows  int64
}

func earlierRows(ctx context.Context, q querier) (list []untoldRows, err error) {
	rows, err := q.QueryContext(ctx, `SELECT name, n FROM earlier ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e untoldRows
		if err := rows.Scan(&e.table, &e.rows); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// confessed follows a record of confess: it counts while no record tells as this version does.
func (c *chain) confessed(r *Record, what gjson.Result) {
	if c.rows.begun {
		c.finding(r.Seq, "journal", "", "tells of rows of an earlier version, and this one wrote before")
		return
	}
	what.Get("tables").ForEach(func(k, v gjson.Result) bool {
		c.earlier[k.Str] = v.Int()
		return true
	})
}

// pending reads what is not in the journal yet: nobody has written since the book was brought up to date.
func (c *chain) pending(ctx context.Context) error {
	list, err := earlierRows(ctx, c.tx)
	for _, e := range list {
		if c.rows.begun {
			c.finding(0, "earlier", e.table, "no record of the journal tells of it")
			continue
		}
		c.earlier[e.table] += e.rows
	}
	return err
}

// untold counts a row of which no record tells; false: there are more of these than earlier versions wrote.
func (c *chain) untold(table string) bool {
	if c.earlier[table] == 0 {
		return false
	}
	c.earlier[table]--
	c.proof.Untold++
	return true
}
