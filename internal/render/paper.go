package render

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// Paper is what text is laid out on: so many columns, with or without colour.
type Paper struct {
	width int
	style *lipgloss.Renderer
}

// narrowest and widest bound the layout: less than the one cuts every word, more than the other loses the eye.
const (
	narrowest = 20
	widest    = 200
)

// NewPaper is the paper that stdout of s is. The sixteen colours of the terminal's own palette suit every background.
func NewPaper(s term.IO) Paper {
	width := s.Width
	if width <= 0 {
		width = term.DefaultWidth
	}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	if s.Color {
		r.SetColorProfile(termenv.ANSI)
	}
	return Paper{width: min(max(width, narrowest), widest), style: r}
}

// colours of the steps of severity; the word stands beside each of them, so none carries a meaning alone.
func (p Paper) severity(s triage.Severity, text string) string {
	style := p.style.NewStyle()
	switch s {
	case triage.Critical:
		style = style.Foreground(lipgloss.ANSIColor(9)).Bold(true)
	case triage.High:
		style = style.Foreground(lipgloss.ANSIColor(1))
	case triage.Medium:
		style = style.Foreground(lipgloss.ANSIColor(3))
	case triage.Low, triage.Informational, triage.NoSeverity:
		style = style.Foreground(lipgloss.ANSIColor(6))
	}
	return style.Render(text)
}

func (p Paper) bold(text string) string { return p.style.NewStyle().Bold(true).Render(text) }

// line appends one line of clean text behind an indent, cut to the width.
func (p Paper) line(b []byte, indent int, text string) []byte {
	b = append(b, strings.Repeat(" ", indent)...)
	return append(append(b, term.Truncate(text, p.width-indent)...), '\n')
}

// wrap appends clean text in as many lines as it needs; a word wider than the paper is broken.
func (p Paper) wrap(b []byte, indent int, text string) []byte {
	room := max(p.width-indent, 8)
	for text != "" {
		var head string
		head, text = breakAt(text, room)
		b = p.line(b, indent, head)
	}
	return b
}

// hang is wrap with a mark before the first line, under whose end the others begin.
func (p Paper) hang(b []byte, indent int, mark, text string) []byte {
	deep := indent + term.Width(mark)
	head, rest := breakAt(text, max(p.width-deep, 8))
	return p.wrap(p.line(b, indent, mark+head), deep, rest)
}

// paste appends a command in one line, however wide: what is broken or cut cannot be pasted.
func (p Paper) paste(b []byte, indent int, command string) []byte {
	return append(append(append(b, strings.Repeat(" ", indent)...), command...), '\n')
}

// atMost is wrap in no more than so many lines; the last one is cut.
func (p Paper) atMost(b []byte, indent, lines int, text string) []byte {
	for range lines - 1 {
		head, rest := breakAt(text, max(p.width-indent, 8))
		if rest == "" {
			break
		}
		b, text = p.line(b, indent, head), rest
	}
	return p.line(b, indent, text)
}

// breakAt splits text before the column w, at a blank where there is one in the second half.
func breakAt(text string, w int) (head, rest string) {
	if term.Width(text) <= w {
		return text, ""
	}
	end, columns, blank := 0, 0, 0
	for i, r := range text {
		n := term.Width(string(r))
		if columns+n > w {
			break
		}
		columns += n
		end = i + len(string(r))
		if r == ' ' && columns > w/2 {
			blank = i
		}
	}
	if strings.HasPrefix(text[end:], " ") {
		blank = end
	}
	if blank > 0 {
		return text[:blank], strings.TrimLeft(text[blank:], " ")
	}
	return text[:end], text[end:]
}

// items appends what is not empty of list, with sep between, in lines that break between two items only.
func (p Paper) items(b []byte, indent int, sep string, list ...string) []byte {
	line := ""
	for _, item := range list {
		switch {
		case item == "":
		case line == "":
			line = item
		case term.Width(line)+len(sep)+term.Width(item) <= p.width-indent:
			line += sep + item
		default:
			b = p.line(b, indent, line+strings.TrimRight(sep, " "))
			line = item
		}
	}
	if line == "" {
		return b
	}
	return p.line(b, indent, line)
}
