package kusto

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// expr is an expression over a row.
type expr struct {
	op   string // column, value, call, or an operator
	name string // of the column or function
	val  any
	args []*expr
}

type parser struct {
	tokens []token
	at     int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != "end" {
		p.at++
	}
	return t
}

// take takes an operator or a name when it is there.
func (p *parser) take(text string) bool {
	if t := p.peek(); (t.kind == "op" || t.kind == "name") && t.text == text {
		p.at++
		return true
	}
	return false
}

func (p *parser) want(text string) error {
	if !p.take(text) {
		return fmt.Errorf("expected %s, found %q", text, p.peek().text)
	}
	return nil
}

func (p *parser) or() (*expr, error) { return p.chain("or", p.and) }

func (p *parser) and() (*expr, error) { return p.chain("and", p.compare) }

func (p *parser) chain(op string, part func() (*expr, error)) (*expr, error) {
	left, err := part()
	for err == nil && p.take(op) {
		var right *expr
		if right, err = part(); err == nil {
			left = &expr{op: op, args: []*expr{left, right}}
		}
	}
	return left, err
}

var comparisons = []string{"==", "!=", "=~", "!~", "<", "<=", ">", ">=", "has", "contains", "startswith", "in", "in~", "has_any", "between"}

func (p *parser) compare() (*expr, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	t := p.peek()
	if t.kind != "op" && t.kind != "name" || !slices.Contains(comparisons, t.text) {
		return left, nil
	}
	p.at++
	e := &expr{op: t.text, args: []*expr{left}}
	switch t.text {
	case "in", "in~", "has_any":
		if err := p.want("("); err != nil {
			return nil, err
		}
		list, err := p.list(")")
		e.args = append(e.args, list...)
		return e, err
	case "between":
		if err := p.want("("); err != nil {
			return nil, err
		}
		for _, end := range []string{"..", ")"} {
			bound, err := p.operand()
			if err != nil {
				return nil, err
			}
			if err := p.want(end); err != nil {
				return nil, err
			}
			e.args = append(e.args, bound)
		}
		return e, nil
	}
	right, err := p.operand()
	e.args = append(e.args, right)
	return e, err
}

func (p *parser) list(end string) (list []*expr, err error) {
	for !p.take(end) {
		if len(list) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (p *parser) operand() (*expr, error) {
	switch t := p.next(); t.kind {
	case "string":
		return &expr{op: "value", val: t.text}, nil
	case "datetime":
		at, err := time.Parse(time.RFC3339Nano, t.text)
		return &expr{op: "value", val: at}, err
	case "number":
		v, err := number(t.text)
		return &expr{op: "value", val: v}, err
	case "name":
		if t.text == "long" && p.take("(") {
			_, err := p.list(")")
			return &expr{op: "value"}, err // long(null)
		}
		if p.take("(") {
			args, err := p.list(")")
			return &expr{op: "call", name: t.text, args: args}, err
		}
		return &expr{op: "column", name: t.text}, nil
	case "op":
		if t.text == "(" {
			e, err := p.or()
			if err != nil {
				return nil, err
			}
			return e, p.want(")")
		}
	}
	return nil, fmt.Errorf("a value was expected before %q", p.peek().text)
}

func number(text string) (any, error) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		return time.Duration(n * 24 * float64(time.Hour)), err
	}
	d, err := time.ParseDuration(text)
	return d, err
}
