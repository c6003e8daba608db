package tui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
)

// record notes what was done, so that it can be taken back; what was taken back before cannot be done again then.
func (m *Model) record(d deed) {
	m.done, m.undid = append(m.done, d), nil
	m.settle(d)
}

// settle takes what left the open cases out of the queue and has the others read anew.
func (m *Model) settle(d deed) {
	for _, made := range d.made {
		m.queue.forget(made.Case)
	}
	m.head = max(m.head, d.seq())
	m.queue.drop(d.left, d.seq())
}

func casesOf(made []Made) (ids []string) {
	for _, one := range made {
		ids = append(ids, one.Case)
	}
	return ids
}

// about are the cases that a key is about: the marked ones, else the one under the cursor; on its own screen the one that is open.
func (m *Model) about() []string {
	if m.on == onQueue {
		return m.queue.targets()
	}
	if m.file.file == nil {
		return nil
	}
	return []string{m.file.id}
}

// tend opens the dialog of a key about who looks after cases, when, and which belong together.
func (m *Model) tend(a act) tea.Cmd {
	ids := m.about()
	if len(ids) == 0 || ids[0] == "" {
		m.tell("there is no case here", nil)
		return nil
	}
	switch a { //nolint:exhaustive // those that tend
	case actTake:
		owner := m.desk.Me
		if m.ownerOf(ids[0]) == owner {
			owner = ""
		}
		return m.do(wantAssign{ids, owner})
	case actAssign:
		m.dialog = newPrompt("assign "+some(ids)+" to (empty: nobody)", m.ownerOf(ids[0]), func(text string) intent { return wantAssign{ids, text} })
	case actSnooze:
		m.dialog = snoozeBox{ids: ids, now: m.now()}
	case actMerge:
		if len(ids) < 2 {
			m.tell("mark the cases to merge: space marks one", nil)
			return nil
		}
		return m.do(wantGather{ids})
	}
	return nil
}

func (m *Model) ownerOf(id string) string {
	if m.on == onCase && m.file.file != nil {
		return m.file.file.Row.Owner
	}
	return m.queue.rows[id].row.Owner
}

// some is a case by its id, or how many there are.
func some(ids []string) string {
	if len(ids) == 1 {
		return ids[0]
	}
	return render.Plural(int64(len(ids)), "case", "cases")
}

// doTend turns what such a dialog wants into a command.
func (m *Model) doTend(want intent) tea.Cmd {
	k := m.desk.Decider
	switch i := want.(type) {
	case wantAssign:
		what := some(i.ids) + " assigned to " + render.Short(i.owner)
		if i.owner == "" {
			what = some(i.ids) + " assigned to nobody"
		}
		return m.each(i.ids, deed{what: what}, func(ctx context.Context, id string) (Made, error) { return k.Assign(ctx, id, i.owner) })
	case wantSnooze:
		d := deed{what: some(i.ids) + " snoozed until " + render.Moment(i.until), left: i.ids}
		if i.until.IsZero() {
			d = deed{what: some(i.ids) + " brought back"}
		}
		return m.each(i.ids, d, func(ctx context.Context, id string) (Made, error) { return k.Snooze(ctx, id, i.until) })
	case wantGather:
		q := m.desk.Queue
		return m.run(func(ctx context.Context) tea.Msg {
			rows, err := q.Rows(ctx, i.ids)
			return gatheredMsg{rows, err}
		})
	case wantMerge:
		return m.run(func(ctx context.Context) tea.Msg {
			made, err := k.Merge(ctx, i.id, i.others, i.reason)
			return didMsg{deed: deed{made: made, left: i.others, what: some(i.others) + " merged into " + i.id}, err: err}
		})
	case wantSplit:
		return m.run(func(ctx context.Context) tea.Msg {
			made, err := k.Split(ctx, i.id, i.verdicts, i.reason)
			d := deed{made: []Made{made}, what: render.Plural(int64(len(i.verdicts)), "verdict", "verdicts") + " split off " + i.id}
			if err != nil {
				d.made = nil
			}
			return didMsg{deed: d, err: err}
		})
	}
	return nil
}

// each does the same to every case, one after the other: each is one record of the journal.
func (m *Model) each(ids []string, d deed, do func(ctx context.Context, id string) (Made, error)) tea.Cmd {
	return m.run(func(ctx context.Context) tea.Msg {
		msg := didMsg{deed: d}
		msg.deed.left = nil
		for _, id := range ids {
			made, err := do(ctx, id)
			var taken *TakenError
			switch {
			case errors.As(err, &taken):
				msg.taken = append(msg.taken, taken)
			case err != nil:
				msg.err = err
				return msg
			default:
				msg.deed.made = append(msg.deed.made, made)
				if slices.Contains(d.left, id) {
					msg.deed.left = append(msg.deed.left, id)
				}
			}
		}
		return msg
	})
}

// did notes what was done, or done again.
func (m *Model) did(msg didMsg) tea.Cmd {
	if len(msg.deed.made) > 0 {
		if msg.redo {
			m.done = append(m.done, msg.deed)
			m.settle(msg.deed)
			m.tell("done again: "+cmp.Or(msg.deed.what, some(casesOf(msg.deed.made))+" decided as before")+". u takes it back", nil)
		} else {
			m.record(msg.deed)
			m.tell(msg.deed.what+". u takes it back", nil)
			m.queue.marked, m.file.marked = map[string]bool{}, map[string]bool{}
			m.queue.want = msg.deed.made[0].Case
		}
	}
	for _, taken := range msg.taken {
		m.waiting = append(m.waiting, told{title: "Not done: " + taken.Case, text: []string{render.Short(taken.Error())}})
	}
	m.tell("", msg.err)
	if m.on != onCase {
		return m.refresh()
	}
	if slices.Contains(msg.deed.left, m.file.id) { // it is put aside: on to the next
		return tea.Batch(m.refresh(), m.goOn())
	}
	return tea.Batch(m.refresh(), m.readFile(m.file.id))
}

// redo does again what was taken back last.
func (m *Model) redo() tea.Cmd {
	if len(m.undid) == 0 {
		m.tell("there is nothing to do again", nil)
		return nil
	}
	last := m.undid[len(m.undid)-1]
	m.undid = m.undid[:len(m.undid)-1]
	k := m.desk.Decider
	return m.run(func(ctx context.Context) tea.Msg {
		msg := didMsg{deed: last, redo: true}
		msg.deed.made = nil
		for _, one := range last.made {
			made, err := k.Again(ctx, one)
			var taken *TakenError
			switch {
			case errors.As(err, &taken):
				msg.taken = append(msg.taken, taken)
			case err != nil:
				msg.err = err
				return msg
			default:
				msg.deed.made = append(msg.deed.made, made)
			}
		}
		return msg
	})
}

// gathered shows what a merge would make.
func (m *Model) gathered(msg gatheredMsg) {
	if msg.err != nil || len(msg.rows) < 2 {
		m.tell("there is only one case left of those", msg.err)
		return
	}
	m.dialog = mergeBox{rows: msg.rows}
}

// reasonBox asks for a reason below some lines.
type reasonBox struct {
	head  []string
	in    input
	empty bool
	then  func(reason string) intent
}

func (d reasonBox) press(k tea.KeyMsg) (dialog, intent) {
	switch {
	case k.Type == tea.KeyEsc:
		return nil, wantToast{"nothing was done"}
	case k.Type == tea.KeyEnter && d.in.String() == "":
		d.empty = true
		return d, nil
	case k.Type == tea.KeyEnter:
		return nil, d.then(d.in.String())
	}
	d.empty = false
	d.in.key(k)
	return d, nil
}

func (d reasonBox) lines(w, _ int) []render.Line {
	var list []render.Line
	for i, text := range d.head {
		tone := render.Plain
		if i == 0 {
			tone = render.Strong
		}
		list = append(list, render.Note(tone, w, text)...)
	}
	const say = "reason: "
	list = append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Text: say}, {Tone: render.Strong, Text: d.in.show(w - len(say))}}})
	if d.empty {
		return append(list, render.Note(render.Warn, w, "it needs a reason")...)
	}
	return append(list, render.Note(render.Faint, w, "enter does it, esc goes back")...)
}

// mergeBox shows what one case would be made of, and which keeps its name.
type mergeBox struct {
	rows []render.CaseRow
	keep int
	ask  reasonBox
}

func (d mergeBox) press(k tea.KeyMsg) (dialog, intent) {
	if k.Type == tea.KeyTab {
		d.keep = (d.keep + 1) % len(d.rows)
		return d, nil
	}
	d.ask.then = func(reason string) intent {
		var others []string
		for i := range d.rows {
			if i != d.keep {
				others = append(others, d.rows[i].ID)
			}
		}
		return wantMerge{d.rows[d.keep].ID, others, reason}
	}
	next, want := d.ask.press(k)
	if next == nil {
		return nil, want
	}
	d.ask, _ = next.(reasonBox)
	return d, want
}

// mostMerged is how many of the cases the preview of a merge names.
const mostMerged = 8

func (d mergeBox) lines(w, h int) []render.Line {
	d.ask.head = render.Merged(d.rows, d.keep, min(mostMerged, max(1, h-10)))
	list := d.ask.lines(w, h)
	return append(list, render.Note(render.Faint, w, "tab: another keeps its name")...)
}

// snoozeBox asks until when a case is put aside.
type snoozeBox struct {
	ids   []string
	now   time.Time
	in    input
	fault string
}

// pauses are what is often said.
func pauses() []string { return []string{"1h", "4h", "tomorrow", "monday", "7d"} }

func (d snoozeBox) press(k tea.KeyMsg) (dialog, intent) {
	d.fault = ""
	switch {
	case k.Type == tea.KeyEsc:
		return nil, wantToast{"nothing was done"}
	case k.Type == tea.KeyEnter && d.in.String() == "":
		return nil, wantSnooze{d.ids, time.Time{}}
	case k.Type == tea.KeyEnter:
		until, err := ParseUntil(d.in.String(), d.now)
		if err != nil {
			d.fault = err.Error()
			return d, nil
		}
		return nil, wantSnooze{d.ids, until}
	case k.Type == tea.KeyRunes && len(k.Runes) == 1 && len(d.in.text) == 0:
		if n := int(k.Runes[0] - '1'); n >= 0 && n < len(pauses()) && !k.Paste {
			d.in = typed(pauses()[n])
			return d, nil
		}
	}
	d.in.key(k)
	return d, nil
}

func (d snoozeBox) lines(w, _ int) []render.Line {
	list := render.Note(render.Strong, w, "Put aside: "+some(d.ids))
	for i, p := range pauses() {
		until, err := ParseUntil(p, d.now)
		if err != nil {
			continue
		}
		list = append(list, keyed("  "+string(rune('1'+i)), p+strings.Repeat(" ", 10-len(p))+render.Moment(until), w))
	}
	const say = "until: "
	list = append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Text: say}, {Tone: render.Strong, Text: d.in.show(w - len(say))}}})
	until, err := ParseUntil(d.in.String(), d.now)
	switch {
	case d.fault != "":
		return append(list, render.Note(render.Warn, w, d.fault)...)
	case err == nil:
		list = append(list, render.Note(render.Plain, w, "that is "+render.Moment(until))...)
	}
	return append(list, render.Note(render.Faint, w, "a number picks, or type 90m, 18:00, friday, 2026-03-09 08:00 (UTC); an empty line brings it back now; esc goes back")...)
}
