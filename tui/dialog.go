package tui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// dialog is what stands over the screen and takes the keys. It is a value: press returns it as it is then, nil when it is closed.
type dialog interface {
	press(k tea.KeyMsg) (dialog, intent)
	lines(w, h int) []render.Line
}

// quiet is how long nobody may have typed before a dialog that opened by itself takes a key: whoever was typing meant something else.
const quiet = 425 * time.Millisecond

// prompt asks for one line of text.
type prompt struct {
	name string
	in   input
	made func(text string) intent
}

func newPrompt(name, text string, made func(string) intent) prompt {
	return prompt{name, typed(text), made}
}

func (p prompt) press(k tea.KeyMsg) (dialog, intent) {
	switch {
	case k.Type == tea.KeyEsc:
		return nil, nil
	case k.Type == tea.KeyEnter:
		return nil, p.made(p.in.String())
	}
	p.in.key(k)
	return p, nil
}

func (p prompt) lines(w, _ int) []render.Line {
	return []render.Line{
		{Pieces: []render.Piece{{Tone: render.Strong, Text: p.name + ": "}, {Text: p.in.show(w - len(p.name) - 3)}}},
		{Pieces: []render.Piece{{Tone: render.Faint, Text: "enter takes it, esc goes back"}}},
	}
}

// typedDialog does one thing once a word was typed.
type typedDialog struct {
	title string
	text  []string
	word  string
	then  intent
	in    input
	wrong bool
}

func newTyped(title string, text []string, word string, then intent) typedDialog {
	return typedDialog{title: title, text: text, word: word, then: then}
}

func (d typedDialog) press(k tea.KeyMsg) (dialog, intent) {
	switch {
	case k.Type == tea.KeyEsc:
		return nil, wantToast{"nothing was done"}
	case k.Type == tea.KeyEnter && d.in.String() == d.word:
		return nil, d.then
	case k.Type == tea.KeyEnter:
		d.wrong = true
		return d, nil
	}
	d.wrong = false
	d.in.key(k)
	return d, nil
}

func (d typedDialog) lines(w, _ int) []render.Line {
	list := render.Note(render.Strong, w, d.title)
	for _, text := range d.text {
		list = append(list, render.Note(render.Plain, w, text)...)
	}
	say := "type " + d.word + " to go on, esc goes back: "
	if d.wrong {
		say = "that is not " + d.word + ": "
	}
	return append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Text: say}, {Tone: render.Strong, Text: d.in.show(max(8, w-len(say)))}}})
}

// risksDialog has the name of each risk typed; one that is not typed is not accepted.
type risksDialog struct {
	plan     string
	risks    []string
	at       int
	accepted []string
	in       input
}

func (d risksDialog) press(k tea.KeyMsg) (dialog, intent) {
	switch k.Type {
	case tea.KeyEsc:
		return nil, wantToast{"nothing was approved"}
	case tea.KeyEnter:
		if d.in.String() == d.risks[d.at] {
			d.accepted = append(d.accepted[:len(d.accepted):len(d.accepted)], d.risks[d.at])
		}
		d.in = input{}
		if d.at++; d.at < len(d.risks) {
			return d, nil
		}
		if len(d.accepted) == 0 {
			return nil, wantToast{"no risk was accepted, nothing was approved"}
		}
		return nil, wantApprove{d.plan, d.accepted}
	default:
		d.in.key(k)
		return d, nil
	}
}

func (d risksDialog) lines(w, _ int) []render.Line {
	list := render.Note(render.Strong, w, "Agree to "+d.plan)
	list = append(list, render.RiskLines(w, d.risks[d.at])...)
	say := "to accept, type " + d.risks[d.at] + ": "
	list = append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Text: say}, {Tone: render.Strong, Text: d.in.show(max(8, w-len(say)))}}})
	return append(list, render.Note(render.Faint, w, "enter alone does not accept it; esc approves nothing")...)
}

// assistedDialog shows the risks of a plan whose actions are all at level 3. One key accepts them.
type assistedDialog struct {
	plan  string
	risks []string
}

func (d assistedDialog) press(k tea.KeyMsg) (dialog, intent) {
	switch {
	case k.Type == tea.KeyEsc:
		return nil, wantToast{"nothing was approved"}
	case k.String() == "y":
		return nil, wantApprove{plan: d.plan}
	}
	return d, nil
}

func (d assistedDialog) lines(w, _ int) []render.Line {
	list := render.Note(render.Strong, w, "Agree to "+d.plan)
	for _, risk := range d.risks {
		list = append(list, render.RiskLines(w, risk)...)
	}
	list = append(list, render.Line{})
	list = append(list, render.Note(render.Plain, w, "Every action of it is at level 3 of the ladder: y accepts these risks.")...)
	return append(list, render.Note(render.Faint, w, "esc approves nothing")...)
}

// told is something that a person has to know. It opens by itself.
type told struct {
	title string
	text  []string
	keys  []choice
}

// choice is a key of a told, and what it does.
type choice struct {
	key, says string
	then      intent
}

func (d told) press(k tea.KeyMsg) (dialog, intent) {
	for _, c := range d.keys {
		if k.String() == c.key {
			return nil, c.then
		}
	}
	if k.Type == tea.KeyEnter || k.Type == tea.KeyEsc {
		return nil, nil
	}
	return d, nil
}

func (d told) lines(w, _ int) []render.Line {
	list := render.Note(render.Strong, w, d.title)
	for _, text := range d.text {
		list = append(list, render.Note(render.Plain, w, text)...)
	}
	list = append(list, render.Line{})
	for _, c := range d.keys {
		list = append(list, render.Note(render.Plain, w, c.key+"  "+c.says)...)
	}
	return append(list, render.Note(render.Plain, w, "enter  go on")...)
}

// box draws a dialog's lines over the middle of a screen's rows.
func box(t *theme, rows []string, d dialog, w, h int) {
	inner := min(w-4, 100)
	list := d.lines(inner, h-4)
	list = list[:min(len(list), max(1, h-2))]
	top := max(0, (h-len(list)-2)/2)
	left := (w - inner - 4) / 2
	edge := strings.Repeat(" ", left) + "+" + strings.Repeat("-", inner+2) + "+"
	put := func(y int, text string) {
		if y < len(rows) {
			rows[y] = text + strings.Repeat(" ", max(0, w-left-inner-4))
		}
	}
	put(top, edge)
	for i := range list {
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", left) + "| ")
		t.paint(&b, &list[i], inner)
		put(top+1+i, b.String()+" |")
	}
	put(top+1+len(list), edge)
}

// keyed is a line of a key and what it does.
func keyed(keys, says string, w int) render.Line {
	return render.Line{Pieces: []render.Piece{{Tone: render.Strong, Text: keys + strings.Repeat(" ", max(1, 16-term.Width(keys)))}, {Text: term.Truncate(says, w-16)}}}
}
