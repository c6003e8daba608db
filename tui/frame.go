package tui

import (
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
)

// headline is the first line: how much waits, and what is shown.
func (m *Model) headline() render.Line {
	o := &m.queue.order
	l := render.Line{Pieces: []render.Piece{
		{Tone: render.Strong, Text: " soc  "},
		{Tone: render.Strong, Text: render.Count(int64(o.Escalated)) + " escalated"},
		{Text: ", " + render.Count(int64(o.Review)) + " to review, " + render.Count(int64(o.Ended)) + " closed"},
	}}
	if o.Snoozed > 0 {
		l.Pieces = append(l.Pieces, render.Piece{Text: ", " + render.Count(int64(o.Snoozed)) + " snoozed"})
	}
	var shown []string
	if words := m.queue.view.words(); words != "" {
		shown = append(shown, words)
	}
	if m.deciding > 1 {
		shown = append(shown, "deciding "+render.Count(int64(m.deciding)))
	}
	if n := len(m.queue.marked); n > 0 {
		shown = append(shown, render.Count(int64(n))+" marked")
	}
	if len(shown) > 0 {
		l.Pieces = append(l.Pieces, render.Piece{Tone: render.Faint, Text: "  | "}, render.Piece{Text: strings.Join(shown, ", ")})
	}
	return l
}

// status is the line above the keys: what was just done or failed, else where the cursor is.
func (m *Model) status() render.Line {
	tone, text := render.Plain, render.Short(m.toast)
	if m.fault {
		tone, text = render.Warn, "failed: "+text
	}
	if m.toast == "" {
		tone, text = render.Faint, m.where()
	}
	if a := m.asking; a != nil && m.toast == "" {
		tone, text = render.Plain, a.words(m.now())+"  "+text
	}
	return render.Line{Pieces: []render.Piece{{Tone: tone, Text: " " + text}}}
}

func (m *Model) where() string {
	of := func(at, n int) string {
		if n == 0 {
			return ""
		}
		return render.Count(int64(at+1)) + " of " + render.Count(int64(n))
	}
	switch m.on { //nolint:exhaustive // a screen is one of these
	case onQueue:
		q := &m.queue
		text := of(q.cursor, q.len())
		switch {
		case q.order.View != q.view && q.fault == "" && m.reading > 0:
			text += ", asking the casebook; esc goes back"
		case !q.whole && q.len() > 0:
			text += ", more is being read"
		}
		if n := q.order.Undecided; n > 0 {
			text += "; of " + render.Plural(int64(n), "case", "cases") + " it cannot be told (" + render.Short(q.order.Why) + "): left out"
		}
		return text
	case onCase:
		at := m.queue.find(m.file.id, "")
		text := ""
		if at >= 0 {
			text = "case " + of(at, m.queue.len())
		}
		if len(m.file.panes) > 0 {
			p := &m.file.panes[m.file.focus]
			text += "  line " + of(p.cursor, len(p.lines))
		}
		return text
	case onRaw:
		return "line " + of(m.raw.cursor, len(m.raw.rows))
	case onPage:
		return "line " + of(m.page.cursor, len(m.page.lines))
	}
	if m.on == onWrite {
		return "written back about " + m.letter.id
	}
	return "plan of " + m.plan.id
}

// queueView writes the queue, and on a wide screen the case under the cursor beside it.
func (m *Model) queueView(b *strings.Builder) {
	q, t, h := &m.queue, &m.theme, m.body()
	w := m.listWidth()
	var side []string
	if w < m.w {
		var p strings.Builder
		if m.preview.file != nil && m.preview.id == q.peek() {
			m.preview.view(&p, t, m.w-w-1, h)
		} else {
			blank(&p, t, m.w-w-1, h)
		}
		side = strings.Split(p.String(), "\n")
	}
	now := m.now()
	for y := range h {
		m.queueRow(b, y, w, func(i int) (render.Line, string) { return q.line(i, w-gutter, now) })
		if side != nil {
			b.WriteString("|" + side[y])
		}
		b.WriteByte('\n')
	}
}

// queueRow writes one line of the queue's part of the screen; the first is the columns' names.
func (m *Model) queueRow(b *strings.Builder, y, w int, line func(int) (render.Line, string)) {
	q, t := &m.queue, &m.theme
	i := q.top + y - 1
	switch {
	case y == 0 && q.order.View.Group == "":
		head := render.CaseHead(w - gutter)
		b.WriteString("  ")
		t.paint(b, &head, w-gutter)
	case y == 0:
		head := render.Line{Pieces: []render.Piece{{Tone: render.Heading, Text: fmt.Sprintf("  %s", strings.ToUpper(q.order.View.Group))}}}
		t.paint(b, &head, w)
	case i < q.len():
		l, mark := line(i)
		if mark == "" {
			mark = " "
		}
		t.row(b, &l, w, mark, i == q.cursor, true)
	case y == 2 && q.len() == 0:
		l := render.Line{Pieces: []render.Piece{{Text: "  " + q.empty()}}}
		t.paint(b, &l, w)
	default:
		t.paint(b, &render.Line{}, w)
	}
}

// empty says why there is nothing to see.
func (q *queue) empty() string {
	switch {
	case q.fault != "":
		return render.Short(q.fault)
	case !q.whole:
		return "reading the casebook"
	case q.order.View.Filter != "":
		return "no case has that: / changes the filter"
	case q.order.View.State == "open":
		return "nothing waits for a person"
	}
	return "no cases"
}
