package respond

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Level is how much a machine may do by itself about one kind of action. The zero value is nothing.
type Level uint8

// The levels of the ladder.
const (
	Observe   Level = iota // nothing, not even ask for it
	Recommend              // a plan that people may agree to
	Shadow                 // decide silently as well, and compare
	Assisted               // one signature agrees, without naming each risk
	Automatic              // carry out what is reversible and ends within four hours, and tell people
)

var levelNames = [...]string{"observe", "recommend", "shadow", "assisted", "automatic"}

func (l Level) String() string {
	if int(l) < len(levelNames) {
		return strconv.Itoa(int(l)) + " " + levelNames[l]
	}
	return strconv.Itoa(int(l))
}

// Rung is what has a level: an action of the catalogue, in cases of one severity.
type Rung struct{ Action, Stratum string }

func (r Rung) String() string { return r.Action + " in " + r.Stratum + " cases" }

// Strata are the severities that a case can have, the harmless first.
func Strata() []string { return []string{"informational", "low", "medium", "high", "critical"} }

// Grade is the level of a rung, and since when.
type Grade struct {
	Rung
	Level   Level
	Under   string // digest of what decided and did at that time: policy, weights, model, connector
	At      time.Time
	By      string
	Because string
}

// Adjudged is an action that the machine proposed and of which people have said whether it was right: see docs/decisions/0010. One
// action on one target of one case is one, however often it was proposed.
type Adjudged struct {
	Rung
	Case      string
	Target    Target
	Under     []string // what proposed it
	At        time.Time
	Right     bool
	Protected string // of a wrong one: why nothing should have touched the target; empty when nothing forbids it
}

// Rollback is an action that was taken back, or was to be.
type Rollback struct {
	Action, Under string
	At            time.Time
	Took          time.Duration // from its beginning until the target showed it
	Failed        bool          // the target did not show it, at least once
}

// What a level asks for: so many adjudicated and none wrong bound the share of wrong ones by 5, 1 and 0.1 % with 95 % confidence
// (Clopper-Pearson, no failure: n = ln 0.05 / ln(1 - alpha)).
const (
	shadowRight    = 59
	assistedRight  = 299
	automaticRight = 2995
	drills         = 20
	rollbackWithin = time.Minute
	longestAlone   = 4 * time.Hour
)

// tolerated is the share of wrong ones that a level promises not to exceed, by level.
var tolerated = [...]float64{1, 1, 0.05, 0.01, 0.001}

// alarmAt is the drift that takes a level away. Source: decision.md, as for closing: A = prod(1 + 4*(x - alpha)).
const alarmAt = 20

// Merit is what this estate knows of a rung.
type Merit struct {
	Right  int           // adjudicated and right since the last wrong one
	Now    int           // those of Right that what is in force now proposed
	Wrong  int           // ever
	Drills int           // taken back and verified, by what is in force now, since the last that failed
	Slow   time.Duration // the 99th percentile of how long those took
}

// MeritOf counts what speaks for a rung, under what is in force now.
func MeritOf(r Rung, under string, list []Adjudged, back []Rollback) (m Merit) {
	for _, a := range ofRung(r, list) {
		if !a.Right {
			m.Right, m.Now = 0, 0
			m.Wrong++
			continue
		}
		m.Right++
		if slices.Contains(a.Under, under) {
			m.Now++
		}
	}
	var took []time.Duration
	for _, b := range back {
		switch {
		case b.Action != r.Action || b.Under != under:
		case b.Failed:
			took = nil
		default:
			took = append(took, b.Took)
		}
	}
	slices.Sort(took)
	if m.Drills = len(took); m.Drills > 0 {
		m.Slow = took[int(math.Ceil(0.99*float64(len(took))))-1]
	}
	return m
}

// ofRung are the adjudicated actions of a rung in the order of time; of the same moment the wrong ones come last.
func ofRung(r Rung, list []Adjudged) (of []Adjudged) {
	for _, a := range list {
		if a.Rung == r {
			of = append(of, a)
		}
	}
	slices.SortStableFunc(of, func(a, b Adjudged) int {
		wrong := func(x *Adjudged) int {
			if x.Right {
				return 0
			}
			return 1
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(wrong(&a), wrong(&b)))
	})
	return of
}

// Allows is the highest level that it allows, and what is missing for the next.
func (m *Merit) Allows(r Rung) (l Level, missing []string) {
	need := func(have, want int, what string) {
		if have < want {
			missing = append(missing, fmt.Sprintf("%d more %s", want-have, what))
		}
	}
	if need(m.Right, shadowRight, "adjudicated, none of them wrong"); missing != nil {
		return Recommend, missing
	}
	need(m.Now, assistedRight, "adjudicated under what is in force now, none of them wrong")
	if need(m.Drills, drills, "verified rollbacks"); missing != nil {
		return Shadow, missing
	}
	if why := r.tooGrave(); why != "" {
		return Assisted, []string{"never: " + why}
	}
	need(m.Now, automaticRight, "adjudicated under what is in force now, none of them wrong")
	if m.Slow >= rollbackWithin {
		missing = append(missing, fmt.Sprintf("taking back takes %s at the 99th percentile, and must take less than %s", m.Slow.Round(time.Millisecond), rollbackWithin))
	}
	if missing != nil {
		return Assisted, missing
	}
	return Automatic, nil
}

// tooGrave says why a rung never becomes automatic; empty when it may.
func (r Rung) tooGrave() string {
	entry := Catalogue()[r.Action]
	switch {
	case r.Stratum != "low" && r.Stratum != "informational":
		return "a machine acts alone in cases of low severity only"
	case entry.Class != Reversible:
		return "it cannot be taken back"
	case takes(r.Action):
		return "it takes a machine or an account away from people"
	case entry.TTL == 0 || entry.TTL > longestAlone:
		return "it does not end by itself within " + longestAlone.String()
	}
	return ""
}

// Weather is what speaks against every rung at once.
type Weather struct {
	Under   string // of the rung: see Grade.Under
	Drift   string // an alarm that stands; empty: none
	Stopped string // the kill switch; empty: it is off
}

// Demoted is the grade after what has happened since it was given, with the reason when that takes it down. It never goes up.
func (g Grade) Demoted(list []Adjudged, back []Rollback, w Weather) (Grade, bool) {
	to, why := g.fall(list, back, w)
	if why == "" {
		return g, false
	}
	g.Level, g.Because = to, why
	return g, true
}

func (g *Grade) fall(list []Adjudged, back []Rollback, w Weather) (to Level, why string) {
	if g.Level <= Recommend {
		return 0, ""
	}
	drift := 1.0
	for _, a := range ofRung(g.Rung, list) {
		if !a.At.After(g.At) {
			continue
		}
		if a.Protected != "" {
			return Recommend, fmt.Sprintf("%s %s was wrong, and the target %s", a.Action, a.Target.Value, a.Protected)
		}
		x := 1.0
		if a.Right {
			x = 0
		}
		drift = max(1, drift) * (1 + 4*(x-tolerated[min(g.Level, Automatic)]))
		if drift >= alarmAt && g.Level > Shadow {
			return Shadow, fmt.Sprintf("drift alarm: more of it was wrong than %g %%", 100*tolerated[min(g.Level, Automatic)])
		}
	}
	if g.Level <= Shadow {
		return 0, ""
	}
	for _, b := range back {
		if b.Action == g.Action && b.Failed && b.At.After(g.At) {
			return Shadow, "taking it back failed at " + b.At.UTC().Format(time.RFC3339)
		}
	}
	switch {
	case w.Stopped != "":
		return Shadow, "the kill switch is on: " + w.Stopped
	case w.Drift != "":
		return Shadow, w.Drift
	case g.Under != w.Under:
		return Shadow, "the policy, the weights, the model or the connector is another one"
	}
	return 0, ""
}
