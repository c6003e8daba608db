package casebook_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// BenchmarkKeep reports how many groups a second a new book takes; judging them counts as well.
func BenchmarkKeep(b *testing.B) {
	const n = 20_000
	lines := export(0, n, 1)
	for name, again := range map[string]bool{"new": false, "known": true} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				book := open(b, filepath.Join(b.TempDir(), "book.db"))
				if again {
					keepAll(b, book, grouped(b, lines))
				}
				groups := grouped(b, lines)
				b.StartTimer()
				keepAll(b, book, groups)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "groups/s")
		})
	}
}

func grouped(b *testing.B, lines []string) *triage.Groups {
	b.Helper()
	set, err := alert.NewSet(alert.Options{Now: clock(), Zone: time.UTC})
	if err != nil {
		b.Fatal(err)
	}
	groups := triage.NewGroups(time.Minute, "")
	b.Cleanup(groups.Close)
	if err := observe(set.NewParser(), groups, lines); err != nil {
		b.Fatal(err)
	}
	return groups
}

func keepAll(b *testing.B, book *casebook.Book, groups *triage.Groups) {
	b.Helper()
	run, err := book.Begin(b.Context(), casebook.RunInfo{Command: "triage"})
	if err != nil {
		b.Fatal(err)
	}
	policy := triage.DefaultPolicy()
	err = triage.Judge(b.Context(), groups, &policy, &triage.Standing{}, 2, func(out []byte, v *triage.Verdict, m *triage.Members) ([]byte, bool, error) {
		return out, true, run.Keep(b.Context(), v, m)
	}, func([]byte, bool) error { return nil })
	if err == nil {
		err = run.End(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
}
