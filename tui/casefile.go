package tui

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
)

// casefile is the screen of one case: its verdict and its gaps always in view, below them its sections, in one pane or, where there is
// room, in two.
type casefile struct {
	id            string
	file          *render.CaseFile
	head          []render.Line // always in view: what it is, its verdict, its gaps
	panes         []pane
	focus         int
	unfolded      map[string]bool
	zoom          render.Zoom
	from          int64           // verdicts before those that are shown
	marked        map[string]bool // verdicts
	width, height int
	fault         string
	told          bool // that somebody else decided it
	idle          bool // it is looked at beside the queue: no cursor
}

// pane is a column of sections, one below the other.
type pane struct {
	scroll
	lines []render.Line
	heads []int // where sections start
	width int
}

// twoPanes is the width from which on a case has two panes; caseHead is the lines above them.
const (
	twoPanes = 120
	caseHead = 4
)

// await empties the screen for another case until its file is there: no key may be about the case before.
func (c *casefile) await(id string) {
	if c.id != id {
		c.id, c.file, c.fault = id, nil, ""
		c.from = 0
		c.unfolded, c.marked, c.focus, c.panes, c.told = map[string]bool{}, map[string]bool{}, 0, nil, false
	}
}

// show takes a file in. The cursor stays where it was when it is the same case again.
func (c *casefile) show(id string, f *render.CaseFile) {
	c.await(id)
	c.file, c.fault = f, ""
	c.head = append(f.Row.Head(), f.Judged(), f.Gapped())
	c.layout(c.width, c.height)
}

// layout writes the sections out for a size.
func (c *casefile) layout(w, h int) {
	c.width, c.height = w, h
	if c.file == nil {
		return
	}
	old := c.panes
	widths := []int{w}
	if w >= twoPanes {
		left := (w - 1) * 3 / 5
		widths = []int{left, w - 1 - left}
	}
	c.panes = make([]pane, len(widths))
	how := render.Shown{Unfolded: c.unfolded, Zoom: c.zoom}
	lefts := c.file.Sections(widths[0]-gutter, how)
	rights := lefts
	if len(widths) == 2 {
		rights = c.file.Sections(widths[1]-gutter, how)
	}
	for i := range c.panes {
		p := &c.panes[i]
		p.width, p.height = widths[i], max(1, h-caseHead)
		if i < len(old) && len(old) == len(c.panes) {
			p.scroll.cursor, p.scroll.top = old[i].cursor, old[i].top
		}
		sections := lefts
		if i == 1 {
			sections = rights
		}
		for _, s := range sections {
			if len(widths) == 1 || (i == 0) == strings.HasPrefix(s.Title, "EVIDENCE") {
				p.add(s)
			}
		}
		p.clamp(len(p.lines))
	}
	c.focus = min(c.focus, len(c.panes)-1)
}

func (p *pane) add(s render.Section) {
	if len(p.lines) > 0 {
		p.lines = append(p.lines, render.Line{})
	}
	p.heads = append(p.heads, len(p.lines))
	p.lines = append(p.lines, render.SectionHead(&s))
	p.lines = append(p.lines, s.Lines...)
}

// here is what stands behind the line under the cursor.
func (c *casefile) here() render.Behind {
	if len(c.panes) == 0 || c.panes[c.focus].cursor >= len(c.panes[c.focus].lines) {
		return render.Behind{}
	}
	p := &c.panes[c.focus]
	return p.lines[p.cursor].Behind
}

// press obeys an act.
func (c *casefile) press(a act) intent {
	if c.file == nil || len(c.panes) == 0 {
		return nil
	}
	p := &c.panes[c.focus]
	if p.move(a, len(p.lines)) {
		return nil
	}
	switch a { //nolint:exhaustive // what is not this screen's own the root does
	case actNextSection:
		c.section(1)
	case actPrevSection:
		c.section(-1)
	case actOpen:
		return c.open()
	case actRaw:
		if b := c.here(); b.Verdict != "" {
			return wantRaw{b.Verdict, b.Path}
		}
		return wantRaw{c.file.Strongest(), ""}
	case actCopy:
		b := c.here()
		if b.Copy == "" && p.cursor < len(p.lines) {
			b.Copy = strings.TrimSpace(p.lines[p.cursor].Text())
		}
		return wantCopy{b.Copy}
	case actMark:
		c.mark()
		p.cursor++
		p.clamp(len(p.lines))
	case actSplit:
		return c.split()
	case actZoomIn, actZoomOut:
		by := map[act]render.Zoom{actZoomIn: -1, actZoomOut: 1}[a]
		c.zoom = min(max(c.zoom+by, 0), render.Zooms-1)
		c.layout(c.width, c.height)
		c.find("TIMELINE")
	case actReport:
		return wantReport{c.id}
	case actToFile:
		return c.toFile()
	case actNextCase:
		return wantStep{1}
	case actPrevCase:
		return wantStep{-1}
	}
	return nil
}

// open follows what stands behind the line under the cursor.
func (c *casefile) open() intent {
	switch b := c.here(); {
	case b.Unfold != "":
		c.unfolded[b.Unfold] = true
		c.layout(c.width, c.height)
	case b.Window:
		return wantWindow{c.id, b.From}
	case b.Find != "":
		return wantPivot{b.Find}
	case b.Case != "":
		return wantOpen{b.Case}
	case b.Verdict != "":
		return wantRaw{b.Verdict, b.Path}
	default:
		return wantToast{"nothing stands behind this line"}
	}
	return nil
}

// mark marks the verdict that the line under the cursor belongs to, or takes the mark away.
func (c *casefile) mark() {
	v := c.here().Verdict
	if v == "" {
		return
	}
	if c.marked[v] {
		delete(c.marked, v)
	} else {
		c.marked[v] = true
	}
}

// split asks why the marked verdicts, or the one under the cursor, are to be a case of their own.
func (c *casefile) split() intent {
	var list []string
	for v := range c.marked {
		list = append(list, v)
	}
	if v := c.here().Verdict; len(list) == 0 && v != "" {
		list = []string{v}
	}
	slices.Sort(list)
	switch {
	case c.file.Row.Verdicts < 2:
		return wantToast{"this case has one verdict: there is nothing to split off"}
	case len(list) == 0:
		return wantToast{"no verdict is marked: space marks the one under the cursor"}
	case int64(len(list)) >= c.file.Row.Verdicts:
		return wantToast{"one verdict has to stay"}
	}
	id := c.id
	head := append([]string{render.Plural(int64(len(list)), "verdict", "verdicts") + " of " + render.Count(c.file.Row.Verdicts) + " into a case of their own:"}, c.file.Named(list)...)
	return wantDialog{reasonBox{head: head, then: func(reason string) intent { return wantSplit{id, list, reason} }}}
}

// find puts a section's head at the top, in whichever pane it stands.
func (c *casefile) find(title string) {
	for i := range c.panes {
		for _, at := range c.panes[i].heads {
			if strings.HasPrefix(c.panes[i].lines[at].Text(), title) {
				c.focus = i
				c.panes[i].jump(at)
				return
			}
		}
	}
}

// toFile asks for a file to write the section under the cursor to.
func (c *casefile) toFile() intent {
	p := &c.panes[c.focus]
	from, to := 0, len(p.lines)
	for _, head := range p.heads {
		if head <= p.cursor {
			from = head
		} else {
			to = min(to, head)
		}
	}
	var b strings.Builder
	b.WriteString(c.id + "\n")
	for i := from; i < to; i++ {
		b.WriteString(strings.TrimRight(p.lines[i].Text(), " ") + "\n")
	}
	text := b.String()
	return wantDialog{newPrompt("write this section to the file", "", func(name string) intent { return wantSave{name, text} })}
}

// section goes to the next section, or the one before; at the end of a pane to the other one.
func (c *casefile) section(by int) {
	p := &c.panes[c.focus]
	at := 0
	for i, head := range p.heads {
		if head <= p.cursor {
			at = i
		}
	}
	if at += by; at >= 0 && at < len(p.heads) {
		p.jump(p.heads[at])
		return
	}
	c.focus = (c.focus + 1) % len(c.panes)
	if p = &c.panes[c.focus]; len(p.heads) == 0 {
		return
	}
	if by > 0 {
		p.jump(p.heads[0])
	} else {
		p.jump(p.heads[len(p.heads)-1])
	}
}

// jump puts a section's head at the top.
func (p *pane) jump(at int) {
	p.cursor, p.top = at, at
	p.clamp(len(p.lines))
}

// view writes the case.
func (c *casefile) view(b *strings.Builder, t *theme, w, h int) {
	if c.file == nil {
		text := "reading " + c.id
		if c.fault != "" {
			text = c.fault
		}
		l := render.Line{Pieces: []render.Piece{{Text: render.Short(text)}}}
		t.paint(b, &l, w)
		b.WriteByte('\n')
		blank(b, t, w, h-1)
		return
	}
	for i := range c.head {
		t.paint(b, &c.head[i], w)
		b.WriteByte('\n')
	}
	for y := range h - caseHead {
		for i := range c.panes {
			p := &c.panes[i]
			if i > 0 {
				b.WriteString("|")
			}
			at := p.top + y
			var l render.Line
			if at < len(p.lines) {
				l = p.lines[at]
			}
			mark := " "
			if l.Behind.Verdict != "" && c.marked[l.Behind.Verdict] {
				mark = "*"
			}
			t.row(b, &l, p.width, mark, !c.idle && at == p.cursor && at < len(p.lines), i == c.focus)
		}
		b.WriteByte('\n')
	}
}

// blank writes empty lines.
func blank(b *strings.Builder, t *theme, w, n int) {
	for range n {
		t.paint(b, &render.Line{}, w)
		b.WriteByte('\n')
	}
}
