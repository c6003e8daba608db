package sigma

import (
	"slices"

	"github.com/seed-959697dd/soc/alert"
)

// Bounds of what a match cites.
const (
	maxCited = 4
	maxPart  = 160 // bytes of one text
)

// explain says on what a rule matched: the first way in which its condition holds.
func (s *Set) explain(e *event, r *rule) Match {
	m := Match{Rule: &r.Rule}
	e.cite(&r.when, &m)
	if len(m.Fields) == 0 { // it matched on what is not there: cite what told the log source
		for _, f := range [...]int32{fieldEventID, fieldEventSource, fieldOperation, fieldCommand, fieldImage} {
			if list := e.values[f]; len(m.Fields) == 0 && len(list) > 0 {
				e.quote(&e.leaves[list[0]], 0, 0, &m)
			}
		}
	}
	return m
}

// cite walks down the parts of an expression that hold. What is denied has no receipt.
func (e *event) cite(x *expr, m *Match) {
	if x.name != "" && !slices.Contains(m.Selections, x.name) {
		m.Selections = append(m.Selections, x.name)
	}
	switch x.op {
	case opAnd:
		for i := range x.kids {
			e.cite(&x.kids[i], m)
		}
	case opOr:
		for i := range x.kids {
			if e.holds(&x.kids[i]) {
				e.cite(&x.kids[i], m)
				return
			}
		}
	case opAtom:
		a := &e.set.atoms[x.atom]
		v := e.witness(a)
		if v == nil {
			return
		}
		start, end := 0, 0
		switch t := a.test.(type) {
		case *pattern:
			if text := e.lower(v); len(text) == len(v.value) {
				start, end = t.find(text)
			}
		case expression:
			if at := t.FindStringIndex(v.value); at != nil {
				start, end = at[0], at[1]
			}
		}
		e.quote(v, start, end, m)
	case opNot:
	}
}

// quote adds a field: a long text is cut to what lies around start and end.
func (e *event) quote(v *leaf, start, end int, m *Match) {
	if v.value == "" || len(m.Fields) >= maxCited {
		return
	}
	f := alert.Field{Path: e.path(v), Trust: alert.Attacker, Value: around(v.value, start, end)}
	known := func(k alert.Field) bool { return k.Path == f.Path }
	if slices.ContainsFunc(m.Fields, func(k alert.Field) bool { return known(k) && k.Value == f.Value }) {
		return
	}
	if i := slices.IndexFunc(e.alert.Fields, known); i >= 0 {
		f.Slot, f.Trust = e.alert.Fields[i].Slot, e.alert.Fields[i].Trust
	}
	m.Fields = append(m.Fields, f)
}

// around returns at most maxPart bytes of s, those from start to end among them as far as they fit.
func around(s string, start, end int) string {
	if len(s) <= maxPart {
		return s
	}
	from := max(0, start-(maxPart-min(maxPart, end-start))/2)
	from = runeStart(s, min(from, len(s)-maxPart))
	to := runeStart(s, min(len(s), from+maxPart))
	return s[from:to]
}
