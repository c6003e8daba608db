package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
)

// ErrNoPlan means that no plan has that id or digest.
var ErrNoPlan = errors.New("no such plan")

// KeepPlan stores a plan; one that is there already stays as it is.
func (b *Book) KeepPlan(ctx context.Context, p *respond.Plan) error {
	return b.write(ctx, "keeping plan "+p.ID, func(ctx context.Context, tx *sql.Tx) error {
		_, err := b.keepPlan(ctx, tx, p)
		return err
	})
}

func (b *Book) keepPlan(ctx context.Context, tx *sql.Tx, p *respond.Plan) (fresh bool, err error) {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM plans WHERE digest = $1`, p.Digest).Scan(&n); err != nil || n > 0 {
		return false, err
	}
	what := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "plan"), "plan", p.Digest), "case", p.Case)
	if _, err := enter(ctx, tx, b.now(), p.Author, append(what, '}')); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO plans (digest, id, case_id, author, created, document) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.Digest, p.ID, p.Case, p.Author, nanos(p.Created), string(p.AppendJSON(nil)))
	return true, err
}

// Plan returns a plan by its id, its digest or the beginning of its id.
func (b *Book) Plan(ctx context.Context, name string) (respond.Plan, error) {
	var doc string
	n := 0
	const query = `SELECT document FROM plans WHERE digest = $1 OR id = $1 OR (substr(id, 1, length($1)) = $1 AND length($1) >= 4) LIMIT 2`
	err := b.each(ctx, "reading plan "+name, query, []any{name}, func(scan func(...any) error) error {
		n++
		return scan(&doc)
	})
	switch {
	case err != nil:
		return respond.Plan{}, err
	case n == 0:
		return respond.Plan{}, fmt.Errorf("%s: %w", name, ErrNoPlan)
	case n > 1:
		return respond.Plan{}, fmt.Errorf("%s: %w", name, ErrAmbiguous)
	}
	p, err := respond.ReadPlan([]byte(doc))
	if err != nil {
		return p, b.fail("reading plan "+name, err)
	}
	return p, nil
}

// Newer is the id of the latest plan of the same case that was made after this one, empty when there is none: it takes the place of
// an older one. What an older one began stays, to be taken back. What a machine does alone, or only says that it would, replaces nothing.
func (b *Book) Newer(ctx context.Context, p *respond.Plan) (id string, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT id FROM plans WHERE case_id = $1 AND case_id <> '' AND created > $2 AND document NOT LIKE '%,"purpose":"%' ORDER BY created DESC, id LIMIT 1`, p.Case, nanos(p.Created)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		err = b.fail("reading plans", err)
	}
	return id, err
}

// Plans hands over all plans, the latest first. One that no longer reads is handed over with its error.
func (b *Book) Plans(ctx context.Context, yield func(p respond.Plan, err error) error) error {
	return b.each(ctx, "reading plans", `SELECT id, document FROM plans ORDER BY created DESC, id`, nil, func(scan func(...any) error) error {
		var id, doc string
		if err := scan(&id, &doc); err != nil {
			return err
		}
		p, err := respond.ReadPlan([]byte(doc))
		if err != nil {
			p.ID, err = id, fmt.Errorf("plan %s: %w", id, err)
		}
		return yield(p, err)
	})
}

// Approve keeps an approval. A later one of the same person takes the place of the earlier.
func (b *Book) Approve(ctx context.Context, a *respond.Approval) error {
	return b.write(ctx, "approving", func(ctx context.Context, tx *sql.Tx) error { return b.approve(ctx, tx, a) })
}

func (b *Book) approve(ctx context.Context, tx *sql.Tx, a *respond.Approval) error {
	what := wire.Texts(wire.Text(wire.Text([]byte{'{'}, "do", "approve"), "plan", a.Plan), "risks", a.Risks)
	document := a.AppendJSON(nil)
	sum := sha256.Sum256(document)
	what = wire.Hex(wire.Text(what, "signature", a.Signature), "document", "sha256:", sum[:])
	if _, err := enter(ctx, tx, b.now(), a.By, append(what, '}')); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO approvals (plan, who, at, document) VALUES ($1, $2, $3, $4)
		ON CONFLICT (plan, who) DO UPDATE SET at = excluded.at, document = excluded.document`, a.Plan, a.By, nanos(a.At), string(document))
	return err
}

// Approvals returns the approvals of a plan, by name of the approver.
func (b *Book) Approvals(ctx context.Context, plan string) (list []respond.Approval, err error) {
	err = b.each(ctx, "reading approvals", `SELECT document FROM approvals WHERE plan = $1 ORDER BY who`, []any{plan}, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		a, err := respond.ReadApproval([]byte(doc))
		list = append(list, a)
		return err
	})
	return list, err
}

// Ledger keeps the steps of plans in a book. It is a respond.Ledger.
type Ledger struct {
	Book *Book
	By   string // who carries out, for the journal
	// Remind enqueues, within the transaction that begins or moves a step, that somebody looks at it when it is due. Nil: nobody is reminded.
	Remind func(ctx context.Context, tx *sql.Tx, s *respond.Step) error
}

// Begin implements respond.Ledger.
func (l Ledger) Begin(ctx context.Context, s *respond.Step, from time.Time, room respond.Room) error {
	return l.Book.surely(ctx, "beginning "+s.Item.ID, func(ctx context.Context, tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM steps WHERE key = $1`, s.Key).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return respond.ErrTaken
		}
		if err := within(ctx, tx, from, room); err != nil {
			return err
		}
		action, err := json.Marshal(s.Item)
		if err != nil {
			return err
		}
		word := stepWord(s)
		word = append(wire.Text(word[:len(word)-1], "kept", wayBack(string(action), s.Image)), '}')
		seq, err := enter(ctx, tx, l.Book.now(), l.By, word)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO steps (seq, key, plan, item, stage, outcome, action, image, started, ended, until, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			seq, s.Key, s.Plan, s.Item.ID, string(s.Stage), s.Outcome.String(), string(action), s.Image, nanos(s.Started), nanos(s.Ended), nanos(s.Until), s.Detail)
		if err != nil {
			return err
		}
		s.Moved = s.Ended
		return l.remind(ctx, tx, s)
	})
}

// within asks, under the write lock, whether there is room for one step more.
func within(ctx context.Context, tx *sql.Tx, from time.Time, room respond.Room) error {
	if room == nil {
		return nil
	}
	open, err := stepsOf(ctx, tx, openSteps+notWriting)
	if err != nil {
		return err
	}
	hour, err := since(ctx, tx, from)
	if err != nil {
		return err
	}
	if why := room(open, hour); why != "" {
		return respond.RefusalError(why)
	}
	return nil
}

// remind enqueues a look at a step, if it is due at any time as it stands now. Who looks for its beginning looks for its result, too.
func (l Ledger) remind(ctx context.Context, tx *sql.Tx, s *respond.Step) error {
	if l.Remind == nil || s.Stage == respond.Result || s.Due().IsZero() {
		return nil
	}
	return l.Remind(ctx, tx, s)
}

// wayBack is the digest of what a step needs to be taken back.
func wayBack(action, image string) string {
	sum := sha256.Sum256([]byte(action + "\n" + image))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Advance implements respond.Ledger.
func (l Ledger) Advance(ctx context.Context, s *respond.Step) error { return l.move(ctx, s, "") }

// Settle implements respond.Ledger.
func (l Ledger) Settle(ctx context.Context, s *respond.Step, was respond.Stage) error {
	return l.move(ctx, s, was)
}

// move notes what became of a step, unless it left the stage was; an empty one does not matter.
func (l Ledger) move(ctx context.Context, s *respond.Step, was respond.Stage) error {
	return l.Book.surely(ctx, "noting what became of "+s.Item.ID, func(ctx context.Context, tx *sql.Tx) error {
		undoing, failed := taking(s)
		res, err := tx.ExecContext(ctx, `UPDATE steps SET stage = $1, outcome = $2, ended = $3, until = $4, detail = $5, undoing = COALESCE(undoing, $8),
			failed = CASE WHEN undoing IS NOT NULL THEN COALESCE($9, failed) END WHERE key = $6 AND ($7 = '' OR stage = $7 AND COALESCE(ended, 0) = $10)`,
			string(s.Stage), s.Outcome.String(), nanos(s.Ended), nanos(s.Until), s.Detail, s.Key, string(was), undoing, failed, nanos(s.Moved).Int64)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, respond.ErrTaken)
		}
		if _, err := enter(ctx, tx, l.Book.now(), l.By, stepWord(s)); err != nil {
			return err
		}
		s.Moved = s.Ended
		return l.remind(ctx, tx, s)
	})
}

// taking is when a step is about to be taken back, and when that failed: it is in force, and was to be no more.
func taking(s *respond.Step) (undoing, failed sql.NullInt64) {
	switch {
	case s.Stage == respond.UndoOpen:
		undoing = nanos(s.Ended)
	case s.Stage == respond.Verified && (s.Outcome == respond.FailedOutcome || s.Outcome == respond.Unverified):
		failed = nanos(s.Ended)
	}
	return undoing, failed
}

// stepWord is the journal's word for a stage of a step.
func stepWord(s *respond.Step) []byte {
	b := wire.Text(wire.Text([]byte{'{'}, "do", "step"), "stage", string(s.Stage))
	b = wire.Text(wire.Text(b, "plan", s.Plan), "item", s.Item.ID)
	b = wire.Text(wire.Text(b, "action", s.Item.Action), "target", s.Item.Target.Value)
	b = wire.Text(wire.Text(b, "key", s.Key), "outcome", s.Outcome.String())
	b = wire.Time(wire.Time(wire.Time(b, "started", s.Started), "ended", s.Ended), "until", s.Until)
	return append(wire.Text(b, "detail", s.Detail), '}')
}

// notWriting leaves out the steps of writing back, whose plans are the runs that wrote: what they do is bounded and settled apart.
const notWriting = ` AND substr(plan, 1, 2) <> 'w-'`

// Steps implements respond.Ledger.
func (l Ledger) Steps(ctx context.Context, plan string) ([]respond.Step, error) {
	if plan == "" {
		return l.steps(ctx, openSteps+notWriting)
	}
	return l.steps(ctx, `plan = $1`, plan)
}

// Step implements respond.Ledger.
func (l Ledger) Step(ctx context.Context, key string) (*respond.Step, error) {
	list, err := l.steps(ctx, `key = $1`, key)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// On implements respond.Letters.
func (l Ledger) On(ctx context.Context, item string) ([]respond.Step, error) {
	return l.steps(ctx, `item = $1`, item)
}

// Unsettled implements respond.Letters.
func (l Ledger) Unsettled(ctx context.Context) ([]respond.Step, error) {
	return l.steps(ctx, `stage IN ($1, $2, $3) AND substr(plan, 1, 2) = 'w-'`, string(respond.Intent), string(respond.Result), string(respond.UndoOpen))
}

// openSteps are all stages but the last, one by one, so that the index finds them: of what has ended there is more every day.
const openSteps = `stage IN ('` + string(respond.Intent) + `', '` + string(respond.Result) + `', '` + string(respond.Verified) + `', '` + string(respond.UndoOpen) + `')`

func (l Ledger) steps(ctx context.Context, where string, args ...any) ([]respond.Step, error) {
	list, err := stepsOf(ctx, l.Book.db, where, args...)
	if err != nil {
		err = l.Book.fail("reading steps", err)
	}
	return list, err
}

func stepsOf(ctx context.Context, q querier, where string, args ...any) (list []respond.Step, err error) {
	rows, err := q.QueryContext(ctx, `SELECT key, plan, action, stage, outcome, image, started, ended, until, detail FROM steps WHERE `+where+` ORDER BY seq`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s respond.Step
		var action, stage, outcome string
		var started, ended, until sql.NullInt64
		if err := rows.Scan(&s.Key, &s.Plan, &action, &stage, &outcome, &s.Image, &started, &ended, &until, &s.Detail); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(action), &s.Item); err != nil {
			return nil, fmt.Errorf("step %s of plan %s, which may be in force: %w", s.Key, s.Plan, err)
		}
		s.Stage, s.Outcome = respond.Stage(stage), respond.OutcomeOf(outcome)
		s.Started, s.Ended, s.Until = instant(started), instant(ended), instant(until)
		s.Moved = s.Ended
		list = append(list, s)
	}
	return list, rows.Err()
}

// Since implements respond.Ledger.
func (l Ledger) Since(ctx context.Context, from time.Time) (int, error) {
	n, err := since(ctx, l.Book.db, from)
	if err != nil {
		err = l.Book.fail("counting steps", err)
	}
	return n, err
}

func since(ctx context.Context, q querier, from time.Time) (n int, err error) {
	err = q.QueryRowContext(ctx, `SELECT count(*) FROM steps WHERE started >= $1`+notWriting, from.UnixNano()).Scan(&n)
	return n, err
}

// Beat says that somebody is there to take back what is over.
func (b *Book) Beat(ctx context.Context, name string) error {
	return b.write(ctx, "noting the watch", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO watches (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at`, name, nanos(b.now()))
		return err
	})
}

// Watched is when the last watch said that it is there; zero: never.
func (b *Book) Watched(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	if err := b.db.QueryRowContext(ctx, `SELECT max(at) FROM watches`).Scan(&at); err != nil {
		return time.Time{}, b.fail("reading the watch", err)
	}
	return instant(at), nil
}

// surely is write with a commit that is on the disk before it returns, so that not even a power cut takes it back.
func (b *Book) surely(ctx context.Context, doing string, f func(context.Context, *sql.Tx) error) (err error) {
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return b.fail(doing, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	sure := context.WithoutCancel(ctx)
	undo, err := b.engine.sure(sure, conn)
	if err != nil {
		return b.fail(doing, err)
	}
	defer func() { err = errors.Join(err, undo()) }()
	tx, err := conn.BeginTx(sure, nil)
	if err != nil {
		return b.fail(doing, err)
	}
	if err = b.engine.lock(sure, tx); err == nil {
		err = f(sure, tx)
	}
	if err != nil {
		_ = tx.Rollback()
		return b.fail(doing, err)
	}
	if err := tx.Commit(); err != nil {
		return b.fail(doing, err)
	}
	return nil
}
