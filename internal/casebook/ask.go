package casebook

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/query"
)

// Undecided are the cases of which a condition could not be decided. They are left out.
type Undecided struct {
	Cases int
	Why   string // of the first
}

// Ask is Look with a condition besides: the cases of which it holds. The database decides what it can, and what is left is asked case by
// case; ctx ends it at any moment.
func (b *Book) Ask(ctx context.Context, l Look, q *query.Query) (list []Place, un Undecided, err error) {
	now, most := b.moment(), l.Limit
	l.Limit = 0
	condition, exact, args := l.condition(q, now)
	if exact {
		list, un, err = b.askTable(ctx, &l, q, now, condition, args)
	} else {
		list, un, err = b.askEach(ctx, &l, q, now, condition, args)
	}
	if most > 0 && len(list) > most {
		list = list[:most]
	}
	if err == nil && l.By != "" {
		err = b.group(ctx, l.By, list)
	}
	return list, un, err
}

// condition writes the condition for the database, behind the arguments of the look.
func (l *Look) condition(q *query.Query, now time.Time) (text string, exact bool, args []any) {
	_, before, err := l.query(now, `c.id`, ``)
	if err != nil { // it is said when the query is made
		return "", false, nil
	}
	return q.SQL(query.Table{Column: func(field string) string { return column(field, now) }, List: elements, Now: now, Before: len(before)})
}

// askTable has the database decide. Those it cannot decide come along to be counted.
func (b *Book) askTable(ctx context.Context, l *Look, q *query.Query, now time.Time, condition string, more []any) (list []Place, un Undecided, err error) {
	text, args, err := l.query(now, `c.id, (`+condition+`)`, ` AND (`+condition+`) IS NOT FALSE`)
	if err != nil {
		return nil, un, b.fail("asking for cases", err)
	}
	first := ""
	err = b.each(ctx, "asking for cases", text, append(args, more...), func(scan func(...any) error) error {
		var id string
		var holds sql.NullBool
		if err := scan(&id, &holds); err != nil {
			return err
		}
		if holds.Valid {
			list = append(list, Place{ID: id})
			return nil
		}
		if un.Cases++; un.Cases == 1 {
			first = id
		}
		return nil
	})
	if err != nil || un.Cases == 0 {
		return list, un, err
	}
	_, one, err := b.askEach(ctx, &Look{Find: []Term{{Field: "id", Text: first}}}, q, now, "", nil) // what it lacks
	un.Why = one.Why
	return list, un, err
}

// askEach asks every case of which the condition is not FALSE.
func (b *Book) askEach(ctx context.Context, l *Look, q *query.Query, now time.Time, condition string, more []any) (list []Place, un Undecided, err error) {
	where := ""
	if condition != "" {
		where = ` AND (` + condition + `) IS NOT FALSE`
	}
	text, args, err := l.query(now, `c.id, c.title, c.route, c.severity, c.status, c.snoozed, c.disposition, c.owner, c.probability, c.opened, c.closed`, where)
	if err != nil {
		return nil, un, b.fail("asking for cases", err)
	}
	var cases []query.Case
	err = b.each(ctx, "asking for cases", text, append(args, more...), func(scan func(...any) error) error {
		var c query.Case
		var route int
		var until, opened, closed sql.NullInt64
		if err := scan(&c.ID, &c.Title, &route, &c.Severity, &c.State, &until, &c.Disposition, &c.Owner, &c.Probability, &opened, &closed); err != nil {
			return err
		}
		if r := routes(); route >= 0 && route < len(r) {
			c.Route = r[route]
		}
		c.Opened, c.Closed, c.Until = instant(opened), instant(closed), instant(until)
		if c.State == Opened && c.Until.After(now) {
			c.State = Snoozed
		}
		cases = append(cases, c)
		return nil
	})
	if err != nil {
		return nil, un, err
	}
	known, err := b.facts(ctx, q, cases)
	if err != nil {
		return nil, un, err
	}
	for i := range cases {
		c := &cases[i]
		if f := known[c.ID]; f != nil {
			f.into(c)
		}
		switch a := q.Holds(c, now); {
		case a.Holds:
			list = append(list, Place{ID: c.ID})
		case a.Lacking != "" || a.Err != nil:
			un.note(a)
		}
		if i%1000 == 0 && ctx.Err() != nil {
			return nil, un, ctx.Err()
		}
	}
	return list, un, nil
}

func (u *Undecided) note(a query.Answer) {
	if u.Cases++; u.Cases > 1 {
		return
	}
	u.Why = "no " + a.Lacking
	if a.Err != nil {
		u.Why = a.Err.Error()
	}
}

// column is the expression of a field of a case, NULL where it is lacking.
func column(field string, now time.Time) string {
	const strongest = `(SELECT NULLIF(v.%s, '') FROM verdicts v WHERE v.case_id = c.id ORDER BY v.route DESC, v.score DESC, v.id LIMIT 1)`
	switch field {
	case "id", "title", "severity", "disposition":
		return `NULLIF(c.` + field + `, '')`
	case "owner", "probability", "opened", "closed":
		return `c.` + field
	case "until":
		return `c.snoozed`
	case "age":
		return fmt.Sprintf(`(%d - c.opened)`, now.UnixNano())
	case "route":
		return `CASE c.route WHEN 0 THEN 'close' WHEN 1 THEN 'review' WHEN 2 THEN 'escalate' END`
	case "rank":
		return `CASE c.severity WHEN 'informational' THEN 1 WHEN 'low' THEN 2 WHEN 'medium' THEN 3 WHEN 'high' THEN 4 WHEN 'critical' THEN 5 END`
	case "state":
		return fmt.Sprintf(`CASE WHEN c.status = 'open' AND c.snoozed > %d THEN 'snoozed' ELSE c.status END`, now.UnixNano())
	case "rule", "host":
		return fmt.Sprintf(strongest, field)
	case "source":
		return fmt.Sprintf(strongest, "format")
	case "user":
		return `(SELECT p.value FROM verdicts v JOIN parties p ON p.verdict = v.id AND p.kind = 'user' WHERE v.case_id = c.id ORDER BY v.route DESC, v.score DESC, v.id, p.value LIMIT 1)`
	case "by":
		return `(SELECT d.who FROM decisions d WHERE d.case_id = c.id AND d.undone IS NULL ORDER BY d.seq DESC LIMIT 1)`
	case "score", "count", "verdicts", "first", "last":
		of := map[string]string{"score": `COALESCE(MAX(v.score), 0)`, "count": `COALESCE(SUM(v.count), 0)`, "verdicts": `COUNT(*)`, "first": `MIN(v.first_time)`, "last": `MAX(v.last_time)`}
		return `(SELECT ` + of[field] + ` FROM verdicts v WHERE v.case_id = c.id)`
	}
	return ""
}

// elements are those of a field that is a list.
func elements(field string) (from, element string) {
	switch field {
	case "hosts", "users":
		return `verdicts v JOIN parties p ON p.verdict = v.id WHERE v.case_id = c.id AND p.kind = '` + field[:len(field)-1] + `'`, `p.value`
	case "rules":
		return `verdicts v WHERE v.case_id = c.id AND v.rule <> ''`, `v.rule`
	case "sources":
		return `verdicts v WHERE v.case_id = c.id AND v.format <> ''`, `v.format`
	}
	return "", ""
}

// facts is what a condition may read of a case beyond its row.
type facts struct {
	query.Case
	at, user standing // of the strongest verdict that was met
}

// standing orders verdicts: the strongest first.
type standing struct {
	route, score int64
	id           string
	met          bool
}

func (s *standing) below(o standing) bool {
	return !s.met || cmp.Or(cmp.Compare(s.route, o.route), cmp.Compare(s.score, o.score), cmp.Compare(o.id, s.id)) < 0
}

func (f *facts) into(c *query.Case) {
	c.By, c.Rule, c.Host, c.User, c.Source = f.By, f.Rule, f.Host, f.User, f.Source
	c.Rules, c.Hosts, c.Users, c.Sources = f.Rules, f.Hosts, f.Users, f.Sources
	c.Score, c.Count, c.Verdicts, c.First, c.Last = f.Score, f.Count, f.Verdicts, f.First, f.Last
}

// facts reads what a condition reads of the cases, and nothing else.
func (b *Book) facts(ctx context.Context, q *query.Query, cases []query.Case) (map[string]*facts, error) {
	known := map[string]*facts{}
	of := func(id string) *facts {
		f := known[id]
		if f == nil {
			f = &facts{}
			known[id] = f
		}
		return f
	}
	reads := func(names ...string) bool { return slices.ContainsFunc(names, q.Reads) }
	among := make([][]any, 1) // nil: of all cases, for whoever asks about many reads the whole faster
	if len(cases) <= fewCases {
		among = nil
		for rest := cases; len(rest) > 0; rest = rest[min(len(rest), lookupSize):] {
			var some []any
			for i := range rest[:min(len(rest), lookupSize)] {
				some = append(some, rest[i].ID)
			}
			among = append(among, some)
		}
	}
	for _, some := range among {
		if reads("rule", "host", "source", "rules", "sources", "score", "count", "verdicts", "first", "last") {
			if err := b.verdictFacts(ctx, some, of); err != nil {
				return nil, err
			}
		}
		if reads("user", "hosts", "users") {
			if err := b.partyFacts(ctx, some, of); err != nil {
				return nil, err
			}
		}
		if !reads("by") {
			continue
		}
		err := b.each(ctx, "asking for cases", `SELECT case_id, who FROM decisions WHERE undone IS NULL`+oneOf(`case_id`, some)+` ORDER BY seq`, some, func(scan func(...any) error) error {
			var id, who string
			err := scan(&id, &who)
			of(id).By = who
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// fewCases is up to how many cases their facts are looked up one by one.
const fewCases = 5000

// oneOf is the condition that a column is one of some ids; without ids it is none.
func oneOf(column string, some []any) string {
	if some == nil {
		return ""
	}
	return ` AND ` + column + ` IN ` + placeholders(len(some))
}

func (b *Book) verdictFacts(ctx context.Context, some []any, of func(string) *facts) error {
	text := `SELECT case_id, id, rule, host, format, route, score, count, first_time, last_time FROM verdicts WHERE case_id IS NOT NULL` + oneOf(`case_id`, some)
	return b.each(ctx, "asking for cases", text, some, func(scan func(...any) error) error {
		var id, rule, host, format string
		var at standing
		var count int64
		var first, last sql.NullInt64
		if err := scan(&id, &at.id, &rule, &host, &format, &at.route, &at.score, &count, &first, &last); err != nil {
			return err
		}
		f := of(id)
		if at.met = true; f.at.below(at) {
			f.at, f.Rule, f.Host, f.Source = at, rule, host, format
		}
		if f.Verdicts == 0 || at.score > f.Score {
			f.Score = at.score
		}
		f.Verdicts, f.Count = f.Verdicts+1, f.Count+count
		f.First, f.Last = earlier(f.First, instant(first)), later(f.Last, instant(last))
		f.Rules, f.Sources = with(f.Rules, rule), with(f.Sources, format)
		return nil
	})
}

func (b *Book) partyFacts(ctx context.Context, some []any, of func(string) *facts) error {
	text := `SELECT v.case_id, p.kind, p.value, v.route, v.score, v.id FROM verdicts v JOIN parties p ON p.verdict = v.id WHERE v.case_id IS NOT NULL` + oneOf(`v.case_id`, some)
	return b.each(ctx, "asking for cases", text, some, func(scan func(...any) error) error {
		var id, kind, value, verdict string
		at := standing{met: true}
		if err := scan(&id, &kind, &value, &at.route, &at.score, &verdict); err != nil {
			return err
		}
		f := of(id)
		switch kind {
		case "host":
			f.Hosts = with(f.Hosts, value)
		case "user":
			f.Users = with(f.Users, value)
			if at.id = verdict + " " + value; f.user.below(at) {
				f.user, f.User = at, value
			}
		}
		return nil
	})
}

// with is a list of different words and one more.
func with(list []string, word string) []string {
	if word == "" || slices.Contains(list, word) || len(list) == mostWords {
		return list
	}
	return append(list, word)
}

// mostWords bounds the rules, hosts and users of one case that a condition sees.
const mostWords = 1000

// group fills in the groups of a list.
func (b *Book) group(ctx context.Context, by string, list []Place) error {
	groups, err := b.groups(ctx, by)
	for i := range list {
		list[i].Group = groups[list[i].ID]
	}
	return err
}
