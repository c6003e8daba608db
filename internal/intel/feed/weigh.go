package feed

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/triage"
)

// What an entry weighs: the weight of its verdict, times its confidence, times how close it is to the value (share), halved for each
// half-life that passed since it was last seen. The figures are ours: a confirmed, fresh entry is near proof, a stale one a hint.
const (
	maliciousWeight  = 3600
	suspiciousWeight = 1400
	benignWeight     = -600
	knownCVE         = 1500 // at most: that a hole is exploited somewhere does not say that it was here
	leastWeight      = 200  // of what is still valid and no benign entry
	perFeed          = 150  // for each further feed that knows the value
	maxFeeds         = 3
	mostWeight       = 4000
)

// hardConfidence is from where on one malicious, fresh entry is enough to escalate.
const hardConfidence = 90

// shares are, in percent, what an entry counts by its link to the value.
var shares = [...]int{Exact: 100, Parent: 100, Range: 80, Part: 80, SameHost: 40}

// halfLives say how fast entries age; those of hashes and CVEs do not. Addresses change hands within weeks, names are bought by the
// year, links die first.
var halfLives = [ioc.Types]time.Duration{
	ioc.IP: 30 * day, ioc.CIDR: 30 * day, ioc.URL: 30 * day, ioc.Domain: 90 * day, ioc.Mail: 90 * day,
}

const day = 24 * time.Hour

// weighed is a hit with what it counts at a certain time.
type weighed struct {
	*Hit
	weight  triage.Weight
	fresh   bool
	expired bool
}

// weigh says what a hit counts for an alert of that time.
func (h *Hit) weigh(at time.Time) weighed {
	e := &h.Entry
	w := weighed{Hit: h, fresh: true, expired: !e.Until.IsZero() && !at.Before(e.Until)}
	full := [...]float64{ioc.Unsaid: 0, ioc.Benign: benignWeight, ioc.Suspicious: suspiciousWeight, ioc.Malicious: maliciousWeight}[min(e.Verdict, ioc.Malicious)]
	full *= float64(e.Confidence) / 100 * float64(shares[h.Link]) / 100
	if half := halfLives[min(e.Type, ioc.Types-1)]; half > 0 {
		age := max(0, at.Sub(lastSeen(e, h.meta.Imported))).Truncate(day) // the alerts of a burst weigh the same
		full *= math.Exp2(-float64(age) / float64(half))
		w.fresh = age <= half
	}
	if e.Type == ioc.CVE {
		full = min(full, knownCVE)
	}
	w.weight = triage.Weight(math.Round(full))
	if e.Verdict > ioc.Benign {
		w.weight = max(w.weight, leastWeight)
	}
	return w
}

// lastSeen is when an entry was last true. One without times is as old as its import.
func lastSeen(e *ioc.Indicator, imported time.Time) time.Time {
	switch {
	case !e.Last.IsZero():
		return e.Last
	case !e.First.IsZero():
		return e.First
	}
	return imported
}

// hard tells a hit that is enough on its own: confirmed, fresh, about the value itself.
func (w *weighed) hard() bool {
	e := &w.Entry
	return e.Verdict == ioc.Malicious && e.Confidence >= hardConfidence && w.fresh && w.Link <= Parent && e.Type != ioc.CVE
}

// together is the strongest of several hits and a little for each further feed.
func together(hits []weighed) triage.Weight {
	feeds := 0
	for i := range hits {
		if !slices.ContainsFunc(hits[:i], func(w weighed) bool { return w.Feed == hits[i].Feed }) {
			feeds++
		}
	}
	return min(hits[0].weight+perFeed*triage.Weight(min(feeds-1, maxFeeds)), mostWeight)
}

// sentence says what the strongest hit says, and which feeds know the value.
func sentence(value string, hits []weighed, at time.Time) string {
	best := &hits[0]
	e := &best.Entry
	value = ioc.Cut(value, 100)
	var b strings.Builder
	switch best.Link {
	case Exact:
		b.WriteString(value + " is known")
	case Parent:
		b.WriteString(value + " lies under " + e.Value + ", known")
	case Range:
		b.WriteString(value + " lies in " + e.Value + ", known")
	case Part:
		b.WriteString(value + " is on " + e.Value + ", known")
	case SameHost:
		b.WriteString(value + " shares its host with " + ioc.Cut(e.Value, 100) + ", known")
	}
	b.WriteString(" as " + e.Verdict.String() + " to " + names(hits) + ": ")
	if len(e.Tags) > 0 {
		b.WriteString(e.Tags[0] + ", ")
	}
	b.WriteString("confidence " + strconv.Itoa(int(e.Confidence)))
	if ago := since(e, at); ago != "" {
		b.WriteString(", " + ago)
	}
	return b.String()
}

// names lists the feeds, each once, three at most.
func names(hits []weighed) string {
	var list []string
	for i := range hits {
		if !slices.Contains(list, hits[i].Feed) {
			list = append(list, hits[i].Feed)
		}
	}
	if len(list) > 3 {
		return strings.Join(list[:3], ", ") + fmt.Sprintf(" and %d more", len(list)-3)
	}
	return strings.Join(list, ", ")
}

// since says how long before the alert an entry was seen, or that it came after it.
func since(e *ioc.Indicator, at time.Time) string {
	if e.First.After(at) {
		return "first seen " + days(e.First.Sub(at)) + " after"
	}
	word, t := "last seen ", e.Last
	if t.IsZero() || e.Last.Equal(e.First) {
		word, t = "seen ", e.First
	}
	switch {
	case t.IsZero():
		return ""
	case t.After(at):
		return "still seen after"
	}
	return word + days(at.Sub(t)) + " before"
}

func days(d time.Duration) string {
	switch n := int(d / day); n {
	case 0:
		return "less than a day"
	case 1:
		return "1 day"
	default:
		return strconv.Itoa(n) + " days"
	}
}
