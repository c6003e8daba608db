package stream

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
)

const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
	bzipMagic = "BZh" // a digit, and the next
	bzipBlock = "1AY&SY"
	evtxMagic = "ElfFile\x00"

	zstdWindow = 32 << 20
)

// input is a source's bytes without its compression and encoding.
type input struct {
	io.Reader
	start int64    // offset of the first byte: the length of a UTF-8 byte order mark
	eager bool     // reads may block for long: a pipe, a network
	file  *os.File // the source itself, when it is a plain file
	close func()
}

func decode(r io.Reader, lim Limits) input {
	in := input{close: func() {}}
	in.file = regular(r)
	in.eager = in.file == nil
	sent := &counter{r: r}
	b := bufio.NewReader(sent)
	switch {
	case startsWith(b, gzipMagic):
		in.unpack(sent, lim, "gzip", func() (io.Reader, error) { return gzip.NewReader(b) })
	case startsWith(b, zstdMagic):
		in.unpack(sent, lim, "zstd", func() (io.Reader, error) {
			z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
			if err == nil {
				in.close = z.Close
			}
			return z, err
		})
	case bzipped(b):
		in.unpack(sent, lim, "bzip2", func() (io.Reader, error) { return bzip2.NewReader(b), nil })
	default:
		in.Reader = b
		if name := archive(b); name != "" {
			in.Reader = &failing{fmt.Errorf("%s: not read: unpack it first", name)}
		}
	}
	in.unmark()
	return in
}

// bzipped looks no further than needed, as startsWith.
func bzipped(b *bufio.Reader) bool {
	if !startsWith(b, bzipMagic) {
		return false
	}
	p, _ := b.Peek(len(bzipMagic) + 1)
	return len(p) > len(bzipMagic) && p[len(bzipMagic)]-'1' < 9 && startsWith(b, string(p)+bzipBlock)
}

// tarMagic stands at a place in the first header of a tar archive. Source: POSIX, pax, ustar header block.
const (
	tarMagic = "ustar"
	tarAt    = 257
)

// tarred tells an archive by what has arrived: to wait for more would hold up a pipe.
func tarred(b *bufio.Reader) bool {
	if b.Buffered() < tarAt+len(tarMagic) {
		return false
	}
	p, err := b.Peek(tarAt + len(tarMagic))
	return err == nil && string(p[tarAt:]) == tarMagic
}

// archive names what is packed in a way that is not read.
func archive(b *bufio.Reader) string {
	for _, k := range [...]struct{ magic, name string }{
		{"PK\x03\x04", "a zip archive"}, {"\xfd7zXZ\x00", "an xz file"}, {"7z\xbc\xaf\x27\x1c", "a 7z archive"}, {"\x04\"M\x18", "an lz4 file"},
	} {
		if startsWith(b, k.magic) {
			return k.name
		}
	}
	return ""
}

// unpack puts a decompressor before the input.
func (in *input) unpack(sent *counter, lim Limits, name string, open func() (io.Reader, error)) {
	in.eager, in.file = false, nil
	r, err := open()
	if err != nil {
		in.Reader = &failing{fmt.Errorf("%s: %w", name, err)}
		return
	}
	in.Reader = &bounded{r: r, sent: sent, lim: lim, name: name}
}

// unmark drops a byte order mark and undoes UTF-16, which shows without one, too, where it begins with two letters of ASCII.
func (in *input) unmark() {
	b, ok := in.Reader.(*bufio.Reader)
	if !ok {
		b = bufio.NewReader(in.Reader)
	}
	in.Reader = b
	switch {
	case startsWith(b, "\xef\xbb\xbf"):
		in.start = 3
		_, _ = b.Discard(3)
	case tarred(b):
		in.Reader = &failing{errors.New("a tar archive: not read: unpack it first")}
	case startsWith(b, "\xff\xfe"), startsWith(b, "\xfe\xff"):
		in.file = nil
		in.Reader = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(b)
	case wide(b, 1):
		in.file = nil
		in.Reader = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(b)
	case wide(b, 0):
		in.file = nil
		in.Reader = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(b)
	}
}

// wide tells two characters of ASCII in 16 bits each, whose upper half, which is nothing, stands at zero: 1 behind the lower one, 0 in front.
// No text in another encoding begins so. Source: RFC 4627, section 3.
func wide(b *bufio.Reader, zero int) bool {
	for i := range 4 {
		p, err := b.Peek(i + 1)
		if err != nil {
			return false
		}
		if c := p[i]; i%2 == zero && c != 0 || i%2 != zero && (c < ' ' && c != '\n' && c != '\r' && c != '\t' || c >= 0x7f) {
			return false
		}
	}
	return true
}

// startsWith looks no further than needed: a pipe may hold back the next byte until the first are answered. An error comes
// back with the first read.
func startsWith(b *bufio.Reader, prefix string) bool {
	for i := range len(prefix) {
		if p, err := b.Peek(i + 1); err != nil || p[i] != prefix[i] {
			return false
		}
	}
	return true
}

// regular returns the plain file that r is, if it is one.
func regular(r io.Reader) *os.File {
	if k, ok := r.(keepOpen); ok {
		r = k.Reader
	}
	f, ok := r.(*os.File)
	if !ok {
		return nil
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil
	}
	return f
}

// counter counts what was read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded ends a decompressed stream that grows beyond its limits.
type bounded struct {
	r    io.Reader
	sent *counter
	n    int64
	lim  Limits
	name string
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	switch {
	case b.n > b.lim.Total:
		return max(0, n-int(min(int64(n), b.n-b.lim.Total))), fmt.Errorf("%s: more than %d bytes when decompressed", b.name, b.lim.Total)
	case b.n > b.lim.Grace && b.n/b.lim.Ratio > b.sent.n:
		return n, fmt.Errorf("%s: more than %d times as large when decompressed: the rest is not read, unpack it and pipe it in", b.name, b.lim.Ratio)
	case err != nil && !errors.Is(err, io.EOF):
		return n, fmt.Errorf("%s: %w", b.name, err)
	}
	return n, err
}

// failing is an input that could not be begun.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
