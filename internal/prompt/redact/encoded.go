package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text within text: what powershell -EncodedCommand and its like carry. It is decoded, redacted, and encoded again, so that it stays
// what it was to a reader.

// maxNested bounds how often base64 is looked into base64.
const maxNested = 2

// blob is what may be base64 of a text that is long enough to name somebody.
var blob = regexp.MustCompile(`[A-Za-z0-9+/]{16,}={0,2}`)

// encoding is how a decoded text is spelled again.
type encoding struct{ wide, padded bool }

// decode reads base64 of printable text, in UTF-8 or UTF-16LE.
func decode(s string) (text string, e encoding, ok bool) {
	bare := strings.TrimRight(s, "=")
	raw, err := base64.RawStdEncoding.DecodeString(bare)
	if err != nil || len(raw) == 0 {
		return "", e, false
	}
	e.padded = bare != s
	if len(raw)%2 == 0 && raw[1] == 0 {
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
		}
		e.wide, raw = true, []byte(string(utf16.Decode(units)))
	}
	return string(raw), e, readable(raw)
}

// readable tells text from what only happens to be base64: words, hashes, keys.
func readable(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func (e encoding) encode(text string) string {
	raw := []byte(text)
	if e.wide {
		raw = raw[:0]
		for _, u := range utf16.Encode([]rune(text)) {
			raw = append(raw, byte(u), byte(u>>8))
		}
	}
	if e.padded {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return base64.RawStdEncoding.EncodeToString(raw)
}

// within yields the texts that a text carries, and those that they carry.
func within(text string, depth int, yield func(string)) {
	if depth == maxNested {
		return
	}
	for _, b := range blob.FindAllString(text, -1) {
		if inner, _, ok := decode(b); ok {
			yield(inner)
			within(inner, depth+1, yield)
		}
	}
}

// carried finds encoded texts in which something is to be replaced.
func (s *Session) carried(v string, list []span) []span {
	if s.nested == maxNested {
		return list
	}
	s.nested++
	defer func() { s.nested-- }()
	for _, m := range blob.FindAllStringIndex(v, -1) {
		if inner, _, ok := decode(v[m[0]:m[1]]); ok && len(s.spans(inner)) > 0 {
			list = append(list, span{m[0], m[1], "encoded"})
		}
	}
	return list
}

// recode is an encoded text, redacted.
func (s *Session) recode(v string) string {
	inner, e, ok := decode(v)
	if !ok { // widened by what stands beside it
		return "encoded-" + s.r.tag("encoded", v)
	}
	s.nested++
	defer func() { s.nested-- }()
	return e.encode(s.Text(inner))
}
