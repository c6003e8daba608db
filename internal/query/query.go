// Package query reads what a person asks of the queue in the expression language of the policy: a condition over the fields of a case, such as
// severity in ["high", "critical"] && age > duration("4h") && !("ws-12" in hosts).
//
// A field that a case lacks decides nothing: where the answer hangs on it the case does not match, and the answer says what was lacking. It
// reads no casebook and changes nothing. Start with Parse and Query.Holds.
package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/interpreter"
)

// Query is a condition that reads. It never changes and is safe for concurrent use.
type Query struct {
	eval  cel.Program
	tree  *cel.Ast
	reads map[string]bool
}

// Fault is what is wrong with an expression, and where.
type Fault struct {
	Column int // of the character it is about, from 0
	What   string
}

// Error implements error.
func (f *Fault) Error() string { return fmt.Sprintf("column %d: %s", f.Column+1, f.What) }

// Bounds of an expression: in characters, and of one evaluation in CEL's units, about one step each.
const (
	maxSource = 2000
	costLimit = 1_000_000
)

// Parse reads a condition. What is wrong with it is a *Fault.
func Parse(text string) (*Query, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("the language of queries: %w", err)
	}
	if utf8.RuneCountInString(text) > maxSource {
		return nil, &Fault{maxSource, fmt.Sprintf("longer than %d characters", maxSource)}
	}
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, faultOf(issues)
	}
	q := &Query{tree: checked, reads: map[string]bool{}}
	if fault := q.inspect(checked); fault != nil {
		return nil, fault
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, &Fault{0, fmt.Sprintf("it is a %s, not a condition: compare it with something", checked.OutputType())}
	}
	if q.eval, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit)); err != nil {
		return nil, &Fault{0, err.Error()}
	}
	return q, nil
}

// Reads tells whether the condition reads a field.
func (q *Query) Reads(field string) bool { return q.reads[field] }

// Answer is what a condition says about one case.
type Answer struct {
	Holds   bool
	Lacking string // the field for want of which it could not be decided; then it does not hold
	Err     error  // any other reason why it could not be decided; then it does not hold
}

// Holds asks about a case.
func (q *Query) Holds(c *Case, now time.Time) Answer {
	a := activation{c: c, now: now}
	out, _, err := q.eval.Eval(&a)
	switch {
	case err == nil:
		yes, _ := out.Value().(bool) // the checker lets nothing else through
		return Answer{Holds: yes}
	case a.lacking != "":
		return Answer{Lacking: a.lacking}
	}
	return Answer{Err: err}
}

// activation gives an expression the fields of one case.
type activation struct {
	c       *Case
	now     time.Time
	lacking string // the first that was asked for in vain
}

// ResolveName finds a field.
func (a *activation) ResolveName(name string) (any, bool) {
	f, ok := fields()[name]
	if !ok {
		return nil, false
	}
	v := f.get(a.c, a.now)
	if v == nil {
		if a.lacking == "" {
			a.lacking = name
		}
		return nil, false
	}
	return v, true
}

// Parent is none.
func (a *activation) Parent() interpreter.Activation { return nil }

// faultOf is the first of CEL's complaints, in one line.
func faultOf(issues *cel.Issues) error {
	if list := issues.Errors(); len(list) > 0 {
		e := list[0]
		what, _, _ := strings.Cut(e.Message, "\n")
		if rest, ok := strings.CutPrefix(what, "undeclared reference to '"); ok {
			name, _, _ := strings.Cut(rest, "'")
			what = name + ": no such field; there are " + strings.Join(Fields(), ", ")
		}
		what = strings.TrimPrefix(what, "Syntax error: ")
		if rest, ok := strings.CutPrefix(what, "found no matching overload for "); ok {
			what = "these do not go together: " + rest
		}
		return &Fault{max(0, e.Location.Column()), what}
	}
	return &Fault{0, issues.Err().Error()}
}

// inspect notes which fields are read, and refuses what would silently never hold: the order of words, and words that a field never has.
func (q *Query) inspect(checked *cel.Ast) error {
	var fault *Fault
	native := checked.NativeRep()
	refuse := func(e ast.Expr, what string) {
		if fault == nil {
			fault = &Fault{max(0, native.SourceInfo().GetStartLocation(e.ID()).Column()), what}
		}
	}
	known := fields()
	ast.PreOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.IdentKind {
			if _, ok := known[e.AsIdent()]; ok {
				q.reads[e.AsIdent()] = true
			}
		}
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		name, args := e.AsCall().FunctionName(), e.AsCall().Args()
		switch name {
		case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
			if native.GetType(args[0].ID()).IsExactType(cel.StringType) {
				refuse(args[0], "words have no order: use in [...], or rank, from 1 (informational) to 5 (critical)")
			}
		case operators.Equals, operators.NotEquals, operators.In:
			words(known, args, refuse)
		}
	}))
	if fault != nil {
		return fault
	}
	return nil
}

// words refuses a word that a field never has.
func words(known map[string]field, args []ast.Expr, refuse func(ast.Expr, string)) {
	for i, a := range args {
		if a.Kind() != ast.IdentKind {
			continue
		}
		f := known[a.AsIdent()]
		others := []ast.Expr{args[1-i]}
		if others[0].Kind() == ast.ListKind {
			others = others[0].AsList().Elements()
		}
		for _, o := range others {
			if o.Kind() != ast.LiteralKind || len(f.words) == 0 {
				continue
			}
			if word, ok := o.AsLiteral().Value().(string); ok && !slices.Contains(f.words, word) {
				refuse(o, a.AsIdent()+" is one of "+strings.Join(f.words, ", "))
			}
		}
	}
}

// environment is what expressions are compiled in, made once.
var environment = sync.OnceValues(newEnvironment)

// errExpand is CEL's way of refusing what a macro cannot expand.
var errExpand = errors.New("has asks about one field")
