package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
)

// page is the screen of a text: a report, what a search found, what a model wrote.
type page struct {
	scroll
	page   *render.Page
	lines  []render.Line
	search string
	width  int
}

func (p *page) show(text *render.Page, w, h int) {
	*p = page{page: text, scroll: scroll{height: p.height}}
	p.layout(w, h)
}

func (p *page) layout(w, h int) {
	p.width, p.height = w, max(1, h-1)
	if p.page != nil {
		p.lines = p.page.Lines(w - gutter)
	}
	p.clamp(len(p.lines))
}

// press obeys an act.
func (p *page) press(a act) intent {
	if p.page == nil || p.move(a, len(p.lines)) {
		return nil
	}
	var here render.Line
	if p.cursor < len(p.lines) {
		here = p.lines[p.cursor]
	}
	switch a { //nolint:exhaustive // what is not this screen's own the root does
	case actOpen:
		if b := here.Behind; b.Verdict != "" {
			return wantRaw{b.Verdict, b.Path}
		}
		return wantToast{"nothing stands behind this line"}
	case actCopy:
		if here.Behind.Copy != "" {
			return wantCopy{here.Behind.Copy}
		}
		return wantCopy{strings.TrimSpace(here.Text())}
	case actToFile:
		text := p.page.File()
		return wantDialog{newPrompt("write this page to the file", "", func(name string) intent { return wantSave{name, text} })}
	case actSearch:
		return wantDialog{newPrompt("search", p.search, func(text string) intent { return wantSearch{text} })}
	case actNextMatch:
		return p.next(1)
	case actPrevMatch:
		return p.next(-1)
	}
	return nil
}

// next goes to the next line that has what is searched for.
func (p *page) next(by int) intent {
	if p.search == "" || len(p.lines) == 0 {
		return wantToast{"nothing is searched for: / searches"}
	}
	n := len(p.lines)
	for i := 1; i <= n; i++ {
		at := ((p.cursor+by*i)%n + n) % n
		if strings.Contains(strings.ToLower(p.lines[at].Text()), strings.ToLower(p.search)) {
			p.cursor, p.top = at, at-p.height/2
			p.clamp(n)
			return nil
		}
	}
	return wantToast{"not found: " + p.search}
}

func (p *page) view(b *strings.Builder, t *theme, w, h int) {
	head := render.Line{}
	if p.page != nil {
		head = render.Line{Pieces: []render.Piece{{Tone: render.Strong, Text: render.Short(p.page.Title)}}}
	}
	t.paint(b, &head, w)
	b.WriteByte('\n')
	for y := range h - 1 {
		var l render.Line
		at := p.top + y
		if at < len(p.lines) {
			l = p.lines[at]
		}
		t.row(b, &l, w, " ", at == p.cursor && at < len(p.lines), true)
		b.WriteByte('\n')
	}
}

// paged shows a page, unless somebody went on before it came.
func (m *Model) paged(msg pageMsg) tea.Cmd {
	if msg.err != nil {
		m.tell("", msg.err)
		return nil
	}
	if m.on != onCase || m.file.id != msg.id || m.dialog != nil {
		return nil
	}
	m.toast = ""
	return m.do(wantPage{msg.page})
}
