package store_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
)

var size = flag.Int("entries", 200_000, "entries of the feed that the benchmarks use")

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// entryOf makes the entry number i: a third each of addresses, names and links.
func entryOf(i int) ioc.Indicator {
	in := ioc.Indicator{Verdict: ioc.Malicious, Confidence: 90, First: day.Add(time.Duration(i) * time.Second), Line: int64(i + 1), Tags: []string{"family", "x86"}}
	switch i % 3 {
	case 0:
		in.Type, in.Value = ioc.IP, fmt.Sprintf("%d.%d.%d.%d", 11+i>>24, i>>16&255, i>>8&255, i&255)
	case 1:
		in.Type, in.Value = ioc.Domain, fmt.Sprintf("host%d.example.com", i)
	case 2:
		in.Type, in.Value = ioc.URL, fmt.Sprintf("http://www%d.example.net/payload/%d.bin", i, i)
	}
	return in
}

func build(t testing.TB, n int, more ...ioc.Indicator) string {
	t.Helper()
	dir := t.TempDir()
	w, err := store.Create(dir, day)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for i := range n {
		in := entryOf(i)
		if err := w.Add(&in); err != nil {
			t.Fatal(err)
		}
	}
	for i := range more {
		if err := w.Add(&more[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(store.Meta{Name: "sample", Kind: "list", Imported: day}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "sample"+store.Suffix)
}

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestRoundTrip: what went in comes out, whole, and nothing else is found.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	const n = 100_000
	s := open(t, build(t, n))
	if s.Meta.Entries != n || s.Meta.Duplicates != 0 || s.Meta.Counts["ip"] != (n+2)/3 {
		t.Fatalf("%+v", s.Meta)
	}
	for i := range n {
		want := entryOf(i)
		k := store.KeyOf(want.Type, want.Value)
		got, found, err := s.Find(&k)
		if err != nil || !found || i%1000 == 0 && !cmp.Equal(got, want) {
			t.Fatalf("%v %v %s", found, err, cmp.Diff(want, got))
		}
		absent := store.KeyOf(ioc.Domain, fmt.Sprintf("other%d.example.com", i))
		if got, found, _ := s.Find(&absent); found {
			t.Fatalf("%+v was never put in", got)
		}
	}
	i := 0
	err := s.Each(func(got *ioc.Indicator) error {
		if want := entryOf(i); got.Value != want.Value {
			return fmt.Errorf("%s where %s was", got.Value, want.Value)
		}
		i++
		return nil
	})
	if err != nil || i != n {
		t.Fatal(i, err)
	}
}

// TestOneEntryPerValue: of several entries for one value the one that says most is found, the others are counted.
func TestOneEntryPerValue(t *testing.T) {
	t.Parallel()
	weak := ioc.Indicator{Type: ioc.IP, Value: "192.0.2.1", Verdict: ioc.Suspicious, Confidence: 99, Line: 1}
	strong := ioc.Indicator{Type: ioc.IP, Value: "192.0.2.1", Verdict: ioc.Malicious, Confidence: 50, Line: 2}
	other := ioc.Indicator{Type: ioc.Substring, Value: "192.0.2.1", Line: 3} // one text as two types is two values
	s := open(t, build(t, 0, weak, strong, weak, other))
	k := store.KeyOf(ioc.IP, "192.0.2.1")
	got, found, err := s.Find(&k)
	if err != nil || !found || got.Line != 2 {
		t.Fatalf("%+v %v %v", got, found, err)
	}
	if s.Meta.Entries != 2 || s.Meta.Duplicates != 2 {
		t.Fatalf("%+v", s.Meta)
	}
}

// TestHosts: a URL is found by its host, but not a host by something that only looks alike.
func TestHosts(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, 30, ioc.Indicator{Type: ioc.URL, Value: "http://203.0.113.9:8080/i", Line: 7}, ioc.Indicator{Type: ioc.CIDR, Value: "198.51.100.0/24"}))
	k := store.HostKey("203.0.113.9")
	if got, found, _ := s.Find(&k); !found || got.Line != 7 {
		t.Fatalf("%+v", got)
	}
	k = store.KeyOf(ioc.URL, "203.0.113.9")
	if got, found, _ := s.Find(&k); found {
		t.Fatalf("%+v", got)
	}
	n := 0
	if err := s.Ranges(func(in *ioc.Indicator) { n += len(in.Value) }); err != nil || n != len("198.51.100.0/24") {
		t.Fatal(n, err)
	}
}

// TestEmpty: a feed may have nothing left.
func TestEmpty(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, 0))
	k := store.KeyOf(ioc.IP, "192.0.2.1")
	if _, found, err := s.Find(&k); found || err != nil {
		t.Fatal(found, err)
	}
}

// TestDamaged: whatever byte changes, whatever is cut off, the file is refused and says why.
func TestDamaged(t *testing.T) {
	t.Parallel()
	path := build(t, 500)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(b []byte, wants ...error) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(path)
		if err == nil {
			_ = s.Close()
		}
		for _, want := range wants {
			if errors.Is(err, want) {
				return
			}
		}
		t.Fatalf("%v", err)
	}
	for at := 0; at < len(good); at += 1 + len(good)/400 {
		bad := append([]byte(nil), good...)
		bad[at] ^= 0x10
		refused(bad, store.ErrDamaged, store.ErrForeign, store.ErrNewer)
	}
	for _, n := range []int{len(good) - 1, len(good) / 2, 128} {
		refused(good[:n], store.ErrDamaged)
	}
	refused(append(good[:len(good):len(good)], 0), store.ErrDamaged)
	refused([]byte(strings.Repeat("no feed ", 100)), store.ErrForeign)
	refused(nil, store.ErrForeign)
}

// TestLastGoodCopy: an import that is given up leaves the feed as it was, and no file of its own.
func TestLastGoodCopy(t *testing.T) {
	t.Parallel()
	path := build(t, 3)
	w, err := store.Create(filepath.Dir(path), day)
	if err != nil {
		t.Fatal(err)
	}
	in := entryOf(9)
	if err := w.Add(&in); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if s := open(t, path); s.Meta.Entries != 3 {
		t.Fatalf("%+v", s.Meta)
	}
	left, _ := os.ReadDir(filepath.Dir(path))
	if len(left) != 1 {
		t.Fatal(left)
	}
}

// TestNames: a name becomes the name of a file.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "..", "../up", "a/b", "-flag", "with space", "ü", strings.Repeat("x", 65)} {
		dir := t.TempDir()
		w, err := store.Create(dir, day)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(store.Meta{Name: name}); err == nil {
			t.Errorf("%q was accepted", name)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Error(left)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	s := open(b, build(b, *size))
	var hits, misses []store.Key
	for i := range 1 << 12 {
		in := entryOf(i * 7919 % *size)
		hits = append(hits, store.KeyOf(in.Type, in.Value))
		misses = append(misses, store.KeyOf(ioc.Domain, fmt.Sprintf("none%d.example.org", i)))
	}
	for name, keys := range map[string][]store.Key{"hit": hits, "miss": misses} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, found, err := s.Find(&keys[i&(1<<12-1)]); err != nil || found != (name == "hit") {
					b.Fatal(found, err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	path := build(b, *size)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := open(b, path)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		s, err := store.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		_ = s.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc), "heap-bytes")
	runtime.KeepAlive(s)
}
