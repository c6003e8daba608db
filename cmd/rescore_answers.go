package cmd

import (
	"context"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/triage"
)

// answersThen are what a model and services said of a verdict's alerts.
type answersThen struct {
	model *triage.Testimony
	desk  []triage.Signal
	gaps  []alert.Gap
}

// asked tells the checks that ask somebody outside. They do not run again.
func asked(check string) bool { return check == prompt.Check || check == "abuseipdb" }

// answersOf takes what others said, nil when nobody did.
func answersOf(ev *triage.Evidence) *answersThen {
	var a answersThen
	for _, s := range ev.Signals {
		if !asked(s.Check) {
			continue
		}
		model := s.Check == prompt.Check
		s.Check, s.Family, s.Sentence = strings.Clone(s.Check), triage.Family(strings.Clone(string(s.Family))), strings.Clone(s.Sentence)
		if model {
			a.testimony().Signals = append(a.testimony().Signals, s)
		} else {
			a.desk = append(a.desk, s)
		}
	}
	for _, g := range ev.Gaps {
		if !asked(g.Check) {
			continue
		}
		g = alert.Gap{Check: strings.Clone(g.Check), Source: strings.Clone(g.Source), Class: alert.GapClass(strings.Clone(string(g.Class))), Reason: strings.Clone(g.Reason)}
		if g.Check == prompt.Check {
			a.testimony().Gaps = append(a.testimony().Gaps, g)
		} else {
			a.gaps = append(a.gaps, g)
		}
	}
	if a.model == nil && a.desk == nil && a.gaps == nil {
		return nil
	}
	return &a
}

func (a *answersThen) testimony() *triage.Testimony {
	if a.model == nil {
		a.model = &triage.Testimony{}
	}
	return a.model
}

// ask is triage.Standing's Ask: what services said when the alert was judged before.
func (f *former) ask(_ context.Context, a *alert.Alert) ([]triage.Signal, []alert.Gap) {
	i, found := f.find(a.ID, 0)
	if !found {
		return nil, nil
	}
	return f.answers[i].desk, f.answers[i].gaps
}

// tell is triage.Standing's Witness: what a model said when the group was judged before.
func (f *former) tell(_ context.Context, v *triage.Verdict) *triage.Testimony {
	for _, id := range v.IDs {
		if i, found := f.find(id, numberOf(v.ID)); found && f.answers[i].model != nil {
			return f.answers[i].model
		}
	}
	return nil
}
