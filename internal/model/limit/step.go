package limit

import (
	"math"
	"slices"
	"time"
)

// pace is what one answer adds in a climb: the limit doubles with each round of answers while it is small, and grows by a half then,
// so that what is beyond the server's number when it is reached is little.
func pace(limit float64) float64 {
	if limit < 16 {
		return 1
	}
	return 0.5
}

// glance ends a climb that is as good as over with the second or third request. It goes by few answers, so that only much counts,
// and what it takes for the unloaded time counts for nothing else.
func (g *Gradient) glance(unit float64) {
	if g.first == 0 {
		g.first = unit
	}
	unloaded := g.first
	if g.unit > 0 {
		unloaded = g.unit
	}
	if ratio := unit / unloaded; ratio > climbFew {
		g.set(g.limit / ratio)
		g.drain()
		g.loaded = unit
	}
}

// judge moves the limit by the typical answer of a window.
func (g *Gradient) judge(now time.Time, unit float64, used bool) {
	if g.unit == 0 || g.climbing && unit < g.unit {
		g.unit = unit
	}
	g.unit += smoothing / 2 * min(0, unit-g.unit) // at once would follow the luckiest
	ratio := max(1, unit/g.unit)
	waiting := g.limit * (1 - 1/ratio)
	g.full = waiting > busy*g.limit+1
	step := 0.0
	switch {
	case g.climbing && ratio > climb:
		g.set(g.limit / ratio)
		g.drain()
		return
	case g.climbing:
	case g.full:
		step = -math.Sqrt(g.limit)
	case waiting < calm*g.limit+1 && used:
		step = math.Sqrt(g.limit)
	}
	target := g.limit*max(0.5, min(1, tolerance/ratio)) + step
	g.set(g.limit + smoothing*(target-g.limit))
	if now.After(g.renew) && !g.climbing && used {
		g.drain()
	}
}

// drain sends less until the unloaded time is known. The climb's own idea of it is that of a few lucky answers.
func (g *Gradient) drain() {
	g.climbing, g.draining, g.drained, g.loaded, g.window = false, true, time.Time{}, 0, g.window[:0]
}

// measure takes the unloaded time from answers to what was sent while few were running. Without it a server that became slower
// would seem to be loaded for ever, and a queue that always stands would be taken for its nature.
func (g *Gradient) measure(now time.Time, t Ticket, unit float64) {
	if g.drained.IsZero() && g.running < g.Limit() {
		g.drained = now
	}
	if g.drained.IsZero() || t.at.Before(g.drained) {
		return
	}
	if g.window = append(g.window, unit); float64(len(g.window)) < min(8*sample, max(sample/2, g.limit/2)) {
		return
	}
	g.unit = typical(g.window)
	g.climbing = g.loaded > 0 && g.loaded < climb*g.unit // it ended by chance
	g.draining, g.renew, g.window = false, now.Add(g.after()), g.window[:0]
}

// typical is the mean of the middle half: steadier than a median, and as indifferent to what is far off.
func typical(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	s = s[len(s)/4 : len(s)-len(s)/4]
	sum := 0.0
	for _, v := range s {
		sum += v
	}
	return sum / float64(len(s))
}
