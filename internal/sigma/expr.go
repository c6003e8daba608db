package sigma

// op is what an expression does with its parts.
type op uint8

const (
	opAtom op = iota
	opAnd
	opOr
	opNot
)

// expr is a compiled condition: a tree over atoms, which are the same for all rules of a set.
type expr struct {
	op   op
	atom int32
	name string // the selection that this is, for people; empty inside one
	kids []expr
}

// join makes one expression of several.
func join(o op, kids []expr) expr {
	if len(kids) == 1 {
		return kids[0]
	}
	return expr{op: o, kids: kids}
}

func not(e expr) expr { return expr{op: opNot, kids: []expr{e}} }

// guard is a list of literals of which a record that matches holds at least one; nil when there is no such list.
type guard []literal

// literal is a text that a field must hold: as its whole value, or anywhere in it.
type literal struct {
	field int32
	exact bool
	text  string // in lower case
}

// minLiteral is the shortest text, in bytes, that the search for literals can find inside a value.
const minLiteral = 3

// guardOf returns the guard of an expression of least cost: the number of rules that its literals already wake.
func guardOf(e expr, atoms []atom, cost func(literal) int) guard {
	switch e.op {
	case opAtom:
		if l, ok := atoms[e.atom].literal(); ok {
			return guard{l}
		}
		return nil
	case opOr:
		var all guard
		for _, k := range e.kids {
			g := guardOf(k, atoms, cost)
			if g == nil {
				return nil
			}
			all = append(all, g...)
		}
		return all
	case opAnd:
		var best guard
		least := 0
		for _, k := range e.kids {
			g := guardOf(k, atoms, cost)
			if g == nil {
				continue
			}
			sum := 0
			for _, l := range g {
				sum += 1 + cost(l)
			}
			if best == nil || sum < least {
				best, least = g, sum
			}
		}
		return best
	case opNot:
	}
	return nil
}
