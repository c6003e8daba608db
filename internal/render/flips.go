package render

import (
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// Measured is how well verdicts fit what is known; see learn.Measure, which is one.
type Measured interface {
	Len() int
	Accuracy() float64
	Brier() float64
	AUC() (float64, bool)
	Missed() (share, upper float64)
}

// Flips is the account of a rescoring.
type Flips struct {
	Verdicts  int64
	Classes   [triage.NoFlip + 1]int64
	Unread    int64 // lines of labels that were none
	Then, Now Measured
	Worst     []FlipRow // the first MostFlips of each class
	Again     *Again    // nil when the checks did not run again
	Rejected  int64     // lines, of the verdicts and of the export
	Rejects   []stream.Reject
	Gaps      []stream.Gap
}

// Again is the account of an export that was triaged anew, beside the old verdicts.
type Again struct {
	Read, Rejected int64 // alerts of the export
	New            int64 // alerts in none of the old verdicts
	Vanished       int64 // alerts of old verdicts that are in no new one
	Groups         int64
	Asked          bool // a model was to be asked anew
	Calls          int64
	Unanswered     int64 // groups about which it was to say something and did not
}

// FlipRow is what a list shows of one flip. Its texts are its own.
type FlipRow struct {
	Class         triage.FlipClass
	ID, Alert     string
	Then, Now     string
	Before, After triage.Weight
	Because       []string
}

// FlipRowOf takes what is shown of a flip.
func FlipRowOf(f *triage.Flip) FlipRow {
	r := FlipRow{
		Class: f.Class, ID: strings.Clone(f.Past.ID), Then: outcome(&f.Past.Then), Now: outcome(&f.Now), Before: f.Past.Then.Score, After: f.Now.Score,
		Because: f.Because,
	}
	if len(f.Past.AlertIDs) > 0 {
		r.Alert = strings.Clone(f.Past.AlertIDs[0])
	}
	for i := range r.Because {
		r.Because[i] = strings.Clone(r.Because[i])
	}
	return r
}

func outcome(j *triage.Judgement) string {
	s := j.Route.String() + ", " + j.Severity.String() + ", " + strings.ReplaceAll(j.Disposition.String(), "_", " ")
	if j.WouldClose {
		s += ", would close"
	}
	return s
}

// MostFlips is how many flips of each class a list shows.
const MostFlips = 10

// Full tells whether no more flips of the class are kept.
func (f *Flips) Full(class triage.FlipClass) bool {
	n := 0
	for i := range f.Worst {
		if f.Worst[i].Class == class {
			n++
		}
	}
	return n >= MostFlips
}

// Add keeps the flip, if its class is not full.
func (f *Flips) Add(r FlipRow) {
	if !f.Full(r.Class) {
		f.Worst = append(f.Worst, r)
	}
}

// Merge keeps what another has kept.
func (f *Flips) Merge(o *Flips) {
	for _, r := range o.Worst {
		f.Add(r)
	}
}

// Total is how many verdicts come out otherwise.
func (f *Flips) Total() (n int64) {
	for _, c := range f.Classes[:triage.NoFlip] {
		n += c
	}
	return n
}

// Append appends the account for people: the classes with their first flips, the newly missed first, then how well both fit.
func (f *Flips) Append(b []byte, p Paper) []byte {
	for class := triage.NewlyMissed; class < triage.NoFlip; class++ {
		if f.Classes[class] == 0 {
			continue
		}
		b = p.heading(b, fmt.Sprintf("%s: %s", class, Plural(f.Classes[class], "verdict", "verdicts")))
		shown := int64(0)
		for i := range f.Worst {
			if r := &f.Worst[i]; r.Class == class {
				b = p.wrap(b, 2, clean(r.ID)+"  "+r.Then+" -> "+r.Now+"  "+Score(r.Before)+" -> "+Score(r.After))
				b = p.wrap(b, 4, "because "+clean(strings.Join(r.Because, ", ")))
				shown++
			}
		}
		if more := f.Classes[class] - shown; more > 0 {
			b = p.line(b, 2, fmt.Sprintf("and %s more", Count(more)))
		}
	}
	if f.Then != nil && f.Then.Len() > 0 {
		b = p.heading(b, fmt.Sprintf("what is known of %s", Plural(int64(f.Then.Len()), "verdict", "verdicts")))
		b = p.line(b, 2, "            before    after")
		b = p.line(b, 2, fmt.Sprintf("accuracy    %6.4f   %6.4f", f.Then.Accuracy(), f.Now.Accuracy()))
		if x, ok := f.Then.AUC(); ok {
			y, _ := f.Now.AUC()
			b = p.line(b, 2, fmt.Sprintf("AUC         %6.4f   %6.4f", x, y))
		}
		b = p.line(b, 2, fmt.Sprintf("Brier       %6.4f   %6.4f", f.Then.Brier(), f.Now.Brier()))
		x, xu := f.Then.Missed()
		y, yu := f.Now.Missed()
		b = p.line(b, 2, fmt.Sprintf("missed      %6.4f   %6.4f   (attacks that close or would; at most %.4f and %.4f, confidence 95 %%)", x, y, xu, yu))
	}
	if b = f.lost(b, p); f.Again != nil {
		a := f.Again
		b = p.line(b, 0, fmt.Sprintf("%s triaged anew into %s, %s rejected", Plural(a.Read, "alert", "alerts"), Plural(a.Groups, "group", "groups"), Count(a.Rejected)))
		b = p.line(b, 0, fmt.Sprintf("%s in no old verdict, %s of old verdicts in no new one", Plural(a.New, "alert is", "alerts are"), Count(a.Vanished)))
		if a.Asked {
			b = p.line(b, 0, fmt.Sprintf("%s to models; %s without an answer", Plural(a.Calls, "call", "calls"), Plural(a.Unanswered, "group", "groups")))
		}
		return p.line(b, 0, fmt.Sprintf("%s compared, %s otherwise", Plural(f.Verdicts, "verdict", "verdicts"), Count(f.Total())))
	}
	return p.line(b, 0, fmt.Sprintf("%s rescored, %s otherwise; the checks did not run again", Plural(f.Verdicts, "verdict", "verdicts"), Count(f.Total())))
}

// lost names the first of what could not be read.
func (f *Flips) lost(b []byte, p Paper) []byte {
	if f.Rejected > 0 {
		b = p.heading(b, fmt.Sprintf("%s rejected", Plural(f.Rejected, "line", "lines")))
	}
	for i := range f.Rejects {
		r := &f.Rejects[i]
		b = p.wrap(b, 2, fmt.Sprintf("%s:%d, byte %s: %s", term.Clean(r.Input), r.Line, Count(r.Offset), term.Clean(r.Reason)))
	}
	if more := f.Rejected - int64(len(f.Rejects)); more > 0 {
		b = p.line(b, 2, "and "+Count(more)+" more: soc rescore --json ...")
	}
	for i, g := range f.Gaps {
		if i == shownGaps {
			return p.line(b, 2, "and "+Plural(int64(len(f.Gaps)-i), "gap", "gaps")+" more: soc rescore --json ...")
		}
		b = p.wrap(b, 2, "gap: "+term.Clean(g.Input)+": "+term.Clean(g.Reason))
	}
	return b
}

// AppendJSON appends the members "flips", "before" and "after" of a summary.
func (f *Flips) AppendJSON(b []byte) []byte {
	b = append(wire.Key(b, "flips"), '{')
	for class := triage.NewlyMissed; class < triage.NoFlip; class++ {
		b = wire.Int(b, class.String(), f.Classes[class])
	}
	b = append(b, '}')
	if a := f.Again; a != nil {
		b = wire.Int(append(wire.Key(b, "alerts"), '{'), "read", a.Read)
		b = wire.Int(b, "rejected", a.Rejected)
		b = wire.Int(b, "groups", a.Groups)
		b = wire.Int(b, "new", a.New)
		b = wire.Int(b, "vanished", a.Vanished)
		if a.Asked {
			b = wire.Int(b, "unanswered", a.Unanswered)
		}
		b = append(b, '}')
	}
	if f.Then == nil || f.Then.Len() == 0 {
		return b
	}
	for _, m := range []struct {
		name string
		is   Measured
	}{{"before", f.Then}, {"after", f.Now}} {
		b = append(wire.Key(b, m.name), '{')
		b = wire.Float(b, "accuracy", m.is.Accuracy())
		if auc, ok := m.is.AUC(); ok {
			b = wire.Float(b, "auc", auc)
		}
		b = wire.Float(b, "brier", m.is.Brier())
		share, upper := m.is.Missed()
		b = wire.Float(b, "missed", share)
		b = append(wire.Float(b, "missed_upper", upper), '}')
	}
	return b
}
