package stream_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

// TestGivenBack: the records of batches that are held for a while before they are given back are those of batches that never are.
func TestGivenBack(t *testing.T) {
	t.Parallel()
	var lines, table strings.Builder
	table.WriteString("id,name,what\n")
	for i := range 40_000 {
		fmt.Fprintf(&lines, "{\"id\":%d,\"text\":\"%s\"}\n", i, strings.Repeat("x", i%97))
		fmt.Fprintf(&table, "%d,\"%s\",z\n", i, strings.Repeat("y", i%89))
	}
	for name, in := range map[string]string{
		"lines":         lines.String(),
		"array":         "[" + strings.ReplaceAll(strings.TrimSpace(lines.String()), "\n", ",") + "]",
		"table":         table.String(),
		"a record long": lines.String() + `{"long":"` + strings.Repeat("z", 700<<10) + "\"}\n" + lines.String(),
	} {
		want := tell(read(t, strings.NewReader(in), stream.Limits{}))
		for _, held := range []int{0, 3} {
			if diff := cmp.Diff(want, tell(givenBack(t, in, held))); diff != "" {
				t.Errorf("%s, %d held: (-kept +given back)\n%s", name, held, diff[:min(len(diff), 2000)])
			}
		}
	}
}

// givenBack reads in, holding so many batches before it copies and gives back the oldest.
func givenBack(t *testing.T, in string, held int) (all stream.Batch) {
	t.Helper()
	var queue []stream.Batch
	finish := func(b *stream.Batch) {
		for _, r := range b.Records {
			r.Raw, r.View = bytes.Clone(r.Raw), bytes.Clone(r.View)
			all.Records = append(all.Records, r)
		}
		all.Rejects, all.Gaps, all.Bytes = append(all.Rejects, b.Rejects...), append(all.Gaps, b.Gaps...), all.Bytes+b.Bytes
		b.Done()
	}
	err := stream.Read(context.Background(), source(strings.NewReader(in)), stream.Limits{}, func(b stream.Batch) error {
		if queue = append(queue, b); len(queue) > held {
			finish(&queue[0])
			queue = queue[1:]
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range queue {
		finish(&queue[i])
	}
	return all
}

// TestGivenBackIsReadIntoAgain is alone in its process: what it measures is what all allocate while it runs.
func TestGivenBackIsReadIntoAgain(t *testing.T) {
	const size = 32 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	records := 0
	err := stream.Read(context.Background(), source(io.LimitReader(repeat("{\"id\":1,\"text\":\"x\"}\n"), size)), stream.Limits{}, func(b stream.Batch) error {
		records += len(b.Records)
		b.Done()
		return nil
	})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; err != nil || records < size/25 || got > size/8 {
		t.Errorf("%d records, %d bytes of memory for %d of input, %v", records, got, size, err)
	}
}
