package sigma

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	parser "github.com/Velocidex/sigma-go"
)

// item is one line of a selection: a field, its modifiers, its values.
type item struct {
	field     string
	modifiers map[string]bool
	flags     string // of a regular expression
}

// errUnsupported is what this engine does not do.
var errUnsupported = errors.New("unsupported")

// modifiers are those of the specification, with those that they exclude left to the values they are applied to.
// Source: Sigma modifiers specification 2.1.
const modifiers = " contains startswith endswith all re i m s cidr base64 base64offset wide utf16le utf16be utf16 windash fieldref exists " +
	"expand cased lt lte gt gte neq minute hour day week month year "

func newItem(f parser.FieldMatcher) (item, error) {
	it := item{field: f.Field, modifiers: map[string]bool{}}
	for i, m := range f.Modifiers {
		switch {
		case m == "" || !strings.Contains(modifiers, " "+m+" "):
			return it, fmt.Errorf("modifier %q: %w", m, errUnsupported)
		case (m == "i" || m == "m" || m == "s") && !slices.Contains(f.Modifiers[:i], "re"):
			return it, fmt.Errorf("modifier %q without re", m)
		case m == "i" || m == "m" || m == "s":
			it.flags += m
		case it.modifiers[m]:
			return it, fmt.Errorf("modifier %q twice", m)
		default:
			it.modifiers[m] = true
		}
	}
	return it, nil
}

// compileField turns a line of a selection into an expression over atoms.
func (c *compiler) compileField(f parser.FieldMatcher) (expr, error) {
	it, err := newItem(f)
	if err != nil {
		return expr{}, fmt.Errorf("field %q: %w", f.Field, err)
	}
	if it.field != "" && foldName(it.field) == "" {
		return expr{}, fmt.Errorf("field %q: not a name", f.Field)
	}
	if len(f.Values) == 0 {
		return expr{}, fmt.Errorf("field %q: no value", f.Field)
	}
	var kids []expr
	for _, v := range f.Values {
		e, err := c.compileValue(it, v)
		if err != nil {
			return expr{}, fmt.Errorf("field %q: %w", f.Field, err)
		}
		kids = append(kids, e)
	}
	o := opOr
	if it.modifiers["all"] {
		o = opAnd
	}
	e := join(o, kids)
	if it.modifiers["neq"] {
		e = not(e)
	}
	return e, nil
}

// compileValue turns one value into an expression.
func (c *compiler) compileValue(it item, v any) (expr, error) {
	if it.field == "" && (v == nil || it.modifiers["exists"] || it.modifiers["fieldref"]) {
		return expr{}, errors.New("a keyword that is no text")
	}
	if v == nil {
		return c.atom(atom{field: c.fieldID(it.field), kind: asksNull}), nil
	}
	text, err := scalar(v)
	if err != nil {
		return expr{}, err
	}
	if it.field == "" && text == "" {
		return expr{}, errors.New("an empty keyword")
	}
	m := it.modifiers
	switch {
	case m["exists"]:
		return c.present(it, text)
	case m["fieldref"]:
		return c.reference(it, text), nil
	case m["re"]:
		return c.expression(it, text)
	case m["cidr"]:
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return expr{}, fmt.Errorf("cidr: %w", err)
		}
		return c.value(it, network{p.Masked()}), nil
	}
	for _, relation := range [...]string{"lt", "lte", "gt", "gte"} {
		if m[relation] {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return expr{}, fmt.Errorf("%s: %w", relation, err)
			}
			return c.value(it, number{relation, n}), nil
		}
	}
	for _, part := range [...]string{"minute", "hour", "day", "week", "month", "year"} {
		if m[part] {
			n, err := strconv.Atoi(text)
			if err != nil {
				return expr{}, fmt.Errorf("%s: %w", part, err)
			}
			return c.value(it, moment{part, n}), nil
		}
	}
	return c.texts(it, text)
}

// expression compiles a regular expression with what contains, startswith and endswith say of its place.
func (c *compiler) expression(it item, text string) (expr, error) {
	if !it.modifiers["contains"] {
		if it.modifiers["startswith"] {
			text = `\A(?:` + text + `)`
		}
		if it.modifiers["endswith"] {
			text = `(?:` + text + `)\z`
		}
	}
	re, err := newExpression(text, it.flags)
	if err != nil {
		return expr{}, err
	}
	return c.value(it, re), nil
}

func (c *compiler) value(it item, t test) expr {
	return c.atom(atom{field: c.fieldID(it.field), test: t})
}

func (c *compiler) present(it item, text string) (expr, error) {
	yes, err := strconv.ParseBool(text)
	if err != nil {
		return expr{}, fmt.Errorf("exists: %w", err)
	}
	e := c.atom(atom{field: c.fieldID(it.field), kind: asksPresent})
	if !yes {
		e = not(e)
	}
	return e, nil
}

func (c *compiler) reference(it item, other string) expr {
	m := it.modifiers
	return c.atom(atom{
		field: c.fieldID(it.field), kind: asksField, other: c.fieldID(other),
		head: m["contains"] || m["startswith"], tail: m["contains"] || m["endswith"], cased: m["cased"],
	})
}

// scalar returns the text of a value as YAML wrote it.
func scalar(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case time.Time:
		return v.Format(time.DateOnly), nil
	}
	return "", fmt.Errorf("a value that is neither text nor number: %w", errUnsupported)
}
