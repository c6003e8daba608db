package stream

import (
	"bytes"
	"strconv"
)

// values reads JSON values one after the other, over as many lines as they like: objects are records, arrays hold them.
func (w *window) values() {
	for w.blank(false) {
		switch w.buf[w.pos] {
		case '{':
			w.object()
		case '[':
			w.array(false)
		case ',':
			w.skip(1)
		default:
			w.textLine()
		}
	}
}

func (w *window) object() {
	if env := w.envelope(false); env.found {
		w.response(env, false)
		return
	}
	if n, reason := w.value(0, false); reason != "" {
		w.resync(reason, n, 0)
	} else {
		w.record(n, nil)
	}
}

// array reads the elements of the array at pos, of any total length. With oneLine the array must end on its line.
func (w *window) array(oneLine bool) (closed bool) {
	opened := w.line
	w.skip(1)
	column := 0
	for w.blank(oneLine) && (!oneLine || w.line == opened) {
		c := w.buf[w.pos]
		if w.fresh && w.col < column && (c == '{' || c == '[') {
			break // the next value of the input: this array was cut off
		}
		switch c {
		case ']':
			w.skip(1)
			return true
		case ',':
			w.skip(1)
		case '{':
			if w.fresh && column == 0 {
				column = w.col
			}
			w.element(oneLine)
		default:
			w.notObject(oneLine)
		}
	}
	w.gap("array is not closed, it begins on line " + strconv.FormatInt(opened, 10))
	return false
}

func (w *window) element(oneLine bool) {
	n, reason := w.value(0, oneLine)
	switch {
	case reason == "":
		w.record(n, nil)
	case reason == tooLong:
		w.pass(oneLine, reason)
	default:
		w.resync(reason, n, w.column())
	}
}

// notObject rejects an element that cannot be an alert.
func (w *window) notObject(oneLine bool) {
	const reason = "array element is not an object"
	switch w.buf[w.pos] {
	case '[', '"':
		w.pass(oneLine, reason)
	default:
		w.begin(reason)
		w.skip(1)
		for {
			i := bytes.IndexAny(w.rest(), ",[]{}\" \t\r\n")
			if i >= 0 {
				w.skip(i)
				break
			}
			w.skip(len(w.rest()))
			if !w.more() {
				break
			}
		}
		w.end()
	}
}

// pass rejects the value at pos without holding it in memory, whatever its length.
func (w *window) pass(oneLine bool, reason string) {
	column := w.column()
	w.begin(reason)
	st := w.follow(&balance{oneLine: oneLine})
	if st != done {
		w.toLine(column)
	}
	w.end()
}

// follow consumes until the brackets close.
func (w *window) follow(b *balance) state {
	for {
		n, st := b.scan(w.rest())
		w.skip(n)
		if st != unfinished || !w.more() {
			return st
		}
	}
}

// column is where an element that begins its line stands, -1 for one in the midst of a line.
func (w *window) column() int {
	if !w.fresh {
		return -1
	}
	return w.col
}

// resync rejects a broken value, scanned bytes of which were looked at, and goes to the next line that may begin a value.
// The look starts at the value's second line, so that a truncated value costs only itself; an input that makes it look
// again and again at the same bytes loses that favour.
func (w *window) resync(reason string, scanned, column int) {
	w.begin(reason)
	if w.rescanned += int64(scanned); w.rescanned > 16<<20+4*w.offset() {
		w.skip(min(scanned, len(w.rest())))
	}
	w.toLine(column)
	w.end()
}

// toLine goes to the next line on which a value begins at this column, or further left one begins or ends. A negative
// column takes any line.
func (w *window) toLine(column int) {
	for {
		w.skipLine()
		if w.newlineHere(); !w.has(0) || column < 0 {
			return
		}
		i := 0
		for i <= column && w.has(i) && (w.rest()[i] == ' ' || w.rest()[i] == '\t') {
			i++
		}
		if i > column || !w.has(i) {
			continue
		}
		switch w.rest()[i] {
		case '{', '[':
			return
		case '}', ']':
			if i < column {
				return
			}
		}
	}
}
