package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// Level is a level of the ladder as it was set. Whether its document's signature holds is asked elsewhere.
type Level struct {
	respond.Grade
	Document []byte // the signed promotion; empty: the machine took it down
}

// SetLevel keeps a level and returns when that was. An earlier one of the same rung stays, for whoever asks how it came about.
func (b *Book) SetLevel(ctx context.Context, l *Level) (at time.Time, err error) {
	err = b.write(ctx, "setting a level", func(ctx context.Context, tx *sql.Tx) error {
		at = b.now()
		seq, err := enter(ctx, tx, at, l.By, levelWord(&l.Grade, l.Document))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO levels (seq, action, stratum, level, under, at, who, because, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			seq, l.Action, l.Stratum, int64(l.Level), l.Under, nanos(at), l.By, l.Because, string(l.Document))
		return err
	})
	return at, err
}

// levelWord is the journal's word for a level.
func levelWord(g *respond.Grade, document []byte) []byte {
	sum := sha256.Sum256(document)
	b := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "level"), "action", g.Action), "stratum", g.Stratum)
	b = wire.Text(wire.Text(wire.Int(b, "level", int64(g.Level)), "under", g.Under), "because", g.Because)
	return append(wire.Hex(b, "document", "sha256:", sum[:]), '}')
}

const levelRows = `SELECT seq, action, stratum, level, under, at, who, because, document FROM levels ORDER BY seq`

var errLevel = errors.New("there is no such level")

func scanLevel(scan func(...any) error) (seq int64, l Level, err error) {
	var level int64
	var at sql.NullInt64
	if err := scan(&seq, &l.Action, &l.Stratum, &level, &l.Under, &at, &l.By, &l.Because, &l.Document); err != nil {
		return 0, l, err
	}
	if level < 0 || level > int64(respond.Automatic) {
		return seq, l, fmt.Errorf("%w: %d of %s", errLevel, level, l.Rung)
	}
	l.Grade.Level, l.At = respond.Level(level), instant(at)
	return seq, l, nil
}

// Levels returns all levels that were ever set, in order.
func (b *Book) Levels(ctx context.Context) (list []Level, err error) {
	err = b.each(ctx, "reading levels", levelRows, nil, func(scan func(...any) error) error {
		_, l, err := scanLevel(scan)
		list = append(list, l)
		return err
	})
	return list, err
}

// CallWrong notes that a person calls an action of a plan wrong, whether or not it is in force.
func (b *Book) CallWrong(ctx context.Context, plan, item, by, reason string) error {
	return b.write(ctx, "calling "+item+" wrong", func(ctx context.Context, tx *sql.Tx) error {
		now := b.now()
		seq, err := enter(ctx, tx, now, by, wrongWord(plan, item, reason))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO wrongs (seq, plan, item, who, at, reason) VALUES ($1, $2, $3, $4, $5, $6)`, seq, plan, item, by, nanos(now), reason)
		return err
	})
}

func wrongWord(plan, item, reason string) []byte {
	b := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "wrong"), "plan", plan), "item", item)
	return append(wire.Text(b, "reason", reason), '}')
}

// Planned tells whether there is any plan, or level.
func (b *Book) Planned(ctx context.Context) (some bool, err error) {
	var n int
	if err := b.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM plans) + (SELECT COUNT(*) FROM levels)`).Scan(&n); err != nil {
		return false, b.fail("reading plans", err)
	}
	return n > 0, nil
}

// Proposal is a plan with what people have said about it since.
type Proposal struct {
	Plan      respond.Plan
	Approvals []respond.Approval
	Wrong     map[string]time.Time // items that a person called wrong, and when
	Decided   triage.Disposition   // of the case, where one decision stands on it; else undetermined
	Confirmed bool                 // the decision rests on an investigation
	At        time.Time            // of the decision
}

// Proposals hands over all plans of cases, the earliest first, with what people have said. A plan that no longer reads is left out: it
// proves nothing.
func (b *Book) Proposals(ctx context.Context, yield func(*Proposal) error) error {
	approvals, wrong, cases, err := b.said(ctx)
	if err != nil {
		return err
	}
	return b.each(ctx, "reading plans", `SELECT document FROM plans WHERE case_id <> '' ORDER BY created, id`, nil, func(scan func(...any) error) error {
		var doc []byte
		if err := scan(&doc); err != nil {
			return err
		}
		plan, err := respond.ReadPlan(doc)
		if err != nil {
			return nil //nolint:nilerr // soc audit verify names it
		}
		p := Proposal{Plan: plan, Approvals: approvals[plan.Digest], Wrong: wrong[plan.Digest]}
		d, ok := cases[plan.Case]
		if !ok && len(plan.Case) > 2 {
			d, ok = cases["v-"+plan.Case[2:]] // the case was merged into another one
		}
		if ok && !d.mixed {
			p.Decided, p.Confirmed, p.At = d.disposition, d.confirmed, d.at
		}
		return yield(&p)
	})
}

// word is what people have decided of a case, or of a verdict.
type word struct {
	disposition triage.Disposition
	confirmed   bool
	mixed       bool // one thing of one verdict and another of the next
	at          time.Time
}

// said reads what people have said: approvals and wrong items by plan, and decisions by case and by verdict.
func (b *Book) said(ctx context.Context) (approvals map[string][]respond.Approval, wrong map[string]map[string]time.Time, cases map[string]word, err error) {
	approvals, wrong, cases = map[string][]respond.Approval{}, map[string]map[string]time.Time{}, map[string]word{}
	err = b.each(ctx, "reading approvals", `SELECT document FROM approvals ORDER BY plan, who`, nil, func(scan func(...any) error) error {
		var doc []byte
		if err := scan(&doc); err != nil {
			return err
		}
		a, err := respond.ReadApproval(doc)
		approvals[a.Plan] = append(approvals[a.Plan], a)
		return err
	})
	if err != nil {
		return nil, nil, nil, err
	}
	err = b.each(ctx, "reading what was wrong", `SELECT plan, item, at FROM wrongs ORDER BY seq`, nil, func(scan func(...any) error) error {
		var plan, item string
		var at sql.NullInt64
		if err := scan(&plan, &item, &at); err != nil {
			return err
		}
		if wrong[plan] == nil {
			wrong[plan] = map[string]time.Time{}
		}
		if _, before := wrong[plan][item]; !before {
			wrong[plan][item] = instant(at)
		}
		return nil
	})
	if err != nil {
		return nil, nil, nil, err
	}
	err = b.each(ctx, "reading decisions", `SELECT case_id, verdict, disposition, certainty, at FROM decisions WHERE undone IS NULL ORDER BY seq, verdict`, nil, func(scan func(...any) error) error {
		var id, verdict, disposition, certainty string
		var at sql.NullInt64
		if err := scan(&id, &verdict, &disposition, &certainty, &at); err != nil {
			return err
		}
		w := word{confirmed: certainty == string(triage.Confirmed), at: instant(at)}
		for d := triage.Undetermined; d <= triage.FalsePositive; d++ {
			if d.String() == disposition {
				w.disposition = d
			}
		}
		cases[verdict] = w
		if before, met := cases[id]; met {
			w.mixed = before.mixed || before.disposition != w.disposition
			w.confirmed = w.confirmed && before.confirmed
		}
		cases[id] = w
		return nil
	})
	return approvals, wrong, cases, err
}

// Rollbacks are the actions that were taken back, or were to be, in the order in which that was begun.
func (b *Book) Rollbacks(ctx context.Context) (list []respond.Rollback, err error) {
	const query = `SELECT action, outcome, stage, ended, undoing, failed FROM steps WHERE undoing IS NOT NULL ORDER BY undoing, seq`
	err = b.each(ctx, "reading what was taken back", query, nil, func(scan func(...any) error) error {
		var action []byte
		var outcome, stage string
		var ended, undoing, failed sql.NullInt64
		if err := scan(&action, &outcome, &stage, &ended, &undoing, &failed); err != nil {
			return err
		}
		var item respond.Item
		if err := json.Unmarshal(action, &item); err != nil {
			return fmt.Errorf("a step: %w", err)
		}
		if failed.Valid {
			list = append(list, respond.Rollback{Action: item.Action, Under: item.Under, At: instant(failed), Failed: true})
		}
		if stage == string(respond.Ended) && outcome == respond.Undone.String() {
			list = append(list, respond.Rollback{Action: item.Action, Under: item.Under, At: instant(ended), Took: instant(ended).Sub(instant(undoing))})
		}
		return nil
	})
	return list, err
}

// Recent hands over the steps that were begun from then on, of all plans, in order.
func (l Ledger) Recent(ctx context.Context, from time.Time) ([]respond.Step, error) {
	return l.steps(ctx, `started >= $1`, from.UnixNano())
}
