package check

import (
	"bytes"
	"math/bits"
	"strings"
)

// Source: none of its own: how rules are matched, not what they know.

// found is where a rule matched: text[from:to].
type found struct {
	*rule
	index    int
	from, to int
}

// match calls yield for every rule that matches, in the order of the table. It is asked about texts that mean nothing all day:
// those cost one pass of the finder.
func (set *ruleset) match(text string, yield func(found)) {
	if !set.ready.Load() {
		set.prepare()
	}
	var woken [maxRules / 64]uint64
	set.finder.each(text, func(id, _ int) {
		for _, r := range set.wakes[id] {
			woken[r>>6] |= 1 << (r & 63)
		}
	})
	if woken != [maxRules / 64]uint64{} {
		set.judge(text, &woken, yield)
	}
}

// all are the rules that match, none being the usual answer.
func (set *ruleset) all(text string) []found {
	var room [8]found
	list := room[:0]
	set.match(text, func(f found) { list = append(list, f) })
	if len(list) == 0 {
		return nil
	}
	return append(make([]found, 0, len(list)), list...)
}

// silent tells whether no rule matches.
func (set *ruleset) silent(text string) bool {
	silent := true
	set.match(text, func(found) { silent = false })
	return silent
}

// judge looks at the rules that were noticed.
func (set *ruleset) judge(text string, woken *[maxRules / 64]uint64, yield func(found)) {
	if !set.led(text, woken) {
		return
	}
	var room [shortText]byte
	s := sight{set: set, low: lowered(text, &room)}
	if len(text) > shortText {
		s.readAll()
	}
	for w, word := range woken {
		for ; word != 0; word &= word - 1 {
			r := w*64 + bits.TrailingZeros64(word)
			p := &set.plans[r]
			if !s.holds(p) {
				continue
			}
			f := found{rule: &set.rules[r], index: r}
			if p.then != nil {
				m := p.then().find(text, s.low)
				if m == nil {
					continue
				}
				f.from, f.to = m[0], m[1]
			} else {
				f.from, f.to = s.span(p)
			}
			yield(f)
		}
	}
}

// led forgets the rules whose match would have to begin with a sign that the text does not hold, and tells whether any are left.
func (set *ruleset) led(text string, woken *[maxRules / 64]uint64) (left bool) {
	for w, word := range woken {
		for ; word != 0; word &= word - 1 {
			lead := set.plans[w*64+bits.TrailingZeros64(word)].lead
			if lead != 0 && strings.IndexByte(text, lead) < 0 {
				woken[w] &^= word & -word
			} else {
				left = true
			}
		}
	}
	return left
}

// shortText is up to which length, in bytes, a text is searched for each literal that a rule asks for; of a longer one all literals
// are found in one pass.
const shortText = 512

// lowered is the text in lower case, in room when it fits.
func lowered(text string, room *[shortText]byte) []byte {
	low := room[:0]
	if len(text) > len(room) {
		low = make([]byte, 0, len(text))
	}
	low = append(low, text...)
	for i, c := range low {
		low[i] = lowerASCII(c)
	}
	return low
}

// sight is what is known about the literals in one text.
type sight struct {
	set   *ruleset
	low   []byte
	known [maxLiterals / 64]uint64
	there [maxLiterals / 64]uint64
	all   bool
}

func (s *sight) readAll() {
	s.all = true
	s.set.machine().each(s.low, func(id int32, end int) {
		if stands(&s.set.literals[id], s.low, end) {
			s.there[id>>6] |= 1 << (id & 63)
		}
	})
}

func (s *sight) has(id int32) bool {
	bit := uint64(1) << (id & 63)
	if !s.all && s.known[id>>6]&bit == 0 {
		s.known[id>>6] |= bit
		if s.first(id) >= 0 {
			s.there[id>>6] |= bit
		}
	}
	return s.there[id>>6]&bit != 0
}

// first is the index behind the first place of a literal, -1 when it has none.
func (s *sight) first(id int32) int {
	l := &s.set.literals[id]
	var room [64]byte
	word := append(room[:0], l.word...)
	for at := 0; ; {
		i := bytes.Index(s.low[at:], word)
		if i < 0 {
			return -1
		}
		if end := at + i + len(word); stands(l, s.low, end) {
			return end
		}
		at += i + 1
	}
}

func (s *sight) holds(p *plan) bool {
	for _, term := range p.terms {
		if !s.anyOf(term) {
			return false
		}
	}
	return !s.anyOf(p.not)
}

func (s *sight) anyOf(ids []int32) bool {
	for _, id := range ids {
		if s.has(id) {
			return true
		}
	}
	return false
}

// span is the piece of the text that holds the first occurrence of every term, widened to whole words.
func (s *sight) span(p *plan) (from, to int) {
	from = len(s.low)
	for _, term := range p.terms {
		for _, id := range term {
			if s.has(id) {
				end := s.first(id)
				from, to = min(from, end-len(s.set.literals[id].word)), max(to, end)
				break
			}
		}
	}
	for from > 0 && !blank(s.low[from-1]) && to-from < maxSpan {
		from--
	}
	for to < len(s.low) && !blank(s.low[to]) && to-from < maxSpan {
		to++
	}
	return from, to
}

// maxSpan bounds how far a receipt is widened, in bytes.
const maxSpan = 120

func blank(c byte) bool { return c <= ' ' }

// inWord tells whether c, beside a literal, makes it part of a longer word. In front of a word a dot or a hyphen does
// too ("example.net" is not the command net); behind it a dot does not ("net.exe").
func inWord(c byte, front bool) bool {
	switch {
	case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '_', c >= 0x80, c == '-':
		return true
	}
	return front && c == '.'
}
