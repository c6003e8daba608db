package alert

import (
	"bytes"
	"hash/maphash"
	"strings"
)

// A shape is a record without its values: keys, nesting and the kinds of values. One product sends few shapes many times, and
// which of a record's nodes a format's paths meet depends on the shape alone: that is found out once and kept. Shapes are
// compared byte for byte, so that what is kept never changes an answer.
type shape struct {
	keys   []byte
	m      *mapping // the format the record was read by when todo was made
	node   uint32   // and where it began
	todo   []todo   // in the order of the walk
	full   bool     // there was more to do than is kept
	leaves []leaf
	proofs [4]proofs // of the places asked first
}

// leaf is a value as the harvest sees it.
type leaf struct {
	node uint32
	out  *output // what its keys mean
	asks bool    // that depends on another value
}

// proofs are what recognition looks at below a node.
type proofs struct {
	node uint32
	done bool
	list []proof
}

// todo is one thing to do for every record of a shape.
type todo struct {
	what todoKind
	node uint32
	step *step
	path Path
}

type todoKind uint8

const (
	toEmit todoKind = iota
	toWalk          // what lies below depends on the value: a document held by a string
	toFilter
	toSibling
)

const (
	maxShape = 4096 // bytes of a shape that is kept
	maxTodo  = 512
)

// shapes keeps the shapes of one parser. A shape is kept when it comes the second time.
type shapes struct {
	seed maphash.Seed
	once [1024]uint32
	kept [128]*shape
}

// of returns the shape, nil for one that is not kept. An attacker who sends ever new shapes makes the parser as slow as without them,
// and no larger than the bounds above.
func (s *shapes) of(keys []byte) *shape {
	if len(keys) > maxShape {
		return nil
	}
	h := maphash.Bytes(s.seed, keys)
	slot := &s.kept[h%uint64(len(s.kept))]
	if *slot != nil && bytes.Equal((*slot).keys, keys) {
		return *slot
	}
	if once := &s.once[h>>8%uint64(len(s.once))]; *once != uint32(h>>32) {
		*once = uint32(h >> 32)
		return nil
	}
	*slot = &shape{keys: bytes.Clone(keys)}
	return *slot
}

// plan notes a thing to do instead of doing it, while a shape is walked for the first time.
func (sh *shape) plan(what todoKind, n uint32, s *step, path Path) {
	if sh.full = sh.full || len(sh.todo) >= maxTodo; !sh.full {
		sh.todo = append(sh.todo, todo{what, n, s, Path(strings.Clone(string(path)))})
	}
}

// mapped walks the record below src, or does what its shape says.
func (w walker) mapped(root *tape, src source) {
	sh := w.p.shape
	if sh != nil && src.tape == root && (sh.m != w.m || sh.node != src.node) {
		sh.m, sh.node, sh.todo, sh.full = w.m, src.node, sh.todo[:0], false
		w.p.plan = sh
		w.both(root, src)
		w.p.plan = nil
	}
	if sh == nil || src.tape != root || sh.full {
		w.both(root, src)
		return
	}
	at := source{tape: root}
	for i := range sh.todo {
		switch do := &sh.todo[i]; do.what {
		case toEmit:
			if value := root.str(&root.nodes[do.node]); !junk(value) {
				w.take(root, do.node, do.step, do.path, value)
			}
		case toWalk:
			w.walk(&at, do.node, do.step, false)
		case toFilter:
			w.filters(&at, do.node, do.step)
		case toSibling:
			w.siblings(&at, do.node, do.step)
		}
	}
}

// both walks the format's tree from where the product's record begins and, for paths with a leading slash, from the root.
func (w walker) both(root *tape, src source) {
	w.walk(&src, src.node, &w.m.tree, true)
	w.walk(&source{tape: root}, 0, &w.m.outer, true)
}

// leavesOf returns the values of the shape. A null is one too: nobody reads it.
func (sh *shape) leavesOf(t *tape, names *nameTable) []leaf {
	if sh.leaves == nil {
		for i := range t.nodes {
			if t.nodes[i].kind < kindObject {
				out, asks := names.means(t, uint32(i))
				sh.leaves = append(sh.leaves, leaf{uint32(i), out, asks})
			}
		}
	}
	return sh.leaves
}

// find recognises the record at node n.
func (p *Parser) find(t *tape, n uint32) int {
	r := &p.set.rec
	if p.shape != nil && t == p.tapes[0] {
		for i := range p.shape.proofs {
			at := &p.shape.proofs[i]
			if !at.done {
				*at = proofs{n, true, r.walk(t, n, &r.tree, nil)}
			}
			if at.node == n {
				return r.find(t, at.list)
			}
		}
	}
	p.proofs = r.walk(t, n, &r.tree, p.proofs[:0])
	return r.find(t, p.proofs)
}
