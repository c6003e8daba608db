package alert

import (
	"testing"
	"time"
)

// TestEveryLayoutMayBegin: no way of writing a time is ruled out before it is tried.
func TestEveryLayoutMayBegin(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2025, 5, 21, 13, 14, 15, 123000000, time.UTC), time.Date(2024, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		for _, l := range append(layouts[:], yearless[:]...) {
			if l == "2006-01-02" {
				continue
			}
			for _, zone := range []*time.Location{time.UTC, time.FixedZone("", -7*3600)} {
				s := at.In(zone).Format(l)
				got, err := ParseTime(s, zone, at)
				if err != nil {
					t.Errorf("%q, written as %q: %v", s, l, err)
				} else if got.Minute() != at.Minute() || got.Day() != at.Day() {
					t.Errorf("%q, written as %q, read as %s", s, l, got)
				}
			}
		}
	}
}

func TestNoTime(t *testing.T) {
	for _, s := range []string{"Source:10", "session opened", "id=firewall", "123/45/6789", "2026.01.02 03:04", "\u00e4\u00f6\u00fc\u00df12", "20260102030", "ab UTC", "UT (UTC)", "        UTC", "::ffff:1", "a\u00e9\u00e9\u00e9"} {
		if at, err := ParseTime(s, time.UTC, time.Time{}); err == nil {
			t.Errorf("%q read as %s", s, at)
		}
	}
}
