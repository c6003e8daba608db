package investigate

import (
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// maxEventEntities bounds the entities that one event shows.
const maxEventEntities = 24

// appendEvents appends what was found in logs; nothing when there is none.
func (k *Case) appendEvents(b []byte) []byte {
	if len(k.Events) > 0 {
		b = append(wire.Key(b, "events"), '[')
		for i := range k.Events {
			b = k.Events[i].append(wire.Comma(b))
		}
		b = append(b, ']')
	}
	if len(k.Holes) > 0 {
		b = append(wire.Key(b, "holes"), '[')
		for _, h := range k.Holes {
			b = wire.Text(append(wire.Comma(b), '{'), "source", h.Source)
			b = wire.Time(b, "from", h.From)
			b = wire.Time(b, "to", h.To)
			b = append(wire.Text(b, "reason", h.Reason), '}')
		}
		b = append(b, ']')
	}
	if len(k.Skews) > 0 {
		b = append(wire.Key(b, "skews"), '[')
		for _, s := range k.Skews {
			b = wire.Text(append(wire.Comma(b), '{'), "source", s.Source)
			b = wire.Text(b, "against", s.Against)
			b = wire.Float(b, "seconds", s.Ahead.Round(time.Millisecond).Seconds())
			b = append(wire.Int(b, "pairs", int64(s.Pairs)), '}')
		}
		b = append(b, ']')
	}
	if len(k.Guides) > 0 {
		b = append(wire.Key(b, "guides"), '[')
		for i := range k.Guides {
			g := &k.Guides[i]
			b = wire.Word(append(wire.Comma(b), '{'), "name", g.Name)
			b = wire.Text(b, "title", g.Title)
			b = wire.Texts(b, "confirm", g.Confirm)
			b = wire.Texts(b, "clear", g.Clear)
			b = append(wire.Texts(b, "actions", g.Actions), '}')
		}
		b = append(b, ']')
	}
	return b
}

func (e *Event) append(b []byte) []byte {
	a := e.Record
	b = wire.Time(append(b, '{'), "time", a.Time)
	b = wire.Text(b, "source", a.Input.Name)
	b = wire.Int(b, "line", a.Input.Line)
	b = wire.Int(b, "offset", a.Input.Offset)
	b = wire.Text(b, "item", a.Input.Item)
	b = wire.Hex(b, "digest", "sha256:", a.Digest[:])
	b = wire.Word(b, "format", a.Format)
	b = wire.Text(b, "summary", e.Summary)
	b = wire.Text(b, "why", e.Why)
	b = wire.Word(b, "by", e.By)
	b = wire.Text(b, "alert", e.Alert)
	b = wire.Text(b, "asked_by", e.Asked)
	b = wire.Int(b, "hop", int64(e.Hop))
	b = wire.Word(b, "phase", e.Phase)
	if len(e.Techniques) > 0 {
		b = wire.Texts(b, "techniques", e.Techniques)
	}
	if e.Evidence != 0 {
		b = wire.Int(b, "evidence", int64(e.Evidence))
	}
	b = append(wire.Key(b, "entities"), '[')
	n := 0
	for f := range a.Entities(alert.NoEntity) {
		if n++; n > maxEventEntities {
			break
		}
		role, typ := f.Slot.Entity()
		b = wire.Word(append(wire.Comma(b), '{'), "type", typ.String())
		b = wire.Word(b, "role", role.String())
		b = wire.Text(b, "value", cut(f.Value, maxEntityValue))
		b = append(wire.Text(b, "path", string(f.Path)), '}')
	}
	return append(b, ']', '}')
}

// maxEntityValue bounds one value of an event; the record has the whole of it.
const maxEntityValue = 1024
