package triage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Policy is everything about deciding that an estate may choose. The zero value is not usable: start from DefaultPolicy.
type Policy struct {
	BaseRate     float64             // share of groups that are attacks before anything is known of one
	Cap          Weight              // bound of one family's contribution, either way
	Caps         map[Family]Weight   // bounds of single families
	Weights      map[string]Weight   // what a check's signals count, by check or check/family, in thousandths (1000 leaves them)
	Floors       map[string]Severity // least recommended severity by check or check/family, where a signal of it raised the score
	Escalate     float64             // route escalate from this probability on
	EscalateCrit float64             // the same for critical assets
	Required     []string            // checks whose gap bars closing
	Gap          time.Duration       // two alerts of one fingerprint farther apart than this are two groups
	Floor        int                 // decisions a detector needs before any of its alerts may be closed
	Autonomy     Autonomy
	Precedent    *Precedent // what the estate's decisions taught; nil without any
	Digest       string
}

// Autonomy is what the machine may do with what it would close.
type Autonomy string

// The levels of autonomy.
const (
	Observe Autonomy = "observe" // decide nothing
	Shadow  Autonomy = "shadow"  // say would_close
	Close   Autonomy = "close"   // close under a certificate
)

// DefaultPolicy is the policy of a run without configuration; its figures are explained in docs/guide/deciding.md.
func DefaultPolicy() Policy {
	return Policy{
		BaseRate: 0.05, Cap: 4000, Escalate: 0.5, EscalateCrit: 0.2, Gap: time.Minute, Floor: 300, Autonomy: Shadow,
		Caps: map[Family]Weight{Novelty: 2500, Burst: 2500, Agreement: 2500, Outcome: 1200, Vendor: 2000, Models: 1500, Precedents: 20_000},
	}
}

// Families are all families that a signal can have, in the order of their declaration.
func Families() []Family {
	return []Family{
		Vendor, Outcome, Technique, Detection, CommandLine, ProcessTree, FileSystem, Persistence, Credentials, Authentication, Web, Network,
		CloudControl, Malware, Mailing, Reputation, Assets, Novelty, Burst, Agreement, Models, Rules, Precedents, Tampering,
	}
}

// Base is the log odds of the base rate in milli-nats.
func (p *Policy) Base() Weight { return Weight(math.Round(1000 * math.Log(p.BaseRate/(1-p.BaseRate)))) }

// counted is what a signal's weight counts under the policy. Its sign stays: a policy mutes or stresses, it does not turn
// evidence around.
func (p *Policy) counted(s *Signal) Weight {
	factor, ok := byCheck(p.Weights, s)
	if !ok {
		return s.Weight
	}
	return Weight(int64(s.Weight) * int64(max(0, factor)) / 1000)
}

// byCheck finds what a policy says about check/family, else about the check.
func byCheck[T any](said map[string]T, s *Signal) (t T, ok bool) {
	if len(said) == 0 {
		return t, false
	}
	if t, ok = said[s.Check+"/"+string(s.Family)]; !ok {
		t, ok = said[s.Check]
	}
	return t, ok
}

// Scoring names the part of the policy on which scores depend, and thresholds with them.
func (p *Policy) Scoring() string {
	b := fmt.Appendf(nil, "cap %d gap %s", p.Cap, p.Gap)
	for _, f := range Families() {
		b = fmt.Appendf(b, " %s %d", f, p.capOf(f))
	}
	for _, check := range slices.Sorted(maps.Keys(p.Weights)) {
		b = fmt.Appendf(b, " %q %d", check, p.Weights[check])
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (p *Policy) capOf(f Family) Weight {
	if c, ok := p.Caps[f]; ok {
		return c
	}
	return p.Cap
}

// Probability is the logistic of a score in milli-nats.
func Probability(score Weight) float64 { return 1 / (1 + math.Exp(-float64(score)/1000)) }

// Severity is a recommended severity, in five steps.
type Severity uint8

// The steps. The zero value is that there is no ground for one.
const (
	NoSeverity Severity = iota
	Informational
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"", "informational", "low", "medium", "high", "critical"}

func (s Severity) String() string { return severityNames[s] }

// StepOf puts a vendor's 0..100 into the five steps; a negative score is no rating, and counts as low.
func StepOf(score int) Severity {
	switch {
	case score < 0:
		return Low
	case score < 15:
		return Informational
	case score < 40:
		return Low
	case score < 65:
		return Medium
	case score < 85:
		return High
	}
	return Critical
}

// recommend moves the vendor's step by probability; a hard signal never leaves it below high.
func recommend(vendor alert.Severity, p float64, hard bool) (Severity, int) {
	s := StepOf(vendor.Score)
	switch {
	case p >= 0.9:
		s = max(s+1, High)
	case p >= 0.5:
		s = max(s, Medium)
	case p < 0.02:
		s = min(s, Low)
	case p < 0.1:
		s = min(s, Medium)
	}
	if hard {
		s = max(s, High)
	}
	s = min(s, Critical)
	return s, int(math.Round(100 * p))
}
