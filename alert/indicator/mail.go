package indicator

// maxLocal is how long the part of a mail address in front of its @ may be.
const maxLocal = 64

// mail reports the mail address whose part in front of the @ is the scanner's chain, which may have begun earlier, with
// signs that end a label. It returns where to go on, 0 when this is no mail address.
func (s *Scanner) mail(from int) int {
	at1 := s.chain.next
	local := s.chain.to
	start := from
	for start > from-maxLocal && inLocal(at(s.b, start-1)) {
		start--
	}
	for start < from && !isAlnum(s.b[start]) {
		start++
	}
	if local-start > 3*maxLocal || escapedAt(s.b, start) {
		start = from
	}
	host := labelAt(s.b, local+at1.size)
	if host.len() == 0 || local == start {
		return 0
	}
	v := s.value[:0]
	if start < from {
		v = appendLower(v, s.b[start:from])
	}
	v = append(s.chain.value(v, s.b), '@')
	s.value = v
	c := &s.chain
	c.read(s.b, host)
	to := c.domainEnd(s.b)
	if to == 0 || c.first().digits() && c.ipv4(s.b) > 0 || len(v) > maxLocal+1 {
		return 0
	}
	mark := len(v)
	v = c.value(v, s.b)
	v = v[:len(v)-(c.to-to)]
	if len(v)-mark > maxName {
		return 0
	}
	s.value = v
	s.found(Mail, v, start, to)
	return c.to
}

// tagged tells that what ends at i is the front of a mail address with a tag: j.doe+news@example.com.
func tagged(b []byte, i int) bool {
	if at(b, i) != '+' {
		return false
	}
	for j := i; j < i+maxLocal && inLocal(at(b, j)); j++ {
		if at(b, j+1) == '@' {
			return true
		}
	}
	return false
}

// inLocal tells what may stand in front of an @ between labels.
func inLocal(c byte) bool { return c == '.' || c == '+' || kinds[c] != 0 }

// escapedAt tells that the text at i begins with the rest of an escape, such as the n of \n.
func escapedAt(b []byte, i int) bool { return at(b, i-1) == '\\' || at(b, i-1) == '%' }
