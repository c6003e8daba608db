// Package match finds many literals in a text in one pass, whatever the case of their ASCII letters. It knows nothing of records:
// what a hit means is for its caller to find out.
//
// Every literal is looked for by one stretch of it, the one that the data at hand has least of. Of the text only every second, fourth or
// eighth position is looked at: any stretch of so many bytes and three more covers one of them, with four bytes behind it that are in a table.
// What is found there is compared. That needs no more of a processor than loads and one multiplication, which do not wait for
// each other; a classic skip table is a chain of loads that do.
//
// Start with New and Set.Find. A Set is safe for concurrent use.
package match

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Shortest is the least number of bytes that a literal may have.
const Shortest = 3

// Literal is what is looked for.
type Literal struct {
	Text string
	// Head and Tail say that no word may go on before and behind it: 10.0.5.1 is not met in 10.0.5.14.
	Head, Tail bool
}

// Hit is where a literal stands: At is its first byte in the text, Literal its index among those of New.
type Hit struct{ At, Literal int }

// Set is literals made ready.
type Set struct {
	literals []Literal // in lower case
	classes  []class
}

// New makes literals ready. Those shorter than Shortest are never found. The sample says what the data has much of; nil: nothing is known.
func New(literals []Literal, sample *Sample) *Set {
	s := &Set{literals: make([]Literal, len(literals))}
	for _, stride := range strides {
		s.classes = append(s.classes, class{stride: stride})
	}
	for i, l := range literals {
		l.Text = lowerText(l.Text)
		s.literals[i] = l
		if len(l.Text) < Shortest {
			continue
		}
		if len(l.Text) == gram && l.Head {
			s.classes[classOf(gram+1)].addShort(l.Text, i)
			continue
		}
		c := &s.classes[classOf(len(l.Text))]
		c.add(l.Text, i, sample.rarest(l.Text, c.stride))
	}
	s.classes = slices.DeleteFunc(s.classes, func(c class) bool { return len(c.entries) == 0 })
	for i := range s.classes {
		s.classes[i].build()
	}
	return s
}

// Longest is how many bytes the longest literal has.
func (s *Set) Longest() (n int) {
	for i := range s.literals {
		n = max(n, len(s.literals[i].Text))
	}
	return n
}

// Find appends to hits where the literals stand in the text, in order of their place.
func (s *Set) Find(hits []Hit, text []byte) []Hit {
	from := len(hits)
	for i := range s.classes {
		hits = s.classes[i].scan(s.literals, hits, text)
	}
	slices.SortFunc(hits[from:], func(a, b Hit) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Literal, b.Literal)) })
	return hits
}

// strides are how far apart the looks of a class are. A literal belongs to the first whose stretch, three bytes longer than that, it holds.
var strides = [...]int{8, 4, 2, 1}

const gram = 4 // bytes looked at

func classOf(n int) int {
	for i, stride := range strides {
		if n >= stride+gram-1 {
			return i
		}
	}
	return len(strides) - 1
}

// class is the literals of about one length.
type class struct {
	stride  int
	entries []entry  // by bucket
	buckets []int32  // where each begins in entries, and the end
	table   []uint64 // by hash a bit: an entry may be there
	shift   uint
	short   bool // some literal is shorter than a gram
}

// entry is one gram of a literal.
type entry struct {
	gram    uint32 // folded
	literal int32
	off     int32 // of the gram in the literal; -1: it begins before it
}

const (
	fold       = 0x20202020 // makes letters lower case, and of other bytes something that is compared later
	multiplier = 0x9E3779B1
	tableMax   = 1 << 21 // bits
	bucketBits = 12
)

// add enters the grams of the stretch of a literal that begins at its byte from.
func (c *class) add(text string, literal, from int) {
	if len(text) < gram { // with any byte behind it
		c.short = true
		met := map[uint32]bool{}
		for b := range 256 {
			g := binary.LittleEndian.Uint32([]byte{text[0], text[1], text[2], byte(b)}) | fold
			if !met[g] {
				met[g] = true
				c.entries = append(c.entries, entry{g, int32(literal), 0})
			}
		}
		return
	}
	for off := from; off < from+c.stride; off++ {
		g := binary.LittleEndian.Uint32([]byte(text[off:])) | fold
		c.entries = append(c.entries, entry{g, int32(literal), int32(off)})
	}
}

// addShort enters a literal of one gram that must begin a word, as if it were one byte longer: with every byte that may stand before it.
func (c *class) addShort(text string, literal int) {
	c.entries = append(c.entries, entry{binary.LittleEndian.Uint32([]byte(text)) | fold, int32(literal), 0})
	met := map[uint32]bool{}
	for b := range 256 {
		if Word(byte(b)) && !endsEscape(byte(b)) {
			continue
		}
		if g := binary.LittleEndian.Uint32([]byte{byte(b), text[0], text[1], text[2]}) | fold; !met[g] {
			met[g] = true
			c.entries = append(c.entries, entry{g, int32(literal), -1})
		}
	}
}

// build makes the table. It is as large as keeps chance hits seldom, as small as keeps it in the nearest cache.
func (c *class) build() {
	size, bits := 1<<bucketBits, uint(bucketBits)
	for size < 64*len(c.entries) && size < tableMax {
		size, bits = size*2, bits+1
	}
	c.shift = 32 - bits
	c.table = make([]uint64, tableMax/64)
	slices.SortStableFunc(c.entries, func(a, b entry) int { return cmp.Compare(bucketOf(a.gram), bucketOf(b.gram)) })
	c.buckets = make([]int32, 1<<bucketBits+1)
	for _, e := range c.entries {
		h := e.gram * multiplier >> c.shift
		c.table[h/64] |= 1 << (h % 64)
		c.buckets[bucketOf(e.gram)+1]++
	}
	for i := 1; i < len(c.buckets); i++ {
		c.buckets[i] += c.buckets[i-1]
	}
}

func bucketOf(g uint32) uint32 { return g * multiplier >> (32 - bucketBits) }

// scan looks at every stride-th position, four of them in a row.
func (c *class) scan(literals []Literal, hits []Hit, text []byte) []Hit {
	table := (*[tableMax / 64]uint64)(c.table[:tableMax/64])
	p, stride, shift := 0, c.stride, c.shift&31
	for rest := text; len(rest) >= 4*8+gram; rest = rest[4*stride:] {
		g0 := binary.LittleEndian.Uint32(rest) | fold
		g1 := binary.LittleEndian.Uint32(rest[stride:]) | fold
		g2 := binary.LittleEndian.Uint32(rest[2*stride:]) | fold
		g3 := binary.LittleEndian.Uint32(rest[3*stride:]) | fold
		h0, h1, h2, h3 := g0*multiplier>>shift, g1*multiplier>>shift, g2*multiplier>>shift, g3*multiplier>>shift
		if table[h0/64%(tableMax/64)]&(1<<(h0%64)) != 0 {
			hits = c.compare(literals, hits, text, p, g0)
		}
		if table[h1/64%(tableMax/64)]&(1<<(h1%64)) != 0 {
			hits = c.compare(literals, hits, text, p+stride, g1)
		}
		if table[h2/64%(tableMax/64)]&(1<<(h2%64)) != 0 {
			hits = c.compare(literals, hits, text, p+2*stride, g2)
		}
		if table[h3/64%(tableMax/64)]&(1<<(h3%64)) != 0 {
			hits = c.compare(literals, hits, text, p+3*stride, g3)
		}
		p += 4 * stride
	}
	for ; p+gram <= len(text); p += stride {
		hits = c.look(literals, hits, text, p)
	}
	if n := len(text) - Shortest; c.short && n >= 0 { // the last bytes, with nothing behind them
		g := binary.LittleEndian.Uint32([]byte{text[n], text[n+1], text[n+2], 0})
		hits = c.compare(literals, hits, text, n, g|fold)
	}
	return hits
}

// look compares what may stand around one position.
func (c *class) look(literals []Literal, hits []Hit, text []byte, p int) []Hit {
	g := binary.LittleEndian.Uint32(text[p:]) | fold
	if h := g * multiplier >> c.shift; c.table[h/64]&(1<<(h%64)) == 0 {
		return hits
	}
	return c.compare(literals, hits, text, p, g)
}

func (c *class) compare(literals []Literal, hits []Hit, text []byte, p int, g uint32) []Hit {
	b := bucketOf(g)
	for _, e := range c.entries[c.buckets[b]:c.buckets[b+1]] {
		if e.gram != g {
			continue
		}
		l := &literals[e.literal]
		at := p - int(e.off)
		if at < 0 || at+len(l.Text) > len(text) || !equal(text[at:], l.Text) ||
			l.Head && !Begins(text, at) || l.Tail && !Ends(text, at+len(l.Text)) {
			continue
		}
		hits = append(hits, Hit{at, int(e.literal)})
	}
	return hits
}
