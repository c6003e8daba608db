package stream_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

// holds checks what is true of every batch of a plain UTF-8 input: records and rejects stand where they say, in order,
// do not overlap, and leave out nothing but what the container itself is made of.
func holds(t *testing.T, in []byte, b stream.Batch) {
	t.Helper()
	var last int64
	for _, r := range b.Records {
		at(t, in, r.Line, r.Offset, r.Raw)
		if r.Offset < last {
			t.Errorf("record at %d overlaps the one before, which ends at %d", r.Offset, last)
		}
		last = r.Offset + int64(len(r.Raw))
	}
	for _, r := range b.Rejects {
		at(t, in, r.Line, r.Offset, r.Raw)
		if r.Offset+r.Bytes > int64(len(in)) || int64(len(r.Raw)) > min(r.Bytes, 64<<10) {
			t.Errorf("reject at %d: %d bytes, %d kept, of %d", r.Offset, r.Bytes, len(r.Raw), len(in))
		}
	}
	if b.Bytes > int64(len(in)) {
		t.Errorf("batches account for %d bytes of %d", b.Bytes, len(in))
	}
}

func at(t *testing.T, in []byte, line, offset int64, raw []byte) {
	t.Helper()
	if offset < 0 || offset > int64(len(in)) || !bytes.HasPrefix(in[offset:], raw) {
		t.Errorf("%q is not at byte %d", raw, offset)
		return
	}
	if n := int64(1 + bytes.Count(in[:offset], []byte("\n"))); n != line {
		t.Errorf("%q is on line %d, not %d", raw, n, line)
	}
}

// covered reports which lines of text hold something, and which of them the batch speaks of.
func covered(in []byte, b stream.Batch) (missing []string) {
	var spans [][2]int64
	for _, r := range b.Records {
		spans = append(spans, [2]int64{r.Offset, r.Offset + int64(len(r.Raw))})
	}
	for _, r := range b.Rejects {
		spans = append(spans, [2]int64{r.Offset, r.Offset + r.Bytes})
	}
	var start int64
	for line := range bytes.SplitSeq(in, []byte("\n")) {
		end := start + int64(len(line))
		hit := slices.ContainsFunc(spans, func(s [2]int64) bool { return s[0] < end && s[1] > start })
		if len(bytes.TrimSpace(line)) > 0 && !hit {
			missing = append(missing, string(line))
		}
		start = end + 1
	}
	return missing
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"{\"a\":1}\n{\"a\":2}\n", "{\n \"a\": 1\n}\n{\n", "[{\"a\":1},[],3,{\"b\":", "[\n  {\"a\":\n  {}\n]\n[{}]",
		`{"took":1,"hits":{"hits":[{"_id":1}],"x":2}}` + "\n", "{\"value\":[{}],\n\"id\":1}\n{\"value\":[{}]", "{\"items\":[{},{\n{}\n",
		"a,b,c\n1,\"2\n\",3\n4,5\n\"6,7,8\n", "<Event>\n</Event><Event>\n<Events></Events>", "--0a1b2c3d-A--\nx\n--0a1b2c3d-Z--\ny",
		"\ufeff{}\n\x00", "[[[[[[[[\n{}", "plain\r\n\r\n text",
	} {
		f.Add([]byte(s), uint16(64))
	}
	f.Fuzz(func(t *testing.T, in []byte, record uint16) {
		for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "ElfFile", "\xff\xfe", "\xfe\xff"} {
			if bytes.HasPrefix(in, []byte(magic)) {
				t.Skip("decoded inputs have offsets of their own")
			}
		}
		if len(in) >= 4 && bytes.Count(in[:4], []byte{0}) == 2 {
			t.Skip("may be UTF-16 without a mark")
		}
		lim := stream.Limits{Record: int64(max(record, 8))}
		whole := read(t, bytes.NewReader(in), lim)
		holds(t, in, whole)
		if diff := cmp.Diff(tell(whole), tell(read(t, iotest.OneByteReader(bytes.NewReader(in)), lim))); diff != "" {
			t.Errorf("reading byte by byte differs (-whole +bytes):\n%s", diff)
		}
	})
}

// FuzzLines asserts the sum: in a file of text, every line that is not blank is a record or part of a reject.
func FuzzLines(f *testing.F) {
	f.Add([]byte("one\n\n  two\r\n\x00\n{}\n{\"a\":"))
	f.Fuzz(func(t *testing.T, tail []byte) {
		in := append([]byte("plain\n"), tail...)
		got := read(t, io.MultiReader(bytes.NewReader(in[:len(in)/2]), bytes.NewReader(in[len(in)/2:])), stream.Limits{Record: 1 << 10})
		holds(t, in, got)
		for _, line := range covered(in, got) {
			if !strings.HasPrefix(line, "{") { // a response on a line may be empty
				t.Errorf("line %q is neither record nor reject", line)
			}
		}
	})
}
