package investigate

import (
	"math"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// The figures of correlation, chosen on two networks of AIT-ADS and one mixed stream of incidents. The threshold lies in the middle of
// a range in which the cases stay the same; window and smallInput are touchy. See docs/guide/investigate.md for how far that carries.
const (
	threshold   = 3.5                 // nats that a link needs to put two verdicts into one case
	fullWeight  = triage.Weight(1750) // evidence above the base rate from which on a verdict links with full weight
	largestCase = 2000                // verdicts in one case
	fewWindows  = 10                  // so many windows make no super-node, however short the input
	everywhen   = 0.2                 // share of all windows from which on an entity is a super-node
	window      = 30 * time.Minute    // what happens within it counts as one event
	together    = 0.8                 // weight of evidence as strong as both, as typeWeight is of a kind
	briefly     = 30 * time.Minute    // half-life of that
	sequence    = 0.5                 // nats for a phase that follows another
	timeless    = 0.25                // decay where one of the times is unknown
	smallInput  = 50                  // rarity in a smaller input is what it would be in one of this size
)

// typeWeight is how much sharing a value of a kind says, 0 for a kind that links nothing.
func typeWeight(kind string) float64 {
	switch kind {
	case "hash":
		return 1.2
	case "process_command":
		return 1.0
	case "user", "mail":
		return 0.9
	case "host", "domain", "url", "cloud":
		return 0.8
	case "ip":
		return 0.7
	case "file", "registry":
		return 0.6
	case "process", "rule":
		return 0.2
	}
	return 0
}

// halfLife is the time in which what sharing a value says falls to a half.
func halfLife(kind string) time.Duration {
	switch kind {
	case "hash", "domain", "url", "mail":
		return 24 * time.Hour
	case "user", "file", "cloud":
		return 12 * time.Hour
	case "host", "ip", "registry":
		return 6 * time.Hour
	}
	return time.Hour
}

// decay is the share that is left after the time between two verdicts; known is false when nobody knows that time.
func decay(between, half time.Duration, known bool) float64 {
	if !known {
		return timeless
	}
	return math.Exp2(-float64(between) / float64(half))
}

// apart is the time between the end of the one and the beginning of the other, 0 when they overlap.
func apart(a, b *Verdict) (between time.Duration, known bool) {
	if a.First.IsZero() || b.First.IsZero() {
		return 0, false
	}
	return max(0, b.First.Sub(a.Last), a.First.Sub(b.Last)), true
}

// strength is how far the evidence of a verdict lets it link: everyday noise that shares a seldom value with its neighbour is still
// noise.
func strength(v *Verdict) float64 {
	return min(1, max(0, float64(v.Score-v.Base)/float64(fullWeight)))
}
