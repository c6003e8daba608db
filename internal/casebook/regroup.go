package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Merge puts the verdicts of other open cases into an open one and returns its id. What was said on them is said on it from then on, and
// their names lead to it. Split takes it back. Names may be abbreviated, see Book.Case.
func (b *Book) Merge(ctx context.Context, name string, others []string, by, reason string) (string, error) {
	id, _, err := b.Join(ctx, name, others, by, reason)
	return id, err
}

// Join is Merge; it returns what TakeBack needs, for each of the others.
func (b *Book) Join(ctx context.Context, name string, others []string, by, reason string) (id string, did []Settled, err error) {
	id, err = b.change(ctx, "merging into "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		for _, other := range others {
			from, err := caseID(ctx, tx, other)
			if err != nil {
				return err
			}
			if from == id {
				return named(ErrSame, other)
			}
			seq, err := merge(ctx, tx, now, id, from, by, reason)
			if err != nil {
				return err
			}
			did = append(did, Settled{id, seq})
		}
		return stand(ctx, tx, id)
	})
	if err != nil {
		did = nil
	}
	return id, did, err
}

// merge puts one case into another. What somebody put aside comes back: there is news of it.
func merge(ctx context.Context, tx *sql.Tx, now time.Time, id, from, by, reason string) (seq int64, err error) {
	for _, c := range []string{id, from} {
		if err := mustBe(ctx, tx, c, Opened); err != nil {
			return 0, named(err, c)
		}
	}
	seq, _, err = join(ctx, tx, now, id, from, by, reason)
	if err != nil {
		return 0, err
	}
	return seq, note(ctx, tx, now, id, by, from+" was merged into this case: "+reason)
}

// join puts the verdicts of one case into another, and returns the journal's record of it and what that tells.
func join(ctx context.Context, tx *sql.Tx, now time.Time, id, from, by, reason string) (seq int64, what gjson.Result, err error) {
	verdicts, err := verdictsOf(ctx, tx, from)
	if err != nil {
		return 0, what, err
	}
	var owner string
	var since sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT owner, (SELECT MIN(o.opened) FROM cases o WHERE o.id IN ($1, $2)) FROM cases WHERE id = $1`, from, id).Scan(&owner, &since); err != nil {
		return 0, what, err
	}
	record := regrouping("merge", id, "from", from, verdicts, reason)
	record = wire.Text(record[:len(record)-1], "owner", owner) // for who takes it back
	record = append(wire.Time(record, "since", instant(since)), '}')
	if seq, err = enter(ctx, tx, now, by, record); err != nil {
		return 0, what, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE verdicts SET case_id = $1 WHERE case_id = $2`, id, from); err != nil {
		return 0, what, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE cases SET snoozed = NULL, opened = $2 WHERE id = $1`, id, since); err != nil {
		return 0, what, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM cases WHERE id = $1`, from)
	return seq, gjson.ParseBytes(record), err
}

// Split takes verdicts out of an open case into one of their own, whose id it returns: that of the case they were before, where that is
// free. Neither may be left empty. Merge takes it back.
func (b *Book) Split(ctx context.Context, name string, verdicts []string, by, reason string) (into string, err error) {
	into, _, err = b.Detach(ctx, name, verdicts, by, reason)
	return into, err
}

// Detach is Split; it returns what TakeBack needs, too.
func (b *Book) Detach(ctx context.Context, name string, verdicts []string, by, reason string) (into string, did Settled, err error) {
	did.Case, err = b.change(ctx, "splitting "+name, name, func(ctx context.Context, tx *sql.Tx, id string, now time.Time) error {
		if err := mustBe(ctx, tx, id, Opened); err != nil {
			return err
		}
		all, err := verdictsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		moved, err := chosen(ctx, tx, all, verdicts)
		if err != nil {
			return err
		}
		if len(moved) == len(all) {
			return ErrWhole
		}
		if into, err = freeID(ctx, tx, id, moved); err != nil {
			return err
		}
		var since sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT opened FROM cases WHERE id = $1`, id).Scan(&since); err != nil {
			return err
		}
		record := regrouping("split", id, "into", into, moved, reason)
		record = append(wire.Time(record[:len(record)-1], "since", instant(since)), '}')
		did.Seq, err = split(ctx, tx, now, record, id, into, moved, by, reason)
		return err
	})
	return into, did, err
}

// split takes verdicts out of a case, as the record says.
func split(ctx context.Context, tx *sql.Tx, now time.Time, record []byte, id, into string, moved []string, by, reason string) (seq int64, err error) {
	if seq, err = enter(ctx, tx, now, by, record); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO cases (id, status, opened, title, severity, route, probability, disposition, owner, owner_seq)
		SELECT $1, status, opened, title, severity, route, probability, disposition, owner, owner_seq FROM cases WHERE id = $2`, into, id); err != nil {
		return 0, err
	}
	for _, v := range moved {
		if _, err := tx.ExecContext(ctx, `UPDATE verdicts SET case_id = $1 WHERE id = $2`, into, v); err != nil {
			return 0, err
		}
	}
	if err := note(ctx, tx, now, id, by, strings.Join(moved, ", ")+" went to "+into+": "+reason); err != nil {
		return 0, err
	}
	if err := note(ctx, tx, now, into, by, "taken out of "+id+": "+reason); err != nil {
		return 0, err
	}
	for _, c := range []string{id, into} {
		if err := stand(ctx, tx, c); err != nil {
			return 0, err
		}
	}
	return seq, nil
}

// regrouping is the journal's word for a merge or a split.
func regrouping(do, id, way, other string, verdicts []string, reason string) []byte {
	b := wire.Text(wire.Text([]byte{'{'}, "do", do), "case", id)
	return append(wire.Text(wire.Texts(wire.Text(b, way, other), "verdicts", verdicts), "reason", reason), '}')
}

// chosen are the verdicts of a case that a person means, by id or the beginning of one.
func chosen(ctx context.Context, q querier, all, names []string) (list []string, err error) {
	for _, name := range names {
		id := "v-" + strings.TrimPrefix(name, "v-")
		err := q.QueryRowContext(ctx, `SELECT verdict FROM aliases WHERE id = $1`, id).Scan(&id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		var met []string
		for _, v := range all {
			if strings.HasPrefix(v, id) {
				met = append(met, v)
			}
		}
		switch {
		case len(met) == 0:
			return nil, named(ErrNoVerdict, name)
		case len(met) > 1:
			return nil, named(ErrAmbiguous, strings.Join(met, ", "))
		}
		list = append(list, met[0])
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// freeID is the id of the case that the earliest of the verdicts was on its own, of those that no case has; else one made of what was done.
func freeID(ctx context.Context, tx *sql.Tx, id string, moved []string) (string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT v.id FROM verdicts v WHERE v.case_id = $1 ORDER BY v.first_time NULLS FIRST, v.id`, id)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return "", err
		}
		if slices.Contains(moved, v) {
			ids = append(ids, triage.CaseOf(v))
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	seq, _, err := head(ctx, tx)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %q", id, seq, moved))
	for _, c := range append(ids, "c-"+hex.EncodeToString(sum[:8])) {
		var n int
		if err == nil {
			err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases WHERE id = $1`, c).Scan(&n)
		}
		if err != nil || n == 0 {
			return c, err
		}
	}
	return "", named(ErrAmbiguous, id)
}

// stand lets a case stand as its strongest verdict does. What a person closed it as stays.
func stand(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE cases SET title = v.title, severity = v.severity, route = v.route, probability = v.probability,
		disposition = CASE WHEN cases.status = 'closed' THEN cases.disposition ELSE v.disposition END
		FROM verdicts v WHERE cases.id = $1 AND v.id = (`+strongest+`)`, id)
	return err
}

// strongest is the verdict as which the case $1 stands; an index has them in that order.
const strongest = `SELECT w.id FROM verdicts w WHERE w.case_id = $1 ORDER BY w.route DESC, w.score DESC, w.id LIMIT 1`
