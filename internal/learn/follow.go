package learn

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// What of a file can disagree with the rest of it.
var (
	errRecord  = errors.New("a record counts what was not decided")
	errSum     = errors.New("the records do not add up")
	errBase    = errors.New("the base does not follow from all records")
	errWeight  = errors.New("a weight does not follow from its counts")
	errCurve   = errors.New("the calibration is no rising probability")
	errStratum = errors.New("no stratum of this name, or two")
	errWorst   = errors.New("the certificate is not that of the stratum that promises least")
)

// rounding is what a count in the file may be off.
const rounding = 0.0005

// follows checks that the scores' ingredients follow from the counts beside them, so that a number changed by hand does not pass.
func follows(p *triage.Precedent) error {
	if err := addUp(p, p.Rules); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	if err := addUp(p, p.Classes); err != nil {
		return fmt.Errorf("classes: %w", err)
	}
	for name, r := range p.Accounts {
		if !(r.Attacks >= 0 && r.Benign >= 0 && r.False >= 0) || r.Decided > p.All.Decided || r.Attacks+r.Harmless() > float64(r.Decided)+3*rounding {
			return fmt.Errorf("accounts: %w: %s", errRecord, strconv.Quote(cut(name, 60)))
		}
	}
	if !(p.Rate > 0 && p.Rate < 1) || p.Base != base(p) {
		return errBase
	}
	var records []triage.Record
	for _, name := range slices.Sorted(maps.Keys(p.Rules)) {
		records = append(records, p.Rules[name])
	}
	if m := strength(records); math.Abs(m-p.Strength) > 0.01*m {
		return fmt.Errorf("%w: strength %v, not %v", errSum, m, p.Strength)
	}
	for _, key := range slices.Sorted(maps.Keys(p.Weights)) {
		if err := weighs(p, key, p.Weights[key]); err != nil {
			return err
		}
	}
	return rises(p.Calibration)
}

// addUp checks records one by one and against all of them together.
func addUp(p *triage.Precedent, records map[string]triage.Record) error {
	var sum triage.Record
	for _, name := range slices.Sorted(maps.Keys(records)) {
		r := records[name]
		if !(r.Attacks >= 0 && r.Benign >= 0 && r.False >= 0) || r.Attacks+r.Harmless() > float64(r.Decided)+3*rounding {
			return fmt.Errorf("%w: %s", errRecord, strconv.Quote(cut(name, 60)))
		}
		sum.Attacks, sum.Benign, sum.False, sum.Decided = sum.Attacks+r.Attacks, sum.Benign+r.Benign, sum.False+r.False, sum.Decided+r.Decided
	}
	off := rounding * float64(len(records)+1)
	a := &p.All
	if sum.Decided != a.Decided || !(math.Abs(sum.Attacks-a.Attacks) <= off && math.Abs(sum.Benign-a.Benign) <= off && math.Abs(sum.False-a.False) <= off) {
		return fmt.Errorf("%w: %d decisions, %d in all", errSum, sum.Decided, a.Decided)
	}
	return nil
}

// weighs recomputes one weight; the expert's stands in its key.
func weighs(p *triage.Precedent, key string, l triage.Learned) error {
	wrong := fmt.Errorf("%w: %s", errWeight, strconv.Quote(cut(key, 60)))
	check, _, _ := strings.Cut(key, "/")
	step, err := strconv.Atoi(key[strings.LastIndexByte(key, '/')+1:])
	if err != nil || step < -50_000 || step > 50_000 {
		return wrong
	}
	if !(l.Attacks >= 0 && l.Harmless >= 0 && l.Attacks <= p.All.Attacks+4*rounding && l.Harmless <= p.All.Harmless()+4*rounding) {
		return wrong
	}
	expert := float64(keyStep*step) / 1000
	if check == patternCheck {
		expert = 0
	}
	seen := math.Log((l.Attacks+1)/(p.All.Attacks+2)) - math.Log((l.Harmless+1)/(p.All.Harmless()+2))
	n := l.Attacks + l.Harmless
	if off := math.Abs(float64(l.Weight)/1000 - (prior*expert+n*seen)/(prior+n)); !(off <= 0.002) {
		return wrong
	}
	return nil
}

// patternCheck is what triage.Pattern.Signals names its signals by; no expert gave them a weight.
const patternCheck = "pattern"

// rises checks that probabilities are some and rise with the score.
func rises(points []triage.Point) error {
	for i, pt := range points {
		if !(pt.Probability > 0 && pt.Probability < 1) || i > 0 && (points[i-1].Score >= pt.Score || points[i-1].Probability > pt.Probability) {
			return fmt.Errorf("%w: at %d", errCurve, pt.Score)
		}
	}
	return nil
}

// summed checks that every stratum has a name of its own that triage looks for, and that the certificate sums them up.
func summed(p *triage.Precedent) error {
	if len(p.Strata) == 0 {
		return fmt.Errorf("%w: none", errStratum)
	}
	seen := map[string]bool{}
	for i := range p.Strata {
		name := p.Strata[i].Name
		if seen[name] || name != triage.AllStrata && !slices.ContainsFunc(steps(), func(s triage.Severity) bool { return s.String() == name }) {
			return fmt.Errorf("%w: %s", errStratum, strconv.Quote(cut(name, 60)))
		}
		seen[name] = true
	}
	c := &p.Certificate
	if c.Groups != worst(p.Strata, groupsIn) || c.Incidents != worst(p.Strata, incidentsIn) {
		return errWorst
	}
	return nil
}

func groupsIn(s *triage.Stratum) triage.Bound    { return s.Groups }
func incidentsIn(s *triage.Stratum) triage.Bound { return s.Incidents }
