package sigma

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// toUTF16 returns the text in UTF-16, with a byte order mark when mark is set.
func toUTF16(s string, bigEndian, mark bool) string {
	var b strings.Builder
	put := func(u uint16) {
		if bigEndian {
			u = u<<8 | u>>8
		}
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	if mark {
		put(0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		put(u)
	}
	return b.String()
}

// base64Offsets returns how the text reads inside a longer Base64 text: one reading for each of the three places at which it can
// begin, without the characters that its neighbours decide too.
// Source: Sigma modifiers specification 2.1, base64offset.
func base64Offsets(s string) []string {
	skip, drop := [3]int{0, 2, 3}, [3]int{0, 3, 2}
	var list []string
	for i := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + s))
		if end := len(text) - drop[(len(s)+i)%3]; skip[i] < end {
			list = append(list, text[skip[i]:end])
		}
	}
	return list
}

// withDashes turns each - or / that begins a parameter into anyDash: one that stands in front of a word character and not behind one.
func withDashes(runes []rune) []rune {
	out := make([]rune, len(runes))
	copy(out, runes)
	for i, r := range runes {
		if (r == '-' || r == '/') && (i == 0 || !word(runes[i-1])) && i+1 < len(runes) && word(runes[i+1]) {
			out[i] = anyDash
		}
	}
	return out
}

func word(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
