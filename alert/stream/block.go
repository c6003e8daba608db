package stream

import (
	"bytes"
	"regexp"
)

var boundary = regexp.MustCompile(`^-{2,3}([0-9A-Za-z]{8})-{1,3}([A-Z])--\s*$`)

const (
	eventStart = "<Event"
	eventEnd   = "</Event>"
)

// isEventXML reports whether a text begins as an export of Windows events does.
func isEventXML(line []byte) bool {
	for _, s := range []string{"<Event ", "<Event>", "<Events", "<?xml"} {
		if bytes.HasPrefix(line, []byte(s)) {
			return true
		}
	}
	return false
}

// eventXML reads Windows events, over as many lines as they like. What stands between them is markup of the file, or
// text that is read line by line.
func (w *window) eventXML() {
	for w.blank(false) {
		switch {
		case w.startsEvent():
			w.event()
		case w.document():
		case w.rest()[0] == '<' && w.skipTag():
		default:
			w.plainLine(w.eol(0))
		}
	}
}

func (w *window) startsEvent() bool {
	if !w.begins(eventStart) || !w.has(len(eventStart)) {
		return false
	}
	at, end := nextTag(w.rest())
	return at == 0 && !end
}

// nextTag finds where the next event begins or, with end, where one ends; -1 for neither. A tag that p may cut in two is
// not seen.
func nextTag(p []byte) (at int, end bool) {
	for i := 0; i < len(p); i++ {
		k := bytes.IndexByte(p[i:], '<')
		if k < 0 {
			break
		}
		i += k
		if tag := p[i:]; bytes.HasPrefix(tag, []byte(eventEnd)) {
			return i, true
		} else if n := len(eventStart); len(tag) > n && string(tag[:n]) == eventStart && (tag[n] == '>' || tag[n] <= ' ') {
			return i, false
		}
	}
	return -1, false
}

// skipTag consumes a tag of the file itself.
func (w *window) skipTag() bool {
	if !w.begins("<Events") && !w.begins("</Events") && !w.begins("<?") && !w.begins("<!--") {
		return false
	}
	for i := 1; w.has(i) && i < maxKept; i++ {
		if w.rest()[i] == '>' {
			w.skip(i + 1)
			return true
		}
	}
	return false
}

// event reads to the end of the event at pos. One that another event interrupts, or that is too long, is rejected up to
// the next.
func (w *window) event() {
	seen := 1
	for {
		at, end := nextTag(w.rest()[seen:])
		n := seen + at
		if end {
			n += len(eventEnd)
		}
		switch {
		case at < 0 && len(w.rest()) > w.limit+len(eventEnd), n > w.limit: // a tag may be half here
			w.longEvent()
			return
		case end:
			w.record(n, nil)
			return
		case at >= 0:
			w.reject(n, "event has no end")
			return
		}
		seen = max(seen, len(w.rest())-len(eventEnd)+1)
		if !w.more() {
			w.reject(len(w.rest()), "event has no end")
			return
		}
	}
}

// longEvent rejects up to the next event without keeping what is between.
func (w *window) longEvent() {
	w.begin("event longer than a record may be")
	defer w.end()
	w.skip(1)
	for {
		at, end := nextTag(w.rest())
		switch {
		case end:
			w.skip(at + len(eventEnd))
			return
		case at >= 0:
			w.skip(at)
			return
		}
		w.skip(max(0, len(w.rest())-len(eventEnd)))
		if !w.more() {
			w.skip(len(w.rest()))
			return
		}
	}
}

// auditBoundary returns the id of the ModSecurity audit entry whose part begins on this line.
func auditBoundary(line []byte, part byte) string {
	if len(line) < 2 || len(line) > 32 || line[0] != '-' || line[1] != '-' {
		return ""
	}
	m := boundary.FindSubmatch(line)
	if m == nil || m[2][0] != part {
		return ""
	}
	return string(m[1])
}

// auditLog reads entries of a serial ModSecurity audit log, from part A to part Z.
func (w *window) auditLog() {
	for w.has(0) {
		n, fits := w.eol(0)
		if id := auditBoundary(w.rest()[:n], 'A'); id != "" {
			w.auditEntry(id)
		} else {
			w.plainLine(n, fits)
		}
	}
}

func (w *window) auditEntry(id string) {
	at, _ := w.eol(0)
	for at < w.limit && w.has(at) {
		end, _ := w.eol(at + 1)
		line := w.rest()[at+1 : end]
		if auditBoundary(line, 'Z') == id && end <= w.limit {
			w.record(len(bytes.TrimRight(w.rest()[:end], "\r")), nil)
			w.skipLine()
			w.newlineHere()
			return
		}
		if auditBoundary(line, 'A') != "" {
			break
		}
		at = end
	}
	w.badEntry()
}

// badEntry rejects an entry without its last part, up to the next entry.
func (w *window) badEntry() {
	w.begin("audit entry has no end")
	for {
		w.skipLine()
		w.newlineHere()
		if !w.has(0) {
			break
		}
		if n, _ := w.eol(0); auditBoundary(w.rest()[:n], 'A') != "" {
			break
		}
	}
	w.end()
}
