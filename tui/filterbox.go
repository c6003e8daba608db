package tui

import (
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// filterBox asks for a filter. One that does not read stays, with a caret under the place.
type filterBox struct {
	in    input
	then  func(text string) intent
	fault *query.Fault
}

func (d filterBox) press(k tea.KeyMsg) (dialog, intent) {
	switch k.Type {
	case tea.KeyEsc:
		return nil, nil
	case tea.KeyEnter:
		text := d.in.String()
		_, err := ParseFilter(text)
		if !errors.As(err, &d.fault) && err == nil {
			return nil, d.then(text)
		}
		if d.fault == nil {
			d.fault = &query.Fault{What: err.Error()}
		}
		d.in = typed(text)
		d.in.at = min(d.fault.Column, len(d.in.text))
		return d, nil
	default:
		d.fault = nil
		d.in.key(k)
		return d, nil
	}
}

func (d filterBox) lines(w, _ int) []render.Line {
	const say = "filter: "
	room := w - len(say) - 1
	list := []render.Line{{Pieces: []render.Piece{{Tone: render.Strong, Text: say}, {Text: d.in.show(room)}}}}
	if d.fault != nil {
		list = append(list, render.Line{Pieces: []render.Piece{{Tone: render.Warn, Text: strings.Repeat(" ", len(say)+d.in.column(room)) + "^"}}})
		list = append(list, render.Note(render.Warn, w, d.fault.What)...)
		return list
	}
	list = append(list, render.Note(render.Faint, w, `words, host:ws-12, -not; or a condition: severity in ["high", "critical"] && age > duration("4h")`)...)
	list = append(list, render.Note(render.Faint, w, "fields: "+strings.Join(query.Fields(), ", "))...)
	return append(list, render.Note(render.Faint, w, "enter takes it, esc goes back")...)
}

// column is where the cursor stands in what show makes of the text.
func (in *input) column(w int) int {
	before, _, _ := strings.Cut(in.show(w), "_")
	if !strings.Contains(string(in.text[:in.at]), "_") {
		return term.Width(before)
	}
	return min(term.Width(term.Clean(string(in.text[:in.at]))), w-2)
}
