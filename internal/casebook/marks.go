package casebook

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Mark is how far a source was read, and how it is doing.
type Mark struct {
	Source   string
	Query    string    // for which At holds: another query begins anew
	Began    time.Time // of the first window that was asked for: nothing from before is wanted; zero: nobody noted it
	At       time.Time // everything that was changed before is in the book; zero: it was never read
	Seen     time.Time // when it was read without trouble
	Failed   time.Time // when it failed last, since it was
	Failures int       // in a row
	Error    string    // of the last failure
	Waits    int64     // what arrived and was not judged yet
}

const markColumns = `SELECT m.source, m.query, m.began, m.mark, m.seen, m.failed, m.failures, m.error,
	(SELECT count(*) FROM arrivals r WHERE r.waits = 1 AND r.source = m.source) FROM marks m `

func scanMark(scan func(...any) error) (m Mark, err error) {
	var began, at, seen, failed sql.NullInt64
	err = scan(&m.Source, &m.Query, &began, &at, &seen, &failed, &m.Failures, &m.Error, &m.Waits)
	m.Began, m.At, m.Seen, m.Failed = instant(began), instant(at), instant(seen), instant(failed)
	return m, err
}

// Marks returns the marks of all sources, by name.
func (b *Book) Marks(ctx context.Context) (list []Mark, err error) {
	err = b.each(ctx, "reading how far sources were read", markColumns+`ORDER BY m.source`, nil, func(scan func(...any) error) error {
		m, err := scanMark(scan)
		list = append(list, m)
		return err
	})
	return list, err
}

// Mark returns the mark of a source, the zero Mark with its name when there is none.
func (b *Book) Mark(ctx context.Context, source string) (Mark, error) {
	m := Mark{Source: source}
	err := b.each(ctx, "reading how far "+source+" was read", markColumns+`WHERE m.source = $1`, []any{source}, func(scan func(...any) (err error)) (err error) {
		m, err = scanMark(scan)
		return err
	})
	return m, err
}

// markTold is how far a source is read before the journal tells of it: it is asked many times a minute.
const markTold = time.Hour

// SetMark keeps a mark. For the same query it never goes back, whichever of two processes is quicker. The journal tells of the first, of another
// query or beginning, and of how far it was read about once an hour.
func (b *Book) SetMark(ctx context.Context, m Mark) error {
	return b.surely(ctx, "noting how far "+m.Source+" was read", func(ctx context.Context, tx *sql.Tx) error {
		var query string
		var mark, began, told sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT query, mark, began, told FROM marks WHERE source = $1`, m.Source).Scan(&query, &mark, &began, &told)
		known := err == nil
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		next := nanos(m.At)
		if known && query == m.Query && (!next.Valid || mark.Valid && mark.Int64 > next.Int64) {
			next = mark
		}
		if !known || query != m.Query || began != nanos(m.Began) || told.Valid != next.Valid || next.Int64 < told.Int64 || next.Int64-told.Int64 > int64(markTold) {
			word := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "mark"), "source", m.Source), "query", m.Query)
			if _, err := enter(ctx, tx, b.now(), program, append(wire.Time(wire.Time(word, "began", m.Began), "until", instant(next)), '}')); err != nil {
				return err
			}
			told = next
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO marks (source, query, mark, seen, failed, failures, error, began, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (source) DO UPDATE SET mark = excluded.mark, query = excluded.query, seen = excluded.seen, failed = excluded.failed,
				failures = excluded.failures, error = excluded.error, began = excluded.began, told = excluded.told`,
			m.Source, m.Query, next, nanos(m.Seen), nanos(m.Failed), m.Failures, m.Error, nanos(m.Began), told)
		return err
	})
}
