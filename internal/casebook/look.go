package casebook

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Look says which cases a screen shows, and in which order.
type Look struct {
	State string // Opened, which leaves out what is put aside; Snoozed, Closed, or all
	Find  []Term // all must hold
	Order string // OldestFirst, NewestFirst, BySeverity, or what needs a person first
	By    string // ByRule, ByHost, ByUser: Place.Group is filled in; else empty
	Limit int    // 0 for no limit
}

// The orders and groupings of a Look.
const (
	OldestFirst = "oldest"
	NewestFirst = "newest"
	BySeverity  = "severity"

	ByRule = "rule"
	ByHost = "host"
	ByUser = "user"
)

// Term is a condition on a case: that Field has Text in it, whatever its letters' size; an empty field means any of them.
type Term struct {
	Field, Text string
	Not         bool
}

// TermFields are the fields that a term may name.
func TermFields() []string {
	return []string{"host", "user", "rule", "title", "severity", "route", "as", "by", "owner", "id"}
}

// Place is a case's place in a look.
type Place struct{ ID, Group string }

// Look hands over the ids of the cases that a screen shows, in order: what needs a person first, unless it asks for another.
// That is the route, then the probability times the severity, then who waits longest.
func (b *Book) Look(ctx context.Context, l Look) ([]Place, error) {
	query, args, err := l.query(b.moment(), `c.id`, ``)
	if err != nil {
		return nil, b.fail("listing cases", err)
	}
	list := []Place{}
	err = b.each(ctx, "listing cases", query, args, func(scan func(...any) error) error {
		var p Place
		err := scan(&p.ID)
		list = append(list, p)
		return err
	})
	if err != nil || l.By == "" {
		return list, err
	}
	return list, b.group(ctx, l.By, list)
}

// query is the look in SQL. besides is a condition whose arguments come behind those that are returned.
func (l *Look) query(now time.Time, columns, besides string) (string, []any, error) {
	text, args := `SELECT `+columns+` FROM cases c WHERE TRUE`, []any{}
	switch l.State {
	case Opened:
		args = append(args, Opened, nanos(now))
		text += ` AND c.status = $1 AND COALESCE(c.snoozed, 0) <= $2`
	case Snoozed:
		args = append(args, nanos(now))
		text += ` AND c.snoozed > $1`
	case Closed:
		args = append(args, Closed)
		text += ` AND c.status = $1`
	}
	for _, t := range l.Find {
		condition, err := t.where(&args)
		if err != nil {
			return "", nil, err
		}
		text += ` AND ` + condition
	}
	text += besides
	const rank = `CASE c.severity WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3 WHEN 'low' THEN 2 ELSE 1 END`
	switch l.Order {
	case OldestFirst:
		text += ` ORDER BY c.opened, c.id`
	case NewestFirst:
		text += ` ORDER BY c.opened DESC, c.id`
	case BySeverity:
		text += ` ORDER BY ` + rank + ` DESC, c.route DESC, c.probability DESC, c.opened, c.id`
	default:
		text += ` ORDER BY c.route DESC, c.probability * ` + rank + ` DESC, c.opened, c.id`
	}
	if l.Limit > 0 {
		args = append(args, l.Limit)
		text += ` LIMIT ` + placeholder(len(args))
	}
	return text, args, nil
}

// ErrNoField means that a term names a field that cases do not have.
var ErrNoField = errors.New("no such field")

// where is the condition in SQL. Fields of verdicts are read in one pass over their table, not case by case.
func (t *Term) where(args *[]any) (string, error) {
	add := func(v string) string {
		*args = append(*args, v)
		return placeholder(len(*args))
	}
	like := func(column string) string {
		escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(t.Text))
		return `LOWER(` + column + `) LIKE ` + add("%"+escaped+"%") + ` ESCAPE '\'`
	}
	of := func(columns ...string) string {
		for i, c := range columns {
			columns[i] = like(c)
		}
		return `c.id IN (SELECT v.case_id FROM verdicts v WHERE v.case_id IS NOT NULL AND (` + strings.Join(columns, ` OR `) + `))`
	}
	party := func(kind string) string {
		return `c.id IN (SELECT v.case_id FROM parties p JOIN verdicts v ON v.id = p.verdict WHERE p.kind = ` + add(kind) + ` AND ` + like(`p.value`) + `)`
	}
	var is string
	switch t.Field {
	case "":
		is = `(` + strings.Join([]string{like(`c.id`), like(`c.title`), of(`v.rule`, `v.host`), party("user")}, ` OR `) + `)`
	case "host":
		is = `(` + of(`v.host`) + ` OR ` + party("host") + `)`
	case "user":
		is = party("user")
	case "rule":
		is = of(`v.rule`)
	case "title":
		is = like(`c.title`)
	case "id":
		is = like(`c.id`)
	case "owner":
		is = like(`c.owner`)
	case "severity":
		is = `c.severity LIKE ` + add(strings.ToLower(t.Text)+"%")
	case "as":
		is = `c.disposition LIKE ` + add(strings.ToLower(t.Text)+"%")
	case "route":
		is = fmt.Sprintf(`c.route = %d`, slices.IndexFunc(routes(), func(r string) bool { return strings.HasPrefix(r, strings.ToLower(t.Text)) }))
	case "by":
		is = `c.id IN (SELECT d.case_id FROM decisions d WHERE d.undone IS NULL AND ` + like(`d.who`) + `)`
	default:
		return "", named(ErrNoField, t.Field)
	}
	if t.Not {
		is = `NOT ` + is
	}
	return is, nil
}

// groups tells for every case the rule, host or user of its strongest verdict.
func (b *Book) groups(ctx context.Context, by string) (map[string]string, error) {
	query := `SELECT v.case_id, v.rule, v.route, v.score FROM verdicts v WHERE v.case_id IS NOT NULL`
	switch by {
	case ByHost:
		query = strings.Replace(query, `v.rule`, `v.host`, 1)
	case ByUser:
		query = `SELECT v.case_id, p.value, v.route, v.score FROM verdicts v JOIN parties p ON p.verdict = v.id WHERE p.kind = 'user' AND v.case_id IS NOT NULL`
	}
	type best struct {
		text         string
		route, score int64
	}
	found, texts := map[string]best{}, map[string]string{}
	err := b.each(ctx, "grouping cases", query, nil, func(scan func(...any) error) error {
		var id string
		var is best
		if err := scan(&id, &is.text, &is.route, &is.score); err != nil {
			return err
		}
		if one, ok := texts[is.text]; ok {
			is.text = one
		} else {
			texts[is.text] = is.text
		}
		was, ok := found[id]
		if !ok || cmp.Or(cmp.Compare(is.route, was.route), cmp.Compare(is.score, was.score), cmp.Compare(was.text, is.text)) > 0 {
			found[id] = is
		}
		return nil
	})
	groups := make(map[string]string, len(found))
	for id, is := range found {
		groups[id] = is.text
	}
	return groups, err
}

// Row is a case as a line of a screen.
type Row struct {
	Case
	Rule, User string // of its strongest verdict
	Score      int64  // the highest
	By         string // who closed it
}

// Rows reads the cases of the given ids, in their order; ids that are no case's are left out.
func (b *Book) Rows(ctx context.Context, ids []string) ([]Row, error) {
	list := make([]Row, 0, len(ids))
	for rest := ids; len(rest) > 0; rest = rest[min(len(rest), lookupSize):] {
		some := rest[:min(len(rest), lookupSize)]
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id
		}
		query := strings.Replace(rowColumns, `FROM cases c `, `,
			(SELECT v.rule FROM verdicts v WHERE v.case_id = c.id ORDER BY v.route DESC, v.score DESC, v.id LIMIT 1),
			(SELECT p.value FROM verdicts v JOIN parties p ON p.verdict = v.id AND p.kind = 'user' WHERE v.case_id = c.id ORDER BY v.route DESC, v.score DESC, v.id, p.value LIMIT 1),
			(SELECT d.who FROM decisions d WHERE d.case_id = c.id AND d.undone IS NULL ORDER BY d.seq DESC LIMIT 1) FROM cases c `, 1)
		err := b.each(ctx, "reading cases", query+`WHERE c.id IN `+placeholders(len(some)), args, func(scan func(...any) error) error {
			var r Row
			var rule, user, by sql.NullString
			c, err := scanCase(func(into ...any) error { return scan(append(into, &rule, &user, &by)...) })
			if err != nil {
				return err
			}
			r.Case, r.Rule, r.User, r.By = *c, rule.String, user.String, by.String
			list = append(list, r)
			return nil
		})
		if err == nil {
			err = b.sums(ctx, list, some, args)
		}
		if err != nil {
			return nil, err
		}
	}
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(list, func(x, y Row) int { return cmp.Compare(at[x.ID], at[y.ID]) })
	return list, nil
}

// rowColumns are caseColumns without what is summed up over a case's verdicts, which may be many: one pass reads all of it.
var rowColumns = caseColumns[:strings.Index(caseColumns, `(SELECT MIN(`)] + `NULL, NULL, NULL, 0,
	c.owner, c.snoozed
	FROM cases c `

// sums fills in what is summed up over the verdicts of cases.
func (b *Book) sums(ctx context.Context, list []Row, ids []string, args []any) error {
	query := `SELECT v.case_id, MIN(v.first_time), MAX(v.last_time), SUM(v.count), COUNT(*), MAX(v.score) FROM verdicts v WHERE v.case_id IN ` + placeholders(len(ids)) + ` GROUP BY v.case_id`
	return b.each(ctx, "reading cases", query, args, func(scan func(...any) error) error {
		var id string
		var first, last sql.NullInt64
		var alerts, verdicts, score int64
		if err := scan(&id, &first, &last, &alerts, &verdicts, &score); err != nil {
			return err
		}
		if at := slices.IndexFunc(list, func(r Row) bool { return r.ID == id }); at >= 0 {
			r := &list[at]
			r.First, r.Last, r.Alerts, r.Verdicts, r.Score = instant(first), instant(last), alerts, verdicts, score
		}
		return nil
	})
}

// Standings counts all cases: open ones by route, those that are put aside under "snoozed", closed ones under "closed". wakes is when the
// first of those that are put aside comes back, zero when there are none.
func (b *Book) Standings(ctx context.Context) (n map[string]int, wakes time.Time, err error) {
	n = map[string]int{}
	err = b.each(ctx, "counting cases", `SELECT status, route, COUNT(*) FROM cases GROUP BY status, route`, nil, func(scan func(...any) error) error {
		var status string
		var route, count int
		if err := scan(&status, &route, &count); err != nil {
			return err
		}
		switch r := routes(); {
		case status == Closed:
			n[Closed] += count
		case route >= 0 && route < len(r):
			n[r[route]] += count
		}
		return nil
	})
	if err != nil {
		return n, wakes, err
	}
	const aside = `SELECT route, COUNT(*), MIN(snoozed) FROM cases WHERE snoozed > $1 GROUP BY route` // closed ones are never put aside
	err = b.each(ctx, "counting cases", aside, []any{nanos(b.moment())}, func(scan func(...any) error) error {
		var route, count int
		var first sql.NullInt64
		if err := scan(&route, &count, &first); err != nil {
			return err
		}
		n[Snoozed] += count
		if r := routes(); route >= 0 && route < len(r) {
			n[r[route]] -= count
		}
		if t := instant(first); wakes.IsZero() || t.Before(wakes) {
			wakes = t
		}
		return nil
	})
	return n, wakes, err
}

// Alike is a decided case that resembles another.
type Alike struct {
	Decided
	Title, Host string
	Same        bool // the same rule and parties, not the same rule alone
}

// recent is how many of the last decisions are looked through for similar cases: a book has no end.
const recent = 5000

// Similar hands over decided cases whose verdicts share a rule with those of a case, the closest and latest first, from the last decisions.
func (b *Book) Similar(ctx context.Context, id string, most int) (list []Alike, err error) {
	const query = `SELECT d.case_id, MAX(d.disposition), MAX(d.reason), MAX(d.certainty), MAX(d.who), MAX(d.at), MAX(o.title), MAX(o.host),
		MAX(CASE WHEN o.fingerprint IN (SELECT v.fingerprint FROM verdicts v WHERE v.case_id = $1) THEN 1 ELSE 0 END) AS same
		FROM (SELECT * FROM decisions WHERE undone IS NULL ORDER BY seq DESC LIMIT $3) d JOIN verdicts o ON o.id = d.verdict
		WHERE d.case_id <> $1 AND o.rule IN (SELECT v.rule FROM verdicts v WHERE v.case_id = $1)
		GROUP BY d.case_id ORDER BY same DESC, MAX(d.at) DESC, d.case_id LIMIT $2`
	err = b.each(ctx, "looking for cases like "+id, query, []any{id, most, recent}, func(scan func(...any) error) error {
		var a Alike
		var at sql.NullInt64
		var same int64
		if err := scan(&a.Case, &a.Disposition, &a.Reason, &a.Certainty, &a.By, &at, &a.Title, &a.Host, &same); err != nil {
			return err
		}
		a.At, a.Same = instant(at), same == 1
		list = append(list, a)
		return nil
	})
	return list, err
}

// WasPicked tells whether a closed case is one that a certificate would have closed, and that was picked to be looked at by a person. Of an
// open case it says no: whoever decides it must not know.
func (b *Book) WasPicked(ctx context.Context, id string) (bool, error) {
	var n int
	err := b.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases c JOIN verdicts v ON v.case_id = c.id JOIN closings k ON k.verdict = v.id
		WHERE c.id = $1 AND c.status = 'closed' AND k.picked = 1`, id).Scan(&n)
	if err != nil {
		err = b.fail("reading "+id, err)
	}
	return n > 0, err
}

// PlansOf returns the ids of a case's plans, the latest first, those of the cases that were merged into it too.
func (b *Book) PlansOf(ctx context.Context, caseID string) (ids []string, err error) {
	err = b.each(ctx, "reading plans", `SELECT id FROM plans WHERE case_id = $1
		OR case_id IN (SELECT 'c-' || substr(id, 3) FROM verdicts WHERE case_id = $1) ORDER BY created DESC, id`, []any{caseID}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
