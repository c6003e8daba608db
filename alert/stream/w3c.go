package stream

import "bytes"

// w3cLog is what the header of a log in W3C's extended format says: web servers (IIS, CloudFront) and proxies write it.
type w3cLog struct {
	keys [][]byte
}

// startsW3C tells whether lines that begin with a # stand at the begin, and one of them names the fields.
func (w *window) startsW3C() bool {
	const within = 4 << 10
	for at := 0; at < within && w.has(at) && w.rest()[at] == '#'; {
		end, _ := w.eol(at)
		if bytes.HasPrefix(w.rest()[at:end], []byte("#Fields:")) {
			return true
		}
		at = end + 1
	}
	return false
}

// w3c reads the rows of a log as {"date": ..., "time": ..., "c-ip": ..., "cs(User-Agent)": ...}: names as the header has them. What is unset is left out.
func (w *window) w3c() { w.headed(&w3cLog{}) }

func (l *w3cLog) header(line []byte) {
	names, ok := bytes.CutPrefix(line, []byte("Fields:"))
	if !ok {
		return
	}
	l.keys = nil
	for _, name := range bytes.Fields(names) {
		l.keys = append(l.keys, append(appendString(nil, name), ':'))
	}
}

func (l *w3cLog) fits(row []byte) bool {
	n := 0
	for rest := row; ; n++ {
		if _, rest = cellW3C(rest); rest == nil {
			return n+1 == len(l.keys)
		}
	}
}

// cellW3C cuts the first field off a row. Fields stand apart by a blank or tab; one in quotes may hold blanks. rest is nil behind the last.
func cellW3C(row []byte) (cell, rest []byte) {
	from := 0
	if len(row) > 0 && row[0] == '"' {
		if end := bytes.IndexByte(row[1:], '"'); end >= 0 {
			from = end + 2
		}
	}
	if end := bytes.IndexAny(row[from:], " \t"); end >= 0 {
		return row[:from+end], row[from+end+1:]
	}
	return row, nil
}

func (l *w3cLog) view(dst, row []byte) []byte {
	dst = append(dst, '{')
	for _, key := range l.keys {
		var cell []byte
		cell, row = cellW3C(row)
		if n := len(cell); n > 1 && cell[0] == '"' && cell[n-1] == '"' {
			cell = cell[1 : n-1]
		}
		if len(cell) == 0 || string(cell) == "-" {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, key...), cell)
	}
	return append(dst, '}')
}
