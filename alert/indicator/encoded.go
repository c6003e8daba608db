package indicator

// encoded reads a sign that JSON, HTML, a link or a regular expression has encoded.
func encoded(b []byte, i int) separator {
	switch b[i] {
	case '\\':
		return escaped(b, i)
	case '&':
		if c, n := entity(b, i); n > 0 {
			return signOf(c, n)
		}
	case '%':
		if c, n := hexByte(b, i); n > 0 {
			return signOf(c, n)
		}
	}
	return separator{}
}

func signOf(c byte, size int) separator {
	switch c {
	case '.':
		return separator{dot, size, false}
	case '@':
		return separator{atSign, size, false}
	case ':':
		return separator{colon, size, false}
	}
	return separator{}
}

// escaped reads a sign behind backslashes: \. of a regular expression, \u002e of JSON.
func escaped(b []byte, i int) separator {
	if c, n := unicodeEscape(b, i); n > 0 {
		return signOf(c, n)
	}
	j := i + 1
	for at(b, j) == '\\' && j < i+2*maxBrackets {
		j++
	}
	if at(b, j) == '.' {
		return closed(b, i, separator{dot, j + 1 - i, true})
	}
	s := bracketed(b, j)
	if s.sign == dot || s.sign == atSign {
		s.size += j - i
		return s
	}
	return separator{}
}

// hexByte reads %2E or =2E, in capital letters for the latter.
func hexByte(b []byte, i int) (c byte, size int) {
	if len(b)-i < 3 {
		return 0, 0
	}
	hi, lo := unhex(b[i+1]), unhex(b[i+2])
	if hi > 15 || lo > 15 || b[i] == '=' && (b[i+1] >= 'a' || b[i+2] >= 'a') {
		return 0, 0
	}
	return hi<<4 | lo, 3
}

// unicodeEscape reads the \u003a of JSON, behind any number of backslashes up to four; c is 0xff for what is not ASCII.
func unicodeEscape(b []byte, i int) (c byte, size int) {
	j := i
	for at(b, j) == '\\' && j < i+4 {
		j++
	}
	if j == i || len(b)-j < 5 || b[j] != 'u' {
		return 0, 0
	}
	v := 0
	for _, d := range b[j+1 : j+5] {
		x := unhex(d)
		if x > 15 {
			return 0, 0
		}
		v = v<<4 | int(x)
	}
	if v >= 0x80 {
		v = 0xff
	}
	return byte(v), j + 5 - i
}

// entities are the characters of HTML that matter in and around an indicator.
var entities = [...]struct {
	name string
	c    byte
}{
	{"amp;", '&'},
	{"lt;", '<'},
	{"gt;", '>'},
	{"quot;", '"'},
	{"apos;", '\''},
	{"nbsp;", ' '},
	{"period;", '.'},
	{"commat;", '@'},
	{"colon;", ':'},
	{"sol;", '/'},
	{"lbrack;", '['},
	{"rbrack;", ']'},
	{"equals;", '='},
	{"num;", '#'},
}

// entity reads &amp; or &#38; or &#x26; at i.
func entity(b []byte, i int) (c byte, size int) {
	if at(b, i+1) != '#' {
		for _, e := range entities {
			if hasFold(b, i+1, e.name) {
				return e.c, 1 + len(e.name)
			}
		}
		return 0, 0
	}
	j, base, v := i+2, 10, 0
	if at(b, j)|0x20 == 'x' {
		j, base = j+1, 16
	}
	first := j
	for ; j < first+6; j++ {
		x := int(unhex(at(b, j)))
		if x >= base {
			break
		}
		v = v*base + x
	}
	if j == first || at(b, j) != ';' {
		return 0, 0
	}
	if v >= 0x80 {
		v = 0xff
	}
	return byte(v), j + 1 - i
}
