package casebook

import (
	"context"
	"database/sql"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Assign says who looks after an open case; an empty owner is nobody. Names may be abbreviated, see Book.Case. TakeBack takes it back.
func (b *Book) Assign(ctx context.Context, name, owner, by string) (s Settled, err error) {
	s.Case, err = b.change(ctx, "assigning "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		s.Seq, err = assign(ctx, tx, now, id, owner, by)
		return err
	})
	return s, err
}

func assign(ctx context.Context, tx *sql.Tx, now time.Time, id, owner, by string) (seq int64, err error) {
	if err := mustBe(ctx, tx, id, Opened); err != nil {
		return 0, err
	}
	var was string
	if err := tx.QueryRowContext(ctx, `SELECT owner FROM cases WHERE id = $1`, id).Scan(&was); err != nil {
		return 0, err
	}
	what := wire.Text(wire.Text([]byte{'{'}, "do", "assign"), "case", id)
	what = append(wire.Text(wire.Text(what, "owner", owner), "was", was), '}')
	if seq, err = enter(ctx, tx, now, by, what); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE cases SET owner = $1, owner_seq = $2 WHERE id = $3`, owner, seq, id)
	return seq, err
}

// Snooze puts an open case aside until a time, of which it comes back by itself, or with the first alert that joins it; the zero time brings
// it back now. A time that has passed is ErrPassed.
func (b *Book) Snooze(ctx context.Context, name string, until time.Time, by string) (s Settled, err error) {
	s.Case, err = b.change(ctx, "snoozing "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		s.Seq, err = snooze(ctx, tx, now, id, until, by)
		return err
	})
	return s, err
}

func snooze(ctx context.Context, tx *sql.Tx, now time.Time, id string, until time.Time, by string) (seq int64, err error) {
	if err := mustBe(ctx, tx, id, Opened); err != nil {
		return 0, err
	}
	if !until.IsZero() && !until.After(now) {
		return 0, ErrPassed
	}
	var was sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT snoozed FROM cases WHERE id = $1`, id).Scan(&was); err != nil {
		return 0, err
	}
	what := wire.Text(wire.Text([]byte{'{'}, "do", "snooze"), "case", id)
	what = append(wire.Time(wire.Time(what, "until", until), "was", instant(was)), '}')
	if seq, err = enter(ctx, tx, now, by, what); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE cases SET snoozed = $1, snoozed_seq = $2 WHERE id = $3`, nanos(until), seq, id)
	return seq, err
}
