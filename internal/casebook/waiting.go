package casebook

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Pending is an alert that arrived and was not judged yet, for whichever worker comes to it.
type Pending struct {
	Key
	Fingerprint triage.Fingerprint
	Input       alert.Place
	Raw, View   []byte // as received, and the JSON made of it where it is none
	place       string
	brief       string // of the row
}

// ErrTaken means that somebody else judged it meanwhile.
var ErrTaken = errors.New("another worker has judged it")

// Await keeps alerts until they are judged, and runs also in the same transaction: it enqueues who will judge them. It returns when all of that
// is on disk, and how many are new: neither waiting already nor alerts of the book. Arrived names them, see Due.
func (b *Book) Await(ctx context.Context, list []Pending, also func(ctx context.Context, tx *sql.Tx, arrived time.Time) error) (fresh int64, err error) {
	err = b.surely(ctx, "keeping what arrived", func(ctx context.Context, tx *sql.Tx) error {
		fresh = 0
		known, err := knownOf(ctx, tx, list)
		if err != nil {
			return err
		}
		there, err := waitingOf(ctx, tx, list)
		if err != nil {
			return err
		}
		var told []string
		rows := b.inserter(tx, 8, `INSERT INTO waiting (place, digest, id, fingerprint, arrived, input, body, display)`, `ON CONFLICT (place, digest) DO NOTHING`)
		arrived := b.now()
		for i := range list {
			p := &list[i]
			key := Key{b.engine.key(p.ID), p.Digest}
			if _, dup := known[key]; dup {
				continue
			}
			r := waitingRow{short(placeOf(&p.Input)), p.Digest[:], key.ID, p.Fingerprint[:], nanos(arrived), string(p.Input.AppendJSON(nil)), b.zip.pack(p.View)}
			if _, dup := there[r.key()]; dup {
				continue
			}
			there[r.key()] = struct{}{}
			told = append(told, r.brief())
			if err := rows.add(ctx, r.place, r.digest, r.id, r.fingerprint, r.arrived, r.input, b.zip.pack(p.Raw), r.display); err != nil {
				return err
			}
		}
		if fresh, err = rows.end(ctx); err != nil {
			return err
		}
		if fresh == 0 {
			return nil
		}
		if _, err := enter(ctx, tx, arrived, program, rowsWord("await", told)); err != nil {
			return err
		}
		return also(ctx, tx, arrived)
	})
	return fresh, err
}

// waitingRow is a row of what waits but its bytes, which its digest holds.
type waitingRow struct {
	place       string
	digest      []byte
	id          string
	fingerprint []byte
	arrived     sql.NullInt64
	input       string
	display     []byte
}

func (r *waitingRow) key() string { return r.place + " " + string(r.digest) }

func (r *waitingRow) brief() string {
	return brief(canon(nil).text(r.place).text(string(r.digest)).text(r.id).text(string(r.fingerprint)).maybe(r.arrived).text(r.input).text(string(r.display)))
}

// waitingOf are the keys of those of the alerts that wait already.
func waitingOf(ctx context.Context, tx *sql.Tx, list []Pending) (map[string]struct{}, error) {
	there := map[string]struct{}{}
	err := byDigest(ctx, tx, `SELECT place, digest FROM waiting WHERE digest IN `, list, func(place string, digest []byte) {
		r := waitingRow{place: place, digest: digest}
		there[r.key()] = struct{}{}
	})
	return there, err
}

// byDigest asks for a text and the digest of the rows that a query finds of alerts.
func byDigest(ctx context.Context, tx *sql.Tx, query string, list []Pending, take func(text string, digest []byte)) error {
	for len(list) > 0 {
		n := min(len(list), lookupSize)
		args := make([]any, n)
		for i := range args {
			args[i] = list[i].Digest[:]
		}
		list = list[n:]
		rows, err := tx.QueryContext(ctx, query+placeholders(n), args...)
		if err != nil {
			return err
		}
		for rows.Next() {
			var text string
			var digest []byte
			if err := rows.Scan(&text, &digest); err != nil {
				return errors.Join(err, rows.Close())
			}
			take(text, digest)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

// placeOf tells apart what may be the same alert twice from the same alert read twice: an item of a system is one wherever it stood.
func placeOf(p *alert.Place) string {
	if p.Item != "" {
		return fmt.Sprintf("%s %q %d", p.Name, p.Item, p.Offset)
	}
	return fmt.Sprintf("%s %d %d", p.Name, p.Line, p.Offset)
}

// knownOf are those of the alerts that the book holds.
func knownOf(ctx context.Context, tx *sql.Tx, list []Pending) (map[Key]struct{}, error) {
	known := map[Key]struct{}{}
	err := byDigest(ctx, tx, `SELECT id, digest FROM alerts WHERE digest IN `, list, func(id string, digest []byte) {
		k := Key{ID: id}
		copy(k.Digest[:], digest)
		known[k] = struct{}{}
	})
	return known, err
}

// Due are the groups among what arrived at a time that nothing joined later, and those that waited since before long or hold most or more
// alerts: as lists of fingerprints that hold about most alerts each.
func (b *Book) Due(ctx context.Context, arrived, long time.Time, most int64) (lists [][]triage.Fingerprint, err error) {
	const query = `SELECT w.fingerprint, COUNT(*) FROM waiting w WHERE w.fingerprint IN (SELECT f.fingerprint FROM waiting f WHERE f.arrived = $1)
		GROUP BY w.fingerprint HAVING MAX(w.arrived) <= $1 OR MIN(w.arrived) < $2 OR COUNT(*) >= $3 ORDER BY w.fingerprint`
	room := int64(0)
	err = b.each(ctx, "reading what waits", query, []any{nanos(arrived), nanos(long), most}, func(scan func(...any) error) error {
		var fp []byte
		var n int64
		if err := scan(&fp, &n); err != nil {
			return err
		}
		if room < n {
			lists, room = append(lists, nil), max(n, most)
		}
		room -= n
		lists[len(lists)-1] = append(lists[len(lists)-1], triage.Fingerprint(fp))
		return nil
	})
	return lists, err
}

// Pending reads what waits of some groups.
func (b *Book) Pending(ctx context.Context, groups []triage.Fingerprint) (list []Pending, err error) {
	args := make([]any, len(groups))
	for i := range groups {
		args[i] = groups[i][:]
	}
	query := `SELECT place, digest, id, fingerprint, arrived, input, body, display FROM waiting WHERE fingerprint IN ` + placeholders(len(groups)) + ` ORDER BY arrived, place, digest`
	err = b.each(ctx, "reading what waits", query, args, func(scan func(...any) error) error {
		var p Pending
		var digest, fp, input, body, display []byte
		var arrived sql.NullInt64
		if err := scan(&p.place, &digest, &p.ID, &fp, &arrived, &input, &body, &display); err != nil {
			return err
		}
		p.brief = (&waitingRow{p.place, digest, p.ID, fp, arrived, string(input), display}).brief()
		copy(p.Digest[:], digest)
		copy(p.Fingerprint[:], fp)
		err := json.Unmarshal(input, &p.Input)
		if err == nil {
			p.Raw, err = b.zip.unpack(body)
		}
		if err == nil && display != nil {
			p.View, err = b.zip.unpack(display)
		}
		if err != nil {
			return b.fail("reading what waits", fmt.Errorf("%s: %w", p.ID, err))
		}
		list = append(list, p)
		return nil
	})
	return list, err
}

// Take takes alerts from those that wait, within the transaction that stores what became of them; ErrTaken when one of them is gone.
func (b *Book) Take(ctx context.Context, tx *sql.Tx, list []Pending) error {
	stmt, err := tx.PrepareContext(ctx, `DELETE FROM waiting WHERE place = $1 AND digest = $2`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	var told []string
	for i := range list {
		res, err := stmt.ExecContext(ctx, list[i].place, list[i].Digest[:])
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrTaken)
		}
		told = append(told, list[i].brief)
	}
	if len(told) == 0 {
		return nil
	}
	_, err = enter(ctx, tx, b.now(), program, rowsWord("take", told))
	return err
}

// rowsWord is the journal's word for rows that come and go; they are there in the order of the record.
func rowsWord(do string, rows []string) []byte {
	b := wire.Int(wire.Text([]byte{'{'}, "do", do), "items", int64(len(rows)))
	return append(wire.Text(b, "rows", strings.Join(rows, "")), '}')
}

// Queued is how many alerts wait for a worker.
func (b *Book) Queued(ctx context.Context) (n int64, err error) {
	if err = b.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM waiting`).Scan(&n); err != nil {
		err = b.fail("counting what waits", err)
	}
	return n, err
}

// Judged hands over the groups whose verdicts were written under a record after the given one, in order, the last most of them, and returns the
// number of the last record. Their evidence is their score, the base included.
func (b *Book) Judged(ctx context.Context, after int64, most int, yield func(*triage.Passed)) (last int64, err error) {
	last = after
	const query = `SELECT run, fingerprint, rule, host, first_time, score FROM (SELECT * FROM verdicts WHERE run > $1 ORDER BY run DESC, id LIMIT $2) v ORDER BY run, first_time, id`
	err = b.each(ctx, "reading what was judged", query, []any{after, most}, func(scan func(...any) error) error {
		var p triage.Passed
		var fp string
		var first sql.NullInt64
		var run, score int64
		if err := scan(&run, &fp, &p.Rule, &p.Host, &first, &score); err != nil {
			return err
		}
		if raw, err := hex.DecodeString(fp); err == nil {
			copy(p.Fingerprint[:], raw)
		}
		p.First, p.Evidence, last = instant(first), triage.Weight(score), max(last, run)
		yield(&p)
		return nil
	})
	return last, err
}

// Shared tells whether the book is a Postgres database.
func (b *Book) Shared() bool { _, ok := b.engine.(server); return ok }

// DB is the book's database, for what lies beside it: a queue of durable work.
func (b *Book) DB() *sql.DB { return b.db }

// Alone runs f in a transaction during which nobody else writes.
func (b *Book) Alone(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	return b.write(ctx, "making room for work", f)
}
