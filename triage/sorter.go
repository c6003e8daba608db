package triage

import (
	"bytes"
	"cmp"
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

// start is the first eight bytes as a number: they decide nearly always which of two records comes first.
func (r *record) start() uint64 { return binary.BigEndian.Uint64(r[:]) }

// sorter sorts any number of records in bounded memory: full buffers are sorted and written to a temporary file, the
// end merges them.
type sorter struct {
	dir    string
	limit  int // records kept in memory
	buf    []record
	places []place
	file   *os.File
	runs   []int64 // end of each run in file, in bytes
}

func (s *sorter) add(r *record) error {
	if len(s.buf) >= s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.buf = append(s.buf, *r)
	return nil
}

// place is where a record lies in the buffer.
type place struct {
	start uint64 // of the record
	at    uint32
}

// sort orders the records as byte strings. It orders their places first: records are moved once, not at every step.
func (s *sorter) sort() {
	s.places = slices.Grow(s.places[:0], len(s.buf))
	for i := range s.buf {
		s.places = append(s.places, place{s.buf[i].start(), uint32(i)})
	}
	slices.SortFunc(s.places, func(a, b place) int {
		if a.start != b.start {
			return cmp.Compare(a.start, b.start)
		}
		return bytes.Compare(s.buf[a.at][8:], s.buf[b.at][8:])
	})
	for i := range s.places { // around each circle of records that stand in each other's place
		first, to := s.buf[i], uint32(i)
		for from := s.places[to].at; from != uint32(i); from = s.places[to].at {
			s.buf[to], s.places[to].at = s.buf[from], to
			to = from
		}
		s.buf[to], s.places[to].at = first, to
	}
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
	if _, err := s.file.Write(raw(s.buf)); err != nil {
		return fmt.Errorf("spilling groups: %w", err)
	}
	end := int64(len(s.buf)) * recordSize
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
	s.buf, s.places = nil, nil
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
	m, err := s.merge()
	if err != nil {
		return err
	}
	for len(m) > 0 {
		if err := yield(m[0].head); err != nil {
			return err
		}
		switch err := m[0].next(); {
		case errors.Is(err, io.EOF):
			m[0] = m[len(m)-1]
			m = m[:len(m)-1]
		case err != nil:
			return err
		}
		m.down(0)
	}
	return nil
}

func (s *sorter) merge() (merger, error) {
	var m merger
	start := int64(0)
	for _, end := range s.runs {
		r := &run{file: s.file, at: start, end: end, block: make([]record, 0, runBlock)}
		if err := r.next(); err != nil {
			return nil, err
		}
		m = append(m, r)
		start = end
	}
	for i := len(m)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

func (s *sorter) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
	s.buf = nil
}

// run is a sorted stretch of the file, read block by block.
type run struct {
	file    *os.File
	at, end int64
	block   []record
	used    int
	head    *record
}

// runBlock is how many records of a run are read at once: 32 KiB.
const runBlock = 1 << 15 / recordSize

func (r *run) next() error {
	if r.used == len(r.block) {
		n := min(int64(cap(r.block)), (r.end-r.at)/recordSize)
		if n == 0 {
			return io.EOF
		}
		r.block, r.used = r.block[:n], 0
		if _, err := r.file.ReadAt(raw(r.block), r.at); err != nil {
			return fmt.Errorf("reading spilled groups: %w", err)
		}
		r.at += n * recordSize
	}
	r.head = &r.block[r.used]
	r.used++
	return nil
}

// raw is the memory of a list of records.
func raw(list []record) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(list))), len(list)*recordSize)
}

// merger is a heap of runs: the one whose head comes first stands first.
type merger []*run

func (m merger) before(i, k int) bool {
	a, b := m[i].head, m[k].head
	if x, y := a.start(), b.start(); x != y {
		return x < y
	}
	return bytes.Compare(a[8:], b[8:]) < 0
}

// down moves a run behind those that come before it.
func (m merger) down(i int) {
	for {
		next := 2*i + 1
		if next >= len(m) {
			return
		}
		if next+1 < len(m) && m.before(next+1, next) {
			next++
		}
		if !m.before(next, i) {
			return
		}
		m[i], m[next] = m[next], m[i]
		i = next
	}
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
