package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Settled names something that a person did to a case: the journal record that says so.
type Settled struct {
	Case string
	Seq  int64
}

// Errors of TakeBack and Again.
var (
	// ErrMoved means that somebody did something else with the case since.
	ErrMoved = errors.New("it was changed since")
	// ErrLasting means that the record tells of nothing that can be taken back.
	ErrLasting = errors.New("it cannot be taken back")
)

// TakeBack takes back what one record says: a decision, an owner, a snooze, a merge, a split. Where something else was done since it is
// ErrMoved: whoever undoes what they did does not undo what somebody else did after them.
func (b *Book) TakeBack(ctx context.Context, s Settled, by, reason string) error {
	return b.write(ctx, "taking back what was done to "+s.Case, func(ctx context.Context, tx *sql.Tx) error {
		what, err := recorded(ctx, tx, s.Seq)
		if err != nil {
			return err
		}
		id, now := what.Get("case").Str, b.now()
		switch what.Get("do").Str {
		case "close":
			return b.undecide(ctx, tx, now, s, by, reason)
		case "assign":
			if err := unmoved(ctx, tx, `SELECT owner_seq FROM cases WHERE id = $1`, s.Seq, id); err != nil {
				return err
			}
			_, err = assign(ctx, tx, now, id, what.Get("was").Str, by)
			return err
		case "snooze":
			left, _ := time.Parse(time.RFC3339Nano, what.Get("until").Str) // an alert that came since has woken it
			if err := unmoved(ctx, tx, `SELECT snoozed_seq FROM cases WHERE id = $1 AND COALESCE(snoozed, 0) = $2`, s.Seq, id, nanos(left).Int64); err != nil {
				return err
			}
			_, err = snooze(ctx, tx, now, id, ahead(what.Get("was"), now), by)
			return err
		case "merge":
			from := what.Get("from").Str
			if err := unmerge(ctx, tx, now, s.Seq, id, from, textsOf(what.Get("verdicts")), by, reason); err != nil {
				return err
			}
			return regain(ctx, tx, now, from, what.Get("owner").Str, by)
		case "split":
			return unsplit(ctx, tx, now, id, what.Get("into").Str, textsOf(what.Get("verdicts")), by, reason)
		}
		return ErrLasting
	})
}

// Again does once more what a record says that was taken back.
func (b *Book) Again(ctx context.Context, s Settled, by string) (Settled, error) {
	what, err := recorded(ctx, b.db, s.Seq)
	if err != nil {
		return s, b.fail("doing again what was done to "+s.Case, err)
	}
	id, reason := what.Get("case").Str, what.Get("reason").Str
	switch what.Get("do").Str {
	case "close":
		disposition, _ := triage.DispositionOf(what.Get("disposition").Str)
		return b.Settle(ctx, id, triage.Decision{Disposition: disposition, Reason: reason, Certainty: triage.Certainty(what.Get("certainty").Str), By: by})
	case "assign":
		return b.Assign(ctx, id, what.Get("owner").Str, by)
	case "snooze":
		until, _ := time.Parse(time.RFC3339Nano, what.Get("until").Str) // absent: it was brought back
		return b.Snooze(ctx, id, until, by)
	case "merge":
		_, list, err := b.Join(ctx, id, []string{what.Get("from").Str}, by, reason)
		return slices.Concat(list, []Settled{s})[0], err
	case "split":
		_, did, err := b.Detach(ctx, id, textsOf(what.Get("verdicts")), by, reason)
		return did, err
	}
	return s, b.fail("doing again what was done to "+s.Case, ErrLasting)
}

func recorded(ctx context.Context, q querier, seq int64) (what gjson.Result, err error) {
	var text string
	err = q.QueryRowContext(ctx, `SELECT what FROM journal WHERE seq = $1`, seq).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: the journal has no record %d", ErrLasting, seq)
	}
	return gjson.Parse(text), err
}

func textsOf(v gjson.Result) (list []string) {
	for _, one := range v.Array() {
		list = append(list, one.Str)
	}
	return list
}

// ahead is a time that has not passed yet, else the zero one.
func ahead(v gjson.Result, now time.Time) time.Time {
	if t, err := time.Parse(time.RFC3339Nano, v.Str); err == nil && t.After(now) {
		return t
	}
	return time.Time{}
}

// unmoved makes sure that a case still stands as a record left it.
func unmoved(ctx context.Context, tx *sql.Tx, query string, seq int64, args ...any) error {
	var is int64
	err := tx.QueryRowContext(ctx, query, args...).Scan(&is)
	if errors.Is(err, sql.ErrNoRows) || err == nil && is != seq {
		return ErrMoved
	}
	return err
}

// undecide takes a decision back and opens its case again.
func (b *Book) undecide(ctx context.Context, tx *sql.Tx, now time.Time, s Settled, by, reason string) error {
	id, err := caseID(ctx, tx, s.Case)
	if err == nil {
		err = mustBe(ctx, tx, id, Closed)
	}
	if err != nil {
		return err
	}
	if err := unmoved(ctx, tx, `SELECT COALESCE(MAX(seq), 0) FROM decisions WHERE case_id = $1 AND undone IS NULL`, s.Seq, id); err != nil {
		return err
	}
	return b.reopen(ctx, tx, id, now, by, reason)
}

// unmerge gives a case that was merged its verdicts back.
func unmerge(ctx context.Context, tx *sql.Tx, now time.Time, seq int64, id, from string, verdicts []string, by, reason string) error {
	if err := mustBe(ctx, tx, id, Opened); err != nil {
		return gone(err)
	}
	all, err := verdictsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		if !slices.Contains(all, v) {
			return ErrMoved
		}
	}
	if len(all) == len(verdicts) {
		return ErrMoved // its own verdicts went elsewhere
	}
	var others int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases WHERE id = $1`, from).Scan(&others); err != nil {
		return err
	}
	if others > 0 {
		return ErrMoved
	}
	// Each waits as long as it did before.
	rest, err := waitsSince(ctx, tx, id, slices.DeleteFunc(all, func(v string) bool { return slices.Contains(verdicts, v) }))
	if err != nil {
		return err
	}
	since, err := waitsSince(ctx, tx, id, verdicts)
	if err != nil {
		return err
	}
	record := regrouping("split", id, "into", from, verdicts, reason)
	record = wire.Int(record[:len(record)-1], "undo", seq) // nobody said that they are to stay apart
	record = append(wire.Time(wire.Time(record, "since", instant(since)), "rest", instant(rest)), '}')
	if _, err := split(ctx, tx, now, record, id, from, verdicts, by, reason); err != nil {
		return err
	}
	for c, at := range map[string]sql.NullInt64{id: rest, from: since} {
		if _, err := tx.ExecContext(ctx, `UPDATE cases SET opened = $1 WHERE id = $2`, at, c); err != nil {
			return err
		}
	}
	return nil
}

// waitsSince is when the book first held one of some verdicts of a case, else when the case was opened.
func waitsSince(ctx context.Context, tx *sql.Tx, id string, verdicts []string) (at sql.NullInt64, err error) {
	for _, v := range verdicts {
		var one sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT received FROM verdicts WHERE id = $1`, v).Scan(&one); err != nil {
			return at, err
		}
		if one.Valid && (!at.Valid || one.Int64 < at.Int64) {
			at = one
		}
	}
	if !at.Valid {
		err = tx.QueryRowContext(ctx, `SELECT opened FROM cases WHERE id = $1`, id).Scan(&at)
	}
	return at, err
}

// regain gives a case the owner back that it had before it was merged.
func regain(ctx context.Context, tx *sql.Tx, now time.Time, id, owner, by string) error {
	var is string
	err := tx.QueryRowContext(ctx, `SELECT owner FROM cases WHERE id = $1`, id).Scan(&is)
	if err == nil && is != owner {
		_, err = assign(ctx, tx, now, id, owner, by)
	}
	return err
}

// unsplit puts verdicts that were taken out of a case back.
func unsplit(ctx context.Context, tx *sql.Tx, now time.Time, id, into string, verdicts []string, by, reason string) error {
	all, err := verdictsOf(ctx, tx, into)
	if err != nil {
		return err
	}
	if strings.Join(all, " ") != strings.Join(verdicts, " ") {
		return ErrMoved
	}
	if _, err := merge(ctx, tx, now, id, into, by, reason); err != nil {
		return gone(err)
	}
	return stand(ctx, tx, id)
}

// gone turns a case that is there no more, or closed, into somebody's doing.
func gone(err error) error {
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, ErrClosed) {
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	return err
}
