package triage_test

import (
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// claims is a check that cites what it is told to.
type claims []triage.Signal

func (claims) Name() string { return "claims" }
func (c claims) Check(_ *alert.Alert, note func(triage.Signal)) {
	for _, s := range c {
		note(s)
	}
}

// TestAReasonWithoutAReceiptIsDropped is promise P3: what does not stand in the alert is no reason, and the drop is shown.
func TestAReasonWithoutAReceiptIsDropped(t *testing.T) {
	a := &alert.Alert{
		ID: "a", Format: "test", View: []byte(`{"cmd":"whoami /all","data":{"deep":"4769"}}`),
		Fields: []alert.Field{{Slot: alert.EntitySlot(alert.Actor, alert.Command), Path: "cmd", Value: "whoami /all"}},
	}
	for name, c := range map[string]struct {
		receipts []alert.Ref
		kept     bool
	}{
		"a field, whole":                {[]alert.Ref{{Path: "cmd", Value: "whoami /all"}}, true},
		"a part of a field":             {[]alert.Ref{{Path: "cmd", Value: "whoami"}}, true},
		"a place that is no field":      {[]alert.Ref{{Path: "data.deep", Value: "4769"}}, true},
		"a value that is not there":     {[]alert.Ref{{Path: "cmd", Value: "mimikatz"}}, false},
		"a place that is not there":     {[]alert.Ref{{Path: "command", Value: "whoami"}}, false},
		"one that holds, one that lies": {[]alert.Ref{{Path: "cmd", Value: "whoami"}, {Path: "data.deep", Value: "4624"}}, false},
		"an empty value":                {[]alert.Ref{{Path: "cmd"}}, false},
		"nothing at all":                {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			var o triage.Observation
			s := triage.Signal{Check: "claims", Family: triage.CommandLine, Weight: 3000, Sentence: "says so", Receipts: c.receipts}
			triage.NewAssessor([]triage.Check{claims{s}}).Assess(a, &o)
			if kept := len(o.Signals) == 1; kept != c.kept {
				t.Errorf("kept %v", kept)
			}
			shown := len(o.Gaps) == 1 && o.Gaps[0].Check == "claims" && o.Gaps[0].Class == alert.Failed && strings.Contains(o.Gaps[0].Reason, "says so")
			if shown == c.kept {
				t.Errorf("gaps %+v", o.Gaps)
			}
		})
	}
}
