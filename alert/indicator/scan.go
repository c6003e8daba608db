package indicator

import "bytes"

// Scanner is Scan with memory that is used again. It serves one goroutine at a time; its zero value is ready.
type Scanner struct {
	b     []byte
	yield func(Found) bool
	ended bool
	chain chain
	value []byte
	path  int // up to where the text is a path of Windows: what looks like a name there is a file
	depth int // of links inside links
	live  []int
}

// Scan is the function Scan.
func (s *Scanner) Scan(b []byte, yield func(Found) bool) { s.ScanFrom(b, 0, yield) }

// ScanFrom finds what begins at from or behind it. What stands in front is context only: the word "version" before a number.
func (s *Scanner) ScanFrom(b []byte, from int, yield func(Found) bool) {
	s.b, s.yield, s.ended, s.path = b, yield, false, 0
	for i := from; i < len(b) && !s.ended; {
		c := b[i]
		switch {
		case kinds[c] != 0:
			l := label{from: i, to: i}
			for ; l.to < len(b); l.to++ {
				k := kinds[b[l.to]]
				if k == 0 {
					break
				}
				l.some |= k
			}
			i = s.word(l)
		case c == ':' && at(b, i+1) == ':' && kinds[at(b, i-1)] == 0:
			i = max(s.colons(i), i+2)
		case c < 0xe2:
			i++
		case isWide(b, i):
			i = s.word(wideAt(b, i))
		default:
			i += runeLen(b, i)
		}
	}
	s.b, s.yield = nil, nil
}

// word looks at a label for what it is and what it begins, and returns where to go on.
func (s *Scanner) word(l label) int {
	l = s.unescape(l)
	n := l.len()
	if n == 0 {
		return l.to
	}
	if n >= 13 {
		s.long(l)
	} else if n >= 3 && l.some&digit != 0 {
		s.short(l)
	} else if n == 3 && hasFold(s.b, l.from, "cve") {
		return s.cve(l)
	}
	c := at(s.b, l.to)
	if !interest[c] || c == ' ' && !afterBlank[at(s.b, l.to+1)] {
		return l.to
	}
	switch c {
	case ':':
		if end := s.colon(l); end > 0 {
			return end
		}
	case '\\', '>':
		if end := s.registry(l); end > 0 {
			return end
		}
	case '[', '(', '{', 0xef:
		if sep := separatorAt(s.b, l.to); sep.sign == colon || sep.sign == schemeEnd {
			if end := s.colon(l); end > 0 {
				return end
			}
		}
	case '%':
		if hasFold(s.b, l.to, "%3a%2f%2f") {
			return s.link(l, l.to+9, true)
		}
	}
	return s.name(l)
}

// unescape cuts off the front of a label what belongs to an escape before it: \n, \u0022, %20, the end of a colour.
func (s *Scanner) unescape(l label) label {
	b := s.b
	skip := 0
	switch at(b, l.from-1) {
	case '\\':
		if !odd(b, l.from) {
			return l
		}
		if _, n := unicodeEscape(b, l.from-1); n > 0 {
			skip = n - 1
		} else if c := b[l.from]; (c == 'n' || c == 't' || c == 'r') && l.from > s.path {
			skip = 1
		}
	case '%':
		if _, n := hexByte(b, l.from-1); n > 0 {
			skip = 2
		}
	case '[', ';':
		skip = colour(b, l)
	}
	from := l.from + min(skip, l.len())
	for from < l.to && b[from] == '-' { // --host=, a list
		from++
	}
	if from == l.from {
		return l
	}
	rest := label{from: from, to: l.to}
	for _, c := range b[from:l.to] {
		rest.some |= kinds[c]
	}
	return rest
}

// odd tells whether an odd number of backslashes stands in front of i.
func odd(b []byte, i int) bool {
	n := 0
	for at(b, i-1-n) == '\\' && n < 64 {
		n++
	}
	return n%2 == 1
}

// colour is the length of what ends an escape sequence that sets the colour: 31m.
func colour(b []byte, l label) int {
	j := l.from - 1
	for j > l.from-12 && (isDigit(at(b, j)) || at(b, j) == ';') {
		j--
	}
	if at(b, j) != '[' || at(b, j-1) != 0x1b {
		return 0
	}
	j = l.from
	for isDigit(at(b, j)) {
		j++
	}
	if at(b, j) != 'm' {
		return 0
	}
	return j + 1 - l.from
}

// found hands over what stands from..to.
func (s *Scanner) found(t Type, value []byte, from, to int) {
	if !s.ended && !s.yield(Found{Type: t, Value: value, Offset: from, Len: to - from}) {
		s.ended = true
	}
}

// lowered is the text from..to in lower case, in the scanner's memory.
func (s *Scanner) lowered(from, to int) []byte {
	s.value = appendLower(s.value[:0], s.b[from:to])
	return s.value
}

// before tells whether one of the words, given in lower case, stands in front of i on the same line, with at most a few blanks
// and signs between. In FileVersion the last part counts.
func before(b []byte, i int, words ...string) bool {
	j := i
	for j > 0 && i-j < 6 && kinds[b[j-1]] == 0 && b[j-1] != '\n' {
		j--
	}
	for _, w := range words {
		if hasFold(b, j-len(w), w) && (!isLetter(at(b, j-len(w)-1)) || w == "version") {
			return true
		}
	}
	return false
}

// near tells whether one of the words stands within the n bytes in front of i on the same line.
func near(b []byte, i, n int, words ...string) bool {
	from := max(0, i-n)
	if nl := bytes.LastIndexByte(b[from:i], '\n'); nl >= 0 {
		from += nl + 1
	}
	for ; from < i; from++ {
		for _, w := range words {
			if hasFold(b[:i], from, w) {
				return true
			}
		}
	}
	return false
}
