package rules

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/seed-959697dd/soc/alert"
)

// The variables of an expression.
const (
	sensorVar = "sensor"
	alertVar  = "alert"
)

// costLimit bounds one evaluation, in CEL's units (about one step each): far above what one alert's 256 values need,
// far below a second.
const costLimit = 10_000_000

// maxSource bounds an expression, in characters.
const maxSource = 4096

// environments are what expressions are compiled in: one for each effect, because an allow rule has no variable alert.
type environments struct{ allow, deny *cel.Env }

func newEnvironments() (environments, error) {
	p, err := newProvider()
	if err != nil {
		return environments{}, err
	}
	view := cel.ObjectType(viewType)
	options := append([]cel.EnvOption{
		cel.CustomTypeProvider(p), cel.ParserExpressionSizeLimit(maxSource), cel.DefaultUTCTimeZone(true), cel.Variable(sensorVar, view),
	}, Functions()...)
	allow, err := cel.NewEnv(options...)
	if err != nil {
		return environments{}, err
	}
	deny, err := allow.Extend(cel.Variable(alertVar, view))
	return environments{allow, deny}, err
}

// program is a compiled condition and what it reads.
type program struct {
	eval  cel.Program
	reads []reading
}

// reading is one slot that an expression reads, and whether it reads it through alert.
type reading struct {
	slot alert.Slot
	any  bool
}

func (e environments) compile(r Rule) (*program, error) {
	env := e.deny
	if r.Effect == Allow {
		env = e.allow
	}
	parsed, issues := env.Parse(r.When)
	if err := oneLine(issues); err != nil {
		return nil, err
	}
	reads, err := inspect(parsed.NativeRep().Expr(), r.Effect)
	if err != nil {
		return nil, err
	}
	checked, issues := env.Check(parsed)
	if err := oneLine(issues); err != nil {
		return nil, err
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("when is a %s, not a condition", checked.OutputType())
	}
	p, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit))
	if err != nil {
		return nil, fmt.Errorf("when: %w", err)
	}
	return &program{p, reads}, nil
}

// oneLine turns CEL's errors, each with a picture of several lines, into the first of them with its place.
func oneLine(issues *cel.Issues) error {
	if issues.Err() == nil {
		return nil
	}
	for _, e := range issues.Errors() {
		what, _, _ := strings.Cut(e.Message, "\n")
		return fmt.Errorf("when, line %d, column %d: %s", e.Location.Line(), e.Location.Column()+1, what)
	}
	return issues.Err()
}

// inspector walks an expression as it was written, before CEL resolves it.
type inspector struct {
	effect  string
	members map[string]member
	lists   map[string]member
	placed  map[int64]bool // variables and `all` that stand where they may
	reads   []reading
	err     error
}

// inspect refuses what the type checker would let through, and says which slots are read.
func inspect(e ast.Expr, effect string) ([]reading, error) {
	in := &inspector{effect: effect, members: members(), lists: lists(), placed: map[int64]bool{}}
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		if in.err == nil {
			in.visit(e)
		}
	}))
	return in.reads, in.err
}

func (in *inspector) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.SelectKind:
		in.selection(e)
	case ast.IdentKind:
		if root := rootOf(e); root == alertVar && in.effect == Allow {
			in.err = ErrReadsAlert
		} else if root != "" && !in.placed[e.ID()] {
			in.err = fmt.Errorf("%s stands alone: name a member, for example %s.target_host", root, root)
		}
	case ast.CallKind:
		in.call(e.AsCall())
	case ast.StructKind:
		in.err = errors.New("a condition makes no values")
	case ast.ComprehensionKind, ast.ListKind, ast.LiteralKind, ast.MapKind, ast.UnspecifiedExprKind:
	}
}

// rootOf returns the variable that e is, or nothing.
func rootOf(e ast.Expr) string {
	if e.Kind() != ast.IdentKind {
		return ""
	}
	name := strings.TrimPrefix(e.AsIdent(), ".")
	if name == alertVar || name == sensorVar {
		return name
	}
	return ""
}

func (in *inspector) selection(e ast.Expr) {
	field, operand, known := e.AsSelect().FieldName(), e.AsSelect().Operand(), in.members
	if operand.Kind() == ast.SelectKind && operand.AsSelect().FieldName() == "all" && rootOf(operand.AsSelect().Operand()) != "" {
		in.placed[operand.ID()] = true
		operand, known = operand.AsSelect().Operand(), in.lists
	}
	root := rootOf(operand)
	if root == "" {
		return
	}
	in.placed[operand.ID()] = true
	if root == alertVar && in.effect == Allow {
		in.err = ErrReadsAlert
		return
	}
	if field == "all" && operand == e.AsSelect().Operand() {
		if !in.placed[e.ID()] {
			in.err = fmt.Errorf("%s.all stands alone: name a member, for example %s.all.target_host", root, root)
		}
		return
	}
	m, ok := known[field]
	if !ok {
		in.err = fmt.Errorf("%s has no member %q", root, field)
		return
	}
	for _, s := range m.slots {
		if r := (reading{s, root == alertVar}); !slices.Contains(in.reads, r) {
			in.reads = append(in.reads, r)
		}
	}
}

// call checks the constants of our own functions: what is wrong in them would otherwise show on the first alert.
func (in *inspector) call(c ast.CallExpr) {
	name, args := c.FunctionName(), c.Args()
	if name != inCIDR && name != glob || len(args) != 2 {
		return
	}
	text, ok := "", args[1].Kind() == ast.LiteralKind
	if ok {
		text, ok = args[1].AsLiteral().Value().(string)
	}
	if !ok {
		in.err = fmt.Errorf("the second argument of %s wants to be a text in quotes", name)
		return
	}
	if name == inCIDR {
		if _, err := netip.ParsePrefix(text); err != nil {
			in.err = fmt.Errorf("%s: %q is no range like 10.0.0.0/8", name, text)
		}
	}
}
