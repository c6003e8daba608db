package casebook

import (
	"context"
	"database/sql"
	"fmt"
)

// load reads what the book knows of the parts: their alerts, and the verdicts that hold these or have the same id.
func (w *batch) load(ctx context.Context, tx *sql.Tx, parts []*part) error {
	var keys []Key
	wanted := map[string]struct{}{}
	for _, p := range parts {
		wanted[p.row.id] = struct{}{}
		for i := range p.members {
			keys = append(keys, p.members[i].Key)
		}
	}
	for len(keys) > 0 {
		n := min(len(keys), lookupSize)
		if err := w.loadAlerts(ctx, tx, keys[:n], wanted); err != nil {
			return err
		}
		keys = keys[n:]
	}
	ids := make([]any, 0, lookupSize)
	for id := range wanted {
		if ids = append(ids, id); len(ids) == lookupSize {
			if err := w.loadVerdicts(ctx, tx, ids); err != nil {
				return err
			}
			ids = ids[:0]
		}
	}
	if len(ids) > 0 {
		if err := w.loadVerdicts(ctx, tx, ids); err != nil {
			return err
		}
	}
	for k, h := range w.alerts {
		if w.entries[h.verdict] == nil {
			return fmt.Errorf("%w: alert %s belongs to no verdict", ErrDamaged, k.ID)
		}
	}
	return nil
}

func (w *batch) loadAlerts(ctx context.Context, tx *sql.Tx, keys []Key, wanted map[string]struct{}) error {
	query, args := lookup(`SELECT digest, id, verdict, copies FROM alerts WHERE digest IN `, keys)
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k Key
		var digest []byte
		var h held
		if err := rows.Scan(&digest, &k.ID, &h.verdict, &h.copies); err != nil {
			return err
		}
		copy(k.Digest[:], digest)
		w.alerts[k] = &h
		wanted[h.verdict] = struct{}{}
	}
	return rows.Err()
}

func (w *batch) loadVerdicts(ctx context.Context, tx *sql.Tx, ids []any) error {
	rows, err := tx.QueryContext(ctx, `SELECT v.id, v.case_id, v.route, v.score, v.first_time, v.last_time, c.status, c.snoozed IS NOT NULL
		FROM verdicts v LEFT JOIN cases c ON c.id = v.case_id WHERE v.id IN `+placeholders(len(ids)), ids...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		e := &entry{stored: true}
		var caseID, status sql.NullString
		var first, last sql.NullInt64
		if err := rows.Scan(&e.id, &caseID, &e.rank, &e.score, &first, &last, &status, &e.aside); err != nil {
			return err
		}
		e.caseID, e.closed = caseID.String, status.String == Closed
		e.first, e.last = instant(first), instant(last)
		w.entries[e.id] = e
		w.order = append(w.order, e)
	}
	return rows.Err()
}
