package casebook

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// Figures are what the book says about the work of a stretch of time.
type Figures struct {
	Alerts, Groups      int64 // received in that time, copies included
	ByRule, Certificate int64 // groups closed without a person
	WouldClose          int64
	Cases, CasesDecided int64            // opened in that time, and those of them that are closed
	Decided             map[string]int64 // cases closed in that time, by disposition
	Verdicts, Confirmed int64            // decisions of that time that stand, by verdict; and those that rest on an investigation
	Touches             int64            // decisions, notes, reopenings, and who looks after what and when
	ToVerdict           Spread           // the age of a group's first alert when its verdict was in the book
	ToDecision          Spread           // from there until a person decided
	Open                []Waiting        // now, whatever their time
}

// Spread is how long something took.
type Spread struct {
	N        int
	P50, P95 time.Duration // of N values, the nearest rank
}

// Waiting counts the open cases of one route and age.
type Waiting struct {
	Route string
	Age   string // how long they have been open: day, week, month or more
	Cases int64
}

// Figures reads the figures since a time; the zero time takes everything.
func (b *Book) Figures(ctx context.Context, since time.Time) (*Figures, error) {
	f := &Figures{Decided: map[string]int64{}}
	from := nanos(since)
	if !from.Valid {
		from.Valid = true // of everything: times before 1970 are none
	}
	err := f.groups(ctx, b.db, from)
	if err == nil {
		err = f.people(ctx, b.db, from)
	}
	if err != nil {
		return nil, b.fail("reading figures", err)
	}
	if err := f.cases(ctx, b, from); err != nil {
		return nil, err
	}
	if f.ToVerdict, err = b.spread(ctx, `SELECT received - first_time FROM verdicts WHERE received >= $1 AND first_time IS NOT NULL`, from); err != nil {
		return nil, err
	}
	f.ToDecision, err = b.spread(ctx, `SELECT d.at - v.received FROM decisions d JOIN verdicts v ON v.id = d.verdict WHERE d.at >= $1 AND d.undone IS NULL AND v.received IS NOT NULL`, from)
	return f, err
}

func (f *Figures) groups(ctx context.Context, q querier, from sql.NullInt64) error {
	err := q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(count), 0), COALESCE(SUM(would_close), 0), COALESCE(SUM(CASE WHEN route = 0 THEN 1 ELSE 0 END), 0) FROM verdicts WHERE received >= $1`, from).
		Scan(&f.Groups, &f.Alerts, &f.WouldClose, &f.ByRule)
	if err != nil {
		return err
	}
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM verdicts v WHERE v.received >= $1 AND v.route = 0 AND EXISTS (SELECT 1 FROM closings k WHERE k.verdict = v.id AND k.picked = 0)`, from).Scan(&f.Certificate)
	f.ByRule -= f.Certificate
	return err
}

func (f *Figures) people(ctx context.Context, q querier, from sql.NullInt64) error {
	err := q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN certainty = $2 THEN 1 ELSE 0 END), 0) FROM decisions WHERE at >= $1 AND undone IS NULL`, from, string(triage.Confirmed)).
		Scan(&f.Verdicts, &f.Confirmed)
	if err != nil {
		return err
	}
	err = q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN status = 'closed' THEN 1 ELSE 0 END), 0) FROM cases WHERE opened >= $1`, from).Scan(&f.Cases, &f.CasesDecided)
	if err != nil {
		return err
	}
	return q.QueryRowContext(ctx, `SELECT COUNT(*) FROM journal WHERE at >= $1 AND (what LIKE '{"do":"close"%' OR what LIKE '{"do":"note"%' OR what LIKE '{"do":"reopen"%' OR what LIKE '{"do":"assign"%' OR what LIKE '{"do":"snooze"%')`, from).Scan(&f.Touches)
}

func (f *Figures) cases(ctx context.Context, b *Book, from sql.NullInt64) error {
	err := b.each(ctx, "reading figures", `SELECT disposition, COUNT(*) FROM cases WHERE status = 'closed' AND closed >= $1 GROUP BY disposition`, []any{from}, func(scan func(...any) error) error {
		var word string
		var n int64
		err := scan(&word, &n)
		f.Decided[word] = n
		return err
	})
	if err != nil {
		return err
	}
	now := b.now()
	const query = `SELECT route, CASE WHEN opened > $1 THEN 0 WHEN opened > $2 THEN 1 WHEN opened > $3 THEN 2 ELSE 3 END, COUNT(*) FROM cases WHERE status = 'open' GROUP BY 1, 2 ORDER BY 1 DESC, 2`
	day := 24 * time.Hour
	return b.each(ctx, "reading figures", query, []any{nanos(now.Add(-day)), nanos(now.Add(-7 * day)), nanos(now.Add(-30 * day))}, func(scan func(...any) error) error {
		var w Waiting
		var route, age int
		if err := scan(&route, &age, &w.Cases); err != nil {
			return err
		}
		if r := routes(); route >= 0 && route < len(r) {
			w.Route = r[route]
		}
		w.Age = [...]string{"day", "week", "month", "more"}[age]
		f.Open = append(f.Open, w)
		return nil
	})
}

// spread reads nanoseconds. What was decided before it came, by clocks that differ, took no time.
func (b *Book) spread(ctx context.Context, query string, args ...any) (s Spread, err error) {
	var list []int64
	err = b.each(ctx, "reading figures", query, args, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		list = append(list, max(0, n))
		return err
	})
	if err != nil || len(list) == 0 {
		return s, err
	}
	slices.Sort(list)
	rank := func(percent int) time.Duration { return time.Duration(list[(len(list)*percent+99)/100-1]) }
	return Spread{N: len(list), P50: rank(50), P95: rank(95)}, nil
}
