package casebook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
)

// replayed is a book with so many journal records of steps, the last few of which a crash left open.
func replayed(tb testing.TB, records int) *casebook.Book {
	tb.Helper()
	b := open(tb, newPath(tb))
	if err := b.Walk(tb.Context(), records); err != nil {
		tb.Fatal(err)
	}
	return b
}

// What is open after a crash, and whether the journal holds: 100,000 records are to take less than a second.
func BenchmarkReplay(b *testing.B) {
	const records = 100_000
	book := replayed(b, records)
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if p, err := book.Verify(b.Context()); err != nil || p.Err() != nil || p.Records != records-1 {
				b.Fatal(err, p.Err())
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if list, err := (casebook.Ledger{Book: book}).Steps(b.Context(), ""); err != nil || len(list) != 1 {
				b.Fatal(err, len(list))
			}
		}
	})
}

// quickest is the shortest of a few runs: what else the machine does makes some of them longer, none shorter.
func quickest(f func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range 5 {
		at := time.Now()
		f()
		best = min(best, time.Since(at))
	}
	return best
}

// Ten times as many records take about ten times as long: nothing in it grows faster than the journal.
func TestReplayGrowsWithTheJournal(t *testing.T) {
	t.Parallel()
	took := func(records int) time.Duration {
		b := replayed(t, records)
		return quickest(func() {
			if p, err := b.Verify(t.Context()); err != nil || p.Err() != nil {
				t.Fatal(err, p.Err())
			}
		})
	}
	few, many := took(400), took(4_000)
	if many > 50*few {
		t.Errorf("ten times as many records took %.0f times as long", float64(many)/float64(few))
	}
}

// What is open is found by an index: a watch asks every second, and what has ended is never forgotten.
func TestWhatIsOpenIsFoundByAnIndex(t *testing.T) {
	onFiles(t)
	t.Parallel()
	b := replayed(t, 200)
	plan, err := b.Explain(t.Context())
	if err != nil || !strings.Contains(plan, "SEARCH steps USING INDEX steps_stage") {
		t.Error(plan, err)
	}
	if list, err := (casebook.Ledger{Book: b}).Steps(t.Context(), ""); err != nil || len(list) != 1 || list[0].Stage != respond.UndoOpen {
		t.Error(list, err)
	}
}
