package indicator

// kind tells what a byte may be part of.
type kind uint8

const (
	digit     kind = 1 << iota
	beyondHex      // no hexadecimal digit
	lower
	upper
	dash  // - and _
	above // of a letter beyond ASCII
)

// kinds classifies the bytes of a label: a word of a name. A byte of kind 0 stands between labels. Of the bytes beyond ASCII
// those that begin punctuation or a script written without blanks (from U+2000 on) are no part of a label here; wide has them.
var kinds = func() (t [256]kind) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9':
			t[c] = digit
		case c >= 'a' && c <= 'z':
			t[c] = lower
		case c >= 'A' && c <= 'Z':
			t[c] = upper
		case c == '-' || c == '_':
			t[c] = dash
		case c >= 0x80 && c < 0xe2 && c != 0xc2:
			t[c] = above
		}
		if t[c] != 0 && unhex(byte(c)) > 15 {
			t[c] |= beyondHex
		}
	}
	return t
}()

// label is a word of a name: where it stands, and the kinds of its bytes.
type label struct {
	from, to int
	some     kind
}

func (l label) len() int { return l.to - l.from }

// hex tells a label of hexadecimal digits alone.
func (l label) hex() bool { return l.some != 0 && l.some&beyondHex == 0 }

// digits tells a label of digits and dashes.
func (l label) digits() bool { return l.some&digit != 0 && l.some&(lower|upper|above) == 0 }

// number tells a label of digits alone.
func (l label) number() bool { return l.some == digit }

// labelAt reads the label that begins at i; it is empty when none does.
func labelAt(b []byte, i int) label {
	l := label{from: i, to: i}
	if i < len(b) && b[i] >= 0xe3 {
		return wideAt(b, i)
	}
	for ; l.to < len(b); l.to++ {
		k := kinds[b[l.to]]
		if k == 0 {
			break
		}
		l.some |= k
	}
	return l
}

// wideAt reads a label of a script that is written without blanks, such as Chinese. Such letters and others do not share a
// label: the sentence around a name would become part of it.
func wideAt(b []byte, i int) label {
	l := label{from: i, to: i}
	for isWide(b, l.to) {
		l.to += 3
		l.some = above | beyondHex
	}
	return l
}

// isWide tells whether a letter from U+3040 to U+D7FF stands at i.
func isWide(b []byte, i int) bool {
	if len(b)-i < 3 || b[i+1]&0xc0 != 0x80 || b[i+2]&0xc0 != 0x80 {
		return false
	}
	return b[i] == 0xe3 && b[i+1] >= 0x81 || b[i] > 0xe3 && b[i] < 0xee
}

// runeLen is the number of bytes of the character at i; a byte that begins none counts alone.
func runeLen(b []byte, i int) int {
	var n int
	switch c := b[i]; {
	case c < 0xc0:
		return 1
	case c >= 0xf0:
		n = 4
	case c >= 0xe0:
		n = 3
	default:
		n = 2
	}
	for j := 1; j < n; j++ {
		if at(b, i+j)&0xc0 != 0x80 {
			return j
		}
	}
	return n
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return c|0x20-'a' <= 25 }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

// unhex is the value of a hexadecimal digit, or more than 15.
func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c|0x20-'a' < 6:
		return c | 0x20 - 'a' + 10
	}
	return 0xff
}

func toLower(c byte) byte {
	if c-'A' <= 25 {
		c |= 0x20
	}
	return c
}

func appendLower(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, toLower(c))
	}
	return dst
}

// hasFold tells whether b, from i on, begins with a word given in lower case.
func hasFold(b []byte, i int, word string) bool {
	if i < 0 || len(b)-i < len(word) {
		return false
	}
	for j := range len(word) {
		if toLower(b[i+j]) != word[j] {
			return false
		}
	}
	return true
}

// at is the byte at i, or 0 outside of b.
func at(b []byte, i int) byte {
	if i < 0 || i >= len(b) {
		return 0
	}
	return b[i]
}
