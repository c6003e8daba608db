package stream

import "bytes"

// document reads an XML document of another kind than Windows events, over several lines, as one record: from its
// declaration to the end of its root element. It leaves alone what is on one line, and what has no end.
func (w *window) document() bool {
	if !w.begins("<?xml") {
		return false
	}
	root := w.rootName()
	if root == "" || root == "Event" || root == "Events" {
		return false
	}
	closing := []byte("</" + root + ">")
	for from := 1; ; {
		text := w.rest()[from:]
		at := bytes.Index(text, closing)
		if at >= 0 {
			text = text[:at]
		}
		if bytes.Contains(text, []byte("<?xml")) { // the next one: this has no end, and is not searched for it again
			return false
		}
		if at >= 0 {
			n := from + at + len(closing)
			if n > w.limit || bytes.IndexByte(w.rest()[:n], '\n') < 0 {
				return false
			}
			w.record(n, nil)
			return true
		}
		from = max(1, len(w.rest())-len(closing))
		if len(w.rest()) > w.limit || !w.more() {
			return false
		}
	}
}

// rootName finds the name of the first element behind the declaration, within the first 4 KiB.
func (w *window) rootName() string {
	const within = 4 << 10
	for i := 1; i < within && w.has(i+1); i++ {
		if p := w.rest(); p[i] != '<' || p[i+1] == '!' || p[i+1] == '?' {
			continue
		}
		end := i + 1
		for w.has(end) && end < within && bytes.IndexByte([]byte(" \t\r\n/>"), w.rest()[end]) < 0 {
			end++
		}
		return string(w.rest()[i+1 : end])
	}
	return ""
}
