package query

import (
	"maps"
	"slices"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/seed-959697dd/soc/internal/rules"
)

// Case is a case of the queue as a condition sees it. Empty texts, lists and times are lacking, but for an empty owner, which is nobody.
type Case struct {
	ID, Title, Route, Severity, State string // State: open, snoozed or closed
	Disposition, By, Owner            string
	Rule, Host, User, Source          string // of the strongest verdict
	Rules, Hosts, Users, Sources      []string
	Probability                       float64 // uncalibrated unless a precedent was learned
	Score, Count, Verdicts            int64   // milli-nats, alerts with their copies, verdicts
	Opened, Closed, First, Last       time.Time
	Until                             time.Time // snoozed
}

// field is a name in an expression.
type field struct {
	typ   *cel.Type
	get   func(*Case, time.Time) any // nil: lacking
	words []string                   // that it may have; nil: any
}

// severities from 1, informational.
func severities() []string { return []string{"informational", "low", "medium", "high", "critical"} }

var fields = sync.OnceValue(func() map[string]field {
	text := func(of func(*Case) string, words ...string) field {
		return field{cel.StringType, func(c *Case, _ time.Time) any {
			if s := of(c); s != "" {
				return s
			}
			return nil
		}, words}
	}
	texts := func(of func(*Case) []string) field {
		return field{cel.ListType(cel.StringType), func(c *Case, _ time.Time) any {
			if l := of(c); len(l) > 0 {
				return l
			}
			return nil // an empty list would let all() hold of nothing
		}, nil}
	}
	number := func(of func(*Case) int64) field {
		return field{cel.IntType, func(c *Case, _ time.Time) any { return of(c) }, nil}
	}
	moment := func(of func(*Case) time.Time) field {
		return field{cel.TimestampType, func(c *Case, _ time.Time) any {
			if t := of(c); !t.IsZero() {
				return t
			}
			return nil
		}, nil}
	}
	return map[string]field{
		"id":          text(func(c *Case) string { return c.ID }),
		"title":       text(func(c *Case) string { return c.Title }),
		"route":       text(func(c *Case) string { return c.Route }, "close", "review", "escalate"),
		"severity":    text(func(c *Case) string { return c.Severity }, severities()...),
		"state":       text(func(c *Case) string { return c.State }, "open", "snoozed", "closed"),
		"disposition": text(func(c *Case) string { return c.Disposition }, "undetermined", "true_positive", "benign_positive", "false_positive"),
		"by":          text(func(c *Case) string { return c.By }),
		"rule":        text(func(c *Case) string { return c.Rule }),
		"host":        text(func(c *Case) string { return c.Host }),
		"user":        text(func(c *Case) string { return c.User }),
		"source":      text(func(c *Case) string { return c.Source }),
		"owner":       {cel.StringType, func(c *Case, _ time.Time) any { return c.Owner }, nil},
		"rules":       texts(func(c *Case) []string { return c.Rules }),
		"hosts":       texts(func(c *Case) []string { return c.Hosts }),
		"users":       texts(func(c *Case) []string { return c.Users }),
		"sources":     texts(func(c *Case) []string { return c.Sources }),
		"score":       number(func(c *Case) int64 { return c.Score }),
		"count":       number(func(c *Case) int64 { return c.Count }),
		"verdicts":    number(func(c *Case) int64 { return c.Verdicts }),
		"rank":        {cel.IntType, func(c *Case, _ time.Time) any { return rankOf(c.Severity) }, nil},
		"probability": {cel.DoubleType, func(c *Case, _ time.Time) any { return c.Probability }, nil},
		"opened":      moment(func(c *Case) time.Time { return c.Opened }),
		"closed":      moment(func(c *Case) time.Time { return c.Closed }),
		"first":       moment(func(c *Case) time.Time { return c.First }),
		"last":        moment(func(c *Case) time.Time { return c.Last }),
		"until":       moment(func(c *Case) time.Time { return c.Until }),
		"now":         {cel.TimestampType, func(_ *Case, now time.Time) any { return now }, nil},
		"age": {cel.DurationType, func(c *Case, now time.Time) any {
			if c.Opened.IsZero() {
				return nil
			}
			return now.Sub(c.Opened)
		}, nil},
	}
})

func rankOf(severity string) any {
	if i := slices.Index(severities(), severity); i >= 0 {
		return int64(i + 1)
	}
	return nil
}

// Fields are the names that a condition may use, sorted.
func Fields() []string { return slices.Sorted(maps.Keys(fields())) }

// hasName is the function that has(field) becomes: it alone is asked about what is lacking.
const hasName = "@has"

func newEnvironment() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.ParserExpressionSizeLimit(maxSource), cel.DefaultUTCTimeZone(true),
		cel.Macros(cel.GlobalMacro("has", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			if args[0].Kind() != ast.IdentKind {
				return nil, f.NewError(args[0].ID(), errExpand.Error())
			}
			return f.NewCall(hasName, args[0]), nil
		})),
		cel.Function(hasName, cel.Overload("has_field", []*cel.Type{cel.DynType}, cel.BoolType, decls.OverloadIsNonStrict(),
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(!types.IsUnknownOrError(v)) }))),
	}
	for name, f := range fields() {
		options = append(options, cel.Variable(name, f.typ))
	}
	return cel.NewEnv(append(options, rules.Functions()...)...)
}
