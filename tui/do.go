package tui

import (
	"cmp"
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

// keys splits what was typed faster than it was read into single keys. What is pasted is text, never a command.
func (m *Model) keys(k tea.KeyMsg) tea.Cmd {
	if k.Type != tea.KeyRunes || len(k.Runes) == 1 || k.Paste {
		return m.key(k)
	}
	var cmds []tea.Cmd
	for _, r := range k.Runes {
		cmds = append(cmds, m.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: k.Alt}))
	}
	return tea.Batch(cmds...)
}

func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	now := m.now()
	early := now.Sub(m.lastKey) < quiet
	m.lastKey = now
	switch k.Type {
	case tea.KeyCtrlC:
		return m.quit()
	case tea.KeyCtrlZ:
		return tea.Suspend
	}
	if m.dialog != nil {
		if m.opened && early {
			return nil // it was meant for what was there before
		}
		var want intent
		if m.dialog, want = m.dialog.press(k); m.dialog == nil {
			m.opened = false
		}
		return m.do(want)
	}
	if k.Paste {
		m.tell("what was pasted is no command", nil)
		return nil
	}
	m.toast, m.fault = "", false
	name := k.String()
	if k.Type == tea.KeySpace {
		name = " "
	}
	return m.act(pressed(name, m.on))
}

// act does what a key, or the palette, says.
func (m *Model) act(a act) tea.Cmd {
	if d, ok := dispositionOf(a); ok {
		return m.decideDialog(d)
	}
	switch a { //nolint:exhaustive // the others are the screens' own
	case noAct:
		return nil
	case actBack:
		return m.back()
	case actQuit:
		return m.quit()
	case actHelp:
		m.dialog = helpPage{on: m.on}
	case actPalette:
		m.dialog = palette{on: m.on}
	case actTheme:
		m.theme = m.theme.next()
		m.tell("theme: "+m.theme.name, nil)
	case actWriteBack:
		return m.openLetter()
	case actStop:
		if m.on == onWrite {
			m.stopLetter()
			return nil
		}
		return m.stopAsking()
	case actPivot, actPursue, actSummary, actWords:
		return m.askAbout(a)
	case actSuspend:
		return tea.Suspend
	case actUndo:
		return m.do(wantUndo{})
	case actRedo:
		return m.do(wantRedo{})
	case actTake, actAssign, actSnooze, actMerge:
		return m.tend(a)
	case actNote:
		if id := m.subject(); id != "" {
			m.dialog = newPrompt("note on "+id, "", func(text string) intent { return wantNote{id, text} })
		}
	case actPlan:
		return m.openPlan()
	case actViews:
		m.dialog = viewsDialog{saved: m.views, now: m.queue.view}
	default:
		return m.do(m.pressScreen(a))
	}
	return nil
}

func (m *Model) pressScreen(a act) intent {
	switch m.on { //nolint:exhaustive // a screen is one of these
	case onQueue:
		return m.queue.press(a)
	case onCase:
		return m.file.press(a)
	case onRaw:
		return m.raw.press(a)
	case onPlan:
		return m.plan.press(a)
	case onPage:
		return m.page.press(a)
	case onWrite:
		return m.letter.press(a)
	}
	return nil
}

// subject is the case that a key is about.
func (m *Model) subject() string {
	if m.on == onQueue {
		return m.queue.here()
	}
	return m.file.id
}

func (m *Model) visit(on place) {
	m.trail = append(m.trail, stop{m.on, m.file.id})
	m.on = on
}

// back goes to the screen before this one.
func (m *Model) back() tea.Cmd {
	if len(m.trail) == 0 {
		m.on = onQueue
		return nil
	}
	last := m.trail[len(m.trail)-1]
	m.trail = m.trail[:len(m.trail)-1]
	m.on = last.on
	if last.on == onCase && last.id != m.file.id {
		m.file.await(last.id)
		return m.readFile(last.id)
	}
	if last.on == onQueue {
		m.trail = nil
	}
	return nil
}

// quit leaves; while something is being carried out only when asked twice.
func (m *Model) quit() tea.Cmd {
	busy := cmp.Or(m.plan.busy, m.letter.busy)
	if m.deciding > 0 {
		busy = "deciding " + render.Plural(int64(m.deciding), "case", "cases")
	}
	if busy != "" && !m.warned {
		m.warned = true
		m.tell(busy+" is under way; once more leaves after what was begun, and the rest stays undone", nil)
		return nil
	}
	m.leaving = true
	return tea.Quit
}

// do turns an intent into a command, or into a change of the screen.
func (m *Model) do(want intent) tea.Cmd {
	switch i := want.(type) {
	case wantOpen:
		if m.on != onCase || m.file.id != i.id {
			m.visit(onCase)
		}
		m.file.await(i.id)
		return m.readFile(i.id)
	case wantRaw:
		return m.readRaw(i.verdict, i.path)
	case wantView:
		return m.look(i.view)
	case wantViews:
		m.views = i.saved
		m.tell(i.said, nil)
	case wantPivot:
		if m.queue.before == nil {
			v := m.queue.view
			m.queue.before = &v
		}
		m.tell("esc goes back to the view before", nil)
		return m.look(View{State: "all", Filter: i.filter})
	case wantDecide:
		m.said = append([]string{i.decision.Reason}, m.said...)
		m.deciding += len(i.ids)
		return m.decide(i.ids, i.decision)
	case wantUndo:
		return m.undo()
	case wantRedo:
		return m.redo()
	case wantNote:
		if i.text == "" {
			m.tell("an empty note is none", nil)
			return nil
		}
		return m.note(i.id, i.text)
	case wantStep:
		return m.step(i.by)
	case wantDialog:
		m.dialog = i.dialog
	case wantToast:
		m.tell(i.text, nil)
	case wantAct:
		return m.act(i.act)
	case wantSearch:
		if m.on == onPage {
			m.page.search = i.text
			return m.do(m.page.next(1))
		}
		m.raw.search = i.text
		return m.do(m.raw.next(1))
	case wantWindow:
		m.file.from = i.from
		for n := range m.file.panes {
			m.file.panes[n].scroll.cursor, m.file.panes[n].scroll.top = 0, 0
		}
		m.tell("reading", nil)
		return m.readFile(i.id)
	case wantReport:
		m.tell("writing the report of "+i.id, nil)
		return m.readReport(i.id)
	case wantPage:
		m.visit(onPage)
		m.page.show(i.page, m.w, m.body())
	case wantSave:
		if m.desk.Save == nil || i.name == "" {
			m.tell("nothing was written", nil)
			return nil
		}
		return m.save(i.name, i.text)
	case wantCopy:
		if m.desk.Copy == nil || i.text == "" {
			m.tell("there is nothing to copy, or no clipboard", nil)
			return nil
		}
		return m.copyText(i.text)
	case wantAssign, wantSnooze, wantGather, wantMerge, wantSplit:
		return m.doTend(want)
	case wantWrite, wantUnwrite:
		return m.doLetter(want)
	default:
		return m.respond(want)
	}
	return nil
}

// respond is do for what plans are about.
func (m *Model) respond(want intent) tea.Cmd {
	r := m.desk.Responder
	switch i := want.(type) {
	case wantMake:
		m.busy("making a plan")
		return m.propose(i.id)
	case wantApprove:
		m.busy("signing the approval")
		return m.agree(i.plan, i.risks)
	case wantApply:
		m.busy("carrying out")
		return m.carry(onPlan, func(ctx context.Context, told func(respond.Receipt)) tea.Msg {
			return respondMsg{"carried out", r.Apply(ctx, i.plan, told)}
		})
	case wantTakeBack:
		m.busy("taking back")
		return m.carry(onPlan, func(ctx context.Context, told func(respond.Receipt)) tea.Msg {
			return respondMsg{"taken back", r.TakeBack(ctx, i.plan, told)}
		})
	}
	return nil
}

func (m *Model) busy(what string) {
	m.plan.busy, m.plan.live, m.plan.fault = what, nil, ""
	m.plan.layout(m.w, m.body())
}

// look shows other cases, or the same in another order.
func (m *Model) look(v View) tea.Cmd {
	if _, err := ParseFilter(v.Filter); err != nil {
		m.tell("", err)
		return nil
	}
	m.queue.fault = ""
	m.on, m.trail = onQueue, nil
	m.queue.view, m.queue.want = v, m.queue.here()
	return m.list()
}

func (m *Model) openPlan() tea.Cmd {
	id := m.subject()
	switch {
	case id == "":
		return nil
	case m.plan.busy != "" && m.plan.id != id:
		m.tell(m.plan.busy+" is under way for "+m.plan.id, nil)
		return nil
	}
	m.visit(onPlan)
	if m.plan.busy != "" {
		return nil
	}
	m.plan = plan{id: id}
	m.plan.layout(m.w, m.body())
	return m.readPlans(id)
}

func (m *Model) step(by int) tea.Cmd {
	id := m.queue.step(m.file.id, by)
	if id == "" {
		m.tell("there is no further case in the queue", nil)
		return nil
	}
	m.file.await(id)
	return m.readFile(id)
}
