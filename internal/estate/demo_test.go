package estate_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// TestReceiptsHoldInRealShapes runs the check over the alerts of the demonstration and looks their receipts up: triage drops a
// reason whose receipt does not hold.
func TestReceiptsHoldInRealShapes(t *testing.T) {
	t.Parallel()
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../testdata/demo/night.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	p := set.NewParser()
	check := load(t).Check()
	signals, lowered := 0, 0
	for line := range bytes.Lines(text) {
		var a alert.Alert
		if _, err := p.Parse(&a, bytes.TrimSpace(line), nil); err != nil {
			continue // the demonstration holds a broken line on purpose
		}
		check.Check(&a, func(s triage.Signal) {
			signals++
			if s.Weight < 0 {
				lowered++
			}
			if s.Weight < 0 && s.Trust == alert.Attacker {
				t.Errorf("%s: %+v", a.ID, s)
			}
			for _, r := range s.Receipts {
				if !r.Holds(a.View) {
					t.Errorf("%s: %q rests on %+v, which does not hold", a.ID, s.Sentence, r)
				}
			}
		})
	}
	if signals == 0 {
		t.Error("nothing was known of any alert")
	}
	t.Logf("%d signals, %d of them lower", signals, lowered)
}
