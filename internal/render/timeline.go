package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

// What a timeline and what follows it show of each.
const (
	shownRows    = 40
	shownAnswers = 6
	shownAsked   = 5
	rowLines     = 2
	typical      = 1200 // evidence from which on an event is shown where there is no room for all: typical of attacks
)

// appendFound appends what was found in logs: the timeline, what the clocks and holes of the sources mean for it, and what was asked.
func (s *Cases) appendFound(b []byte, k *investigate.Case) []byte {
	if len(k.Events) > 0 {
		b = s.appendTimeline(b, k)
	}
	p := s.Paper
	for _, c := range k.Skews {
		if d := c.Ahead.Abs(); d >= time.Second {
			word := "ahead of"
			if c.Ahead < 0 {
				word = "behind"
			}
			b = p.wrap(b, 2, fmt.Sprintf("clock: %s is %s %s %s, by %s", clean(c.Source), d.Round(time.Second), word, clean(c.Against), Plural(int64(c.Pairs), "pair of records", "pairs of records")))
		}
	}
	for _, h := range k.Holes[:min(len(k.Holes), shownAsked)] {
		b = p.wrap(b, 2, "hole: "+clean(h.Source)+", "+Span(h.From, h.To)+": "+clean(h.Reason))
	}
	if more := len(k.Holes) - shownAsked; more > 0 {
		b = p.line(b, 2, "and "+Plural(int64(more), "hole", "holes")+" more: --json lists all")
	}
	for i := range k.Answers[:min(len(k.Answers), shownAnswers)] {
		b = p.atMost(b, 2, rowLines, clean(k.Answers[i].Sentence))
	}
	for _, q := range k.Questions[:min(len(k.Questions), shownAsked)] {
		b = p.atMost(b, 2, rowLines, "open: "+clean(q))
	}
	shown := 0
	for _, g := range k.Gaps {
		if g.Check != "logs" {
			continue
		}
		if shown++; shown > shownAsked {
			b = p.line(b, 2, "more gaps of the logs: --json lists all")
			break
		}
		b = p.atMost(b, 2, rowLines, "gap: "+clean(g.Reason))
	}
	return b
}

// row is one line of a timeline: an event, or several in a row that say the same.
type row struct {
	at    time.Time
	phase string
	text  string
	times int
	grave bool
}

// appendTimeline appends the events in their order. Of many, those that stand for something are shown.
func (s *Cases) appendTimeline(b []byte, k *investigate.Case) []byte {
	rows := rowsOf(k)
	left := 0
	if len(rows) > shownRows {
		var kept []row
		for i := range rows {
			if rows[i].grave && len(kept) < shownRows {
				kept = append(kept, rows[i])
			} else {
				left += rows[i].times
			}
		}
		rows = kept
	}
	p := s.Paper
	b = p.wrap(b, 2, Plural(int64(len(k.Events)), "event", "events")+" in "+Plural(int64(sources(k)), "source", "sources")+", "+during(k))
	day := ""
	for i := range rows {
		r := &rows[i]
		clock := "no time "
		if !r.at.IsZero() {
			clock = r.at.UTC().Format(time.TimeOnly)
			if d := r.at.UTC().Format(time.DateOnly); d != day {
				day = d
				b = p.line(b, 2, d)
			}
		}
		text := r.text
		if r.times > 1 {
			text += fmt.Sprintf(" (%d times)", r.times)
		}
		b = p.row(b, clock, r.phase, text)
	}
	if left > 0 {
		b = p.wrap(b, 2, "and "+Plural(int64(left), "event", "events")+" more that stand for no technique: --json lists all")
	}
	return b
}

// during is from when to when those events are that have a time.
func during(k *investigate.Case) string {
	var first, last time.Time
	for i := range k.Events {
		switch at := k.Events[i].Record.Time; {
		case at.IsZero():
		case first.IsZero():
			first, last = at, at
		case at.Before(first):
			first = at
		case at.After(last):
			last = at
		}
	}
	if first.IsZero() {
		return Span(first, last)
	}
	return Span(first, last) + " UTC"
}

func sources(k *investigate.Case) int {
	m := map[string]bool{}
	for i := range k.Events {
		m[k.Events[i].Record.Input.Name] = true
	}
	return len(m)
}

func rowsOf(k *investigate.Case) (rows []row) {
	for i := range k.Events {
		e := &k.Events[i]
		text := clean(e.Summary)
		if n := len(rows); n > 0 && rows[n-1].text == text {
			rows[n-1].times++
			continue
		}
		rows = append(rows, row{e.Record.Time, e.Phase, text, 1, e.Phase != "" || e.Evidence >= typical})
	}
	return rows
}

// row appends a line of a timeline, what follows it on its own lines below its text.
func (p Paper) row(b []byte, clock, phase, text string) []byte {
	const indent, clockWidth, phaseWidth = 4, 10, 14
	left := clock + "  "
	if p.width >= 3*phaseWidth+clockWidth {
		left += fmt.Sprintf("%-*s", phaseWidth, term.Truncate(short(clean(phase)), phaseWidth-1))
	}
	room := max(p.width-indent-len(left), 8)
	for line := range rowLines {
		head, rest := breakAt(text, room)
		if line == rowLines-1 {
			head, rest = term.Truncate(text, room), ""
		}
		b = p.line(b, indent, left+head)
		left, text = strings.Repeat(" ", len(left)), rest
		if text == "" {
			break
		}
	}
	return b
}

// short is a tactic as a column has room for it.
func short(phase string) string {
	switch phase {
	case "defense-evasion":
		return "evasion"
	case "command-and-control":
		return "control"
	case "credential-access":
		return "credentials"
	case "lateral-movement":
		return "lateral"
	case "privilege-escalation":
		return "privilege"
	case "resource-development":
		return "resources"
	case "initial-access":
		return "access"
	case "reconnaissance":
		return "recon"
	}
	return phase
}
