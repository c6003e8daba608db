package stream

import (
	"context"
	"io"
	"os"
)

// Lined tells whether Read cuts a file line by line, and at which byte its text begins: behind its byte order mark. Any stretch of whole
// lines of such a file can be read alone, by ReadLines. It reads on in the file from where that stands.
func Lined(file *os.File, lim Limits) (start int64, ok bool) {
	lim = lim.withDefaults()
	in := decode(file, lim)
	defer in.close()
	if in.file == nil {
		return 0, false
	}
	w := &window{src: in, stop: func() error { return nil }, eager: true, limit: int(min(lim.Record, maxRecord)), base: in.start, line: 1, fresh: true, pool: &pool{}}
	ok = !w.begins(evtxMagic) && w.sniff() == nil
	return in.start, ok && !w.cut()
}

// Stretch is whole lines of an input that Lined said yes to.
type Stretch struct {
	Name         string
	Line, Offset int64     // of its first byte, as in Record
	Text         []byte    // all of it; records point into it
	Long         io.Reader // instead of Text, when it may be longer than memory should hold
}

// ReadLines is Read for a stretch.
func ReadLines(ctx context.Context, s Stretch, lim Limits, emit func(Batch) error) error {
	lim = lim.withDefaults()
	w := &window{
		src: s.Long, stop: ctx.Err, limit: int(min(lim.Record, maxRecord)), buf: s.Text,
		base: s.Offset, line: s.Line, counted: s.Offset, fresh: true, pool: &pool{}, out: outbox{name: s.Name, emit: emit, size: 1},
	}
	if s.Long == nil {
		w.err = io.EOF
	}
	w.lines()
	return w.finish()
}
