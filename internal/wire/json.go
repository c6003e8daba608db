// Package wire is the JSON that crosses a pipe: it appends values to a buffer, byte for byte the same for the same
// values. It knows no noun; alert and triage spell their own documents with it. For decoding use encoding/json.
package wire

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"
)

// String appends s as a JSON string. Everything that a terminal could obey is escaped even though JSON would not ask for
// it: C1 controls, bidi and zero-width characters, tags, line separators. Invalid UTF-8 becomes U+FFFD.
func String(b []byte, s string) []byte {
	n := len(b)
	b = slices.Grow(b, len(s)+2)
	i := copyPlain(b[n+1:n+1+len(s)], s)
	if i == len(s) {
		b = b[:n+len(s)+2]
		b[n], b[len(b)-1] = '"', '"'
		return b
	}
	b = append(b, '"')
	start := 0
	for ; i < len(s); i = plain(s, i) {
		c := s[i]
		size := 1
		r := rune(c)
		if c >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(s[i:]); !Hidden(r) && (r != utf8.RuneError || size > 1) {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		b = escape(b, r, size)
		i += size
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// stops marks, in their high bits, the bytes of w that are no printable ASCII characters or need an escape. The lowest mark is
// right, those above it may be too many.
func stops(w uint64) uint64 {
	q, e := w^(ones*'"'), w^(ones*'\\')
	return ((q - ones) | (e - ones) | (w - ones*0x20) | (w + ones) | w) & highs
}

// copyPlain copies s to dst, which is as long, and returns the index of the first byte that stops; if there is one, dst may hold anything.
func copyPlain(dst []byte, s string) int {
	src := unsafe.Slice(unsafe.StringData(s), len(s))
	if len(src) < 8 {
		copy(dst, src)
		return plain(s, 0)
	}
	for i := 0; i < len(src); i += 8 {
		i = min(i, len(src)-8) // the last eight bytes may have been looked at in part
		w := binary.LittleEndian.Uint64(src[i:])
		if stop := stops(w); stop != 0 {
			return i + bits.TrailingZeros64(stop)>>3
		}
		binary.LittleEndian.PutUint64(dst[i:], w)
	}
	return len(src)
}

// plain returns the index, from i on, of the first byte that stops.
func plain(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if stop := stops(binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s[i:]), 8))); stop != 0 {
			return i + bits.TrailingZeros64(stop)>>3
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			break
		}
	}
	return i
}

func escape(b []byte, r rune, size int) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r == '\n':
		return append(b, '\\', 'n')
	case r == '\t':
		return append(b, '\\', 't')
	case r == '\r':
		return append(b, '\\', 'r')
	case r == utf8.RuneError && size == 1:
		return append(b, "\ufffd"...)
	case r > 0xffff:
		r -= 0x10000
		return unit(unit(b, 0xd800+uint16(r>>10)), 0xdc00+uint16(r&0x3ff))
	}
	return unit(b, uint16(r))
}

func unit(b []byte, u uint16) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}

// Hidden tells the runes that change what a reader sees without being seen.
func Hidden(r rune) bool {
	switch {
	case r < 0x20 || r >= 0x7f && r < 0xa0, r == 0xad, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0xfeff:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff, r >= 0xfe00 && r <= 0xfe0f:
		return true
	}
	return false
}

// Key appends `,"name":`, without the comma behind an opening brace or bracket. name is written as it is.
func Key(b []byte, name string) []byte {
	if n := len(b); n > 0 && b[n-1] != '{' && b[n-1] != '[' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

// Comma appends the comma between the elements of an array.
func Comma(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] != '{' && b[n-1] != '[' {
		return append(b, ',')
	}
	return b
}

// Text appends `"name":"s"`, or nothing when s is empty: unknown is absent.
func Text(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return String(Key(b, name), s)
}

// Word appends `"name":"s"` for an s that is known to need no escape, or nothing when s is empty.
func Word(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	b = append(Key(b, name), '"')
	return append(append(b, s...), '"')
}

// Int appends `"name":n`.
func Int(b []byte, name string, n int64) []byte { return strconv.AppendInt(Key(b, name), n, 10) }

// Bool appends `"name":true` or false.
func Bool(b []byte, name string, v bool) []byte { return strconv.AppendBool(Key(b, name), v) }

// Float appends a number with at most six digits behind the point; what is no number is absent.
func Float(b []byte, name string, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b
	}
	return strconv.AppendFloat(Key(b, name), math.Round(f*1e6)/1e6, 'f', -1, 64)
}

// Time appends an RFC 3339 time in UTC, or nothing for the zero time.
func Time(b []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return append(instant(append(Key(b, name), '"'), t.UTC()), '"')
}

// instant appends what Format makes of time.RFC3339Nano; a document holds several, and Format is general and slow.
func instant(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, time.RFC3339Nano)
	}
	hour, minute, second := t.Clock()
	b = append(two(two(b, year/100), year%100), '-')
	b = append(two(b, int(month)), '-')
	b = append(two(b, day), 'T')
	b = append(two(b, hour), ':')
	b = append(two(b, minute), ':')
	b = two(b, second)
	if ns := t.Nanosecond(); ns != 0 {
		b = append(b, '.')
		for unit := 100_000_000; ns != 0; unit /= 10 {
			b = append(b, '0'+byte(ns/unit))
			ns %= unit
		}
	}
	return append(b, 'Z')
}

// two appends a number below 100 as two digits.
func two(b []byte, n int) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }

// Texts appends `"name":["a","b"]`, or nothing when there are none.
func Texts(b []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(Key(b, name), '[')
	for _, s := range list {
		b = String(Comma(b), s)
	}
	return append(b, ']')
}

// Hex appends `"name":"prefix..."` with the bytes in hexadecimal.
func Hex(b []byte, name, prefix string, sum []byte) []byte {
	b = append(Key(b, name), '"')
	b = append(b, prefix...)
	b = hex.AppendEncode(b, sum)
	return append(b, '"')
}
