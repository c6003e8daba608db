package files

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/source/files/match"
)

// stored is the literals of a plan, to be looked for in chunks of Windows event logs as they lie on disk. To decode one takes
// a hundred times as long. Texts stand there in UTF-16; numbers, GUIDs and security ids in binary, where the record's own list of its values
// says so. A number or GUID is met as a whole, never as part of another value.
type stored struct {
	set     *match.Set
	wide    [][]byte // literals of other scripts
	numbers map[uint64]bool
	guids   map[[16]byte]bool
	sids    []string
}

func newStored(literals []match.Literal, sample *match.Sample) *stored {
	s := &stored{numbers: map[uint64]bool{}, guids: map[[16]byte]bool{}}
	var ascii []match.Literal
	for _, l := range literals {
		if strings.IndexFunc(l.Text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			s.wide = append(s.wide, wide(l.Text))
			continue
		}
		ascii = append(ascii, match.Literal{Text: l.Text}) // what stands around a text is not known
		if n, err := strconv.ParseUint(l.Text, 10, 64); err == nil {
			s.numbers[n] = true
		}
		if g, ok := guid(l.Text); ok {
			s.guids[g] = true
		}
		if strings.HasPrefix(strings.ToUpper(l.Text), "S-1-") {
			s.sids = append(s.sids, strings.ToUpper(l.Text))
		}
	}
	s.set = match.New(ascii, sample)
	return s
}

func wide(text string) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// guid reads one as text; in memory its first three parts are numbers.
func guid(text string) (g [16]byte, ok bool) {
	text = strings.Trim(text, "{}")
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return g, false
	}
	if n, err := hex.Decode(g[:], []byte(strings.ReplaceAll(text, "-", ""))); err != nil || n != len(g) {
		return g, false
	}
	slices.Reverse(g[:4])
	slices.Reverse(g[4:6])
	slices.Reverse(g[6:8])
	return g, true
}

// storedFinder looks for them. It is not safe for concurrent use.
type storedFinder struct {
	*stored
	narrow []byte
	hits   []match.Hit
}

// may tells whether some literal may stand in a chunk with these records. It errs towards yes.
func (f *storedFinder) may(chunk []byte, records []int) bool {
	f.narrow = narrow(f.narrow[:0], chunk)
	if f.meets(f.narrow) || slices.ContainsFunc(f.wide, func(w []byte) bool { return bytes.Contains(chunk, w) }) {
		return true
	}
	for _, at := range records {
		const head = 24
		end := at + int(binary.LittleEndian.Uint32(chunk[at+4:])) - 4
		if f.xml(&values{chunk: chunk[:end], at: at + head}, 0) {
			return true
		}
	}
	return false
}

func (f *storedFinder) meets(text []byte) bool {
	f.hits = f.set.Find(f.hits[:0], text)
	return len(f.hits) > 0
}

// narrow appends the ASCII texts in data of UTF-16, wherever they begin. Something else may stand right before and behind them.
func narrow(dst, data []byte) []byte {
	gap := true
	for i := 0; i+1 < len(data); i++ {
		if data[i+1] == 0 && data[i] != 0 {
			dst, gap = append(dst, data[i]), false
			i++
		} else if !gap {
			dst, gap = append(dst, 0), true
		}
	}
	return dst
}

// values reads on through a chunk. Beyond its end everything is nothing, and bad.
type values struct {
	chunk []byte
	at    int
	bad   bool
}

func (v *values) take(n int) []byte {
	if v.bad || n < 0 || n > len(v.chunk)-v.at {
		v.bad = true
		return nil
	}
	v.at += n
	return v.chunk[v.at-n : v.at]
}

func (v *values) uint(n int) (x uint64) {
	for i, b := range v.take(n) {
		x |= uint64(b) << (8 * i)
	}
	return x
}

var fragment = []byte{0x0f, 1, 1, 0}

const (
	mostNested = 8       // events hold data of one or two levels
	mostValues = 1 << 10 // of one record
)

// xml looks at the values of a fragment of binary XML: those of an instance of a template. What is none, or out of shape, is for the library.
func (f *storedFinder) xml(v *values, depth int) bool {
	if depth > mostNested {
		return true
	}
	if bytes.HasPrefix(v.chunk[v.at:], fragment) {
		v.take(len(fragment))
	}
	if v.uint(2) != 0x010c {
		return true
	}
	v.take(4)
	if defined := v.uint(4); int(defined) == v.at { // here, and nowhere before
		v.take(4 + 16)
		v.take(int(v.uint(4)))
	}
	n := int(v.uint(4))
	if n > mostValues {
		return true
	}
	list := v.take(4 * n)
	for ; len(list) >= 4; list = list[4:] {
		size, kind := int(binary.LittleEndian.Uint16(list)), binary.LittleEndian.Uint16(list[2:])
		if f.value(v, kind, size, depth) {
			return true
		}
	}
	return v.bad
}

// The types of values in an event, by the numbers of [MS-EVEN6] 2.2.12.
const (
	typeNull, typeString, typeUint8, typeUint16, typeInt32, typeUint32, typeInt64, typeUint64 = 0x00, 0x01, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0a
	typeFloat, typeDouble, typeBool, typeBinary, typeGUID, typeFileTime, typeSysTime, typeSID = 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x11, 0x12, 0x13
	typeHex32, typeHex64, typeXML, typeStrings, typeUint16s, typeUint64s, typeHex64s          = 0x14, 0x15, 0x21, 0x81, 0x86, 0x8a, 0x95
)

// value looks at one value.
func (f *storedFinder) value(v *values, kind uint16, size, depth int) bool {
	at := v.at
	b := v.take(size)
	switch kind {
	case typeNull, typeFloat, typeDouble, typeBool, typeBinary, typeFileTime, typeSysTime:
		return false
	case typeString, typeStrings:
		return size%2 == 1 && f.meets(b)
	case typeUint8, typeUint16, typeUint32, typeUint64, typeHex32, typeHex64:
		return f.number(b, false)
	case typeInt32, typeInt64:
		return f.number(b, true)
	case typeUint16s, typeUint64s, typeHex64s:
		return len(f.numbers) > 0 || len(f.sids) > 0
	case typeGUID:
		return size == 16 && f.guids[[16]byte(b)]
	case typeSID:
		return f.sid(b)
	case typeXML:
		return size > 0 && f.xml(&values{chunk: v.chunk[:min(at+size, len(v.chunk))], at: at}, depth+1)
	}
	return f.meets(b)
}

func (f *storedFinder) number(b []byte, signed bool) bool {
	if len(f.numbers) == 0 || len(b) > 8 {
		return len(f.numbers) > 0
	}
	v := values{chunk: b}
	n := v.uint(len(b))
	if signed && len(b) == 4 {
		n = uint64(int64(int32(uint32(n))))
	}
	if signed && n > math.MaxInt64 {
		n = -n // its digits are those of the number without the sign
	}
	return f.numbers[n]
}

// sid tells whether a security id holds one that is wanted: that of a domain stands in those of its accounts.
func (f *storedFinder) sid(b []byte) bool {
	if len(f.sids) == 0 || len(b) < 8 {
		return false
	}
	authority := uint64(0)
	for _, c := range b[2:8] {
		authority = authority<<8 | uint64(c)
	}
	text := fmt.Sprintf("S-%d-%d", b[0], authority)
	for rest := b[8:]; len(rest) >= 4; rest = rest[4:] {
		text += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(rest))
	}
	return slices.ContainsFunc(f.sids, func(s string) bool { return strings.Contains(text, s) })
}
