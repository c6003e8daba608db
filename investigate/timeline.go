package investigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// minPairs is how many records two sources must tell of the same thing for the difference of their clocks to be shown.
const minPairs = 2

// skews measures how far the clocks of the sources are apart, on connections and starts of processes of which two sources have one
// record each.
func (f *follower) skews() []Skew {
	type sight struct {
		at    time.Time
		count int
	}
	met := map[string]map[string]*sight{} // by what it is and source
	note := func(what string, t *trace) {
		if met[what] == nil {
			met[what] = map[string]*sight{}
		}
		s := met[what][t.a.Input.Name]
		if s == nil {
			s = &sight{at: t.at}
			met[what][t.a.Input.Name] = s
		}
		s.count++
	}
	for _, t := range f.traces {
		switch {
		case t.seed || t.at.IsZero():
		case t.kind == network && t.source.port != "" && t.remote.port != "":
			if p := tuple(t.source, t.remote); p != "" {
				note("flow "+p, t)
			}
		case t.kind == start && t.host != "" && t.actor.id != "":
			note("start "+t.host+" "+t.actor.id+" "+t.common, t)
		}
	}
	apart := map[[2]string][]time.Duration{}
	for _, sights := range met {
		for a, x := range sights {
			for b, y := range sights {
				if a < b && x.count == 1 && y.count == 1 {
					apart[[2]string{a, b}] = append(apart[[2]string{a, b}], x.at.Sub(y.at))
				}
			}
		}
	}
	var list []Skew
	for pair, d := range apart {
		if len(d) < minPairs {
			continue
		}
		slices.Sort(d)
		list = append(list, Skew{Source: pair[0], Against: pair[1], Ahead: d[len(d)/2], Pairs: len(d)})
	}
	slices.SortFunc(list, func(a, b Skew) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Against, b.Against))
	})
	return list
}

// ahead is how far the clock of one source is measured to be ahead of another's.
func (f *follower) ahead(source, of string) time.Duration {
	for _, s := range f.clocks {
		switch {
		case s.Source == source && s.Against == of:
			return s.Ahead
		case s.Source == of && s.Against == source:
			return -s.Ahead
		}
	}
	return 0
}

// skewsOf are those of the sources that a case has events of.
func skewsOf(list []Skew, events []Event) (out []Skew) {
	has := map[string]bool{}
	for i := range events {
		has[events[i].Record.Input.Name] = true
	}
	for _, s := range list {
		if has[s.Source] && has[s.Against] {
			out = append(out, s)
		}
	}
	return out
}

// What makes a stretch without records a hole: longer than these, and more than usual for the source.
const (
	leastHole  = 10 * time.Minute
	overMedian = 8
	overUsual  = 2 // times the gap that 19 of 20 do not exceed
	maxHoles   = 20
	margin     = time.Hour // around the case within which a hole is of note
)

// holesOf are the stretches around the case of which a source has nothing.
func holesOf(covered []Covered, k *Case) (holes []Hole) {
	from, to := k.First, k.Last
	for i := range k.Events {
		at := k.Events[i].Record.Time
		if at.IsZero() {
			continue
		}
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if at.After(to) {
			to = at
		}
	}
	if from.IsZero() {
		return nil
	}
	for _, c := range covered {
		holes = append(holes, c.holes(from, to)...)
	}
	if len(holes) > maxHoles {
		slices.SortStableFunc(holes, func(a, b Hole) int { return cmp.Compare(b.To.Sub(b.From), a.To.Sub(a.From)) })
		holes = holes[:maxHoles]
	}
	slices.SortStableFunc(holes, func(a, b Hole) int { return cmp.Or(a.From.Compare(b.From), strings.Compare(a.Source, b.Source)) })
	return holes
}

// holes are the stretches between from and to that an input has no records of.
func (c *Covered) holes(from, to time.Time) (list []Hole) {
	if len(c.Times) < 2 {
		return nil
	}
	if from.Equal(to) { // a case of one moment: what is told is the time around it
		from, to = from.Add(-leastHole), to.Add(leastHole)
	}
	add := func(a, b time.Time, why string) {
		list = append(list, Hole{Source: c.Input, From: a, To: b, Reason: "no data collected: " + why})
	}
	first, last := c.Times[0], c.Times[len(c.Times)-1]
	if first.Sub(from) > leastHole {
		add(from, minTime(first, to), "its records begin only then")
	}
	limit := usual(c.Times)
	for i := 1; i < len(c.Times); i++ {
		a, b := c.Times[i-1], c.Times[i]
		if d := b.Sub(a); d > limit && a.Before(to.Add(margin)) && b.After(from.Add(-margin)) {
			add(a, b, fmt.Sprintf("a gap of %s in a source that otherwise has none longer than %s", d.Round(time.Second), limit.Round(time.Second)))
		}
	}
	if to.Sub(last) > leastHole {
		add(maxTime(last, from), to, "its records end there")
	}
	return list
}

// usual is how long a gap between two records may be.
func usual(times []time.Time) time.Duration {
	gaps := make([]time.Duration, 0, len(times))
	for i := 1; i < len(times); i++ {
		gaps = append(gaps, times[i].Sub(times[i-1]))
	}
	slices.Sort(gaps)
	return max(leastHole, overMedian*gaps[len(gaps)/2], overUsual*gaps[len(gaps)*19/20])
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
