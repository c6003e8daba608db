package tui

import (
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// gutter is what stands left of a line: where the cursor is, and whether the line is marked. Neither needs a colour.
const gutter = 2

// paint appends a line in exactly w columns.
func (t *theme) paint(b *strings.Builder, l *render.Line, w int) {
	left := w
	for i := range l.Pieces {
		p := &l.Pieces[i]
		text := p.Text
		n := term.Width(text)
		if n > left {
			text = term.Truncate(text, left)
			n = term.Width(text)
		}
		if n == 0 {
			continue
		}
		look := &t.tones[p.Tone]
		b.WriteString(look[0])
		b.WriteString(text)
		b.WriteString(look[1])
		if left -= n; left <= 0 {
			return
		}
	}
	b.WriteString(strings.Repeat(" ", left))
}

// row appends a line behind its gutter. On the cursor's line the look of the cursor takes the place of the tones.
func (t *theme) row(b *strings.Builder, l *render.Line, w int, mark string, here, focused bool) {
	sign := " "
	if here {
		sign = ">"
		if !focused {
			sign = "-"
		}
	}
	if !here {
		b.WriteString(sign + mark)
		t.paint(b, l, w-gutter)
		return
	}
	look := &t.cursor
	if !focused {
		look = &t.unfocused
	}
	text := term.Truncate(l.Text(), w-gutter)
	b.WriteString(look[0])
	b.WriteString(sign + mark + text + strings.Repeat(" ", max(0, w-gutter-term.Width(text))))
	b.WriteString(look[1])
}

// scroll is a list that is longer than the screen: where its cursor is and which line stands at the top.
type scroll struct{ cursor, top, height int }

// clamp keeps the cursor within n lines and in sight.
func (s *scroll) clamp(n int) {
	s.cursor = min(max(s.cursor, 0), max(n-1, 0))
	s.height = max(s.height, 1)
	if s.cursor < s.top {
		s.top = s.cursor
	}
	if s.cursor >= s.top+s.height {
		s.top = s.cursor - s.height + 1
	}
	s.top = min(max(s.top, 0), max(n-s.height, 0))
}

// move obeys an act that moves, and tells whether it was one.
func (s *scroll) move(a act, n int) bool {
	switch a { //nolint:exhaustive // those that move
	case actUp:
		s.cursor--
	case actDown:
		s.cursor++
	case actPageUp:
		s.cursor -= s.height
		s.top -= s.height
	case actPageDown:
		s.cursor += s.height
		s.top += s.height
	case actTop:
		s.cursor = 0
	case actBottom:
		s.cursor = n - 1
	default:
		return false
	}
	s.clamp(n)
	return true
}
