package render

import (
	"fmt"

	"github.com/seed-959697dd/soc/respond"
)

// Handover appends what becomes of a case on another platform, field by field.
func (p Paper) Handover(b []byte, d *respond.Handed) []byte {
	h := d.Handover
	head := map[string]string{"planned": "would go to", "created": "is now at", "existing": "is already at"}[d.Outcome]
	b = p.heading(b, clean(h.Case)+"  "+head+" "+clean(d.To)+" ("+d.Platform+")")
	if d.Record.ID != "" {
		b = p.wrap(b, 2, clean("as "+d.Record.ID+"  "+d.Record.URL))
	}
	b = p.wrap(b, 2, clean(h.Title)+", "+clean(h.Severity))
	for i, e := range h.Exhibits {
		field := d.Fields[i]
		if field == "" {
			field = "in the note only"
		}
		b = fmt.Appendf(b, "    %-22s %s\n", clean(field), clean(e.Value)) // whole, to be copied
	}
	if h.Left > 0 {
		b = p.wrap(b, 4, Plural(int64(h.Left), "value stays", "values stay")+" behind: a hand-over has at most "+Count(respond.MaxExhibits))
	}
	if d.Record.Note {
		b = p.line(b, 2, "with the findings as a note")
	}
	if r := d.Run; r != nil {
		before := ""
		if r.Before {
			before = ", started before"
		}
		b = p.wrap(b, 2, "playbook "+clean(r.Playbook)+": "+clean(r.Status)+before)
		if r.Detail != "" {
			b = p.wrap(b, 4, clean(r.Detail))
		}
	}
	for _, g := range d.Gaps {
		b = p.wrap(b, 2, "gap: "+clean(g.Reason))
	}
	return append(b, '\n')
}
