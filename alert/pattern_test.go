package alert

import (
	"slices"
	"testing"
)

// TestNeeds: what a text must hold so that a pattern is tried at all.
func TestNeeds(t *testing.T) {
	for expr, want := range map[string][]string{
		`(?P<related__ip>\d{1,3}\.\d{1,3})`:               {"."},
		`(?:from|rhost=)\s?(?P<source__ip>[0-9.]+)`:       {"from", "rhost="},
		`(?P<target__file>\S+) was (?:allowed|prevented)`: {"prevented", "allowed"},
		`(?i)(?:Client|User) (?:ip|address)?\s?: (\d+)`:   {"client", "user"},
		`(?:abc)?(?:def)*x+`:                              {"x"},
		`(?:abc|\d+)(?:de|f)?`:                            nil,
		`[a-z]+`:                                          nil,
		`<UserId>(?P<actor__user>[^<]+)</UserId>`:         {"</userid>"},
	} {
		got := needs(expr)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s needs %q, wanted %q", expr, got, want)
		}
	}
}

func TestMayMatch(t *testing.T) {
	w := walker{p: &Parser{}}
	p := &pattern{needs: []string{"source"}}
	for text, want := range map[string]bool{"SOURCE address": true, "the Resource": true, "nothing here": false, "\u017fource, which (?i) takes for an s": true, "": false} {
		if w.mayMatch(p, &span{text: text}) != want {
			t.Errorf("%q: wanted %v", text, want)
		}
	}
}
