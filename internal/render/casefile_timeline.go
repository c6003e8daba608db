package render

import (
	"cmp"
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
func (f *CaseFile) timeline(width int) Section {
	var list []happened
	for i := range f.Read().sheets {
		v := &f.sheets[i]
		group := v.members["group"]
		at, _ := time.Parse(time.RFC3339Nano, group.Get("first_time").Str)
		what := v.members["alert"].Get("title").Str
		if n := group.Get("count").Int(); n > 1 {
			what += " (" + Plural(n, "alert", "alerts") + ")"
		}
		list = append(list, happened{at: at, phase: "alert", what: what, behind: Behind{Verdict: v.text("id")}})
	}
	for i := range f.Events {
		e := &f.Events[i]
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
