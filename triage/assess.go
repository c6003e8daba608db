package triage

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Assess runs the checks over one alert and drops every signal whose receipts do not hold (promise P3).
// It reuses the signals of o.
func Assess(a *alert.Alert, checks []Check, o *Observation) {
	*o = Observation{ID: a.ID, Severity: a.Severity, Gaps: a.Gaps, Signals: o.Signals[:0], Packed: a.AppendPacked(o.Packed[:0])}
	o.Rule, o.Host = a.Format+" "+ruleKey(a), strings.ToLower(hostKey(a))
	if f := subject(a); f != nil {
		o.Subject = alert.Cite(f, "")
	}
	note := func(s Signal) { o.Signals = append(o.Signals, s) }
	for _, c := range checks {
		c.Check(a, note)
	}
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
