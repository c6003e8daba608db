package read

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line in bytes: a URL with room for what is said about it.
const maxLine = 64 << 10

// lineReader cuts a file into lines.
type lineReader struct {
	in    *bufio.Reader
	next  place
	whole bool // the last line ended with a line feed
	long  bool // the last line was longer than maxLine; the rest is skipped
	at    place
}

// read returns the next line without its end, good until the next call; io.EOF behind the last one.
func (l *lineReader) read() ([]byte, error) {
	b, err := l.in.ReadSlice('\n')
	if len(b) == 0 && err != nil {
		return nil, err
	}
	l.at, l.whole, l.long = l.next, err == nil, errors.Is(err, bufio.ErrBufferFull)
	l.next.line++
	l.next.offset += int64(len(b))
	if l.long {
		return b[:100], l.rest()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b, nil
}

// rest skips what is left of a line that is too long.
func (l *lineReader) rest() error {
	for {
		b, err := l.in.ReadSlice('\n')
		l.next.offset += int64(len(b))
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// text reads a list or a CSV. Which of the two it is a header tells, in a comment or in the first line.
func (r *reader) text(kind string) error {
	f, err := r.open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	r.lines = true
	lines := &lineReader{in: bufio.NewReaderSize(skipMark(f), maxLine), next: place{line: 1}}
	t := &table{reader: r, force: kind == "csv"}
	for {
		line, err := lines.read()
		switch {
		case errors.Is(err, io.EOF):
			return t.end(lines)
		case err != nil:
			return fmt.Errorf("line %d: %w", lines.next.line, err)
		case lines.long:
			err = r.reject(lines.at, line, fmt.Sprintf("longer than %d bytes", maxLine))
		default:
			err = t.line(line, lines.at)
		}
		if err != nil {
			return err
		}
	}
}
