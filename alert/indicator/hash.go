package indicator

// long looks at a label of 13 bytes or more: hashes, CVE ids, addresses of devices and coins.
func (s *Scanner) long(l label) {
	if l.some&digit == 0 {
		return
	}
	if l.some&dash != 0 && l.len() < 512 { // nobody writes longer words around an id
		s.cves(l)
		s.dashedMAC(l)
	}
	if l.len() < 26 {
		return
	}
	for i := l.from; i < l.to; {
		if !isAlnum(s.b[i]) {
			i++
			continue
		}
		run := label{from: i, to: i}
		for ; run.to < l.to && isAlnum(s.b[run.to]); run.to++ {
			run.some |= kinds[s.b[run.to]]
		}
		if n := run.len(); n >= 32 && run.hex() {
			s.hash(run)
		} else if n >= 26 {
			s.coin(run)
		}
		i = run.to
	}
}

// hash reports a run of hexadecimal digits that is as long as a hash. Digits or letters alone are no hash: the odds are one
// in a million.
func (s *Scanner) hash(l label) {
	t := hashType(l.len())
	if t == "" || l.some&digit == 0 || l.some&(lower|upper) == 0 {
		return
	}
	if t == MD5 {
		switch {
		case near(s.b, l.from, 16, "imphash", "import hash", "import_hash"):
			t = ImpHash
		case near(s.b, l.from, 20, "ja3"):
			t = JA3
		case near(s.b, l.from, 14, "trace", "span", "serial", "uuid", "guid") || traceParent(s.b, l):
			return
		}
	}
	s.found(t, s.lowered(l.from, l.to), l.from, l.to)
}

func hashType(n int) Type {
	switch n {
	case 32:
		return MD5
	case 40:
		return SHA1
	case 64:
		return SHA256
	case 128:
		return SHA512
	}
	return ""
}

// traceParent tells the id of a trace as W3C Trace Context writes it: 00-<32 digits>-<16 digits>-01.
func traceParent(b []byte, l label) bool {
	return at(b, l.from-1) == '-' && at(b, l.from-2) == '0' && at(b, l.from-3) == '0' && at(b, l.to) == '-' && at(b, l.to+17) == '-'
}

// short looks at a label of at most 12 bytes that has a digit: ids of techniques and networks.
func (s *Scanner) short(l label) {
	switch s.b[l.from] {
	case 'T':
		s.technique(l)
	case 'A', 'a':
		s.network(l)
	}
}

// technique reports T1059, T1059.001 and TA0001.
func (s *Scanner) technique(l label) {
	digits, to := l.from+1, l.to
	if at(s.b, digits) == 'A' {
		digits++
	}
	if to-digits != 4 || !allDigits(s.b[digits:to]) {
		return
	}
	if sub := labelAt(s.b, to+1); at(s.b, to) == '.' && sub.len() > 0 {
		if sub.number() && sub.len() == 3 && digits == l.from+1 {
			to = sub.to
		} else if sub.number() {
			return
		}
	}
	s.found(Technique, append(s.value[:0], s.b[l.from:to]...), l.from, to)
}

// network reports AS64500 and ASN64500. An AS400 is a computer.
func (s *Scanner) network(l label) {
	i := l.from + 2
	if at(s.b, i)|0x20 == 'n' {
		i++
	}
	if !hasFold(s.b, l.from, "as") || s.b[l.from]^s.b[l.from+1] >= 0x20 || l.to-i < 3 || l.to-i > 10 || !allDigits(s.b[i:l.to]) || string(s.b[i:l.to]) == "400" {
		return
	}
	s.value = append(append(s.value[:0], "AS"...), s.b[i:l.to]...)
	s.found(ASN, s.value, l.from, l.to)
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}

// cves reports the CVE ids inside a label: CVE-2021-44228, cve_2021_44228, Exp-CVE-2018-20250.
func (s *Scanner) cves(l label) {
	for i := l.from; i+13 <= l.to; i++ {
		if s.b[i]|0x20 == 'c' && hasFold(s.b, i, "cve") && (i == l.from || !isAlnum(s.b[i-1])) {
			i = max(i, s.cveAt(i)-1)
		}
	}
}

// cve looks at the word CVE alone: a typesetter's dash or a blank may follow.
func (s *Scanner) cve(l label) int { return max(s.cveAt(l.from), l.to) }

// cveAt reports the id whose letters stand at i and returns its end, 0 when it is none.
func (s *Scanner) cveAt(i int) int {
	j := i + 3 + dashAt(s.b, i+3)
	if j == i+3 {
		return 0
	}
	year := j
	j += 4
	if j > len(s.b) || !allDigits(s.b[year:j]) || string(s.b[year:j]) < "1999" || s.b[year] > '2' {
		return 0
	}
	n := dashAt(s.b, j)
	number := j + n
	end := number
	for isDigit(at(s.b, end)) {
		end++
	}
	if n == 0 || at(s.b, j) == ' ' || end-number < 4 || end-number > 8 || isLetter(at(s.b, end)) {
		return 0
	}
	s.value = append(append(s.value[:0], "CVE-"...), s.b[year:j]...)
	s.value = append(append(s.value, '-'), s.b[number:end]...)
	s.found(CVE, s.value, i, end)
	return end
}

// dashAt is the length of a dash, or of the blank that stands for one.
func dashAt(b []byte, i int) int {
	switch c := at(b, i); {
	case c == '-' || c == '_' || c == ' ':
		return 1
	case c == 0xe2 && at(b, i+1) == 0x80 && at(b, i+2) >= 0x90 && at(b, i+2) <= 0x95: // U+2010 to U+2015
		return 3
	}
	return 0
}
