package stream

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// cell is a field of a row: where it stands, without its quotes.
type cell struct {
	start, end int
	doubled    bool // holds "" for "
}

// row is one row of a CSV file (RFC 4180; a quote inside an unquoted field is text).
type row struct {
	src   []byte
	cells []cell
	n     int // length without the end of the line
	st    state
	buf   []byte
}

// scan finds the row at the start of p; last says that nothing follows p.
func (r *row) scan(p []byte, comma byte, last bool) {
	r.src, r.cells, r.n, r.st = p, r.cells[:0], 0, unfinished
	for i := 0; ; {
		c, end, st := scanCell(p[i:], comma, last)
		if st != done {
			r.st, r.n = st, i
			return
		}
		c.start, c.end, end = c.start+i, c.end+i, end+i
		r.cells = append(r.cells, c)
		if end < len(p) && p[end] == comma {
			i = end + 1
			continue
		}
		r.n, r.st = end, done
		return
	}
}

// scanCell finds a field and the byte that ends it: a comma, the end of the line, the end of p.
func scanCell(p []byte, comma byte, last bool) (c cell, end int, st state) {
	if len(p) > 0 && p[0] == '"' {
		return scanQuoted(p, comma, last)
	}
	for i, b := range p {
		if b == comma || b == '\n' {
			end := i
			if b == '\n' && i > 0 && p[i-1] == '\r' {
				end--
			}
			return cell{start: 0, end: end}, end, done
		}
	}
	if !last {
		return cell{}, len(p), unfinished
	}
	end = len(bytes.TrimSuffix(p, []byte{'\r'}))
	return cell{end: end}, end, done
}

func scanQuoted(p []byte, comma byte, last bool) (c cell, end int, st state) {
	c.start = 1
	for i := 1; ; {
		k := bytes.IndexByte(p[i:], '"')
		if k < 0 {
			break
		}
		i += k + 1
		switch {
		case i == len(p) && last, i < len(p) && (p[i] == comma || p[i] == '\n'), bytes.HasPrefix(p[i:], []byte("\r\n")):
			c.end = i - 1
			return c, i, done
		case i == len(p), i == len(p)-1 && p[i] == '\r' && !last:
			return c, i, unfinished
		case i == len(p)-1 && p[i] == '\r':
			c.end = i - 1
			return c, i, done
		case p[i] == '"':
			c.doubled = true
			i++
		default:
			return c, i, broken
		}
	}
	if last {
		return c, len(p), broken
	}
	return c, len(p), unfinished
}

// text is what a field says; it is good until the next call.
func (r *row) text(c cell) []byte {
	if !c.doubled {
		return r.src[c.start:c.end]
	}
	r.buf = append(r.buf[:0], bytes.ReplaceAll(r.src[c.start:c.end], []byte(`""`), []byte(`"`))...)
	return r.buf
}

// looksLikeNames tells a header from a line of text that happens to hold commas.
func (r *row) looksLikeNames() bool {
	for _, c := range r.cells {
		if !isName(bytes.TrimSpace(r.text(c))) {
			return false
		}
	}
	return true
}

func isName(p []byte) bool {
	if len(p) == 0 || len(p) > 128 || bytes.ContainsAny(p, "=|{}<>\n") {
		return false
	}
	if _, err := strconv.ParseFloat(string(p), 64); err == nil {
		return false
	}
	letter, before := false, byte(0)
	for i := 0; i < len(p); i++ {
		if p[i] == ':' && before >= '0' && before <= '9' {
			return false // a time of day
		}
		before = p[i]
		letter = letter || before >= utf8.RuneSelf || unicode.IsLetter(rune(before))
	}
	return letter
}

// appendString appends p as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(dst, p []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(p); {
		switch c := p[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRune(p[i:])
			dst = utf8.AppendRune(dst, r)
			i += size - 1
		}
		i++
	}
	return append(dst, '"')
}
