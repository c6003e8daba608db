package render

import (
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
)

// Tone says what a piece of a line is. A theme gives each its look; none says what the words beside it do not say too.
type Tone uint8

// The tones.
const (
	Plain Tone = iota
	Strong
	Faint
	Heading
	CriticalTone
	HighTone
	MediumTone
	LowTone
	Raise // speaks for an attack
	Lower // speaks against one
	Warn  // a gap, a refusal
	Lit   // what was looked for
	Tones // how many there are
)

// Piece is clean text of one tone.
type Piece struct {
	Tone Tone
	Text string
}

// Line is one line of a screen, and what stands behind it.
type Line struct {
	Pieces []Piece
	Behind Behind
}

// Behind is what a line leads to. The zero value leads nowhere.
type Behind struct {
	Verdict string // its raw alert,
	Path    string // with this path lit
	Find    string // a filter that shows the cases with the same thing
	Case    string // another case
	Copy    string // what a person may want to take along, defanged
	Unfold  string // a section that has more
	Window  bool   // other verdicts of the case,
	From    int64  // behind so many
	Kind    string // an entity or indicator that can be asked about:
	Value   string // its value as it was received
}

// Text is the line without its tones.
func (l *Line) Text() string {
	var b strings.Builder
	for i := range l.Pieces {
		b.WriteString(l.Pieces[i].Text)
	}
	return b.String()
}

func plain(text string) Line { return Line{Pieces: []Piece{{Plain, text}}} }

func toned(t Tone, text string) Line { return Line{Pieces: []Piece{{t, text}}} }

// folded is text in lines of at most w columns, no more than most of them; the last one is cut.
func folded(t Tone, indent, w, most int, text string) (list []Line) {
	room := max(w-indent, 8)
	for text != "" {
		head, rest := breakAt(text, room)
		if len(list) == most-1 {
			head, rest = term.Truncate(text, room), ""
		}
		list = append(list, toned(t, strings.Repeat(" ", indent)+head))
		text = rest
	}
	return list
}

// fit is text in exactly w columns.
func fit(text string, w int) string {
	text = term.Truncate(text, w)
	return text + strings.Repeat(" ", max(0, w-term.Width(text)))
}

// severityTone is the tone of a severity's word.
func severityTone(word string) Tone {
	switch word {
	case "critical":
		return CriticalTone
	case "high":
		return HighTone
	case "medium":
		return MediumTone
	}
	return LowTone
}

// Short is a text of somebody else's, clean and no longer than a screen has use for.
func Short(s string) string { return keep(s) }
