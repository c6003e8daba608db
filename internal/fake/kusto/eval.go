package kusto

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// eval computes an expression over a row. Comparing what cannot be compared is an error, as it is for the service.
func (t *Table) eval(e *expr, row map[string]any) (any, error) {
	switch e.op {
	case "value":
		return e.val, nil
	case "column":
		if !t.has(e.name) {
			return nil, fmt.Errorf("SEM0100: Failed to resolve scalar expression named '%s'", e.name)
		}
		return row[e.name], nil
	case "call":
		return t.call(e, row)
	}
	args := make([]any, len(e.args))
	for i, a := range e.args {
		var err error
		if args[i], err = t.eval(a, row); err != nil {
			return nil, err
		}
	}
	switch e.op {
	case "and", "or":
		a, aok := args[0].(bool)
		b, bok := args[1].(bool)
		if !aok || !bok {
			return nil, fmt.Errorf("SEM0021: operator '%s' wants two booleans", e.op)
		}
		return e.op == "and" && a && b || e.op == "or" && (a || b), nil
	case "between":
		low, err := less(args[0], args[1])
		if err != nil {
			return nil, err
		}
		high, err := less(args[2], args[0])
		return args[0] != nil && !low && !high, err
	case "<", ">", "<=", ">=":
		return ordered(e.op, args[0], args[1])
	case "==", "!=":
		return equal(args[0], args[1]) == (e.op == "=="), nil
	}
	return words(e.op, args)
}

// words are the operators over strings.
func words(op string, args []any) (any, error) {
	list := make([]string, len(args))
	for i, a := range args {
		s, ok := a.(string)
		if !ok && a != nil {
			return nil, fmt.Errorf("SEM0025: operator '%s' wants strings, not %T", op, a)
		}
		list[i] = strings.ToLower(s)
	}
	text, values := list[0], list[1:]
	for i, v := range values {
		hit := false
		switch op {
		case "=~", "in~":
			hit = text == v
		case "!~":
			hit = text != v
		case "in":
			hit = args[0] == args[i+1]
		case "contains":
			hit = strings.Contains(text, v)
		case "startswith":
			hit = strings.HasPrefix(text, v)
		case "has", "has_any":
			hit = hasTerm(text, v)
		}
		if hit {
			return true, nil
		}
	}
	return false, nil
}

// hasTerm finds a value between bounds of words.
func hasTerm(text, value string) bool {
	inWord := func(r byte) bool { return r >= 0x80 || unicode.IsLetter(rune(r)) || unicode.IsDigit(rune(r)) }
	for from := 0; value != ""; {
		i := strings.Index(text[from:], value)
		if i < 0 {
			return false
		}
		a, b := from+i, from+i+len(value)
		if (a == 0 || !inWord(text[a-1]) || !inWord(text[a])) && (b == len(text) || !inWord(text[b]) || !inWord(text[b-1])) {
			return true
		}
		from = a + 1
	}
	return false
}

func (t *Table) call(e *expr, row map[string]any) (any, error) {
	if e.name == "column_ifexists" {
		name, ok := e.args[0].val.(string)
		if !ok || len(e.args) != 2 {
			return nil, fmt.Errorf("SEM0019: column_ifexists() wants a constant name and a default")
		}
		if t.has(name) {
			return row[name], nil
		}
		return t.eval(e.args[1], row)
	}
	args := make([]any, len(e.args))
	for i, a := range e.args {
		var err error
		if args[i], err = t.eval(a, row); err != nil {
			return nil, err
		}
	}
	switch {
	case e.name == "tostring" && len(args) == 1:
		return text(args[0]), nil
	case e.name == "tolong" && len(args) == 1:
		n, err := strconv.ParseInt(text(args[0]), 0, 64)
		if err != nil {
			return nil, nil //nolint:nilnil // null is a value of the language
		}
		return float64(n), nil
	case e.name == "not" && len(args) == 1:
		b, _ := args[0].(bool)
		return !b, nil
	case e.name == "isnotempty" && len(args) == 1:
		return text(args[0]) != "", nil
	case e.name == "bin" && len(args) == 2:
		at, isTime := args[0].(time.Time)
		step, isSpan := args[1].(time.Duration)
		if isTime && isSpan && step > 0 {
			return at.Truncate(step), nil
		}
	}
	return nil, fmt.Errorf("SEM0260: Unknown function: '%s'", e.name)
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	b, _ := json.Marshal(v) // plain values
	return string(b)
}

func equal(a, b any) bool {
	x, xok := num(a)
	y, yok := num(b)
	if xok && yok {
		return x == y
	}
	return a != nil && b != nil && text(a) == text(b)
}

func num(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}

func less(a, b any) (bool, error) {
	if x, ok := a.(time.Time); ok {
		if y, ok := b.(time.Time); ok {
			return x.Before(y), nil
		}
	}
	x, xok := num(a)
	y, yok := num(b)
	if xok && yok {
		return x < y, nil
	}
	if a == nil || b == nil {
		return false, nil
	}
	return false, fmt.Errorf("SEM0064: cannot compare values of types %T and %T", a, b)
}

func ordered(op string, a, b any) (any, error) {
	ab, err := less(a, b)
	if err != nil {
		return nil, err
	}
	ba, err := less(b, a)
	switch op {
	case "<":
		return ab, err
	case ">":
		return ba, err
	case "<=":
		return !ba, err
	default:
		return !ab, err
	}
}
