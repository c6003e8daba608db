package triage_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

func TestAPolicyWeighsChecks(t *testing.T) {
	t.Parallel()
	signals := []triage.Signal{
		{Check: "titles", Family: triage.Detection, Trust: alert.Sensor, Weight: 801},
		{Check: "titles", Family: triage.Outcome, Trust: alert.Sensor, Weight: -1000},
		{Check: "commands", Family: triage.Detection, Trust: alert.Sensor, Weight: 1000},
		{Check: "web", Family: triage.Web, Trust: alert.Attacker, Weight: 500},
	}
	for name, row := range map[string]struct {
		weights map[string]triage.Weight
		want    map[string]triage.Weight // terms by check/family
	}{
		"as they are":           {nil, map[string]triage.Weight{"titles/detection": 400, "titles/outcome": -1000, "commands/detection": 1000, "web/web": 500}},
		"half a check":          {map[string]triage.Weight{"titles": 500}, map[string]triage.Weight{"titles/detection": 200, "titles/outcome": -500, "commands/detection": 1000, "web/web": 500}},
		"the nearer name wins":  {map[string]triage.Weight{"titles": 0, "titles/outcome": 1000}, map[string]triage.Weight{"titles/detection": 0, "titles/outcome": -1000, "commands/detection": 1000, "web/web": 500}},
		"stressed, it leads":    {map[string]triage.Weight{"titles/detection": 2000}, map[string]triage.Weight{"titles/detection": 1602, "titles/outcome": -1000, "commands/detection": 500, "web/web": 500}},
		"none turns evidence":   {map[string]triage.Weight{"web": -1000}, map[string]triage.Weight{"titles/detection": 400, "titles/outcome": -1000, "commands/detection": 1000, "web/web": 0}},
		"a cap still bounds it": {map[string]triage.Weight{"commands": 3000, "titles/detection": 3000}, map[string]triage.Weight{"titles/detection": 1201, "titles/outcome": -1000, "commands/detection": 2799, "web/web": 500}},
	} {
		p := triage.DefaultPolicy()
		p.Weights = row.weights
		j := triage.Decide(triage.Evidence{Signals: signals}, &p)
		sum := j.Base
		for _, s := range j.Signals {
			sum += s.Term
			if key := s.Check + "/" + string(s.Family); s.Term != row.want[key] {
				t.Errorf("%s: %s adds %d, want %d", name, key, s.Term, row.want[key])
			}
		}
		if sum != j.Score {
			t.Errorf("%s: base and terms make %d, the score is %d", name, sum, j.Score)
		}
	}
}

func TestASeverityFloorHoldsWhereItsSignalRaised(t *testing.T) {
	t.Parallel()
	p := triage.DefaultPolicy()
	p.Floors = map[string]triage.Severity{"canary": triage.Critical}
	for weight, want := range map[triage.Weight]triage.Severity{300: triage.Critical, 0: triage.Low, -300: triage.Low} {
		ev := triage.Evidence{Severity: alert.Severity{Score: 20}, Signals: []triage.Signal{{Check: "canary", Family: triage.Assets, Trust: alert.Estate, Weight: weight}}}
		if got := triage.Decide(ev, &p).Severity; got != want {
			t.Errorf("weight %d: %s, want %s", weight, got, want)
		}
	}
}

func TestEveryFamilyIsListedOnce(t *testing.T) {
	t.Parallel()
	seen := map[triage.Family]bool{}
	for _, f := range triage.Families() {
		if f == "" || seen[f] {
			t.Errorf("family %q", f)
		}
		seen[f] = true
	}
	for f := range triage.DefaultPolicy().Caps {
		if !seen[f] {
			t.Errorf("%s is capped and not listed", f)
		}
	}
}
