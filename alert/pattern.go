package alert

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// pattern reads values out of free text: an expression whose groups are named like slots, with a double underscore for the dot
// and one underscore inside names: (?P<source__ip>...). Whoever can write into the text can write what a pattern finds, so
// that these values are trusted no more than harvested ones.
type pattern struct {
	re    *regexp.Regexp
	slots []Slot
	needs []string // of these one stands in every match, in lower case; none when that is not known
}

func compilePattern(expr string, names map[string]Slot) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return pattern{}, err
	}
	p := pattern{re: re, needs: needs(expr)}
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

func (w walker) pattern(p *pattern) {
	for i := range w.p.texts {
		s := &w.p.texts[i]
		if !w.mayMatch(p, s) {
			continue
		}
		m, path := p.re.FindStringSubmatch(s.text), s.path
		for g, slot := range p.slots {
			if slot != NoSlot && m != nil && !junk(m[g]) {
				w.field(slot, Attacker, path, m[g])
			}
		}
	}
}

// mayMatch rules out, cheaply, most texts that a pattern does not match.
func (w walker) mayMatch(p *pattern, s *span) bool {
	if len(p.needs) == 0 {
		return true
	}
	if !s.known {
		from := len(w.p.lower)
		w.p.lower, s.ascii = appendLower(w.p.lower, s.text)
		s.lower, s.known = asString(w.p.lower[from:]), true
	}
	return !s.ascii || slices.ContainsFunc(p.needs, func(lit string) bool { return strings.Contains(s.lower, lit) })
}

// needs returns texts of which one stands, whatever its case, in everything ASCII that an expression matches; none when it cannot tell.
func needs(expr string) []string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	return literals(re)
}

func literals(re *syntax.Regexp) (best []string) {
	switch op := re.Op; {
	case op == syntax.OpLiteral:
		if slices.ContainsFunc(re.Rune, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return nil
		}
		return []string{strings.ToLower(string(re.Rune))}
	case op == syntax.OpCapture, op == syntax.OpPlus:
		return literals(re.Sub[0])
	case op == syntax.OpConcat:
		for _, sub := range re.Sub {
			if list := literals(sub); shortest(list) > shortest(best) {
				best = list
			}
		}
	case op == syntax.OpAlternate:
		for _, sub := range re.Sub {
			list := literals(sub)
			if len(list) == 0 {
				return nil
			}
			best = append(best, list...)
		}
	}
	return best // none of anything else: it may match without any text that is known
}

// shortest is the length of the shortest text, 0 when there is none.
func shortest(list []string) int {
	n := 0
	for i, s := range list {
		if i == 0 || len(s) < n {
			n = len(s)
		}
	}
	return n
}
