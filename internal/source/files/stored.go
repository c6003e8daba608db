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

	"github.com/seed-959697dd/soc/alert/stream"
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
		if digits, ok := strings.CutPrefix(strings.ToLower(l.Text), "0x"); ok {
			if n, err := strconv.ParseUint(digits, 16, 64); err == nil {
				s.numbers[n] = true
			}
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
		met := false
		shown := stream.EventValues(chunk, at, func(t stream.ValueType, value []byte) bool {
			met = f.value(t, value)
			return !met
		})
		if met || !shown {
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

// value looks at one value.
func (f *storedFinder) value(t stream.ValueType, b []byte) bool {
	switch t {
	case stream.ValueNull, stream.ValueFloat, stream.ValueDouble, stream.ValueBool, stream.ValueBinary, stream.ValueTime, stream.ValueSysTime:
		return false
	case stream.ValueString, stream.ValueStrings:
		return len(b)%2 == 1 && f.meets(b)
	case stream.ValueUint8, stream.ValueUint16, stream.ValueUint32, stream.ValueUint64, stream.ValueHex32, stream.ValueHex64:
		return f.number(b, false)
	case stream.ValueInt32, stream.ValueInt64:
		return f.number(b, true)
	case stream.ValueUint16s, stream.ValueUint64s, stream.ValueHex64s:
		return len(f.numbers) > 0
	case stream.ValueGUID:
		return len(b) == 16 && f.guids[[16]byte(b)]
	case stream.ValueSID:
		return f.sid(b)
	}
	return f.meets(b)
}

func (f *storedFinder) number(b []byte, signed bool) bool {
	if len(f.numbers) == 0 || len(b) > 8 {
		return len(f.numbers) > 0
	}
	var n uint64
	for i, c := range b {
		n |= uint64(c) << (8 * i)
	}
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
