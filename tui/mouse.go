package tui

import tea "github.com/charmbracelet/bubbletea"

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

// mouse obeys the mouse, where it was asked for: a click goes to a line, a click on the line where the cursor is opens it, the wheel scrolls.
// A dialog takes keys only.
func (m *Model) mouse(e tea.MouseMsg) tea.Cmd {
	if m.dialog != nil || e.Action != tea.MouseActionPress {
		return nil
	}
	switch e.Button {
	case tea.MouseButtonWheelUp:
		return m.wheel(actUp)
	case tea.MouseButtonWheelDown:
		return m.wheel(actDown)
	case tea.MouseButtonLeft:
		return m.click(e.X, e.Y-1) // below the first line
	}
	return nil
}

func (m *Model) wheel(a act) tea.Cmd {
	for range wheelLines {
		m.pressScreen(a)
	}
	return nil
}

// click goes to a line of the body.
func (m *Model) click(x, y int) tea.Cmd {
	if y < 0 || y >= m.body() {
		return nil
	}
	s, n, above := &m.queue.scroll, m.queue.len(), 1
	switch m.on { //nolint:exhaustive // a screen is one of these
	case onQueue:
		if x >= m.listWidth() {
			return nil
		}
	case onCase:
		if len(m.file.panes) == 0 {
			return nil
		}
		left := 0
		for i := range m.file.panes {
			if x >= left {
				m.file.focus = i
			}
			left += m.file.panes[i].width + 1
		}
		p := &m.file.panes[m.file.focus]
		s, n, above = &p.scroll, len(p.lines), caseHead
	case onRaw:
		s, n = &m.raw.scroll, len(m.raw.rows)
	case onPlan:
		s, n, above = &m.plan.scroll, len(m.plan.lines), 0
	case onWrite:
		s, n, above = &m.letter.scroll, len(m.letter.lines), 0
	case onPage:
		s, n = &m.page.scroll, len(m.page.lines)
	}
	at := s.top + y - above
	switch {
	case y < above || at >= n:
		return nil
	case at == s.cursor && (m.on == onQueue || m.on == onCase):
		return m.do(m.pressScreen(actOpen))
	}
	s.cursor = at
	s.clamp(n)
	return nil
}
