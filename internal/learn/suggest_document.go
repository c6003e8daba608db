package learn

import (
	"github.com/seed-959697dd/soc/internal/wire"
)

// AppendJSON appends the suggestion as a document of kind suggestion, version 1. rank counts from 1.
func (s *Suggestion) AppendJSON(b []byte, rank int, drafts []Draft) []byte {
	b = append(b, `{"kind":"suggestion","version":1`...)
	b = wire.Text(b, "id", s.Name)
	b = wire.Int(b, "rank", int64(rank))
	b = wire.Text(b, "format", s.Format)
	b = wire.Text(b, "title", s.Title)
	b = s.Rule.appendJSON(wire.Key(b, "rule"))
	b = append(wire.Key(b, "values"), '[')
	for _, f := range s.Facts {
		b = f.appendJSON(wire.Comma(b))
	}
	b = append(wire.Key(append(b, ']'), "record"), '{')
	b = wire.Int(b, "alerts", int64(s.Alerts))
	b = wire.Int(b, "groups", int64(s.Groups))
	b = wire.Float(b, "share", s.Share)
	b = wire.Int(b, "harmless", int64(s.Harmless))
	b = wire.Int(b, "attacks", int64(s.Attacks))
	b = wire.Int(b, "undecided", int64(s.Undecided()))
	b = wire.Time(b, "first_time", s.First)
	b = append(wire.Time(b, "last_time", s.Last), '}')
	b = wire.Bool(b, "hides_attacks", s.Attacks > 0)
	b = append(wire.Key(b, "hidden"), '{')
	b = wire.Int(b, "attack_groups", int64(s.Attacks))
	b = wire.Int(b, "attack_alerts", int64(s.HiddenAlerts()))
	b = wire.Texts(b, "attack_ids", s.Hidden)
	b = wire.Int(b, "more", int64(s.More))
	b = append(wire.Key(append(b, '}'), "drafts"), '[')
	for i := range drafts {
		b = drafts[i].appendJSON(wire.Comma(b))
	}
	return append(b, "]}"...)
}

func (f *Fact) appendJSON(b []byte) []byte {
	b = wire.Word(append(b, '{'), "slot", f.Slot.String())
	b = wire.Text(b, "value", f.Value)
	b = wire.Text(b, "path", string(f.Path))
	return append(wire.Word(b, "trust", f.Trust.String()), '}')
}

func (d *Draft) appendJSON(b []byte) []byte {
	b = wire.Word(append(b, '{'), "language", string(d.Language))
	b = wire.Text(b, "text", d.Text)
	return append(wire.Text(b, "refused", d.Refused), '}')
}
