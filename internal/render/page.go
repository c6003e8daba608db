package render

import (
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
)

// Page is a text to be read on a screen: a report, what a search found, what a model wrote.
type Page struct {
	Title string
	Paras []Para
	Plain string // the text as it is written to a file; empty: the paragraphs
}

// Para is a paragraph, and what stands behind it. Its text is cleaned when it is drawn.
type Para struct {
	Tone   Tone
	Indent int
	Text   string
	Behind Behind
}

// mostPage bounds the lines of a page.
const mostPage = 20_000

// Lines are the paragraphs in lines of at most width columns.
func (p *Page) Lines(width int) (list []Line) {
	for i := range p.Paras {
		q := &p.Paras[i]
		text := term.Clean(q.Text)
		if text == "" {
			list = append(list, Line{})
		}
		for _, l := range folded(q.Tone, q.Indent, width, 200, text) {
			l.Behind = q.Behind
			list = append(list, l)
		}
		if len(list) > mostPage {
			return append(list[:mostPage], toned(Faint, "the text goes on: only its first lines are shown"))
		}
	}
	return list
}

// File is the text as it is written to a file.
func (p *Page) File() string {
	if p.Plain != "" {
		return p.Plain
	}
	var b strings.Builder
	b.WriteString(term.Clean(p.Title) + "\n\n")
	for i := range p.Paras {
		b.WriteString(strings.Repeat(" ", p.Paras[i].Indent) + term.Clean(p.Paras[i].Text) + "\n")
	}
	return b.String()
}

// Markdown is a page of a text in Markdown, line by line, with its headings in another tone.
func Markdown(title, text string) *Page {
	p := &Page{Title: title, Plain: text}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		tone := Plain
		if strings.HasPrefix(line, "#") {
			tone = Heading
		}
		body := strings.TrimLeft(line, " ")
		p.Paras = append(p.Paras, Para{Tone: tone, Indent: min(len(line)-len(body), 12), Text: body})
	}
	return p
}
