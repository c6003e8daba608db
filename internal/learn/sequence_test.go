package learn

import (
	"testing"

	"github.com/seed-959697dd/soc/triage"
)

// below counts the scores that lie below a threshold.
func below(scores []triage.Weight) func(triage.Weight) int {
	return func(t triage.Weight) (k int) {
		for _, s := range scores {
			if s < t {
				k++
			}
		}
		return k
	}
}

// TestSequence: the threshold is the last of the unbroken run of those that pass, whatever comes behind the first that fails.
func TestSequence(t *testing.T) {
	t.Parallel()
	at := func(n int, low ...triage.Weight) []triage.Weight {
		list := make([]triage.Weight, n)
		for i := range list {
			list[i] = 10_000
		}
		copy(list, low)
		return list
	}
	for name, row := range map[string]struct {
		scores    []triage.Weight
		certified bool
		k         int
		threshold triage.Weight
		needs     int
	}{
		"too few":                    {at(148), false, 0, 0, 1},
		"none at all":                {nil, false, 0, 0, 149},
		"just enough, none missed":   {at(149), true, 0, gridTo, 0},
		"just enough, one is missed": {at(149, -1000), true, 0, -1000, 0},
		"on the grid is not below":   {at(149, -1025), true, 0, -1050, 0},
		"one may be missed":          {at(236, -1000), true, 1, gridTo, 0},
		"two may not":                {at(236, -1000, -500), true, 1, -500, 0},
		"missed at once":             {at(149, gridFrom-1), false, 0, 0, 1},
	} {
		b := sequence(len(row.scores), 0.02, 0.05, below(row.scores))
		if b.Certified != row.certified || b.K != row.k || b.Threshold != row.threshold || b.Needs != row.needs {
			t.Errorf("%s: %+v", name, b)
		}
		if b.Certified && (b.Upper > 0.02 || b.Upper != Upper(b.K, b.N, 0.05)) {
			t.Errorf("%s: the bound %v does not follow from %d of %d", name, b.Upper, b.K, b.N)
		}
	}
}

// TestStratum: the bound over incidents counts those of which every group is missed, and never closes what the other would not mark.
func TestStratum(t *testing.T) {
	t.Parallel()
	l := &learner{Settings: Settings{Alpha: 0.02, Delta: 0.05}}
	var list []scored
	for i := range 150 {
		for range 3 {
			list = append(list, scored{score: 1000, attack: true, incident: uint32(i)})
		}
		list[len(list)-1].score = -3000 // each incident has a group that nobody would see
	}
	s := l.stratum("all", list, 0.05)
	if s.Groups.N != 450 || s.Groups.Threshold != -3000 || s.Incidents.N != 150 || s.Incidents.K != 0 || s.Incidents.Threshold != s.Groups.Threshold {
		t.Errorf("%+v", s)
	}
	s = l.stratum("all", list[:147], 0.05)
	if s.Incidents.Certified || s.Incidents.Needs != 100 {
		t.Errorf("49 incidents: %+v", s.Incidents)
	}
}
