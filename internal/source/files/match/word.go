package match

import "strings"

// Word tells the bytes that make a word go on: ASCII letters and digits.
func Word(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }

// Begins tells whether no word goes on from before byte at of the text. The last letter of an escape is none: \n, \t, \u0022 and \x22 of
// JSON and its like, %20 of URLs, #012 of syslog. In doubt it says yes.
func Begins(text []byte, at int) bool {
	if at == 0 || !Word(text[at-1]) || !Word(text[at]) {
		return true
	}
	if !endsEscape(text[at-1]) {
		return false
	}
	before := text[max(0, at-6):at]
	n := len(before)
	switch {
	case n >= 2 && before[n-2] == '\\' && strings.IndexByte("nrtbfv0", before[n-1]) >= 0:
		return true
	case n >= 6 && before[0] == '\\' && before[1] == 'u' && hex(before[2:]):
		return true
	case n >= 4 && before[n-4] == '\\' && before[n-3] == 'x' && hex(before[n-2:]):
		return true
	case n >= 4 && before[n-4] == '#' && hex(before[n-3:]):
		return true
	case n >= 3 && before[n-3] == '%' && hex(before[n-2:]):
		return true
	}
	return false
}

// endsEscape tells the letters and digits that may end an escape.
func endsEscape(c byte) bool { return hex([]byte{c}) || strings.IndexByte("nrtbfv", c) >= 0 }

// Ends tells whether no word goes on at byte end of the text.
func Ends(text []byte, end int) bool {
	return end == 0 || end >= len(text) || !Word(text[end]) || !Word(text[end-1])
}

func hex(p []byte) bool {
	for _, c := range p {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c |= 0x20
	}
	return c
}

// lowerText makes the ASCII letters of a text lower case, and nothing else.
func lowerText(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

// equal tells whether text begins with want, which is in lower case and not longer.
func equal(text []byte, want string) bool {
	for i := range len(want) {
		if lower(text[i]) != want[i] {
			return false
		}
	}
	return true
}
