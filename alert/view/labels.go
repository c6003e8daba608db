package view

import "strings"

// label is one "Name: value" of a line: where the name begins and ends, and where the value begins.
type label struct{ at, end, value int }

func (l label) key(s string) string { return s[l.at:l.end] }

// bracketed reads Check Point's [name:"value"; name:"value"], also with the word before it that a relay left there.
func bracketed(o *object, s string) bool {
	s = strings.TrimPrefix(s, "syslog")
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") || !strings.Contains(s[:min(len(s), 64)], `:"`) {
		return false
	}
	return writeLabels(o, s[1:len(s)-1], ';')
}

// labels reads "Name: value, Other Name: value", also with " = " and over several lines. A row of columns with some
// labelled cells is written as columns, too, and there a value ends with its cell. In a row of quoted cells with blanks
// between them labels are a piece of one cell.
func labels(o *object, s string) bool {
	switch d := columnDelimiter(s); {
	case d == ' ' && columns(o, s), d == ',' && labelledCells(o, s):
		return true
	}
	s = brokenLines(s)
	return writeLabels(o, s, labelDelimiter(s))
}

// brokenLines puts the ends of lines back that a sender or a relay wrote out: \r\n, and #015#012 of rsyslog with its tab #011.
func brokenLines(s string) string {
	if strings.Count(s, `\r\n`)+strings.Count(s, "#012") < 2 {
		return s
	}
	return strings.NewReplacer(`\r\n`, "\n", "#015#012", "\n", "#012", "\n", "#011", "\t").Replace(s)
}

func labelDelimiter(s string) byte {
	switch {
	case strings.Count(s, "\n") >= 2:
		return '\n'
	case strings.Count(s, ";") > strings.Count(s, ","):
		return ';'
	}
	return ','
}

func labelledCells(o *object, s string) bool {
	mark := len(o.b)
	o.open("kv")
	cells, found := 0, 0
	for at := 0; at <= len(s); cells++ {
		cell, next, ok := nextCell(s, at, ',')
		if !ok {
			break
		}
		at = next
		if n, m := labelLength(cell); n > 0 {
			o.member(cell[:n], strings.TrimSpace(cell[m:]))
			found++
		}
	}
	o.end()
	if found >= 2 && found < cells && columns(o, s) {
		return true
	}
	o.b = o.b[:mark]
	return false
}

func writeLabels(o *object, s string, d byte) bool {
	found := scanLabels(s, d)
	if len(found) < 2 {
		return false
	}
	o.open("kv")
	for i, l := range found {
		next := len(s)
		if i+1 < len(found) {
			next = found[i+1].at
		}
		value := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s[l.value:next]), string(d)))
		if strings.HasPrefix(value, `"`) {
			value = quotedValue(value)
		}
		o.member(l.key(s), value)
	}
	o.end()
	return true
}

func quotedValue(s string) string {
	if end := closing(s, 1, '"'); end > 0 {
		return unquote(s[1:end])
	}
	return s[1:]
}

// scanLabels returns the labelled pieces of s between delimiters. A delimiter inside a quoted value separates nothing.
func scanLabels(s string, d byte) (found []label) {
	quotes := true // whether a quote may still be closed; keeps the scan linear
	for at := 0; at < len(s); {
		for at < len(s) && blank(s[at]) {
			at++
		}
		n, m := labelLength(s[at:])
		from := at + m
		for n > 0 && from < len(s) && s[from] == ' ' {
			from++
		}
		if n > 0 {
			found = append(found, label{at, at + n, from})
		}
		if n > 0 && quotes && from < len(s) && s[from] == '"' {
			if end := closing(s, from+1, '"'); end > 0 {
				from = end
			} else {
				quotes = false
			}
		}
		end := strings.IndexByte(s[from:], d)
		if end < 0 {
			return found
		}
		at = from + end + 1
	}
	return found
}

// labelLength returns the length of the label that begins s, without and with what ends it: a letter, then at most 40
// bytes of up to four words, before a colon that a blank, a quote or the end of the piece follows, or before " = ".
func labelLength(s string) (name, all int) {
	if s == "" || s[0] != '_' && (s[0]|0x20 < 'a' || s[0]|0x20 > 'z') {
		return 0, 0
	}
	words := 1
	for i := 1; i < len(s) && i <= 40; i++ {
		switch c := s[i]; {
		case c == ':':
			if i+1 == len(s) || strings.IndexByte(" \",;\r\n", s[i+1]) >= 0 {
				return i, i + 1
			}
			return 0, 0
		case strings.HasPrefix(s[i:], " = "):
			return i, i + 3
		case c == ' ':
			if words++; words > 4 {
				return 0, 0
			}
		case !keyByte(c):
			return 0, 0
		}
	}
	return 0, 0
}
