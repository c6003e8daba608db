package casebook

import (
	"context"
	"database/sql"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Decide closes a case: every verdict of it gets the decision, which takes the place of an earlier one. name may be
// abbreviated, see Book.Case; the case's id is returned. When the decision is about a group that was closed and picked to be looked at
// again it is weighed, see Options, and may raise the drift alarm.
func (b *Book) Decide(ctx context.Context, name string, d triage.Decision) (string, error) {
	s, err := b.Settle(ctx, name, d)
	return s.Case, err
}

// Settle is Decide; it returns what TakeBack needs to take back this decision and no other.
func (b *Book) Settle(ctx context.Context, name string, d triage.Decision) (s Settled, err error) {
	s.Case, err = b.change(ctx, "closing "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		if err := mustBe(ctx, tx, id, Opened); err != nil {
			return err
		}
		verdicts, err := verdictsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		seq, err := enter(ctx, tx, now, d.By, closing(id, verdicts, d.Disposition.String(), d.Reason, string(d.Certainty)))
		if err != nil {
			return err
		}
		s.Seq = seq
		if err := undo(ctx, tx, seq, verdicts); err != nil {
			return err
		}
		for _, v := range verdicts {
			if _, err := tx.ExecContext(ctx, `INSERT INTO decisions (seq, verdict, case_id, disposition, reason, certainty, who, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				seq, v, id, d.Disposition.String(), d.Reason, string(d.Certainty), d.By, nanos(now)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE cases SET status = 'closed', closed = $1, disposition = $2, snoozed = NULL WHERE id = $3`, nanos(now), d.Disposition.String(), id); err != nil {
			return err
		}
		return b.weigh(ctx, tx, verdicts)
	})
	return s, err
}

// Reopen opens a closed case again and takes back the decisions on its verdicts.
func (b *Book) Reopen(ctx context.Context, name, by, reason string) (string, error) {
	return b.change(ctx, "reopening "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		if err := mustBe(ctx, tx, id, Closed); err != nil {
			return err
		}
		return b.reopen(ctx, tx, id, now, by, reason)
	})
}

func (b *Book) reopen(ctx context.Context, tx *sql.Tx, id string, now time.Time, by, reason string) error {
	verdicts, err := verdictsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	parties, err := b.nameParties(ctx, tx, verdicts)
	if err != nil {
		return err
	}
	what := wire.Text(wire.Text([]byte{'{'}, "do", "reopen"), "case", id)
	what = appendParties(wire.Text(wire.Texts(what, "verdicts", verdicts), "reason", reason), parties)
	seq, err := enter(ctx, tx, now, by, append(what, '}'))
	if err != nil {
		return err
	}
	if err := undo(ctx, tx, seq, verdicts); err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, `UPDATE cases SET status = 'open', closed = NULL WHERE id = $1`, id); err != nil {
		return err
	}
	return stand(ctx, tx, id)
}

// Note adds a person's words to a case.
func (b *Book) Note(ctx context.Context, name, by, text string) (string, error) {
	return b.change(ctx, "noting on "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		return note(ctx, tx, now, id, by, text)
	})
}

func note(ctx context.Context, tx *sql.Tx, now time.Time, id, by, text string) error {
	seq, err := enter(ctx, tx, now, by, noting(id, text))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO notes (seq, case_id, who, at, text) VALUES ($1, $2, $3, $4, $5)`, seq, id, by, nanos(now), text)
	return err
}

// change finds the case and runs f, in one transaction.
func (b *Book) change(ctx context.Context, doing, name string, f func(context.Context, *sql.Tx, string, time.Time) error) (id string, err error) {
	err = b.write(ctx, doing, func(ctx context.Context, tx *sql.Tx) error {
		if id, err = caseID(ctx, tx, name); err != nil {
			return err
		}
		return f(ctx, tx, id, b.now())
	})
	return id, err
}

// closing is the journal's word for a decision.
func closing(id string, verdicts []string, disposition, reason, certainty string) []byte {
	b := wire.Text(wire.Text([]byte{'{'}, "do", "close"), "case", id)
	b = wire.Texts(b, "verdicts", verdicts)
	b = wire.Text(b, "disposition", disposition)
	b = wire.Text(b, "reason", reason)
	return append(wire.Text(b, "certainty", certainty), '}')
}

func noting(id, text string) []byte {
	return append(wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "note"), "case", id), "text", text), '}')
}

func mustBe(ctx context.Context, tx *sql.Tx, id, status string) error {
	var is string
	if err := tx.QueryRowContext(ctx, `SELECT status FROM cases WHERE id = $1`, id).Scan(&is); err != nil {
		return err
	}
	switch {
	case is == status:
		return nil
	case is == Closed:
		return ErrClosed
	}
	return ErrOpen
}

func verdictsOf(ctx context.Context, q querier, id string) ([]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT id FROM verdicts WHERE case_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		ids = append(ids, v)
	}
	return ids, rows.Err()
}

// undo marks the decisions that stand on the verdicts as taken back by a journal record.
func undo(ctx context.Context, tx *sql.Tx, seq int64, verdicts []string) error {
	for _, v := range verdicts {
		if _, err := tx.ExecContext(ctx, `UPDATE decisions SET undone = $1 WHERE verdict = $2 AND undone IS NULL`, seq, v); err != nil {
			return err
		}
	}
	return nil
}
