package tui

import (
	"time"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// intent is what a screen or dialog wants done. It is data: only the root turns it into a command, or into a change of the screen.
type intent any

// What screens and dialogs may want.
type (
	wantOpen  struct{ id string }
	wantRaw   struct{ verdict, path string }
	wantView  struct{ view View }
	wantViews struct {
		saved []Saved
		said  string
	}
	wantPivot  struct{ filter string } // the cases with something of this one
	wantDecide struct {
		ids      []string
		decision triage.Decision // By is empty: the desk knows who sits here
	}
	wantUndo   struct{}
	wantRedo   struct{}
	wantAssign struct {
		ids   []string
		owner string
	}
	wantSnooze struct {
		ids   []string
		until time.Time
	}
	wantGather struct{ ids []string } // what a merge would make
	wantMerge  struct {
		id     string
		others []string
		reason string
	}
	wantSplit struct {
		id       string
		verdicts []string
		reason   string
	}
	wantNote   struct{ id, text string }
	wantCopy   struct{ text string }
	wantStep   struct{ by int } // from case to case
	wantDialog struct{ dialog dialog }
	wantToast  struct{ text string }
	wantAct    struct{ act act }
	wantSearch struct{ text string }
	wantWindow struct {
		id   string
		from int64
	}
	wantReport  struct{ id string }
	wantSave    struct{ name, text string }
	wantPage    struct{ page *render.Page }
	wantMake    struct{ id string }
	wantApprove struct {
		plan  string
		risks []string
	}
	wantWrite struct {
		id   string
		seen []render.Written
	}
	wantUnwrite  struct{ id string }
	wantApply    struct{ plan string }
	wantTakeBack struct{ plan string }
)

// Messages are what came of intents, and of the world.
type (
	listedMsg struct {
		order order
		err   error
		whole bool
		turn  int // of the request: an older one that comes late is thrown away
	}
	rowsMsg struct {
		rows []render.CaseRow
		ids  []string
		err  error
	}
	previewMsg struct {
		id   string
		file *render.CaseFile
		err  error
	}
	fileMsg struct {
		id   string
		file *render.CaseFile
		err  error
	}
	rawMsg struct {
		raw  *render.RawAlert
		path string
		err  error
	}
	decidedMsg struct {
		asked    int // of how many cases
		made     []Made
		taken    []*TakenError
		decision triage.Decision
		err      error
	}
	pageMsg struct {
		id   string // of the case that it is about
		page *render.Page
		err  error
	}
	progressMsg struct{ says string }
	askedMsg    struct {
		id      string // of the case
		what    string
		page    *render.Page // nil: it is seen in the case itself
		err     error
		stopped bool
	}
	undoneMsg struct {
		deed  deed
		made  []Made
		taken []*TakenError
		err   error
	}
	didMsg struct { // something that is no decision
		deed  deed
		taken []*TakenError
		err   error
		redo  bool
	}
	gatheredMsg struct {
		rows []render.CaseRow
		err  error
	}
	notedMsg struct {
		id  string
		err error
	}
	plansMsg struct {
		id    string
		plans []PlanFile
		err   error
	}
	proposedMsg struct {
		id   string
		some bool
		err  error
	}
	letterMsg struct {
		text Letter
		err  error
	}
	wroteMsg struct { // writing back, or taking it back, has ended
		did string
		err error
	}
	receiptMsg struct {
		receipt respond.Receipt
		on      place // the screen that it is of
		from    <-chan respond.Receipt
	}
	respondMsg struct { // approving, applying or undoing has ended
		did string
		err error
	}
	headMsg struct {
		head int64
		err  error
	}
	pulseMsg struct{}
	toldMsg  struct {
		text string
		err  error
	}
)
