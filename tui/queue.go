package tui

import (
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
)

// queue is the list of cases. It holds the ids of all of them and the lines of those near its window.
type queue struct {
	scroll
	order  order
	whole  bool // the listing has all cases, not only the first
	view   View // that was asked for
	flat   []spot
	open   map[string]bool // unfolded groups
	marked map[string]bool
	gone   map[string]int64 // decided here, by the journal record that says so
	rows   map[string]known
	asked  bool   // rows are under way
	before *View  // from where a pivot came
	want   string // the case to put the cursor on as soon as the listing has it
	asking string // the preview that is under way
	fault  string
	width  int
}

// spot is a line of a grouped queue: a group's head, or a case of it.
type spot struct{ group, entry int } // entry -1: the head

// known is the line of a case, and the journal's head when it was read: it is read again when that has moved.
type known struct {
	row  render.CaseRow
	head int64
}

// Bounds of what is read at a time and kept.
const (
	firstCases = 200
	keptRows   = 2000
)

func newQueue(p Place) queue {
	if p.View.State == "" {
		p.View.State = "open"
	}
	return queue{view: p.View, want: p.Case, open: map[string]bool{}, marked: map[string]bool{}, gone: map[string]int64{}, rows: map[string]known{}}
}

// len is the number of lines.
func (q *queue) len() int {
	if q.order.View.Group != "" {
		return len(q.flat)
	}
	return len(q.order.Entries)
}

// at is the case on a line, or the group whose head it is.
func (q *queue) at(i int) (id string, g *group) {
	if i < 0 || i >= q.len() {
		return "", nil
	}
	if q.order.View.Group == "" {
		return q.order.Entries[i].ID, nil
	}
	s := q.flat[i]
	if g = &q.order.groups[s.group]; s.entry < 0 {
		return "", g
	}
	return q.order.Entries[s.entry].ID, g
}

// here is the case under the cursor, empty on a group's head.
func (q *queue) here() string {
	id, _ := q.at(q.cursor)
	return id
}

// peek is the case under the cursor, or the first of the group there.
func (q *queue) peek() string {
	id, g := q.at(q.cursor)
	if id == "" && g != nil {
		return q.order.Entries[g.entries[0]].ID
	}
	return id
}

// take puts a new listing in place. The cursor stays on its case, and the case on its line of the screen, whatever came or went; a
// case that went leaves the cursor to the one behind it.
func (q *queue) take(o order, whole bool) {
	id, g := q.at(q.cursor)
	name := ""
	if g != nil {
		name = g.name
	}
	above := q.cursor - q.top
	if q.want != "" {
		id, above = q.want, q.height/2
	}
	sameView := q.order.View == o.View
	if o.View.State == "open" {
		o = o.without(func(id string) bool { return q.gone[id] > o.Head })
	}
	q.order, q.whole, q.fault = o, whole, ""
	q.flatten()
	at := q.find(id, name)
	if at >= 0 {
		q.cursor = at
		q.top = at - above
	} else if !sameView {
		q.cursor, q.top = 0, 0
	}
	if at >= 0 || whole {
		q.want = ""
	}
	if len(q.rows) > keptRows {
		q.rows = map[string]known{}
	}
	q.clamp(q.len())
}

// find is the line of a case, or of a group's head; -1 when there is none.
func (q *queue) find(id, name string) int {
	switch {
	case q.order.View.Group == "":
		return slices.IndexFunc(q.order.Entries, func(e Entry) bool { return e.ID == id })
	case id != "":
		return slices.IndexFunc(q.flat, func(s spot) bool { return s.entry >= 0 && q.order.Entries[s.entry].ID == id })
	}
	return slices.IndexFunc(q.flat, func(s spot) bool { return s.entry < 0 && q.order.groups[s.group].name == name })
}

// flatten lays the groups out in lines.
func (q *queue) flatten() {
	q.flat = q.flat[:0:0]
	for i := range q.order.groups {
		q.flat = append(q.flat, spot{i, -1})
		if q.open[q.order.groups[i].name] {
			for _, e := range q.order.groups[i].entries {
				q.flat = append(q.flat, spot{i, e})
			}
		}
	}
}

// drop takes cases out at once that left the open ones here, as the journal's record seq says; the next listing will say the same.
func (q *queue) drop(list []string, seq int64) {
	ids := make(map[string]bool, len(list))
	for _, id := range list {
		q.gone[id], ids[id] = seq, true
		q.forget(id)
	}
	if q.order.View.State != "open" || len(list) == 0 {
		return
	}
	o := q.order.without(func(id string) bool { return ids[id] })
	q.take(o, q.whole)
}

// forget takes the mark of a case away and has its line read anew.
func (q *queue) forget(id string) {
	delete(q.marked, id)
	delete(q.rows, id)
}

// targets are the cases that a decision is about: the marked ones, else the group or the case under the cursor.
func (q *queue) targets() []string {
	if len(q.marked) > 0 {
		var list []string
		for _, e := range q.order.Entries {
			if q.marked[e.ID] {
				list = append(list, e.ID)
			}
		}
		return list
	}
	id, g := q.at(q.cursor)
	switch {
	case id != "":
		return []string{id}
	case g != nil:
		return q.ids(g)
	}
	return nil
}

func (q *queue) ids(g *group) []string {
	list := make([]string, len(g.entries))
	for i, e := range g.entries {
		list[i] = q.order.Entries[e].ID
	}
	return list
}

// needs are the cases near the window whose lines are not known.
func (q *queue) needs() (ids []string) {
	if q.asked {
		return nil
	}
	for i := q.top - q.height/2; i < q.top+q.height+q.height/2; i++ {
		id, g := q.at(i)
		if id == "" && g != nil { // its head shows its first case
			id = q.order.Entries[g.entries[0]].ID
		}
		if id == "" {
			continue
		}
		if k, ok := q.rows[id]; (!ok || k.head < q.order.Head) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// learn takes rows in. A case that is none any more gets an empty line, so that it is not asked for again.
func (q *queue) learn(ids []string, rows []render.CaseRow) {
	q.asked = false
	for _, id := range ids {
		q.rows[id] = known{render.CaseRow{ID: id, Title: "this case is in the casebook no more"}, q.order.Head}
	}
	for i := range rows {
		q.rows[rows[i].ID] = known{rows[i], q.order.Head}
	}
}

// step is the case that lies so many cases away from one, empty beyond the ends. From a case that is not in the queue any more it is the
// one that took its place.
func (q *queue) step(id string, by int) string {
	if q.find(id, "") < 0 {
		return q.here()
	}
	for i := q.find(id, ""); i >= 0 && i < q.len(); {
		if i += by; i < 0 || i >= q.len() {
			break
		}
		if next, _ := q.at(i); next != "" {
			q.cursor = i
			q.clamp(q.len())
			return next
		}
	}
	return ""
}

// press obeys an act.
func (q *queue) press(a act) intent {
	if q.move(a, q.len()) {
		return nil
	}
	id, g := q.at(q.cursor)
	v := q.view
	switch a { //nolint:exhaustive // what is not this screen's own the root does
	case actOpen:
		if id != "" {
			return wantOpen{id}
		}
		q.fold(g)
	case actMark:
		q.mark(id, g)
		q.cursor++
		q.clamp(q.len())
	case actMarkAll:
		all := len(q.marked) == 0
		q.marked = map[string]bool{}
		for i := range q.order.Entries {
			if !all {
				break
			}
			q.marked[q.order.Entries[i].ID] = true
		}
	case actClear:
		return q.clear()
	case actFilter:
		return wantDialog{filterBox{in: typed(v.Filter), then: func(text string) intent {
			v := v
			v.Filter = text
			return wantView{v}
		}}}
	case actSort:
		v.Sort = after(v.Sort, "", "oldest", "newest", "severity")
		return wantView{v}
	case actGroup:
		v.Group = after(v.Group, "", "rule", "host", "user")
		return wantView{v}
	case actState:
		v.State = after(v.State, "open", "snoozed", "closed", "all")
		return wantView{v}
	}
	return nil
}

// clear drops the marks, or goes back to the view before a pivot, or to all cases.
func (q *queue) clear() intent {
	if len(q.marked) > 0 {
		q.marked = map[string]bool{}
		return nil
	}
	v := q.view
	v.Filter = ""
	if q.before != nil {
		v = *q.before
	}
	q.before = nil
	if v == q.view {
		return wantToast{"all is shown; q quits"}
	}
	return wantView{v}
}

// after is the word behind one in a ring of words.
func after(word string, ring ...string) string {
	return ring[(slices.Index(ring, word)+1)%len(ring)]
}

func (q *queue) fold(g *group) {
	if g == nil {
		return
	}
	q.open[g.name] = !q.open[g.name]
	q.flatten()
	q.clamp(q.len())
}

// mark marks a case, or all of a group, or takes the mark away.
func (q *queue) mark(id string, g *group) {
	ids := []string{id}
	if id == "" {
		if g == nil {
			return
		}
		ids = q.ids(g)
	}
	all := !slices.ContainsFunc(ids, func(id string) bool { return !q.marked[id] })
	for _, id := range ids {
		if all {
			delete(q.marked, id)
		} else {
			q.marked[id] = true
		}
	}
}

// line is one line of the queue, w columns wide.
func (q *queue) line(i, w int, now time.Time) (l render.Line, mark string) {
	id, g := q.at(i)
	if id == "" && g != nil {
		first := q.rows[q.order.Entries[g.entries[0]].ID].row
		n := 0
		for _, e := range g.entries {
			if q.marked[q.order.Entries[e].ID] {
				n++
			}
		}
		if n > 0 {
			mark = "+"
			if n == len(g.entries) {
				mark = "*"
			}
		}
		return render.GroupLine(g.name, len(g.entries), q.open[g.name], &first), mark
	}
	if q.marked[id] {
		mark = "*"
	}
	k, ok := q.rows[id]
	if !ok {
		return render.Line{Pieces: []render.Piece{{Tone: render.Faint, Text: id + "  ..."}}}, mark
	}
	return k.row.Line(w, now), mark
}
