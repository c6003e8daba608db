package casebook

import (
	"context"
	"database/sql"
	"math"
	"time"
)

// The states of a case.
const (
	Opened  = "open"
	Closed  = "closed"
	Snoozed = "snoozed" // open, and put aside
)

// Case is a case in the queue: what a line of it needs. Its verdicts, notes and decisions are read apart.
type Case struct {
	ID, Status     string
	Title, Host    string
	Severity       string
	Route          string // the highest of its verdicts
	Probability    float64
	Disposition    string // of the person who closed it, else the machine's
	Opened, Closed time.Time
	First, Last    time.Time
	Alerts         int64 // copies included
	Verdicts       int64
	Owner          string    // who looks after it, empty: nobody
	Until          time.Time // put aside until then; it may have passed
}

// Query chooses cases. The zero value chooses all.
type Query struct {
	State string // Opened, Snoozed, Closed, or all
	Awake bool   // leaves out what is put aside
	Route string // escalate, review, close, or all
	Limit int    // 0 for no limit
}

const caseColumns = `SELECT c.id, c.status, c.title, c.severity, c.route, c.probability, c.disposition, c.opened, c.closed,
	(SELECT v.host FROM verdicts v WHERE v.case_id = c.id ORDER BY v.route DESC, v.score DESC, v.id LIMIT 1),
	(SELECT MIN(v.first_time) FROM verdicts v WHERE v.case_id = c.id), (SELECT MAX(v.last_time) FROM verdicts v WHERE v.case_id = c.id),
	(SELECT SUM(v.count) FROM verdicts v WHERE v.case_id = c.id), (SELECT COUNT(*) FROM verdicts v WHERE v.case_id = c.id),
	c.owner, c.snoozed
	FROM cases c `

// Cases hands over cases in the order of the queue: escalated ones first, then by probability.
func (b *Book) Cases(ctx context.Context, q Query, yield func(*Case) error) error {
	where, args := q.where(b.moment())
	query := caseColumns + where + ` ORDER BY c.route DESC, c.probability DESC, c.id`
	if q.Limit > 0 {
		args = append(args, q.Limit)
		query += ` LIMIT ` + placeholder(len(args))
	}
	return b.each(ctx, "listing cases", query, args, func(scan func(...any) error) error {
		c, err := scanCase(scan)
		if err != nil {
			return err
		}
		return yield(c)
	})
}

// Count is the number of cases that a query would find without its limit.
func (b *Book) Count(ctx context.Context, q Query) (n int, err error) {
	where, args := q.where(b.moment())
	if err = b.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases c `+where, args...).Scan(&n); err != nil {
		err = b.fail("counting cases", err)
	}
	return n, err
}

func (q *Query) where(now time.Time) (text string, args []any) {
	where := func(before string, v any, behind string) {
		args = append(args, v)
		word := ` AND `
		if text == "" {
			word = `WHERE `
		}
		text += word + before + placeholder(len(args)) + behind
	}
	add := func(column string, v any) { where(column+` = `, v, ``) }
	switch q.State {
	case Opened, Closed:
		add(`c.status`, q.State)
	case Snoozed:
		where(`c.snoozed > `, nanos(now), ``)
	}
	if q.Awake {
		where(`COALESCE(c.snoozed, 0) <= `, nanos(now), ``)
	}
	for r, name := range routes() {
		if q.Route == name {
			add(`c.route`, r)
		}
	}
	return text, args
}

// moment is now, by the clock of the book; one that was opened without has everything that is put aside come back.
func (b *Book) moment() time.Time {
	if b.now == nil {
		return time.Unix(0, math.MaxInt64)
	}
	return b.now()
}

// routes are the words for the ranks of routes.
func routes() []string { return []string{"close", "review", "escalate"} }

// Case finds one case. name is its id, the beginning of it where no other case begins so, with or without "c-", or the
// id of one of its verdicts.
func (b *Book) Case(ctx context.Context, name string) (*Case, error) {
	id, err := caseID(ctx, b.db, name)
	if err != nil {
		return nil, b.fail("looking for "+name, err)
	}
	c, err := scanCase(b.db.QueryRowContext(ctx, caseColumns+`WHERE c.id = $1`, id).Scan)
	if err != nil {
		return nil, b.fail("reading "+id, err)
	}
	return c, nil
}

func scanCase(scan func(...any) error) (*Case, error) {
	var c Case
	var route int
	var opened, closed, first, last, alerts, until sql.NullInt64
	var host sql.NullString
	if err := scan(&c.ID, &c.Status, &c.Title, &c.Severity, &route, &c.Probability, &c.Disposition, &opened, &closed, &host, &first, &last, &alerts, &c.Verdicts, &c.Owner, &until); err != nil {
		return nil, err
	}
	c.Host, c.Alerts = host.String, alerts.Int64
	c.Opened, c.Closed, c.First, c.Last, c.Until = instant(opened), instant(closed), instant(first), instant(last), instant(until)
	if r := routes(); route >= 0 && route < len(r) {
		c.Route = r[route]
	}
	return &c, nil
}
