package alert

import "slices"

// emit is one output of one thing to do.
type emit struct {
	out  *output
	todo int
}

// arrange puts the outputs of a plan in the order in which putAll would, so that no record's hits need be sorted.
func (pl *plan) arrange() {
	for i := range pl.todo {
		do := &pl.todo[i]
		if do.what != toEmit {
			continue
		}
		for k := range do.step.out {
			out := &do.step.out[k]
			pl.emits = append(pl.emits, emit{out, i})
			pl.mixed = pl.mixed || out.join != nil // whose parts are looked for among the hits
		}
	}
	pl.mixed = pl.mixed || len(pl.emits) > maxHits
	slices.SortStableFunc(pl.emits, func(a, b emit) int { return a.out.order - b.out.order })
}

// arranged makes the fields of a record of a known shape. It reports false, having made none, when a value of this record led
// to more than the plan tells: a document that a string holds. Such values are usual then, and it is not asked again.
func (w walker) arranged(root *tape, pl *plan) bool {
	if pl.mixed {
		return false
	}
	p := w.p
	p.values = p.values[:0]
	for i := range pl.todo {
		do := &pl.todo[i]
		value := ""
		if do.what != toEmit {
			w.do(root, do)
		} else if value = root.str(&root.nodes[do.node]); junk(value) {
			value = ""
		}
		p.values = append(p.values, value)
	}
	if len(p.hits) > 0 {
		p.hits, pl.mixed = p.hits[:0], true
		return false
	}
	for _, e := range pl.emits {
		if value := p.values[e.todo]; value != "" && (!e.out.slot.single() || !p.filled.has(e.out.slot)) {
			w.put(&hit{e.out, pl.todo[e.todo].path, value})
		}
	}
	return true
}
