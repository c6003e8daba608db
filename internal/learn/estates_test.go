package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// made is a synthetic estate: how its attacks and its noise look, group by group.
type made struct {
	rng       *rand.Rand
	rules     []ruleOf
	signals   []signalOf
	base      float64 // share of attacks among its groups
	noise     float64 // share of labels that are wrong, either way
	clustered bool    // groups of one incident resemble each other
}

// ruleOf is a detector: how often it fires in attacks and in noise.
type ruleOf struct {
	attack, harmless float64
	severity         triage.Severity
}

// signalOf is a kind of evidence: how often it stands in attacks and in noise.
type signalOf struct{ attack, harmless float64 }

// profile is what the groups of one incident have in common.
type profile struct {
	rules []int
	shift float64 // of the odds of every signal
}

func newEstate(seed uint64, clustered bool) *made {
	rng := rand.New(rand.NewPCG(seed, 0x50c))
	e := &made{rng: rng, base: 0.001 * math.Pow(100, rng.Float64()), clustered: clustered}
	if rng.IntN(2) == 0 { // half of the estates make no mistakes: those that do pull the threshold down
		e.noise = 0.05 * rng.Float64()
	}
	for range 10 + rng.IntN(30) {
		e.rules = append(e.rules, ruleOf{rng.ExpFloat64(), rng.ExpFloat64() * math.Exp(3*rng.NormFloat64()), triage.Severity(1 + rng.IntN(4))})
	}
	for range 8 {
		h := 0.02 + 0.2*rng.Float64()
		e.signals = append(e.signals, signalOf{min(0.95, h*math.Exp(1+2*rng.Float64())), h})
	}
	return e
}

func (e *made) profile() profile {
	if !e.clustered {
		return profile{}
	}
	p := profile{shift: 0.5 * e.rng.NormFloat64()}
	for range 1 + e.rng.IntN(3) {
		p.rules = append(p.rules, e.pick(true))
	}
	return p
}

// pick draws a detector.
func (e *made) pick(attack bool) int {
	weigh := func(r *ruleOf) float64 {
		if attack {
			return r.attack
		}
		return r.harmless
	}
	sum := 0.0
	for i := range e.rules {
		sum += weigh(&e.rules[i])
	}
	draw := e.rng.Float64() * sum
	for i := range e.rules {
		if draw -= weigh(&e.rules[i]); draw < 0 {
			return i
		}
	}
	return len(e.rules) - 1
}

// group draws one group, as triage judges it without precedent.
func (e *made) group(attack bool, p *profile) *triage.Verdict {
	at := e.pick(attack)
	if len(p.rules) > 0 {
		at = p.rules[e.rng.IntN(len(p.rules))]
	}
	v := &triage.Verdict{Rule: fmt.Sprint("rule ", at), Host: fmt.Sprint("host ", e.rng.IntN(500)), First: time.Unix(int64(e.rng.IntN(90*86400)), 0)}
	v.Pattern = triage.Pattern{
		Alerts: 1 + int(e.rng.ExpFloat64()*3), FirstEver: e.rng.IntN(50) == 0, FirstHere: e.rng.IntN(5) == 0, Neighbours: int(e.rng.ExpFloat64() * 2),
		Trust: alert.Estate, Rule: v.Rule, Format: "made", Severity: e.rules[at].severity,
	}
	for i := range e.signals {
		prob := e.signals[i].harmless
		if attack {
			prob = logisticOf(math.Log(e.signals[i].attack/(1-e.signals[i].attack)) + p.shift)
		}
		if e.rng.Float64() < prob {
			v.Signals = append(v.Signals, triage.Signal{Check: "made", Family: triage.Families()[i], Trust: alert.Estate, Weight: triage.Weight(400 + 200*i)})
		}
	}
	return v
}

func logisticOf(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// history is what was decided: attacks in incidents, and noise, with wrong labels among them.
func (e *made) history(attacks, harmless int) *Set {
	s := &Set{}
	label := func(v *triage.Verdict, d triage.Disposition, incident string) {
		if e.rng.Float64() < e.noise {
			if d == triage.TruePositive {
				d, incident = triage.FalsePositive, ""
			} else if e.rng.Float64() < e.base { // as many wrong labels of either kind
				d, incident = triage.TruePositive, fmt.Sprint("mistake ", s.Len())
			}
		}
		s.Add(v, Label{Disposition: d, Incident: incident, At: time.Unix(90*86400, 0)})
	}
	for n := 0; n < attacks; {
		p := e.profile()
		size := 1
		if e.clustered {
			size += int(e.rng.ExpFloat64() * 6)
		}
		incident := fmt.Sprint("incident ", n)
		for range size {
			label(e.group(true, &p), triage.TruePositive, incident)
			n++
		}
	}
	for range harmless {
		d := triage.FalsePositive
		if e.rng.IntN(3) == 0 {
			d = triage.BenignPositive
		}
		label(e.group(false, &profile{}), d, "")
	}
	return s
}

// outcomes of attacks that came after a certificate.
type outcomes struct{ groups, missed, incidents, hidden int }

// put tries a certificate on attacks that come after it: which of their groups lie below the threshold over groups, and of which
// incidents every group lies below the one over incidents.
func (e *made) put(p *triage.Precedent, policy *triage.Policy, incidents int) (o outcomes) {
	pol := *policy
	pol.Precedent = p
	for range incidents {
		prof := e.profile()
		size := 1
		if e.clustered {
			size += int(e.rng.ExpFloat64() * 6)
		}
		hidden := true
		for range size {
			v := e.group(true, &prof)
			score := triage.Decide(triage.Evidence{Signals: v.Signals, Pattern: v.Pattern}, &pol).Score
			st := p.Stratum(v.Pattern.Severity)
			o.groups++
			if st.Groups.Certified && score < st.Groups.Threshold {
				o.missed++
			}
			hidden = hidden && st.Incidents.Certified && score < st.Incidents.Threshold
		}
		o.incidents++
		if hidden {
			o.hidden++
		}
	}
	return o
}
