package investigate

import (
	"math"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// The figures of correlation. Each has a reason of its own and none is touchy: docs/guide/investigate.md says over which range the cases
// stay as good.
const (
	threshold = 3.5                 // nats that a link needs to put two verdicts into one case
	enough    = triage.Weight(3000) // evidence that makes a rate of one in twenty even; more does not make a link stronger
	window    = 30 * time.Minute    // what happens within it counts as one event
	soon      = 5 * time.Minute     // nearer than that is no nearer; triage looks as far for neighbours
	twice     = math.Ln2            // nats for each further kind of value that both have, and for a phase that follows another

	again     = 3 * time.Hour      // the same as often as every hour, one beat missed, is one series
	beats     = 3                  // so many make a series: two are chance
	alike     = triage.Weight(500) // evidence of two beats differs by no more, or something else happened there
	atOnce    = time.Minute        // of one rule on several machines: one event, as triage groups alerts
	rarelyOn  = 20                 // one minute in so many at most has the rule, for that not to be chance
	dayLength = 24 * time.Hour

	largestCase = 2000 // verdicts in one case
	fewWindows  = 10   // so many windows make no super-node, however short the input
	everywhen   = 5    // one window in so many makes a super-node
)

// links tells the kinds of which a shared value ties two verdicts. Ports, process names and the like are shared by chance.
func links(kind string) bool {
	switch kind {
	case "host", "user", "ip", "hash", "domain", "url", "mail", "cloud", "file", "registry", "process_command":
		return true
	}
	return false
}

// apart is the time between the end of the one and the beginning of the other, 0 when they overlap.
func apart(a, b *Verdict) (between time.Duration, known bool) {
	if a.First.IsZero() || b.First.IsZero() {
		return 0, false
	}
	return max(0, b.First.Sub(a.Last), a.First.Sub(b.Last)), true
}

// closeness is what the time between two verdicts says, in nats: above 0 when they are nearer than a window, below when farther. What has
// nothing to do with each other is as often far as near; the steps of an intrusion come with gaps t as often as 1/(t+soon)^2, half of
// them within five minutes and the others with a long tail. Nothing is known of the unknown.
func closeness(between time.Duration, known bool) float64 {
	if !known {
		return 0
	}
	return 2 * math.Log(float64(window)/float64(between+soon))
}

// speaks is the evidence for an attack in a verdict, in nats from 0 to that which counts in full.
func speaks(v *Verdict) float64 {
	return float64(min(enough, max(0, v.Score-v.Base))) / 1000
}
