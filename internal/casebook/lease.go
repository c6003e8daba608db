package casebook

import (
	"context"
	"database/sql"
	"time"
)

// Lease is who alone may do something for a while.
type Lease struct {
	Name, Holder string
	Since        time.Time // zero: an older version took it, which did not say
	Until        time.Time // after which somebody else may take it
}

// Claim takes what has a name for somebody until a time, or renews that. It is false while somebody else has it.
func (b *Book) Claim(ctx context.Context, name, holder string, until time.Time) (ours bool, err error) {
	err = b.write(ctx, "claiming "+name, func(ctx context.Context, tx *sql.Tx) error {
		now := b.now().UnixNano()
		res, err := tx.ExecContext(ctx, `INSERT INTO leases (name, holder, until, since) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET since = CASE WHEN leases.holder = excluded.holder THEN leases.since ELSE excluded.since END,
			holder = excluded.holder, until = excluded.until WHERE leases.holder = excluded.holder OR leases.until < $4`,
			name, holder, until.UnixNano(), now)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		ours = n > 0
		return err
	})
	return ours, err
}

// Leased tells who has what has a name; the holder is empty when nobody does. A lease that has run out is still told: nobody took it yet.
func (b *Book) Leased(ctx context.Context, name string) (Lease, error) {
	l := Lease{Name: name}
	err := b.each(ctx, "looking who has "+name, `SELECT holder, since, until FROM leases WHERE name = $1`, []any{name}, func(scan func(...any) error) error {
		var since, until int64
		err := scan(&l.Holder, &since, &until)
		if l.Until = time.Unix(0, until).UTC(); since > 0 {
			l.Since = time.Unix(0, since).UTC()
		}
		return err
	})
	return l, err
}

// Yield gives back what somebody claimed.
func (b *Book) Yield(ctx context.Context, name, holder string) error {
	return b.write(ctx, "yielding "+name, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, name, holder)
		return err
	})
}
