package alert

import (
	"encoding/binary"
	mathbits "math/bits"
	"slices"
	"unicode/utf8"
)

// A skeleton is the text of a record without its values: what stands in front of each and behind the last, blanks included. A
// record whose text follows a skeleton byte for byte, with a valid value in every place, has the nodes that the skeleton's record
// had; only the values differ. So it need not be scanned again.
type skeleton struct {
	gaps  []string // the text in front of each value, the opening quote of a string included, and behind the last
	spots []uint32 // the nodes of the values; a null is none, it belongs to the gap
	other []*shape // where to go on when the gap is not found: the next shape whose skeleton is the same up to there
	nodes []node
	dups  []string
	tried bool // it was made, if it is not too large
	known bool // it can be found from the root, or never will
}

const (
	maxGaps  = 8 << 10 // bytes of gaps that are kept for one shape
	maxSpots = 512
)

// newSkeleton takes the skeleton of the record on the tape. It is empty when the record is too large.
func newSkeleton(t *tape) (sk skeleton) {
	if len(t.nodes) > maxSpots || t.nodes[0].kind != kindObject {
		return sk
	}
	var spots []uint32
	text := int(t.nodes[0].end - t.nodes[0].start)
	for i := range t.nodes {
		if nd := &t.nodes[i]; nd.kind != kindNull && nd.kind < kindObject {
			spots = append(spots, uint32(i))
			text -= int(nd.end - nd.start)
		}
	}
	if text > maxGaps {
		return sk
	}
	sk = skeleton{spots: spots, other: make([]*shape, len(spots)+1), nodes: slices.Clone(t.nodes), dups: slices.Clone(t.dups)}
	all, from := make([]byte, 0, text), t.nodes[0].start // the gaps lie side by side
	gap := func(to uint32) {
		at := len(all)
		all = append(all, t.text[from:to]...)
		sk.gaps = append(sk.gaps, asString(all[at:]))
	}
	for _, n := range spots {
		gap(t.nodes[n].start)
		from = t.nodes[n].end
	}
	gap(t.nodes[0].end)
	return sk
}

// plant makes the skeleton of a shape known, that of the record on the tape when there is none yet. All that are known form a tree:
// a skeleton hangs at the first gap in which it differs from the one above. When there are too many, all are forgotten and the
// shapes that still come are planted again.
func (s *shapes) plant(sh *shape, t *tape) {
	if !sh.tried {
		sh.skeleton = newSkeleton(t)
		sh.tried = true
	}
	if len(sh.gaps) > 0 && s.planted == len(s.kept) {
		s.forget()
	}
	if sh.known = true; len(sh.gaps) == 0 {
		return
	}
	s.planted++
	at, k := &s.root, 0
	for *at != nil {
		o := *at
		for k < len(o.gaps) && k < len(sh.gaps) && o.gaps[k] == sh.gaps[k] {
			k++
		}
		if k == len(o.gaps) {
			return
		}
		at = &o.other[k]
	}
	*at = sh
}

func (s *shapes) forget() {
	s.root, s.planted = nil, 0
	for _, sh := range s.kept {
		if sh != nil {
			clear(sh.other)
			sh.known = false
		}
	}
}

// follow reads text along the skeletons that are known and returns the shape of the one that fits, and what scan would return. With
// none that fits it returns nil and the text has to be scanned.
func (s *shapes) follow(t *tape, text []byte) (*shape, int) {
	sh := s.root
	if sh == nil {
		return nil, 0
	}
	i := blanks(text, 0)
	for k := 0; k < len(sh.gaps); {
		end := -1
		if gap := sh.gaps[k]; len(text)-i >= len(gap) && string(text[i:i+len(gap)]) == gap {
			end = sh.read(text, i+len(gap), k)
		}
		if end >= 0 {
			i = end
			k++
			continue
		}
		next := sh.other[k]
		if next == nil {
			return nil, 0
		}
		next.adopt(sh, k)
		sh = next
	}
	if i = blanks(text, i); i < len(text) && !utf8.Valid(text[i:]) {
		return nil, 0
	}
	t.text, t.nodes, t.keys, t.dups, t.used = text, sh.nodes, sh.keys, sh.dups, len(sh.keys)
	return sh, i
}

// adopt takes over the first k values from a skeleton that is the same up to there.
func (sk *skeleton) adopt(from *shape, k int) {
	for _, n := range sk.spots[:k] {
		nd, o := &sk.nodes[n], &from.nodes[n]
		nd.start, nd.end, nd.kind, nd.esc = o.start, o.end, o.kind, o.esc
	}
}

// read reads the value behind gap k, which begins at byte i, and returns its end without the quote, -1 when it is no value of the
// kind that stands there. No text fits two skeletons: a gap that goes on where another ends goes on with a bracket, a quote or a
// null, none of which begins a number or a truth.
func (sk *skeleton) read(text []byte, i, k int) int {
	if k == len(sk.spots) {
		return i
	}
	nd := &sk.nodes[sk.spots[k]]
	if nd.kind == kindString {
		end, esc := body(text, i)
		if end >= 0 {
			nd.start, nd.end, nd.esc = uint32(i), uint32(end), esc
		}
		return end
	}
	if i >= len(text) || text[i] != '-' && text[i]-'0' > 9 && text[i] != 't' && text[i] != 'f' {
		return -1
	}
	kind, end, err := literal(text, i)
	if err != nil {
		return -1
	}
	nd.start, nd.end, nd.kind = uint32(i), uint32(end), kind
	return end
}

// body is str for a text that may be invalid UTF-8, -1 for what is no string. Sequences of eight bytes that are all ASCII need no
// further look.
func body(b []byte, i int) (end int, esc bool) {
	high, from := uint64(0), i
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		stop := stops(w)
		if stop == 0 {
			high |= w
			i += 8
			continue
		}
		n := mathbits.TrailingZeros64(stop)
		high |= w & (uint64(1)<<(n&^7) - 1)
		i += n >> 3
		switch {
		case b[i] == '"' && high&highs != 0 && !utf8.Valid(b[from:i]):
			return -1, false
		case b[i] == '"':
			return i, esc
		case b[i] != '\\':
			return -1, false
		}
		next, err := escape(b, i)
		if err != nil {
			return -1, false
		}
		i, esc = next, true
	}
	end, more, err := str(b, i)
	if err != nil || !utf8.Valid(b[from:end]) {
		return -1, false
	}
	return end, esc || more
}
