package respond

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Outcome is what happened to an action. The zero value claims nothing.
type Outcome uint8

// The outcomes.
const (
	Unverified     Outcome = iota // the target said yes, and does not show it
	Done                          // and the target shows it
	Already                       // it was in force before; nothing was done, and nothing is taken back
	FailedOutcome                 // the target did not do it, or nobody knows
	RefusedOutcome                // it was not tried
	Undone                        // the target is as it was before
)

var outcomeNames = [...]string{"unverified", "done", "already", "failed", "refused", "undone"}

func (o Outcome) String() string { return outcomeNames[o] }

// Receipt is what happened to one action, its verification included.
type Receipt struct {
	Plan           string // digest
	Action         string // the item's id
	Name           string // of the action
	Target         Target
	Outcome        Outcome
	Verified       bool
	Started, Ended time.Time
	Until          time.Time // when it is taken back; zero: never by itself
	Detail         string
}

// AppendJSON appends the receipt as a document of kind receipt, version 1, on a line of its own.
func (r *Receipt) AppendJSON(b []byte) []byte {
	b = append(b, `{"kind":"receipt","version":1`...)
	b = wire.Text(b, "plan", r.Plan)
	b = wire.Text(b, "action", r.Action)
	b = wire.Text(b, "name", r.Name)
	b = r.Target.append(wire.Key(b, "target"))
	b = wire.Word(b, "outcome", r.Outcome.String())
	b = append(wire.Key(b, "verified"), strconv.FormatBool(r.Verified)...)
	b = wire.Time(b, "started", r.Started)
	b = wire.Time(b, "ended", r.Ended)
	b = wire.Time(b, "until", r.Until)
	return append(wire.Text(b, "detail", r.Detail), '}', '\n')
}

// ErrNoReceipt means that a document is no receipt.
var ErrNoReceipt = errors.New("no receipt of this program")

// ReadReceipt reads a document of kind receipt, version 1.
func ReadReceipt(doc []byte) (Receipt, error) {
	var d struct {
		Kind                  string
		Version               int
		Plan, Action, Name    string
		Target                Target
		Outcome               string
		Verified              bool
		Started, Ended, Until time.Time
		Detail                string
	}
	if err := json.Unmarshal(doc, &d); err != nil || d.Kind != "receipt" || d.Version != 1 {
		return Receipt{}, ErrNoReceipt
	}
	return Receipt{d.Plan, d.Action, d.Name, d.Target, OutcomeOf(d.Outcome), d.Verified, d.Started, d.Ended, d.Until, d.Detail}, nil
}

// OutcomeOf reads an outcome's name. An unknown one claims nothing.
func OutcomeOf(name string) Outcome {
	for o, n := range outcomeNames {
		if n == name {
			return Outcome(o)
		}
	}
	return Unverified
}
