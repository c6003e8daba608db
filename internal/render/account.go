package render

import (
	"fmt"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// Account is what became of everything that was read: promise P2 in figures.
type Account struct {
	Read, InVerdicts, Groups, Rejected int64
	WouldClose, Closed                 int64
	Rejects                            []stream.Reject // the first ones
	Gaps                               []stream.Gap
	RejectsFile                        string // where every one of them is kept, if it is
	Autonomy                           triage.Autonomy
	Precedent                          string // digest of the precedent in use, empty without one
	Next                               string // what to do first, with the command; may be empty
	Shared                             bool   // among workers: what one took in another judged
	Waiting                            int64  // for any of them
	Known                              int64  // to the casebook when it was taken in
}

// Append appends the account as text, the rejected lines and the gaps by name.
func (a *Account) Append(b []byte, p Paper) []byte {
	if a.Shared {
		known := ""
		if a.Known > 0 {
			known = " and " + Plural(a.Known, "was", "were") + " known"
		}
		b = p.wrap(b, 0, fmt.Sprintf("took in %s, of which %s rejected%s; judged %s in %s; %s for a worker", Count(a.Read), Plural(a.Rejected, "was", "were"), known, Count(a.InVerdicts),
			Plural(a.Groups, "verdict", "verdicts"), Plural(a.Waiting, "waits", "wait")))
		return a.troubles(b, p)
	}
	b = p.wrap(b, 0, fmt.Sprintf("read %s = %s in %s + %s rejected", Count(a.Read), Count(a.InVerdicts), Plural(a.Groups, "verdict", "verdicts"), Count(a.Rejected)))
	if lost := a.Read - a.InVerdicts - a.Rejected; lost != 0 {
		b = p.wrap(b, 0, "the account is off by "+Count(lost)+": this is a fault of soc, please report it")
	}
	return a.troubles(b, p)
}

// troubles appends the rejected lines and the gaps.
func (a *Account) troubles(b []byte, p Paper) []byte {
	for i := range a.Rejects {
		r := &a.Rejects[i]
		at := alert.Place{Name: r.Input, Line: r.Line, Offset: r.Offset, Item: r.Item}
		b = p.wrap(b, 2, placed(&at)+bytesOf(&at)+": "+term.Clean(r.Reason))
	}
	if more := a.Rejected - int64(len(a.Rejects)); more > 0 {
		b = p.wrap(b, 2, "and "+Count(more)+" more: "+a.where())
	}
	for i, g := range a.Gaps {
		if i == shownGaps {
			b = p.wrap(b, 2, "and "+Plural(int64(len(a.Gaps)-i), "gap", "gaps")+" more: soc triage --json ...")
			break
		}
		b = p.wrap(b, 2, "gap: "+term.Clean(g.Input)+": "+term.Clean(g.Reason))
	}
	return b
}

func (a *Account) where() string {
	if a.RejectsFile != "" {
		return "see " + term.Clean(a.RejectsFile)
	}
	return "soc triage --rejects FILE ..."
}

// closing says what was closed or would have been, and on whose authority.
func (a *Account) closing() string {
	s := "nothing was closed: that takes a rule, or a certificate, that a trusted key signed"
	switch {
	case a.Closed > 0:
		s = "closed " + Count(a.Closed) + " by rules or a certificate that a trusted key signed"
	case a.Autonomy == triage.Observe:
		s = "nothing was closed: the policy says autonomy: observe"
	case a.Autonomy == triage.Close:
		s = "nothing was closed: what a trusted key signed covers none of it, or it belongs to cases"
	}
	if a.WouldClose > 0 {
		s += fmt.Sprintf("; %s more would be closed, by a certificate or by rules that lack a valid signature", Count(a.WouldClose))
	}
	return s
}

// reading says how to read what stands above.
func (a *Account) reading() string {
	s := "times are in UTC"
	if a.Precedent == "" {
		s += "; scores are uncalibrated: they rank, they are no probabilities"
	}
	return s
}
