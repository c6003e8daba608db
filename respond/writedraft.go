package respond

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Draft is what would be written to an item.
type Draft struct {
	Was, Want Entry
	Outcome   Outcome // Already or RefusedOutcome when nothing is to be written
	Why       string  // that
	Note      bool    // the comment is to be added: with what is written, or by itself where the item says so already
	attempt   int
}

func (d Draft) ends(o Outcome, why string) Draft {
	d.Outcome, d.Why = o, why
	return d
}

// Draft reads an item and tells what would be written to it, or why nothing. It writes nothing. The error is of the letters.
func (c *Clerk) Draft(ctx context.Context, w *Writing) (Draft, error) {
	past, err := c.Letters.On(ctx, w.Target().Value)
	if err != nil {
		return Draft{}, err
	}
	d := c.draft(ctx, w, past)
	stopped := c.Stopped != nil && c.Stopped() != ""
	d.Note = w.Note != "" && (d.Why == "" || d.Outcome == Already) && !stopped && !noted(past, w)
	return d, nil
}

// noted tells whether the comment is there.
func noted(past []Step, w *Writing) bool {
	return slices.ContainsFunc(past, func(s Step) bool {
		return s.Item.Action == NoteAction && s.Item.Why == w.Say && s.Outcome == Done && s.Stage != Intent
	})
}

func (c *Clerk) draft(ctx context.Context, w *Writing, past []Step) (d Draft) {
	desk := c.Desks[w.Desk]
	if w.Bar != "" {
		return d.ends(RefusedOutcome, w.Bar)
	}
	if desk == nil {
		return d.ends(RefusedOutcome, fmt.Sprintf("no source that is written to is called %q", w.Desk))
	}
	var err error
	if d.Was, err = desk.Read(ctx, w.Item); err != nil {
		return d.ends(RefusedOutcome, "what it says is unknown: "+err.Error())
	}
	if d.Want, err = desk.Draft(d.Was, w.Change); err != nil {
		return d.ends(RefusedOutcome, err.Error())
	}
	if d.Was.Same(&d.Want) {
		return d.ends(Already, "it says so already: "+d.Was.words())
	}
	var why string
	var ours bool
	if d.attempt, ours, why = attempts(past, w, &d.Was, c.Now()); why != "" {
		return d.ends(RefusedOutcome, why)
	}
	if d.Was.Held != "" && !(w.Person && (w.Held || ours)) {
		return d.ends(RefusedOutcome, "it is a person's: "+d.Was.Held)
	}
	if c.Stopped != nil && c.Stopped() != "" {
		return d.ends(RefusedOutcome, "the kill switch is on: "+c.Stopped())
	}
	return d
}

// words are what an entry says, for people.
func (e *Entry) words() string {
	var empty Entry
	if e.Same(&empty) {
		return "nothing of that kind"
	}
	var list []string
	for _, w := range [][2]string{{"status", e.Status}, {"disposition", e.Disposition}, {"severity", e.Severity}, {"owner", e.Owner}, {"tags", strings.Join(e.Tags, " ")}} {
		if w[1] != "" {
			list = append(list, w[0]+" "+w[1])
		}
	}
	return strings.Join(list, ", ")
}

// attempts counts what was written to an item before, or tried in vain, or says why nothing is to be written now; ours tells whether it says
// what was written last.
func attempts(past []Step, w *Writing, now *Entry, clock time.Time) (n int, ours bool, why string) {
	last := lastWrite(past)
	for i := range past {
		s := &past[i]
		if s.Item.Action != WriteAction {
			continue
		}
		n++
		if s.underWay(clock) {
			return 0, false, "another run is at it, or ended in the middle of it: try again in " + grace.String()
		}
		if s.Outcome == Undone && !w.Person {
			return 0, false, "a person took back what was written here"
		}
		if i != last {
			continue
		}
		m, err := imageOf(s)
		ours = err == nil && now.Same(&m.Want)
		switch {
		case err != nil:
			return 0, false, err.Error()
		case s.Outcome == Unverified && !w.Person:
			return 0, false, "what was written here before could not be verified: a person has to look"
		case !ours && !w.Person:
			return 0, false, "somebody changed it since it was written: " + Difference(&m.Want, now)
		}
	}
	return n, ours, ""
}

// lastWrite is the last step whose words stand, as far as is known.
func lastWrite(past []Step) int {
	for i := len(past) - 1; i >= 0; i-- {
		if past[i].Item.Action == WriteAction && past[i].Stage != Ended {
			return i
		}
	}
	return -1
}
