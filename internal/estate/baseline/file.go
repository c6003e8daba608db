package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/seed-959697dd/soc/internal/wire"
)

// A file is the magic with its version, the SHA-256 of the payload, and the payload compressed with zstd. The payload holds the
// texts in order, then the series in order, each with its totals and its values in order. The same events give the same payload.
const (
	magic   = "SOCB\x01"
	headLen = len(magic) + sha256.Size
)

// maxPayload bounds what a file may unpack to, in bytes; so does a hundredfold of its size.
const maxPayload = 512 << 20

// ErrFormat is in the error about a file that is no baseline, or not a whole one.
var ErrFormat = errors.New("not a baseline of soc learn, or damaged")

// Open reads a baseline. An error names the file; one that is ErrFormat is about its content.
func Open(path string) (*Baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	defer f.Close()
	b, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline %s: %w", path, err)
	}
	return b, nil
}

// Read reads what Write wrote.
func Read(r io.Reader) (*Baseline, error) {
	file, err := io.ReadAll(io.LimitReader(r, maxPayload))
	if err != nil {
		return nil, err
	}
	if len(file) < headLen || string(file[:len(magic)]) != magic {
		return nil, ErrFormat
	}
	payload, err := unpack(file[headLen:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if sha256.Sum256(payload) != [sha256.Size]byte(file[len(magic):headLen]) {
		return nil, fmt.Errorf("%w: the digest does not fit the content", ErrFormat)
	}
	b, ok := decode(payload)
	if !ok {
		return nil, ErrFormat
	}
	b.digest = [sha256.Size]byte(file[len(magic):headLen])
	return b, nil
}

func unpack(packed []byte) ([]byte, error) {
	limit := min(maxPayload, 1<<20+100*len(packed))
	z, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPayload))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	payload, err := io.ReadAll(io.LimitReader(z, int64(limit)+1))
	if err == nil && len(payload) > limit {
		err = fmt.Errorf("unpacks to more than %d bytes", limit)
	}
	return payload, err
}

// Write writes the baseline: the same baseline gives the same bytes.
func (b *Baseline) Write(w io.Writer) error {
	if _, err := io.WriteString(w, magic); err != nil {
		return err
	}
	if _, err := w.Write(b.digest[:]); err != nil {
		return err
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	if _, err := z.Write(b.payload()); err != nil {
		return err
	}
	return z.Close()
}

func (b *Baseline) payload() []byte {
	p := binary.AppendUvarint(nil, uint64(len(b.texts)))
	for _, t := range b.texts {
		p = wire.AppendText(p, t)
	}
	p = binary.AppendUvarint(p, uint64(len(b.series)))
	for i := range b.series {
		s := &b.series[i]
		p = append(p, byte(s.kind()), byte(s.dimension()))
		p = binary.AppendVarint(p, int64(s.subject()))
		crowded := byte(0)
		if s.crowded {
			crowded = 1
		}
		p = b.packRun(append(p, crowded), s.total)
		p = binary.AppendUvarint(p, uint64(s.values.to-s.values.from))
		for _, v := range b.values[s.values.from:s.values.to] {
			p = b.packRun(binary.AppendVarint(p, int64(v.text)), v.run)
		}
	}
	return p
}

// packRun packs days as steps from the one before, sums likewise.
func (b *Baseline) packRun(p []byte, r run) []byte {
	p = binary.AppendUvarint(p, uint64(r.to-r.from))
	var at day
	var sum uint32
	for i := r.from; i < r.to; i++ {
		p = binary.AppendVarint(p, int64(b.days[i]-at))
		p = binary.AppendVarint(p, int64(b.sums[i]-sum))
		at, sum = b.days[i], b.sums[i]
	}
	return p
}
