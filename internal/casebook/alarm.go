package casebook

import (
	"context"
	"database/sql"

	"github.com/seed-959697dd/soc/internal/wire"
)

// weigh looks, after a decision and within its transaction, whether what was found raises the alarm of the precedents that had closed
// the verdicts.
func (b *Book) weigh(ctx context.Context, tx *sql.Tx, verdicts []string) error {
	if b.alarm == nil {
		return nil
	}
	seen := map[string]struct{}{}
	for _, v := range verdicts {
		list, err := precedentsOf(ctx, tx, v)
		if err != nil {
			return err
		}
		for _, p := range list {
			if _, done := seen[p]; done {
				continue
			}
			seen[p] = struct{}{}
			if err := b.raise(ctx, tx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// precedentsOf are the precedents that had closed a verdict which was picked.
func precedentsOf(ctx context.Context, tx *sql.Tx, verdict string) (list []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT precedent FROM closings WHERE verdict = $1 AND picked = 1 ORDER BY precedent`, verdict)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

func (b *Book) raise(ctx context.Context, tx *sql.Tx, precedent string) error {
	a, err := account(ctx, tx, precedent)
	if err != nil || a.Alarm != nil {
		return err
	}
	drift, alarm := b.alarm(a)
	if !alarm {
		return nil
	}
	what := wire.Text(wire.Text([]byte{'{'}, "do", "alarm"), "precedent", precedent)
	what = append(a.found(wire.Float(what, "drift", drift)), '}')
	seq, err := enter(ctx, tx, b.now(), "soc", what)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO alarms (seq, precedent, what) VALUES ($1, $2, $3)`, seq, precedent, string(what))
	return err
}

// found appends how many audits there were since the alarm was last reset, and how many found an attack.
func (a *Account) found(b []byte) []byte {
	audits, attacks := a.Found()
	return wire.Int(wire.Int(b, "audits", audits), "attacks", attacks)
}

// Found counts the audits since the alarm was last reset, and those that found an attack.
func (a *Account) Found() (audits, attacks int64) {
	for _, one := range a.Audits {
		if one.Counts {
			audits++
			if one.Attack {
				attacks++
			}
		}
	}
	return audits, attacks
}

// Restore takes back every alarm that stands, in a person's name; what was found until then raises none again. It returns the
// precedents that may close again, none when no alarm stands.
func (b *Book) Restore(ctx context.Context, by, reason string) (list []string, err error) {
	err = b.write(ctx, "turning closing on again", func(ctx context.Context, tx *sql.Tx) error {
		if list, err = alarmed(ctx, tx); err != nil || len(list) == 0 {
			return err
		}
		what := wire.Texts(wire.Text([]byte{'{'}, "do", "restore"), "precedents", list)
		seq, err := enter(ctx, tx, b.now(), by, append(wire.Text(what, "reason", reason), '}'))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE alarms SET restored = $1 WHERE restored IS NULL`, seq)
		return err
	})
	return list, err
}

// alarmed are the precedents whose alarm stands.
func alarmed(ctx context.Context, q querier) (list []string, err error) {
	rows, err := q.QueryContext(ctx, `SELECT DISTINCT precedent FROM alarms WHERE restored IS NULL ORDER BY precedent`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}
