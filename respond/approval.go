package respond

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Approval is a person's agreement to one plan: to its digest, and to the risks it names.
type Approval struct {
	Plan      string // digest
	Risks     []string
	By, Key   string // the approver's name and public key
	At        time.Time
	Signature string
}

// ApprovalContext is what an approval's signature is made for: see internal/sign.
const ApprovalContext = "soc plan approval v1"

// Payload is what the signature covers, in its one spelling.
func (a *Approval) Payload() []byte { return append(a.body(nil), '}') }

// AppendJSON appends the approval as a document of kind approval, version 1, on a line of its own.
func (a *Approval) AppendJSON(b []byte) []byte {
	b = a.body(b)
	return append(wire.Text(b, "signature", a.Signature), '}', '\n')
}

func (a *Approval) body(b []byte) []byte {
	b = append(b, `{"kind":"approval","version":1`...)
	b = wire.Text(b, "plan", a.Plan)
	b = wire.Texts(b, "risks", a.Risks)
	b = wire.Text(b, "by", a.By)
	b = wire.Text(b, "key", a.Key)
	return wire.Time(b, "at", a.At)
}

// ErrNoApproval means that a document is no approval.
var ErrNoApproval = errors.New("no approval of this program")

// ReadApproval reads a document of kind approval, version 1. Whether the signature holds is asked elsewhere.
func ReadApproval(doc []byte) (Approval, error) {
	var d struct {
		Kind      string
		Version   int
		Plan      string
		Risks     []string
		By, Key   string
		At        time.Time
		Signature string
	}
	if err := json.Unmarshal(doc, &d); err != nil || d.Kind != "approval" || d.Version != 1 {
		return Approval{}, ErrNoApproval
	}
	return Approval{d.Plan, d.Risks, d.By, d.Key, d.At.UTC(), d.Signature}, nil
}

// Why a plan is not carried out.
var (
	ErrExpired    = errors.New("the plan has expired: make a new one")
	ErrStale      = errors.New("the last approval is too old: approve again")
	ErrOther      = errors.New("the approval is for another plan")
	ErrOwn        = errors.New("the plan's author cannot approve it")
	ErrUnapproved = errors.New("not approved")
	ErrRisk       = errors.New("a risk was not accepted by its name")
	ErrReplaced   = errors.New("a newer plan of the case has taken its place")
	ErrPurpose    = errors.New("the plan is not for people to agree to")
	ErrFuture     = errors.New("the approval was made in the future: set the clock right")
)

// Fresh is how long an approval holds: a person who agreed long ago agreed to another world.
const Fresh = 15 * time.Minute

// Agreed tells whether the approvals, whose signatures the caller has checked, allow the plan to be carried out now. The error says
// what is missing. One person counts once, whatever number of approvals they gave. A plan of tasks needs none.
func Agreed(p *Plan, list []Approval, now time.Time) error {
	if !p.Holds() {
		return ErrChanged
	}
	if now.After(p.Expires) {
		return fmt.Errorf("%w (at %s)", ErrExpired, p.Expires.Format(time.RFC3339))
	}
	if p.Purpose != ForPeople {
		return fmt.Errorf("%w (%s)", ErrPurpose, p.Purpose)
	}
	need := p.Needs().People()
	if need == 0 {
		return nil
	}
	var people []string
	var last time.Time
	accepted := map[string]int{} // by how many people, per risk
	for i := range list {
		a := &list[i]
		switch {
		case a.Plan != p.Digest:
			return fmt.Errorf("%w (%s)", ErrOther, a.Plan)
		case strings.EqualFold(a.By, p.Author):
			return fmt.Errorf("%w (%s)", ErrOwn, a.By)
		case a.At.After(now.Add(time.Minute)):
			return fmt.Errorf("%w (%s, by %s)", ErrFuture, a.At.Format(time.RFC3339), a.By)
		case slices.Contains(people, a.By):
			continue
		}
		people = append(people, a.By)
		if a.At.After(last) {
			last = a.At
		}
		for _, r := range a.Risks {
			accepted[r]++
		}
	}
	if len(people) < need {
		return fmt.Errorf("%w: %d of %d people have agreed", ErrUnapproved, len(people), need)
	}
	for i := range p.Items {
		item := &p.Items[i]
		if n := item.Needs.People(); item.Class != Task && n > 0 && accepted[item.Risk()] < n {
			return fmt.Errorf("%w: %s (%s %s) needs %d, %d agreed", ErrRisk, item.Risk(), item.ID, item.Target.Value, n, accepted[item.Risk()])
		}
	}
	if now.Sub(last) > Fresh {
		return fmt.Errorf("%w (%s, at most %s)", ErrStale, now.Sub(last).Round(time.Second), Fresh)
	}
	return nil
}
