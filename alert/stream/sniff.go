package stream

import "bytes"

// sniff decides from the first bytes which reader cuts this input; nil: it is read line by line. Blank lines before them are consumed.
func (w *window) sniff() func() {
	w.blankLines()
	start, end, ok := w.peekLine(0)
	if !ok {
		return nil
	}
	line := w.rest()[start:end]
	switch {
	case line[0] == '{':
		return w.sniffObject(start, end)
	case line[0] == '[':
		if w.sniffArray(start + 1) {
			return w.values
		}
	case line[0] == '<' && isEventXML(line):
		return w.eventXML
	case bytes.HasPrefix(line, []byte(zeekMark)):
		return w.zeek
	case line[0] == '#' && w.startsW3C():
		return w.w3c
	case auditBoundary(line, 'A') != "":
		return w.auditLog
	default:
		if t, ok := w.sniffTable(); ok {
			return func() { w.table(t) }
		}
	}
	return nil
}

// blankLines consumes whole lines that are blank, one at a time: the first that is not keeps its indentation.
func (w *window) blankLines() {
	for w.has(0) {
		n, fits := w.eol(0)
		if !fits || !isBlank(w.rest()[:n]) {
			return
		}
		w.skip(n)
		w.newlineHere()
	}
}

// peekLine finds the first line from byte i on that is not blank, without its indentation. It is cut at the limit for one
// record.
func (w *window) peekLine(i int) (start, end int, ok bool) {
	for w.has(i) && i < w.limit {
		if c := w.rest()[i]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			end, _ = w.eol(i)
			return i, min(end, w.limit), true
		}
		i++
	}
	return 0, 0, false
}

// sniffObject tells one object per line from objects over several lines, and from several on one.
func (w *window) sniffObject(start, end int) func() {
	line := w.rest()[start:end]
	n, st := (&balance{oneLine: true}).scan(line)
	if end >= w.limit {
		return nil
	}
	if st == done {
		if more := bytes.TrimLeft(line[n:], " \t\r,"); len(more) > 0 && (more[0] == '{' || more[0] == '[') {
			return w.values
		}
		return nil
	}
	if next, nextEnd, ok := w.peekLine(end); ok && w.rest()[next] == '{' && w.rest()[next-1] == '\n' {
		if _, st := (&balance{oneLine: true}).scan(w.rest()[next:nextEnd]); st == done {
			return nil
		}
	}
	return w.values
}

// sniffArray tells a JSON array from a text line that begins with a bracket, such as a log's [time] or [client].
func (w *window) sniffArray(i int) bool {
	c := cursor{w: w, i: i}
	switch c.peek() {
	case '{', '[', ']':
		return true
	case '"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f', 'n':
	default:
		return false
	}
	if !c.skipScalar() {
		return false
	}
	switch c.peek() {
	case ',':
		return true
	case ']':
		c.i++
		c.oneLine = true
		return c.peek() == 0
	}
	return false
}

// skipScalar goes past a string, number or word of JSON.
func (c *cursor) skipScalar() bool {
	if c.peek() == '"' {
		return c.skipValue()
	}
	start := c.i
	for c.w.has(c.i) && isScalar(c.w.rest()[c.i]) {
		c.i++
	}
	word := string(c.w.rest()[start:min(c.i, start+8)])
	return word[0] < 'A' || word == "true" || word == "false" || word == "null"
}

func isScalar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
