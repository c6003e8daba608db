package stream_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

func TestLined(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		start int64
		lined bool
	}{
		"NDJSON":             {"{\"a\":1}\n{\"a\":2}\n", 0, true},
		"behind a mark":      {"\ufeff{\"a\":1}\n{\"a\":2}\n", 3, true},
		"syslog":             {"<34>Oct 11 22:14:15 mymachine su: failed\n", 0, true},
		"nothing":            {"", 0, true},
		"a response":         {`{"Records":[{"a":1},{"a":2}]}`, 0, true},
		"an array":           {"[{\"a\":1}]\n", 0, false},
		"an indented object": {"{\n \"a\": 1\n}\n", 0, false},
		"a table":            {"time,host,user\n1,2,3\n", 0, false},
		"a Zeek log":         {"#separator \\x09\n", 0, false},
		"UTF-16":             {"\xff\xfea\x00\n\x00", 0, false},
		"gzip":               {"\x1f\x8b\x08\x00", 0, false},
		"an archive":         {"PK\x03\x04", 0, false},
		"EVTX":               {"ElfFile\x00", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if start, lined := stream.Lined(f, stream.Limits{}); lined != c.lined || lined && start != c.start {
				t.Errorf("%v from byte %d", lined, start)
			}
		})
	}
}

// TestReadLines reads a text in stretches, and finds what Read finds.
func TestReadLines(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	b.WriteString("plain\n")
	for i := range 300 {
		b.WriteString([]string{
			"{\"id\":%d}\n", "\r\n", "text %d \r\n", "{\"Records\":[{\"a\":%d},{\"b\":[]}]} more\n", "[%d] an error\n", "%d" + strings.Repeat("x", 200) + "\n", "{\"broken\":%d\n",
		}[r.IntN(7)])
		_ = i
	}
	text := []byte(b.String() + "the end")
	lim := stream.Limits{Record: 128}
	whole := read(t, bytes.NewReader(text), lim)
	var parts stream.Batch
	for from, line := 0, int64(1); from < len(text); {
		to := from
		for n := 1 + r.IntN(5); n > 0 && to < len(text); n-- {
			if k := bytes.IndexByte(text[to:], '\n'); k >= 0 {
				to += k + 1
			} else {
				to = len(text)
			}
		}
		s := stream.Stretch{Name: whole.Input, Line: line, Offset: int64(from), Text: text[from:to]}
		if r.IntN(2) == 0 {
			s.Text, s.Long = nil, bytes.NewReader(text[from:to])
		}
		err := stream.ReadLines(t.Context(), s, lim, func(b stream.Batch) error {
			parts.Records = append(parts.Records, b.Records...)
			parts.Rejects = append(parts.Rejects, b.Rejects...)
			parts.Gaps = append(parts.Gaps, b.Gaps...)
			parts.Bytes += b.Bytes
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		line += int64(bytes.Count(text[from:to], []byte("\n")))
		from = to
	}
	whole.Bytes, parts.Bytes, parts.Input = 0, 0, whole.Input
	if diff := cmp.Diff(fmt.Sprint(tell(whole)), fmt.Sprint(tell(parts))); diff != "" {
		t.Errorf("(-whole +parts):\n%s", diff)
	}
}
