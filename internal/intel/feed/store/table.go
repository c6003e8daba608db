package store

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/FastFilter/xorfilter"
)

// writeTable writes the keys and the index over their first bits: some sixteen keys to a bucket.
func (w *Writer) writeTable() {
	for _, e := range w.keys {
		w.room = binary.LittleEndian.AppendUint64(w.room[:0], e.hash)
		w.write(binary.LittleEndian.AppendUint64(w.room, e.at))
	}
	w.head.table = w.at
	w.head.bits = uint64(max(0, bits.Len(uint(len(w.keys)))-4))
	next := 0
	for bucket := range uint64(1) << w.head.bits {
		for next < len(w.keys) && bucketOf(w.keys[next].hash, w.head.bits) < bucket {
			next++
		}
		w.write(binary.LittleEndian.AppendUint32(w.room[:0], uint32(next)))
	}
	w.write(binary.LittleEndian.AppendUint32(w.room[:0], uint32(len(w.keys))))
	w.head.index = w.at
}

func bucketOf(hash, bits uint64) uint64 { return hash >> (64 - bits) } // a shift by 64 is 0 in Go

func (w *Writer) writeFilter() error {
	hashes := make([]uint64, 0, len(w.keys))
	for i, e := range w.keys {
		if i == 0 || e.hash != w.keys[i-1].hash {
			hashes = append(hashes, e.hash)
		}
	}
	w.keys = nil // the filter needs the memory
	if len(hashes) > 0 {
		f, err := xorfilter.NewBinaryFuse[uint8](hashes)
		if err != nil {
			return fmt.Errorf("building the filter: %w", err)
		}
		if err := f.Save(countingWriter{w}); err != nil {
			return err
		}
	}
	w.head.filter = w.at
	return nil
}

type countingWriter struct{ w *Writer }

func (c countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.buf.Write(b)
	c.w.at += uint64(n)
	return n, err
}

func (w *Writer) writeOffsets(list []uint64) {
	for _, at := range list {
		w.write(binary.LittleEndian.AppendUint64(w.room[:0], at))
	}
}
