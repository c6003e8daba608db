package casebook

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// zip compresses what is large and seldom read. It is safe for concurrent use.
type zip struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// maxBody bounds what one stored body may grow to when it is unpacked.
const maxBody = 256 << 20

func newZip() (z zip, err error) {
	if z.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true)); err != nil {
		return z, err
	}
	z.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBody))
	return z, err
}

// pack returns b compressed, in memory of its own; nil stays nil.
func (z *zip) pack(b []byte) []byte {
	if b == nil {
		return nil
	}
	return z.enc.EncodeAll(b, make([]byte, 0, len(b)/2+64))
}

func (z *zip) unpack(b []byte) ([]byte, error) {
	out, err := z.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	return out, nil
}

func (z *zip) close() {
	if z.dec != nil {
		z.dec.Close()
	}
}
