package stream

import "bytes"

// columns are logs whose rows are explained by lines that begin with a #, at the begin and perhaps again later.
type columns interface {
	header(line []byte)          // takes one of those lines, without the #
	fits(row []byte) bool        // has the row as many fields as the header?
	view(dst, row []byte) []byte // appends the row as a JSON object
}

// headed reads the rows of such a log.
func (w *window) headed(log columns) {
	var view []byte
	for w.has(0) {
		n, fits := w.eol(0)
		line := bytes.TrimSuffix(w.rest()[:n], []byte{'\r'})
		switch {
		case !fits:
			w.begin("line longer than a record may be")
			w.skipLine()
			w.end()
		case isBlank(line):
			w.skip(n)
		case line[0] == '#':
			log.header(line[1:])
			w.skip(n)
		case w.cut() && w.pos+n == len(w.buf):
			w.reject(n, "input breaks off inside this row")
		case !log.fits(line):
			w.reject(n, "row has another number of fields than the header")
		default:
			w.record(len(line), func(line []byte) []byte {
				view = log.view(view[:0], line)
				return w.out.keep(view)
			})
			w.skip(n - len(line))
		}
		w.newlineHere()
	}
}
