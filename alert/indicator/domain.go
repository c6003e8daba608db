package indicator

import (
	"strings"
	"unicode/utf8"
)

// maxName is how long a domain may be, in bytes; a label has up to 63.
const maxName = 253

// domainEnd returns where the domain that the chain is ends, 0 when it is none. A word that is joined to it by a dash or by
// the dot of the sentence before is left out: example.com-based.
func (c *chain) domainEnd(b []byte) int {
	if c.n < 2 || c.n > maxLabels {
		return 0
	}
	last := c.last()
	to := c.topLevel(b, last)
	if to == 0 && c.n > 2 && sentence(b, c.labels[c.n-2], last) {
		c.n--
		last = c.last()
		c.to = last.to
		to = c.topLevel(b, last)
	}
	if to == 0 {
		return 0
	}
	size := to - last.from
	for i, l := range c.labels[:c.n-1] {
		size += l.len() + 1
		if l.len() > 63 || b[l.from] == '-' || b[l.to-1] == '-' || l.some&above != 0 && !utf8.Valid(b[l.from:l.to]) {
			return 0
		}
		if i == c.n-2 && (l.some == dash || l.some&dash != 0 && strings.IndexByte(string(b[l.from:l.to]), '_') >= 0) {
			return 0 // underscores are for services, not for what somebody registered
		}
	}
	if size > maxName {
		return 0
	}
	return to
}

// topLevel returns the end of the top-level domain that a label is or begins with, else 0.
func (c *chain) topLevel(b []byte, l label) int {
	text := b[l.from:l.to]
	if isTLD(text) {
		return l.to
	}
	if l.some&dash == 0 {
		return 0
	}
	for i, ch := range text {
		if kinds[ch]&dash != 0 && ch == '-' {
			if i >= 2 && isTLD(text[:i]) && (i == len(text)-1 || common(text[:i])) {
				return l.from + i
			}
			return 0
		}
	}
	return 0
}

// sentence tells a label that is the first word of the next sentence: example.com.Then.
func sentence(b []byte, before, l label) bool {
	return l.some == upper|lower|beyondHex && b[l.from] <= 'Z' && at(b, l.from+1) >= 'a' && before.some&upper == 0 && at(b, l.to) != '.'
}

// domain reports the domain that the chain is and returns where to go on, 0 when it is none.
func (s *Scanner) domain(c *chain) int {
	to := c.domainEnd(s.b)
	if to == 0 || !c.disarmed && !s.credible(c, to) {
		return 0
	}
	v := c.value(s.value[:0], s.b)
	v = v[:len(v)-(c.to-to)]
	s.value = v
	s.found(Domain, v, c.first().from, to)
	if end := c.to; at(s.b, end) == '/' && to == c.to {
		return s.skipPath(end)
	}
	return c.to
}

// skipPath returns the end of the path of a link that has no scheme: what looks like a name in it is a file.
func (s *Scanner) skipPath(i int) int {
	from := i
	for i < len(s.b) && i < from+maxURL && urlBytes[s.b[i]] != stop && s.b[i] != ',' && s.b[i] != '\'' && s.b[i] != ')' {
		i++
	}
	s.inside(from, i)
	return i
}
