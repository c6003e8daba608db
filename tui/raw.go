package tui

import (
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// raw is the screen of one alert as it was received, with the place that a reason rests on lit.
type raw struct {
	scroll
	alert      *render.RawAlert
	path       string
	asReceived bool
	lines      []render.RawLine
	toggled    map[int]bool // lines that are not as at first: values folded, long texts whole
	rows       []rawRow
	lit        int // the line of the path, -1: none
	search     string
	width      int
}

// rawRow is a line of the screen: a piece of a line of the alert.
type rawRow struct {
	line int
	text string
}

// longRows is how many lines of the screen a long value takes until it is unfolded, mostRows how many then.
const (
	longRows = 6
	mostRows = 2000
)

func (r *raw) show(a *render.RawAlert, path string, w, h int) {
	*r = raw{alert: a, path: path, search: r.search, scroll: scroll{height: r.height}}
	r.load(w, h)
}

// load writes the alert out anew, in one of its two forms.
func (r *raw) load(w, h int) {
	r.lines, r.toggled = r.alert.Lines(r.asReceived), map[int]bool{}
	r.lit = render.Find(r.lines, r.path)
	if r.path == "" {
		r.lit = -1
	}
	r.layout(w, h)
	r.reveal(r.lit)
}

// reveal brings a line of the alert into the middle.
func (r *raw) reveal(line int) {
	for i := range r.rows {
		if r.rows[i].line == line {
			r.cursor, r.top = i, i-r.height/2
			break
		}
	}
	r.clamp(len(r.rows))
}

// layout breaks the lines for a width.
func (r *raw) layout(w, h int) {
	r.width, r.height = w, max(1, h-1)
	r.rows = r.rows[:0:0]
	room := max(w-gutter, 8)
	for i := 0; i < len(r.lines); i++ {
		l := &r.lines[i]
		switch {
		case r.toggled[i] && l.Last > i:
			r.rows = append(r.rows, rawRow{i, term.Truncate(l.Text+" ... "+render.Count(int64(l.Last-i))+" lines", room)})
			i = l.Last
		case r.toggled[i] || term.Width(l.Text) <= room*longRows:
			for _, text := range pieces(l.Text, room, mostRows) {
				r.rows = append(r.rows, rawRow{i, text})
			}
		default:
			for _, text := range pieces(l.Text, room, longRows) {
				r.rows = append(r.rows, rawRow{i, text})
			}
		}
	}
	r.clamp(len(r.rows))
}

// pieces cuts a text into at most n lines of w columns; what is left over is counted.
func pieces(text string, w, n int) (list []string) {
	for text != "" || len(list) == 0 {
		if len(list) == n-1 && term.Width(text) > w {
			rest := render.Count(int64(len(text)))
			return append(list, term.Truncate("... "+rest+" bytes more, space unfolds", w))
		}
		end, columns := 0, 0
		for i, c := range text {
			size := len(string(c))
			if columns += term.Width(text[i : i+size]); columns > w {
				break
			}
			end = i + size
		}
		if end == 0 {
			end = len(text)
		}
		list, text = append(list, text[:end]), text[end:]
	}
	return list
}

// press obeys an act.
func (r *raw) press(a act) intent {
	if r.alert == nil || r.move(a, len(r.rows)) {
		return nil
	}
	switch a { //nolint:exhaustive // what is not this screen's own the root does
	case actFold:
		if r.cursor < len(r.rows) {
			line := r.rows[r.cursor].line
			r.toggled[line] = !r.toggled[line]
			r.layout(r.width, r.height+1)
			r.reveal(line)
		}
	case actAsReceived:
		r.asReceived = !r.asReceived
		r.load(r.width, r.height+1)
	case actSearch:
		return wantDialog{newPrompt("search", r.search, func(text string) intent { return wantSearch{text} })}
	case actNextMatch:
		return r.next(1)
	case actPrevMatch:
		return r.next(-1)
	case actCopy:
		if r.cursor < len(r.rows) {
			return wantCopy{strings.TrimSpace(r.lines[r.rows[r.cursor].line].Text)}
		}
	}
	return nil
}

// next goes to the next line that has what is searched for, and unfolds what hides it.
func (r *raw) next(by int) intent {
	if r.search == "" || len(r.rows) == 0 {
		return wantToast{"nothing is searched for: / searches"}
	}
	n := len(r.lines)
	at := r.rows[min(r.cursor, len(r.rows)-1)].line
	for i := 1; i <= n; i++ {
		line := ((at+by*i)%n + n) % n
		if !strings.Contains(strings.ToLower(r.lines[line].Text), strings.ToLower(r.search)) {
			continue
		}
		for head := range r.toggled {
			if r.lines[head].Last > head && head < line && line <= r.lines[head].Last {
				delete(r.toggled, head)
			}
		}
		if term.Width(r.lines[line].Text) > max(r.width-gutter, 8)*longRows {
			r.toggled[line] = true
		}
		r.layout(r.width, r.height+1)
		r.reveal(line)
		return nil
	}
	return wantToast{"not found: " + r.search}
}

// view writes the alert.
func (r *raw) view(b *strings.Builder, t *theme, w, h int) {
	head := render.RawHead(r.alert, r.path, r.asReceived, r.lit >= 0)
	t.paint(b, &head, w)
	b.WriteByte('\n')
	for y := range h - 1 {
		var l render.Line
		at := r.top + y
		mark := " "
		if at < len(r.rows) {
			row := r.rows[at]
			tone := render.Plain
			if r.lit >= 0 && row.line >= r.lit && row.line <= r.lines[r.lit].Last {
				tone, mark = render.Lit, "="
			} else if r.search != "" && strings.Contains(strings.ToLower(row.text), strings.ToLower(r.search)) {
				tone, mark = render.Strong, "/"
			}
			l.Pieces = []render.Piece{{Tone: tone, Text: row.text}}
		}
		t.row(b, &l, w, mark, at == r.cursor && at < len(r.rows), true)
		b.WriteByte('\n')
	}
}
