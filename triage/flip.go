package triage

import (
	"fmt"
	"slices"

	"github.com/seed-959697dd/soc/internal/wire"
)

// FlipClass is what a change of a verdict means.
type FlipClass uint8

// The classes, the gravest first.
const (
	NewlyMissed    FlipClass = iota // an attack, or what was escalated, that people would not see any more, or see later
	NewlyClosed                     // what a person was to see is closed, or would be
	NewlyEscalated                  // what was not escalated is
	NewlyCaught                     // the same of what is known to be an attack
	SeverityMoved                   // the recommended severity or the disposition is another
	NoFlip
	flipClasses
)

var flipNames = [flipClasses]string{"newly-missed", "newly-closed", "newly-escalated", "newly-caught", "severity", "none"}

func (c FlipClass) String() string { return flipNames[c] }

// Flip is a verdict that comes out otherwise under other settings.
type Flip struct {
	Past    *Past
	Now     Judgement
	Class   FlipClass
	Because []string // the terms that changed, the largest change first; at most eight
}

// Compare classes the change from then to now. truth is what the group is known to be, Undetermined when nobody knows. Without
// knowledge the graver reading counts: what was escalated and is no more is newly missed.
func Compare(then, now *Judgement, truth Disposition) FlipClass {
	shut := func(j *Judgement) bool { return j.Route == Closed || j.WouldClose }
	attack, harmless := truth == TruePositive, truth == BenignPositive || truth == FalsePositive
	switch {
	case !harmless && then.Route == Escalate && now.Route != Escalate, attack && !shut(then) && shut(now):
		return NewlyMissed
	case !shut(then) && shut(now):
		return NewlyClosed
	case attack && then.Route != Escalate && now.Route == Escalate, attack && shut(then) && !shut(now):
		return NewlyCaught
	case then.Route != Escalate && now.Route == Escalate:
		return NewlyEscalated
	case then.Severity != now.Severity, then.Disposition != now.Disposition, shut(then) != shut(now), then.Route != now.Route:
		return SeverityMoved
	}
	return NoFlip
}

// BaseTerm is the name of the base among the terms of a flip.
const BaseTerm = "base rate"

// Terms adds up the terms of signals by check and family, into terms.
func Terms(terms map[string]Weight, list []Signal) {
	for i := range list {
		terms[list[i].Check+"/"+string(list[i].Family)] += list[i].Term
	}
}

// maxBecause bounds the terms that a flip names.
const maxBecause = 8

// Differences names the terms by which two judgements differ, by check and family, the largest difference first. before are the
// terms as they were printed.
func Differences(before, after map[string]Weight) []string {
	type change struct {
		name string
		by   Weight
	}
	var list []change
	for name, w := range after {
		if w != before[name] {
			list = append(list, change{name, w - before[name]})
		}
	}
	for name, w := range before {
		if _, ok := after[name]; !ok && w != 0 {
			list = append(list, change{name, -w})
		}
	}
	slices.SortFunc(list, func(a, b change) int {
		if x, y := abs(a.by), abs(b.by); x != y {
			return int(y) - int(x)
		}
		if a.name < b.name {
			return -1
		}
		return 1
	})
	var because []string
	for _, c := range list[:min(len(list), maxBecause)] {
		because = append(because, fmt.Sprintf("%s %+d", c.name, c.by))
	}
	return because
}

// AppendJSON appends the flip as a document of kind flip, version 1.
func (f *Flip) AppendJSON(b []byte) []byte {
	b = append(b, `{"kind":"flip","version":1`...)
	b = wire.Text(b, "id", f.Past.ID)
	b = wire.Texts(b, "alert_ids", f.Past.AlertIDs)
	b = f.Past.Then.appendOutcome(wire.Key(b, "before"))
	b = f.Now.appendOutcome(wire.Key(b, "after"))
	b = wire.Word(b, "class", f.Class.String())
	return append(wire.Texts(b, "because", f.Because), '}')
}

func (j *Judgement) appendOutcome(b []byte) []byte {
	b = wire.Word(append(b, '{'), "disposition", j.Disposition.String())
	b = wire.Word(b, "route", j.Route.String())
	b = wire.Float(b, "probability", j.Probability)
	b = wire.Bool(b, "would_close", j.WouldClose)
	b = wire.Text(b, "severity", j.Severity.String())
	return append(wire.Int(b, "score", int64(j.Score)), '}')
}
