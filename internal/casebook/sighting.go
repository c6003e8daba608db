package casebook

import (
	"context"
	"database/sql"

	"github.com/seed-959697dd/soc/triage"
)

// Sightings hands over, for every rule and host, the first day on which it was seen, in order of rule and host.
func (b *Book) Sightings(ctx context.Context, yield func(triage.Sighting) error) error {
	const query = `SELECT rule, host, MIN(day) FROM sightings GROUP BY rule, host ORDER BY rule, host`
	return b.each(ctx, "reading sightings", query, nil, func(scan func(...any) error) error {
		var s triage.Sighting
		if err := scan(&s.Rule, &s.Host, &s.Day); err != nil {
			return err
		}
		return yield(s)
	})
}

// storeSightings adds to what was seen.
func storeSightings(ctx context.Context, tx *sql.Tx, seen map[triage.Sighting]int64) error {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO sightings (rule, host, day, count) VALUES ($1, $2, $3, $4)
		ON CONFLICT (rule, host, day) DO UPDATE SET count = sightings.count + excluded.count`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for s, n := range seen {
		if _, err := stmt.ExecContext(ctx, s.Rule, s.Host, s.Day, n); err != nil {
			return err
		}
	}
	return nil
}
