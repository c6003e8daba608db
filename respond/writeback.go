package respond

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The actions of writing back, as steps and receipts name them.
const (
	WriteAction = "write-back" // an entry is changed; undone by writing what it said before
	NoteAction  = "note-back"  // a comment is added, which nothing takes back
)

// Writing is what one item of a desk is to be told.
type Writing struct {
	Desk   string // the source's name
	Item   string
	Case   string // that it is about
	Say    string // names what is said: the same words about an item are written once
	Change Change
	Note   string // a comment; empty: none. Its key is added.
	Bar    string // what this side has against it; empty: nothing
	// Person means that somebody asked for this item by name. A run of its own never writes again what was taken back, or over what was
	// changed since it wrote there.
	Person bool
	Held   bool // and wants it written although somebody has begun to work on it
}

// Target is the item as a target.
func (w *Writing) Target() Target { return Target{Type: DeskItem, Value: w.Desk + "/" + w.Item} }

// Letters keep the steps of writing back. Their methods are as durable as a Ledger's.
type Letters interface {
	// Begin, Advance and Settle are a Ledger's.
	Begin(ctx context.Context, s *Step, from time.Time, room Room) error
	Advance(ctx context.Context, s *Step) error
	Settle(ctx context.Context, s *Step, was Stage) error
	// On hands over all steps on an item, named by its target's value, the first first.
	On(ctx context.Context, item string) ([]Step, error)
	// Unsettled hands over the steps of writing back that were begun and of which nobody knows what became of them.
	Unsettled(ctx context.Context) ([]Step, error)
}

// Clerk writes back what became of alerts. Each write is on disk with what the entry said before it is made, made once, and checked by
// reading the entry. Its members are not to be changed while it works.
type Clerk struct {
	Desks   map[string]Desk
	Letters Letters
	Now     func() time.Time
	Stopped func() string // the kill switch, asked before every write; empty: go on
	Told    func(Receipt) // each receipt as soon as it is certain; may be nil
	Most    int           // entries that one call of Write changes at most; 0: all
}

// image is what a step keeps of an entry: what it said, and what it is told to say.
type image struct {
	Was  Entry `json:"was"`
	Want Entry `json:"want"`
}

func imageOf(s *Step) (m image, err error) {
	if err := json.Unmarshal([]byte(s.Image), &m); err != nil {
		return m, fmt.Errorf("what %s said before cannot be read: %w", s.Item.ID, err)
	}
	return m, nil
}

// Difference says in which words two entries differ: "status new -> closed". Empty: in none.
func Difference(was, want *Entry) string {
	var list []string
	for _, w := range []struct{ name, a, b string }{
		{"status", was.Status, want.Status},
		{"disposition", was.Disposition, want.Disposition},
		{"severity", was.Severity, want.Severity},
		{"owner", was.Owner, want.Owner},
		{"tags", strings.Join(was.Tags, " "), strings.Join(want.Tags, " ")},
	} {
		if w.a != w.b {
			list = append(list, fmt.Sprintf("%s %s -> %s", w.name, orNothing(w.a), orNothing(w.b)))
		}
	}
	return strings.Join(list, ", ")
}

func orNothing(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// between tells whether every word of an entry is one of was or want: nobody else has written there, though perhaps not all was written.
func (m *image) between(e *Entry) bool {
	is := func(now, a, b string) bool { return now == a || now == b }
	return is(e.Status, m.Was.Status, m.Want.Status) && is(e.Disposition, m.Was.Disposition, m.Want.Disposition) && is(e.Severity, m.Was.Severity, m.Want.Severity) &&
		is(e.Owner, m.Was.Owner, m.Want.Owner) && (slices.Equal(e.Tags, m.Was.Tags) || slices.Equal(e.Tags, m.Want.Tags))
}

// letterKey is the idempotency key of what is said to an item, at the given attempt.
func letterKey(attempt int, words ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s", attempt, strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Write tells every item what it is to be told, or as many as Most allows: left are the others. The error is of the letters or the context; everything else stands in the receipts. What was
// begun and not ended earlier is read first, and never written again blindly.
func (c *Clerk) Write(ctx context.Context, run string, list []Writing) (all []Receipt, left []Writing, err error) {
	if err := c.Recover(ctx); err != nil {
		return nil, list, err
	}
	failed, done := 0, 0
	for i := range list {
		if err := ctx.Err(); err != nil {
			return all, list[i:], err
		}
		if c.Most > 0 && done >= c.Most {
			return all, list[i:], nil
		}
		some, err := c.one(ctx, run, &list[i], failed)
		for _, r := range some {
			all = append(all, r)
			if c.Told != nil {
				c.Told(r)
			}
			switch r.Outcome {
			case FailedOutcome, Unverified:
				failed++
			case Done:
				failed = 0
				if r.Name == WriteAction {
					done++
				}
			case Already, RefusedOutcome, Undone:
			}
		}
		if err != nil {
			return all, list[i:], err
		}
	}
	return all, nil, nil
}

// mostFailures is after how many in a row nothing more is tried.
const mostFailures = 3

// one writes to one item: the entry, then the comment.
func (c *Clerk) one(ctx context.Context, run string, w *Writing, failed int) ([]Receipt, error) {
	past, err := c.Letters.On(ctx, w.Target().Value)
	if err != nil {
		return nil, err
	}
	s := &Step{Plan: run, Started: c.Now(), Item: Item{
		ID: w.Target().Value, Action: WriteAction, Target: w.Target(), Driver: "sources." + w.Desk, Why: w.Say, Cites: []string{w.Case}, Class: Reversible, Inverse: WriteAction,
	}}
	if err := c.entry(ctx, s, w, past, failed); err != nil {
		return nil, err
	}
	list := []Receipt{s.Receipt()}
	if w.Note == "" || s.Outcome != Done && s.Outcome != Already {
		return list, nil
	}
	n := &Step{Plan: run, Started: c.Now(), Item: s.Item}
	n.Item.Action, n.Item.Class, n.Item.Inverse = NoteAction, AppendOnly, ""
	if err := c.note(ctx, n, w, past); err != nil || n.Outcome == Already {
		return list, err
	}
	return append(list, n.Receipt()), nil
}

// entry takes a change through its stages.
func (c *Clerk) entry(ctx context.Context, s *Step, w *Writing, past []Step, failed int) error {
	d := c.draft(ctx, w, past)
	if d.Why == "" && failed >= mostFailures {
		d = d.ends(RefusedOutcome, fmt.Sprintf("%d in a row did not take effect: nothing more is written until somebody has looked", failed))
	}
	if d.Why != "" {
		s.end(c.Now(), d.Outcome, d.Why)
		return nil
	}
	was, want := d.Was, d.Want
	diff := Difference(&was, &want)
	text, err := json.Marshal(image{was, want})
	if err != nil {
		return err
	}
	s.Stage, s.Image, s.Detail = Intent, string(text), diff
	s.Key = letterKey(d.attempt, WriteAction, s.Item.ID, w.Say, diff)
	if err := c.Letters.Begin(ctx, s, time.Time{}, nil); errors.Is(err, ErrTaken) {
		s.end(c.Now(), RefusedOutcome, "another run writes it")
		return nil
	} else if err != nil {
		return err
	}
	// From here on a cancelled run still writes down what it did.
	sure := context.WithoutCancel(ctx)
	said := c.Desks[w.Desk].Write(ctx, w.Item, was, want)
	s.Stage, s.Ended = Result, c.Now()
	if said != nil {
		s.Detail = said.Error()
	}
	if err := c.Letters.Advance(sure, s); err != nil {
		return err
	}
	return c.check(sure, s, w, &image{was, want}, said)
}

// check reads the entry, whatever the desk answered.
func (c *Clerk) check(ctx context.Context, s *Step, w *Writing, m *image, said error) error {
	now, err := c.Desks[w.Desk].Read(ctx, w.Item)
	s.Stage, s.Ended = Verified, c.Now()
	switch {
	case err == nil && now.Same(&m.Want):
		s.Outcome, s.Detail = Done, Difference(&m.Was, &m.Want)
	case err == nil && said != nil && (now.Same(&m.Was) || errors.Is(said, ErrOvertaken)):
		s.Outcome, s.Stage = FailedOutcome, Ended
	case err != nil:
		s.Outcome, s.Detail = Unverified, s.Detail+"; and it cannot be read: "+err.Error()
	default:
		s.Outcome, s.Detail = Unverified, "it was to say "+Difference(&m.Was, &m.Want)+" and says otherwise: "+Difference(&m.Want, &now)
	}
	return c.Letters.Advance(ctx, s)
}

// note adds the comment. One that a process left in the middle is handed to the desk again under its key: the desk knows whether it is there.
func (c *Clerk) note(ctx context.Context, s *Step, w *Writing, past []Step) error {
	attempt, begun := 0, (*Step)(nil)
	for i := range past {
		p := &past[i]
		switch {
		case p.Item.Action != NoteAction || p.Item.Why != w.Say:
		case p.underWay(c.Now()):
			s.end(c.Now(), RefusedOutcome, "another run is at it, or ended in the middle of it: try again in "+grace.String())
			return nil
		case p.Stage == Intent:
			begun = p
		case p.Outcome == Done:
			s.end(c.Now(), Already, "it was noted before")
			return nil
		default:
			attempt++
		}
	}
	if c.Stopped != nil && c.Stopped() != "" {
		s.end(c.Now(), RefusedOutcome, "the kill switch is on: "+c.Stopped())
		return nil
	}
	if begun != nil {
		s.Key, s.Plan, s.Stage = begun.Key, begun.Plan, Intent
	} else {
		s.Key, s.Stage = letterKey(attempt, NoteAction, s.Item.ID, w.Say), Intent
		if err := c.Letters.Begin(ctx, s, time.Time{}, nil); errors.Is(err, ErrTaken) {
			s.end(c.Now(), RefusedOutcome, "another run notes it")
			return nil
		} else if err != nil {
			return err
		}
	}
	sure := context.WithoutCancel(ctx)
	err := c.Desks[w.Desk].Note(ctx, w.Item, s.Key, w.Note+"\n[soc "+s.Key+"]")
	s.end(c.Now(), Done, "a comment with the key "+s.Key)
	if err != nil {
		s.Outcome, s.Detail = FailedOutcome, "no comment was added, or nobody knows: "+err.Error()
	}
	return c.Letters.Advance(sure, s)
}
