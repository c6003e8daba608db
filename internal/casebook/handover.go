package casebook

import (
	"context"
	"database/sql"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
)

// KeepHandover notes in the journal what became of a hand-over.
func (b *Book) KeepHandover(ctx context.Context, d *respond.Handed) error {
	return b.write(ctx, "noting the hand-over", func(ctx context.Context, tx *sql.Tx) error {
		w := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "handover"), "case", d.Handover.Case), "case_digest", d.Handover.Digest)
		w = wire.Text(wire.Text(wire.Text(w, "to", d.To), "platform", d.Platform), "outcome", d.Outcome)
		w = wire.Text(wire.Text(w, "record", d.Record.ID), "url", d.Record.URL)
		if d.Run != nil {
			w = wire.Text(wire.Text(wire.Text(w, "playbook", d.Run.Playbook), "run", d.Run.ID), "status", d.Run.Status)
		}
		_, err := enter(ctx, tx, b.now(), d.By, append(w, '}'))
		return err
	})
}

// Handed is the record that stands for a case on a platform, as it was last noted; empty: none was.
func (b *Book) Handed(ctx context.Context, caseID, to string) (record string, err error) {
	const query = `SELECT what FROM journal WHERE what LIKE '{"do":"handover"%' ORDER BY seq`
	err = b.each(ctx, "reading hand-overs", query, nil, func(scan func(...any) error) error {
		var what string
		if err := scan(&what); err != nil {
			return err
		}
		if v := gjson.Parse(what); v.Get("case").Str == caseID && v.Get("to").Str == to && v.Get("record").Str != "" {
			record = v.Get("record").Str
		}
		return nil
	})
	return record, err
}
