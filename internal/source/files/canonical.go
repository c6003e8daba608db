package files

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/source/files/match"
)

// canonical appends a text in a form in which it does not matter who wrote it. The law: whether a value stands in a text as it is, in JSON, in
// JSON within JSON, in XML or in a CSV field, its canonical form stands in that of the text. Letters are lower case, backslashes
// one, those of escapes gone, quotes one, and control characters as JSON writes them. Two texts may have the same form.
func canonical(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\\':
			var n int
			dst, n = backslashes(dst, text[i:])
			i += n
		case c == '&':
			r, n := entity(text[i:])
			dst = appendRune(dst, r)
			i += n
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, c)
			} else {
				dst = appendRune(dst, r)
			}
			i += n
		default:
			dst = appendRune(dst, rune(c))
			i++
		}
	}
	return dst
}

func appendRune(dst []byte, r rune) []byte {
	var last byte
	if len(dst) > 0 {
		last = dst[len(dst)-1]
	}
	switch {
	case (r == '"' || r == '\\') && last == byte(r):
		return dst
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r >= 'A' && r <= 'Z':
		return append(dst, byte(r)|0x20)
	case r < utf8.RuneSelf:
		return append(dst, byte(r))
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

// backslashes takes a run of them, and what it escapes.
func backslashes(dst, text []byte) ([]byte, int) {
	n := 1
	for n < len(text) && text[n] == '\\' {
		n++
	}
	if n == len(text) {
		return appendRune(dst, '\\'), n
	}
	switch text[n] {
	case '"', '/', '\'', '=', '|', ']':
		return dst, n
	case 'u':
		if r, k := unicodeEscape(text[n-1:]); k > 0 {
			return appendRune(dst, r), n - 1 + k
		}
	}
	return appendRune(dst, '\\'), n
}

// unicodeEscape reads \u0041, or two of them that are one character.
func unicodeEscape(text []byte) (rune, int) {
	one, ok := hex4(text)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(one) {
		rest := text[6:]
		for len(rest) > 1 && rest[0] == '\\' && rest[1] == '\\' {
			rest = rest[1:]
		}
		if two, ok := hex4(rest); ok {
			if r := utf16.DecodeRune(one, two); r != utf8.RuneError {
				return r, len(text) - len(rest) + 6
			}
		}
	}
	return one, 6
}

func hex4(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}

// entity reads one of XML; an & that begins none stands for itself.
func entity(text []byte) (rune, int) {
	end := bytes.IndexByte(text[:min(len(text), 10)], ';')
	if end < 0 {
		return '&', 1
	}
	s := string(text[:end+1])
	switch s {
	case "&amp;", "&lt;", "&gt;", "&quot;", "&apos;":
	default:
		if s[1] != '#' {
			return '&', 1
		}
	}
	if r, n := utf8.DecodeRuneInString(html.UnescapeString(s)); n == len(html.UnescapeString(s)) {
		return r, len(s)
	}
	return '&', 1
}

// escaped writes a text as JSON that is ASCII.
func escaped(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04x`, u)
	}
	return b.String()
}

// holds tells whether a canonical text holds a value in its canonical form, with no word going on around it.
func holds(text, value []byte) bool {
	for from := 0; len(value) > 0; {
		i := bytes.Index(text[from:], value)
		if i < 0 {
			return false
		}
		at := from + i
		if match.Begins(text, at) && match.Ends(text, at+len(value)) {
			return true
		}
		from = at + 1
	}
	return false
}
