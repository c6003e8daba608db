package check_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// with builds an alert from pairs of slot and value; every text is an attacker's to choose.
func with(slot alert.Slot, value string, more ...any) *alert.Alert {
	a := &alert.Alert{Severity: alert.Severity{Score: -1}}
	add(a, slot, value)
	for i := 0; i+1 < len(more); i += 2 {
		add(a, more[i].(alert.Slot), more[i+1].(string))
	}
	return a
}

func add(a *alert.Alert, slot alert.Slot, value string) {
	path := alert.NewPath("f" + strconv.Itoa(len(a.Fields)))
	a.Fields = append(a.Fields, alert.Field{Slot: slot, Value: value, Path: path})
	switch slot {
	case alert.SlotTitle:
		a.Title = value
	case alert.SlotRuleName:
		a.Rule.Name = value
	case alert.SlotTechnique:
		a.Techniques = append(a.Techniques, value)
	}
}

// trusted is the alert with every field trusted as t.
func trusted(a *alert.Alert, t alert.Trust) *alert.Alert {
	for i := range a.Fields {
		a.Fields[i].Trust = t
	}
	return a
}

// run collects what a check says and holds it to the law of receipts: a sentence, and a value found in the field cited.
func run(t *testing.T, c triage.Check, a *alert.Alert) []triage.Signal {
	t.Helper()
	var all []triage.Signal
	c.Check(a, func(s triage.Signal) { all = append(all, s) })
	for _, s := range all {
		if s.Check != c.Name() || s.Sentence == "" || s.Family == "" || len(s.Receipts) == 0 {
			t.Errorf("incomplete signal %+v", s)
		}
		for _, r := range s.Receipts {
			if !held(a, r) {
				t.Errorf("%q: the receipt %q at %s is not in the alert", s.Sentence, r.Value, r.Path)
			}
		}
	}
	return all
}

func held(a *alert.Alert, r alert.Ref) bool {
	for i := range a.Fields {
		if a.Fields[i].Path == r.Path {
			return r.Value != "" && strings.Contains(a.Fields[i].Value, r.Value)
		}
	}
	return false
}

// sum adds weights as triage does within one family: the strongest whole, the next half, then a quarter.
func sum(signals []triage.Signal) triage.Weight {
	left := make([]triage.Weight, len(signals))
	for i, s := range signals {
		left[i] = s.Weight
	}
	var total triage.Weight
	for share := triage.Weight(1); len(left) > 0; share *= 2 {
		best := 0
		for i, w := range left {
			if w > left[best] {
				best = i
			}
		}
		total += left[best] / share
		left = append(left[:best], left[best+1:]...)
	}
	return total
}

// weighs runs a check over alerts and wants each to weigh at least the number in front; zero wants silence.
func weighs(t *testing.T, c triage.Check, rows map[string]weighed) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, c, r.alert)
			switch total := sum(got); {
			case r.least == 0 && len(got) > 0:
				t.Errorf("%d: %+v, want silence", total, got)
			case total < r.least:
				t.Errorf("%d: %+v, want at least %d", total, got, r.least)
			}
		})
	}
}

type weighed struct {
	least triage.Weight
	alert *alert.Alert
}
