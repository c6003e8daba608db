package prompt

import (
	"fmt"
	"math"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Check and Family are how a model's signals are called.
const (
	Check                = "model"
	Family triage.Family = "model"
)

// Raise is what an answer adds to a score, in milli-nats. It has no sign: a model cannot lower (promise P6).
type Raise uint32

// What a model may weigh.
const (
	coldStart  Raise = 590  // malicious, of a model of which nothing is known: ln(0.797/0.441), published models on average
	cap300     Raise = 1500 // until so many decisions are known
	ceiling    Raise = 2500 // ever: alone it lifts the default base rate to 39 %
	capUntil         = 300
	coldWeight       = 50 // how many decisions the cold start weighs as much as
)

// Counts are how often a model gave each answer.
type Counts struct {
	Malicious  uint32 `json:"malicious"`
	Suspicious uint32 `json:"suspicious"`
	Benign     uint32 `json:"benign"`
	Unsure     uint32 `json:"unsure"`
}

// Ratios are a model's answers about groups that people have decided since, for one family of rules. The zero value is that nothing
// is known.
type Ratios struct {
	Attacks  Counts `json:"attacks"`  // its answers about what turned out to be attacks
	Harmless Counts `json:"harmless"` // and about what did not
}

func (c Counts) of(v Verdict) uint32 {
	switch v {
	case Malicious:
		return c.Malicious
	case Suspicious:
		return c.Suspicious
	case Benign:
		return c.Benign
	case Unsure, verdicts:
	}
	return c.Unsure
}

func (c Counts) total() float64 {
	return float64(c.Malicious) + float64(c.Suspicious) + float64(c.Benign) + float64(c.Unsure)
}

// Raise is what an answer weighs: max(0, LLR), where LLR is the log ratio of how often the model says so about attacks and about the
// harmless, each with one more of every answer (a symmetric Dirichlet prior). The cold start counts as fifty decisions. Until 300
// are known the weight is capped at 1.5 nats.
func (r Ratios) Raise(v Verdict) Raise {
	attacks, harmless := r.Attacks.total(), r.Harmless.total()
	n := attacks + harmless
	llr := 1000 * (math.Log((float64(r.Attacks.of(v))+1)/(attacks+float64(verdicts))) -
		math.Log((float64(r.Harmless.of(v))+1)/(harmless+float64(verdicts))))
	cold := 0.0
	if v == Malicious {
		cold = float64(coldStart)
	}
	w := math.Round((coldWeight*cold + n*llr) / (coldWeight + n))
	most := ceiling
	if n < capUntil {
		most = cap300
	}
	if !(w > 0) {
		return 0
	}
	return Raise(min(w, float64(most)))
}

// Signal is what a model's answer is to a verdict. There is one when the answer raises and at least one of its claims holds: a verdict
// without a receipt is an opinion. Its trust is an attacker's, who may have written what the model read; it is never hard.
func Signal(model string, r Reading, known Ratios) (triage.Signal, bool) {
	w := known.Raise(r.Verdict)
	if w == 0 || len(r.Claims) == 0 {
		return triage.Signal{}, false
	}
	s := triage.Signal{
		Check: Check, Family: Family, Trust: alert.Attacker, Weight: triage.Weight(w),
		Sentence: fmt.Sprintf("model %s calls it %s and cites %s", model, r.Verdict, counted(len(r.Claims), r.Dropped)),
	}
	for _, c := range r.Claims {
		s.Receipts = append(s.Receipts, alert.Ref{Path: c.Path, Value: c.Value})
	}
	return s, true
}

func counted(held, dropped int) string {
	if dropped > 0 {
		return fmt.Sprintf("%d of %d places that hold", held, held+dropped)
	}
	if held == 1 {
		return "1 place"
	}
	return fmt.Sprintf("%d places", held)
}
