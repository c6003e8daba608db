package casebook

import (
	"context"
	"database/sql"

	"github.com/seed-959697dd/soc/triage"
)

// Sightings hands over, for every subject and value, the first day on which they were seen together, in order of kind, subject and value.
func (b *Book) Sightings(ctx context.Context, yield func(triage.Sighting) error) error {
	const query = `SELECT kind, subject, value, MIN(day) FROM sightings GROUP BY kind, subject, value ORDER BY kind, subject, value`
	return b.each(ctx, "reading sightings", query, nil, func(scan func(...any) error) error {
		var s triage.Sighting
		if err := scan(&s.Kind, &s.Subject, &s.Value, &s.Day); err != nil {
			return err
		}
		return yield(s)
	})
}

// storeSightings adds to what was seen.
func storeSightings(ctx context.Context, tx *sql.Tx, seen map[triage.Sighting]int64) error {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO sightings (kind, subject, value, day, count) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, subject, value, day) DO UPDATE SET count = sightings.count + excluded.count`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for s, n := range seen {
		if _, err := stmt.ExecContext(ctx, string(s.Kind), s.Subject, s.Value, s.Day, n); err != nil {
			return err
		}
	}
	return nil
}
