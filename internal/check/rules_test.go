package check

import "testing"

// A pattern is compiled when it is first needed; this is where a broken one is found.
func TestEveryPatternCompiles(t *testing.T) {
	t.Parallel()
	tables := [][]rule{
		lolbins(), cradles(), sabotage(), tools(), thefts(), shells(), recon(), places(), paths(), pipes(), registryKeys(), startedData(),
		servicePrograms(), weakDrivers(), powerfulGroups(), accountFlags(), unixAccounts(), stores(), replication(), metadata(), signInWords(), usualSignIns(),
	}
	for _, table := range tables {
		set := newRuleset(func() []rule { return table })
		set.prepare()
		for i, r := range set.rules {
			if p := set.plans[i].then; p != nil {
				p()
			}
			if r.weight == 0 || r.says == "" || r.need == "" {
				t.Errorf("incomplete rule %+v", r)
			}
		}
		for i, l := range set.literals {
			if l.word == "" {
				t.Errorf("literal %d of the table that begins with %q is empty", i, table[0].says)
			}
		}
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"net user": true, "C:\\x\\NET.EXE user": true, "example.net user": false, "netstat user": false, "user": false,
		"net user quiet": false, "\"net\" user": true, "planet user": false, "net-a user": false,
	} {
		set := newRuleset(func() []rule { return []rule{{1, "x", "<net> + user + !quiet", ""}} })
		got := false
		set.match(text, func(found) { got = true })
		if got != want {
			t.Errorf("%q matches: %v, want %v", text, got, want)
		}
	}
}

func TestSpansStayInside(t *testing.T) {
	t.Parallel()
	set := newRuleset(func() []rule { return []rule{{1, "x", "alpha|beta + gamma", ""}} })
	long := make([]byte, 5000)
	for i := range long {
		long[i] = 'y'
	}
	for text, want := range map[string]string{
		"a alpha gamma b":                    "alpha gamma",
		"gamma-beta":                         "gamma-beta",
		string(long) + "alphagamma":          "",
		"alpha" + string(long) + "gamma end": "",
	} {
		set.match(text, func(f found) {
			if f.from < 0 || f.to > len(text) || f.from >= f.to || want != "" && text[f.from:f.to] != want {
				t.Errorf("%.40q: %d to %d of %d", text, f.from, f.to, len(text))
			}
		})
	}
}
