package alert

import "strings"

// cleaner cuts or rewrites a raw value before it is normalised; it may yield several.
type cleaner func(v string, yield func(string))

// cleanerNamed returns a cleaner by the name format files use, nil when there is none:
//
//	hashes    SHA1=..,MD5=..,SHA256=..       every hash
//	list      a, b; c                        every element (comma, semicolon, pipe or line)
//	host      https://a.example:8080/x       the host of a URL
//	account   DOMAIN\user, user@domain       the whole, for entities; trims quotes
//	domain    DOMAIN\user, user@domain       the domain part
//	last      a/b/c or a\b\c                 the last element
//	first     a b c                          the first word
//	technique text with T1059.001            every ATT&CK id
//	quoted    "value"                        without the quotes
//	labels    .. (3)www(7)example(0)         the name of the domain: www.example
func cleanerNamed(name string) cleaner {
	switch name {
	case "hashes":
		return hashes
	case "list":
		return list
	case "host":
		return hostOf
	case "account", "quoted":
		return func(v string, yield func(string)) { yield(strings.Trim(v, `"' `)) }
	case "domain":
		return domainOf
	case "last":
		return func(v string, yield func(string)) { yield(v[strings.LastIndexAny(v, `/\`)+1:]) }
	case "first":
		return func(v string, yield func(string)) {
			if f := strings.Fields(v); len(f) > 0 {
				yield(f[0])
			}
		}
	case "technique":
		return Techniques
	case "labels":
		return labels
	}
	return nil
}

func hashes(v string, yield func(string)) {
	for from, i := 0, 0; i <= len(v); i++ {
		if i < len(v) && v[i] != ',' && v[i] != ';' && v[i] != ' ' && v[i] != '|' {
			continue
		}
		part := v[from:i]
		from = i + 1
		if h, ok := hash(part); ok && (len(part) < 8 || !strings.EqualFold(part[:8], "IMPHASH=")) {
			yield(h)
		}
	}
}

func list(v string, yield func(string)) {
	v = strings.Trim(v, "[]")
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' }) {
		if part = strings.Trim(part, ` "'`); part != "" {
			yield(part)
		}
	}
}

func hostOf(v string, yield func(string)) {
	if i := strings.Index(v, "://"); i >= 0 {
		v = v[i+3:]
	}
	v = v[strings.LastIndexByte(v[:cut(v, "/?#")], '@')+1:]
	v = v[:cut(v, "/?#")]
	if !strings.HasPrefix(v, "[") {
		v = v[:cut(v, ":")]
	}
	yield(v)
}

func cut(v, set string) int {
	if i := strings.IndexAny(v, set); i >= 0 {
		return i
	}
	return len(v)
}

func domainOf(v string, yield func(string)) {
	if i := strings.IndexByte(v, '\\'); i > 0 {
		yield(v[:i])
		return
	}
	if i := strings.LastIndexByte(v, '@'); i >= 0 {
		yield(v[i+1:])
	}
}

// Techniques yields every ATT&CK technique id (T1059, T1059.001) in a text, in order.
func Techniques(v string, yield func(string)) {
	for i := 0; i+5 <= len(v); i++ {
		if v[i] != 'T' && v[i] != 't' || i > 0 && isWord(v[i-1]) || !digits(v[i+1:i+5]) {
			continue
		}
		end := i + 5
		if end+4 <= len(v) && (v[end] == '.' || v[end] == '/') && digits(v[end+1:end+4]) {
			end += 4
		}
		if end < len(v) && isWord(v[end]) {
			continue
		}
		id := v[i:end]
		if id[0] == 't' || strings.IndexByte(id, '/') > 0 {
			id = "T" + strings.Replace(id[1:], "/", ".", 1)
		}
		yield(id)
		i = end - 1
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

func isWord(c byte) bool { return c|0x20-'a' <= 25 || c-'0' <= 9 || c == '_' }

// labels yields the first name in a text that is written as labels behind their lengths, (3)www(7)example(3)com(0). A label may hold what looks
// like a length; one that was changed on the way and no longer has its length ends at the next.
func labels(v string, yield func(string)) {
	for at := 0; at < len(v); at++ {
		if name, ok := labelled(v[at:]); ok {
			yield(name)
			return
		}
	}
}

// maxLabel is the longest label of a name. Source: RFC 1035, 2.3.4.
const maxLabel = 63

// labelled reads a name at the beginning of a text.
func labelled(v string) (name string, ok bool) {
	for {
		n, rest, ok := length(v)
		switch {
		case !ok || n == 0:
			return name, ok && name != ""
		case name != "":
			name += "."
		}
		if _, _, ok := length(rest[min(n, len(rest)):]); !ok {
			if n = strings.IndexByte(rest, '('); n < 0 {
				return "", false
			}
		}
		name, v = name+rest[:n], rest[n:]
	}
}

// length reads the length in front of a label.
func length(v string) (n int, rest string, ok bool) {
	end := strings.IndexByte(v[:min(len(v), 4)], ')')
	if end < 2 || v[0] != '(' || !digits(v[1:end]) {
		return 0, "", false
	}
	for _, c := range v[1:end] {
		n = 10*n + int(c-'0')
	}
	return n, v[end+1:], n <= maxLabel
}
