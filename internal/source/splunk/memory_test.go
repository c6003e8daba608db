package splunk_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/splunk"
)

// flood answers every search with so many rows of two kilobytes.
func flood(rows int) http.HandlerFunc {
	padding := strings.Repeat("x", 1800)
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := range rows {
			last := ""
			if i == rows-1 {
				last = `"lastrow":true,`
			}
			_, _ = fmt.Fprintf(w, `{"preview":false,"offset":%d,%s"result":{"_time":"2026-03-01T10:00:00.000+00:00","event_id":"FC0E5C61@@notable@@%032d","soc_indextime":"1772359200","rule_name":"Port scan","urgency":"low","_raw":"%s"}}`+"\n", i, last, i, padding)
		}
	}
}

// A pull takes as much memory for a hundred megabytes as for one. It runs alone: the heap is everybody's.
func TestAPullOfAnySizeTakesLittleMemory(t *testing.T) {
	const rows = 50_000
	c := client(t, flood(rows), func(set *splunk.Settings) { set.Kind = splunk.Notables })
	var most, before uint64
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before = stats.HeapAlloc
	n := 0
	gaps, err := c.Pull(t.Context(), alert.Pull{From: noon.AddDate(0, 0, -1), To: noon}, func(alert.Pulled) error {
		if n++; n%5000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
		return nil
	})
	if err != nil || len(gaps) > 0 || n != rows {
		t.Fatalf("%d %v %v", n, gaps, err)
	}
	if grown := int64(most) - int64(before); grown > 32<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	} else {
		t.Logf("%d rows, 100 MB: the heap grew by %.1f MiB", n, float64(grown)/(1<<20))
	}
}

func BenchmarkPull(b *testing.B) {
	const rows = 10_000
	c := client(b, flood(rows), func(set *splunk.Settings) { set.Kind = splunk.Notables })
	b.SetBytes(rows * 2000)
	for b.Loop() {
		if _, err := c.Pull(b.Context(), alert.Pull{From: noon.AddDate(0, 0, -1), To: noon}, func(alert.Pulled) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
