package tui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

func (m *Model) listed(msg listedMsg) tea.Cmd {
	if msg.turn < m.turn {
		return m.listEnded()
	}
	m.turn = msg.turn
	if msg.err != nil {
		m.queue.fault = msg.err.Error()
		m.tell("", msg.err)
		return m.listEnded()
	}
	m.queue.take(msg.order, msg.whole)
	m.wakes = msg.order.Wakes
	m.head = max(m.head, msg.order.Head)
	if !msg.whole {
		return m.listOf(0)
	}
	return m.listEnded()
}

// listEnded asks for the listing that became due while one was under way.
func (m *Model) listEnded() tea.Cmd {
	m.reading = max(0, m.reading-1)
	if m.reading > 0 || !m.stale {
		return nil
	}
	m.stale = false
	return m.list()
}

func (m *Model) previewed(msg previewMsg) {
	m.queue.asking = ""
	if msg.err != nil {
		m.tell("", msg.err)
		m.preview.id = msg.id
		return
	}
	m.preview.show(msg.id, msg.file)
	for i := range m.preview.panes {
		m.preview.panes[i].scroll.cursor, m.preview.panes[i].scroll.top = 0, 0
	}
}

// filed shows a case. That somebody else decided it while it was looked at is told: it would be missed otherwise.
func (m *Model) filed(msg fileMsg) {
	if msg.id != m.file.id {
		return // somebody went on before it came
	}
	if msg.err != nil {
		m.file.fault = msg.err.Error()
		m.tell("", msg.err)
		return
	}
	before := m.file.file
	was := before != nil && before.Row.Status == "open"
	m.file.show(msg.id, msg.file)
	if row := &msg.file.Row; was && row.Status == "closed" && m.queue.gone[msg.id] == 0 && !m.file.told {
		m.file.told = true
		m.waiting = append(m.waiting, told{
			title: msg.id + " was decided meanwhile",
			text:  []string{"by " + render.Short(row.By) + ": " + strings.ReplaceAll(row.Disposition, "_", " ")},
			keys:  []choice{{"]", "the next case", wantStep{1}}},
		})
	}
}

func (m *Model) rawed(msg rawMsg) {
	if msg.err != nil {
		m.tell("", msg.err)
		return
	}
	switch m.on { //nolint:exhaustive // from anywhere else somebody went on before it came
	case onCase, onPage:
		m.visit(onRaw)
	case onRaw:
	default:
		return
	}
	m.raw.show(msg.raw, msg.path, m.w, m.body())
}

// decideDialog asks for the reason of a decision.
func (m *Model) decideDialog(d triage.Disposition) tea.Cmd {
	ids, title := []string{m.file.id}, ""
	var similar []render.SimilarCase
	if m.on == onQueue {
		ids = m.queue.targets()
	}
	if len(ids) == 0 || ids[0] == "" {
		m.tell("there is no case to decide", nil)
		return nil
	}
	f := m.file.file
	if m.on == onQueue {
		f = m.preview.file
	} else if f == nil {
		m.tell("the case is being read: nobody decides what they have not seen", nil)
		return nil
	}
	if f != nil && f.Row.ID == ids[0] && len(ids) == 1 {
		title, similar = f.Row.Title, f.Similar
	} else if len(ids) == 1 {
		title = m.queue.rows[ids[0]].row.Title
	}
	m.dialog = newVerdictDialog(ids, title, d, m.said, similar)
	return nil
}

// decided takes the cases out of the queue, goes on to the next, and tells of what somebody else had decided before.
func (m *Model) decided(msg decidedMsg) tea.Cmd {
	m.deciding, m.warned = max(0, m.deciding-msg.asked), false
	if len(msg.made) > 0 {
		m.record(deed{made: msg.made, left: casesOf(msg.made)})
		what := render.Plural(int64(len(msg.made)), "case", "cases")
		if len(msg.made) == 1 {
			what = msg.made[0].Case
		}
		m.tell(what+": "+strings.ReplaceAll(msg.decision.Disposition.String(), "_", " ")+", "+string(msg.decision.Certainty)+". u takes it back", nil)
	}
	m.tell("", msg.err)
	m.lost(msg)
	if m.on != onCase || len(msg.made) == 0 || msg.made[0].Case != m.file.id {
		return m.refresh()
	}
	return tea.Batch(m.refresh(), m.goOn())
}

// goOn opens the case that took the decided one's place in the queue.
func (m *Model) goOn() tea.Cmd {
	id := m.queue.here()
	if id == "" && m.queue.len() > 0 {
		m.queue.cursor--
		id = m.queue.step(m.queue.here(), 1)
	}
	if id == "" {
		m.on, m.trail = onQueue, nil
		m.toast = "that was the last case here. " + m.toast
		return nil
	}
	m.trail = []stop{{onQueue, ""}}
	m.file.await(id)
	return m.readFile(id)
}

// lost tells of the cases that somebody else decided first: of one what was said, of many how many.
func (m *Model) lost(msg decidedMsg) {
	for _, taken := range msg.taken {
		m.file.told = m.file.told || taken.Case == m.file.id
	}
	switch n := len(msg.taken); n {
	case 0:
	case 1:
		m.waiting = append(m.waiting, losing(msg.taken[0], msg.decision))
	default:
		d := told{title: render.Plural(int64(n), "case was", "cases were") + " decided by somebody else first", text: []string{"Theirs stand. The first of them:"}}
		for _, taken := range msg.taken[:min(n, 5)] {
			d.text = append(d.text, render.Short(taken.Error()))
		}
		m.waiting = append(m.waiting, d)
	}
}

// losing tells that somebody else was first. What was typed is not lost: it can be kept as a note.
func losing(t *TakenError, d triage.Decision) told {
	words := strings.ReplaceAll(d.Disposition.String(), "_", " ") + ": " + d.Reason
	return told{
		title: t.Case + " was decided by somebody else first",
		text: []string{
			render.Short(t.Error()), "You said " + render.Short(words), "Theirs stands; nothing of yours was written.",
		},
		keys: []choice{{"n", "keep what you said as a note on the case", wantNote{t.Case, "said too late: " + words}}, {"]", "the next case", wantStep{1}}},
	}
}

func (m *Model) undo() tea.Cmd {
	if len(m.done) == 0 {
		m.tell("there is nothing to take back", nil)
		return nil
	}
	last := m.done[len(m.done)-1]
	m.done = m.done[:len(m.done)-1]
	return m.withdraw(last)
}

func (m *Model) undone(msg undoneMsg) tea.Cmd {
	for _, id := range msg.deed.left {
		delete(m.queue.gone, id)
	}
	for _, made := range msg.made {
		m.queue.forget(made.Case)
	}
	for _, taken := range msg.taken {
		m.waiting = append(m.waiting, told{title: "Not taken back: " + taken.Case, text: []string{render.Short(taken.Error()), "Somebody decided after you; theirs stands."}})
	}
	if len(msg.made) > 0 {
		back := msg.deed
		slices.Reverse(msg.made)
		back.made = msg.made
		m.undid = append(m.undid, back)
		m.queue.want = msg.made[0].Case
		what := render.Plural(int64(len(msg.made)), "case", "cases")
		m.tell("taken back: "+what+" of "+msg.made[0].Case+" open again", nil)
		if len(msg.made) == 1 {
			m.tell("taken back: "+msg.made[0].Case+" is open again", nil)
		}
		if msg.deed.what != "" {
			m.tell("taken back: "+msg.deed.what+". U does it again", nil)
		}
	}
	m.tell("", msg.err)
	if m.on == onCase && len(msg.made) == 1 {
		m.file.await(msg.made[0].Case)
		return tea.Batch(m.list(), m.readFile(msg.made[0].Case))
	}
	return m.list()
}

func (m *Model) noted(msg notedMsg) tea.Cmd {
	m.tell("noted on "+msg.id, msg.err)
	if m.on == onCase && m.file.id == msg.id {
		return m.readFile(msg.id)
	}
	return nil
}

func (m *Model) planned(msg plansMsg) {
	if msg.id != m.plan.id {
		return
	}
	m.plan.read = true
	if msg.err != nil {
		m.plan.fault = msg.err.Error()
	} else {
		m.plan.plans, m.plan.at = msg.plans, min(m.plan.at, max(0, len(msg.plans)-1))
	}
	m.plan.layout(m.w, m.body())
}

func (m *Model) proposed(msg proposedMsg) tea.Cmd {
	m.plan.busy, m.plan.at = "", 0
	switch {
	case msg.err != nil:
		m.plan.fault = msg.err.Error()
	case !msg.some:
		m.plan.fault = "the case recommends nothing: no plan"
	}
	m.plan.layout(m.w, m.body())
	return m.readPlans(m.plan.id)
}

// responded ends what was under way. It opens a dialog by itself when it failed: whoever approved must not think that it was done.
func (m *Model) responded(msg respondMsg) tea.Cmd {
	m.plan.busy, m.warned = "", false
	if msg.err != nil {
		m.waiting = append(m.waiting, told{title: "Not " + msg.did, text: []string{render.Short(msg.err.Error())}})
		m.plan.fault = msg.err.Error()
	} else {
		m.tell(msg.did, nil)
	}
	m.plan.layout(m.w, m.body())
	return m.readPlans(m.plan.id)
}

// moved reads anew what somebody may have changed.
func (m *Model) moved(msg headMsg) tea.Cmd {
	if msg.err != nil {
		m.tell("", msg.err)
		return nil
	}
	if woke := !m.wakes.IsZero() && !m.now().Before(m.wakes); msg.head == m.head && !woke {
		return nil
	}
	m.wakes = time.Time{}
	m.head = msg.head
	cmds := []tea.Cmd{m.refresh()}
	if m.on == onCase && m.file.id != "" {
		cmds = append(cmds, m.readFile(m.file.id))
	}
	if m.on == onPlan && m.plan.busy == "" {
		cmds = append(cmds, m.readPlans(m.plan.id))
	}
	return tea.Batch(cmds...)
}
