package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
)

// viewsDialog picks one of the views that a person keeps, or keeps the present one under a name.
type viewsDialog struct {
	saved []Saved
	now   View
	in    input
}

// mostViews is how many views can be kept: as many as there are digits to pick them by.
const mostViews = 9

func (d viewsDialog) press(k tea.KeyMsg) (dialog, intent) {
	switch {
	case k.Type == tea.KeyEsc || k.Type == tea.KeyEnter && d.in.String() == "":
		return nil, nil
	case k.Type == tea.KeyEnter:
		return nil, d.keep(d.in.String())
	case k.Type == tea.KeyRunes && len(k.Runes) == 1 && len(d.in.text) == 0:
		if n := int(k.Runes[0] - '1'); n >= 0 && n < len(d.saved) {
			return nil, wantView{d.saved[n].View}
		}
	}
	d.in.key(k)
	return d, nil
}

// keep is the views as they are then: with the present one under a name, or without one.
func (d viewsDialog) keep(name string) intent {
	name, forget := strings.CutPrefix(name, "-")
	list := slices.DeleteFunc(slices.Clone(d.saved), func(s Saved) bool { return s.Name == name })
	switch {
	case forget && len(list) == len(d.saved):
		return wantToast{"no view is called " + name}
	case forget:
		return wantViews{list, "forgotten: " + name}
	case len(list) == mostViews:
		return wantToast{fmt.Sprintf("%d views are kept already: -name forgets one", mostViews)}
	}
	return wantViews{append(list, Saved{name, d.now}), "kept: " + name}
}

func (d viewsDialog) lines(w, _ int) []render.Line {
	list := render.Note(render.Strong, w, "Views")
	for i := range d.saved {
		s := &d.saved[i]
		list = append(list, render.Line{Pieces: []render.Piece{{Tone: render.Strong, Text: fmt.Sprintf("  %d  ", i+1)}, {Text: render.Short(s.Name) + "  "}, {Tone: render.Faint, Text: s.View.words()}}})
	}
	say := "keep this view as: "
	return append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Text: say}, {Tone: render.Strong, Text: d.in.show(w - len(say))}}},
		render.Line{Pieces: []render.Piece{{Tone: render.Faint, Text: "a number goes to a view, a name keeps this one, -name forgets one"}}})
}

// words says what a view shows beyond the open cases in their usual order; it may be nothing.
func (v *View) words() string {
	var shown []string
	if v.State != "open" {
		shown = append(shown, v.State)
	}
	if v.Filter != "" {
		shown = append(shown, "/"+render.Short(v.Filter))
	}
	if v.Sort != "" {
		shown = append(shown, v.Sort+" first")
	}
	if v.Group != "" {
		shown = append(shown, "by "+v.Group)
	}
	return strings.Join(shown, ", ")
}
