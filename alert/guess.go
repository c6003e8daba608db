package alert

import "slices"

// guess is what recognition needs to know below one node of a shape: which formats are possible at all, and what decides between
// them. It is made once from the keys; only the conditions on values are asked for every record.
type guess struct {
	node    uint32
	done    bool
	looked  bool     // inner is known
	inner   []uint32 // the children that may be envelopes
	tests   []test
	answers []answer // to the tests, for the record at hand
	asked   []asked  // the values
	formats []possible
}

// test is a condition that depends on values, by their numbers in the guess.
type test struct {
	cond   *cond
	values []int
}

// asked is a value that conditions ask: where it stands and, once it is known, what it is in lower case.
type asked struct {
	node  uint32
	known bool
	lower string
}

type answer uint8

const (
	unasked answer = iota
	yes
	no
)

// possible is an alternative that the keys leave: its format, and the tests that must hold and must not.
type possible struct {
	format    int
	want, not []int
}

// find recognises the record at node n: the number of its format, or -1.
func (p *Parser) find(t *tape, n uint32) int {
	r := &p.set.rec
	g := p.guess(t, n)
	if g == nil {
		p.proofs = r.walk(t, n, &r.tree, p.proofs[:0])
		return r.find(t, p.proofs)
	}
	p.lower = p.lower[:0]
	return g.decide(p)
}

// guess returns what is known of node n of the record's shape, nil when nothing is kept.
func (p *Parser) guess(t *tape, n uint32) *guess {
	if p.shape == nil || len(p.shape.gaps) == 0 || t != p.tapes[0] { // what has no skeleton is too large, or too new
		return nil
	}
	for i := range p.shape.guesses {
		g := &p.shape.guesses[i]
		if !g.done {
			r := &p.set.rec
			*g = guess{node: n, done: true}
			r.narrow(g, t, r.walk(t, n, &r.tree, nil))
		}
		if g.node == n {
			return g
		}
	}
	return nil
}

// decide asks the values of the record at hand.
func (g *guess) decide(p *Parser) int {
	clear(g.answers)
	for i := range g.asked {
		g.asked[i].known = false
	}
	for i := range g.formats {
		if f := &g.formats[i]; g.admits(p, f) {
			return f.format
		}
	}
	return -1
}

// narrow keeps what the proofs leave to be found out.
func (r *recogniser) narrow(g *guess, t *tape, list []proof) {
	var given, asked bits
	number := map[int]int{} // of the test of a condition
	for _, at := range list {
		values := g.values(t, at.node)
		for i := range at.step.conds {
			c := &at.step.conds[i]
			if c.op == 'e' {
				given.set(c.bit)
				continue
			}
			if !asked.has(c.bit) {
				asked.set(c.bit)
				number[c.bit] = len(g.tests)
				g.tests = append(g.tests, test{cond: c})
			}
			ts := &g.tests[number[c.bit]]
			ts.values = append(ts.values, values...)
		}
	}
	g.answers = make([]answer, len(g.tests))
	for i := range r.alts {
		f := possible{format: r.alts[i].format}
		if !f.narrow(&r.alts[i], &given, &asked, number) {
			continue
		}
		if g.formats = append(g.formats, f); len(f.want)+len(f.not) == 0 {
			return // those behind it are never asked
		}
	}
}

// values numbers what a condition on node n asks: its value, or each of its elements.
func (g *guess) values(t *tape, n uint32) (list []int) {
	nd := &t.nodes[n]
	if k := nd.kind; k != kindNull && k < kindObject {
		g.asked = append(g.asked, asked{node: n})
		return []int{len(g.asked) - 1}
	}
	for e := n + 1; nd.kind == kindArray && e < nd.next; e = t.nodes[e].next {
		if k := t.nodes[e].kind; k != kindNull && k < kindObject {
			list = append(list, len(g.asked))
			g.asked = append(g.asked, asked{node: e})
		}
	}
	return list
}

// narrow takes over what of an alternative is still open, and tells whether it can hold at all.
func (f *possible) narrow(a *alternative, given, asked *bits, number map[int]int) bool {
	for _, w := range a.want {
		switch {
		case given.has(w):
		case asked.has(w):
			f.want = append(f.want, number[w])
		default:
			return false
		}
	}
	for _, w := range a.not {
		switch {
		case given.has(w):
			return false
		case asked.has(w):
			f.not = append(f.not, number[w])
		}
	}
	return len(a.want) > 0
}

func (g *guess) admits(p *Parser, f *possible) bool {
	for _, i := range f.want {
		if !g.holds(p, i) {
			return false
		}
	}
	return !slices.ContainsFunc(f.not, func(i int) bool { return g.holds(p, i) })
}

func (g *guess) holds(p *Parser, i int) bool {
	if g.answers[i] == unasked {
		ts := &g.tests[i]
		g.answers[i] = no
		for _, v := range ts.values {
			if ts.cond.holds(g.asked[v].text(p)) {
				g.answers[i] = yes
				break
			}
		}
	}
	return g.answers[i] == yes
}

// text is the value in lower case, in the parser's memory.
func (a *asked) text(p *Parser) string {
	if !a.known {
		t, from := p.tapes[0], len(p.lower)
		p.lower, _ = appendLower(p.lower, t.str(&t.nodes[a.node]))
		a.lower, a.known = asString(p.lower[from:]), true
	}
	return a.lower
}
