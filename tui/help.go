package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// helpPage lists what can be done on a screen, from the keymap itself.
type helpPage struct {
	on  place
	top int
}

func (h helpPage) press(k tea.KeyMsg) (dialog, intent) {
	switch k.String() {
	case "j", "down", "pgdown", " ":
		h.top++
		return h, nil
	case "k", "up", "pgup":
		h.top = max(0, h.top-1)
		return h, nil
	case "esc", "enter", "q", "?":
		return nil, nil
	}
	return h, nil
}

func (h helpPage) lines(w, height int) []render.Line {
	var list []render.Line
	for _, b := range bindings() {
		if b.on&h.on == 0 {
			continue
		}
		var keys []string
		for _, k := range b.keys {
			keys = append(keys, keyName(k))
		}
		list = append(list, keyed(strings.Join(keys, " "), b.help, w))
	}
	room := max(1, height-2)
	top := min(h.top, max(0, len(list)-room))
	shown := list[top:min(len(list), top+room)]
	say := "esc goes back"
	if len(list) > room {
		say = "j and k scroll, esc goes back"
	}
	return append(append([]render.Line{}, shown...), render.Line{}, render.Line{Pieces: []render.Piece{{Tone: render.Faint, Text: say}}})
}

// helpLine is the last line of the screen: the keys that are most needed, as far as there is room.
func helpLine(on place, w int) string {
	line := ""
	for _, b := range bindings() {
		if b.on&on == 0 || b.short == "" {
			continue
		}
		item := keyName(b.keys[0]) + " " + b.short
		if line != "" {
			item = "  " + item
		}
		if term.Width(line)+term.Width(item)+len("  ? help") > w && b.act != actHelp {
			continue
		}
		line += item
	}
	return term.Truncate(line, w)
}

// palette finds what can be done by its name.
type palette struct {
	on place
	in input
	at int
}

func (p palette) found() (list []binding) {
	for _, b := range bindings() {
		if b.on&p.on != 0 && strings.Contains(strings.ToLower(b.help), strings.ToLower(p.in.String())) && b.act != actPalette {
			list = append(list, b)
		}
	}
	return list
}

func (p palette) press(k tea.KeyMsg) (dialog, intent) {
	list := p.found()
	switch k.Type {
	case tea.KeyEsc:
		return nil, nil
	case tea.KeyUp:
		p.at = max(0, p.at-1)
	case tea.KeyDown, tea.KeyTab:
		p.at = min(p.at+1, max(0, len(list)-1))
	case tea.KeyEnter:
		if p.at < len(list) {
			return nil, wantAct{list[p.at].act}
		}
	default:
		p.in.key(k)
		p.at = 0
	}
	return p, nil
}

func (p palette) lines(w, h int) []render.Line {
	list := []render.Line{{Pieces: []render.Piece{{Text: "do: "}, {Tone: render.Strong, Text: p.in.show(w - 4)}}}, {}}
	found := p.found()
	room := max(1, min(h-4, 12))
	top := max(0, p.at-room+1)
	for i := top; i < min(len(found), top+room); i++ {
		sign := "  "
		if i == p.at {
			sign = "> "
		}
		list = append(list, keyed(sign+keyName(found[i].keys[0]), found[i].help, w))
	}
	if len(found) == 0 {
		list = append(list, render.Note(render.Faint, w, "nothing of that name can be done here")...)
	}
	return append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Tone: render.Faint, Text: "enter does it, esc goes back"}}})
}
