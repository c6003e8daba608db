package query

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Table is what stands in a database for the fields of a case.
type Table struct {
	// Column is the expression of a field: NULL where it is lacking, nanoseconds for times. Empty: it has none.
	Column func(field string) string
	// List is what stands behind FROM, with a condition, for the elements of a list, and the expression of one. Empty: it has none.
	List func(field string) (from, element string)
	// Before is how many arguments the query has already: the first of the condition's own has the number behind it.
	Before int
	Now    time.Time
}

// SQL writes the condition for a database: TRUE where it holds, FALSE where it does not, NULL where it cannot be decided. SQL's logic of three
// values and that of expressions with fields that are lacking are the same. What a database cannot do is left out: then the condition is not
// exact, and nothing holds of a case of which it is FALSE; it may be empty, which is TRUE. The arguments are those of the placeholders in it.
func (q *Query) SQL(t Table) (text string, exact bool, args []any) {
	w := writer{t: t, q: q}
	if text, ok := w.condition(q.tree.NativeRep().Expr()); ok {
		return text, true, w.args
	}
	var list []string
	for _, e := range conjuncts(q.tree.NativeRep().Expr()) {
		if one, ok := w.condition(e); ok {
			list = append(list, one)
		}
	}
	return strings.Join(list, " AND "), false, w.args
}

// conjuncts are the conditions that all must hold.
func conjuncts(e ast.Expr) (list []ast.Expr) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.LogicalAnd {
		return []ast.Expr{e}
	}
	for _, a := range e.AsCall().Args() {
		list = append(list, conjuncts(a)...)
	}
	return list
}

type writer struct {
	t    Table
	q    *Query
	args []any
}

// bind takes a value in and returns its placeholder. Postgres has to be told its type.
func (w *writer) bind(v any) string {
	w.args = append(w.args, v)
	kind := "TEXT"
	switch v.(type) {
	case int64:
		kind = "BIGINT"
	case float64:
		kind = "DOUBLE PRECISION"
	}
	return fmt.Sprintf("CAST($%d AS %s)", w.t.Before+len(w.args), kind)
}

// infix are the operators that SQL writes between two values.
func infix() map[string]string {
	return map[string]string{
		operators.LogicalAnd: "AND", operators.LogicalOr: "OR", operators.Equals: "=", operators.NotEquals: "<>",
		operators.Less: "<", operators.LessEquals: "<=", operators.Greater: ">", operators.GreaterEquals: ">=",
		operators.Add: "+", operators.Subtract: "-",
	}
}

func (w *writer) condition(e ast.Expr) (string, bool) {
	if !w.q.tree.NativeRep().GetType(e.ID()).IsExactType(cel.BoolType) {
		return "", false
	}
	had := len(w.args)
	text, ok := w.write(e)
	if !ok {
		w.args = w.args[:had]
	}
	return text, ok
}

func (w *writer) write(e ast.Expr) (string, bool) {
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().Value().(type) {
		case string, int64, float64:
			return w.bind(v), true
		case bool:
			return strings.ToUpper(fmt.Sprint(v)), true
		}
	case ast.IdentKind:
		if e.AsIdent() == "now" {
			return w.bind(w.t.Now.UnixNano()), true
		}
		text := w.t.Column(e.AsIdent())
		return text, text != ""
	case ast.CallKind:
		return w.call(e.AsCall())
	case ast.ComprehensionKind, ast.ListKind, ast.MapKind, ast.SelectKind, ast.StructKind, ast.UnspecifiedExprKind:
	}
	return "", false
}

func (w *writer) call(c ast.CallExpr) (string, bool) {
	name, args := c.FunctionName(), c.Args()
	switch {
	case c.IsMemberFunction() && len(args) == 1:
		return w.part(name, c.Target(), args[0])
	case name == operators.LogicalNot && len(args) == 1:
		text, ok := w.write(args[0])
		return "NOT (" + text + ")", ok
	case name == hasName && len(args) == 1:
		return w.has(args[0].AsIdent())
	case name == operators.In && len(args) == 2:
		return w.in(args[0], args[1])
	case (name == "duration" || name == "timestamp") && len(args) == 1:
		return w.constant(name, args[0])
	case len(args) == 2 && infix()[name] != "":
		if (name == operators.Add || name == operators.Subtract) && !w.timely(args[0]) {
			return "", false // sums of numbers fail where they are too large, and texts are joined
		}
		left, ok := w.write(args[0])
		right, fine := w.write(args[1])
		return "(" + left + " " + infix()[name] + " " + right + ")", ok && fine
	}
	return "", false
}

// timely tells a time or a duration.
func (w *writer) timely(e ast.Expr) bool {
	is := w.q.tree.NativeRep().GetType(e.ID())
	return is.IsExactType(cel.TimestampType) || is.IsExactType(cel.DurationType)
}

// constant is the nanoseconds of a duration or time that is written out.
func (w *writer) constant(name string, e ast.Expr) (string, bool) {
	text, ok := literal(e)
	if !ok {
		return "", false
	}
	if name == "duration" {
		d, err := time.ParseDuration(text)
		return w.bind(int64(d)), err == nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() < 1700 || at.Year() > 2200 { // beyond these there are no nanoseconds
		return "", false
	}
	return w.bind(at.UnixNano()), true
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().Value().(string)
	return text, ok
}

// part is a condition on a part of a text.
func (w *writer) part(name string, target, arg ast.Expr) (string, bool) {
	text, ok := literal(arg)
	if !ok || strings.ContainsRune(text, 0) {
		return "", false
	}
	of, ok := w.write(target)
	n := utf8.RuneCountInString(text)
	switch {
	case !ok || !utf8.ValidString(text):
		return "", false
	case n == 0 && (name == "startsWith" || name == "endsWith" || name == "contains"):
		return "(" + of + " = " + of + ")", true
	case name == "startsWith":
		return fmt.Sprintf("(SUBSTR(%s, 1, %d) = %s)", of, n, w.bind(text)), true
	case name == "endsWith":
		return fmt.Sprintf("(LENGTH(%[1]s) >= %[2]d AND SUBSTR(%[1]s, LENGTH(%[1]s) - %[2]d + 1) = %[3]s)", of, n, w.bind(text)), true
	case name == "contains":
		return fmt.Sprintf("(REPLACE(%[1]s, %[2]s, '') <> %[1]s)", of, w.bind(text)), true
	}
	return "", false
}

func (w *writer) has(field string) (string, bool) {
	if from, _ := w.t.List(field); from != "" {
		return "EXISTS (SELECT 1 FROM " + from + ")", true
	}
	text := w.t.Column(field)
	return "(" + text + " IS NOT NULL)", text != ""
}

// in is a value among those written out, or one written out among those of a list.
func (w *writer) in(value, list ast.Expr) (string, bool) {
	left, ok := w.write(value)
	switch {
	case !ok:
		return "", false
	case list.Kind() == ast.ListKind && len(list.AsList().Elements()) > 0:
		var all []string
		for _, e := range list.AsList().Elements() {
			one, ok := w.write(e)
			if !ok || e.Kind() != ast.LiteralKind {
				return "", false
			}
			all = append(all, one)
		}
		return "(" + left + " IN (" + strings.Join(all, ", ") + "))", true
	case list.Kind() == ast.IdentKind && value.Kind() == ast.LiteralKind:
		from, element := w.t.List(list.AsIdent())
		return "(CASE WHEN EXISTS (SELECT 1 FROM " + from + ") THEN EXISTS (SELECT 1 FROM " + from + " AND " + element + " = " + left + ") END)", from != ""
	}
	return "", false
}
