package rules

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/interpreter"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// weight is what a matching deny rule brings: it alone lifts an alert far over any usual base rate.
const weight = 4000

// maxReceipts bounds the receipts of one signal.
const maxReceipts = 8

// activation gives an expression its variables.
type activation struct{ sensor, alert view }

// ResolveName finds a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case sensorVar:
		return &a.sensor, true
	case alertVar:
		return &a.alert, true
	}
	return nil, false
}

// Parent is none.
func (a *activation) Parent() interpreter.Activation { return nil }

func (p *program) holds(a *activation) (bool, error) {
	out, _, err := p.eval.Eval(a)
	if err != nil {
		return false, err
	}
	yes, _ := out.Value().(bool) // the checker lets nothing else through
	return yes, nil
}

// Name is the check's name.
func (s *Set) Name() string { return "rules" }

// Check notes a hard signal for each deny rule that matches. A value that the alert lacks makes a rule not match; a
// condition that fails otherwise (too costly, not an address) counts as matched, or an attacker could make it fail.
func (s *Set) Check(a *alert.Alert, note func(triage.Signal)) {
	if s == nil || len(s.deny) == 0 {
		return
	}
	act := s.bind(a)
	defer s.free(act)
	for i := range s.deny {
		yes, err := s.deny[i].program.holds(act)
		var lacking missing
		if errors.As(err, &lacking) || err == nil && !yes {
			continue
		}
		note(s.deny[i].signal(act, err))
	}
}

// signal is what a deny rule says about an alert. failed is the error that its condition ended in.
func (c *compiled) signal(act *activation, failed error) triage.Signal {
	sentence := fmt.Sprintf("policy rule %q matches", c.Name)
	if failed != nil {
		sentence = fmt.Sprintf("policy rule %q could not be decided and counts as matched", c.Name)
	}
	if c.Reason != "" {
		sentence += ": " + strings.TrimSuffix(c.Reason, ".")
	}
	s := triage.Note("rules", triage.Rules, weight, sentence, "", c.program.fields(act)...)
	s.Hard = true
	return s
}

// fields are the values that the rule read, or the field that names the detection when it read none.
func (p *program) fields(act *activation) []*alert.Field {
	var list []*alert.Field
	for _, r := range p.reads {
		v := &act.sensor
		if r.any {
			v = &act.alert
		}
		for f := range v.fields(r.slot) {
			if len(list) < maxReceipts {
				list = append(list, f)
			}
		}
	}
	for _, s := range [...]alert.Slot{alert.SlotRuleName, alert.SlotRuleID, alert.SlotTitle} {
		if f := act.alert.first(s); len(list) == 0 && f != nil {
			list = append(list, f)
		}
	}
	if fields := act.alert.a.Fields; len(list) == 0 && len(fields) > 0 {
		list = append(list, &fields[0])
	}
	return list
}

// Match returns what the first allow rule that matches says, nil when none does; a rule that may close goes before one
// that only marks. An alert that could not be read whole is never allowed: what a rule finds absent might be there.
func (s *Set) Match(a *alert.Alert) *triage.Allowance {
	if s == nil || len(s.allow) == 0 || len(a.Ambiguous) > 0 || len(a.Gaps) > 0 {
		return nil
	}
	act := s.bind(a)
	defer s.free(act)
	for i := range s.allow {
		if yes, err := s.allow[i].program.holds(act); err == nil && yes {
			return s.allow[i].allowance
		}
	}
	return nil
}

// bind makes the variables ready for an alert; free gives them back.
func (s *Set) bind(a *alert.Alert) *activation {
	act, ok := s.spare.Get().(*activation)
	if !ok {
		act = new(activation)
	}
	act.sensor, act.alert = view{a, alert.Sensor}, view{a, alert.Attacker}
	return act
}

func (s *Set) free(act *activation) {
	*act = activation{}
	s.spare.Put(act)
}
