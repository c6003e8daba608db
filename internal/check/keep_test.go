package check_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

// TestChecksKeepNoTextOfAnAlert: an alert's memory is read into again when its checks have run. What they remember of one alert must
// not lie in it: the same alert says the same, again and again, though its memory was written over each time.
func TestChecksKeepNoTextOfAnAlert(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/alert/*/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	parser, assessor := set.NewParser(), triage.NewAssessor(check.All())
	said := map[string]string{}
	for range 4 {
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range bytes.Lines(body) {
				var a alert.Alert
				memory := bytes.Clone(bytes.TrimSpace(line))
				if _, err := parser.Parse(&a, memory, nil); err != nil {
					continue
				}
				var o triage.Observation
				assessor.Assess(&a, &o)
				got := fmt.Sprintf("%+v", o)
				if want, again := said[string(line)]; again && got != want {
					t.Fatalf("%s: %s\nsaid %q\nthen %q", file, line, want, got)
				}
				said[string(line)] = got
				for i := range memory {
					memory[i] = '#'
				}
			}
		}
	}
}
