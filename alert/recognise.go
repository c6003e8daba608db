package alert

import (
	"cmp"
	"fmt"
	mathbits "math/bits"
	"slices"
	"strings"
)

// condition is one term of a detect line: `path` (is there), `!path` (is not), `path=a|b` (equals), `path^=a` (begins
// with), `path~a` (contains). Values compare without regard to case. Terms are joined by ` & `.
type condition struct {
	path   string
	op     byte // 'e' exists, '=', '^', '~'
	values []string
	not    bool
}

func parseConditions(line string) ([]condition, error) {
	var list []condition
	for term := range strings.SplitSeq(line, " & ") {
		term = strings.TrimSpace(term)
		c := condition{op: 'e'}
		if c.not = strings.HasPrefix(term, "!"); c.not {
			term = term[1:]
		}
		c.path = term
		if i := operator(term); i > 0 {
			c.path, c.op = term[:i], term[i]
			val := term[i+1:]
			if c.op == '^' {
				val = strings.TrimPrefix(val, "=")
			}
			c.values = strings.Split(strings.ToLower(val), "|")
			if slices.Contains(c.values, "") {
				return nil, fmt.Errorf("%q: an empty value, which every text would begin with and hold", line)
			}
		}
		if c.path == "" {
			return nil, fmt.Errorf("%q: a term without a path", line)
		}
		if i := strings.IndexByte(c.path, '['); i >= 0 && strings.IndexByte(c.path[i:], '=') >= 0 {
			return nil, fmt.Errorf("%q: a filter is for fields, not for detection", line)
		}
		list = append(list, c)
	}
	return list, nil
}

// operator finds the first operator outside brackets.
func operator(term string) int {
	depth := 0
	for i := range len(term) {
		switch c := term[i]; {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case depth == 0 && (c == '=' || c == '~' || c == '^' && strings.HasPrefix(term[i:], "^=")):
			return i
		}
	}
	return 0
}

// holds asks a value in lower case.
func (c *condition) holds(value string) bool {
	if c.op == 'e' {
		return true
	}
	for _, v := range c.values {
		if c.op == '=' && value == v || c.op == '^' && strings.HasPrefix(value, v) || c.op == '~' && strings.Contains(value, v) {
			return true
		}
	}
	return false
}

// cond is a condition placed at the end of its path, numbered.
type cond struct {
	condition
	bit int
}

type bits [32]uint64

func (b *bits) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b *bits) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// recogniser finds the format of a record: one tree of all conditions of all formats, walked once.
type recogniser struct {
	tree  step
	alts  []alternative // in order of rank, then name
	byKey [][]int       // the alternatives, ascending, by the condition that fewest others share
	nbits int
}

type alternative struct {
	format    int
	rank      int
	name      string
	want, not []int
}

func (r *recogniser) add(format int, h header) error {
	for _, line := range h.detect {
		conds, err := parseConditions(line)
		if err != nil {
			return fmt.Errorf("format %s: key detect: %w", h.file, err)
		}
		alt := alternative{format: format, rank: h.rank, name: h.name}
		for _, c := range conds {
			s, err := r.tree.grow(c.path)
			if err != nil {
				return fmt.Errorf("format %s: key detect: %w", h.file, err)
			}
			bit := r.bit(s, c)
			if bit >= len(bits{})*64 {
				return fmt.Errorf("format %s: more than %d detect terms in all", h.file, bit)
			}
			if c.not {
				alt.not = append(alt.not, bit)
			} else {
				alt.want = append(alt.want, bit)
			}
		}
		r.alts = append(r.alts, alt)
	}
	return nil
}

// order puts the alternatives in the order in which they are asked: lower rank first, then by name.
func (r *recogniser) order() {
	slices.SortStableFunc(r.alts, func(a, b alternative) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.name, b.name))
	})
	shared := make([]int, r.nbits)
	for i := range r.alts {
		for _, w := range r.alts[i].want {
			shared[w]++
		}
	}
	r.byKey = make([][]int, r.nbits)
	for i := range r.alts {
		key := -1
		for _, w := range r.alts[i].want {
			if key < 0 || shared[w] < shared[key] {
				key = w
			}
		}
		if key >= 0 {
			r.byKey[key] = append(r.byKey[key], i)
		}
	}
}

// bit returns the number of the condition, the same for equal conditions.
func (r *recogniser) bit(s *step, c condition) int {
	for _, o := range s.conds {
		if o.op == c.op && slices.Equal(o.values, c.values) {
			return o.bit
		}
	}
	s.conds = append(s.conds, cond{condition: c, bit: r.nbits})
	r.nbits++
	return r.nbits - 1
}

// find returns the number of the format whose conditions hold, or -1. list says where any of them are.
func (r *recogniser) find(t *tape, list []proof) int {
	var b bits
	for _, at := range list {
		r.prove(t, at.node, at.step, &b)
	}
	best := len(r.alts)
	for word, set := range b {
		for ; set != 0; set &= set - 1 {
			for _, i := range r.byKey[word<<6+mathbits.TrailingZeros64(set)] {
				if i < best && r.alts[i].holds(&b) {
					best = i
				}
			}
		}
	}
	if best == len(r.alts) {
		return -1
	}
	return r.alts[best].format
}

func (a *alternative) holds(b *bits) bool {
	for _, w := range a.want {
		if !b.has(w) {
			return false
		}
	}
	for _, w := range a.not {
		if b.has(w) {
			return false
		}
	}
	return true
}

// proof is a node that some conditions ask for.
type proof struct {
	node uint32
	step *step
}

// walk appends the proofs below node n.
func (r *recogniser) walk(t *tape, n uint32, s *step, list []proof) []proof {
	nd := &t.nodes[n]
	switch nd.kind {
	case kindObject:
		for c := n + 1; c < nd.next; c = t.nodes[c].next {
			if below, _ := match(t, &t.nodes[c], s); below != nil {
				list = r.visit(t, c, below, list)
			}
		}
	case kindArray:
		i := 0
		for c := n + 1; c < nd.next && i < max(8, s.reach); c = t.nodes[c].next {
			if below := s.index[i]; below != nil {
				list = r.visit(t, c, below, list)
			} else {
				list = r.walk(t, c, s, list)
			}
			i++
		}
	case kindNull, kindFalse, kindTrue, kindNumber, kindString:
	}
	return list
}

func (r *recogniser) visit(t *tape, n uint32, s *step, list []proof) []proof {
	kind := t.nodes[n].kind
	if len(s.conds) > 0 && kind != kindNull {
		list = append(list, proof{n, s})
	}
	if kind >= kindObject && !s.leaf() {
		list = r.walk(t, n, s, list)
	}
	return list
}

func (r *recogniser) prove(t *tape, n uint32, s *step, b *bits) {
	nd := &t.nodes[n]
	s.prove(t.str(nd), b)
	if nd.kind == kindArray {
		for e := n + 1; e < nd.next; e = t.nodes[e].next {
			s.prove(t.str(&t.nodes[e]), b)
		}
	}
}

// prove sets the conditions that a value here fulfils.
func (s *step) prove(value string, b *bits) {
	if value != "" {
		value = strings.ToLower(value)
	}
	for i := range s.conds {
		if c := &s.conds[i]; c.holds(value) {
			b.set(c.bit)
		}
	}
}

// match returns the step for a child, entering a key that holds dots step by step, and whether the child's key is the step's to the byte.
func match(t *tape, nd *node, s *step) (below *step, same bool) {
	if s.keys.mask&(1<<(nd.hash>>26)) != 0 {
		if c, same := s.keys.probe(nd.hash, t.key(nd)); c != nil {
			return c, same
		}
	}
	if nd.dotted {
		return matchDotted(t.key(nd), s), false
	}
	return s.any, false
}

func matchDotted(key string, s *step) *step {
	for s != nil && key != "" {
		if s.keys.mask == 0 {
			return s.any
		}
		word, rest := key, ""
		if i := strings.IndexByte(key, '.'); i >= 0 {
			word, rest = key[:i], key[i+1:]
		}
		next := s.keys.find(foldHash(word), word)
		if next == nil {
			return s.any
		}
		s, key = next, rest
	}
	return s
}
