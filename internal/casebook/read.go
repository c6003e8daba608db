package casebook

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"math"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Verdict is a stored verdict: its document as it was printed when its evidence was strongest, and how many alerts it
// holds by now.
type Verdict struct {
	ID       string
	Count    int64 // copies included
	Document []byte
}

// Verdict returns one verdict, by its id or one under which it was printed; ErrNoVerdict when there is none.
func (b *Book) Verdict(ctx context.Context, id string) (*Verdict, error) {
	var v Verdict
	var packed []byte
	err := b.db.QueryRowContext(ctx, `SELECT id, count, document FROM verdicts WHERE id = $1 OR id = (SELECT verdict FROM aliases WHERE id = $1) LIMIT 1`, id).Scan(&v.ID, &v.Count, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		err = named(ErrNoVerdict, id)
	}
	if err == nil {
		v.Document, err = b.zip.unpack(packed)
	}
	if err != nil {
		return nil, b.fail("reading "+id, err)
	}
	return &v, nil
}

// AllVerdicts hands over every verdict of the book, in order of id.
func (b *Book) AllVerdicts(ctx context.Context, yield func(*Verdict) error) error {
	const query = `SELECT id, count, document FROM verdicts ORDER BY id`
	return b.each(ctx, "reading verdicts", query, nil, func(scan func(...any) error) error {
		var v Verdict
		var packed []byte
		err := scan(&v.ID, &v.Count, &packed)
		if err == nil {
			v.Document, err = b.zip.unpack(packed)
		}
		if err != nil {
			return b.fail("reading verdicts", err)
		}
		return yield(&v)
	})
}

// Verdicts hands over the verdicts of a case, the strongest first.
func (b *Book) Verdicts(ctx context.Context, caseID string, yield func(*Verdict) error) error {
	return b.Strongest(ctx, caseID, 0, math.MaxInt64, yield)
}

// Strongest hands over at most so many verdicts of a case, those behind the from strongest.
func (b *Book) Strongest(ctx context.Context, caseID string, from, most int64, yield func(*Verdict) error) error {
	const query = `SELECT id, count, document FROM verdicts WHERE case_id = $1 ORDER BY route DESC, score DESC, id LIMIT $2 OFFSET $3`
	return b.each(ctx, "reading "+caseID, query, []any{caseID, most, from}, func(scan func(...any) error) error {
		var v Verdict
		var packed []byte
		err := scan(&v.ID, &v.Count, &packed)
		if err == nil {
			v.Document, err = b.zip.unpack(packed)
		}
		if err != nil {
			return b.fail("reading "+caseID, err)
		}
		return yield(&v)
	})
}

// Member is an alert of a verdict.
type Member struct {
	Key
	Verdict  string
	Input    []byte // a JSON object: name, line, offset
	Received time.Time
	Copies   int64
	Raw      bool // its bytes are kept
}

// Alerts counts the different alerts of a case.
func (b *Book) Alerts(ctx context.Context, caseID string) (n int64, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM verdicts v JOIN alerts a ON a.verdict = v.id WHERE v.case_id = $1`, caseID).Scan(&n)
	if err != nil {
		err = b.fail("reading "+caseID, err)
	}
	return n, err
}

// Members hands over the alerts of a case, verdict by verdict, in the order in which they came.
func (b *Book) Members(ctx context.Context, caseID string, yield func(*Member) error) error {
	return b.members(ctx, caseID, `v.id`, math.MaxInt64, yield)
}

// FirstMembers hands over at most so many alerts of a case, those of its strongest verdicts first.
func (b *Book) FirstMembers(ctx context.Context, caseID string, most int64, yield func(*Member) error) error {
	return b.members(ctx, caseID, `v.route DESC, v.score DESC, v.id`, most, yield)
}

func (b *Book) members(ctx context.Context, caseID, order string, most int64, yield func(*Member) error) error {
	query := `SELECT a.digest, a.id, a.verdict, a.input, a.received, a.copies, a.body IS NOT NULL
		FROM verdicts v JOIN alerts a ON a.verdict = v.id WHERE v.case_id = $1 ORDER BY ` + order + `, a.received, a.id, a.digest LIMIT $2`
	return b.each(ctx, "reading "+caseID, query, []any{caseID, most}, func(scan func(...any) error) error {
		var m Member
		var digest []byte
		var received sql.NullInt64
		if err := scan(&digest, &m.ID, &m.Verdict, &m.Input, &received, &m.Copies, &m.Raw); err != nil {
			return err
		}
		copy(m.Digest[:], digest)
		m.Received = instant(received)
		return yield(&m)
	})
}

// Raw returns an alert's bytes as received; fs.ErrNotExist when they are not kept.
func (b *Book) Raw(ctx context.Context, digest alert.Digest) ([]byte, error) {
	var body []byte
	err := b.db.QueryRowContext(ctx, `SELECT body FROM alerts WHERE digest = $1 AND body IS NOT NULL LIMIT 1`, digest[:]).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err == nil {
		body, err = b.zip.unpack(body)
	}
	if err != nil {
		return nil, b.fail("reading alert "+digest.String(), err)
	}
	return body, nil
}

// Note is what a person wrote on a case.
type Note struct {
	At       time.Time
	By, Text string
}

// Notes hands over the notes of a case, the oldest first.
func (b *Book) Notes(ctx context.Context, caseID string, yield func(*Note) error) error {
	ids, err := names(ctx, b.db, caseID)
	if err != nil {
		return b.fail("reading "+caseID, err)
	}
	return b.each(ctx, "reading "+caseID, `SELECT at, who, text FROM notes WHERE case_id IN `+placeholders(len(ids))+` ORDER BY seq`, ids, func(scan func(...any) error) error {
		var n Note
		var at sql.NullInt64
		if err := scan(&at, &n.By, &n.Text); err != nil {
			return err
		}
		n.At = instant(at)
		return yield(&n)
	})
}

// Decided is a stored decision on one verdict.
type Decided struct {
	Verdict, Case       string
	Disposition, Reason string
	Certainty           triage.Certainty
	By                  string
	At                  time.Time
	Undone              bool   // taken back, or replaced by a later one
	Incident            string // the case, where it holds several verdicts
}

// Decisions hands over the decisions on a case's verdicts, or with an empty caseID on all, the oldest first.
func (b *Book) Decisions(ctx context.Context, caseID string, yield func(*Decided) error) error {
	query := `SELECT d.verdict, d.case_id, d.disposition, d.reason, d.certainty, d.who, d.at, d.undone IS NOT NULL,
		(SELECT COUNT(*) FROM verdicts v WHERE v.case_id = d.case_id) FROM decisions d `
	var args []any
	if caseID != "" {
		ids, err := names(ctx, b.db, caseID)
		if err != nil {
			return b.fail("reading "+caseID, err)
		}
		query, args = query+`WHERE d.case_id IN `+placeholders(len(ids))+` `, ids
	}
	return b.each(ctx, "reading decisions", query+`ORDER BY d.seq, d.verdict`, args, func(scan func(...any) error) error {
		var d Decided
		var at sql.NullInt64
		var together int
		if err := scan(&d.Verdict, &d.Case, &d.Disposition, &d.Reason, &d.Certainty, &d.By, &at, &d.Undone, &together); err != nil {
			return err
		}
		d.At = instant(at)
		if together > 1 {
			d.Incident = d.Case
		}
		return yield(&d)
	})
}
