package estate

import "strings"

// pattern is a name with * for any text, folded.
type pattern struct {
	text  string
	whole bool // it tells of domains, so that it is held against whole spellings
	id    int32
}

func newPattern(s string, id int32) pattern {
	text := string(fold(nil, strings.TrimSpace(s)))
	return pattern{text, strings.ContainsAny(text, `.\@=`), id}
}

func isPattern(s string) bool { return strings.Contains(s, "*") }

func (p *pattern) fits(sp spelling) bool {
	name := sp.short
	if p.whole || len(name) == 0 {
		name = sp.full
	}
	return len(name) > 0 && glob(p.text, name)
}

// fitsAny tells whether the pattern covers one of an entry's names.
func (p *pattern) fitsAny(n names) bool {
	list := n.short
	if p.whole {
		list = n.full
	}
	for _, s := range list {
		if glob(p.text, []byte(s)) {
			return true
		}
	}
	return false
}

// glob compares a name with a pattern in which * is any text.
func glob(pattern string, name []byte) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && pattern[p] == name[n]:
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matching is the pattern that matters most of those that cover a name.
func matching(list []pattern, rank []uint8, sp spelling) (id int32, n int) {
	for i := range list {
		if p := &list[i]; p.fits(sp) && (n == 0 || rank[p.id] > rank[id]) {
			id, n = p.id, 1
		}
	}
	return id, n
}
