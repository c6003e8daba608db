package sigma

import (
	"cmp"
	"slices"
	"strings"
)

// finder finds in one pass over a value the literals of all rules' guards. It looks at every four bytes (three for the
// shortest literals): a bit map tells at once that no literal holds them, which is so for nearly all; for the others the few
// literals that do are compared. An automaton over the same literals would need some hundred times the memory.
type finder struct {
	four, three [filterBits / 64]uint64
	byGram      map[uint32][]candidate
	shortest    bool // there are literals of three bytes
	whole       map[wholeKey][]int32
	asked       []int32 // fields that have whole values
}

// filterBits is the size of a bit map; both fit a first-level cache.
const filterBits = 1 << 16

// candidate is a literal, where in it the gram stands, and which rules it wakes in which field.
type candidate struct {
	text string
	at   int
	uses []use
}

type use struct {
	field int32
	rules []int32
}

type wholeKey struct {
	field int32
	text  string
}

func newFinder(wakes map[literal][]int32) finder {
	f := finder{byGram: map[uint32][]candidate{}, whole: map[wholeKey][]int32{}}
	byText := map[string][]use{}
	for l, rules := range wakes {
		if l.exact {
			f.whole[wholeKey{l.field, l.text}] = rules
			f.asked = append(f.asked, l.field)
			continue
		}
		byText[l.text] = append(byText[l.text], use{l.field, rules})
	}
	slices.Sort(f.asked)
	f.asked = slices.Compact(f.asked)
	texts := make([]string, 0, len(byText))
	seldom := map[uint32]int{}
	for text, uses := range byText {
		slices.SortFunc(uses, func(a, b use) int { return cmp.Compare(a.field, b.field) })
		texts = append(texts, text)
		for i := 0; i+4 <= len(text); i++ {
			seldom[gram(text[i:])]++
		}
	}
	slices.Sort(texts)
	for _, text := range texts {
		f.put(text, byText[text], seldom)
	}
	return f
}

// put files a literal under the gram that fewest others hold.
func (f *finder) put(text string, uses []use, seldom map[uint32]int) {
	if len(text) == 3 {
		f.shortest = true
		g := gram3(text)
		set(&f.three, g)
		f.byGram[g] = append(f.byGram[g], candidate{text, 0, uses})
		return
	}
	best := 0
	for i := 1; i+4 <= len(text); i++ {
		if seldom[gram(text[i:])] < seldom[gram(text[best:])] {
			best = i
		}
	}
	g := gram(text[best:])
	set(&f.four, g)
	f.byGram[g] = append(f.byGram[g], candidate{text, best, uses})
}

func gram(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// gram3 has a byte in front that no text of UTF-8 holds, so that it is no gram of four.
func gram3(s string) uint32 { return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | 0xff<<24 }

func bit(g uint32) uint32 { return g * 2654435761 >> 16 }

func set(m *[filterBits / 64]uint64, g uint32) { m[bit(g)/64] |= 1 << (bit(g) % 64) }

func has(m *[filterBits / 64]uint64, g uint32) bool { return m[bit(g)/64]>>(bit(g)%64)&1 != 0 }

// scan calls wake for the rules that a literal in the value wakes; mask is the value's fields, modulo 64.
func (f *finder) scan(s string, mask uint64, wake func(rules []int32)) {
	for i := 0; i+3 <= len(s); i++ {
		if i+4 <= len(s) {
			if g := gram(s[i:]); has(&f.four, g) {
				f.compare(s, i, g, mask, wake)
			}
		}
		if f.shortest {
			if g := gram3(s[i:]); has(&f.three, g) {
				f.compare(s, i, g, mask, wake)
			}
		}
	}
}

func (f *finder) compare(s string, i int, g uint32, mask uint64, wake func(rules []int32)) {
	for _, c := range f.byGram[g] {
		if i < c.at || !strings.HasPrefix(s[i-c.at:], c.text) {
			continue
		}
		for _, u := range c.uses {
			if mask>>(uint(u.field)&63)&1 != 0 {
				wake(u.rules)
			}
		}
	}
}
