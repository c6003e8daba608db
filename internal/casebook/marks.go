package casebook

import (
	"context"
	"database/sql"
	"time"
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

// SetMark keeps a mark. For the same query it never goes back, whichever of two processes is quicker.
func (b *Book) SetMark(ctx context.Context, m Mark) error {
	return b.surely(ctx, "noting how far "+m.Source+" was read", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO marks (source, query, mark, seen, failed, failures, error, began) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (source) DO UPDATE SET
				mark = CASE WHEN marks.query = excluded.query AND (excluded.mark IS NULL OR marks.mark > excluded.mark) THEN marks.mark ELSE excluded.mark END,
				query = excluded.query, began = excluded.began, seen = excluded.seen, failed = excluded.failed, failures = excluded.failures, error = excluded.error`,
			m.Source, m.Query, nanos(m.At), nanos(m.Seen), nanos(m.Failed), m.Failures, m.Error, nanos(m.Began))
		return err
	})
}
