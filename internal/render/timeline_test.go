package render_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

// TestEventsWithoutATime counts those that have one: events without stand first.
func TestEventsWithoutATime(t *testing.T) {
	t.Parallel()
	nine, ten := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		times []time.Time
		want  string
	}{
		"the first has none": {[]time.Time{{}, nine, ten}, "3 events in 1 source, 2026-03-14 09:00:00 to 10:00:00 UTC\n"},
		"the last has none":  {[]time.Time{nine, ten, {}}, "3 events in 1 source, 2026-03-14 09:00:00 to 10:00:00 UTC\n"},
		"one has one":        {[]time.Time{{}, ten}, "2 events in 1 source, 2026-03-14 10:00:00 UTC\n"},
		"none has one":       {[]time.Time{{}, {}}, "2 events in 1 source, no time\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var k investigate.Case
			for _, at := range row.times {
				k.Events = append(k.Events, investigate.Event{Record: &alert.Alert{Time: at}, Summary: "something was done"})
			}
			s := render.Cases{Paper: render.NewPaper(term.IO{Width: 80})}
			if text := string(s.AppendCase(nil, &k)); !strings.Contains(text, row.want) {
				t.Errorf("%q stands not in\n%s", row.want, text)
			}
		})
	}
}
