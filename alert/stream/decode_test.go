package stream_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/seed-959697dd/soc/alert/stream"
)

func gzipped(t testing.TB, p []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The two records of TestCompressed as bzip2 packs them, which Go only unpacks.
const (
	bzipOne = "425a6839314159265359bac64ddb00000359800010100020102000000a20002203650860114a1f177245385090bac64ddb"
	bzipTwo = "425a6839314159265359b8afb85200000359800010100010102000000a20002203650860114a1f177245385090b8afb852"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func zstandard(t testing.TB, p []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	return z.EncodeAll(p, nil)
}

func TestCompressed(t *testing.T) {
	t.Parallel()
	one, two := []byte("{\"a\":1}\n"), []byte("{\"a\":2}\n")
	both := []string{`1:0 {"a":1}`, `2:8 {"a":2}`}
	for name, e := range map[string]struct {
		in   []byte
		want []string
	}{
		"gzip":               {in: gzipped(t, append(one, two...)), want: both},
		"gzip, two members":  {in: append(gzipped(t, one), gzipped(t, two)...), want: both},
		"zstd":               {in: zstandard(t, append(one, two...)), want: both},
		"zstd, two frames":   {in: append(zstandard(t, one), zstandard(t, two)...), want: both},
		"gzip, UTF-8 mark":   {in: gzipped(t, []byte("\ufeff{}")), want: []string{"1:3 {}"}},
		"gzip, no header":    {in: []byte("\x1f\x8b\x08"), want: []string{"gap gzip: unexpected EOF"}},
		"gzip, junk behind":  {in: append(gzipped(t, one), "junk junk junk"...), want: []string{both[0], "gap gzip: gzip: invalid header"}},
		"bzip2":              {in: unhex(t, bzipOne), want: both[:1]},
		"bzip2, two streams": {in: append(unhex(t, bzipOne), unhex(t, bzipTwo)...), want: both},
		"bzip2, cut off":     {in: unhex(t, bzipOne)[:12], want: []string{"gap bzip2: unexpected EOF"}},
		"bzip2 by name only": {in: []byte("BZh is what begins this\n"), want: []string{"1:0 BZh is what begins this"}},
		"tar in gzip":        {in: gzipped(t, append(append(make([]byte, 257), "ustar\x00"...), one...)), want: []string{"gap a tar archive: not read: unpack it first"}},
		"gzip, wrong digest": {in: spoiled(gzipped(t, one)), want: []string{both[0], "gap gzip: gzip: invalid checksum"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(e.want, tell(read(t, bytes.NewReader(e.in), stream.Limits{}))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// spoiled changes the checksum at the end of a gzip member.
func spoiled(p []byte) []byte {
	p[len(p)-8] ^= 1
	return p
}

func TestTruncatedGivesWhatCameBefore(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 20_000 {
		text.WriteString(strings.Repeat("x", i%50) + "{}\n")
	}
	for name, in := range map[string][]byte{
		"gzip": gzipped(t, []byte(text.String())), "zstd": zstandard(t, []byte(text.String())),
	} {
		got := read(t, bytes.NewReader(in[:len(in)*9/10]), stream.Limits{})
		if len(got.Records) == 0 || len(got.Records) >= 20_000 || len(got.Gaps) != 1 {
			t.Errorf("%s: %d records, gaps %v; want some records and one gap", name, len(got.Records), got.Gaps)
		}
	}
}

func TestTotalIsACap(t *testing.T) {
	t.Parallel()
	in := gzipped(t, []byte("{}\n{}\n{}\n"))
	want := []string{"1:0 {}", "2:3 {}", "gap gzip: more than 6 bytes when decompressed"}
	if diff := cmp.Diff(want, tell(read(t, bytes.NewReader(in), stream.Limits{Total: 6}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// blanks is an input of n blanks.
func blanks(n int64) io.Reader { return io.LimitReader(fill(' '), n) }

type fill byte

func (f fill) Read(p []byte) (int, error) {
	if len(p) > 0 {
		p[0] = byte(f)
	}
	for n := 1; n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}
	return len(p), nil
}

func TestBombEndsInAGap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]byte{"blanks": ' ', "brackets": '[', "lines": '\n'} {
		var bomb bytes.Buffer
		z := gzip.NewWriter(&bomb)
		if _, err := io.CopyN(z, fill(c), 8<<20); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		got := read(t, bytes.NewReader(bomb.Bytes()), stream.Limits{Grace: 1 << 20})
		if n := len(got.Gaps); n == 0 || got.Gaps[n-1].Reason != "gzip: more than 100 times as large when decompressed: the rest is not read, unpack it and pipe it in" {
			t.Errorf("%s: gaps %v", name, got.Gaps)
		}
	}
}

// TestLogsMayRepeatThemselves: an ordinary export is not taken for a bomb.
func TestLogsMayRepeatThemselves(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 60_000 {
		if _, err := z.Write([]byte(`{"time":"2026-03-01T00:00:00Z","name":"the same thing again","host":"ws-1"}` + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, bytes.NewReader(packed.Bytes()), stream.Limits{}); len(got.Gaps) > 0 || len(got.Records) != 60_000 {
		t.Errorf("%d records, gaps %v", len(got.Records), got.Gaps)
	}
}

// TestArchivesAreNamed: what is packed otherwise is a gap that says so, not text.
func TestArchivesAreNamed(t *testing.T) {
	t.Parallel()
	for magic, name := range map[string]string{"PK\x03\x04rest": "a zip archive", "\xfd7zXZ\x00rest": "an xz file", strings.Repeat("\x00", 257) + "ustar": "a tar archive"} {
		got := read(t, strings.NewReader(magic), stream.Limits{})
		if len(got.Records)+len(got.Rejects) != 0 || len(got.Gaps) != 1 || got.Gaps[0].Reason != name+": not read: unpack it first" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestMemoryIsFlat may not run beside other tests: it measures the heap.
func TestMemoryIsFlat(t *testing.T) {
	const size, most = 100 << 20, 24 << 20
	for name, in := range map[string]func() io.Reader{
		"one line": func() io.Reader { return io.MultiReader(strings.NewReader("{}\nx"), io.LimitReader(fill('x'), size)) },
		"one value": func() io.Reader {
			return io.MultiReader(strings.NewReader("{\n\"a\":\""), io.LimitReader(fill('x'), size))
		},
		"one element": func() io.Reader { return io.MultiReader(strings.NewReader("[\""), io.LimitReader(fill('x'), size)) },
		"one number":  func() io.Reader { return io.MultiReader(strings.NewReader("[{},"), io.LimitReader(fill('1'), size)) },
		"one cell": func() io.Reader {
			return io.MultiReader(strings.NewReader("a,b,c\n1,2,3\n\""), io.LimitReader(fill('x'), size))
		},
		"one event":        func() io.Reader { return io.MultiReader(strings.NewReader("<Event>"), io.LimitReader(fill('x'), size)) },
		"blanks":           func() io.Reader { return blanks(size) },
		"many short lines": func() io.Reader { return io.LimitReader(repeat("{\"a\":1}\n"), size/4) },
		"many elements": func() io.Reader {
			return io.MultiReader(strings.NewReader("["), io.LimitReader(repeat(`{"a":1},`), size/4))
		},
	} {
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		var peak, seen int64
		r := &watched{r: in(), every: 4 << 20, look: func() {
			runtime.GC() // what is in use counts, not what the collector has not come round to on a busy machine
			runtime.ReadMemStats(&now)
			peak = max(peak, int64(now.HeapAlloc)-int64(before.HeapAlloc))
		}}
		err := stream.Read(context.Background(), source(r), stream.Limits{}, func(b stream.Batch) error {
			seen += int64(len(b.Records) + len(b.Rejects))
			return nil
		})
		if err != nil || peak > most || seen == 0 {
			t.Errorf("%s: error %v, %d MiB of heap, %d records and rejects", name, err, peak>>20, seen)
		}
	}
}

// watched calls look every so many bytes.
type watched struct {
	r             io.Reader
	n, due, every int64
	look          func()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if w.n += int64(n); w.n >= w.due {
		w.due = w.n + w.every
		w.look()
	}
	return n, err
}

// repeat is a text without end.
func repeat(s string) io.Reader { return &repeater{text: strings.Repeat(s, 1+(1<<16)/len(s))} }

type repeater struct {
	text string
	at   int
}

func (r *repeater) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func BenchmarkLines(b *testing.B) {
	line := `{"timestamp":"2026-11-23T10:00:00Z","event":"` + strings.Repeat("x", 430) + "\"}\n"
	in := bytes.Repeat([]byte(line), (64<<20)/len(line))
	bench(b, in)
}

func BenchmarkArray(b *testing.B) {
	element := `{"timestamp":"2026-11-23T10:00:00Z","event":{"a":["` + strings.Repeat(`x","`, 100) + `"]}},`
	bench(b, []byte("["+strings.Repeat(element, (16<<20)/len(element))+"{}]"))
}

func BenchmarkTable(b *testing.B) {
	bench(b, []byte("a,b,c,d\n"+strings.Repeat("one,\"two\",three hundred and three,4444444444\n", 1<<18)))
}

func bench(b *testing.B, in []byte) {
	b.Helper()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := stream.Read(context.Background(), source(bytes.NewReader(in)), stream.Limits{}, func(batch stream.Batch) error {
			n += len(batch.Records)
			return nil
		})
		if err != nil || n == 0 {
			b.Fatal(n, err)
		}
	}
}
