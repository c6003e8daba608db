package sigma

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Match is a rule that matches an alert.
type Match struct {
	Rule       *Rule
	Selections []string      // those that held, in the order of the condition
	Fields     []alert.Field // on which they matched; Value is the text, shortened around the match when it is long
}

// Match returns the rules that match the alert, in the order in which they were loaded. The fields hold copies of nothing: their
// strings are views into the alert.
func (s *Set) Match(a *alert.Alert) []Match {
	e := s.scratch.Get().(*event)
	defer e.release()
	var list []Match
	s.matching(e, a, func(r *rule) { list = append(list, s.explain(e, r)) })
	return list
}

// matching calls yield for each rule that matches.
func (s *Set) matching(e *event, a *alert.Alert, yield func(*rule)) {
	if len(s.rules) == 0 {
		return
	}
	e.read(a)
	e.classify()
	if !s.wake(e) {
		return
	}
	slices.Sort(e.rules)
	for _, id := range e.rules {
		if r := &s.rules[id]; e.holds(&r.when) && (!e.kinds.guessed || e.cites(&r.when)) {
			yield(r)
		}
	}
}

// cites tells whether an expression that holds rests on a value. Where the log source is a guess, what is missing may only be
// unsaid: a rule that matches on that alone does not count.
func (e *event) cites(x *expr) bool {
	switch x.op {
	case opAtom:
		return e.witness(&e.set.atoms[x.atom]) != nil
	case opAnd, opOr:
		for i := range x.kids {
			if e.holds(&x.kids[i]) && e.cites(&x.kids[i]) {
				return true
			}
		}
	case opNot:
	}
	return false
}

// wake collects the rules that can match: of a log source that fits, with a literal of their guard in the record, or without
// any guard.
func (s *Set) wake(e *event) bool {
	fit, words := false, false
	for i, src := range s.sources {
		e.wanted[i] = -1
		if e.kinds.fits(src) {
			e.wanted[i] = 1
			fit, words = true, words || s.words[i]
			e.rules = append(e.rules, s.always[i]...)
		}
	}
	if !fit {
		return false
	}
	wake := func(rules []int32) {
		for _, id := range rules {
			if e.woken[id] != e.run && e.wanted[s.rules[id].at] > 0 {
				e.woken[id] = e.run
				e.rules = append(e.rules, id)
			}
		}
	}
	for i := range e.leaves {
		v := &e.leaves[i]
		mask := v.mask
		if words && !v.whole {
			mask |= 1 << keywords
		}
		if mask != 0 {
			s.finder.scan(e.lower(v), mask, wake)
		}
	}
	for _, f := range s.finder.asked {
		for _, v := range e.values[f] {
			wake(s.finder.whole[wholeKey{f, e.lower(&e.leaves[v])}])
		}
	}
	return true
}

// holds evaluates an expression. An atom is asked once per record.
func (e *event) holds(x *expr) bool {
	switch x.op {
	case opAtom:
		got := &e.answers[x.atom]
		if *got>>1 != e.run {
			*got = e.run << 1
			if e.ask(&e.set.atoms[x.atom]) {
				*got |= 1
			}
		}
		return *got&1 != 0
	case opAnd:
		for i := range x.kids {
			if !e.holds(&x.kids[i]) {
				return false
			}
		}
		return true
	case opOr:
		for i := range x.kids {
			if e.holds(&x.kids[i]) {
				return true
			}
		}
		return false
	case opNot:
		return !e.holds(&x.kids[0])
	}
	return false
}

func (e *event) ask(a *atom) bool {
	list := e.values[a.field]
	switch a.kind {
	case asksNull:
		return len(list) == 0
	case asksPresent:
		return len(list) > 0
	case asksField:
		return e.refers(a, list) != nil
	case asksValue:
	}
	return e.witness(a) != nil
}

// witness returns the value that answers an atom with yes.
func (e *event) witness(a *atom) *leaf {
	if a.kind == asksField {
		return e.refers(a, e.values[a.field])
	}
	if a.field == keywords {
		for i := range e.leaves {
			if !e.leaves[i].whole && a.test.holds(e, &e.leaves[i]) {
				return &e.leaves[i]
			}
		}
		return nil
	}
	for _, v := range e.values[a.field] {
		if a.kind != asksValue || a.test.holds(e, &e.leaves[v]) {
			return &e.leaves[v]
		}
	}
	return nil
}

// refers returns a value of the field that equals, contains, begins or ends with a value of the other.
func (e *event) refers(a *atom, list []int32) *leaf {
	for _, i := range list {
		v := &e.leaves[i]
		for _, j := range e.values[a.other] {
			w := &e.leaves[j]
			x, y := v.value, w.value
			if !a.cased {
				x, y = e.lower(v), e.lower(w)
			}
			switch {
			case a.head && a.tail && strings.Contains(x, y),
				a.head && !a.tail && strings.HasPrefix(x, y),
				a.tail && !a.head && strings.HasSuffix(x, y),
				x == y:
				return v
			}
		}
	}
	return nil
}
