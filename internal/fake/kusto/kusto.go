// Package kusto answers queries in the Kusto query language over tables in memory, for tests and for trying: enough of the language for a
// client that filters, counts and fetches, read the way its documentation has it, and strict where the service is. What it does not know
// it refuses; it never guesses.
//
// It is not for speed, and knows no service: internal/fake/sentinel and internal/fake/defender are. Start with Database and Query.
//
// Source: https://learn.microsoft.com/kusto/query/
package kusto

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

// Database is tables by their name.
type Database map[string]*Table

// Table is columns with their types (string, long, real, datetime, bool, dynamic), in order, and rows: values by column.
type Table struct {
	Columns []Column
	Rows    []map[string]any
}

// Column is one column.
type Column struct{ Name, Type string }

func (t *Table) has(name string) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// ErrQuery is what is wrong with a query itself: the service answers 400.
var ErrQuery = errors.New("semantic error")

// Query answers one query.
func (db Database) Query(q string) (*Table, error) {
	tokens, err := lex(q)
	if err != nil {
		return nil, fmt.Errorf("%w: SYN0002: %w", ErrQuery, err)
	}
	p := &parser{tokens: tokens}
	t, err := db.pipe(p)
	if err == nil && p.peek().kind != "end" {
		err = fmt.Errorf("SYN0002: unexpected %q", p.peek().text)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	return t, nil
}

// pipe reads a source and what it is piped through, and does it.
func (db Database) pipe(p *parser) (*Table, error) {
	t, err := db.source(p)
	for err == nil && p.take("|") {
		t, err = t.operator(p)
	}
	return t, err
}

func (db Database) source(p *parser) (*Table, error) {
	switch {
	case p.take("("):
		t, err := db.pipe(p)
		if err != nil {
			return nil, err
		}
		return t, p.want(")")
	case p.take("union"):
		return db.union(p)
	case p.take("print"):
		row := &Table{Rows: []map[string]any{{}}}
		return row, row.set(p)
	}
	name := p.next()
	t, ok := db[name.text]
	if name.kind != "name" || !ok {
		return nil, unresolved{name.text}
	}
	return t, nil
}

type unresolved struct{ name string }

func (u unresolved) Error() string {
	return "SEM0100: Failed to resolve table or column expression named '" + u.name + "'"
}

// union puts tables under each other; isfuzzy=true leaves those out that do not resolve, unless none does.
func (db Database) union(p *parser) (*Table, error) {
	fuzzy := false
	if p.take("isfuzzy") {
		if err := p.want("="); err != nil {
			return nil, err
		}
		fuzzy = p.next().text == "true"
	}
	all, resolved := &Table{}, false
	for {
		from := p.at
		t, err := db.source(p)
		var missing unresolved
		if fuzzy && errors.As(err, &missing) {
			p.skip(from)
		} else if err != nil {
			return nil, err
		} else {
			resolved = true
			all.append(t)
		}
		if !p.take(",") {
			break
		}
	}
	if !resolved {
		return nil, errors.New("SEM0139: Failed to resolve any of the tables of a union")
	}
	return all, nil
}

// skip goes behind the source that began at a token.
func (p *parser) skip(from int) {
	p.at = from
	depth := 0
	for {
		switch t := p.next(); {
		case t.kind == "op" && t.text == "(":
			depth++
		case t.kind == "op" && t.text == ")":
			depth--
		case t.kind == "end":
			return
		}
		if depth == 0 {
			return
		}
	}
}

func (t *Table) append(o *Table) {
	for _, c := range o.Columns {
		if !t.has(c.Name) {
			t.Columns = append(t.Columns, c)
		}
	}
	t.Rows = append(t.Rows, o.Rows...)
}

func (t *Table) operator(p *parser) (*Table, error) {
	switch op := p.next(); op.text {
	case "where":
		return t.where(p)
	case "take", "limit":
		n, err := p.operand()
		if err != nil {
			return nil, err
		}
		most, _ := num(n.val)
		return &Table{t.Columns, t.Rows[:min(len(t.Rows), int(most))]}, nil
	case "top":
		return t.top(p)
	case "summarize":
		return t.summarize(p)
	case "extend":
		c := &Table{Columns: slices.Clone(t.Columns)}
		for _, row := range t.Rows {
			c.Rows = append(c.Rows, maps.Clone(row))
		}
		return c, c.set(p)
	case "count":
		return &Table{[]Column{{"Count", "long"}}, []map[string]any{{"Count": float64(len(t.Rows))}}}, nil
	default:
		return nil, fmt.Errorf("SYN0002: no operator %q", op.text)
	}
}

func (t *Table) where(p *parser) (*Table, error) {
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	c := &Table{Columns: t.Columns}
	if _, err := t.eval(e, map[string]any{}); err != nil { // a wrong query is wrong about no rows, too
		return nil, err
	}
	for _, row := range t.Rows {
		v, err := t.eval(e, row)
		if err != nil {
			return nil, err
		}
		if v == true {
			c.Rows = append(c.Rows, row)
		}
	}
	return c, nil
}

// set gives columns values, by name.
func (t *Table) set(p *parser) error {
	for {
		name := p.next()
		if err := p.want("="); err != nil {
			return err
		}
		e, err := p.or()
		if err != nil {
			return err
		}
		for _, row := range t.Rows {
			if row[name.text], err = t.eval(e, row); err != nil {
				return err
			}
		}
		if !t.has(name.text) {
			t.Columns = append(t.Columns, Column{name.text, kindOf(t.Rows, name.text)})
		}
		if !p.take(",") {
			return nil
		}
	}
}

func kindOf(rows []map[string]any, name string) string {
	for _, row := range rows {
		switch row[name].(type) {
		case float64, int:
			return "long"
		case time.Time:
			return "datetime"
		}
	}
	return "string"
}

func (t *Table) top(p *parser) (*Table, error) {
	n, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.want("by"); err != nil {
		return nil, err
	}
	by := p.next().text
	if !t.has(by) {
		return nil, fmt.Errorf("SEM0100: Failed to resolve scalar expression named '%s'", by)
	}
	ascending := p.take("asc")
	if !ascending {
		p.take("desc")
	}
	rows := slices.Clone(t.Rows)
	sort.SliceStable(rows, func(i, j int) bool {
		a, _ := less(rows[i][by], rows[j][by]) // of one type
		b, _ := less(rows[j][by], rows[i][by])
		return ascending && a || !ascending && b
	})
	most, _ := num(n.val)
	return &Table{t.Columns, rows[:min(len(rows), int(most))]}, nil
}

// aggregate is NAME=FUNCTION(ARGUMENT).
type aggregate struct {
	name string
	e    *expr
}

func (t *Table) summarize(p *parser) (*Table, error) {
	var list, by []aggregate
	into := &list
	for {
		name := p.next().text
		if err := p.want("="); err != nil {
			return nil, err
		}
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		*into = append(*into, aggregate{name, e})
		if p.take("by") {
			into = &by
		} else if !p.take(",") {
			break
		}
	}
	groups, keys := map[string][]map[string]any{}, map[string][]any{}
	if len(by) == 0 {
		groups[""] = nil // an answer even over nothing
	}
	for _, row := range t.Rows {
		key := ""
		var values []any
		for _, b := range by {
			v, err := t.eval(b.e, row)
			if err != nil {
				return nil, err
			}
			values, key = append(values, v), key+"\x00"+text(v)
		}
		groups[key], keys[key] = append(groups[key], row), values
	}
	c := &Table{}
	for _, b := range by {
		c.Columns = append(c.Columns, Column{b.name, "datetime"})
	}
	for _, a := range list {
		kind := "long"
		if a.e.name == "min" || a.e.name == "max" {
			kind = "datetime"
		}
		c.Columns = append(c.Columns, Column{a.name, kind})
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		row := map[string]any{}
		for i, b := range by {
			row[b.name] = keys[key][i]
		}
		for _, a := range list {
			v, err := t.aggregate(a.e, groups[key])
			if err != nil {
				return nil, err
			}
			row[a.name] = v
		}
		c.Rows = append(c.Rows, row)
	}
	return c, nil
}

func (t *Table) aggregate(e *expr, rows []map[string]any) (any, error) {
	if e.op != "call" {
		return nil, errors.New("SEM0081: summarize wants functions that aggregate")
	}
	if len(e.args) > 0 {
		if _, err := t.eval(e.args[0], map[string]any{}); err != nil {
			return nil, err
		}
	}
	var best any
	n := 0
	for _, row := range rows {
		if e.name == "count" {
			n++
			continue
		}
		v, err := t.eval(e.args[0], row)
		if err != nil {
			return nil, err
		}
		switch e.name {
		case "countif":
			if v == true {
				n++
			}
		case "min", "max":
			smaller, err := less(v, best)
			if err != nil {
				return nil, err
			}
			larger, _ := less(best, v)
			if best == nil || e.name == "min" && smaller || e.name == "max" && larger {
				best = v
			}
		}
	}
	switch e.name {
	case "count", "countif":
		return float64(n), nil
	case "min", "max":
		return best, nil
	}
	return nil, fmt.Errorf("SEM0260: Unknown function: '%s'", e.name)
}

// Reach is the rows of a table within a window, by its column of times: what the timespan of a request leaves. A zero end is open.
func (t *Table) Reach(column string, from, to time.Time) *Table {
	if !t.has(column) {
		return t
	}
	c := &Table{Columns: t.Columns}
	for _, row := range t.Rows {
		if at, ok := row[column].(time.Time); ok && !at.Before(from) && (to.IsZero() || !at.After(to)) {
			c.Rows = append(c.Rows, row)
		}
	}
	return c
}

// Shape takes a query apart: what it is but for its string literals, each of which is a "" there, and what those say.
func Shape(q string) (shape string, literals []string, err error) {
	tokens, err := lex(q)
	for _, t := range tokens {
		if t.kind == "string" {
			literals = append(literals, t.text)
			t.text = `""`
		}
		shape += t.text + " "
	}
	return shape, literals, err
}
