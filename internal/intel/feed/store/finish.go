package store

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// finish writes everything behind the records, then the header.
func (w *Writer) finish() error {
	w.head.records = w.at
	if err := w.buf.Flush(); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	ranges, patterns, err := w.survey()
	if err != nil {
		return err
	}
	if _, err := w.file.Seek(int64(w.at), io.SeekStart); err != nil {
		return err
	}
	w.writeTable()
	if err := w.writeFilter(); err != nil {
		return err
	}
	w.writeOffsets(ranges)
	w.head.ranges = w.at
	w.writeOffsets(patterns)
	w.head.patterns = w.at
	text, err := json.Marshal(w.meta)
	if err != nil {
		return err
	}
	w.write(text)
	w.head.meta = w.at
	if err := w.buf.Flush(); err != nil {
		return err
	}
	if w.head.sum, err = checksum(w.file, int64(w.at)); err != nil {
		return err
	}
	_, err = w.file.WriteAt(w.head.encode(), 0)
	return err
}

// maxEqual bounds the entries kept under one 64-bit hash. Two values share one by accident in no feed; who makes them do so on
// purpose loses the others.
const maxEqual = 8

// settle keeps one entry per key, the one that says most, and marks the records of the others.
func (w *Writer) settle() error {
	slices.SortFunc(w.keys, func(a, b entry) int {
		if c := cmp.Compare(a.hash, b.hash); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
	kept := w.keys[:0]
	for i := 0; i < len(w.keys); {
		k := i + 1
		for k < len(w.keys) && w.keys[k].hash == w.keys[i].hash {
			k++
		}
		if k == i+1 {
			kept = append(kept, w.keys[i])
		} else {
			var err error
			if kept, err = w.choose(kept, w.keys[i:k]); err != nil {
				return err
			}
		}
		i = k
	}
	w.keys = kept
	return nil
}

// choose appends the best entry of each key among those of one hash.
func (w *Writer) choose(kept, equal []entry) ([]entry, error) {
	type best struct {
		key Key
		in  ioc.Indicator
		e   entry
	}
	var found []best
	for _, e := range equal {
		body, err := w.record(e.at &^ hostBit)
		if err != nil {
			return nil, err
		}
		in, _, _ := decodeRecord(body)
		key := KeyOf(in.Type, in.Value)
		if e.at&hostBit != 0 {
			_, host := ioc.HostOf(in.Value)
			key = HostKey(host)
		}
		i := slices.IndexFunc(found, func(b best) bool { return b.key == key })
		loser := e
		switch {
		case i < 0 && len(found) < maxEqual:
			found = append(found, best{key, in, e})
			continue
		case i >= 0 && in.Better(&found[i].in):
			loser, found[i].in, found[i].e = found[i].e, in, e
		}
		if err := w.bury(loser); err != nil {
			return nil, err
		}
	}
	for _, b := range found {
		kept = append(kept, b.e)
	}
	return kept, nil
}

// bury marks the record of an entry that lost. A URL that lost its host to another URL still is found as itself.
func (w *Writer) bury(e entry) error {
	if e.at&hostBit != 0 {
		return nil
	}
	w.meta.Duplicates++
	at := int64(e.at) + lengthSize
	var flags [1]byte
	if _, err := w.file.ReadAt(flags[:], at); err != nil {
		return err
	}
	flags[0] |= dead
	_, err := w.file.WriteAt(flags[:], at)
	return err
}

// record reads the body of a record back.
func (w *Writer) record(at uint64) ([]byte, error) {
	var n [lengthSize]byte
	if _, err := w.file.ReadAt(n[:], int64(at)); err != nil {
		return nil, err
	}
	body := make([]byte, binary.LittleEndian.Uint32(n[:]))
	_, err := w.file.ReadAt(body, int64(at)+lengthSize)
	return body, err
}

// survey reads all records once: counts, ages, digest, and where ranges and patterns lie.
func (w *Writer) survey() (ranges, patterns []uint64, err error) {
	m := &w.meta
	m.Counts = map[string]int64{}
	var counts [ioc.Types]int64
	sum := sha256.New()
	err = each(w.file, w.head.records, func(at uint64, body []byte) error {
		in, flags, _ := decodeRecord(body)
		if flags&dead != 0 {
			return nil
		}
		_, _ = sum.Write(body) // a hash takes everything
		m.Entries++
		counts[min(in.Type, ioc.Types-1)]++
		if in.Wild {
			m.Wild++
		}
		if in.Type == ioc.CIDR {
			ranges = append(ranges, at)
		} else if in.Type == ioc.Substring || in.Type == ioc.Regex {
			patterns = append(patterns, at)
		}
		for _, t := range [...]time.Time{in.First, in.Last} {
			if t.IsZero() {
				continue
			}
			if m.Oldest.IsZero() || t.Before(m.Oldest) {
				m.Oldest = t
			}
			if t.After(m.Newest) {
				m.Newest = t
			}
		}
		return nil
	})
	for t, n := range counts {
		if n > 0 {
			m.Counts[ioc.Type(t).String()] = n
		}
	}
	m.Digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return ranges, patterns, err
}

// each hands over the body of every record; it is good until the next one.
func each(r io.ReaderAt, end uint64, yield func(at uint64, body []byte) error) error {
	in := bufio.NewReaderSize(io.NewSectionReader(r, headerSize, int64(end)-headerSize), buffer)
	var n [lengthSize]byte
	var body []byte
	for at := uint64(headerSize); at < end; at += lengthSize + uint64(len(body)) {
		if _, err := io.ReadFull(in, n[:]); err != nil {
			return err
		}
		size := int(binary.LittleEndian.Uint32(n[:]))
		if size > maxRecord {
			return fmt.Errorf("%w: a record of %d bytes at byte %d", ErrDamaged, size, at)
		}
		body = slices.Grow(body[:0], size)[:size]
		if _, err := io.ReadFull(in, body); err != nil {
			return err
		}
		if err := yield(at, body); err != nil {
			return err
		}
	}
	return nil
}

// checksum covers everything behind the header.
func checksum(r io.ReaderAt, size int64) (uint64, error) {
	sum := xxhash.New()
	_, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{io.NewSectionReader(r, headerSize, size-headerSize)}, make([]byte, buffer))
	return sum.Sum64(), err
}
