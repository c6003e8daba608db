package casebook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
)

// Errand is a plan that a watch is to carry out.
type Errand struct {
	Plan  string // digest
	By    string // who handed it over, by agreeing to it or by making it
	At    time.Time
	Ended time.Time         // zero: it is still to be carried out
	Why   string            // it was not; empty: it was
	Rest  []respond.Receipt // what was not begun of it, of which no step tells
	seq   int64
}

// Enqueue adds, within the transaction that makes something due, the job of doing it.
type Enqueue func(ctx context.Context, tx *sql.Tx) error

// KeepErrand stores a plan of the machine's own, and that it is to be carried out, in one transaction with the job of doing so. One that is there
// already stays as it is.
func (b *Book) KeepErrand(ctx context.Context, p *respond.Plan, add Enqueue) error {
	return b.write(ctx, "keeping plan "+p.ID, func(ctx context.Context, tx *sql.Tx) error {
		if fresh, err := b.keepPlan(ctx, tx, p); err != nil || !fresh {
			return err
		}
		return b.handOn(ctx, tx, p.Digest, p.Author, add)
	})
}

// ApproveErrand keeps an approval, and that the plan is to be carried out as soon as it is agreed to, in one transaction with the job of doing so. What
// became of it when it was handed over before is forgotten: it is tried anew.
func (b *Book) ApproveErrand(ctx context.Context, a *respond.Approval, add Enqueue) error {
	return b.write(ctx, "approving", func(ctx context.Context, tx *sql.Tx) error {
		if err := b.approve(ctx, tx, a); err != nil {
			return err
		}
		return b.handOn(ctx, tx, a.Plan, a.By, add)
	})
}

func (b *Book) handOn(ctx context.Context, tx *sql.Tx, plan, by string, add Enqueue) error {
	now := b.now()
	seq, err := enter(ctx, tx, now, by, append(wire.Text(wire.Text([]byte{'{'}, "do", "carry-out"), "plan", plan), '}'))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO errands (plan, seq, who, at, why, rest) VALUES ($1, $2, $3, $4, '', '')
		ON CONFLICT (plan) DO UPDATE SET seq = excluded.seq, who = excluded.who, at = excluded.at, ended = NULL, why = '', rest = ''`, plan, seq, by, nanos(now))
	if err != nil {
		return err
	}
	return add(ctx, tx)
}

// EndErrand keeps what became of an errand, for whoever asks: by whom it was carried out or given up, and its Why and Rest. One that was handed over
// anew meanwhile stays open.
func (b *Book) EndErrand(ctx context.Context, e *Errand, by string) error {
	return b.write(ctx, "ending an errand", func(ctx context.Context, tx *sql.Tx) error {
		now := b.now()
		var rest []byte
		for i := range e.Rest {
			rest = e.Rest[i].AppendJSON(rest)
		}
		res, err := tx.ExecContext(ctx, `UPDATE errands SET ended = $1, why = $2, rest = $3 WHERE plan = $4 AND seq = $5 AND ended IS NULL`, nanos(now), e.Why, string(rest), e.Plan, e.seq)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = enter(ctx, tx, now, by, endWord(e.Plan, e.Why, rest))
		return err
	})
}

// endWord is the journal's word for the end of an errand.
func endWord(plan, why string, rest []byte) []byte {
	sum := sha256.Sum256(rest)
	b := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "carried-out"), "plan", plan), "why", why)
	b = wire.Int(b, "left", int64(bytes.Count(rest, []byte{'\n'})))
	return append(wire.Hex(b, "rest", "sha256:", sum[:]), '}')
}

// Errand is what is known of carrying out a plan; nil: it was never handed over.
func (b *Book) Errand(ctx context.Context, plan string) (*Errand, error) {
	list, err := b.errands(ctx, `plan = $1`, plan)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Errands are the plans that are still to be carried out, in the order in which they were handed over.
func (b *Book) Errands(ctx context.Context) ([]Errand, error) { return b.errands(ctx, `ended IS NULL`) }

func (b *Book) errands(ctx context.Context, where string, args ...any) (list []Errand, err error) {
	err = b.each(ctx, "reading errands", `SELECT plan, seq, who, at, ended, why, rest FROM errands WHERE `+where+` ORDER BY seq`, args, func(scan func(...any) error) error {
		var e Errand
		var at, ended sql.NullInt64
		var rest []byte
		if err := scan(&e.Plan, &e.seq, &e.By, &at, &ended, &e.Why, &rest); err != nil {
			return err
		}
		e.At, e.Ended = instant(at), instant(ended)
		for line := range bytes.Lines(rest) {
			r, err := respond.ReadReceipt(line)
			if err != nil {
				return b.fail("reading errands", err)
			}
			e.Rest = append(e.Rest, r)
		}
		list = append(list, e)
		return nil
	})
	return list, err
}
