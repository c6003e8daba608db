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
	skeleton
	keys    []byte
	plans   [4]plan // of the formats that read such records last
	made    int     // plans, the oldest of which gives way
	leaves  []leaf
	guesses [4]guess // of the places asked first
}

// plan is what a format does with every record of a shape.
type plan struct {
	m      *mapping
	node   uint32 // where the product's record begins
	todo   []todo // in the order of the walk
	full   bool   // there was more to do than is kept
	emits  []emit // of todo, in the order in which fields are made
	mixed  bool   // values were found that are not in emits: fields are made in the order of hits
	rest   []leaf // of the shape's leaves, those that are left when todo has been done
	sifted bool   // rest is made
}

// leaf is a value as the harvest sees it.
type leaf struct {
	node uint32
	out  *output // what its keys mean
	asks bool    // that depends on another value
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
	maxTodo  = 256
)

// shapes keeps the shapes of one parser. A shape is kept when it comes the second time, and its skeleton the third.
type shapes struct {
	seed    maphash.Seed
	once    [1024]uint32
	kept    [128]*shape
	root    *shape // of the skeletons that are known
	planted int    // how many they are
}

// of returns the shape of a tape just scanned, nil for one that is not kept. An attacker who sends ever new shapes makes the parser as
// slow as without them, and no larger than the bounds above.
func (s *shapes) of(t *tape) *shape {
	keys := t.keys[:t.used]
	if len(keys) > maxShape {
		return nil
	}
	h := maphash.Bytes(s.seed, keys)
	slot := &s.kept[h%uint64(len(s.kept))]
	if *slot != nil && bytes.Equal((*slot).keys, keys) {
		if !(*slot).known {
			s.plant(*slot, t)
		}
		return *slot
	}
	if once := &s.once[h>>8%uint64(len(s.once))]; *once != uint32(h>>32) {
		*once = uint32(h >> 32)
		return nil
	}
	*slot = &shape{keys: bytes.Clone(keys)}
	return *slot
}

// add notes a thing to do instead of doing it, while a shape is walked for the first time.
func (pl *plan) add(what todoKind, n uint32, s *step, path Path) {
	if pl.full = pl.full || len(pl.todo) >= maxTodo; !pl.full {
		pl.todo = append(pl.todo, todo{what, n, s, Path(strings.Clone(string(path)))})
	}
}

// mapped makes fields of the record below src by the format's paths: of what a walk finds, or of what the plan for its shape says.
func (w walker) mapped(root *tape, src source) {
	p := w.p
	p.arranged = nil
	if p.shape == nil || src.tape != root {
		w.both(root, src)
	} else if pl := w.planned(root, src); pl.full {
		w.both(root, src)
	} else if w.arranged(root, pl) {
		p.arranged = pl
		return
	} else {
		for i := range pl.todo {
			w.do(root, &pl.todo[i])
		}
	}
	w.putAll(0, len(p.hits))
}

// planned returns the plan for the record's shape.
func (w walker) planned(root *tape, src source) *plan {
	sh := w.p.shape
	for i := range sh.plans {
		if pl := &sh.plans[i]; pl.m == w.m && pl.node == src.node {
			return pl
		}
	}
	pl := &sh.plans[sh.made%len(sh.plans)]
	sh.made++
	*pl = plan{m: w.m, node: src.node}
	w.p.plan = pl
	w.both(root, src)
	w.p.plan = nil
	pl.arrange()
	return pl
}

func (w walker) do(root *tape, do *todo) {
	at := source{tape: root}
	switch do.what {
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

// both walks the format's tree from where the product's record begins and, for paths with a leading slash, from the root.
func (w walker) both(root *tape, src source) {
	w.walk(&src, src.node, &w.m.tree, true)
	w.walk(&source{tape: root}, 0, &w.m.outer, true)
}

// leaves returns the values of a shape that the harvest has to look at.
func (w walker) leaves(t *tape, sh *shape) []leaf {
	if sh.leaves == nil {
		for i := range t.nodes {
			if t.nodes[i].kind < kindObject { // a null is one too: nobody reads it
				out, asks := w.p.set.names.means(t, uint32(i))
				sh.leaves = append(sh.leaves, leaf{uint32(i), out, asks})
			}
		}
	}
	pl := w.p.arranged
	if pl == nil {
		return sh.leaves
	}
	if !pl.sifted {
		pl.rest, pl.sifted = w.sift(t, sh, pl), true
	}
	return pl.rest
}

// sift leaves out the values that a path claims in every record of the shape, unless they are junk, and those of which the harvest
// makes nothing whatever they are.
func (w walker) sift(t *tape, sh *shape, pl *plan) []leaf {
	claimed := map[uint32]bool{}
	for i := range pl.todo {
		do := &pl.todo[i]
		claimed[do.node] = claimed[do.node] || do.what == toEmit && do.step.claims()
	}
	var rest []leaf
	for _, l := range sh.leaves {
		kind := t.nodes[l.node].kind
		nothing := kind == kindNull || !l.asks && (l.out == nil && kind != kindString || l.out != nil && l.out.slot != SlotTime && !w.wanted(l.out.slot))
		if !nothing && !claimed[l.node] {
			rest = append(rest, l)
		}
	}
	return rest
}
