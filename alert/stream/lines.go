package stream

// lines reads one record per line: NDJSON and every text that has no other container.
func (w *window) lines() {
	for w.has(0) {
		w.textLine()
	}
}

// textLine reads the line at pos as a record, or as a response if it is one on a single line.
func (w *window) textLine() {
	n, fits := w.eol(0)
	if line := w.rest()[:n]; mayWrap(line) {
		if env := w.envelope(true); env.found {
			line := w.line
			if w.response(env, true); w.line == line {
				w.lineRemainder()
			}
			return
		}
	}
	w.plainLine(n, fits)
}

// plainLine reads the line at pos, n bytes long, whatever it holds, with those that continue it.
func (w *window) plainLine(n int, fits bool) {
	if fits {
		w.emitLine(w.wrapped(n))
		return
	}
	w.begin("line longer than a record may be")
	w.skipLine()
	w.end()
	w.newlineHere()
}

// emitLine takes n bytes, with so many line breaks in them, as a record.
func (w *window) emitLine(n, breaks int) {
	line := w.rest()[:n]
	ended := w.pos+n < len(w.buf)
	if n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	switch {
	case isBlank(line):
		w.pos += n
	case !ended && w.cut():
		w.reject(n, "input breaks off inside this line")
	default:
		if w.wants(len(line)) {
			w.add(Record{Raw: line[:len(line):len(line)], Line: w.line, Offset: w.offset()})
			w.lend()
		}
		w.pos += n
	}
	w.line += int64(breaks)
	if ended {
		w.pos++
		w.line++
	}
	w.fresh, w.col = true, 0
}

// lineRemainder clears away what follows a response on its line.
func (w *window) lineRemainder() {
	if w.blank(true) {
		w.begin("text after the end of a response")
		w.skipLine()
		w.end()
	}
	w.newlineHere()
}
