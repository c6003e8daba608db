package alert

import (
	"encoding/binary"
	mathbits "math/bits"
	"strings"
	"unsafe"
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

// path spells the way from the root to node n. It lies in the chunk.
func (t *tape) path(n uint32) Path {
	var room [maxDepth + 1]uint32
	way, size, escaped := room[:0], 0, false
	for ; n != 0 && len(way) < len(room); n = t.nodes[n].parent {
		nd := &t.nodes[n]
		way = append(way, n)
		size += 2*int(nd.keyEnd-nd.keyStart) + 12 // every byte escaped and a dot, or an index and a dot
		escaped = escaped || nd.keyEsc
	}
	if escaped { // reading such a key takes of the chunk too
		return Path(t.spell(nil, way))
	}
	t.reserve(size)
	at := len(t.chunk)
	t.chunk = t.spell(t.chunk, way)
	return Path(asString(t.chunk[at:]))
}

// spell appends the keys and indexes of a way, which begins at its end.
func (t *tape) spell(p []byte, way []uint32) []byte {
	for k := len(way) - 1; k >= 0; k-- {
		nd := &t.nodes[way[k]]
		if k < len(way)-1 {
			p = append(p, '.')
		}
		if t.nodes[nd.parent].kind == kindArray {
			p = appendInt(p, t.index(nd.parent, way[k]))
			continue
		}
		if key := t.key(nd); nd.dotted || strings.IndexByte(key, '\\') >= 0 || strings.IndexByte(key, '.') >= 0 {
			p = appendKey(p, key)
		} else {
			p = append(p, key...)
		}
	}
	return p
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
	h, word, used := uint64(hashSeed), uint64(0), 0 // used bits of the word are filled
	for i := 0; i < len(key); i += 8 {
		w, bits := load(key[i:])
		for {
			look := w
			if i == 0 {
				look = w&^0xff | 'x' // in front it is no gap
			}
			gaps := equal(look, '_') | equal(look, '-')
			if gaps == 0 {
				break
			}
			below := uint64(1)<<(mathbits.TrailingZeros64(gaps)&^7) - 1
			w = w&below | w>>8&^below
			bits -= 8
		}
		w |= lowers & (1<<bits - 1)
		word |= w << used
		if used += bits; used >= 64 {
			h = mix(h, word)
			used -= 64
			word = w >> (bits - used)
		}
	}
	if used > 0 {
		h = mix(h, word)
	}
	return uint32(h ^ h>>32)
}

// load returns the first eight bytes of a text, the first lowest, and how many bits they are.
func load(s string) (w uint64, bits int) {
	if len(s) >= 8 {
		return binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s), 8)), 64
	}
	for i := len(s) - 1; i >= 0; i-- {
		w = w<<8 | uint64(s[i])
	}
	return w, 8 * len(s)
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
