package view

import (
	"strconv"
	"strings"
)

// leef reads IBM's Log Event Extended Format, 1.0 and 2.0.
func leef(o *object, s string) bool {
	rest, found := afterMarker(s, "LEEF:")
	if !found { // cut off on the way, as that of CEF
		rest, found = s, strings.HasPrefix(s, "1.0|") || strings.HasPrefix(s, "2.0|")
	}
	if !found {
		return false
	}
	var field [5]string
	rest, n := pipes(strings.TrimLeft(rest, " "), field[:])
	if n < len(field) {
		return false
	}
	delimiter := "\t"
	if strings.HasPrefix(field[0], "2") {
		delimiter, rest = leefDelimiter(rest)
	}
	o.open("leef")
	for i, name := range [...]string{"version", "vendor", "product", "device_version", "event"} {
		o.known(name, strings.TrimSpace(field[i]))
	}
	o.open("ext")
	attributes(rest, delimiter, o.member)
	o.end()
	o.end()
	return true
}

// leefDelimiter reads the sixth field of LEEF 2.0, one character or its code. Senders leave it out, too; then what
// stands before the next pipe is no such thing.
func leefDelimiter(s string) (delimiter, rest string) {
	field, rest, found := strings.Cut(s, "|")
	code := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(field), "0"), "x")
	switch {
	case !found:
		return "\t", s
	case field == "":
		return "\t", rest
	case len(field) == 1:
		return field, rest
	case len(code) < len(field) && len(code) <= 4:
		if n, err := strconv.ParseUint(code, 16, 16); err == nil && n > 0 {
			return string(rune(n)), rest
		}
	case len(field) <= 4 && len([]rune(field)) == 1:
		return field, rest
	}
	return "\t", s
}

// attributes calls pair for each key=value between delimiters. A piece without an equals sign belongs to the value
// before it. On the way tabs become #011 (rsyslog) or blanks; then values run to the next key as in CEF.
func attributes(s, delimiter string, pair func(key, value string)) {
	if delimiter == "\t" && strings.IndexByte(s, '\t') < 0 {
		if delimiter = "#011"; !strings.Contains(s, delimiter) {
			words(s, pair)
			return
		}
	}
	key, start, end := "", 0, 0
	for at := 0; at <= len(s); {
		n := strings.Index(s[at:], delimiter)
		if n < 0 {
			n = len(s) - at
		}
		piece := s[at : at+n]
		if k, _, ok := strings.Cut(piece, "="); ok && strings.TrimSpace(k) != "" {
			if key != "" {
				pair(key, s[start:end])
			}
			key, start, end = strings.TrimSpace(k), at+len(k)+1, at+n
		} else if strings.TrimSpace(piece) != "" {
			end = at + n
		}
		at += n + len(delimiter)
	}
	if key != "" {
		pair(key, s[start:end])
	}
}
