package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/investigate"
)

// moments of a case that its timeline shows at most.
const shownMoments = 500

// happened is one line of a timeline.
type happened struct {
	at          time.Time
	phase, what string
	why         string
	behind      Behind
}

// timeline is what happened in order of time: the case's alerts and the events that were found around them, with the stretches that a
// source says nothing about.
func (f *CaseFile) timeline(width int, zoom Zoom) Section {
	var list []happened
	own := map[string]*investigate.Event{} // the records that the alerts were, in the logs
	for i := range f.Events {
		if e := &f.Events[i]; e.Alert != "" {
			own[e.Alert] = e
		}
	}
	for i := range f.Read().sheets {
		v := &f.sheets[i]
		group := v.members["group"]
		at, _ := time.Parse(time.RFC3339Nano, group.Get("first_time").Str)
		what := v.members["alert"].Get("title").Str
		if n := group.Get("count").Int(); n > 1 {
			what += " (" + Plural(n, "alert", "alerts") + ")"
		}
		phase := "alert"
		if e := own[v.members["alert"].Get("id").Str]; e != nil && e.Phase != "" {
			phase = e.Phase // the record says more than the alert's document
		}
		list = append(list, happened{at: at, phase: phase, what: what, behind: Behind{Verdict: v.text("id")}})
	}
	for i := range f.Events {
		e := &f.Events[i]
		if e.Alert != "" {
			continue // the alert stands there
		}
		h := happened{phase: e.Phase, what: e.Summary, why: e.Why}
		if e.Record != nil {
			h.at = e.Record.Time
		}
		if h.phase == "" {
			h.phase = "event"
		}
		list = append(list, h)
	}
	for _, h := range f.Holes {
		list = append(list, happened{at: h.From, phase: "HOLE", what: h.Source + " says nothing until " + moment(h.To) + ": " + h.Reason})
	}
	slices.SortStableFunc(list, func(a, b happened) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	s := Section{Title: "TIMELINE", Count: len(list)}
	if zoom != ZoomEvents {
		s.Title, list = zoomed(list, zoom)
	}
	for i, h := range list {
		if i == shownMoments {
			s.Lines = append(s.Lines, toned(Faint, "  and "+Count(int64(len(list)-i))+" more"))
			break
		}
		s.Lines = append(s.Lines, h.lines(width)...)
	}
	return s
}

func (h *happened) lines(width int) []Line {
	form, phase := dateTime, 17
	if width < 80 {
		form, phase = "01-02 15:04:05", 10
	}
	column := 2 + len(form) + 2 + phase + 1
	stamp := "no time"
	if !h.at.IsZero() {
		stamp = h.at.UTC().Format(form)
	}
	tone := Plain
	if h.phase == "HOLE" {
		tone = Warn
	}
	text := keep(h.what)
	if h.why != "" {
		text += " (" + keep(h.why) + ")"
	}
	head, rest := breakAt(text, max(width-column, 8))
	list := []Line{{Pieces: []Piece{{Faint, "  " + fit(stamp, len(form)+2)}, {tone, fit(keep(h.phase), phase) + " "}, {tone, head}}, Behind: h.behind}}
	return append(list, folded(tone, column, width, 3, rest)...)
}

// findings are sentences that stand on evidence, each with what it cites. What was not looked at stands among the gaps.
func (f *CaseFile) findings(width int) Section {
	s := Section{Title: "FINDINGS"}
	verdicts := f.standFor()
	for i := range f.Findings {
		n := &f.Findings[i]
		if n.Part == investigate.Unseen {
			continue
		}
		s.Count++
		behind := Behind{}
		for _, c := range n.Cites {
			if id, ok := strings.CutPrefix(c, "alert "); ok && behind.Verdict == "" {
				behind.Verdict = verdicts[id]
			}
		}
		list := folded(Plain, 2, width, 6, keep(n.Sentence)+" ["+keep(strings.Join(n.Cites, ", "))+"]")
		for j := range list {
			list[j].Behind = behind
		}
		s.Lines = append(s.Lines, list...)
	}
	return s
}

// zoomed puts what happened in the same minute, hour or phase into one line, in order of time. A hole stays a line of its own: what a source
// does not say is no less missing from further away.
func zoomed(list []happened, zoom Zoom) (title string, out []happened) {
	title = map[Zoom]string{ZoomMinutes: "TIMELINE by minutes", ZoomHours: "TIMELINE by hours", ZoomPhases: "TIMELINE by phases"}[zoom]
	type lot struct {
		first  happened
		last   time.Time
		n      int
		phases []string
	}
	lots, order := map[string]*lot{}, []*lot{}
	for _, h := range list {
		key := h.at.UTC().Format("2006-01-02 15:04")
		switch {
		case h.phase == "HOLE":
			out = append(out, h)
			continue
		case zoom == ZoomPhases:
			key = h.phase
		case h.at.IsZero():
			key = ""
		case zoom == ZoomHours:
			key = h.at.UTC().Format("2006-01-02 15")
		}
		l := lots[key]
		if l == nil {
			l = &lot{first: h}
			lots[key] = l
			order = append(order, l)
		}
		l.n++
		if h.at.After(l.last) {
			l.last = h.at
		}
		if !slices.Contains(l.phases, h.phase) {
			l.phases = append(l.phases, h.phase)
		}
	}
	for _, l := range order {
		h := l.first
		if l.n > 1 {
			h.what = Count(int64(l.n)) + " until " + l.last.UTC().Format("01-02 15:04:05") + ", first: " + h.what
			if zoom != ZoomPhases && len(l.phases) > 1 {
				h.phase = fmt.Sprintf("%d phases", len(l.phases))
				h.what += " [" + strings.Join(l.phases[:min(len(l.phases), shownNames)], ", ") + beyond(len(l.phases), shownNames) + "]"
			}
		}
		out = append(out, h)
	}
	place := func(h *happened) int { // phases in the order of an intrusion, holes behind them
		switch {
		case zoom != ZoomPhases:
			return 0
		case h.phase == "HOLE":
			return math.MaxInt
		}
		return investigate.PhaseOrder(h.phase)
	}
	slices.SortStableFunc(out, func(a, b happened) int {
		return cmp.Or(cmp.Compare(place(&a), place(&b)), cmp.Compare(a.at.UnixNano(), b.at.UnixNano()))
	})
	return title, out
}
