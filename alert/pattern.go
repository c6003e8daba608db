package alert

import (
	"regexp"
	"strings"
)

// pattern reads values out of free text: an expression whose groups are named like slots, with a double underscore for the dot
// and one underscore inside names: (?P<source__ip>...). Whoever can write into the text can write what a pattern finds, so
// that these values are trusted no more than harvested ones.
type pattern struct {
	re    *regexp.Regexp
	slots []Slot
	lit   string // a literal that every match holds
}

func compilePattern(expr string, names map[string]Slot) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return pattern{}, err
	}
	p := pattern{re: re}
	p.lit, _ = re.LiteralPrefix()
	for _, g := range re.SubexpNames() {
		slot := NoSlot
		if g != "" {
			name := strings.ReplaceAll(g, "__", ".")
			var ok bool
			if slot, ok = names[name]; !ok {
				return pattern{}, errNoSlot(name, names)
			}
		}
		p.slots = append(p.slots, slot)
	}
	return p, nil
}

func (w walker) patterns(p pattern) {
	for _, s := range w.p.texts {
		if p.lit != "" && !strings.Contains(s.text, p.lit) {
			continue
		}
		m := p.re.FindStringSubmatch(s.text)
		for g, slot := range p.slots {
			if slot != NoSlot && m != nil && !junk(m[g]) {
				w.field(slot, Attacker, s.path, m[g])
			}
		}
	}
}
