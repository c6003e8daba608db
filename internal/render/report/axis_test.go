package report

import (
	"testing"
	"time"
)

// Later is never farther left, everything lies on the drawing, and what lies close together stays apart from what lies far away.
func TestAxis(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for name, offsets := range map[string][]time.Duration{
		"one":            {0},
		"twice the same": {0, 0},
		"even":           {0, time.Minute, 2 * time.Minute, 3 * time.Minute},
		"half a day off": {0, time.Second, 12 * time.Hour, 12*time.Hour + 5*time.Minute, 12*time.Hour + 6*time.Minute},
		"years apart":    {0, 9000 * time.Hour, 20000 * time.Hour},
	} {
		var moments []time.Time
		for i := range offsets {
			moments = append(moments, noon.Add(offsets[len(offsets)-1-i]))
		}
		a := newAxis(moments, 100, 900)
		last := 0.0
		for _, d := range offsets {
			x := a.at(noon.Add(d))
			if x < last || x < 100 || x > 900.001 {
				t.Errorf("%s: %s at %.1f, behind %.1f", name, d, x, last)
			}
			last = x
		}
		if end := a.parts[len(a.parts)-1].x1; end < 899.9 || end > 900.1 {
			t.Errorf("%s: it ends at %.1f", name, end)
		}
		if name == "half a day off" && a.at(noon.Add(12*time.Hour+6*time.Minute))-a.at(noon.Add(12*time.Hour)) < 400 {
			t.Errorf("%+v", a.parts)
		}
	}
}
