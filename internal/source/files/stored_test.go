package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert/stream"
)

// stuff is one value of an event as it lies on disk.
type stuff struct {
	kind stream.ValueType
	data []byte
}

// templated is an event log of one chunk. Its events are instances of one template, that says Event, System and each value as an element of its own.
// Those of the second kind hold the values in an event of their own, as Windows keeps what a provider sends.
func templated(nested bool, events ...[]stuff) []byte {
	const head = 24
	chunk := make([]byte, 0x200, 64<<10)
	copy(chunk, "ElfChnk\x00")
	defined := uint32(0)
	instance := func(b []byte, at int, values []stuff) []byte {
		b = append(b, 0x0c, 0x01)
		b = binary.LittleEndian.AppendUint32(b, 0x5eed)
		first := defined == 0
		if first {
			defined = uint32(at + len(b) + 4)
		}
		b = binary.LittleEndian.AppendUint32(b, defined)
		if first {
			b = append(b, make([]byte, 4+16)...)
			body := definition(at+len(b)+4, len(values))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
			b = append(b, body...)
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(len(values)))
		for _, v := range values {
			b = binary.LittleEndian.AppendUint16(b, uint16(len(v.data)))
			b = binary.LittleEndian.AppendUint16(b, uint16(v.kind))
		}
		for _, v := range values {
			b = append(b, v.data...)
		}
		return b
	}
	for _, values := range events {
		b := []byte{0x0f, 1, 1, 0}
		if nested { // around the instance, one with another template, whose only value it is
			b = append(b, 0x0c, 0x01)
			b = binary.LittleEndian.AppendUint32(b, uint32(0x1000+len(chunk)))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(chunk)+head+len(b)+4))
			b = append(b, make([]byte, 4+16)...)
			body := definition(len(chunk)+head+len(b)+4, 1)
			b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
			b = append(b, body...)
			b = binary.LittleEndian.AppendUint32(b, 1)
			inner := instance(nil, len(chunk)+head+len(b)+4, values)
			b = binary.LittleEndian.AppendUint16(b, uint16(len(inner)))
			b = binary.LittleEndian.AppendUint16(b, 0x21)
			b = append(b, inner...)
		} else {
			b = instance(b, len(chunk)+head, values)
		}
		b = append(b, 0)
		size := uint32(head + len(b) + 4)
		chunk = binary.LittleEndian.AppendUint32(append(chunk, "**\x00\x00"...), size)
		chunk = append(append(chunk, make([]byte, 16)...), b...)
		chunk = binary.LittleEndian.AppendUint32(chunk, size)
	}
	free := len(chunk)
	binary.LittleEndian.PutUint32(chunk[48:], uint32(free))
	binary.LittleEndian.PutUint32(chunk[52:], crc32.ChecksumIEEE(chunk[0x200:free]))
	file := make([]byte, 4096, 4096+64<<10)
	copy(file, "ElfFile\x00")
	return append(file, chunk[:64<<10]...)
}

// definition is the body of a template that begins at a place in its chunk.
func definition(at, n int) []byte {
	b := []byte{0x0f, 1, 1, 0}
	open := func(name string) {
		b = append(b, 0x01, 0, 0, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(at+len(b)+4))
		b = append(b, 0, 0, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
		b = append(append(b, wide(name)...), 0, 0, 0x02)
	}
	open("Event")
	open("System")
	for i := range n {
		open("F" + string(rune('a'+i)))
		b = append(b, 0x0d, byte(i), 0, 0x01, 0x04)
	}
	return append(b, 0x04, 0x04, 0x00)
}

func number(n uint64, size int) []byte { return binary.LittleEndian.AppendUint64(nil, n)[:size] }

// chunksOf reads a log, with what it says in JSON, and the chunks that may be judged as they lie.
func chunksOf(t testing.TB, log []byte, look func(chunk []byte, records []int) int) string {
	t.Helper()
	var text strings.Builder
	src := stream.Source{Name: "log", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(log)), nil }, Stored: look}
	err := stream.Read(context.Background(), src, stream.Limits{}, func(b stream.Batch) error {
		for _, r := range b.Records {
			text.Write(r.Raw)
		}
		for _, g := range b.Gaps {
			t.Error(g.Reason)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// TestStored holds the law of the search in chunks as they lie on disk: what is found in the decoded event is found there; and
// that it leaves out what holds nothing.
func TestStored(t *testing.T) {
	t.Parallel()
	values := []stuff{
		{stream.ValueString, wide(`C:\Temp\Evil-Tool.exe`)},
		{stream.ValueString, wide("Müller straße")},
		{stream.ValueString, wide("пользователь")},
		{stream.ValueUint8, number(201, 1)},
		{stream.ValueUint16, number(50123, 2)},
		{stream.ValueInt32, number(uint64(1<<64-4711), 4)},
		{stream.ValueUint32, number(70707, 4)},
		{stream.ValueInt64, number(uint64(1<<64-515151515151), 8)},
		{stream.ValueUint64, number(616161616161, 8)},
		{stream.ValueHex32, number(0xbeef, 4)},
		{stream.ValueHex64, number(0x7e2aa, 8)},
		{stream.ValueGUID, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
		{stream.ValueSID, append([]byte{1, 5, 0, 0, 0, 0, 0, 5}, bytes.Join([][]byte{number(21, 4), number(1111, 4), number(2222, 4), number(3333, 4), number(1105, 4)}, nil)...)},
		{stream.ValueStrings, wide("first\x00second-one")},
		{0x02, []byte("single bytes")},
	}
	other := make([]stuff, len(values))
	for i, v := range values {
		other[i] = stuff{v.kind, bytes.Repeat([]byte{1}, len(v.data))}
		if v.kind == stream.ValueString || v.kind == stream.ValueStrings {
			other[i].data = wide(strings.Repeat("x", len(v.data)/2))
		}
	}
	for _, nested := range []bool{false, true} {
		log, empty := templated(nested, other, values, other), templated(nested, other, other)
		decoded := chunksOf(t, log, nil)
		for _, want := range []string{
			`evil-tool.exe`, `C:\Temp\Evil-Tool.exe`, "Müller straße", "ПОЛЬЗОВАТЕЛЬ", "пользователь", "201", "50123", "4711", "70707", "515151515151", "616161616161",
			"0xbeef", "0x7e2aa", "0x7E2AA", "04030201-0605-0807-090A-0B0C0D0E0F10", "{04030201-0605-0807-090a-0b0c0d0e0f10}", "S-1-5-21-1111-2222-3333-1105", "S-1-5-21-1111-2222-3333", "second-one", "single bytes",
		} {
			if !bytes.Contains(canonical(nil, []byte(decoded)), canonical(nil, []byte(strings.Trim(want, edges)))) {
				t.Errorf("%s is not in %s", want, decoded)
			}
			asked := 0
			f := &storedFinder{stored: newStored(literalsOf(strings.Trim(want, edges), nil), nil)}
			look := func(wanted bool) func([]byte, []int) int {
				return func(chunk []byte, records []int) int {
					if asked++; f.may(chunk, records) != wanted {
						t.Errorf("%q, nested %v: %v", want, nested, !wanted)
					}
					return 0
				}
			}
			if chunksOf(t, log, look(true))+chunksOf(t, empty, look(false)) != "" || asked != 2 {
				t.Errorf("asked %d times", asked)
			}
		}
	}
}

// FuzzStored: whatever is in a chunk, judging it ends, and does not panic.
func FuzzStored(f *testing.F) {
	f.Add(templated(true, []stuff{{stream.ValueString, wide("text")}, {stream.ValueHex64, number(7, 8)}, {stream.ValueSID, make([]byte, 8)}})[4096 : 4096+2048])
	finder := &storedFinder{stored: newStored(literalsOf("S-1-5-18", nil), nil)}
	finder.numbers[4711] = true
	f.Fuzz(func(_ *testing.T, chunk []byte) {
		if len(chunk) > 0x200+28 {
			binary.LittleEndian.PutUint32(chunk[0x204:], uint32(len(chunk)-0x200))
			finder.may(chunk, []int{0x200})
		}
	})
}

// BenchmarkStored searches a chunk in which nothing is found, as it lies on disk and decoded.
func BenchmarkStored(b *testing.B) {
	var events [][]stuff
	for i := range 80 {
		events = append(events, []stuff{
			{stream.ValueString, wide(strings.Repeat("C:\\Windows\\System32\\", 12))},
			{stream.ValueUint32, number(uint64(4000+i), 4)},
			{stream.ValueHex64, number(uint64(0x7e000+i), 8)},
			{stream.ValueGUID, make([]byte, 16)},
		})
	}
	log := templated(true, events...)
	finder := &storedFinder{stored: newStored(append(literalsOf("evil.example", nil), literalsOf("0x7f000", nil)...), nil)}
	for name, look := range map[string]func([]byte, []int) int{
		"as it lies": func(chunk []byte, records []int) int {
			if finder.may(chunk, records) {
				b.Fatal("found")
			}
			return 0
		},
		"decoded": nil,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				chunksOf(b, log, look)
			}
		})
	}
}
