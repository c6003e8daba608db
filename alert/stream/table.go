package stream

import "bytes"

// table is what the header of a CSV file says.
type table struct {
	comma byte
	keys  [][]byte // each column's name as a JSON key with its colon
	next  int      // index of the first row
}

// sniffTable recognises a header by its fields and by a second row that has as many.
func (w *window) sniffTable() (table, bool) {
	n, fits := w.eol(0)
	if !fits || bytes.IndexByte(w.rest()[:n], 0) >= 0 {
		return table{}, false
	}
	for _, comma := range []byte(",;\t") {
		var header, second row
		if header.scan(w.rest()[:n], comma, true); header.st != done || len(header.cells) < 3 || !header.looksLikeNames() {
			continue
		}
		t := table{comma: comma, next: n + 1}
		for _, c := range header.cells {
			t.keys = append(t.keys, append(appendString(nil, header.text(c)), ':'))
		}
		if w.scanRow(&second, n+1, comma); second.st == done && len(second.cells) == len(header.cells) {
			return t, true
		}
	}
	return table{}, false
}

// table reads the rows behind the header.
func (w *window) table(t table) {
	w.skip(t.next)
	var r row
	var view []byte
	for w.has(0) {
		if n, _ := w.eol(0); isBlank(w.rest()[:n]) {
			w.skip(n)
			w.newlineHere()
			continue
		}
		w.scanRow(&r, 0, t.comma)
		switch {
		case r.st == done && w.cut() && w.pos+r.n == len(w.buf):
			w.reject(r.n, "input breaks off inside this row")
		case r.st == done && len(r.cells) == len(t.keys):
			w.record(r.n, func([]byte) []byte {
				view = t.view(view[:0], &r)
				return w.out.keep(view)
			})
		default:
			w.badRow(r.st == done)
			continue
		}
		if w.has(0) && w.rest()[0] == '\r' {
			w.skip(1)
		}
		w.newlineHere()
	}
}

// badRow gives up the first line of a row that is out of shape: a stray quote may have joined many lines to it.
func (w *window) badRow(whole bool) {
	reason := "row has another number of fields than the header"
	if !whole {
		reason = "quoted field has no end"
	}
	w.begin(reason)
	w.skipLine()
	w.end()
	w.newlineHere()
}

// view is the row as a JSON object of strings, without the empty cells.
func (t table) view(dst []byte, r *row) []byte {
	dst = append(dst, '{')
	for i, c := range r.cells {
		text := r.text(c)
		if len(text) == 0 {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(dst, t.keys[i]...)
		dst = appendString(dst, text)
	}
	return append(dst, '}')
}

// scanRow reads on until the row at byte from is whole, or longer than a record may be.
func (w *window) scanRow(r *row, from int, comma byte) {
	for {
		rest := w.rest()
		r.scan(rest[min(from, len(rest)):], comma, w.err != nil || w.fail != nil)
		if r.n > w.limit {
			r.st = broken
		}
		if r.st == unfinished && len(rest)-from > w.limit {
			r.st = broken
		}
		if r.st != unfinished {
			return
		}
		w.more()
	}
}
