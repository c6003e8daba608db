package alert

import (
	"encoding/binary"
	mathbits "math/bits"
)

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

const (
	hashSeed = 0x9e3779b97f4a7c15
	hashMul  = 0xd6e8feb86659fd93
)

// foldHash hashes a key in lower case without inner underscores and dashes: srcIp, src_ip and SRC-IP meet, and some others
// by chance. It only proposes; whoever uses it compares the keys. tape.name computes the same while it scans.
func foldHash(key string) uint32 {
	var room [64]byte
	b := room[:0]
	if len(key) > len(room) {
		b = make([]byte, 0, len(key))
	}
	for i := range len(key) {
		if c := key[i]; i == 0 || c != '_' && c != '-' {
			b = append(b, c)
		}
	}
	h := uint64(hashSeed)
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h, binary.LittleEndian.Uint64(b)|lowers)
	}
	if len(b) > 0 {
		var last [8]byte
		n := copy(last[:], b)
		h = mix(h, (binary.LittleEndian.Uint64(last[:])|lowers)&(1<<(8*n)-1))
	}
	return uint32(h ^ h>>32)
}

// mix takes eight bytes of a key into its hash.
func mix(h, w uint64) uint64 {
	hi, lo := mathbits.Mul64(h^w, hashMul)
	return hi ^ lo
}

// sameKey reports whether two keys are equal in the sense of foldHash.
func sameKey(a, b string) bool {
	i, j := 0, 0
	for {
		for i > 0 && i < len(a) && (a[i] == '_' || a[i] == '-') {
			i++
		}
		for j > 0 && j < len(b) && (b[j] == '_' || b[j] == '-') {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		x, y := a[i], b[j]
		if x-'A' <= 25 {
			x |= 0x20
		}
		if y-'A' <= 25 {
			y |= 0x20
		}
		if x != y {
			return false
		}
		i, j = i+1, j+1
	}
}
