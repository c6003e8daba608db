package alert

// hit is a value found at one of a format's paths.
type hit struct {
	out   *output
	path  Path
	value string
}

type span struct {
	path Path
	text string
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
	w.walk(src, &m.tree, true)
	w.walk(source{tape: root}, &m.outer, true)
	mapped := len(p.hits)
	w.putAll(0, mapped)
	for _, pat := range m.texts {
		w.patterns(pat)
	}
	if root != src.tape {
		w.harvest(src)
	}
	w.harvest(source{tape: root})
	w.putAll(mapped, len(p.hits))
	w.prose()
	w.settle()
}

// putAll makes fields of hits, in the order of the format's lists; of a slot with one value only the first counts.
func (w walker) putAll(from, to int) {
	turn := w.p.turn[:0]
	for i := from; i < to; i++ {
		turn = append(turn, uint16(i))
		for j := len(turn) - 1; j > 0 && w.p.hits[turn[j]].out.order < w.p.hits[turn[j-1]].out.order; j-- {
			turn[j], turn[j-1] = turn[j-1], turn[j]
		}
	}
	w.p.turn = turn
	for _, i := range turn {
		h := &w.p.hits[i]
		if !h.out.slot.single() || !w.p.filled.has(h.out.slot) {
			w.put(h)
		}
	}
}

// slotSet is a set of slots.
type slotSet [4]uint64

func (s *slotSet) has(x Slot) bool { return s[x>>6]&(1<<(x&63)) != 0 }
func (s *slotSet) add(x Slot)      { s[x>>6] |= 1 << (x & 63) }

func grown(b []uint64, nodes int) []uint64 {
	n := (nodes + 63) / 64
	if cap(b) < n {
		return make([]uint64, n, 2*n)
	}
	b = b[:n]
	clear(b)
	return b
}

// walk visits the children of an object, or every element of an array.
func (w walker) walk(src source, s *step, fixed bool) {
	if s.leaf() {
		return
	}
	t := src.tape
	n := src.node
	nd := &t.nodes[n]
	switch nd.kind {
	case kindObject:
		w.filters(src, s)
		for c := n + 1; c < nd.next; c = t.nodes[c].next {
			below := match(t, &t.nodes[c], s)
			if below == nil {
				continue
			}
			same := fixed && below.fixed && below.key == t.key(&t.nodes[c])
			w.visit(src.at(c), below, same)
			if s.any != nil && below != s.any {
				w.visit(src.at(c), s.any, false)
			}
		}
	case kindArray:
		i := 0
		w.siblings(src, s)
		for c := n + 1; c < nd.next; c = t.nodes[c].next {
			at := src.at(c)
			if below := s.index[i]; below != nil {
				w.visit(at, below, false)
			}
			if k := t.nodes[c].kind; k == kindObject || k == kindArray || k == kindString {
				w.walk(at, s, false)
			}
			i++
		}
	case kindString:
		depth := w.p.depth
		if in, ok := w.p.open(t.str(nd), src.join()); ok {
			w.walk(in, s, false)
			w.p.depth = depth
			w.claim(t, n)
		}
	case kindNull, kindFalse, kindTrue, kindNumber:
	}
}

// filters follows `[Type=account]` for an object that has such a key.
func (w walker) filters(src source, s *step) {
	t, n := src.tape, src.node
	for i := range s.filters {
		f := &s.filters[i]
		for c := n + 1; c < t.nodes[n].next; c = t.nodes[c].next {
			nd := &t.nodes[c]
			if nd.hash != f.hash || !sameKey(f.key, t.key(nd)) {
				continue
			}
			if f.admits(t.str(nd)) {
				w.walk(src, f.below, false)
			}
		}
	}
}

// siblings follows `[3=THREAT]` for an array whose fourth element is that.
func (w walker) siblings(src source, s *step) {
	t, n := src.tape, src.node
	for i := range s.filters {
		f := &s.filters[i]
		at := 0
		for c := n + 1; c < t.nodes[n].next && at <= f.index; c = t.nodes[c].next {
			if at == f.index && f.admits(t.str(&t.nodes[c])) {
				w.walk(src, f.below, false)
			}
			at++
		}
	}
}

func (w walker) visit(src source, s *step, fixed bool) {
	t, n := src.tape, src.node
	nd := &t.nodes[n]
	if len(s.out) > 0 {
		switch nd.kind {
		case kindString, kindNumber, kindTrue, kindFalse:
			w.emit(src, s, fixed)
		case kindArray:
			for c := n + 1; c < nd.next; c = t.nodes[c].next {
				if k := t.nodes[c].kind; k != kindObject && k != kindArray && k != kindNull {
					w.emit(src.at(c), s, false)
				}
			}
		case kindNull, kindObject:
		}
	}
	w.walk(src, s, fixed)
}

// emit notes the value at src for every output of the step.
func (w walker) emit(src source, s *step, fixed bool) {
	t := src.tape
	value := t.str(&t.nodes[src.node])
	if junk(value) {
		return
	}
	var path Path
	if fixed && !src.held && s.fixed {
		path = s.path
	} else {
		path = src.join()
	}
	for i := range s.out {
		out := &s.out[i]
		if len(w.p.hits) >= 4*MaxFields {
			return
		}
		w.p.hits = append(w.p.hits, hit{out, path, value})
		if out.join == nil { // a part of a join is claimed by no one: the other parts may be missing
			w.claim(t, src.node)
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
	h.out.clean(value, func(part string) {
		if !junk(part) {
			w.field(h.out.slot, trust, h.path, part)
		}
	})
}

// field appends one value after normalising it for its slot; a value already there is not repeated. It reports whether the
// value is one of its kind.
func (w walker) field(slot Slot, trust Trust, path Path, value string) bool {
	if slot == SlotMessage || slot == SlotTitle {
		w.p.texts = append(w.p.texts, span{path, value})
	}
	was := slot
	slot, value, ok := normalise(slot, value)
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
