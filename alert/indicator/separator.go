package indicator

// sign is what stands between the parts of an indicator, however it is written.
type sign uint8

const (
	none sign = iota
	dot
	atSign
	colon
	slash
	schemeEnd // ://
)

// separator is a sign in the text: its length in bytes, and whether it was written so that it does not work.
type separator struct {
	sign    sign
	size    int
	disarms bool
}

// interest marks the bytes at which a separator other than a plain one, or anything else that a label may lead to, begins.
var interest = func() (t [256]bool) {
	for _, c := range ".:@[({<\\&% >" {
		t[byte(c)] = true
	}
	for _, c := range []byte{0xe2, 0xe3, 0xef} {
		t[c] = true
	}
	return t
}()

// afterBlank marks the bytes with which a separator goes on that begins with a blank.
var afterBlank = func() (t [256]bool) {
	for _, c := range "[({< DA" {
		t[byte(c)] = true
	}
	t[0xe3], t[0xef] = true, true
	return t
}()

// separatorAt reads the separator at i: plain, in brackets ([.], (dot), { @ }, [.), behind backslashes, in full width, or as
// JSON, HTML or a link encode it. It looks at most a few dozen bytes ahead.
func separatorAt(b []byte, i int) separator {
	switch c := at(b, i); c {
	case '.':
		return closed(b, i, separator{dot, 1, false})
	case '@':
		return separator{atSign, 1, false}
	case ':':
		if n := slashes(b, i+1); n > 0 {
			return separator{schemeEnd, 1 + n, n > 2 && b[i+1] != '\\'}
		}
		return separator{colon, 1, false}
	case '[', '(', '{', '<', 0xe3, 0xef:
		if s := bracketed(b, i); s.sign != none {
			return s
		}
		return wideSign(b, i)
	case 0xe2:
		return wideSign(b, i)
	case ' ':
		return spaced(b, i)
	case '\\', '&', '%':
		return encoded(b, i)
	}
	return separator{}
}

// closed takes closing brackets that belong to a dot: evil.]com, 192.0.2.)1.
func closed(b []byte, i int, s separator) separator {
	if n := closers(b, i+s.size); n > 0 && kinds[at(b, i+s.size+n)] != 0 {
		s.size += n
		s.disarms = true
	}
	return s
}

// slashes is the length of the two slashes at i, however they are escaped, 0 when there are none.
func slashes(b []byte, i int) int {
	j := i
	for range 2 {
		if c, n := unicodeEscape(b, j); n > 0 && c == '/' {
			j += n
			continue
		}
		for k := 0; at(b, j) == '\\' && k < 4; k++ {
			j++
		}
		if at(b, j) == '/' {
			j++
			continue
		}
		if s := bracketed(b, j); s.sign == slash {
			if j += s.size; b[j-2] == '/' && b[j-3] == '/' { // [//]
				return j - i
			}
			continue
		}
		return 0
	}
	return j - i
}

// maxBrackets is how many brackets people put around one dot.
const maxBrackets = 8

// openers is the length of the opening brackets at i.
func openers(b []byte, i int) int { return brackets(b, i, "[({<", "［（｛【") }

func closers(b []byte, i int) int { return brackets(b, i, "])}>", "］）｝】") }

func brackets(b []byte, i int, narrow, wide string) int {
	j := i
next:
	for range maxBrackets {
		c := at(b, j)
		if c == 0xef || c == 0xe3 {
			for k := 0; k < len(wide); k += 3 {
				if hasFold(b, j, wide[k:k+3]) {
					j += 3
					continue next
				}
			}
			break
		}
		for k := range len(narrow) {
			if c == narrow[k] {
				j++
				continue next
			}
		}
		break
	}
	return j - i
}

// bracketed reads a sign behind opening brackets. A dot needs no closing one: people write evil[.com, too.
func bracketed(b []byte, i int) separator {
	n := openers(b, i)
	if n == 0 {
		return separator{}
	}
	j := i + n
	for range 2 {
		for at(b, j) == '\\' && j < i+2*maxBrackets {
			j++
		}
		if at(b, j) == ' ' {
			j++
		}
	}
	s, word := core(b, j)
	if s.sign == none {
		return s
	}
	j += s.size
	end := j
	if at(b, j) == ' ' {
		j++
	}
	for at(b, j) == '\\' && j < end+maxBrackets {
		j++
	}
	if n = closers(b, j); n > 0 {
		j += n
		if n = slashes(b, j); s.sign == colon && n > 0 {
			return separator{schemeEnd, j + n - i, true}
		}
		return separator{s.sign, j - i, true}
	}
	if c := b[end-1]; s.sign != dot || word || c == ',' || b[i] != '[' && b[i] != '(' && b[i] < 0x80 || kinds[at(b, end)] == 0 {
		return separator{}
	}
	return separator{dot, end - i, true}
}

// core reads what stands inside brackets.
func core(b []byte, i int) (s separator, word bool) {
	switch c := at(b, i); {
	case c == '.' || c == ',':
		return separator{dot, 1, true}, false
	case c == '@':
		return separator{atSign, 1, true}, false
	case c == ':' && at(b, i+1) == '/' && at(b, i+2) == '/':
		return separator{schemeEnd, 3, true}, false
	case c == ':':
		return separator{colon, 1, true}, false
	case c == '/' && at(b, i+1) == '/':
		return separator{slash, 2, true}, false
	case c == '/':
		return separator{slash, 1, true}, false
	case c|0x20 == 'd' && hasFold(b, i, "dot"), c|0x20 == 'd' && hasFold(b, i, "d0t"):
		return separator{dot, 3, true}, true
	case c|0x20 == 'a' && hasFold(b, i, "at"):
		return separator{atSign, 2, true}, true
	case c >= 0xe2:
		return wideSign(b, i), false
	}
	return separator{}, false
}

// wideSign reads a sign of an East Asian typeface, or one that looks like it.
func wideSign(b []byte, i int) separator {
	if len(b)-i < 3 {
		return separator{}
	}
	switch string(b[i : i+3]) {
	case "．", "。", "｡", "․":
		return closed(b, i, separator{dot, 3, true})
	case "＠":
		return separator{atSign, 3, true}
	case "：":
		if n := slashes(b, i+3); n > 0 {
			return separator{schemeEnd, 3 + n, true}
		}
		return separator{colon, 3, true}
	}
	return separator{}
}

// spaced reads a sign in brackets with blanks around it: evil [.] com; or a word in capital letters: bob AT evil DOT com.
func spaced(b []byte, i int) separator {
	switch {
	case len(b)-i > 5 && string(b[i:i+5]) == " DOT ":
		return separator{dot, 5, true}
	case len(b)-i > 4 && string(b[i:i+4]) == " AT ":
		if to := labelAt(b[:min(len(b), i+70)], i+4).to; len(b)-to > 5 && string(b[to:to+5]) == " DOT " {
			return separator{atSign, 4, true}
		}
		return separator{}
	}
	j := i + 1
	if at(b, j) == ' ' {
		j++
	}
	n := openers(b, j)
	if n == 0 {
		return separator{}
	}
	s := bracketed(b, j)
	if s.sign != dot && s.sign != atSign || closers(b, j+s.size-1) == 0 {
		return separator{}
	}
	s.size += j - i
	if at(b, i+s.size) == ' ' {
		s.size++
	}
	return s
}
