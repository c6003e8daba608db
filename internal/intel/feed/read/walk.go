package read

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A walker goes through JSON of any size and takes out the values that somebody wants, one at a time.
type walker struct {
	dec   *json.Decoder
	guard *guard
	want  func(path string) step
	got   func(path string, raw json.RawMessage, offset int64) error
}

// step is what to do with the value at a path. Paths read ".objects[]": every element of the array under that key.
type step uint8

const (
	pass    step = iota // over the value
	take                // the value, whole
	descend             // into the value
	stop                // everything
)

var errStop = errors.New("enough")

// Bounds of one document.
const (
	maxTaken = 16 << 20 // bytes of a value that is taken whole
	maxDeep  = 64
)

// guard bounds what is read for one value.
type guard struct {
	r    io.Reader
	left int
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, fmt.Errorf("holds a value of more than %d MiB", maxTaken>>20)
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

func (g *guard) reset() { g.left = maxTaken }

// walk goes through a JSON file.
func (r *reader) walk(want func(string) step, got func(string, json.RawMessage, place) error) error {
	f, err := r.open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	lines := &liner{open: r.open, line: 1}
	defer lines.close()
	g := &guard{r: bufio.NewReaderSize(f, 64<<10)}
	g.reset()
	w := &walker{dec: json.NewDecoder(skipMark(g)), guard: g, want: want}
	w.got = func(path string, raw json.RawMessage, offset int64) error {
		line, err := lines.at(offset)
		if err != nil {
			return err
		}
		return got(path, raw, place{line, offset})
	}
	err = w.all()
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		line, _ := lines.at(1 << 62)
		return fmt.Errorf("%w: the JSON ends too early, in line %d", ErrCut, line)
	case errors.As(err, &syntax):
		line, _ := lines.at(w.dec.InputOffset()) // the error counts from somewhere else
		return fmt.Errorf("%w: line %d: %w", ErrNotFeed, line, err)
	}
	return err
}

// all reads the documents of a file, one after the other.
func (w *walker) all() error {
	for {
		w.guard.reset()
		if err := w.value("", 0); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
}

func (w *walker) value(path string, deep int) error {
	what := w.want(path)
	w.guard.reset()
	switch what {
	case stop:
		return errStop
	case take:
		var raw json.RawMessage
		if err := w.dec.Decode(&raw); err != nil {
			return inside(err, path)
		}
		return w.got(path, raw, w.dec.InputOffset()-int64(len(raw)))
	case pass, descend:
	}
	tok, err := w.dec.Token()
	if err != nil {
		return inside(err, path)
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	if what == pass {
		return w.over()
	}
	if deep >= maxDeep {
		return fmt.Errorf("is nested deeper than %d", maxDeep)
	}
	return w.into(path, delim, deep+1)
}

func (w *walker) into(path string, delim json.Delim, deep int) error {
	for w.dec.More() {
		name := path + "[]"
		if delim == '{' {
			key, err := w.dec.Token()
			if err != nil {
				return inside(err, ".")
			}
			text, _ := key.(string) // the decoder hands out no other keys
			name = path + "." + text
		}
		if err := w.value(name, deep); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return inside(err, ".")
}

// over goes to the end of the object or array that has begun.
func (w *walker) over() error {
	for open := 1; open > 0; {
		w.guard.reset()
		tok, err := w.dec.Token()
		if err != nil {
			return inside(err, ".")
		}
		if d, ok := tok.(json.Delim); ok && (d == '{' || d == '[') {
			open++
		} else if ok {
			open--
		}
	}
	return nil
}

// inside makes the end of the file, met in the middle of a document, unexpected.
func inside(err error, path string) error {
	if errors.Is(err, io.EOF) && path != "" {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skipMark skips a byte order mark, which some tools write though JSON has none.
func skipMark(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3) // they are there
	}
	return in
}

// liner knows in which line an offset lies. It reads the file a second time, beside the decoder, which reads ahead as it likes.
type liner struct {
	open  func() (io.ReadCloser, error)
	f     io.ReadCloser
	in    *bufio.Reader
	pos   int64
	line  int64
	ended int64 // 1 when the byte before pos ends a line
}

// at returns the line of an offset; offsets may only grow.
func (l *liner) at(offset int64) (int64, error) {
	if l.in == nil {
		f, err := l.open()
		if err != nil {
			return 0, err
		}
		l.f, l.in = f, bufio.NewReaderSize(f, 64<<10)
	}
	for l.pos < offset {
		if _, err := l.in.Peek(1); err != nil {
			return l.line - l.ended, nil // behind the last line feed no line begins
		}
		b, _ := l.in.Peek(int(min(int64(l.in.Buffered()), offset-l.pos)))
		l.line += int64(bytes.Count(b, []byte{'\n'}))
		if l.ended = 0; b[len(b)-1] == '\n' {
			l.ended = 1
		}
		n, _ := l.in.Discard(len(b))
		l.pos += int64(n)
	}
	return l.line, nil
}

func (l *liner) close() {
	if l.f != nil {
		_ = l.f.Close() // only read
	}
}
