// Package tui is the screen on which an analyst works the queue: the cases that need a person, one case with its evidence, the raw alert a reason
// rests on, decisions that can be taken back, and the plan of response. Plain is the same as a dialogue in lines.
//
// It is one Bubble Tea model, by value. Screens and dialogs are plain structs whose methods return an intent, which is data; only the
// root turns one into a command (do.go, load.go), and nothing is read or written in Update. What a noun looks like is internal/render's.
// It opens no casebook and reads no configuration: what it works on is handed in as a Desk.
//
// Start with Desk, New and Model.Update.
package tui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
)

// Options are what a screen is made of.
type Options struct {
	Desk  Desk
	Now   func() time.Time
	Place Place         // where the queue was left
	Plain bool          // no colour: NO_COLOR, or a terminal that has none
	Mouse bool          // the terminal reports it
	Pulse time.Duration // how often the casebook is asked whether somebody did something; 0: never
}

// Model is the whole screen. Its maps are shared between the values that Update returns: only the latest may be used.
type Model struct {
	desk  Desk
	now   func() time.Time
	pulse time.Duration
	run   func(func(context.Context) tea.Msg) tea.Cmd
	theme theme
	w, h  int
	on    place
	trail []stop

	queue   queue
	file    casefile
	preview casefile
	raw     raw
	plan    plan
	page    page
	letter  letter
	asking  *asking // what is being asked in the background; nil: nothing

	dialog  dialog
	opened  bool // the dialog opened by itself
	waiting []told
	lastKey time.Time

	toast    string
	fault    bool // the toast is of something that failed
	done     []deed
	undid    []deed   // the latest last
	said     []string // reasons of this session, the latest first
	head     int64
	wakes    time.Time // when a case that is put aside comes back
	views    []Saved
	turn     int    // of the last listing that was asked for
	stop     func() // ends the listing that is under way
	reading  int    // listings under way
	stale    bool   // another is due when they have come
	deciding int    // cases
	warned   bool
	leaving  bool
	mice     bool // there is a mouse
}

// stop is a screen on the way back.
type stop struct {
	on place
	id string // of the case
}

// deed is what one undo takes back, and one redo does again.
type deed struct {
	made []Made
	left []string // cases that are not among the open ones any more
	what string   // in words; empty: a decision
}

// seq is the last record that tells of it.
func (d *deed) seq() (seq int64) {
	for _, m := range d.made {
		seq = max(seq, m.Seq)
	}
	return seq
}

// New makes a screen. The context ends everything that it reads and writes.
func New(ctx context.Context, o Options) Model {
	m := Model{desk: o.Desk, now: o.Now, pulse: o.Pulse, mice: o.Mouse, on: onQueue, queue: newQueue(o.Place), views: o.Place.Views, w: 80, h: 24}
	m.run = func(f func(context.Context) tea.Msg) tea.Cmd { return func() tea.Msg { return f(ctx) } }
	name := o.Place.Theme
	if name == "" {
		name = "dark"
	}
	if o.Plain {
		name = "plain"
	}
	m.theme = newTheme(name)
	m.preview.idle = true
	m.resize(m.w, m.h)
	return m
}

// Place is where the queue is left.
func (m *Model) Place() Place {
	return Place{View: m.queue.view, Case: m.queue.here(), Theme: m.theme.name, Views: m.views}
}

// Init implements tea.Model.
func (m Model) Init() tea.Cmd { return tea.Batch(m.list(), m.beat()) }

// Update implements tea.Model: it hands each message to who knows what it means.
func (m Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
	case tea.KeyMsg:
		cmd = m.keys(msg)
	case tea.MouseMsg:
		cmd = m.mouse(msg)
	case tea.ResumeMsg:
		cmd = m.ask()
		if m.mice { // the terminal was the shell's meanwhile
			cmd = tea.Batch(cmd, tea.EnableMouseCellMotion)
		}
	case listedMsg:
		cmd = m.listed(msg)
	case rowsMsg:
		m.tell("", msg.err)
		m.queue.learn(msg.ids, msg.rows)
	case previewMsg:
		m.previewed(msg)
	case fileMsg:
		m.filed(msg)
	case rawMsg:
		m.rawed(msg)
	case decidedMsg:
		cmd = m.decided(msg)
	case undoneMsg:
		cmd = m.undone(msg)
	case didMsg:
		cmd = m.did(msg)
	case gatheredMsg:
		m.gathered(msg)
	case notedMsg:
		cmd = m.noted(msg)
	case plansMsg:
		m.planned(msg)
	case proposedMsg:
		cmd = m.proposed(msg)
	case pageMsg:
		cmd = m.paged(msg)
	case progressMsg:
		cmd = m.progressed(msg)
	case askedMsg:
		cmd = m.asked(msg)
	case receiptMsg:
		cmd = m.received(msg)
	case respondMsg:
		cmd = m.responded(msg)
	case letterMsg:
		m.lettered(msg)
	case wroteMsg:
		cmd = m.wrote(msg)
	case pulseMsg:
		cmd = tea.Batch(m.ask(), m.beat())
	case headMsg:
		cmd = m.moved(msg)
	case toldMsg:
		m.tell(msg.text, msg.err)
	}
	return m, tea.Batch(cmd, m.follow())
}

// follow asks for what the screen shows next and does not have yet.
func (m *Model) follow() tea.Cmd {
	if m.dialog == nil && len(m.waiting) > 0 {
		m.dialog, m.opened, m.waiting = m.waiting[0], true, m.waiting[1:]
		m.lastKey = m.now()
	}
	if m.on != onQueue {
		return nil
	}
	var cmds []tea.Cmd
	if ids := m.queue.needs(); len(ids) > 0 {
		m.queue.asked = true
		cmds = append(cmds, m.rows(ids))
	}
	if id := m.queue.peek(); m.w >= withPreview && id != "" && m.preview.id != id && m.queue.asking == "" {
		m.queue.asking = id
		cmds = append(cmds, m.readPreview(id))
	}
	return tea.Batch(cmds...)
}

// withPreview is the width from which on the queue shows the case under the cursor beside it.
const withPreview = 160

// body is the lines between the first and the last two of the screen.
func (m *Model) body() int { return max(1, m.h-3) }

func (m *Model) resize(w, h int) {
	m.w, m.h = max(w, 20), max(h, 8)
	m.queue.width = m.listWidth()
	m.queue.height = max(1, m.body()-1)
	m.queue.clamp(m.queue.len())
	m.file.layout(m.w, m.body())
	m.preview.layout(m.w-m.queue.width-1, m.body())
	m.raw.layout(m.w, m.body())
	m.plan.layout(m.w, m.body())
	m.page.layout(m.w, m.body())
	m.letter.layout(m.w, m.body())
}

func (m *Model) listWidth() int {
	if m.w < withPreview {
		return m.w
	}
	return m.w * 11 / 20
}

// tell shows a sentence in the line above the keys until the next key.
func (m *Model) tell(text string, err error) {
	switch {
	case err != nil:
		m.toast, m.fault = err.Error(), true
	case text != "":
		m.toast, m.fault = text, false
	}
}

// View implements tea.Model.
func (m Model) View() string {
	if m.leaving {
		return ""
	}
	var b strings.Builder
	b.Grow(m.w * m.h * 2)
	t := &m.theme
	head := m.headline()
	t.paint(&b, &head, m.w)
	b.WriteByte('\n')
	switch m.on { //nolint:exhaustive // a screen is one of these
	case onQueue:
		m.queueView(&b)
	case onCase:
		m.file.view(&b, t, m.w, m.body())
	case onRaw:
		m.raw.view(&b, t, m.w, m.body())
	case onPlan:
		m.plan.view(&b, t, m.w, m.body())
	case onPage:
		m.page.view(&b, t, m.w, m.body())
	case onWrite:
		m.letter.view(&b, t, m.w, m.body())
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if m.dialog != nil {
		rows := strings.Split(text, "\n")
		box(t, rows, m.dialog, m.w, m.h-1)
		text = strings.Join(rows, "\n")
	}
	b.Reset()
	b.WriteString(text)
	b.WriteByte('\n')
	status := m.status()
	t.paint(&b, &status, m.w)
	b.WriteByte('\n')
	keys := render.Line{Pieces: []render.Piece{{Tone: render.Faint, Text: helpLine(m.on, m.w)}}}
	t.paint(&b, &keys, m.w)
	return b.String()
}
