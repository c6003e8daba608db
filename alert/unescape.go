package alert

import (
	"encoding/binary"
	"fmt"
	mathbits "math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// str returns the index of the closing quote of the string whose text begins at i.
func str(b []byte, i int) (end int, esc bool, err error) {
	for {
		i += plain(b[i:])
		if i >= len(b) {
			return 0, esc, errTruncated
		}
		switch c := b[i]; {
		case c == '"':
			return i, esc, nil
		case c == '\\':
			esc = true
			n, err := escape(b, i)
			if err != nil {
				return 0, esc, err
			}
			i = n
		default:
			return 0, esc, fmt.Errorf("control character %s in a string at byte %d", show(c), i)
		}
	}
}

// plain counts the bytes in front of the next quote, backslash or control character, eight at a time.
func plain(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if m := stops(binary.LittleEndian.Uint64(b[i:])); m != 0 {
			return i + mathbits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < 0x20 {
			break
		}
	}
	return i
}

const ones, highs, lowers = 0x0101010101010101, 0x8080808080808080, 0x2020202020202020

// stops marks, in their high bits, the bytes of w that end plain text. The lowest mark is right; those above it may be too many.
func stops(w uint64) uint64 {
	q, s := w^(ones*'"'), w^(ones*'\\')
	return ((q - ones) | (s - ones) | (w - ones*0x20)) &^ w & highs
}

// equal marks the bytes of w that are c, as stops does.
func equal(w uint64, c byte) uint64 {
	x := w ^ ones*uint64(c)
	return (x - ones) &^ x & highs
}

func escape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return 0, errTruncated
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		if i+6 > len(b) {
			return 0, errTruncated
		}
		for _, c := range b[i+2 : i+6] {
			if unhex(c) > 15 {
				return 0, fmt.Errorf("bad \\u escape at byte %d", i)
			}
		}
		return i + 6, nil
	}
	return 0, fmt.Errorf("bad escape at byte %d", i)
}

func unhex(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case c|0x20-'a' <= 5:
		return c | 0x20 - 'a' + 10
	}
	return 255
}

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
