package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
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

// Explain says how SQLite finds the steps that are open.
func (b *Book) Explain(ctx context.Context) (plan string, err error) {
	err = b.each(ctx, "explaining", `EXPLAIN QUERY PLAN SELECT key FROM steps WHERE `+openSteps+` ORDER BY seq`, nil, func(scan func(...any) error) error {
		var id, parent, unused int
		var detail string
		err := scan(&id, &parent, &unused, &detail)
		plan += detail + "\n"
		return err
	})
	return plan, err
}

// Walk writes so many journal records but one, of steps that were begun, done, verified and taken back, but for the last step, which a crash left
// open. One transaction holds them all.
func (b *Book) Walk(ctx context.Context, records int) error {
	return b.write(ctx, "walking", func(ctx context.Context, tx *sql.Tx) error {
		for i := 0; i < records; i += 5 {
			s := respond.Step{
				Plan: fmt.Sprintf("sha256:%064x", i/100), Key: fmt.Sprintf("%032x", i), Image: "absent", Started: b.now(), Until: b.now(),
				Item: respond.Item{ID: "a1", Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: fmt.Sprintf("9.%d.%d.%d", i>>16, i>>8&255, i&255)}, Driver: "wall", Why: "a test", Class: respond.Reversible, Inverse: "unblock-ip"},
			}
			if err := b.walk(ctx, tx, &s, records-i); err != nil {
				return err
			}
		}
		return nil
	})
}

// walk takes one step through as many of its five stages as there are records left.
func (b *Book) walk(ctx context.Context, tx *sql.Tx, s *respond.Step, left int) error {
	action, err := json.Marshal(s.Item)
	if err != nil {
		return err
	}
	var first int64
	for n, stage := range []respond.Stage{respond.Intent, respond.Result, respond.Verified, respond.UndoOpen, respond.Ended}[:min(5, left-1)] {
		s.Ended = b.now()
		if s.Stage = stage; stage == respond.Verified {
			s.Outcome = respond.Done
		} else if stage == respond.Ended {
			s.Outcome = respond.Undone
		}
		word := stepWord(s)
		if n == 0 {
			word = append(wire.Text(word[:len(word)-1], "kept", wayBack(string(action), s.Image)), '}')
		}
		seq, err := enter(ctx, tx, b.now(), "sam", word)
		if err != nil {
			return err
		}
		if n == 0 {
			first = seq
		}
	}
	if first == 0 {
		return nil
	}
	undoing := sql.NullInt64{Int64: b.now().UnixNano(), Valid: s.Stage == respond.UndoOpen || s.Stage == respond.Ended}
	_, err = tx.ExecContext(ctx, `INSERT INTO steps (seq, key, plan, item, stage, outcome, action, image, started, ended, until, detail, undoing) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12)`,
		first, s.Key, s.Plan, s.Item.ID, string(s.Stage), s.Outcome.String(), string(action), s.Image, nanos(s.Started), nanos(s.Ended), nanos(s.Until), undoing)
	return err
}
