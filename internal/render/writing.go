package render

import (
	"encoding/json"
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
)

// AppendDraft appends what would be written to an item as a document of kind writing, version 1.
func AppendDraft(b []byte, w *respond.Writing, d *respond.Draft) []byte {
	b = append(b, `{"kind":"writing","version":1`...)
	t := w.Target()
	b = append(wire.Key(b, "target"), '{')
	b = append(wire.Text(wire.Word(b, "type", string(t.Type)), "value", t.Value), '}')
	b = wire.Text(b, "case", w.Case)
	if d.Why != "" {
		b = wire.Text(wire.Word(b, "outcome", d.Outcome.String()), "detail", d.Why)
	} else {
		b = wire.Text(b, "detail", respond.Difference(&d.Was, &d.Want))
	}
	b = appendEntry(b, "was", &d.Was)
	b = appendEntry(b, "want", &d.Want)
	if d.Note {
		b = wire.Text(b, "note", w.Note)
	}
	return append(b, '}')
}

func appendEntry(b []byte, key string, e *respond.Entry) []byte {
	text, err := json.Marshal(e)
	if err != nil || string(text) == "{}" { // it holds texts only
		return b
	}
	return append(wire.Key(b, key), text...)
}

// Draft appends what would be written to an item as text.
func (p Paper) Draft(b []byte, w *respond.Writing, d *respond.Draft) []byte {
	what := clean(w.Target().Value)
	if w.Case != "" {
		what += "  " + clean(w.Case)
	}
	switch {
	case d.Why != "" && d.Note:
		b = p.wrap(b, 0, "would comment  "+what)
		b = p.wrap(b, 4, clean(d.Why))
	case d.Why != "":
		b = p.wrap(b, 0, d.Outcome.String()+"  "+what)
		b = p.wrap(b, 4, clean(d.Why))
	default:
		b = p.wrap(b, 0, "would write  "+what)
		b = p.wrap(b, 4, clean(respond.Difference(&d.Was, &d.Want)))
	}
	if !d.Note {
		return b
	}
	lead := "comment: "
	for line := range strings.Lines(w.Note) {
		b = p.wrap(b, 4, lead+clean(strings.TrimSuffix(line, "\n")))
		lead = "  "
	}
	return b
}

// Written is an item with what it is to be told, and what would come of that.
type Written struct {
	Writing respond.Writing
	Draft   respond.Draft
}

// WrittenLines are items for a screen: what would be written to each, or why nothing.
func WrittenLines(width int, list []Written) []Line {
	p := NewPaper(term.IO{Width: width})
	var b []byte
	for i := range list {
		b = append(p.Draft(b, &list[i].Writing, &list[i].Draft), '\n')
	}
	return split(b)
}
