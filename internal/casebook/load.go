package casebook

import (
	"context"
	"database/sql"
	"errors"
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
		h := held{stored: true}
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
	rows, err := tx.QueryContext(ctx, `SELECT v.id, v.case_id, v.route, v.score, v.first_time, v.last_time, v.received, c.status, c.snoozed IS NOT NULL
		FROM verdicts v LEFT JOIN cases c ON c.id = v.case_id WHERE v.id IN `+placeholders(len(ids)), ids...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		e := &entry{stored: true}
		var caseID, status sql.NullString
		if err := rows.Scan(&e.id, &caseID, &e.rank, &e.score, &e.span[0], &e.span[1], &e.received, &status, &e.aside); err != nil {
			return err
		}
		e.caseID, e.closed = caseID.String, status.String == Closed
		e.first, e.last = instant(e.span[0]), instant(e.span[1])
		w.entries[e.id] = e
		w.order = append(w.order, e)
	}
	return rows.Err()
}

// loadParties reads the parties of the stored verdicts that get another document: those of the new one are added to them.
func (w *batch) loadParties(ctx context.Context, tx *sql.Tx) error {
	var ids []any
	for _, e := range w.order {
		if e.stored && e.next != nil {
			ids = append(ids, e.id)
		}
	}
	for len(ids) > 0 {
		n := min(len(ids), lookupSize)
		rows, err := tx.QueryContext(ctx, `SELECT verdict, kind, value FROM parties WHERE verdict IN `+placeholders(n), ids[:n:n]...)
		if err != nil {
			return err
		}
		for rows.Next() {
			var id string
			var p Party
			if err := rows.Scan(&id, &p.Kind, &p.Value); err != nil {
				return errors.Join(err, rows.Close())
			}
			e := w.entries[id]
			e.parties = append(e.parties, p)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
