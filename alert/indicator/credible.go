package indicator

import "bytes"

// credible tells whether a chain of plain dots that ends like a domain is one, and not a file, a field or a piece of a program.
func (s *Scanner) credible(c *chain, to int) bool {
	b := s.b
	first, last := c.first(), c.last()
	tld := b[last.from:to]
	front, behind := at(b, first.from-1), at(b, to)
	switch {
	case first.from < s.path, hasFold(tld, 0, "arpa"):
		return false // a file, an address read backwards
	case front == '\\' && !odd(b, first.from) && kinds[at(b, first.from-3)] != 0, front == '\\' && odd(b, first.from):
		return false
	case front == '$' || front == '#' || front == '.' && at(b, first.from-2) == '.':
		return false
	case behind == '(' && !common(tld), behind == '[' || behind == '$':
		return false // a call, an element
	case files.has(tld) && c.n == 2, front == '/' && (sometimesFiles.has(tld) || files.has(tld)):
		return false
	case !caseFits(b, c, last, to):
		return false
	}
	before := c.labels[c.n-2]
	switch {
	case onlyFiles.has(tld) && !hasFold(b, first.from, "www."), files.has(tld) && (before.number() || extensions.has(b[before.from:before.to])):
		return false
	case before.number() && before.len() < 3:
		return false // 12.am, section 3.in
	case keys.has(tld) && !hasFold(b, first.from, "www."):
		return c.dashed(b) || hasFold(tld, 0, "id") && c.n > 2 && second.has(b[before.from:before.to])
	case c.n == 2 && dosPrograms.has(b[first.from:first.to]) && hasFold(b, last.from, "com"):
		return false
	case c.n == 2 && frameworks.has(b[first.from:first.to]) && (len(tld) < 4 || first.len() < 3):
		return false
	case c.n >= 3 && reversed.has(b[first.from:first.to]) && len(tld) > 2 && !common(tld):
		return false
	case programs.has(tld) && c.n == 2 && before.some&(digit|dash) == 0:
		return !fields.has(b[first.from:first.to]) && !key(b, to) && !(first.some&upper != 0 && first.some&lower != 0)
	}
	return true
}

// dashed tells a name that has a dash in it, as fields have not.
func (c *chain) dashed(b []byte) bool {
	for _, l := range c.labels[:c.n-1] {
		if bytes.IndexByte(b[l.from:l.to], '-') >= 0 {
			return true
		}
	}
	return false
}

// caseFits refuses System.IO and the end of one sentence with the beginning of the next: data.In.
func caseFits(b []byte, c *chain, last label, to int) bool {
	some := kind(0)
	for _, ch := range b[last.from:to] {
		some |= kinds[ch]
	}
	if some&upper == 0 {
		return true
	}
	rest := kind(0)
	for _, l := range c.labels[:c.n-1] {
		rest |= l.some
	}
	if some&lower == 0 { // NET, IO
		return rest&lower == 0
	}
	return hasFold(b, last.from, "com") || hasFold(b, last.from, "org")
}

// key tells that what ends at i is a key: a value follows.
func key(b []byte, i int) bool {
	if c := at(b, i); c == '"' || c == '\'' {
		i++
	}
	return at(b, i) == '=' || at(b, i) == ':' && !isDigit(at(b, i+1))
}
