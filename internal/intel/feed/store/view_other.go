//go:build !unix

package store

import (
	"io"
	"os"
)

// pieces reads a file where it is not mapped: a copy for each piece.
type pieces struct{ file io.ReaderAt }

func newView(f *os.File, _ int64) (view, error) { return pieces{f}, nil }

func (p pieces) at(offset, n uint64) ([]byte, error) {
	if n > maxRecord<<4 {
		return nil, ErrDamaged
	}
	b := make([]byte, n)
	_, err := p.file.ReadAt(b, int64(offset))
	return b, err
}

func (pieces) close() error { return nil }
