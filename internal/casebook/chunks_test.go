package casebook_test

import (
	"context"
	"database/sql"
	"testing"
	"time"
)

// A result that somebody has just asked for again is not dropped for its age: who asked would wait for it for ever.
func TestAChunkThatIsAskedForAgainStays(t *testing.T) {
	t.Parallel()
	b, now, _ := shift(t)
	enqueued := 0
	add := func() {
		t.Helper()
		if err := b.AddChunk(t.Context(), "c", []byte("matter"), func(context.Context, *sql.Tx) error { enqueued++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	add()
	if err := b.FinishChunk(t.Context(), "c", []byte("result")); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(25 * time.Hour)
	add()
	forget := func() string {
		t.Helper()
		if err := b.ForgetChunks(t.Context(), now.Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		text, err := b.ChunkResult(t.Context(), "c")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := forget(); got != "result" || enqueued != 1 {
		t.Errorf("%q, enqueued %d times", got, enqueued)
	}
	*now = now.Add(25 * time.Hour)
	if got := forget(); got != "" {
		t.Errorf("nobody asks for it any more: %q", got)
	}
}
