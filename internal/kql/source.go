// Package kql asks tables that speak Kusto's query language for records with given values: those of a Log Analytics workspace, and those of
// Defender's advanced hunting. Which column holds what kind of value is data (ReadTables); a value stands in a query as one escaped literal
// and nowhere else (Literal).
//
// Three queries make a search: where the tables have rows at all, how many of them meet each value, and the rows of the values that are not
// too common. Whatever comes back incomplete is a gap that says what was asked. The package opens no connection: Source.Ask does, and
// whoever makes one. It knows no product and judges nothing. Start with Source and Source.Search.
package kql

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// Result is what a query brought.
type Result struct {
	Rows  [][]byte // a JSON object each, without what is null
	Fault string   // why this is not all of it, in the service's words; empty: it is whole
}

// Source is an investigate.Source over tables. Set its fields before it is asked; it is safe for concurrent use then.
type Source struct {
	Name    string // of the source, for gaps and places
	Time    string // the column with a row's time
	Tables  []Table
	Formats func() (*alert.Set, error) // reads the rows; asked for with the first search
	Rows    int                        // asked for at a time, at most
	Back    time.Duration              // how far the tables reach back, 0: for ever
	Now     func() time.Time
	// Ask puts one query. The error is for an answer that did not come.
	Ask func(ctx context.Context, query string, from, to time.Time) (Result, error)

	mu   sync.Mutex
	seen map[[2]time.Time]*coverage
}

var _ investigate.Source = (*Source)(nil)

// Terms go into one query until its text is this long.
const longest = 64 << 10

// search is one call of Search.
type search struct {
	s        *Source
	q        *investigate.Query
	from, to time.Time
	found    func(*alert.Alert) error
	answer   investigate.Answer
	parser   *alert.Parser
	met      map[alert.Place]bool
}

// Search implements investigate.Source. A record that two tables hold comes twice.
func (s *Source) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	set, err := s.Formats()
	if err != nil {
		return investigate.Answer{}, err
	}
	r := &search{s: s, q: &q, found: found, answer: investigate.Answer{Counts: make([]int64, len(q.Terms))}, parser: set.NewParser(), met: map[alert.Place]bool{}}
	r.window()
	if len(q.Terms) == 0 || r.to.Before(r.from) {
		return r.answer, ctx.Err()
	}
	tables := r.look(ctx)
	r.unaskable(tables)
	err = ctx.Err()
	for terms := r.numbers(); len(terms) > 0 && err == nil; {
		n := r.fitting(tables, terms)
		err = r.ask(ctx, tables, terms[:n])
		terms = terms[n:]
	}
	return r.answer, err
}

// window makes the ends of the question definite.
func (r *search) window() {
	now := r.s.Now()
	r.from, r.to = r.q.From, r.q.To
	if r.to.IsZero() {
		r.to = now
	}
	first := now.Add(-r.s.Back)
	switch {
	case r.s.Back > 0 && r.from.Before(first):
		r.gap(alert.Partial, fmt.Sprintf("reaches %d days back only: nothing before %s was searched", r.s.Back/(24*time.Hour), first.UTC().Format(time.DateOnly)))
		r.from = first
	case r.from.IsZero():
		r.from = time.Unix(0, 0)
	}
}

func (r *search) gap(class alert.GapClass, reason string) {
	r.answer.Gaps = append(r.answer.Gaps, alert.Gap{Source: r.s.Name, Class: class, Reason: reason})
}

func (r *search) numbers() []int {
	list := make([]int, len(r.q.Terms))
	for i := range list {
		list[i] = i
	}
	return list
}

// unaskable tells of values that no table has a column for, by their kind.
func (r *search) unaskable(tables []*Table) {
	left := map[investigate.Kind]int{}
	for _, term := range r.q.Terms {
		if !slices.ContainsFunc(tables, func(t *Table) bool { _, ok := t.condition(term); return ok }) {
			left[term.Kind]++
		}
	}
	kinds := make([]string, 0, len(left))
	for k, n := range left {
		kinds = append(kinds, fmt.Sprintf("%d of kind %s", n, k))
	}
	if slices.Sort(kinds); len(kinds) > 0 {
		r.gap(alert.Partial, "values were not asked for, as no table that has rows has a column for them: "+strings.Join(kinds, ", "))
	}
}

// fitting is how many of the terms go into one query.
func (r *search) fitting(tables []*Table, terms []int) int {
	size := 0
	for i, n := range terms {
		for _, t := range tables {
			if test, ok := t.condition(r.q.Terms[n]); ok {
				size += len(test) + 20
			}
		}
		if size > longest && i > 0 {
			return i
		}
	}
	return len(terms)
}

// ask counts the rows of some terms in all tables, and fetches them.
func (r *search) ask(ctx context.Context, tables []*Table, terms []int) error {
	var parts []string
	tests := make([]map[int]string, len(tables))
	for i, t := range tables {
		tests[i] = map[int]string{}
		var order []int
		for _, n := range terms {
			if test, ok := t.condition(r.q.Terms[n]); ok {
				tests[i][n] = test
				order = append(order, n)
			}
		}
		if len(order) > 0 {
			parts = append(parts, r.s.tally(t, tests[i], order, r.from, r.to))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	result, err := r.s.Ask(ctx, union(parts), r.from, r.to)
	if err != nil || result.Fault != "" {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.failed(fmt.Sprintf("how many records hold %s", r.some(terms)), tables, result, err)
		return nil
	}
	for _, row := range result.Rows {
		v := gjson.ParseBytes(row)
		i := slices.IndexFunc(tables, func(t *Table) bool { return t.Name == v.Get(mark).Str })
		if i < 0 {
			continue
		}
		if err := r.rows(ctx, tables[i], tests[i], terms, v); err != nil {
			return err
		}
	}
	return nil
}

// rows fetches what a table has, in batches that fit into an answer. Of a common term it fetches as many as the query wants.
func (r *search) rows(ctx context.Context, t *Table, tests map[int]string, terms []int, counts gjson.Result) error {
	var batch []int
	sum := int64(0)
	flush := func() (err error) {
		if len(batch) > 0 {
			err = r.fetch(ctx, t, tests, batch, counts, r.s.Rows)
		}
		batch, sum = nil, 0
		return err
	}
	for _, n := range terms {
		count := counts.Get("t" + strconv.Itoa(n)).Int()
		r.answer.Counts[n] += count
		most := int64(r.s.Rows)
		if r.q.Most > 0 {
			most = min(most, int64(r.q.Most))
		}
		switch {
		case count == 0:
			continue
		case count > most:
			if err := r.fetch(ctx, t, tests, []int{n}, counts, int(most)); err != nil {
				return err
			}
			continue
		case sum+count > int64(r.s.Rows):
			if err := flush(); err != nil {
				return err
			}
		}
		batch, sum = append(batch, n), sum+count
	}
	return flush()
}

func (r *search) fetch(ctx context.Context, t *Table, tests map[int]string, terms []int, counts gjson.Result, most int) error {
	var conditions []string
	least := int64(0)
	for _, n := range terms {
		conditions = append(conditions, tests[n])
		least = max(least, counts.Get("t"+strconv.Itoa(n)).Int())
	}
	result, err := r.s.Ask(ctx, r.s.fetch(t, conditions, r.from, r.to, most), r.from, r.to)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what := "the records that hold " + r.some(terms)
	if err != nil || result.Fault != "" {
		r.failed(what, []*Table{t}, result, err)
	} else if got := int64(len(result.Rows)); got < min(least, int64(most)) || least > int64(most) && r.q.Most != most {
		r.gap(alert.Partial, fmt.Sprintf("%s of %s: %d came, %d were counted", what, t.Name, got, least))
	}
	return r.hand(t, result.Rows)
}

// hand parses rows and hands them on.
func (r *search) hand(t *Table, rows [][]byte) error {
	lost, why := 0, ""
	for _, raw := range rows {
		a := new(alert.Alert)
		if _, err := r.parser.Parse(a, raw, nil); err != nil {
			lost, why = lost+1, err.Error()
			continue
		}
		a.Input = place(r.s.Name+"/"+t.Name, a.Digest)
		if r.met[a.Input] {
			continue
		}
		r.met[a.Input] = true
		if err := r.found(a); err != nil {
			return err
		}
	}
	if lost > 0 {
		r.gap(alert.Partial, fmt.Sprintf("%d records of %s hold a value but cannot be read (%s)", lost, t.Name, why))
	}
	return nil
}

// place names a row. Tables have no lines: where a file has an offset stands a number made of the row's digest, which every program reads
// exactly, so that the same row is the same place whenever it is asked for.
func place(table string, d alert.Digest) alert.Place {
	return alert.Place{Name: table, Line: 1, Offset: int64(binary.BigEndian.Uint64(d[:8]) >> 11)} //nolint:gosec // 53 bits
}

// failed is the gap of an answer that did not come, or not whole.
func (r *search) failed(what string, tables []*Table, result Result, err error) {
	why := result.Fault
	if err != nil {
		why = err.Error()
	}
	names := make([]string, 0, len(tables))
	for _, t := range tables {
		names = append(names, t.Name)
	}
	r.gap(alert.Failed, fmt.Sprintf("could not find out %s, in %s, %s: %s", what, strings.Join(names, ", "), Span(r.from, r.to), why))
}

// some names terms for a person.
func (r *search) some(terms []int) string {
	const shown = 3
	var list []string
	for _, n := range terms[:min(len(terms), shown)] {
		list = append(list, fmt.Sprintf("%s %q", r.q.Terms[n].Kind, r.q.Terms[n].Value))
	}
	text := strings.Join(list, ", ")
	if more := len(terms) - shown; more > 0 {
		text += fmt.Sprintf(" or one of %d others", more)
	}
	return text
}
