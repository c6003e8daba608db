package alert

// duplicates notes the keys that repeat within the object n, also when only their case differs. Readers of JSON
// disagree on which of two equal keys counts, so that a sender can show one value to the detector and another to us:
// the alert is ambiguous.
func (t *tape) duplicates(n uint32, count int) {
	if count <= 24 {
		t.duplicatesFew(n)
		return
	}
	if t.seen == nil {
		t.seen = make(map[uint64]int32, 64)
	}
	clear(t.seen)
	for c := n + 1; c < t.nodes[n].next; c = t.nodes[c].next {
		h := uint64(t.nodes[c].hash)
		for {
			o, ok := t.seen[h]
			if !ok {
				t.seen[h] = int32(c)
				break
			}
			if t.foldEqual(uint32(o), c) {
				t.duplicate(c)
				break
			}
			h += 1 << 32 // another key with the same hash
		}
	}
}

func (t *tape) duplicatesFew(n uint32) {
	end := t.nodes[n].next
	var bloom uint64 // a bit per hash: without two on one bit there is nothing to compare
	for c := n + 1; c < end; c = t.nodes[c].next {
		h := t.nodes[c].hash
		bit := uint64(1) << ((h ^ h>>7) & 63)
		if bloom&bit == 0 {
			bloom |= bit
			continue
		}
		for o := n + 1; o < c; o = t.nodes[o].next {
			if t.nodes[o].hash == h && t.foldEqual(o, c) {
				t.duplicate(c)
				break
			}
		}
	}
}

// foldEqual compares two keys without regard to ASCII case. Unlike sameKey it keeps underscores apart.
func (t *tape) foldEqual(a, b uint32) bool {
	x, y := t.key(&t.nodes[a]), t.key(&t.nodes[b])
	if len(x) != len(y) {
		return false
	}
	for i := range len(x) {
		c, d := x[i], y[i]
		if c-'A' <= 25 {
			c |= 0x20
		}
		if d-'A' <= 25 {
			d |= 0x20
		}
		if c != d {
			return false
		}
	}
	return true
}

func (t *tape) duplicate(c uint32) {
	if len(t.dups) < 16 {
		t.dups = append(t.dups, string(t.path(c)))
	}
}

// path spells the way from the root to node n.
func (t *tape) path(n uint32) Path {
	var way [maxDepth + 1]uint32
	k := 0
	for n != 0 && k < len(way) {
		way[k] = n
		k++
		n = t.nodes[n].parent
	}
	p := make([]byte, 0, 48)
	top := k - 1
	for k--; k >= 0; k-- {
		nd := &t.nodes[way[k]]
		if k < top {
			p = append(p, '.')
		}
		if t.nodes[nd.parent].kind == kindArray {
			p = appendInt(p, t.index(nd.parent, way[k]))
			continue
		}
		p = appendKey(p, t.key(nd))
	}
	return Path(p)
}

// index returns the position of child c within the array n.
func (t *tape) index(n, c uint32) int {
	i := 0
	for k := n + 1; k < c; k = t.nodes[k].next {
		i++
	}
	return i
}
