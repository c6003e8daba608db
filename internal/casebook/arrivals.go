package casebook

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Arrival is something that a system handed over and that was not judged yet.
type Arrival struct {
	alert.Pulled
	Source string
}

// Arrive keeps what a source handed over, and tells of each whether it is new: whether no item of that source was kept in that edition.
// What waits is kept with its bytes until Clear finds it judged, so that a process that dies before loses nothing. With waits false only
// the names are kept (waits is 2 then): until it is judged such an item is new to whoever asks for it to wait. When Arrive returns it is on disk.
func (b *Book) Arrive(ctx context.Context, source string, list []alert.Pulled, waits bool) (fresh []bool, err error) {
	fresh = make([]bool, len(list))
	err = b.surely(ctx, "keeping what "+source+" handed over", func(ctx context.Context, tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, `INSERT INTO arrivals (source, item, edition, digest, changed, received, waits, body, display)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (source, item, edition) DO UPDATE
			SET digest = excluded.digest, changed = excluded.changed, received = excluded.received, waits = excluded.waits, body = excluded.body, display = excluded.display
			WHERE arrivals.waits = 2 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.digest = arrivals.digest)`)
		if err != nil {
			return err
		}
		defer func() { _ = stmt.Close() }()
		now := b.now()
		var told []string
		for i := range list {
			p := &list[i]
			digest := alert.DigestOf(p.Raw)
			r := arrivalRow{source: source, item: p.Item, edition: p.Edition, digest: digest[:], changed: nanos(p.Changed), received: nanos(now), waits: 2}
			var body []byte
			if waits {
				r.waits, body = 1, b.zip.pack(p.Raw)
				if p.View != nil {
					r.display = b.zip.pack(p.View)
				}
			}
			res, err := stmt.ExecContext(ctx, source, p.Item, p.Edition, r.digest, r.changed, r.received, r.waits, body, r.display)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if fresh[i] = n > 0; fresh[i] {
				told = append(told, r.key(), r.brief(), r.shown())
			}
		}
		if len(told) == 0 {
			return nil
		}
		_, err = enter(ctx, tx, now, program, arriving(source, told))
		return err
	})
	return fresh, err
}

// arrivalRow is a row of what arrived but its bytes, which its digest holds.
type arrivalRow struct {
	source, item, edition string
	digest                []byte
	changed, received     sql.NullInt64
	waits                 int64
	display               []byte
}

// key names the row in the journal.
func (r *arrivalRow) key() string {
	return brief(canon(nil).text(r.source).text(r.item).text(r.edition))
}

// brief is what stays of the row when it was judged.
func (r *arrivalRow) brief() string {
	return brief(canon(nil).text(r.source).text(r.item).text(r.edition).text(string(r.digest)).maybe(r.changed).maybe(r.received))
}

// shown is what it has besides while it waits: empty of what is only remembered.
func (r *arrivalRow) shown() string {
	if r.waits != 1 {
		return fmt.Sprintf("%032x", r.waits)
	}
	return brief(canon(nil).number(r.waits).text(string(r.display)))
}

// arriving is the journal's word for what arrived: three words for each row.
func arriving(source string, rows []string) []byte {
	b := wire.Text(wire.Text([]byte{'{'}, "do", "arrive"), "source", source)
	return append(wire.Text(wire.Int(b, "items", int64(len(rows)/3)), "rows", strings.Join(rows, "")), '}')
}

// JudgedAs finds what the book holds of the same item and edition in other bytes: the digest under which it was judged, by the place in list.
func (b *Book) JudgedAs(ctx context.Context, source string, list []alert.Pulled) (map[int]alert.Digest, error) {
	if len(list) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(list)+1)
	places := map[[2]string]int{}
	for i := range list {
		args = append(args, list[i].Item)
		places[[2]string{list[i].Item, list[i].Edition}] = i
	}
	query := `SELECT r.item, r.edition, r.digest FROM arrivals r WHERE r.item IN ` + placeholders(len(list)) + ` AND r.source = ` + placeholder(len(list)+1) +
		` AND EXISTS (SELECT 1 FROM alerts a WHERE a.digest = r.digest)`
	found := map[int]alert.Digest{}
	err := b.each(ctx, "looking for what "+source+" handed over before", query, append(args, source), func(scan func(...any) error) error {
		var item, edition string
		var digest []byte
		if err := scan(&item, &edition, &digest); err != nil {
			return err
		}
		if i, ok := places[[2]string{item, edition}]; ok && alert.DigestOf(list[i].Raw) != alert.Digest(digest) {
			found[i] = alert.Digest(digest)
		}
		return nil
	})
	return found, err
}

// Waiting hands over what arrived from a source and waits, in the order in which it came: what a process that died did not get to.
func (b *Book) Waiting(ctx context.Context, source string, yield func(*Arrival) error) error {
	if err := b.Clear(ctx); err != nil {
		return err
	}
	const query = `SELECT item, edition, changed, body, display FROM arrivals WHERE waits = 1 AND source = $1 ORDER BY received, changed, item, edition`
	return b.each(ctx, "reading what waits of "+source, query, []any{source}, func(scan func(...any) error) error {
		a := Arrival{Source: source}
		var changed sql.NullInt64
		var body, display []byte
		if err := scan(&a.Item, &a.Edition, &changed, &body, &display); err != nil {
			return err
		}
		var err error
		if a.Raw, err = b.zip.unpack(body); err == nil && display != nil {
			a.View, err = b.zip.unpack(display)
		}
		if err != nil {
			return b.fail("reading what waits of "+source, fmt.Errorf("%s: %w", a.Item, err))
		}
		a.Changed = instant(changed)
		return yield(&a)
	})
}

// Clear lets go of the bytes of arrivals that are alerts of the book by now.
func (b *Book) Clear(ctx context.Context) error {
	return b.write(ctx, "clearing what was judged", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE arrivals SET waits = 0, body = NULL, display = NULL
			WHERE waits = 1 AND EXISTS (SELECT 1 FROM alerts a WHERE a.digest = arrivals.digest)`)
		return err
	})
}

// Drop lets go of the bytes of an arrival that is no alert and was said to be none.
func (b *Book) Drop(ctx context.Context, source, item string, digest alert.Digest) error {
	return b.write(ctx, "dropping "+item, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE arrivals SET waits = 0, body = NULL, display = NULL WHERE waits <> 0 AND source = $1 AND item = $2 AND digest = $3`, source, item, digest[:])
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		word := wire.Text(wire.Text(wire.Text([]byte{'{'}, "do", "drop"), "source", source), "item", item)
		_, err = enter(ctx, tx, b.now(), program, append(wire.Hex(word, "digest", "sha256:", digest[:]), '}'))
		return err
	})
}

// Arrived tells whether an item of a source was kept in an edition.
func (b *Book) Arrived(ctx context.Context, source, item, edition string) (bool, error) {
	var n int
	err := b.db.QueryRowContext(ctx, `SELECT count(*) FROM arrivals WHERE source = $1 AND item = $2 AND edition = $3`, source, item, edition).Scan(&n)
	if err != nil {
		err = b.fail("looking for "+item, err)
	}
	return n > 0, err
}

// Remember keeps an item's name and edition without anything else.
func (b *Book) Remember(ctx context.Context, source, item, edition string) error {
	return b.write(ctx, "remembering "+item, func(ctx context.Context, tx *sql.Tx) error {
		now := b.now()
		r := arrivalRow{source: source, item: item, edition: edition, digest: []byte{}, received: nanos(now)}
		res, err := tx.ExecContext(ctx, `INSERT INTO arrivals (source, item, edition, digest, received, waits) VALUES ($1, $2, $3, $4, $5, 0)
			ON CONFLICT (source, item, edition) DO NOTHING`, source, item, edition, r.digest, r.received)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = enter(ctx, tx, now, program, arriving(source, []string{r.key(), r.brief(), r.shown()}))
		return err
	})
}

// Origin is where an alert of a case lies in the system that it came from.
type Origin struct {
	Source, Item string
	Verdict      string
	Changed      time.Time // of its latest edition
}

// Origins returns the items that the alerts of a case came from, each once, by source and item.
func (b *Book) Origins(ctx context.Context, caseID string) (list []Origin, err error) {
	const query = `SELECT r.source, r.item, MIN(v.id), MAX(r.changed) FROM verdicts v JOIN alerts a ON a.verdict = v.id JOIN arrivals r ON r.digest = a.digest
		WHERE v.case_id = $1 GROUP BY r.source, r.item ORDER BY r.source, r.item`
	return b.origins(ctx, query, caseID)
}

// OriginsOf is Origins for the alerts of one verdict.
func (b *Book) OriginsOf(ctx context.Context, verdict string) ([]Origin, error) {
	const query = `SELECT r.source, r.item, a.verdict, MAX(r.changed) FROM alerts a JOIN arrivals r ON r.digest = a.digest
		WHERE a.verdict = $1 GROUP BY r.source, r.item, a.verdict ORDER BY r.source, r.item`
	return b.origins(ctx, query, verdict)
}

// ItemOpen tells whether some edition of an item is open here: in a case that is, or not judged yet. id is the case, empty of the latter.
func (b *Book) ItemOpen(ctx context.Context, source, item string) (id string, open bool, err error) {
	const query = `SELECT COALESCE(MAX(c.id), ''), COUNT(*) FROM arrivals r LEFT JOIN alerts a ON a.digest = r.digest LEFT JOIN verdicts v ON v.id = a.verdict
		LEFT JOIN cases c ON c.id = v.case_id AND c.status = 'open' WHERE r.source = $1 AND r.item = $2
		AND (c.id IS NOT NULL OR a.digest IS NULL AND (r.waits = 1 OR EXISTS (SELECT 1 FROM waiting w WHERE w.digest = r.digest)))`
	var n int
	if err = b.db.QueryRowContext(ctx, query, source, item).Scan(&id, &n); err != nil {
		err = b.fail("looking for "+item, err)
	}
	return id, n > 0, err
}

func (b *Book) origins(ctx context.Context, query, of string) (list []Origin, err error) {
	err = b.each(ctx, "reading where "+of+" came from", query, []any{of}, func(scan func(...any) error) error {
		var o Origin
		var changed sql.NullInt64
		if err := scan(&o.Source, &o.Item, &o.Verdict, &changed); err != nil {
			return err
		}
		o.Changed = instant(changed)
		list = append(list, o)
		return nil
	})
	return list, err
}
