package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// rescorable writes the verdicts of n hosts, a third of which are of a rule that the new policy sees otherwise, and one line that is none.
func rescorable(t *testing.T, c *crew, n int) (file string) {
	t.Helper()
	var alerts bytes.Buffer
	for i := range n {
		fmt.Fprintf(&alerts, `{"id":"a-%d","timestamp":"2026-03-01T10:%02d:%02dZ","rule_id":"r-%d","rule_name":"Odd process","title":"Odd process","severity":"high","hostname":"host-%05d","command_line":"powershell -enc SQBFAFgA %d"}`+"\n",
			i, i/60%60, i%60, i%3, i, i)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "alerts.ndjson"), alerts.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := c.start("triage --json --no-book --now 2026-03-02T00:00:00Z alerts.ndjson")
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	text := c.outs[len(c.outs)-1].String()
	text = strings.Replace(text, "\n", "\n{\"kind\":\"verdict\",\n", 1)
	if err := os.WriteFile(filepath.Join(c.dir, "verdicts.ndjson"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "verdicts.ndjson"
}

var seconds = regexp.MustCompile(`"seconds":[0-9.]+`)

// documents of a rescoring, without what stands outside the promise of equal bytes.
func flips(t *testing.T, c *crew, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return seconds.ReplaceAllString(string(text), "")
}

// TestABatchIsRescoredByManyWorkers: what many print is what one prints, byte for byte and in order; whoever asked is killed and asks again, and
// what was done is not done again.
func TestABatchIsRescoredByManyWorkers(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, name string) {
		c := newCrew(t, name, "nats://127.0.0.1:1")
		if err := os.WriteFile(filepath.Join(c.dir, "new.yaml"), []byte("base_rate: 0.001\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		in := rescorable(t, c, 4500)
		const settings = " --policy new.yaml --now 2026-03-02T00:00:00Z --json"
		alone := c.start("rescore " + in + settings + " --out alone.ndjson")
		if err := alone.Wait(); err != nil {
			t.Fatal(err)
		}
		want := flips(t, c, "alone.ndjson")
		if strings.Count(want, `"kind":"flip"`) < 1000 || strings.Count(want, `"kind":"summary"`) != 1 || strings.Count(want, `"kind":"reject"`) != 1 {
			t.Fatalf("the story did not happen: %d bytes", len(want))
		}
		asks := c.start("rescore " + in + settings + " --worker --out first.ndjson")
		book, err := casebook.Open(t.Context(), name, casebook.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close() //nolint:errcheck // only read
		until(t, "a result", func() bool { return count(t, book, `SELECT COUNT(*) FROM chunks WHERE result IS NOT NULL`) > 0 })
		_ = asks.Process.Kill() // unless it is done already
		_ = asks.Wait()
		helper := c.start("rescore" + settings + " --worker")
		for _, out := range []string{"second.ndjson", "third.ndjson"} {
			again := c.start("rescore " + in + settings + " --worker --out " + out)
			if err := again.Wait(); err != nil {
				t.Fatal(err)
			}
			if got := flips(t, c, out); got != want {
				t.Errorf("%s differs: %d bytes, want %d", out, len(got), len(want))
			}
		}
		if err := helper.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := helper.Wait(); err != nil {
			t.Errorf("who helped ended with %v", err)
		}
		if n := count(t, book, `SELECT COUNT(*) FROM chunks`); n != 5 {
			t.Errorf("%d chunks, want 5: some were cut otherwise the second time", n)
		}
		if n := count(t, book, `SELECT COUNT(*) FROM chunks WHERE result IS NULL OR body IS NOT NULL`); n != 0 {
			t.Errorf("%d chunks without a result", n)
		}
	})
}
