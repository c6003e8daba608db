// Package casebook keeps what soc knows between runs: alerts with their raw bytes, verdicts, cases, what people decided
// and noted, what was seen before, and a journal of every write whose records are chained by hash.
//
// It is one SQLite file, or a Postgres database that several machines share; several processes may use it at once. Nothing in it is written twice when the same export is
// triaged twice, and nothing is lost when a process is killed. It does not judge, correlate or learn; it prints
// nothing. Start with Open, Run.Keep and Book.Decide; closing.go and watch.go keep closing under a certificate honest.
package casebook

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Book is an open casebook. It is safe for concurrent use.
type Book struct {
	db     *sql.DB
	engine engine
	path   string // as it may be shown
	now    func() time.Time
	zip    zip

	alarm Weigh
}

// Options say how a casebook is opened.
type Options struct {
	ReadOnly bool
	Password string           // of a Postgres database; else that of its address, of $PGPASSWORD or of the password file
	Now      func() time.Time // the clock of everything that is written; needed unless ReadOnly
	Weigh    Weigh            // asked after every decision about a closed group that was picked; nil raises no alarm
}

// Close closes the file or the connections.
func (b *Book) Close() error {
	b.zip.close()
	if err := b.db.Close(); err != nil {
		return b.fail("closing", err)
	}
	return nil
}

// write runs f in one transaction, which holds the only write lock from its start: what f reads stays true until it
// ends. When f fails nothing of it remains.
func (b *Book) write(ctx context.Context, doing string, f func(context.Context, *sql.Tx) error) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return b.fail(doing, err)
	}
	// The statements run without the caller's cancellation, which costs a goroutine each; the transaction itself obeys it.
	err = b.engine.lock(ctx, tx)
	if err == nil {
		err = f(context.WithoutCancel(ctx), tx)
	}
	if err != nil {
		_ = tx.Rollback()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return b.fail(doing, err)
	}
	if err := tx.Commit(); err != nil {
		return b.fail(doing, err)
	}
	return nil
}

// each runs a query and hands over its rows. yield scans; the rows end before each returns.
func (b *Book) each(ctx context.Context, doing, query string, args []any, yield func(scan func(...any) error) error) error {
	rows, err := b.db.QueryContext(ctx, query, args...)
	if err != nil {
		return b.fail(doing, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := yield(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return b.fail(doing, err)
	}
	return nil
}

// nanos is how a time is stored: NULL when there is none.
func nanos(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixNano(), Valid: true}
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}

func (b *Book) fail(doing string, err error) error {
	return fmt.Errorf("casebook %s: %s: %w", b.path, doing, b.engine.explain(err))
}
