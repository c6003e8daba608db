package indicator

// maxLabels is how many labels of a name are looked at; a name has no more.
const maxLabels = 127

// chain is a row of labels with dots between them, however those are written.
type chain struct {
	labels   [maxLabels]label
	n        int  // labels there are; those beyond maxLabels are counted only
	disarmed bool // a dot is written so that it does not work: somebody means an indicator
	to       int  // its end
	next     separator
}

// read follows a chain that begins with a label.
func (c *chain) read(b []byte, l label) {
	c.n, c.disarmed = 0, false
	for {
		if c.n < maxLabels {
			c.labels[c.n] = l
		}
		c.n++
		c.to = l.to
		c.next = separator{}
		if !interest[at(b, l.to)] {
			return
		}
		c.next = separatorAt(b, l.to)
		if c.next.sign != dot {
			return
		}
		from := l.to + c.next.size
		if l = labelAt(b, from); l.len() == 0 {
			return
		}
		c.disarmed = c.disarmed || c.next.disarms
	}
}

func (c *chain) last() label  { return c.labels[min(c.n, maxLabels)-1] }
func (c *chain) first() label { return c.labels[0] }

// value spells the chain with plain dots and in lower case.
func (c *chain) value(dst, b []byte) []byte {
	for i, l := range c.labels[:min(c.n, maxLabels)] {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = appendLower(dst, b[l.from:l.to])
	}
	return dst
}

// name looks at the chain that begins with a label, reports the address, domain or mail address it is, and returns where to
// go on.
func (s *Scanner) name(l label) int {
	c := &s.chain
	c.read(s.b, l)
	if c.next.sign == atSign {
		if end := s.mail(l.from); end > 0 {
			return end
		}
		c.read(s.b, l)
		return c.to
	}
	if c.n == 1 || tagged(s.b, c.to) {
		return c.to
	}
	if c.first().digits() {
		if to := c.ipv4(s.b); to > 0 {
			s.address(c, to)
			return c.to
		}
	}
	if to := s.domain(c); to > 0 {
		return to
	}
	return s.parts(c)
}

// parts looks at the labels of a chain that is nothing as a whole: Exp.CVE-2018-20250, see.http://example.com.
func (s *Scanner) parts(c *chain) int {
	last, next, to := c.last(), c.next.sign, c.to
	for _, l := range c.labels[1:min(c.n, maxLabels)] {
		if l.len() >= 13 {
			s.long(l)
		}
	}
	if c.n <= maxLabels && (next == schemeEnd || next == colon) {
		return last.from
	}
	return to
}

// ipv4 returns the end of the dotted address that the chain is, or 0. A range may follow: 192.0.2.1-9.
func (c *chain) ipv4(b []byte) int {
	if c.n != 4 && (c.n < 5 || c.n > 7) {
		return 0
	}
	for i, l := range c.labels[:4] {
		to := l.from
		v := 0
		for ; to < l.to && to < l.from+4 && isDigit(b[to]); to++ {
			v = v*10 + int(b[to]-'0')
		}
		switch {
		case v > 255 || to == l.from || to > l.from+3 || b[l.from] == '0' && to > l.from+1:
			return 0
		case to == l.to && i < 3:
		case i < 3:
			return 0
		case c.n == 4 && (to == l.to || b[to] == '_'), at(b, to) == '-' && (to+1 == l.to && c.n == 4 || isDigit(at(b, to+1)) && c.allDigits(b)):
			return to
		default:
			return 0
		}
	}
	return 0
}

// allDigits tells a chain of digits and dashes, as in 192.0.2.1-192.0.2.9.
func (c *chain) allDigits(b []byte) bool {
	for _, l := range c.labels[:min(c.n, maxLabels)] {
		if !l.digits() || at(b, l.to-1) == '_' {
			return false
		}
	}
	return true
}

// address reports the address at the front of the chain, and the one behind a dash.
func (s *Scanner) address(c *chain, to int) {
	from := c.first().from
	if c.disarmed || s.plausible(from, to) {
		s.value = s.value[:0]
		for i, l := range c.labels[:4] {
			if i > 0 {
				s.value = append(s.value, '.')
			}
			s.value = append(s.value, s.b[l.from:min(l.to, to)]...)
		}
		s.found(IP, s.value, from, to)
	}
	if c.n != 7 {
		return
	}
	var second chain
	second.read(s.b, labelAt(s.b, to+1))
	if end := second.ipv4(s.b); end > 0 && second.n == 4 {
		s.address(&second, end)
	}
}

// plausible tells whether what reads like an address of four numbers is one, and no version of a program or other number.
func (s *Scanner) plausible(from, to int) bool {
	b := s.b
	if to-from > 6 && string(b[to-4:to]) == ".0.0" && at(b, to) != '/' {
		if first := string(b[from : to-4]); first != "0.0" && first != "127.0" {
			return false // a version, or a network without its length
		}
	}
	if b[from] == '0' && string(b[from:to]) != "0.0.0.0" {
		return false
	}
	switch c := at(b, from-1); {
	case c == '/' && product(b, from-1):
		return false
	case c == '$' || c == '#' || c == '\xa7':
		return false
	}
	return !before(b, from, "version", "versions", "ver", "v", "release", "build", "revision", "rev", "oid", "section", "chapter", "firmware", "\xa7")
}

// product tells the name of a program that ends at i, as a browser gives it: Chrome/.
func product(b []byte, i int) bool {
	j := i
	for j > i-20 && isLetter(at(b, j-1)) {
		j--
	}
	return i-j >= 3 && b[j] <= 'Z' && b[j+1] >= 'a'
}
