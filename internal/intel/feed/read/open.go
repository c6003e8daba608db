package read

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// Bounds of what one file may unpack to.
const (
	maxBytes = 8 << 30
	freeRoom = 64 << 20 // below this nobody asks for the ratio
	maxRatio = 100
)

// open opens the file and undoes gzip, or a zip archive of one file.
func (r *reader) open() (io.ReadCloser, error) {
	f, err := r.src.Open()
	if err != nil {
		return nil, fmt.Errorf("does not open: %w", err)
	}
	raw := &counted{r: f}
	in := bufio.NewReaderSize(raw, 256<<10)
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("does not read: %w", err), f.Close())
	}
	out := io.Reader(in)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		out, err = gzip.NewReader(in)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		out, err = unzip(f)
	default:
		err = nil
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("does not unpack: %w", err), f.Close())
	}
	return &bounded{r: out, raw: raw, close: f}, nil
}

// unzip opens the one file of an archive.
func unzip(f io.Reader) (io.Reader, error) {
	file, ok := f.(*os.File)
	if !ok {
		return nil, errors.New("a zip archive is read from a file only")
	}
	st, err := file.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(file, st.Size())
	if err != nil {
		return nil, err
	}
	if len(z.File) != 1 {
		return nil, fmt.Errorf("a zip archive of %d files where one belongs", len(z.File))
	}
	return z.File[0].Open()
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded ends a file that unpacks to more than it should, and says that a packed file is cut off.
type bounded struct {
	r     io.Reader
	raw   *counted
	close io.Closer
	n     int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > maxBytes || b.raw.n > 0 && b.n > freeRoom && b.n/maxRatio > b.raw.n && b.packed() {
		return n, fmt.Errorf("unpacks to more than %d times its size, or more than %d GiB", maxRatio, maxBytes>>30)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: the packed data ends too early", ErrCut)
	}
	return n, err
}

// packed tells gzip, whose input is counted. What a zip archive unpacks to stands in the archive and is checked there.
func (b *bounded) packed() bool {
	_, ok := b.r.(*gzip.Reader)
	return ok
}

func (b *bounded) Close() error { return b.close.Close() }
