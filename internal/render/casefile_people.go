package render

import (
	"fmt"
	"time"
)

func (f *CaseFile) similar(width int) Section {
	s := Section{Title: "SIMILAR, DECIDED", Count: len(f.Similar)}
	for i := range f.Similar {
		c := &f.Similar[i]
		how := "same rule"
		if c.Same {
			how = "same rule and parties"
		}
		l := Line{Pieces: []Piece{{Strong, "  " + spaced(c.Disposition)}, {Plain, ", " + keep(c.Certainty) + " by " + keep(c.By) + ": " + keep(c.Reason)}}}
		l.Behind.Case = c.Case
		s.Lines = append(s.Lines, l)
		under := folded(Faint, 6, width, 2, how+", "+c.At.UTC().Format(time.DateOnly)+", "+keep(shorter(c.Host))+", "+keep(c.Title))
		for j := range under {
			under[j].Behind.Case = c.Case
		}
		s.Lines = append(s.Lines, under...)
	}
	return s
}

func (f *CaseFile) decisions(width int) Section {
	s := Section{Title: "DECISIONS", Count: len(f.Decisions)}
	for i := range f.Decisions {
		d := &f.Decisions[i]
		taken, tone := "", Plain
		if d.Undone {
			taken, tone = " (taken back)", Faint
		}
		s.Lines = append(s.Lines, folded(tone, 2, width, 4, moment(d.At)+"  "+spaced(d.Disposition)+", "+keep(d.Certainty)+" by "+keep(d.By)+": "+keep(d.Reason)+taken)...)
	}
	if f.Picked {
		s.Lines = append(s.Lines, folded(Plain, 2, width, 3, "an audit: a certificate would have closed this case; it was picked to be looked at, and your decision is what the certificate is measured by")...)
	}
	return s
}

func (f *CaseFile) notes(width int) Section {
	s := Section{Title: "NOTES", Count: len(f.Notes)}
	for i := range f.Notes {
		n := &f.Notes[i]
		s.Lines = append(s.Lines, folded(Plain, 2, width, 8, moment(n.At)+"  "+keep(n.By)+": "+keep(n.Text))...)
	}
	return s
}

func (f *CaseFile) members(width int) Section {
	s := Section{Title: "ALERTS", Count: len(f.Members) + int(f.More)}
	for i := range f.Members {
		m := &f.Members[i]
		text := fmt.Sprintf("  %s  %s", keep(m.ID), placed(&m.Input))
		if m.Copies > 1 {
			text += ", " + Plural(m.Copies, "copy", "copies")
		}
		if !m.Kept {
			text += ", its bytes are not kept"
		}
		l := plain(text)
		l.Behind.Verdict = m.Verdict
		s.Lines = append(s.Lines, l)
	}
	if f.More > 0 {
		s.Lines = append(s.Lines, folded(Faint, 2, width, 2, "and "+Count(f.More)+" more: soc cases show "+f.Row.ID+" --json lists all")...)
	}
	return s
}

func (f *CaseFile) planned() Section {
	s := Section{Title: "PLANS", Count: len(f.Plans)}
	for _, id := range f.Plans {
		s.Lines = append(s.Lines, plain("  "+id))
	}
	return s
}
