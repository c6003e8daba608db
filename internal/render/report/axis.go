package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/investigate"
)

// axis maps times to places on the drawing. A stretch in which nothing was recorded and that would take more than a fifth of the
// whole is drawn short, and says how long it is.
type axis struct {
	parts []part
}

// part is a stretch of time and where it is drawn.
type part struct {
	from, to time.Time
	x0, x1   float64
	short    bool
}

const shortWidth = 64 // of a stretch that is drawn short

// newAxis makes the axis over moments, between two places of the drawing. There is at least one moment.
func newAxis(moments []time.Time, left, right float64) axis {
	slices.SortFunc(moments, time.Time.Compare)
	first, last := moments[0], moments[len(moments)-1]
	most := max(last.Sub(first)/5, time.Minute)
	var long time.Duration // drawn to scale
	shorts := 0
	for i := 1; i < len(moments); i++ {
		if d := moments[i].Sub(moments[i-1]); d > most {
			shorts++
		} else {
			long += d
		}
	}
	pad := max(long/20, 5*time.Second)
	width := (right - left - float64(shorts*shortWidth)) / float64(long+2*pad)
	var a axis
	x := left
	draw := func(from, to time.Time, short bool) {
		w := float64(to.Sub(from)) * width
		if short {
			w = shortWidth
		}
		a.parts = append(a.parts, part{from, to, x, x + w, short})
		x += w
	}
	start := first.Add(-pad)
	for i := 1; i < len(moments); i++ {
		if moments[i].Sub(moments[i-1]) > most {
			draw(start, moments[i-1], false)
			draw(moments[i-1], moments[i], true)
			start = moments[i]
		}
	}
	draw(start, last.Add(pad), false)
	return a
}

// at is the place of a time; what lies outside stands at the end.
func (a *axis) at(t time.Time) float64 {
	for i := range a.parts {
		p := &a.parts[i]
		if t.After(p.to) && i < len(a.parts)-1 {
			continue
		}
		if p.to.Equal(p.from) {
			return p.x0
		}
		share := float64(t.Sub(p.from)) / float64(p.to.Sub(p.from))
		return p.x0 + min(max(share, 0), 1)*(p.x1-p.x0)
	}
	return 0
}

// steps are the distances of marks on the axis.
var steps = [...]time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// draw draws the axis: round times as far as their labels have room, and what is drawn short.
func (a *axis) draw(m *markup, height int) {
	var long time.Duration
	for _, p := range a.parts {
		if !p.short {
			long += p.to.Sub(p.from)
		}
	}
	step := 1000 * 24 * time.Hour
	for _, s := range steps {
		if long/s <= 8 {
			step = s
			break
		}
	}
	form := time.TimeOnly
	switch {
	case step >= 24*time.Hour:
		form = time.DateOnly
	case long > 24*time.Hour:
		form = "01-02 15:04"
	case step >= time.Minute:
		form = "15:04"
	}
	free, bottom := 0.0, fmt.Sprint(height-10)
	for i := range a.parts {
		p := &a.parts[i]
		if p.short {
			m.open("rect", "class", "gap", "x", unit(p.x0), "y", "10", "width", unit(p.x1-p.x0), "height", fmt.Sprint(height-36)).shut("rect")
			m.element("text", investigate.Interval(p.to.Sub(p.from)), "class", "small", "x", unit((p.x0+p.x1)/2), "y", bottom, "text-anchor", "middle").line()
			free = p.x1 + 8
			continue
		}
		for t := p.from.UTC().Truncate(step).Add(step); t.Before(p.to); t = t.Add(step) {
			x := a.at(t)
			m.open("line", "class", "axis", "x1", unit(x), "y1", "10", "x2", unit(x), "y2", fmt.Sprint(height-26)).shut("line")
			if room := float64(4 * len(form)); x-room >= free {
				m.element("text", t.Format(form), "class", "small", "x", unit(x), "y", bottom, "text-anchor", "middle").line()
				free = x + room
			}
		}
	}
	m.element("text", a.parts[0].from.UTC().Format(time.DateOnly), "class", "small", "x", "12", "y", bottom).line()
}
