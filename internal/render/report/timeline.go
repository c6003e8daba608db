package report

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/investigate"
)

// The drawing of the timeline, in its own units; the page scales it.
const (
	drawWidth  = 1000
	laneLabel  = 190 // room for the names of lanes
	laneHeight = 34
	mostLanes  = 10
	mostMarks  = 600
)

// lane is what one source told, or the course of one phase.
type lane struct {
	name  string
	marks []*investigate.Record
	from  time.Time // of a phase
	to    time.Time
	holes []investigate.Hole
	phase bool
}

// lanes are the phases in the order of an intrusion, then the sources in order of appearance. Records without a time have no place.
func (c *content) lanes() (list []lane, left int) {
	phases, sources := map[string]int{}, map[string]int{}
	var ps, ss []lane
	for i := range c.records {
		r := &c.records[i]
		if r.First.IsZero() {
			left++
			continue
		}
		if r.Phase != "" && r.Strong {
			at, met := phases[r.Phase]
			if !met {
				at = len(ps)
				phases[r.Phase] = at
				ps = append(ps, lane{name: spaced(r.Phase), from: r.First, to: r.Last, phase: true})
			}
			if r.Last.After(ps[at].to) {
				ps[at].to = r.Last
			}
		}
		name := r.From
		if strings.HasPrefix(r.Cite, "event ") && r.Place.Name != "" {
			name = path.Base(strings.ReplaceAll(r.Place.Name, `\`, "/"))
		}
		at, met := sources[name]
		switch {
		case met:
		case len(ss) == mostLanes:
			left++
			continue
		default:
			at = len(ss)
			sources[name] = at
			ss = append(ss, lane{name: name})
		}
		if len(ss[at].marks) == mostMarks {
			left++
			continue
		}
		ss[at].marks = append(ss[at].marks, r)
	}
	for _, h := range c.k.Holes {
		name := path.Base(strings.ReplaceAll(h.Source, `\`, "/"))
		at, met := sources[name]
		if !met {
			if len(ss) == mostLanes {
				continue
			}
			at = len(ss)
			sources[name] = at
			ss = append(ss, lane{name: name})
		}
		ss[at].holes = append(ss[at].holes, h)
	}
	slices.SortStableFunc(ps, func(a, b lane) int { return investigate.PhaseOrder(a.name) - investigate.PhaseOrder(b.name) })
	return append(ps, ss...), left
}

// drawTimeline draws when what happened: a lane for each phase and each source, a mark for each record.
func (c *content) drawTimeline(m *markup) {
	lanes, left := c.lanes()
	var moments []time.Time
	for i := range c.records {
		if r := &c.records[i]; !r.First.IsZero() {
			moments = append(moments, r.First, r.Last)
		}
	}
	if len(moments) == 0 {
		return
	}
	for _, h := range c.k.Holes {
		moments = append(moments, h.From, h.To)
	}
	scale := newAxis(moments, laneLabel, drawWidth-20)
	height := len(lanes)*laneHeight + 46
	m.open("figure").line()
	m.open("svg", "viewBox", fmt.Sprintf("0 0 %d %d", drawWidth, height), "role", "img", "aria-label", "when what was recorded, by tactic and by source")
	m.line()
	scale.draw(m, height)
	for i := range lanes {
		c.drawLane(m, &lanes[i], 16+i*laneHeight, scale.at)
	}
	m.shut("svg").line()
	caption := "Filled marks speak for an attack; circles are alerts, diamonds events from logs. Times in UTC."
	if len(c.k.Holes) > 0 {
		caption += " Shaded: the source says nothing."
	}
	if left > 0 {
		caption += " " + plural(left, "record has", "records have") + " no place here: see the table."
	}
	m.element("figcaption", caption).shut("figure").line()
}

func (c *content) drawLane(m *markup, l *lane, top int, at func(time.Time) float64) {
	mid := top + laneHeight/2
	m.cut("text", l.name, 27, "x", "12", "y", fmt.Sprint(mid+4)).line()
	if l.phase {
		x, w := at(l.from), max(at(l.to)-at(l.from), 8)
		m.open("rect", "class", "phase", "x", unit(x-4), "y", fmt.Sprint(top+9), "width", unit(w+8), "height", fmt.Sprint(laneHeight-18), "rx", "4").shut("rect").line()
		return
	}
	m.open("line", "class", "lane", "x1", fmt.Sprint(laneLabel), "y1", fmt.Sprint(mid), "x2", fmt.Sprint(drawWidth-20), "y2", fmt.Sprint(mid)).shut("line").line()
	for _, h := range l.holes {
		m.open("rect", "class", "hole", "x", unit(at(h.From)), "y", fmt.Sprint(top+8), "width", unit(max(at(h.To)-at(h.From), 2)), "height", fmt.Sprint(laneHeight-16))
		m.element("title", h.Reason).shut("rect").line()
	}
	free := 0.0 // where the next label has room
	for _, r := range l.marks {
		x := at(r.First)
		class := "mark"
		if r.Strong {
			class += " hot"
		}
		label := c.label(r.Cite)
		if strings.HasPrefix(label, "E") {
			m.open("path", "class", class, "d", fmt.Sprintf("M%s %d l6 6 l-6 6 l-6 -6 z", unit(x), mid-6))
			m.element("title", label+": "+r.What).shut("path")
		} else {
			m.open("circle", "class", class, "cx", unit(x), "cy", fmt.Sprint(mid), "r", "5.5")
			m.element("title", label+": "+r.What).shut("circle")
		}
		if x >= free {
			m.element("text", label, "class", "small", "x", unit(x), "y", fmt.Sprint(mid-9), "text-anchor", "middle")
			free = x + float64(9*len(label)+4)
		}
		m.line()
	}
}

func unit(x float64) string { return fmt.Sprintf("%.1f", x) }

// ellipsis cuts the middle out of a text of more than n characters.
func ellipsis(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n/2]) + "…" + string(r[len(r)-(n-n/2-1):])
}
