package triage

import "time"

// Decision is what a person said about an alert, or about a verdict and so about every alert in it. It names one of the two. When
// decisions about the members of one group disagree, the one that says attack counts.
type Decision struct {
	AlertID     string
	Verdict     string
	Disposition Disposition
	Reason      string
	Certainty   Certainty
	By          string
	At          time.Time
	Incident    string // names decisions that belong to one attack; may be empty
}

// Certainty says what a decision rests on.
type Certainty string

// The certainties.
const (
	Confirmed Certainty = "confirmed" // it was investigated
	Asserted  Certainty = "asserted"
)

// DispositionOf reads a disposition's name.
func DispositionOf(word string) (Disposition, bool) {
	for d, name := range dispositionNames {
		if name == word {
			return Disposition(d), true
		}
	}
	return Undetermined, false
}
