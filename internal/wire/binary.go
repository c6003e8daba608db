package wire

import (
	"encoding/binary"
	"unsafe"
)

// AppendText appends a string with its length, for Reader.Text. The binary form never leaves the process: it is how values wait in
// a temporary file.
func AppendText(b []byte, s string) []byte {
	if len(s) < 0x80 {
		b = append(b, byte(len(s)))
	} else {
		b = binary.AppendUvarint(b, uint64(len(s)))
	}
	return append(b, s...)
}

// Reader reads back what AppendText and the Append functions of encoding/binary wrote. Its texts are views into the
// bytes, which nobody may write. After a read that does not fit, Bad is set and everything reads as zero.
type Reader struct {
	b   []byte
	i   int
	Bad bool
}

// NewReader returns a reader over b.
func NewReader(b []byte) Reader { return Reader{b: b} }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.i >= len(r.b) {
		r.Bad = true
		return 0
	}
	r.i++
	return r.b[r.i-1]
}

// Varint reads a signed number.
func (r *Reader) Varint() int64 {
	v, n := binary.Varint(r.b[r.i:])
	if n <= 0 {
		r.Bad = true
		return 0
	}
	r.i += n
	return v
}

// Count reads a number of things that follow, each of at least one byte.
func (r *Reader) Count() int {
	if r.i < len(r.b) && r.b[r.i] < 0x80 && int(r.b[r.i]) < len(r.b)-r.i {
		r.i++
		return int(r.b[r.i-1])
	}
	v, n := binary.Uvarint(r.b[r.i:])
	if n <= 0 || v > uint64(len(r.b)-r.i) {
		r.Bad = true
		return 0
	}
	r.i += n
	return int(v)
}

// Bytes reads what AppendText wrote.
func (r *Reader) Bytes() []byte {
	n := r.Count()
	if n > len(r.b)-r.i {
		r.Bad = true
		return nil
	}
	r.i += n
	return r.b[r.i-n : r.i : r.i]
}

// Fixed reads n bytes.
func (r *Reader) Fixed(n int) []byte {
	if n > len(r.b)-r.i {
		r.Bad = true
		return make([]byte, n)
	}
	r.i += n
	return r.b[r.i-n : r.i : r.i]
}

// Text is Bytes as a string.
func (r *Reader) Text() string {
	b := r.Bytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}
