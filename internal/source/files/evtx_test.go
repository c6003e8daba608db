package files_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed-959697dd/soc/internal/source/files"
)

// eventLog is a Windows event log with a chunk for each list of texts, each text an event that says <Event><System>text</System></Event>.
func eventLog(chunks ...[]string) []byte {
	log := make([]byte, 4096)
	copy(log, "ElfFile\x00")
	for _, texts := range chunks {
		c := make([]byte, 0x200, 64<<10)
		copy(c, "ElfChnk\x00")
		for _, text := range texts {
			c = append(c, eventRecord(len(c), text)...)
		}
		binary.LittleEndian.PutUint32(c[48:], uint32(len(c)))
		log = append(log, c[:64<<10]...)
	}
	return log
}

func eventRecord(at int, text string) []byte {
	const headed = 24
	b := []byte{0x0f, 1, 1, 0}
	wide := func(s string) {
		u := utf16.Encode([]rune(s))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(u)))
		for _, c := range u {
			b = binary.LittleEndian.AppendUint16(b, c)
		}
	}
	for _, name := range []string{"Event", "System"} {
		b = append(b, 0x01, 0, 0, 0, 0)                                     // an element begins, of a length that nobody reads
		b = binary.LittleEndian.AppendUint32(b, uint32(at+headed+len(b)+4)) // its name follows
		b = append(b, 0, 0, 0, 0, 0, 0)
		wide(name)
		b = append(b, 0, 0, 0x02)
	}
	b = append(b, 0x05, 0x01)
	wide(text)
	b = append(b, 0x04, 0x04, 0x00)
	size := uint32(headed + len(b) + 4)
	out := binary.LittleEndian.AppendUint32([]byte("**\x00\x00"), size)
	out = append(append(out, make([]byte, 16)...), b...)
	return binary.LittleEndian.AppendUint32(out, size)
}

// TestDamagedEventLog damages one chunk of two: what stands before the damage and in the other is found.
func TestDamagedEventLog(t *testing.T) {
	t.Parallel()
	log := eventLog([]string{"id-000001 " + planted, "id-000002 " + planted, "id-000003 " + planted}, []string{"id-000004 " + planted, "id-000005 10.0.0.1"})
	second := bytes.Index(log[4096+0x200+4:], []byte("**\x00\x00")) + 4096 + 0x200 + 4
	copy(log[second:], "junk")
	path := filepath.Join(t.TempDir(), "Security.evtx")
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	found, answer := search(t, open(t, []string{path}, files.Options{Formats: formats(t)}), address())
	if len(found) != 2 || !strings.HasSuffix(found[0], "id-000001") || !strings.HasSuffix(found[1], "id-000004") {
		t.Errorf("found %v", found)
	}
	if all := strings.Join(reasons(answer), "\n"); all != "evtx: the chunk at byte 4096: damaged after 1 events" {
		t.Errorf("gaps %q", all)
	}
	if len(answer.Covered) != 1 || answer.Covered[0].Records != 3 {
		t.Errorf("covered %v", answer.Covered)
	}
}
