package alert

import "slices"

// hit is a value found at one of a format's paths.
type hit struct {
	out   *output
	path  Path
	value string
}

const maxHits = 4 * MaxFields // of one alert

// span is a text that patterns and prose are searched for.
type span struct {
	path  Path
	text  string
	lower string // the text in lower case
	known bool   // lower is made
	ascii bool
}

// walker fills one alert from one record.
type walker struct {
	p *Parser
	a *Alert
	m *mapping
}

// fill maps the record below src into the alert.
func (p *Parser) fill(a *Alert, m *mapping, root *tape, src source) {
	p.hits, p.texts, p.filled = p.hits[:0], p.texts[:0], slotSet{}
	p.claimed = grown(p.claimed, len(root.nodes))
	w := walker{p, a, m}
	a.Format, a.Vendor, a.Product, a.Principal = m.format.Name, m.format.Vendor, m.format.Product, m.group
	w.mapped(root, src)
	mapped := len(p.hits)
	p.lower = p.lower[:0]
	for i := range m.texts {
		w.pattern(&m.texts[i])
	}
	if root != src.tape {
		w.harvest(src)
	}
	w.harvest(source{tape: root})
	w.putAll(mapped, len(p.hits))
	w.prose()
	w.settle()
	a.slots, a.slotted = p.filled, len(a.Fields)
}

// putAll makes fields of hits, in the order of the format's lists; of a slot with one value only the first counts.
func (w walker) putAll(from, to int) {
	for _, i := range w.p.order(w.p.hits[from:to]) {
		h := &w.p.hits[from+int(i)]
		if !h.out.slot.single() || !w.p.filled.has(h.out.slot) {
			w.put(h)
		}
	}
}

// order returns the indexes of hits in the order of the format's lists, of equals the first first. It counts: lists are short.
func (p *Parser) order(hits []hit) []uint16 {
	p.turn = slices.Grow(p.turn[:0], len(hits))[:len(hits)]
	var begin [64]uint16 // of each place in a list, the last one for all further ones
	for i := range hits {
		begin[min(hits[i].out.order, len(begin)-1)]++
	}
	at := uint16(0)
	for i, n := range begin {
		begin[i] = at
		at += n
	}
	far := begin[len(begin)-1]
	for i := range hits {
		b := &begin[min(hits[i].out.order, len(begin)-1)]
		p.turn[*b] = uint16(i)
		*b++
	}
	slices.SortStableFunc(p.turn[far:], func(a, b uint16) int { return hits[a].out.order - hits[b].out.order })
	return p.turn
}

// slotSet is a set of slots.
type slotSet [4]uint64

func (s *slotSet) has(x Slot) bool { return s[x>>6]&(1<<(x&63)) != 0 }
func (s *slotSet) add(x Slot)      { s[x>>6] |= 1 << (x & 63) }

// slotsOf are the slots of every entity type, of NoEntity those of any and of entityTypes none.
var slotsOf = typeSlots()

func typeSlots() (list [entityTypes + 1]slotSet) {
	for s := range 256 {
		if _, t := Slot(s).Entity(); t != NoEntity {
			list[t].add(Slot(s))
			list[NoEntity].add(Slot(s))
		}
	}
	return list
}

func grown(b []uint64, nodes int) []uint64 {
	n := (nodes + 63) / 64
	if cap(b) < n {
		return make([]uint64, n, 2*n)
	}
	b = b[:n]
	clear(b)
	return b
}

// walk visits the children of an object, or every element of an array. src tells the tape; its node is n.
func (w walker) walk(src *source, n uint32, s *step, fixed bool) {
	if s.leaf() {
		return
	}
	t := src.tape
	nd := &t.nodes[n]
	switch nd.kind {
	case kindObject:
		if len(s.filters) > 0 && w.p.plan != nil {
			w.p.plan.add(toFilter, n, s, "")
		} else if len(s.filters) > 0 {
			w.filters(src, n, s)
		}
		for c := n + 1; c < nd.next; {
			k := &t.nodes[c]
			if below, same := match(t, k, s); below != nil {
				w.visit(src, c, below, fixed && same && below.fixed)
				if s.any != nil && below != s.any {
					w.visit(src, c, s.any, false)
				}
			}
			c = k.next
		}
	case kindArray:
		i := 0
		if len(s.filters) > 0 && w.p.plan != nil {
			w.p.plan.add(toSibling, n, s, "")
		} else if len(s.filters) > 0 {
			w.siblings(src, n, s)
		}
		for c := n + 1; c < nd.next; c = t.nodes[c].next {
			if below := s.index[i]; below != nil {
				w.visit(src, c, below, false)
			}
			if t.nodes[c].kind >= kindString {
				w.walk(src, c, s, false)
			}
			i++
		}
	case kindString:
		if w.p.plan != nil {
			w.p.plan.add(toWalk, n, s, "")
			return
		}
		depth := w.p.depth
		text := t.str(nd)
		if !mayHold(text) {
			return
		}
		if in, ok := w.p.open(text, src.at(n).join()); ok {
			w.walk(&in, in.node, s, false)
			w.p.depth = depth
			w.claim(t, n)
		}
	case kindNull, kindFalse, kindTrue, kindNumber:
	}
}

// filters follows `[Type=account]` for an object that has such a key.
func (w walker) filters(src *source, n uint32, s *step) {
	t := src.tape
	for i := range s.filters {
		f := &s.filters[i]
		for c := n + 1; c < t.nodes[n].next; c = t.nodes[c].next {
			nd := &t.nodes[c]
			if nd.hash != f.hash || !sameKey(f.key, t.key(nd)) {
				continue
			}
			if at := within(t, c, f.within); at != nil && f.admits(t.str(at)) {
				w.walk(src, n, f.below, false)
			}
		}
	}
}

// within is the value below node n that the keys lead to; nil when there is none.
func within(t *tape, n uint32, keys []string) *node {
	for _, key := range keys {
		if t.nodes[n].kind != kindObject {
			return nil
		}
		end, c := t.nodes[n].next, n+1
		for c < end && !sameKey(key, t.key(&t.nodes[c])) {
			c = t.nodes[c].next
		}
		if c >= end {
			return nil
		}
		n = c
	}
	return &t.nodes[n]
}

// siblings follows `[3=THREAT]` for an array whose fourth element is that.
func (w walker) siblings(src *source, n uint32, s *step) {
	t := src.tape
	for i := range s.filters {
		f := &s.filters[i]
		at := 0
		for c := n + 1; c < t.nodes[n].next && at <= f.index; c = t.nodes[c].next {
			if at == f.index && f.admits(t.str(&t.nodes[c])) {
				w.walk(src, n, f.below, false)
			}
			at++
		}
	}
}

func (w walker) visit(src *source, n uint32, s *step, fixed bool) {
	t := src.tape
	nd := &t.nodes[n]
	if len(s.out) > 0 {
		switch nd.kind {
		case kindString, kindNumber, kindTrue, kindFalse:
			w.emit(src, n, s, fixed)
		case kindArray:
			for c := n + 1; c < nd.next; c = t.nodes[c].next {
				if k := t.nodes[c].kind; k != kindObject && k != kindArray && k != kindNull {
					w.emit(src, c, s, false)
				}
			}
		case kindNull, kindObject:
		}
	}
	if nd.kind >= kindString {
		w.walk(src, n, s, fixed)
	}
}

// emit notes the value of node n for every output of the step.
func (w walker) emit(src *source, n uint32, s *step, fixed bool) {
	var value string
	if w.p.plan == nil {
		if value = src.tape.str(&src.tape.nodes[n]); junk(value) {
			return
		}
	}
	var path Path
	if fixed && !src.held && s.fixed {
		path = s.path
	} else {
		path = src.at(n).join()
	}
	if w.p.plan != nil {
		w.p.plan.add(toEmit, n, s, path)
		return
	}
	w.take(src.tape, n, s, path, value)
}

// take notes the value of node n, which stands at path.
func (w walker) take(t *tape, n uint32, s *step, path Path, value string) {
	for i := range s.out {
		out := &s.out[i]
		if len(w.p.hits) >= maxHits {
			return
		}
		w.p.hits = append(w.p.hits, hit{out, path, value})
		if out.join == nil { // a part of a join is claimed by no one: the other parts may be missing
			w.claim(t, n)
		}
	}
}

func (w walker) claim(t *tape, n uint32) {
	if t == w.p.tapes[0] {
		w.p.claimed[n>>6] |= 1 << (n & 63)
	}
}

// put cleans a value and appends it as fields.
func (w walker) put(h *hit) {
	value := h.value
	trust := w.m.trust[h.out.slot]
	if h.out.found {
		trust = Attacker
	}
	if h.out.join != nil {
		w.joined(h)
		return
	}
	if h.out.re != nil {
		m := h.out.re.FindStringSubmatch(value)
		if m == nil || junk(m[1]) {
			return
		}
		value = m[1]
	}
	if h.out.clean == nil {
		w.field(h.out.slot, trust, h.path, value)
		return
	}
	w.p.part = part{w, h.out.slot, trust, h.path}
	h.out.clean(value, w.p.yield)
}

// part is what the parts of a value have in common.
type part struct {
	w     walker
	slot  Slot
	trust Trust
	path  Path
}

// takePart is the yield of every cleaner; the parser keeps it, so that none is made per value.
func (p *Parser) takePart(text string) {
	if !junk(text) {
		p.part.w.field(p.part.slot, p.part.trust, p.part.path, text)
	}
}

// field appends one value after normalising it for its slot; a value already there is not repeated. It reports whether the
// value is one of its kind.
func (w walker) field(slot Slot, trust Trust, path Path, value string) bool {
	if slot == SlotMessage || slot == SlotTitle {
		w.p.texts = append(w.p.texts, span{path: path, text: value})
	}
	was := slot
	slot, value, ok := normalise(slot, value, w.p.tapes[0])
	if !ok {
		return false
	}
	if _, typ := slot.Entity(); slot != was && typ == Host { // a name in an address's place, where a stranger's DNS may put any
		trust = min(trust, w.m.trust[slot])
	}
	if slot == SlotTime {
		t, err := w.time(value)
		if err != nil {
			return false // the next path may be one that can be read
		}
		if w.a.Time.IsZero() {
			w.a.Time = t
		}
	}
	w.add(Field{Slot: slot, Trust: trust, Path: path, Value: value})
	return true
}

func (w walker) add(f Field) {
	a := w.a
	if w.p.filled.has(f.Slot) {
		for i := range a.Fields {
			if a.Fields[i].Slot == f.Slot && a.Fields[i].Value == f.Value {
				return
			}
		}
	}
	w.p.filled.add(f.Slot)
	if len(a.Fields) >= MaxFields {
		if len(a.Gaps) == 0 || a.Gaps[len(a.Gaps)-1].Check != "fields" {
			a.Gaps = append(a.Gaps, Gap{Check: "fields", Class: Partial, Reason: "more than 256 values: the rest was not read"})
		}
		return
	}
	a.Fields = append(a.Fields, f)
}
