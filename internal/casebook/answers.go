package casebook

import (
	"context"
	"database/sql"
	"time"
)

// Answers keeps in the book what services said about indicators. What cannot be read or stored is asked again, so that neither
// fails. It is safe for concurrent use.
type Answers struct{ b *Book }

// Answers are those of the book.
func (b *Book) Answers() Answers { return Answers{b} }

// Recall returns the last answer and when it was given.
func (a Answers) Recall(service, kind, value string) (answer []byte, at time.Time, ok bool) {
	var when sql.NullInt64
	err := a.b.db.QueryRowContext(context.Background(), `SELECT answer, at FROM answers WHERE service = $1 AND kind = $2 AND value = $3`, service, kind, a.b.engine.key(value)).Scan(&answer, &when)
	return answer, instant(when), err == nil
}

// Store keeps an answer in the place of the one before.
func (a Answers) Store(service, kind, value string, answer []byte, at time.Time) {
	_ = a.b.write(context.Background(), "keeping an answer", func(ctx context.Context, tx *sql.Tx) error { // it is asked again
		_, err := tx.ExecContext(ctx, `INSERT INTO answers (service, kind, value, at, answer) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (service, kind, value) DO UPDATE SET at = excluded.at, answer = excluded.answer`, service, kind, a.b.engine.key(value), nanos(at), answer)
		return err
	})
}
