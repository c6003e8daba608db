package sigma

import (
	"fmt"
	"path"
	"slices"
	"strings"

	parser "github.com/Velocidex/sigma-go"
)

// selections are the named searches of one rule, compiled.
type selections struct {
	names []string // sorted
	expr  map[string]expr
}

// compileSearches compiles every selection of a rule; the error knows the line, counted from 1 within the document.
func (c *compiler) compileSearches(d parser.Detection) (selections, int, error) {
	s := selections{expr: map[string]expr{}}
	for name := range d.Searches {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	for _, name := range s.names {
		search := d.Searches[name]
		e, err := c.compileSearch(search)
		if err != nil {
			line, _ := search.Position()
			return s, line + 1, fmt.Errorf("%s: %w", name, err)
		}
		e.name = name
		s.expr[name] = e
	}
	return s, 0, nil
}

// compileSearch: a list of keywords, or a list of maps of which one must match as a whole.
func (c *compiler) compileSearch(s parser.Search) (expr, error) {
	var kids []expr
	if len(s.Keywords) > 0 {
		var values []any
		for _, k := range s.Keywords {
			values = append(values, k)
		}
		return c.compileField(parser.FieldMatcher{Values: values})
	}
	for _, m := range s.EventMatchers {
		var all []expr
		for _, f := range m {
			e, err := c.compileField(f)
			if err != nil {
				return expr{}, err
			}
			all = append(all, e)
		}
		if len(all) == 0 {
			return expr{}, fmt.Errorf("an empty map")
		}
		kids = append(kids, join(opAnd, all))
	}
	if len(kids) == 0 {
		return expr{}, fmt.Errorf("an empty selection")
	}
	return join(opOr, kids), nil
}

// compileConditions: of several conditions one is enough.
func compileConditions(list parser.Conditions, s selections) (expr, error) {
	var kids []expr
	for _, cond := range list {
		if cond.Aggregation != nil {
			return expr{}, fmt.Errorf("aggregation %s in the condition: %w", aggregation(cond.Aggregation), errUnsupported)
		}
		e, err := s.compile(cond.Search)
		if err != nil {
			return expr{}, fmt.Errorf("condition: %w", err)
		}
		kids = append(kids, e)
	}
	if len(kids) == 0 {
		return expr{}, fmt.Errorf("no condition")
	}
	return join(opOr, kids), nil
}

func aggregation(a parser.AggregationExpr) string {
	cmp, ok := a.(parser.Comparison)
	if !ok {
		return "near"
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", cmp.Func), "sigma."))
}

func (s selections) compile(e parser.SearchExpr) (expr, error) {
	switch e := e.(type) {
	case parser.And:
		return s.several(opAnd, e)
	case parser.Or:
		return s.several(opOr, e)
	case parser.Not:
		kid, err := s.compile(e.Expr)
		return not(kid), err
	case parser.SearchIdentifier:
		return s.of(opAnd, e.Name)
	case parser.OneOfIdentifier:
		return s.of(opOr, e.Ident.Name)
	case parser.AllOfIdentifier:
		return s.of(opAnd, e.Ident.Name)
	case parser.OneOfPattern:
		return s.of(opOr, e.Pattern)
	case parser.AllOfPattern:
		return s.of(opAnd, e.Pattern)
	case parser.OneOfThem:
		return s.of(opOr, "*")
	case parser.AllOfThem:
		return s.of(opAnd, "*")
	}
	return expr{}, fmt.Errorf("%T: %w", e, errUnsupported)
}

func (s selections) several(o op, list []parser.SearchExpr) (expr, error) {
	var kids []expr
	for _, e := range list {
		kid, err := s.compile(e)
		if err != nil {
			return expr{}, err
		}
		kids = append(kids, kid)
	}
	return join(o, kids), nil
}

// of joins the selections whose names fit. A name that begins with an underscore is meant only by a pattern that does too.
// Source: Sigma rules specification 2.1, "Detection - condition".
func (s selections) of(o op, glob string) (expr, error) {
	var kids []expr
	for _, name := range s.names {
		if ok, _ := path.Match(glob, name); ok && (glob[0] == '_' || name[0] != '_' || glob == name) {
			kids = append(kids, s.expr[name])
		}
	}
	if len(kids) == 0 {
		return expr{}, fmt.Errorf("no selection %q", glob)
	}
	return join(o, kids), nil
}
