package alert

import (
	mathbits "math/bits"
	"strings"
)

// distrustQuotes takes the trust from a detection's name or title that quotes a value an attacker can choose: rules of many products put
// the file, user or address at hand into their text, and what reads such text may not lower.
func (a *Alert) distrustQuotes() {
	var in pairs
	last := ""
	for i := range a.Fields {
		if f := &a.Fields[i]; f.quotable() && f.Value != last { // name and title are often one
			last = f.Value
			in.add(last)
		}
	}
	var may fieldSet // the fields that some text may quote
	for i := range a.Fields {
		if f := &a.Fields[i]; f.Trust == Attacker && in.end(f.Value) {
			may.add(i)
		}
	}
	if may == (fieldSet{}) {
		return
	}
	for i := range a.Fields {
		if f := &a.Fields[i]; f.quotable() && a.quotesAny(f, &may) {
			f.Trust = Attacker
			may.add(i)
		}
	}
}

// quotesAny tells whether f quotes a field of the set that is something else.
func (a *Alert) quotesAny(f *Field, set *fieldSet) bool {
	for word, left := range set {
		for ; left != 0; left &= left - 1 {
			if o := &a.Fields[word<<6+mathbits.TrailingZeros64(left)]; o.Slot != f.Slot && quotes(f.Value, o.Value) {
				return true
			}
		}
	}
	return false
}

// fieldSet is a set of an alert's fields, by index.
type fieldSet [MaxFields / 64]uint64

func (s *fieldSet) add(i int) { s[i>>6] |= 1 << (i & 63) }

// quotable tells the trusted texts that a rule may have made of what it saw.
func (f *Field) quotable() bool {
	return f.Trust != Attacker && (f.Slot == SlotRuleName || f.Slot == SlotTitle || f.Slot == SlotThreat || f.Slot == SlotCategory)
}

// pairs is a set of pairs of neighbouring bytes, by hash.
type pairs [16]uint64

func (p *pairs) add(text string) {
	for i := 1; i < len(text); i++ {
		h := pairHash(text[i-1], text[i])
		p[h>>6] |= 1 << (h & 63)
	}
}

// end rules out, for most values, that a text of the set quotes the value: both the value and the last element of a path end with it.
func (p *pairs) end(v string) bool {
	if len(v) < minQuote {
		return false
	}
	for i := len(v) - 1; i > 0 && i > len(v)-10; i-- {
		if i <= len(v)-minQuote && (v[i-1] == '/' || v[i-1] == '\\') {
			break // the last element begins here
		}
		if h := pairHash(v[i-1], v[i]); p[h>>6]&(1<<(h&63)) == 0 {
			return false
		}
	}
	return true
}

func pairHash(a, b byte) uint32 { return (uint32(a)<<5 ^ uint32(b)) & 1023 }

// minQuote is the length from which on a value counts as quoted: shorter ones stand anywhere by chance.
const minQuote = 4

// quotes tells whether a text holds a value, or the last element of a path.
func quotes(text, value string) bool {
	if len(value) < minQuote {
		return false
	}
	if len(value) <= len(text) && strings.Contains(text, value) {
		return true
	}
	i := lastElement(value)
	return i > 1 && len(value)-i >= minQuote && len(value)-i <= len(text) && strings.Contains(text, value[i:])
}

// lastElement is where the last element of a path begins.
func lastElement(v string) int {
	i := len(v)
	for i > 0 && v[i-1] != '/' && v[i-1] != '\\' {
		i--
	}
	return i
}
