package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// Desk is what the screen works on. All of it may be called from several goroutines.
type Desk struct {
	Queue     Queue
	Reader    Reader
	Decider   Decider
	Responder Responder
	Asker     Asker
	Writer    Writer
	Me        string // who sits here
	// Copy takes text along to the clipboard of the terminal; nil where there is none.
	Copy func(text string) error
	// Save writes a new file; nil where there is none to be written.
	Save func(name, text string) error
}

// Queue lists cases.
type Queue interface {
	// List returns the cases of a view in order, at most limit of them unless it is 0.
	List(ctx context.Context, v View, limit int) (Listing, error)
	// Rows reads what the lines of these cases show, in the order of the ids; those that are no cases any more are left out.
	Rows(ctx context.Context, ids []string) ([]render.CaseRow, error)
	// Head is the number of the casebook's last journal record: when it moves, somebody did something.
	Head(ctx context.Context) (int64, error)
}

// Reader reads one case.
type Reader interface {
	// File reads a case, with those of its verdicts that come behind the first so many.
	File(ctx context.Context, id string, from int64) (*render.CaseFile, error)
	// Report is the case for those who were not there.
	Report(ctx context.Context, id string) (*render.Page, error)
	// Raw returns the alert that stands for a verdict. Bytes that are not kept are no error: they are nil there.
	Raw(ctx context.Context, verdict string) (*render.RawAlert, error)
}

// Decider writes down what a person says. The name of the person is the implementation's to know.
type Decider interface {
	// Decide closes a case. When somebody else did it before, the error is a *TakenError and nothing is changed.
	Decide(ctx context.Context, id string, d triage.Decision) (Made, error)
	// Assign says who looks after a case, empty: nobody. Snooze puts it aside until a time, or brings it back: the zero time.
	Assign(ctx context.Context, id, owner string) (Made, error)
	Snooze(ctx context.Context, id string, until time.Time) (Made, error)
	// Merge puts other cases into one. Split takes verdicts out of a case into one of their own.
	Merge(ctx context.Context, id string, others []string, reason string) ([]Made, error)
	Split(ctx context.Context, id string, verdicts []string, reason string) (Made, error)
	// Withdraw takes one of these back, unless somebody did something else since: then the error is a *TakenError. Again does it once more.
	Withdraw(ctx context.Context, m Made) error
	Again(ctx context.Context, m Made) (Made, error)
	Note(ctx context.Context, id, text string) error
}

// Asker asks what takes its time. told is how far it has come, in a few words, at any moment; ctx ends it. An error that says what is not
// configured names how it would be.
type Asker interface {
	// Pivot asks the logs for one value, around the time of a case.
	Pivot(ctx context.Context, id, kind, value string, told func(string)) (*render.Page, error)
	// Pursue investigates a case: what is found belongs to its file until the screen is left.
	Pursue(ctx context.Context, id string, told func(string)) error
	// Describe has a model put a verdict into words, which change nothing.
	Describe(ctx context.Context, verdict string, told func(string)) (*render.Page, error)
	// DescribeCase has it put a case into words, with what was found since the screen was opened. They change nothing either.
	DescribeCase(ctx context.Context, id string, told func(string)) (*render.Page, error)
}

// Responder makes, agrees to and carries out plans.
type Responder interface {
	// Plans returns the plans of a case, the latest first.
	Plans(ctx context.Context, caseID string) ([]PlanFile, error)
	// Propose makes a plan of a case and keeps it. It returns false when the case recommends nothing.
	Propose(ctx context.Context, caseID string) (bool, error)
	// Agree signs the plan and the risks that were accepted by name. Without any it accepts those that the ladder lets one key accept, and fails
	// when they are not all of the plan's any more.
	Agree(ctx context.Context, plan string, risks []string) error
	// Apply carries an approved plan out and hands over each receipt as soon as it is certain.
	Apply(ctx context.Context, plan string, told func(respond.Receipt)) error
	// TakeBack undoes what the plan did, the last action first.
	TakeBack(ctx context.Context, plan string, told func(respond.Receipt)) error
}

// Writer tells the systems that the alerts of a case came from what became of it.
type Writer interface {
	// Drafts reads what would be written to each item. It writes nothing.
	Drafts(ctx context.Context, caseID string) (Letter, error)
	// Write writes what a person was shown, and hands over each receipt as soon as it is certain. When the case says something else by then
	// nothing is written.
	Write(ctx context.Context, caseID string, seen []render.Written, told func(respond.Receipt)) error
	// TakeBack brings back what the items said before anything was written about the case, the last first.
	TakeBack(ctx context.Context, caseID string, told func(respond.Receipt)) error
}

// Letter is what would be written about a case.
type Letter struct {
	Items []render.Written
	Why   string // there is none
}

// PlanFile is a plan with how far it has come.
type PlanFile struct {
	Plan      respond.Plan
	Standing  string // in words
	Approvals []respond.Approval
	Assisted  []string // risks that one key accepts, as every action is at level 3; none: each name is typed
	Receipts  []respond.Receipt
}

// Made names a decision, or something else that was done to a case, for taking it back.
type Made struct {
	Case string
	Seq  int64 // of the journal record
}

// TakenError says that somebody else was first.
type TakenError struct {
	Case, Disposition, By, Reason string
	At                            time.Time
	Else                          string // what was done, when it was no decision
}

// Error implements error.
func (e *TakenError) Error() string {
	if e.Else != "" {
		return e.Case + ": " + e.Else
	}
	if e.By == "" {
		return e.Case + " was opened again by somebody else"
	}
	return fmt.Sprintf("%s was decided by %s: %s, %s", e.Case, e.By, strings.ReplaceAll(e.Disposition, "_", " "), e.Reason)
}

// View is what the queue shows, and in which order.
type View struct {
	State  string `json:"state"`            // open, snoozed, closed or all
	Filter string `json:"filter,omitempty"` // as it is typed
	Sort   string `json:"sort,omitempty"`   // oldest, newest or severity; empty: what needs a person first
	Group  string `json:"group,omitempty"`  // rule, host or user; empty: no groups
}

// Place is where a person left the queue, and the views that they keep.
type Place struct {
	View  View    `json:"view"`
	Case  string  `json:"case,omitempty"` // under the cursor
	Theme string  `json:"theme,omitempty"`
	Views []Saved `json:"views,omitempty"`
}

// Saved is a view under a name.
type Saved struct {
	Name string `json:"name"`
	View View   `json:"view"`
}

// Entry is one case of a listing.
type Entry struct{ ID, Group string }

// Listing is the queue at one moment.
type Listing struct {
	View                     View
	Entries                  []Entry
	Head                     int64 // of the journal, from before the entries were read
	Escalated, Review, Ended int   // of all cases: open ones by route, and closed ones
	Snoozed                  int
	Wakes                    time.Time // when the first that is put aside comes back; zero: none is
	Undecided                int       // cases of which the condition could not be decided: they are left out
	Why                      string    // not, of the first
}
