package alert

import (
	"github.com/seed-959697dd/soc/internal/wire"
)

// AppendJSON appends the alert as a document of kind alert, version 1; with raw, the record as received goes along.
func (a *Alert) AppendJSON(b []byte, raw bool) []byte {
	b = append(b, `{"kind":"alert","version":1`...)
	b = wire.Text(b, "id", a.ID)
	b = a.Input.AppendJSON(wire.Key(b, "input"))
	b = wire.Word(b, "format", a.Format)
	b = wire.Text(b, "vendor", a.Vendor)
	b = wire.Text(b, "product", a.Product)
	b = wire.Hex(b, "digest", "sha256:", a.Digest[:])
	if a.Rule != (Rule{}) {
		b = append(wire.Key(b, "rule"), '{')
		b = wire.Text(b, "id", a.Rule.ID)
		b = append(wire.Text(b, "name", a.Rule.Name), '}')
	}
	b = wire.Text(b, "title", a.Title)
	b = wire.Time(b, "time", a.Time)
	b = wire.Word(b, "action", a.Action.String())
	b = a.Severity.appendJSON(b)
	b = wire.Texts(b, "techniques", a.Techniques)
	b = a.appendEntities(b)
	b = a.appendKeys(b)
	b = a.appendIndicators(b)
	b = wire.Texts(b, "ambiguous", a.Ambiguous)
	b = AppendGaps(b, a.Gaps)
	if raw {
		b = wire.Key(b, "raw")
		if n := len(a.Raw); n > 0 && a.Raw[0] == '{' {
			b = append(b, a.Raw...)
		} else {
			b = wire.String(b, asString(a.Raw))
		}
	}
	return append(b, '}')
}

// AppendJSON appends the place as an object.
func (p *Place) AppendJSON(b []byte) []byte {
	b = wire.Text(append(b, '{'), "name", p.Name)
	b = wire.Int(b, "line", p.Line)
	return append(wire.Text(wire.Int(b, "offset", p.Offset), "item", p.Item), '}')
}

func (s Severity) appendJSON(b []byte) []byte {
	if s.Score < 0 && s.Vendor == "" {
		return b
	}
	b = append(wire.Key(b, "severity"), '{')
	if s.Score >= 0 {
		b = wire.Int(b, "score", int64(s.Score))
	}
	return append(wire.Text(b, "vendor", s.Vendor), '}')
}

// heads are the beginnings of an entity's object, by slot: they are written a dozen times per alert.
var heads = entityHeads()

func entityHeads() (list [256]string) {
	for s := range list {
		if role, typ := Slot(s).Entity(); typ != NoEntity {
			list[s] = `{"type":"` + typ.String() + `","role":"` + role.String() + `","value":`
		}
	}
	return list
}

// tails are its ends, by trust.
var tails = [trustEnds]string{`,"trust":"attacker"}`, `,"trust":"sensor"}`, `,"trust":"context"}`}

func (a *Alert) appendEntities(b []byte) []byte {
	open := false
	for i := range a.Fields {
		f := &a.Fields[i]
		if !slotsOf[NoEntity].has(f.Slot) {
			continue
		}
		if open {
			b = append(b, ',')
		} else {
			b = append(wire.Key(b, "entities"), '[')
			open = true
		}
		b = wire.String(append(b, heads[f.Slot]...), f.Value)
		b = wire.String(append(b, `,"path":`...), string(f.Path))
		b = append(b, tails[f.Trust]...)
	}
	if open {
		b = append(b, ']')
	}
	return b
}

// appendKeys writes what ties the alert to other records of the same activity, so that whoever has its document can go on from there.
func (a *Alert) appendKeys(b []byte) []byte {
	open := false
	for i := range a.Fields {
		f := &a.Fields[i]
		if !f.Slot.Key() {
			continue
		}
		if open {
			b = append(b, ',')
		} else {
			b = append(wire.Key(b, "keys"), '[')
			open = true
		}
		b = wire.Word(append(b, '{'), "type", f.Slot.String())
		b = wire.Text(b, "value", f.Value)
		b = append(wire.Text(b, "path", string(f.Path)), '}')
	}
	if open {
		b = append(b, ']')
	}
	return b
}

func (a *Alert) appendIndicators(b []byte) []byte {
	open := false
	var few [16]Indicator
	for _, in := range a.appendTo(few[:0]) {
		if !open {
			b = append(wire.Key(b, "indicators"), '[')
			open = true
		}
		b = append(wire.Comma(b), '{')
		b = wire.Word(b, "type", in.Type)
		b = wire.Text(b, "value", in.Value)
		b = append(wire.Text(b, "path", string(in.Path)), '}')
	}
	if open {
		b = append(b, ']')
	}
	return b
}

// AppendGaps appends the member "gaps", or nothing when there are none.
func AppendGaps(b []byte, gaps []Gap) []byte {
	if len(gaps) == 0 {
		return b
	}
	b = append(wire.Key(b, "gaps"), '[')
	for _, g := range gaps {
		b = append(wire.Comma(b), '{')
		b = wire.Text(b, "check", g.Check)
		b = wire.Text(b, "source", g.Source)
		b = wire.Text(b, "class", string(g.Class))
		b = append(wire.Text(b, "reason", g.Reason), '}')
	}
	return append(b, ']')
}
