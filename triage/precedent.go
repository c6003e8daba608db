package triage

import (
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strconv"

	"github.com/seed-959697dd/soc/alert"
)

// Precedent is what an estate's own decisions taught: how each detector has turned out, what each kind of evidence is worth
// here, which score means which probability, and below which score the miss rate is bounded. It is made by internal/learn and
// not changed afterwards. Counts are of decided groups.
type Precedent struct {
	Kind        string             `json:"kind"` // precedent
	Version     int                `json:"version"`
	At          string             `json:"at"`                 // when it was learned, RFC 3339
	Labels      string             `json:"labels"`             // where the decisions come from: estate, or synthetic for replayed public data
	HalfLife    float64            `json:"half_life_days"`     // of a decision's weight
	Scoring     string             `json:"scoring"`            // digest of the part of the policy that scores
	Checks      []string           `json:"checks"`             // the checks whose evidence was weighed
	Rate        float64            `json:"rate"`               // of attacks, as the policy assumes before anything is decided
	Base        Weight             `json:"base"`               // log odds of an attack over all decided groups, milli-nats
	Strength    float64            `json:"strength"`           // m: how many decisions of its own outweigh what a detector's class says
	All         Record             `json:"all"`                // every decided group
	Classes     map[string]Record  `json:"classes,omitempty"`  // by format
	Rules       map[string]Record  `json:"rules,omitempty"`    // by format and detection
	Accounts    map[string]Record  `json:"accounts,omitempty"` // by cloud account or tenant, and by account and rule
	Weights     map[string]Learned `json:"weights,omitempty"`  // by signal, see Signal.Key
	Calibration []Point            `json:"calibration,omitempty"`
	Strata      []Stratum          `json:"strata,omitempty"`
	Mixed       map[string]Mixed   `json:"mixed,omitempty"` // detectors that are left to people, like Rules
	Certificate Certificate        `json:"certificate"`
	Inputs      []Input            `json:"inputs,omitempty"`
	By          string             `json:"by,omitempty"` // who signed it
	Signature   string             `json:"signature,omitempty"`

	Digest  string `json:"-"` // of the file
	Trusted string `json:"-"` // the approver whose signature holds; empty: it may only mark
	Revoked string `json:"-"` // why it may not close any more, when something happened since
	Void    string `json:"-"` // why its thresholds mean nothing in this run: it was learned under another policy
}

// Record is how the decided groups of something turned out. The first three fade with age; Decided does not.
type Record struct {
	Attacks float64 `json:"attacks"`
	Benign  float64 `json:"benign"` // benign_positive: rightly seen, harmless
	False   float64 `json:"false"`  // false_positive: wrongly seen
	Decided int     `json:"decided"`
}

// Harmless is the faded count of what was no attack.
func (r Record) Harmless() float64 { return r.Benign + r.False }

// Learned is what one kind of evidence turned out to be worth.
type Learned struct {
	Attacks  float64 `json:"attacks"`
	Harmless float64 `json:"harmless"`
	Weight   Weight  `json:"weight"` // milli-nats, the expert's weight shrunk towards what was seen
}

// Point is a step of the calibration: groups of at least this score were attacks this often.
type Point struct {
	Score       Weight  `json:"score"`
	Probability float64 `json:"probability"`
}

// Certificate says what is promised: with confidence 1-Delta, of the attacks that are like those decided, at most Alpha lie below the
// thresholds. The error of the calibration is over groups that its steps never saw.
type Certificate struct {
	Alpha            float64 `json:"alpha"`
	Delta            float64 `json:"delta"`
	Floor            int     `json:"floor"` // decisions a detector needed
	Groups           Bound   `json:"groups"`
	Incidents        Bound   `json:"incidents"`
	Split            string  `json:"split"` // how the scores were made by weights that had not seen their group
	CalibrationError float64 `json:"calibration_error"`
	Brier            float64 `json:"brier"`
	Closed           float64 `json:"closed"` // share of the decided groups that would be closed
}

// Stratum is a part of the alerts with a threshold of its own.
type Stratum struct {
	Name      string  `json:"name"` // all, or the vendor's severity step
	Delta     float64 `json:"delta"`
	Groups    Bound   `json:"groups"`    // gates what is marked
	Incidents Bound   `json:"incidents"` // gates what is closed
}

// Mixed is a detector whose attacks score like its noise: of what of it lies below the threshold more were attacks than chance would put
// there. What holds for all attacks together does not hold for its own, so that nothing of it is closed.
type Mixed struct {
	Attacks int `json:"attacks"` // below the threshold
	Groups  int `json:"groups"`  // the same, attacks included
}

// Bound is a fixed-sequence test of the miss rate with the Clopper-Pearson upper bound: of N attacks, K lie below the threshold.
type Bound struct {
	N         int     `json:"n"`
	K         int     `json:"k"`
	Threshold Weight  `json:"threshold"` // milli-nats; only when Certified
	Upper     float64 `json:"upper"`     // of the miss rate
	Certified bool    `json:"certified"`
	Needs     int     `json:"needs,omitempty"` // further attacks, none of them missed, until the safest threshold could pass
}

// Input is a file the precedent was learned from.
type Input struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Key is the name under which a signal's worth is learned: its check and family, and its expert weight in steps of 200 milli-nats.
func (s *Signal) Key() string {
	w := s.Weight
	if s.Weighed || s.Expert != 0 {
		w = s.Expert
	}
	return s.Check + "/" + string(s.Family) + "/" + strconv.Itoa(int(math.Round(float64(w)/200)))
}

// Pattern is what a group is beside its signals: what precedent weighs that no expert gave a weight.
type Pattern struct {
	Alerts     int  // copies, and what the product had counted together, included
	FirstEver  bool // the rule had not fired before, as far as the input and the memory go
	FirstHere  bool // nor on this host
	Neighbours int  // other rules on the host within five minutes
	Subject    alert.Ref
	Trust      alert.Trust // of the field that names the detection
	Rule       string
	Account    string // cloud account or tenant; may be empty
	Format     string
	Severity   Severity // the vendor's step
}

// patternCheck is the name under which a pattern is weighed.
const patternCheck = "pattern"

// Signals are the pattern as evidence of weight 0, which Reweigh fills in.
func (g *Pattern) Signals(list []Signal) []Signal {
	add := func(f Family, weight Weight, sentence string) {
		list = append(list, Signal{Check: patternCheck, Family: f, Trust: alert.Estate, Expert: weight, Sentence: sentence, Receipts: []alert.Ref{g.Subject}})
	}
	size := min(bits.Len(uint(max(g.Alerts, 1))), 9)
	add(Burst, Weight(200*size), "groups of "+sizes[size])
	switch {
	case g.FirstEver:
		add(Novelty, 200, "groups of a rule that fires for the first time")
	case g.FirstHere:
		add(Novelty, 400, "groups of a rule that fires for the first time on its host")
	default:
		add(Novelty, 600, "groups of a rule that has fired on its host before")
	}
	n := min(bits.Len(uint(g.Neighbours)), 4)
	add(Agreement, Weight(200*(n+1)), "groups with "+company[n]+" on the same host within five minutes")
	return list
}

var sizes = [...]string{"", "one alert", "2 or 3 alerts", "4 to 7 alerts", "8 to 15 alerts", "16 to 31 alerts", "32 to 63 alerts", "64 to 127 alerts", "128 to 255 alerts", "256 alerts or more"}

var company = [...]string{"no other rule", "one other rule", "2 or 3 other rules", "4 to 7 other rules", "8 or more other rules"}

// Reweigh gives signals, in place, the weight that the decisions taught and appends what the decisions say about the detector. What
// rests on an attacker's text still never lowers. Pattern signals without a weight of note are left out.
func (p *Precedent) Reweigh(list []Signal, g *Pattern) []Signal {
	list = g.Signals(list)
	kept := list[:0]
	for _, s := range list {
		if l, ok := p.Weights[s.Key()]; ok && !s.Hard {
			if s.Check != patternCheck && !s.Weighed {
				s.Expert = s.Weight
			}
			s.Weight, s.Weighed = l.Weight, true
			if s.Trust == alert.Attacker || s.Check != patternCheck && s.Expert > 0 {
				s.Weight = max(0, s.Weight) // of a group the strongest member's stands: it may not lower all of them
			}
			if s.Check == patternCheck {
				s.Receipts = []alert.Ref{{Path: g.Subject.Path, Value: g.Subject.Value, Source: l.said()}}
				s.Sentence = fmt.Sprintf("%s were attacks %s times as often as other groups", s.Sentence, factor(l.Weight))
			}
		}
		if s.Check != patternCheck || abs(s.Weight) >= 20 {
			kept = append(kept, s)
		}
	}
	return append(kept, p.record(g))
}

func (l *Learned) said() string {
	return fmt.Sprintf("precedent: %.0f attacks, %.0f others", l.Attacks, l.Harmless)
}

// factor is a weight as a factor.
func factor(w Weight) string { return strconv.FormatFloat(math.Exp(float64(w)/1000), 'g', 2, 64) }

// record is what became of the detector's own alerts, as evidence against the base rate.
func (p *Precedent) record(g *Pattern) Signal {
	r := p.Rules[g.Rule]
	s := Signal{
		Check: "precedent", Family: Precedents, Trust: alert.Estate, Weight: p.Prior(g) - p.Base,
		Sentence: fmt.Sprintf("of %d decided groups of this rule, %s were attacks", r.Decided, count(r.Attacks)),
		Receipts: []alert.Ref{{Path: g.Subject.Path, Value: g.Subject.Value, Source: fmt.Sprintf("precedent of %s: %s of %d", p.At, count(r.Attacks), r.Decided)}},
	}
	if r.Decided == 0 {
		s.Sentence = "no group of this rule was decided yet: its product's record counts"
	}
	if g.Trust == alert.Attacker { // the name of the rule could be chosen to match a harmless one
		s.Trust, s.Weight = alert.Attacker, max(0, s.Weight)
	}
	return s
}

func count(f float64) string { return strconv.FormatFloat(math.Round(10*f)/10, 'f', -1, 64) }

// Prior is the log odds in milli-nats that a group of the rule is an attack, before anything else is known of it:
//
//	p_r = (attacks_r + m*p_c) / (attacks_r + harmless_r + m), with p_c of its class likewise from the estate's rate
//
// and, where the product names an account, further towards what its alerts, and those of the rule in it, turned out to be: an estate
// of many tenants has many ideas of what is harmless.
func (p *Precedent) Prior(g *Pattern) Weight {
	rule, format := g.Rule, g.Format
	rate := Probability(p.Base)
	class := p.Classes[format]
	rate = shrunk(class, rate, 50)
	rate = shrunk(p.Rules[rule], rate, p.Strength)
	if g.Account != "" {
		rate = shrunk(p.Accounts[g.Account], rate, p.Strength)
		rate = shrunk(p.Accounts[g.Account+" "+rule], rate, p.Strength)
	}
	return Weight(math.Round(1000 * math.Log(rate/(1-rate))))
}

func shrunk(r Record, towards, m float64) float64 {
	return (r.Attacks + m*towards) / (r.Attacks + r.Harmless() + m)
}

// Probability is the calibrated probability of a score; ok is false when too little was decided to calibrate.
func (p *Precedent) Probability(score Weight) (probability float64, ok bool) {
	if len(p.Calibration) == 0 {
		return 0, false
	}
	i := sort.Search(len(p.Calibration), func(i int) bool { return p.Calibration[i].Score > score })
	if i == 0 {
		return p.Calibration[0].Probability, true
	}
	return p.Calibration[i-1].Probability, true
}

// Stratum is the one that a group of the vendor's severity belongs to.
func (p *Precedent) Stratum(s Severity) *Stratum {
	var all *Stratum
	for i := range p.Strata {
		switch p.Strata[i].Name {
		case s.String():
			return &p.Strata[i]
		case AllStrata:
			all = &p.Strata[i]
		}
	}
	return all
}

// AllStrata is the name of the stratum of everything that has none of its own.
const AllStrata = "all"

// Harmless is what a group that is no attack most likely is: benign_positive when alerts like it were mostly right about something
// harmless. The shares of all, of the class, of the rule and of the account are each shrunk towards the one before.
func (p *Precedent) Harmless(g *Pattern) Disposition {
	if p.All.Harmless() < 1 {
		return Undetermined
	}
	share := func(r Record, towards, m float64) float64 { return (r.Benign + m*towards) / (r.Harmless() + m) }
	b := share(p.Rules[g.Rule], share(p.Classes[g.Format], share(p.All, 0.5, 1), 8), 1)
	if g.Account != "" {
		b = share(p.Accounts[g.Account], b, 1)
		b = share(p.Accounts[g.Account+" "+g.Rule], b, 1)
	}
	if b > 0.5 {
		return BenignPositive
	}
	return FalsePositive
}
