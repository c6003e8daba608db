package casebook

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
)

// inserter inserts rows, as many with one statement as the database likes: to a server each statement is a way there and back, during which
// nobody else writes.
type inserter struct {
	tx         *sql.Tx
	most       int
	columns    int
	head, tail string
	args       []any
	full       *sql.Stmt // for most rows
	done       int64     // rows that were inserted
}

// inserter makes one for a table. head ends before VALUES, tail follows the rows; no two rows of an inserter may have the same key when tail
// updates.
func (b *Book) inserter(tx *sql.Tx, columns int, head, tail string) *inserter {
	return &inserter{tx: tx, most: b.engine.together(), columns: columns, head: head, tail: tail}
}

func (i *inserter) add(ctx context.Context, row ...any) error {
	i.args = append(i.args, row...)
	if len(i.args) < i.most*i.columns {
		return nil
	}
	var err error
	if i.full == nil {
		if i.full, err = i.tx.PrepareContext(ctx, i.statement(i.most)); err != nil {
			return err
		}
	}
	return i.count(i.full.ExecContext(ctx, i.args...))
}

// end inserts the rest and returns how many rows there are more now.
func (i *inserter) end(ctx context.Context) (done int64, err error) {
	if len(i.args) > 0 {
		err = i.count(i.tx.ExecContext(ctx, i.statement(len(i.args)/i.columns), i.args...))
	}
	if i.full != nil {
		err = errors.Join(err, i.full.Close())
	}
	return i.done, err
}

func (i *inserter) count(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	i.done += n
	i.args = i.args[:0]
	return err
}

// statement is the one for so many rows.
func (i *inserter) statement(rows int) string {
	b := append([]byte(i.head), " VALUES "...)
	for r := range rows {
		for c := range i.columns {
			switch {
			case c > 0:
				b = append(b, ',')
			case r > 0:
				b = append(b, ",("...)
			default:
				b = append(b, '(')
			}
			b = strconv.AppendInt(append(b, '$'), int64(r*i.columns+c)+1, 10)
		}
		b = append(b, ')')
	}
	return string(append(append(b, ' '), i.tail...))
}
