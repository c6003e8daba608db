//go:build unix

package store

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapping is a file in memory. Files are replaced by renaming, never written, so that no page of it goes away.
type mapping []byte

func newView(f *os.File, size int64) (view, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	_ = unix.Madvise(b, unix.MADV_RANDOM) // reading ahead would fill memory with what nobody asked for
	return mapping(b), nil
}

func (m mapping) at(offset, n uint64) ([]byte, error) {
	if offset > uint64(len(m)) || n > uint64(len(m))-offset {
		return nil, ErrDamaged
	}
	return m[offset : offset+n : offset+n], nil
}

func (m mapping) close() error { return unix.Munmap(m) }
