package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

// letter is the screen of what is written back about a case: what would be, and what came of it. One case is written back at a time.
type letter struct {
	scroll
	id    string // of the case
	read  bool
	text  Letter
	live  []respond.Receipt
	busy  string // what is under way
	stop  func() // ends it
	fault string
	lines []render.Line
	width int
}

func (l *letter) layout(w, h int) {
	l.width, l.height = w, max(1, h)
	l.lines = nil
	if l.fault != "" {
		l.lines = render.Note(render.Warn, w-gutter, l.fault)
	}
	if l.busy != "" || len(l.live) > 0 {
		l.lines = append(l.lines, render.ReceiptLines(w-gutter, l.busy, l.live)...)
	}
	switch {
	case l.read && l.text.Why != "":
		l.lines = append(l.lines, render.Note(render.Plain, w-gutter, l.text.Why)...)
	case l.read:
		l.lines = append(l.lines, render.WrittenLines(w-gutter, l.text.Items)...)
	}
	l.clamp(len(l.lines))
}

// writable tells whether anything of it is to be written.
func (l *Letter) writable() bool {
	return slices.ContainsFunc(l.Items, func(i render.Written) bool { return i.Draft.Outcome != respond.RefusedOutcome || i.Draft.Why == "" })
}

// press obeys an act. What is written elsewhere is typed: here only its dialogue is opened.
func (l *letter) press(a act) intent {
	if l.move(a, len(l.lines)) {
		return nil
	}
	switch {
	case a != actApply && a != actTakeBack:
		return nil
	case l.busy != "":
		return wantToast{l.busy + ": wait until it has ended; X stops it"}
	case a == actTakeBack:
		return wantDialog{newTyped("Take back what was written about "+l.id, []string{"The last first, where nobody changed it since. Comments stay."}, "undo", wantUnwrite{l.id})}
	case !l.read || !l.text.writable():
		return wantToast{"nothing would be written"}
	}
	what := render.Plural(int64(len(l.text.Items)), "item", "items")
	return wantDialog{newTyped("Write what is shown to "+what+" about "+l.id, []string{"What each says now is kept first, and each is read afterwards."}, "write", wantWrite{l.id, l.text.Items})}
}

func (l *letter) view(b *strings.Builder, t *theme, w, h int) {
	for y := range h {
		var line render.Line
		at := l.top + y
		if at < len(l.lines) {
			line = l.lines[at]
		}
		t.row(b, &line, w, " ", at == l.cursor && at < len(l.lines), true)
		b.WriteByte('\n')
	}
}

// openLetter shows what would be written about a case. What is under way about another one is not forgotten for it.
func (m *Model) openLetter() tea.Cmd {
	id := m.subject()
	switch {
	case id == "":
		return nil
	case m.desk.Writer == nil:
		m.tell("there is nowhere to write to", nil)
		return nil
	case m.letter.busy != "" && m.letter.id != id:
		m.tell(m.letter.busy+" "+m.letter.id+" is under way", nil)
		return nil
	}
	m.visit(onWrite)
	if m.letter.busy != "" {
		return nil
	}
	m.letter = letter{id: id}
	return m.readLetter()
}

// readLetter asks the systems in the background what would be written.
func (m *Model) readLetter() tea.Cmd {
	w, id := m.desk.Writer, m.letter.id
	ended := m.beginLetter("reading what would be written about")
	return m.run(func(ctx context.Context) tea.Msg {
		ctx, cancel := until(ctx, ended)
		defer cancel()
		text, err := w.Drafts(ctx, id)
		return letterMsg{text, err}
	})
}

// beginLetter says that something is under way. The channel ends it.
func (m *Model) beginLetter(what string) <-chan struct{} {
	ended := make(chan struct{})
	m.letter.busy, m.letter.fault, m.letter.stop = what, "", sync.OnceFunc(func() { close(ended) })
	m.letter.layout(m.w, m.body())
	return ended
}

// stopLetter ends what is under way behind the item that is being written.
func (m *Model) stopLetter() {
	if m.letter.busy == "" {
		m.tell("nothing is under way", nil)
		return
	}
	m.letter.stop()
	m.tell("stopping", nil)
}

// mail writes, or takes back, in the background.
func (m *Model) mail(busy, did string, do func(ctx context.Context, told func(respond.Receipt)) error) tea.Cmd {
	m.letter.live = nil
	ended := m.beginLetter(busy)
	return m.carry(onWrite, func(ctx context.Context, told func(respond.Receipt)) tea.Msg {
		ctx, cancel := until(ctx, ended)
		defer cancel()
		return wroteMsg{did, do(ctx, told)}
	})
}

// doLetter is do for what is written back.
func (m *Model) doLetter(want intent) tea.Cmd {
	w := m.desk.Writer
	switch i := want.(type) {
	case wantWrite:
		return m.mail("writing back", "written back", func(ctx context.Context, told func(respond.Receipt)) error { return w.Write(ctx, i.id, i.seen, told) })
	case wantUnwrite:
		return m.mail("taking back what was written about", "taken back", func(ctx context.Context, told func(respond.Receipt)) error { return w.TakeBack(ctx, i.id, told) })
	}
	return nil
}

func (m *Model) lettered(msg letterMsg) {
	m.letter.busy = ""
	m.letter.read, m.letter.text = msg.err == nil, msg.text
	switch {
	case errors.Is(msg.err, context.Canceled):
		m.letter.fault = "stopped: what would be written is not known"
	case msg.err != nil:
		m.letter.fault = msg.err.Error()
	}
	m.letter.layout(m.w, m.body())
}

// wrote ends what was under way, and reads what stands there now. It opens a dialog by itself when it failed: whoever typed the word must not
// think that it was done.
func (m *Model) wrote(msg wroteMsg) tea.Cmd {
	m.warned = false
	id := m.letter.id
	switch {
	case errors.Is(msg.err, context.Canceled):
		m.waiting = append(m.waiting, told{title: "Stopped: " + id, text: []string{"What has a receipt was done; the rest was not begun."}})
	case msg.err != nil:
		m.waiting = append(m.waiting, told{title: "Not all of it was " + msg.did + ": " + id, text: []string{render.Short(msg.err.Error())}})
	default:
		m.tell(msg.did+": "+id, nil)
	}
	return m.readLetter()
}
