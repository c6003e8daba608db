package stream_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

// eventRecord is a record of a Windows event log that says <Event><System>text</System></Event>, made to stand at this
// offset of its chunk.
func eventRecord(at int, text string) []byte {
	const headed = 24
	var b []byte
	name := func(s string) {
		b = append(b, 0x01)                                                 // element begins
		b = binary.LittleEndian.AppendUint32(b, 0)                          // its length
		b = binary.LittleEndian.AppendUint32(b, uint32(at+headed+len(b)+4)) // its name follows
		b = append(b, 0, 0, 0, 0, 0, 0)
		b = append(wide(b, s), 0, 0, 0x02)
	}
	b = append(b, 0x0f, 1, 1, 0)
	name("Event")
	name("System")
	b = wide(append(b, 0x05, 0x01), text)
	b = append(b, 0x04, 0x04, 0x00)
	size := uint32(headed + len(b) + 4)
	out := append([]byte("**\x00\x00"), binary.LittleEndian.AppendUint32(nil, size)...)
	out = append(append(out, make([]byte, 16)...), b...)
	return binary.LittleEndian.AppendUint32(out, size)
}

func wide(b []byte, s string) []byte {
	u := utf16.Encode([]rune(s))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(u)))
	for _, c := range u {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return b
}

func eventChunk(texts ...string) []byte {
	c := make([]byte, 0x200, 64<<10)
	copy(c, "ElfChnk\x00")
	for _, s := range texts {
		c = append(c, eventRecord(len(c), s)...)
	}
	binary.LittleEndian.PutUint32(c[48:], uint32(len(c)))
	return c[:64<<10]
}

func eventLog(chunks ...[]byte) []byte {
	head := make([]byte, 4096)
	copy(head, "ElfFile\x00")
	return append(head, bytes.Join(chunks, nil)...)
}

func TestEventLog(t *testing.T) {
	t.Parallel()
	broken := eventChunk("a", "b", "c")
	copy(broken[0x200+len(eventRecord(0, "a")):], "junk")
	empty := eventChunk("a", "b", "c")
	empty[0x200+len(eventRecord(0, "a"))+24+4] = 0x00 // its XML ends where it should begin
	event := func(text string) string {
		return `{"Event":{"System":"` + text + `"}}`
	}
	row := func(at, text string) string { return at + " " + event(text) + " => " + event(text) }
	for name, e := range map[string]struct {
		in   []byte
		want []string
	}{
		"two chunks and an unused one": {
			in:   eventLog(eventChunk("a", "b"), eventChunk("c"), make([]byte, 64<<10)),
			want: []string{row("1:4608", "a"), row("2:4711", "b"), row("3:70144", "c")},
		},
		"a chunk overwritten": {
			in:   eventLog(bytes.Repeat([]byte("x"), 64<<10), eventChunk("c")),
			want: []string{row("1:70144", "c"), "gap evtx: the chunk at byte 4096: no chunk begins here"},
		},
		"a record overwritten": {
			in:   eventLog(broken, eventChunk("d")),
			want: []string{row("1:4608", "a"), row("2:70144", "d"), "gap evtx: the chunk at byte 4096: damaged after 1 events"},
		},
		"an event without content": {
			in:   eventLog(empty),
			want: []string{row("1:4608", "a"), row("3:4814", "c"), "2:4711+103! event cannot be read"},
		},
		"a chunk cut off": {
			in:   eventLog(eventChunk("a"))[:4096+0x300],
			want: []string{row("1:4608", "a"), "gap evtx: the chunk at byte 4096 is cut off"},
		},
		"a header and nothing else": {in: eventLog()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, e.in, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for how, r := range map[string]io.Reader{
				"file": f, "pipe": bytes.NewReader(e.in), "gzip": bytes.NewReader(gzipped(t, e.in)),
			} {
				lim := stream.Limits{Ratio: 1 << 20}
				if diff := cmp.Diff(e.want, tell(read(t, r, lim))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
	t.Run("an event the library cannot read", func(t *testing.T) {
		t.Parallel()
		got := tell(read(t, bytes.NewReader(eventLog(panicking(), eventChunk("c"))), stream.Limits{}))
		if len(got) != 3 || got[0] != row("1:4608", "a") || got[1] != row("2:70144", "c") ||
			!strings.HasPrefix(got[2], "gap evtx: the chunk at byte 4096: damaged after 1 events: runtime error") {
			t.Errorf("got %q", got)
		}
	})
}

// panicking is a chunk whose second event has a template that ends with the last byte of the chunk.
func panicking() []byte {
	c := eventChunk("a", "b")
	at := 0x200 + len(eventRecord(0, "a")) + 24
	copy(c[at:], "\x0f\x01\x01\x00\x0c\x01\x01\x00\x00\x00")
	body := at + 4 + 2 + 4 + 4 + 4 + 16
	binary.LittleEndian.PutUint32(c[body:], uint32(len(c)-body-4))
	c[body+4] = 0x00
	return c
}

// TestEventLogLeavesNothingBehind may not run beside other tests: it sets where temporary files go.
func TestEventLogLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	if got := read(t, bytes.NewReader(eventLog(eventChunk("a"))), stream.Limits{}); len(got.Records) != 1 {
		t.Fatalf("%d records, want 1", len(got.Records))
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestEventLogStored leaves out what is not to be decoded: lines are counted on. A chunk whose checksum is wrong is decoded, whatever is said of it.
func TestEventLogStored(t *testing.T) {
	t.Parallel()
	sealed := func(c []byte) []byte {
		binary.LittleEndian.PutUint32(c[52:], crc32.ChecksumIEEE(c[0x200:binary.LittleEndian.Uint32(c[48:])]))
		return c
	}
	log := eventLog(sealed(eventChunk("a", "b", "c")), sealed(eventChunk("d", "e")), eventChunk("f"), sealed(eventChunk("g")))
	var seen []int
	src := stream.Source{Name: "log", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(log)), nil }}
	src.Stored = func(chunk []byte, records []int) int {
		seen = append(seen, len(records))
		return map[int]int{3: 0, 2: 1, 1: 1}[len(records)]
	}
	var got []string
	err := stream.Read(t.Context(), src, stream.Limits{}, func(b stream.Batch) error {
		for _, r := range b.Records {
			got = append(got, fmt.Sprintf("%d:%s", r.Line, r.Raw))
		}
		return nil
	})
	want := []string{`4:{"Event":{"System":"d"}}`, `6:{"Event":{"System":"f"}}`, `7:{"Event":{"System":"g"}}`}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]int{3, 2, 1}, seen); diff != "" {
		t.Errorf("chunks (-want +got):\n%s", diff)
	}
}
