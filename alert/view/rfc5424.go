package view

import "strings"

// splitRFC5424 cuts "1 TIME HOST APP PID MSGID DATA" off s. Data that is no structured data (Check Point sends its
// fields there) begins the message.
func splitRFC5424(s string) (header, string, bool) {
	n := digits(s)
	if n < 1 || n > 2 || n == len(s) || s[n] != ' ' {
		return header{}, s, false
	}
	r := s[n+1:]
	var field [5]string
	for i := range field {
		var ok bool
		if field[i], r, ok = strings.Cut(r, " "); !ok && i < len(field)-1 {
			return header{}, s, false
		}
		if field[i] == "" || field[i] != "-" && i == 0 && !modernStamp(field[0]) {
			return header{}, s, false
		}
		if i == 2 && (strings.ContainsAny(field[2], "|=") || strings.HasSuffix(field[2], ":")) {
			return header{}, s, false // an older header behind the version number
		}
		if i == 3 && strings.HasPrefix(r, "[") && structuredData(&object{b: []byte{'{'}}, r) == 0 {
			break // no message id, then fields in brackets
		}
		if field[i] == "-" {
			field[i] = ""
		}
	}
	h := header{time: field[0], host: field[1], app: field[2], pid: field[3], msgid: field[4]}
	if h.pid == "-" {
		h.pid = ""
	}
	switch n := structuredData(&object{b: []byte{'{'}}, r); {
	case n > 0:
		h.data, r = r[:n], r[n:]
	case r == "-" || strings.HasPrefix(r, "- "):
		r = r[1:]
	}
	return h, strings.TrimPrefix(strings.TrimLeft(r, " "), "\uFEFF"), true
}

// modernStamp reports whether s is a time of RFC 5424, also with a zone that its sender got wrong: Check Point writes --5:00.
func modernStamp(s string) bool {
	return fits(s, stamps[0]) && (stamp(s) == len(s) || strings.Trim(s[len(stamps[0]):], "+-:.0123456789") == "")
}

// structuredData writes the elements that begin s, [id param="value" ...][...], as members and returns their length;
// 0 when s does not begin with well-formed structured data.
func structuredData(o *object, s string) int {
	mark, i := len(o.b), 0
	for i < len(s) && s[i] == '[' {
		n := structuredElement(o, s[i:])
		if n == 0 {
			o.b = o.b[:mark]
			return 0
		}
		i += n
	}
	return i
}

func structuredElement(o *object, s string) int {
	i := 1
	id, ok := sdName(s, &i)
	if !ok {
		return 0
	}
	o.open(id)
	for i < len(s) {
		if s[i] == ']' {
			o.end()
			return i + 1
		}
		if s[i] != ' ' {
			return 0
		}
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i < len(s) && s[i] == ']' {
			continue
		}
		name, ok := sdName(s, &i)
		if !ok || !strings.HasPrefix(s[i:], `="`) {
			return 0
		}
		end := closing(s, i+2, '"')
		if end < 0 {
			return 0
		}
		o.member(name, sdValue(s[i+2:end]))
		i = end + 1
	}
	return 0
}

func sdName(s string, i *int) (string, bool) {
	start := *i
	for *i < len(s) && s[*i] > ' ' && strings.IndexByte(`=]"[`, s[*i]) < 0 {
		*i++
	}
	return s[start:*i], *i > start
}

// closing returns where the first quote that no backslash escapes stands, at or after from; -1 when there is none.
func closing(s string, from int, quote byte) int {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return -1
}

// sdValue undoes \", \\ and \].
func sdValue(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`"\]`, s[i+1]) >= 0 {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}
