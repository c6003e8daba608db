package limit

import (
	"math"
	"time"
)

const (
	tolerance = 1.5 // an answer may take that many times its unloaded time before the limit shrinks in proportion
	smoothing = 0.2 // share of a new limit in the next
	backing   = 0.7 // what a refusal or a time-out leaves of the limit
	sample    = 8   // answers at least between two looks at them

	climb, climbFew = 1.3, 1.6   // times the unloaded time at which a climb ends: by a whole window, by fewer answers
	calm, busy      = 0.05, 0.12 // shares of the limit that may wait in the server: below the one it grows, above the other it shrinks

	// The unloaded time is measured anew, and a level that the server refused is tried again, after so many answers' time,
	// and not before so much of the clock's.
	renewal, renewalLeast = 40, 10 * time.Second
	pauseLeast, pauseMost = 250 * time.Millisecond, 8 * time.Second
)

// Gradient finds how many requests a server answers at once without making them wait. It is a state machine: it neither waits
// nor reads a clock, and is not safe for concurrent use.
//
// A server says that it has enough in one of two ways: answers take longer, or it refuses. Of answers, it compares the typical
// time per output token with that of a server that is not loaded, which is measured anew now and then with fewer requests. Of a
// refusal, it remembers how many were running, and stays below for a while.
//
// Source: the gradient of Netflix' concurrency-limits (limit * tolerance * unloaded / loaded, smoothed), with the steps up and
// down by the number that waits, as TCP Vegas has them.
type Gradient struct {
	most    float64
	limit   float64
	running int

	unit   float64   // seconds per output token, not loaded; 0 before the first window
	first  float64   // seconds per output token of the very first answer
	span   float64   // seconds of an answer, smoothed
	window []float64 // seconds per output token of the last answers

	full     bool          // too many waited in the last window
	climbing bool          // until the server shows that it has enough
	ceiling  float64       // the number that the server took when it last refused
	level    float64       // the number that was running then
	hold     time.Duration // how long the ceiling counts
	retry    time.Time     // when it is forgotten
	cut      time.Time     // of the last x 0.7: what was sent before says nothing new
	renew    time.Time     // when the unloaded time is measured anew
	draining bool          // it is being measured
	drained  time.Time     // since when few enough are running for that
	loaded   float64       // seconds per output token when few answers ended the climb, else 0

	misses int       // refusals and time-outs since the last answer, those of one cut counted once
	until  time.Time // nothing is sent before
}

// NewGradient starts with one request, so that the server is seen before it is loaded, and never goes beyond most; 0 is 1,024.
func NewGradient(most int) *Gradient {
	if most <= 0 {
		most = 1024
	}
	return &Gradient{most: float64(most), limit: 1, climbing: true, ceiling: math.Inf(1)}
}

// Ticket is one request on its way.
type Ticket struct{ at time.Time }

// Limit is how many requests may run at once, at least 1.
func (g *Gradient) Limit() int {
	l := g.limit
	if g.draining {
		l = min(0.75*l, l-2) // below what was right, by more than may wait
	}
	return max(1, int(l))
}

// Pause is how long nothing may be sent, 0 when it may.
func (g *Gradient) Pause(now time.Time) time.Duration { return max(0, g.until.Sub(now)) }

// Ready says whether one more may be sent now.
func (g *Gradient) Ready(now time.Time) bool { return g.running < g.Limit() && g.Pause(now) == 0 }

// Start counts a request that is sent.
func (g *Gradient) Start(now time.Time) Ticket {
	g.running++
	return Ticket{now}
}

// Answered ends a request with an answer of so many output tokens; 0 when the server does not count them.
func (g *Gradient) Answered(now time.Time, t Ticket, tokens int) {
	used := 2*g.running > g.Limit()
	g.running--
	if !t.at.Before(g.cut) {
		g.misses = 0
	}
	took := max(now.Sub(t.at).Seconds(), 1e-6)
	if g.span == 0 {
		g.span = took
	}
	g.span += (took - g.span) * smoothing
	unit := took / float64(max(tokens, 1))
	if g.draining {
		g.measure(now, t, unit)
		return
	}
	if now.After(g.retry) {
		g.ceiling = math.Inf(1)
	}
	if used && (g.climbing || !g.full && g.limit < 0.97*g.ceiling && !math.IsInf(g.ceiling, 1)) {
		g.set(g.limit + pace(g.limit))
	}
	g.window = append(g.window, unit)
	switch few := g.climbing && g.limit < sample; {
	case few && len(g.window) >= int(g.limit/2):
		g.glance(typical(g.window))
	case few || float64(len(g.window)) < max(sample, g.limit/2):
		return
	default:
		g.judge(now, typical(g.window), used)
	}
	g.window = g.window[:0]
}

// Refused ends a request that the server would not take (429, 503), and that asked to be left alone for after.
func (g *Gradient) Refused(now time.Time, t Ticket, after time.Duration) {
	running := float64(g.running)
	if g.back(now, t) && g.misses == 1 {
		if g.hold *= 2; now.After(g.retry.Add(g.hold)) {
			g.hold = 2 * g.after()
		}
		g.level, g.ceiling, g.retry = running, running, now.Add(min(g.hold, 10*time.Minute))
	}
	g.ceiling-- // of those that ran together one more was not taken
	if g.misses > 1 || g.ceiling < g.level/2 {
		g.ceiling = math.Inf(1) // it is not about their number
	}
	g.set(g.limit)
	g.until = later(g.until, now.Add(max(0, after)))
}

// TimedOut ends a request whose answer did not come in time. One that had less time than an answer takes says nothing.
func (g *Gradient) TimedOut(now time.Time, t Ticket) {
	if now.Sub(t.at).Seconds() < g.span {
		g.Ended()
		return
	}
	g.back(now, t)
}

// Ended ends a request that says nothing about the server's load: given up, not understood, connection lost.
func (g *Gradient) Ended() { g.running-- }

// back is the x 0.7, once for all that was running together. From the second without an answer between them on, it pauses.
func (g *Gradient) back(now time.Time, t Ticket) bool {
	g.running--
	if t.at.Before(g.cut) {
		return false
	}
	g.cut, g.window = now, g.window[:0]
	g.set(g.limit * backing)
	if g.climbing {
		g.drain()
	}
	if g.misses++; g.misses > 1 {
		g.climbing, g.draining = true, false // from where it is, once it answers again
		g.until = later(g.until, now.Add(min(pauseMost, pauseLeast<<min(g.misses-2, 8))))
	}
	return true
}

func (g *Gradient) set(limit float64) { g.limit = max(1, min(limit, g.most, g.ceiling)) }

func (g *Gradient) after() time.Duration {
	return max(renewalLeast, time.Duration(renewal*g.span*float64(time.Second)))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
