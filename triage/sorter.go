package triage

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unsafe"
)

// recordSize is the size of what a sorter sorts. Keys stand first, big-endian, so that bytes order as their numbers do.
const recordSize = 56

type record [recordSize]byte

// sorter sorts any number of records in bounded memory: full buffers are sorted and written to a temporary file, the
// end merges them.
type sorter struct {
	dir   string
	limit int // records kept in memory
	buf   []record
	file  *os.File
	runs  []int64 // end of each run in file, in bytes
	total int64
}

func (s *sorter) add(r *record) error {
	if len(s.buf) >= s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.buf = append(s.buf, *r)
	s.total++
	return nil
}

// order compares two records as byte strings; the first eight bytes, which decide almost always, as one number.
func order(a, b *record) int {
	if c := cmp.Compare(binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:])); c != 0 {
		return c
	}
	return bytes.Compare(a[8:], b[8:])
}

func (s *sorter) sort() {
	slices.SortFunc(s.buf, func(a, b record) int { return order(&a, &b) })
}

func (s *sorter) spill() error {
	s.sort()
	if s.file == nil {
		f, err := temporary(s.dir)
		if err != nil {
			return err
		}
		s.file = f
	}
	size := len(s.buf) * recordSize
	if _, err := s.file.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s.buf))), size)); err != nil {
		return fmt.Errorf("spilling groups: %w", err)
	}
	end := int64(size)
	if len(s.runs) > 0 {
		end += s.runs[len(s.runs)-1]
	}
	s.runs, s.buf = append(s.runs, end), s.buf[:0]
	return nil
}

// settle writes what is left when anything was written, and returns the memory of the buffer then: nobody needs it any more.
func (s *sorter) settle() ([]record, error) {
	if s.file == nil {
		return nil, nil
	}
	if len(s.buf) > 0 {
		if err := s.spill(); err != nil {
			return nil, err
		}
	}
	free := s.buf
	s.buf = nil
	return free, nil
}

// each hands the records over in order. The pointer is valid until yield returns.
func (s *sorter) each(yield func(*record) error) error {
	if s.file == nil {
		s.sort()
		for i := range s.buf {
			if err := yield(&s.buf[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := s.settle(); err != nil {
		return err
	}
	h, err := s.merge()
	if err != nil {
		return err
	}
	for len(h) > 0 {
		if err := yield(&h[0].head); err != nil {
			return err
		}
		switch err := h[0].next(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&h)
		case err != nil:
			return err
		default:
			heap.Fix(&h, 0)
		}
	}
	return nil
}

func (s *sorter) merge() (runHeap, error) {
	var h runHeap
	start := int64(0)
	for _, end := range s.runs {
		r := &run{src: bufio.NewReaderSize(io.NewSectionReader(s.file, start, end-start), 1<<15)}
		if err := r.next(); err != nil {
			return nil, err
		}
		h = append(h, r)
		start = end
	}
	heap.Init(&h)
	return h, nil
}

func (s *sorter) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
	s.buf = nil
}

type run struct {
	src  *bufio.Reader
	head record
}

func (r *run) next() error {
	_, err := io.ReadFull(r.src, r.head[:])
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading spilled groups: %w", err)
	}
	return err
}

type runHeap []*run

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return order(&h[i].head, &h[j].head) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *runHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// temporary opens a file that has no name any more, so that nothing is left behind whatever happens to the process.
func temporary(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "soc-spill-")
	if err != nil {
		return nil, fmt.Errorf("making a temporary file: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, os.ErrPermission) {
		return f, nil //nolint:nilerr // Windows keeps open files: the name goes with the process
	}
	return f, nil
}
