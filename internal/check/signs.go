package check

import "strings"

// sign is a set of habits of hiding text, seen by literals that go with them.
// Source: those of decoder.
type sign uint8

const (
	escapes sign = 1 << iota
	joins
	templates
	characters
	hexes
	octals
	backwards
)

type signFinder struct {
	finder *finder
	means  []sign
}

func newSigns() *signFinder {
	signs := []struct {
		means    sign
		literals []string
	}{
		{escapes, []string{`""`, "''"}},
		{joins, []string{"'+", `"+`, "' +", `" +`}},
		{templates, []string{"{0}"}},
		{characters, []string{"[char", "chr(", "chrw(", ",0x", ", 0x", "char]"}},
		{hexes, []string{`\x`, "xxd", "unhex", "hex("}},
		{octals, []string{`\0`, `\1`}},
		{backwards, []string{"[-1..-", "reverse", "| rev", "|rev"}},
	}
	f := &signFinder{}
	var words []string
	for _, s := range signs {
		for _, l := range s.literals {
			words, f.means = append(words, l), append(f.means, s.means)
		}
	}
	f.finder = newFinder(plainWords(words))
	return f
}

// in returns the signs in a text. Escape characters alone need no table.
func (f *signFinder) in(text string) (seen sign) {
	if strings.IndexByte(text, '^') >= 0 || strings.IndexByte(text, '`') >= 0 {
		seen = escapes
	}
	f.finder.each(text, func(id, _ int) { seen |= f.means[id] })
	return seen
}
