package casebook

import (
	"context"
	"database/sql"
	"time"
)

// save writes the batch under the journal record seq.
func (w *batch) save(ctx context.Context, tx *sql.Tx, now time.Time, seq int64) error {
	if err := w.saveAlerts(ctx, tx, now, seq); err != nil {
		return err
	}
	if err := w.saveVerdicts(ctx, tx, now, seq); err != nil {
		return err
	}
	if err := w.saveParties(ctx, tx); err != nil {
		return err
	}
	if err := w.saveClosings(ctx, tx, nanos(now), seq); err != nil {
		return err
	}
	if err := w.saveCases(ctx, tx, now); err != nil {
		return err
	}
	if err := w.saveTellings(ctx, tx, now); err != nil {
		return err
	}
	for id, verdict := range w.aliases {
		if _, err := tx.ExecContext(ctx, `INSERT INTO aliases (id, verdict) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, verdict); err != nil {
			return err
		}
	}
	return w.b.storeSightings(ctx, tx, w.seen)
}

func (w *batch) saveAlerts(ctx context.Context, tx *sql.Tx, now time.Time, seq int64) error {
	rows := w.b.inserter(tx, 8, `INSERT INTO alerts (digest, id, verdict, input, received, copies, body, seq)`, ``)
	received := nanos(now)
	for _, p := range w.fresh {
		for i := range p.members {
			m := &p.members[i]
			if err := rows.add(ctx, m.Digest[:], m.ID, p.row.id, m.input, received, w.alerts[m.Key].copies, m.body, seq); err != nil {
				return err
			}
		}
	}
	if _, err := rows.end(ctx); err != nil {
		return err
	}
	for _, k := range w.more {
		if _, err := tx.ExecContext(ctx, `UPDATE alerts SET copies = $1 WHERE digest = $2 AND id = $3`, w.alerts[k].copies, k.Digest[:], k.ID); err != nil {
			return err
		}
	}
	return nil
}

func (w *batch) saveVerdicts(ctx context.Context, tx *sql.Tx, now time.Time, seq int64) error {
	rows := w.b.inserter(tx, 19, `INSERT INTO verdicts (id, case_id, fingerprint, format, rule, host, title, first_time, last_time, count,
		route, would_close, disposition, probability, severity, score, document, run, received)`, ``)
	for _, e := range w.order {
		var err error
		if e.stored {
			err = e.update(ctx, tx, seq)
		} else {
			r := e.next
			err = rows.add(ctx, e.id, e.caseOrNull(), r.fingerprint, r.format, r.rule, r.host, r.title, nanos(e.first), nanos(e.last), e.added,
				r.rank, number(r.wouldClose), r.disposition, r.probability, r.severity, r.score, r.document, seq, nanos(now))
		}
		if err != nil {
			return err
		}
	}
	_, err := rows.end(ctx)
	return err
}

func (e *entry) caseOrNull() sql.NullString {
	return sql.NullString{String: e.caseID, Valid: e.caseID != ""}
}

func (e *entry) update(ctx context.Context, tx *sql.Tx, seq int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE verdicts SET case_id = $1, first_time = $2, last_time = $3, count = count + $4 WHERE id = $5`,
		e.caseOrNull(), nanos(e.first), nanos(e.last), e.added, e.id)
	if err != nil || e.next == nil {
		return err
	}
	r := e.next
	_, err = tx.ExecContext(ctx, `UPDATE verdicts SET fingerprint = $1, title = $2, host = $3, route = $4, would_close = $5, disposition = $6,
		probability = $7, severity = $8, score = $9, document = $10, run = $11, format = $12, rule = $13 WHERE id = $14`,
		r.fingerprint, r.title, r.host, r.rank, number(r.wouldClose), r.disposition, r.probability, r.severity, r.score, r.document, seq, r.format, r.rule, e.id)
	return err
}

// saveCases opens the case of every verdict that needs a person, and lets those that there are stand as their verdicts do now.
func (w *batch) saveCases(ctx context.Context, tx *sql.Tx, now time.Time) error {
	open, err := tx.PrepareContext(ctx, `INSERT INTO cases (id, status, opened, title, severity, route, probability, disposition)
		VALUES ($1, 'open', $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`)
	if err != nil {
		return err
	}
	defer func() { _ = open.Close() }()
	opened := nanos(now)
	moved := map[string]struct{}{}
	for _, e := range w.order {
		if e.woken {
			if _, err := tx.ExecContext(ctx, `UPDATE cases SET snoozed = NULL WHERE id = $1`, e.caseID); err != nil {
				return err
			}
		}
		if e.reopen {
			if _, err := tx.ExecContext(ctx, `UPDATE cases SET status = 'open', closed = NULL WHERE id = $1`, e.caseID); err != nil {
				return err
			}
		}
		switch r := e.next; {
		case r == nil || e.caseID == "":
		case e.stored && !e.opened:
			moved[e.caseID] = struct{}{}
		default:
			res, err := open.ExecContext(ctx, e.caseID, opened, r.title, r.severity, r.rank, r.probability, r.disposition)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				moved[e.caseID] = struct{}{}
			}
		}
	}
	for id := range moved {
		if err := stand(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
