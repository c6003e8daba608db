package view

import "strings"

// headerWindow bounds how far into a message the begin of a format is looked for.
const headerWindow = 512

func isCEF(s string) bool { return strings.HasPrefix(s, "CEF:") }

// cef reads ArcSight's Common Event Format. Some collectors cut the "CEF:" off; such a line is taken when it has the
// six pipes of a header.
func cef(o *object, s string) bool {
	rest, found := afterMarker(s, "CEF:")
	if !found {
		rest, found = s, strings.HasPrefix(s, "0|") || strings.HasPrefix(s, "1|")
	}
	if !found {
		return false
	}
	var field [7]string
	rest, n := pipes(strings.TrimLeft(rest, " "), field[:])
	if n < len(field) {
		return false
	}
	o.open("cef")
	for i, name := range [...]string{"version", "vendor", "product", "device_version", "signature", "name", "severity"} {
		o.known(name, unescape(strings.TrimSpace(field[i])))
	}
	extension(o, rest)
	o.end()
	return true
}

// nearBegin returns where marker stands in s: at its begin or behind one host, as forwarders put it there; -1 when it
// stands elsewhere. There it may be a text that a stranger chose, to pass for another product's record.
func nearBegin(s, marker string) int {
	i := strings.Index(s[:min(len(s), headerWindow)], marker)
	if i <= 0 {
		return i
	}
	before := strings.Trim(s[:i], "\" :-")
	if keyByte(s[i-1]) || before != "" && !hostname(before) {
		return -1
	}
	return i
}

// afterMarker returns what follows a marker near the begin of s.
func afterMarker(s, marker string) (string, bool) {
	i := nearBegin(s, marker)
	if i < 0 {
		return "", false
	}
	rest := s[i+len(marker):]
	if i > 0 && s[i-1] == '"' {
		rest = strings.TrimSuffix(rest, `"`)
	}
	return rest, true
}

// pipes cuts s at unescaped pipes into the fields and returns what follows them. The last field needs no pipe after it.
func pipes(s string, field []string) (rest string, n int) {
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '|':
			field[n] = s[start:i]
			n, start = n+1, i+1
			if n == len(field) {
				return s[start:], n
			}
		}
	}
	if n == len(field)-1 {
		field[n] = s[start:]
		return "", n + 1
	}
	return "", n
}

// extension writes "ext" and "labels". A value runs to the next key, which is a word between a blank and an equals
// sign; an escaped equals sign is part of the value.
func extension(o *object, s string) {
	o.open("ext")
	var found customs
	words(s, func(key, value string) {
		value = unescape(value)
		o.member(key, value)
		found.note(key, value)
	})
	o.end()
	found.write(o)
}

// words calls pair for each key=value of s, where values may hold blanks.
func words(s string, pair func(key, value string)) {
	key, start, i := "", 0, 0
	for {
		n := strings.IndexByte(s[i:], '=')
		if n < 0 {
			break
		}
		e := i + n
		i = e + 1
		k := e
		for k > start && keyByte(s[k-1]) {
			k--
		}
		if k == e || k > 0 && s[k-1] != ' ' && s[k-1] != '\t' && s[k-1] != '\n' && (key != "" || s[k-1] != '|') {
			continue
		}
		if key != "" {
			pair(key, strings.Trim(s[start:k], " \t\r\n"))
		}
		key, start = s[k:e], e+1
	}
	if key != "" {
		pair(key, strings.Trim(s[start:], " \t\r\n"))
	}
}

var keyBytes = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("_.-[]@$#", byte(c)) >= 0
	}
	return t
}()

func keyByte(c byte) bool { return keyBytes[c] }

// unescape undoes \\, \|, \=, \n and \r. Any other backslash stays: many products do not escape Windows paths.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			switch s[i+1] {
			case '\\', '|', '=':
				i++
				c = s[i]
			case 'n':
				i++
				c = '\n'
			case 'r':
				i++
				c = '\r'
			}
		}
		b = append(b, c)
	}
	return string(b)
}
