package alert

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the text of a JSON string body that str has accepted. A lone surrogate becomes U+FFFD, as in encoding/json.
func unescape(dst, b []byte) []byte {
	for i := 0; i < len(b); {
		n := plain(b[i:])
		dst = append(dst, b[i:i+n]...)
		if i += n; i >= len(b) {
			break
		}
		if b[i] != '\\' || i+1 >= len(b) {
			dst = append(dst, b[i])
			i++
			continue
		}
		c := b[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := hex4(b, i)
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if i+6 <= len(b) && b[i] == '\\' && b[i+1] == 'u' {
					low = hex4(b, i+2)
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

func hex4(b []byte, i int) rune {
	if i+4 > len(b) {
		return utf8.RuneError
	}
	r := rune(0)
	for _, c := range b[i : i+4] {
		r = r<<4 | rune(unhex(c))
	}
	return r
}
