package playbook

import (
	"encoding/json"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/seed-959697dd/soc/respond"
)

// costLimit bounds one evaluation, in CEL's units: about one step each.
const costLimit = 1_000_000

// environment has the variables of a condition: the case's document, and the element a step is about.
func environment() (*cel.Env, error) {
	return cel.NewEnv(cel.Variable("case", cel.DynType), cel.Variable("it", cel.DynType), cel.ParserExpressionSizeLimit(4096), cel.DefaultUTCTimeZone(true))
}

func compile(env *cel.Env, text string) (cel.Program, error) {
	ast, issues := env.Compile(text)
	if err := issues.Err(); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s", strings.TrimPrefix(first, "ERROR: "))
	}
	if t := ast.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("it is a %s, not a condition", t)
	}
	return env.Program(ast, cel.CostLimit(costLimit))
}

// holds evaluates a condition. An error is that it cannot be decided.
func holds(p cel.Program, vars map[string]any) (bool, error) {
	out, _, err := p.Eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("it is a %s, not a condition", out.Type().TypeName())
	}
	return bool(b), nil
}

// Case is a case's document, read once for all playbooks.
type Case struct{ doc map[string]any }

// ReadCase reads a document of kind case.
func ReadCase(doc []byte) (*Case, error) {
	var m map[string]any
	if err := json.Unmarshal(doc, &m); err != nil {
		return nil, fmt.Errorf("reading the case: %w", err)
	}
	return &Case{m}, nil
}

// Fits tells whether the playbook is for the case. The error says what the case lacks to tell.
func (p *Playbook) Fits(k *Case) (bool, error) {
	ok, err := holds(p.when, map[string]any{"case": k.doc, "it": map[string]any{}})
	if err != nil {
		return false, fmt.Errorf("playbook %s: when: %w", p.Name, err)
	}
	return ok, nil
}

// Wants returns what the playbook wants done in a case, in the order of its steps, and what could not be decided. It does not ask
// whether the playbook fits.
func (p *Playbook) Wants(k *Case) (wants []respond.Want, undecided []string) {
	for i, s := range p.steps {
		found := s.each.of(k)
		met := false
		for _, it := range found.list {
			if !s.means(it.value) {
				continue
			}
			met = true
			if s.when != nil {
				ok, err := holds(s.when, map[string]any{"case": k.doc, "it": it.fields})
				if err != nil {
					undecided = append(undecided, fmt.Sprintf("playbook %s: step %d: %s: %v", p.Name, i+1, it.value, err))
				}
				if !ok {
					continue
				}
			}
			wants = append(wants, respond.Want{
				Action: s.action, Target: respond.Target{Type: s.each.kind, Value: it.value}, Why: s.why + " (playbook " + p.Name + ")", Cites: it.cites, Steps: s.list,
			})
		}
		if !met && s.only.Value != "" && found.more == 0 {
			wants = append(wants, respond.Want{
				Action: respond.ManualStep, Target: respond.Target{Type: respond.Case, Value: text(k.doc["id"])}, Why: s.why + " (playbook " + p.Name + ")",
				Steps: []string{s.action + " " + s.only.Value + ", which the case does not name: do it by hand, if it fits this case"},
			})
		}
		if found.more > 0 {
			undecided = append(undecided, fmt.Sprintf("playbook %s: step %d: %d more than %d were not looked at", p.Name, i+1, found.more, maxElements))
		}
	}
	return wants, undecided
}

// means tells whether the step is about a value: every one, or the one that it names.
func (s *step) means(value string) bool {
	if s.only.Value == "" {
		return true
	}
	t, err := respond.Target{Type: s.each.kind, Value: value}.Tidy()
	return err == nil && t == s.only
}
