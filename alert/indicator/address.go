package indicator

import "net/netip"

// colon looks at a label that a colon follows: a link, an address of version 6, an address of a device, a path of Windows. It
// returns where to go on, 0 when it is none of these.
func (s *Scanner) colon(l label) int {
	sep := separatorAt(s.b, l.to)
	switch {
	case sep.sign == schemeEnd:
		if end := s.link(l, l.to+sep.size, false); end > l.to {
			return end
		}
	case l.len() == 1 && at(s.b, l.to+1) == '\\' && isLetter(s.b[l.from]):
		s.path = windowsPath(s.b, l.to+1)
	case hasFold(s.b, l.from, "hk"):
		return s.registry(l)
	case l.len() <= 4 && l.hex():
		return s.colons(l.from)
	}
	return 0
}

// colons reports the address whose groups, with colons between, begin at i. It returns where to go on, 0 when this is none.
func (s *Scanner) colons(i int) int {
	end, ip := colonRun(s.b, i)
	switch {
	case end < 0:
		return -end // a long row of groups: a fingerprint
	case ip.IsValid():
		if believable(s.b[i:end], ip) {
			from := i
			if zone := at(s.b, end); zone == '%' && labelAt(s.b, end+1).len() > 0 {
				end = labelAt(s.b, end+1).to
			}
			s.value = ip.AppendTo(s.value[:0])
			s.found(IP, s.value, from, end)
		}
		return end
	case isMAC(s.b, i, ':') && !isMore(s.b, i+17, ':'):
		s.found(MAC, s.lowered(i, i+17), i, i+17)
		return i + 17
	}
	return 0
}

// maxGroups is one more than an address has.
const maxGroups = 9

// colonRun reads an address of version 6 at i. end is negative when there are more groups than an address has: where they end.
func colonRun(b []byte, i int) (end int, ip netip.Addr) {
	var text [48]byte
	n, groups, j, single := 0, 0, i, 0
	for {
		l := labelAt(b, j)
		if l.len() > 4 || l.len() > 0 && !l.hex() {
			break
		}
		if groups++; groups > maxGroups {
			return -skipGroups(b, j), netip.Addr{}
		}
		n += copy(text[n:], b[l.from:l.to])
		j = l.to
		if l.len() > 0 {
			end, single = n, j
		}
		sep := separatorAt(b, j)
		if sep.sign == dot && l.number() && n > 2 {
			if end, ip, whole := mapped(b, text[:n-l.len()], l); whole {
				return end, ip
			}
			break
		}
		if sep.sign != colon {
			break
		}
		if n+5 > len(text) {
			break
		}
		text[n] = ':'
		n++
		j += sep.size
		if n > 1 && text[n-2] == ':' {
			end, single = n, j // ::
		}
	}
	if end < 3 || j < len(b) && single == j && kinds[b[j]] != 0 && b[j] != '-' {
		return 0, netip.Addr{}
	}
	ip, err := netip.ParseAddr(string(text[:end]))
	if err != nil {
		return 0, netip.Addr{}
	}
	return single, ip
}

// mapped reads an address whose end is written like one of version 4: ::ffff:192.0.2.1. Not whole is one at the end of a sentence.
func mapped(b, front []byte, l label) (end int, ip netip.Addr, whole bool) {
	var c chain
	c.read(b, l)
	to := c.ipv4(b)
	if to == 0 || c.n != 4 {
		return 0, ip, c.n > 1
	}
	text := append(make([]byte, 0, 64), front...)
	ip, err := netip.ParseAddr(string(c.value(text, b)))
	if err != nil {
		return 0, netip.Addr{}, true
	}
	return to, ip, true
}

// skipGroups returns the end of a row of groups.
func skipGroups(b []byte, i int) int {
	for i < len(b) && (unhex(b[i]) <= 15 || b[i] == ':') {
		i++
	}
	return i
}

// believable refuses what the grammar of addresses allows and people do not mean by it: no address at all (::), names of
// programs (Ada::Face), pairs of bytes (a row of eight is an EUI-64).
func believable(text []byte, ip netip.Addr) bool {
	if ip.IsUnspecified() {
		return false
	}
	groups, digits, pairs, run := 0, false, 0, 0
	for i, c := range text {
		if c != ':' && c != '[' && c != ']' {
			run++
			digits = digits || isDigit(c)
		}
		if (c == ':' || i == len(text)-1) && run > 0 {
			groups++
			if run == 2 {
				pairs++
			}
			run = 0
		}
	}
	switch {
	case pairs == 8 || pairs >= 4 && pairs == groups:
		return false
	case groups >= 3 || ip.IsLoopback() || ip.Is4In6():
		return digits
	}
	return digits && groups == 2 && unhex(text[0]) <= 15 && len(text) > 4 && text[4] == ':' // 2001:db8:: and fe80::1
}

// isMAC tells whether six pairs of digits with sep between stand at i.
func isMAC(b []byte, i int, sep byte) bool {
	if len(b)-i < 17 {
		return false
	}
	for j := range 17 {
		c := b[i+j]
		if j%3 == 2 && c != sep || j%3 != 2 && unhex(c) > 15 {
			return false
		}
	}
	return true
}

// isMore tells whether a row goes on at i.
func isMore(b []byte, i int, sep byte) bool {
	return isAlnum(at(b, i)) || at(b, i) == sep && isAlnum(at(b, i+1))
}

// dashedMAC reports the label 00-00-5e-00-53-01.
func (s *Scanner) dashedMAC(l label) {
	if l.len() == 17 && isMAC(s.b, l.from, '-') {
		s.found(MAC, s.lowered(l.from, l.to), l.from, l.to)
	}
}
