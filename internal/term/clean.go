package term

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Clean returns s in a form that is safe to print and that hides nothing. Every character that a terminal would act
// on, draw in another place or not draw at all becomes a visible ASCII escape: controls (\x1b; tab, newline and
// carriage return as \t, \n, \r), bidi controls, zero-width, format and tag characters (\u202e, \U000e0041), line
// separators, fillers, private use, unassigned. A byte that is no UTF-8 becomes \xff. Letters, marks, symbols and
// spaces of every script stay, emoji and their presentation selectors too, except that a joined emoji comes apart at its
// joiner (U+200D).
//
// The backslash itself stays, so that paths read well and Clean(Clean(s)) == Clean(s); a literal `\n` in the text
// therefore looks like an escaped one. Who must tell them apart reads the JSON document.
func Clean(s string) string {
	if firstUnclean(s) == len(s) {
		return s
	}
	return string(AppendClean(make([]byte, 0, len(s)+16), s))
}

// AppendClean appends Clean(s) to dst and returns the extended slice.
func AppendClean(dst []byte, s string) []byte {
	for s != "" {
		n := firstUnclean(s)
		dst = append(dst, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			dst = fmt.Appendf(dst, `\x%02x`, s[0])
		} else {
			dst = appendEscape(dst, r)
		}
		s = s[size:]
	}
	return dst
}

// firstUnclean is the offset of the first byte of s that may not stand as it is, len(s) if all may.
func firstUnclean(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || !visible(r) {
			return i
		}
		i += size
	}
	return len(s)
}

// visible reports whether r is drawn, in its place, by itself. It lists what may pass and not what may not: a
// character that a later Unicode adds is escaped until this program knows it.
func visible(r rune) bool {
	switch {
	case r == 0xfe0e || r == 0xfe0f: // text and emoji presentation: part of ordinary emoji
		return true
	case !unicode.IsGraphic(r):
		return false
	default:
		return !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	}
}

func appendEscape(dst []byte, r rune) []byte {
	switch {
	case r == '\t':
		return append(dst, `\t`...)
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r < utf8.RuneSelf:
		return fmt.Appendf(dst, `\x%02x`, r)
	case r <= 0xffff:
		return fmt.Appendf(dst, `\u%04x`, r)
	default:
		return fmt.Appendf(dst, `\U%08x`, r)
	}
}
