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
func (b *Book) storeSightings(ctx context.Context, tx *sql.Tx, seen map[triage.Sighting]int64) error {
	rows := b.inserter(tx, 5, `INSERT INTO sightings (kind, subject, value, day, count)`, `ON CONFLICT (kind, subject, value, day) DO UPDATE SET count = sightings.count + excluded.count`)
	for s, n := range seen {
		if err := rows.add(ctx, string(s.Kind), s.Subject, s.Value, s.Day, n); err != nil {
			return err
		}
	}
	_, err := rows.end(ctx)
	return err
}
