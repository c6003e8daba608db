package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Audit is what a person found in a closed group that was picked with probability Q.
type Audit struct {
	Verdict string
	Attack  bool
	Q       float64
	At      time.Time // of the decision
	Counts  bool      // for the alarm: nobody turned closing on again since
}

// Account is what became of the groups that one precedent closed.
type Account struct {
	Precedent    string
	Alpha, Delta float64
	First, Since time.Time // when a run first used it, and since when none used another
	Document     []byte    // the precedent's certificate, strata and signer
	Closed       int64     // groups, those that were picked included
	Picked       int64
	Audits       []Audit // those that were decided, in order
	Attacks      int64   // groups that people called attacks since First
	Missed       int64   // closed groups of which people found out otherwise that they were attacks
	Alarm        *Alarm  // that stands
}

// Alarm turned closing under a precedent off.
type Alarm struct {
	Seq             int64 // its journal record
	Precedent       string
	At              time.Time
	Audits, Attacks int64 // what it was raised on
}

// Weigh tells, of an account, how far the alarm is and whether it is raised. It is pure.
type Weigh func(*Account) (drift float64, alarm bool)

// Certified is a precedent that a run decides by.
type Certified struct {
	Digest       string
	Alpha, Delta float64
	Document     []byte // a JSON object
}

// Use notes that a precedent is used, under a journal record when the last run used another, or under other circumstances.
func (b *Book) Use(ctx context.Context, c Certified) error {
	var last, said string
	err := b.db.QueryRowContext(ctx, `SELECT digest, document FROM precedents ORDER BY since DESC, digest LIMIT 1`).Scan(&last, &said)
	if err == nil && last == c.Digest && said == string(c.Document) {
		return nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return b.fail("reading the precedents", err)
	}
	return b.write(ctx, "noting the precedent", func(ctx context.Context, tx *sql.Tx) error {
		now := b.now()
		if _, err := enter(ctx, tx, now, "soc", c.used()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO precedents (digest, first, since, alpha, delta, document) VALUES ($1, $2, $2, $3, $4, $5)
			ON CONFLICT (digest) DO UPDATE SET since = excluded.since, document = excluded.document`, c.Digest, nanos(now), c.Alpha, c.Delta, string(c.Document))
		return err
	})
}

// used is the journal's word for a precedent from now on.
func (c *Certified) used() []byte {
	sum := sha256.Sum256(c.Document)
	b := wire.Text(wire.Text([]byte{'{'}, "do", "precedent"), "digest", c.Digest)
	b = wire.Float(wire.Float(b, "alpha", c.Alpha), "delta", c.Delta)
	return append(wire.Hex(b, "document", "sha256:", sum[:]), '}')
}

// LastPrecedent is the digest of the precedent that was used last, empty when none was.
func (b *Book) LastPrecedent(ctx context.Context) (digest string, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT digest FROM precedents ORDER BY since DESC, digest LIMIT 1`).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		err = b.fail("reading the precedents", err)
	}
	return digest, err
}

// Account is the account of a precedent that some run used.
func (b *Book) Account(ctx context.Context, digest string) (*Account, error) {
	a, err := account(ctx, b.db, digest)
	if err != nil {
		return nil, b.fail("reading the account of "+digest, err)
	}
	return a, nil
}

func account(ctx context.Context, q querier, digest string) (*Account, error) {
	a := &Account{Precedent: digest}
	var first, since sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT alpha, delta, first, since, document FROM precedents WHERE digest = $1`, digest).Scan(&a.Alpha, &a.Delta, &first, &since, &a.Document)
	if err != nil {
		return nil, err
	}
	a.First, a.Since = instant(first), instant(since)
	err = q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(picked), 0),
		(SELECT COUNT(*) FROM decisions d WHERE d.undone IS NULL AND d.disposition = 'true_positive' AND d.at >= $2),
		(SELECT COUNT(*) FROM closings k JOIN decisions d ON d.verdict = k.verdict AND d.undone IS NULL WHERE k.precedent = $1 AND k.picked = 0 AND d.disposition = 'true_positive')
		FROM closings WHERE precedent = $1`, digest, first).Scan(&a.Closed, &a.Picked, &a.Attacks, &a.Missed)
	if err != nil {
		return nil, err
	}
	var restored int64
	if restored, err = a.alarm(ctx, q); err != nil {
		return nil, err
	}
	return a, a.audits(ctx, q, restored)
}

// alarm reads the alarm that stands, and the journal record by which a person last took one back.
func (a *Account) alarm(ctx context.Context, q querier) (restored int64, err error) {
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(restored), 0) FROM alarms WHERE precedent = $1`, a.Precedent).Scan(&restored); err != nil {
		return 0, err
	}
	a.Alarm, err = scanAlarm(q.QueryRowContext(ctx, standingAlarms+` AND m.precedent = $1 ORDER BY m.seq LIMIT 1`, a.Precedent).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return restored, err
}

const standingAlarms = `SELECT m.seq, m.precedent, m.what, j.at FROM alarms m LEFT JOIN journal j ON j.seq = m.seq WHERE m.restored IS NULL`

// scanAlarm reads a row of standingAlarms; the alarm is nil when there is none.
func scanAlarm(scan func(...any) error) (*Alarm, error) {
	var one Alarm
	var what []byte
	var at sql.NullInt64
	if err := scan(&one.Seq, &one.Precedent, &what, &at); err != nil {
		return nil, err
	}
	one.At, one.Audits, one.Attacks = instant(at), gjson.GetBytes(what, "audits").Int(), gjson.GetBytes(what, "attacks").Int()
	return &one, nil
}

// audits reads the decisions that stand on picked groups. Nobody knows what an undetermined one was: it stays open.
func (a *Account) audits(ctx context.Context, q querier, restored int64) error {
	rows, err := q.QueryContext(ctx, `SELECT d.verdict, d.disposition, k.q, d.at, d.seq FROM closings k JOIN decisions d ON d.verdict = k.verdict AND d.undone IS NULL
		WHERE k.picked = 1 AND k.precedent = $1 AND d.disposition <> 'undetermined' ORDER BY d.seq, d.verdict`, a.Precedent)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one Audit
		var disposition string
		var at sql.NullInt64
		var seq int64
		if err := rows.Scan(&one.Verdict, &disposition, &one.Q, &at, &seq); err != nil {
			return err
		}
		one.At, one.Attack, one.Counts = instant(at), disposition == triage.TruePositive.String(), seq > restored
		a.Audits = append(a.Audits, one)
	}
	return rows.Err()
}

// Alarms hands over the alarms that stand, the oldest first.
func (b *Book) Alarms(ctx context.Context) (list []Alarm, err error) {
	err = b.each(ctx, "reading alarms", standingAlarms+` ORDER BY m.seq`, nil, func(scan func(...any) error) error {
		one, err := scanAlarm(scan)
		if err == nil {
			list = append(list, *one)
		}
		return err
	})
	return list, err
}
