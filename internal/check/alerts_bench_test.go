package check_test

import (
	"bytes"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

// BenchmarkAlerts runs the checks over the alerts of the file that SOC_BENCH_ALERTS names, one JSON object a line. An
// operation reads a batch and checks it; ns/alert is the time in the checks alone, the median of the batches, over
// alerts that were just parsed as in a real run.
func BenchmarkAlerts(b *testing.B) {
	name := os.Getenv("SOC_BENCH_ALERTS")
	if name == "" {
		b.Skip("SOC_BENCH_ALERTS names no file")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		b.Fatal(err)
	}
	lines, checks := bytes.Split(bytes.TrimSpace(text), []byte("\n")), check.All()
	b.Run("all", func(b *testing.B) { overAlerts(b, checks, set.NewParser(), lines) })
	for _, c := range checks {
		b.Run(c.Name(), func(b *testing.B) { overAlerts(b, []triage.Check{c}, set.NewParser(), lines) })
	}
}

func overAlerts(b *testing.B, checks []triage.Check, parser *alert.Parser, lines [][]byte) {
	b.Helper()
	var batch [64]alert.Alert
	var spent []time.Duration
	done, said := 0, 0
	note := func(triage.Signal) { said++ }
	for b.Loop() {
		for i := range batch {
			if _, err := parser.Parse(&batch[i], lines[done%len(lines)], nil); err != nil {
				b.Fatal(err)
			}
			done++
		}
		start := time.Now()
		for i := range batch {
			for _, c := range checks {
				c.Check(&batch[i], note)
			}
		}
		spent = append(spent, time.Since(start))
	}
	slices.Sort(spent)
	b.ReportMetric(float64(spent[len(spent)/2].Nanoseconds())/float64(len(batch)), "ns/alert")
	b.ReportMetric(float64(said)/float64(done), "signals/alert")
}
