// Package view turns one record of text that is not JSON into a JSON object, so that a format file can address the
// fields of CEF, LEEF, syslog, Windows event XML, key=value lines and the rest by path, as it does with JSON alerts.
//
// It knows shapes, not vendors: it never decides what a field means, never converts a value and never drops the text,
// which stays beside its fields as "message". It does not read JSON records and does not split streams into records.
//
// Start with [Text]; [Prose] takes the sentences that Text refuses.
package view

import (
	"strings"
	"unicode/utf8"
)

// Text appends the JSON view of one record to dst. The view is one JSON object; every value is a string as the record
// has it, except that a JSON object found inside the record is copied as it stands. A key that the record repeats is
// repeated in the view. The view is at most six times as long as the record plus one KiB, and is made in linear time.
//
// ok is false, and out is dst, when no structure is recognised: prose (see [Prose]), binary, broken JSON. Text keeps nothing
// and is safe for concurrent use.
func Text(dst, record []byte) (out []byte, ok bool) {
	s := unwrapped(string(record))
	if s == "" || !printable(s) {
		return dst, false
	}
	o := object{b: append(dst, '{')}
	message, found := s, false
	if !isCEF(s) {
		var h header
		h, message = splitHeader(s)
		found = h.write(&o)
	}
	o.member("message", message)
	if !body(&o, withoutRelay(message)) && !found {
		return dst, false
	}
	return append(o.b, '}'), true
}

// unwrapped takes off what an export or a relay puts around a record: a byte order mark, the quotes of a table of one
// column with the doubled ones inside, and the end of the line, also as some relays write its characters (#015#012).
func unwrapped(s string) string {
	s = strings.TrimRight(strings.TrimPrefix(s, "\uFEFF"), " \t\r\n")
	for _, end := range [...]string{"#012", "#013", "#015"} {
		s = strings.TrimRight(strings.TrimSuffix(s, end), " \t")
	}
	n := len(s)
	if n < 3 || s[0] != '"' || s[n-1] != '"' || strings.IndexByte(s, ' ') < 0 {
		return s
	}
	if cell, next, ok := nextCell(s, 0, 0); ok && next > n && len(cell) < n {
		return cell
	}
	if stamp(s[1:]) > 0 {
		return s[1 : n-1]
	}
	return s
}

// withoutRelay cuts off the header that a relay leaves inside the message when it puts its own before it.
func withoutRelay(message string) string {
	s := strings.TrimLeft(message, " \t\r\n\uFEFF")
	if isCEF(s) || s == "" || s[0] != '<' && stamp(s) == 0 {
		return s
	}
	_, s = splitHeader(s)
	return strings.TrimLeft(s, " \t\r\n\uFEFF")
}

// body writes the members of the first decoder that fits.
func body(o *object, s string) bool {
	for _, decode := range [...]func(*object, string) bool{cef, leef, markup, modsec, snort, audit, embedded} {
		if decode(o, s) {
			return true
		}
	}
	if broken(s) {
		return false
	}
	for _, decode := range [...]func(*object, string) bool{bracketed, httpd, haproxy, access, squid, flow, auth, cisco, pairs, labels, columns} {
		if decode(o, s) {
			return true
		}
	}
	return false
}

// broken reports whether s begins as JSON or XML does. What is whole never gets here; the rest must be rejected instead
// of passing as columns or pairs.
func broken(s string) bool {
	if s == "" || strings.HasPrefix(s, "<?xml") || strings.HasPrefix(s, "<Event") {
		return s != ""
	}
	switch s[0] {
	case '{', '}', ']':
		return true
	case '[':
		rest := strings.TrimLeft(s[1:], " \t\r\n")
		return rest == "" || strings.IndexByte(`{["'],-`, rest[0]) >= 0
	}
	return false
}

// printable reports whether s is UTF-8 text without control characters. A line feed, with or without its carriage
// return, and a tab are text. Enriched auditd records hold one group separator, and only they may.
func printable(s string) bool {
	separators := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= ' ' && c < 0x7f, c == '\t', c == '\n':
			i++
		case c == '\r' && i+1 < len(s) && s[i+1] == '\n':
			i++
		case c == groupSeparator:
			separators++
			i++
		case c < utf8.RuneSelf:
			return false
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if n == 1 || r <= 0x9f {
				return false
			}
			i += n
		}
	}
	return separators == 0 || separators == 1 && strings.Contains(s, "msg=audit(")
}
