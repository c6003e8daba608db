package triage

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Assessor runs the checks over one alert after the other. One per goroutine.
type Assessor struct {
	checks []Check
	note   func(Signal)
	a      *alert.Alert
	o      *Observation
}

// NewAssessor returns an assessor with the given checks.
func NewAssessor(checks []Check) *Assessor {
	w := &Assessor{checks: checks}
	w.note = w.take
	return w
}

// Assess runs the checks over an alert. A signal without receipts, or with one that does not hold, is dropped and becomes a gap
// that says so (promise P3): whatever a check claims, a reason is shown only with what it rests on. It reuses the lists of o.
func (w *Assessor) Assess(a *alert.Alert, o *Observation) {
	w.a, w.o = a, o
	*o = Observation{
		ID: a.ID, Severity: a.Severity, Gaps: a.Gaps, Signals: o.Signals[:0], Traits: traits(o.Traits[:0], a), Packed: a.AppendPacked(o.Packed[:0]),
		Rule: a.Format + " " + ruleKey(a), Host: strings.ToLower(hostKey(a)),
	}
	if f := subject(a); f != nil {
		o.Subject = alert.Cite(f, "")
	}
	o.Named = named(a)
	if f := a.First(alert.SlotAccount); f != nil && f.Trust >= alert.Sensor {
		o.Account = f.Value
	}
	o.Times = times(a)
	for _, c := range w.checks {
		c.Check(a, w.note)
	}
}

// take counts a signal, sets it aside or drops it.
func (w *Assessor) take(s Signal) {
	o := w.o
	switch {
	case !held(w.a, s.Receipts):
		o.Gaps = append(slices.Clip(o.Gaps), alert.Gap{Check: s.Check, Class: alert.Failed, Reason: "a reason was dropped because its receipt does not hold: " + s.Sentence})
	case s.By != "":
		o.Set = append(o.Set, Suppressed{Check: s.Check, Sentence: s.Sentence, By: s.By})
	default:
		o.Signals = append(o.Signals, s)
		o.Critical = o.Critical || s.Critical
	}
}

// named is the trust of what names the detection, see ruleKey.
func named(a *alert.Alert) alert.Trust {
	f := a.First(alert.SlotTitle)
	switch {
	case a.Rule.ID != "":
		f = a.First(alert.SlotRuleID)
	case a.Rule.Name != "":
		f = a.First(alert.SlotRuleName)
	}
	if f == nil {
		return alert.Attacker
	}
	return f.Trust
}

// maxTimes bounds what a product may say that one record stands for.
const maxTimes = 1 << 30

// times is how many events the record stands for.
func times(a *alert.Alert) int {
	f := a.First(alert.SlotCount)
	if f == nil {
		return 1
	}
	n, err := strconv.Atoi(f.Value)
	if err != nil {
		return 1
	}
	return min(max(n, 1), maxTimes)
}

// held tells whether there are receipts and all of them hold. Almost all cite a field, whose value was read off the alert at
// that path; the others are looked up.
func held(a *alert.Alert, receipts []alert.Ref) bool {
	for i := range receipts {
		if r := &receipts[i]; r.Value == "" || !cited(a, r) && !r.Holds(a.View) {
			return false
		}
	}
	return len(receipts) > 0
}

func cited(a *alert.Alert, r *alert.Ref) bool {
	for i := range a.Fields {
		if f := &a.Fields[i]; f.Path == r.Path && strings.Contains(f.Value, r.Value) {
			return true
		}
	}
	return false
}

// subject is the field that names the detection.
func subject(a *alert.Alert) *alert.Field {
	for _, s := range [...]alert.Slot{alert.SlotRuleName, alert.SlotRuleID, alert.SlotTitle, alert.SlotID, alert.SlotTime} {
		if f := a.First(s); f != nil {
			return f
		}
	}
	if len(a.Fields) > 0 {
		return &a.Fields[0]
	}
	return nil
}
