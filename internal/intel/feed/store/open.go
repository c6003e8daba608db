package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/FastFilter/xorfilter"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// Store is an open feed. It is immutable and safe for concurrent use until Close.
type Store struct {
	Meta   Meta
	file   *os.File
	view   view
	head   header
	filter *xorfilter.BinaryFuse[uint8] // nil when the feed is empty
}

// view hands out pieces of a file: views into memory where the system maps files, copies elsewhere.
type view interface {
	at(offset, n uint64) ([]byte, error)
	close() error
}

// Open reads a feed's file. The error of one that is damaged, foreign or of a newer soc wraps ErrDamaged, ErrForeign or ErrNewer.
func Open(path string) (*Store, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a feed: %w", err)
	}
	s := &Store{file: f}
	if err := s.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("feed %s %w", path, err), f.Close())
	}
	return s, nil
}

func (s *Store) open() error {
	st, err := s.file.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() || st.Size() < headerSize {
		return ErrForeign
	}
	b := make([]byte, headerSize)
	if _, err := s.file.ReadAt(b, 0); err != nil {
		return err
	}
	if s.head, err = decodeHeader(b, st.Size()); err != nil {
		return err
	}
	// The whole file is read once, past the mapping: memory that was touched there would count as this process's.
	if sum, err := checksum(s.file, st.Size()); err != nil {
		return err
	} else if sum != s.head.sum {
		return fmt.Errorf("%w: its content does not match its checksum", ErrDamaged)
	}
	if err := s.load(); err != nil {
		return err
	}
	s.view, err = newView(s.file, st.Size())
	return err
}

// load reads what stays in memory: the filter and the meta data.
func (s *Store) load() error {
	h := &s.head
	text := make([]byte, h.meta-h.patterns)
	if _, err := s.file.ReadAt(text, int64(h.patterns)); err != nil {
		return err
	}
	if err := json.Unmarshal(text, &s.Meta); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if h.filter == h.index {
		return nil
	}
	b := make([]byte, h.filter-h.index)
	if _, err := s.file.ReadAt(b, int64(h.index)); err != nil {
		return err
	}
	var err error
	if s.filter, err = xorfilter.LoadBinaryFuse[uint8](bytes.NewReader(b)); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// Close gives the file back. Nothing that Find returned refers to it.
func (s *Store) Close() error { return errors.Join(s.view.close(), s.file.Close()) }

// May answers whether the feed can know the key: when it says no, it does not.
func (s *Store) May(k *Key) bool { return s.filter != nil && s.filter.Contains(k.Hash) }

// Find returns the entry of a key. An error means that the file could not be read; it is not the absence of an entry.
func (s *Store) Find(k *Key) (in ioc.Indicator, found bool, err error) {
	if !s.May(k) {
		return in, false, nil
	}
	rows, err := s.rows(k.Hash)
	for ; err == nil && len(rows) > 0 && binary.LittleEndian.Uint64(rows) == k.Hash; rows = rows[entrySize:] {
		at := binary.LittleEndian.Uint64(rows[8:])
		if at&hostBit != 0 != k.host {
			continue
		}
		var body []byte
		if body, err = s.body(at &^ hostBit); err == nil && k.is(body) {
			in, _, _ = decodeRecord(body)
			return clone(in), true, nil
		}
	}
	if err != nil {
		err = fmt.Errorf("reading feed %s: %w", s.Meta.Name, err)
	}
	return in, false, err
}

// rows returns rows of the table that begin with the first one of a hash, if it is there. A bucket has some sixteen rows; one that
// somebody filled on purpose still costs a logarithm.
func (s *Store) rows(hash uint64) ([]byte, error) {
	ends, err := s.view.at(s.head.table+4*bucketOf(hash, s.head.bits), 8)
	if err != nil {
		return nil, err
	}
	from, to := uint64(binary.LittleEndian.Uint32(ends)), uint64(binary.LittleEndian.Uint32(ends[4:]))
	rows, err := s.view.at(s.head.records+entrySize*from, entrySize*(to-from))
	if err != nil {
		return nil, err
	}
	first := sort.Search(len(rows)/entrySize, func(i int) bool { return binary.LittleEndian.Uint64(rows[entrySize*i:]) >= hash })
	return rows[entrySize*first:], nil
}

func (s *Store) body(at uint64) ([]byte, error) {
	n, err := s.view.at(at, lengthSize)
	if err != nil {
		return nil, err
	}
	return s.view.at(at+lengthSize, uint64(binary.LittleEndian.Uint32(n)))
}

// clone copies the strings out of the file.
func clone(in ioc.Indicator) ioc.Indicator {
	in.Value, in.File, in.Reference = strings.Clone(in.Value), strings.Clone(in.File), strings.Clone(in.Reference)
	for i := range in.Tags {
		in.Tags[i] = strings.Clone(in.Tags[i])
	}
	return in
}

// Each hands over every entry in the order of the feed. An entry and its strings are good until the next one.
func (s *Store) Each(yield func(in *ioc.Indicator) error) error {
	return each(s.file, s.head.records, func(_ uint64, body []byte) error {
		in, flags, _ := decodeRecord(body)
		if flags&dead != 0 {
			return nil
		}
		return yield(&in)
	})
}

// Ranges hands over the entries that are ranges of addresses, Patterns those that are substrings and expressions.
func (s *Store) Ranges(yield func(in *ioc.Indicator)) error {
	return s.picked(s.head.filter, s.head.ranges, yield)
}

// Patterns hands over the substrings and expressions of a warning list.
func (s *Store) Patterns(yield func(in *ioc.Indicator)) error {
	return s.picked(s.head.ranges, s.head.patterns, yield)
}

func (s *Store) picked(from, to uint64, yield func(in *ioc.Indicator)) error {
	for ; from < to; from += 8 {
		b, err := s.view.at(from, 8)
		if err == nil {
			b, err = s.body(binary.LittleEndian.Uint64(b))
		}
		if err != nil {
			return fmt.Errorf("reading feed %s: %w", s.Meta.Name, err)
		}
		in, _, _ := decodeRecord(b)
		in = clone(in)
		yield(&in)
	}
	return nil
}
