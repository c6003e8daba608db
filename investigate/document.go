package investigate

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// AppendJSON appends the case as a document of kind case, version 1, on a line of its own, and behind it documents of kind members
// for the alerts it has no room for.
func (k *Case) AppendJSON(b []byte) []byte {
	b = append(b, `{"kind":"case","version":1`...)
	b = wire.Text(b, "id", k.ID)
	b = wire.Text(b, "title", k.Title)
	b = wire.Word(b, "status", "open")
	b = wire.Word(b, "severity", k.Severity.String())
	b = wire.Word(b, "route", k.Route.String())
	b = wire.Float(b, "probability", k.Probability)
	b = wire.Text(b, "disposition", k.Disposition)
	if len(k.Hosts) > 0 {
		b = wire.Text(b, "host", k.Hosts[0])
	}
	b = wire.Int(b, "count", k.Alerts)
	b = wire.Time(b, "first_time", k.First)
	b = wire.Time(b, "last_time", k.Last)
	b = wire.Texts(b, "alert_ids", k.AlertIDs)
	b = k.appendLinks(b)
	if len(k.Techniques) > 0 {
		b = wire.Texts(b, "techniques", k.Techniques)
	}
	b = k.appendIndicators(b)
	b = k.appendEvents(b)
	b = k.appendConclusions(b)
	b = append(wire.Key(b, "verdicts"), '[')
	for i := range k.Members {
		b = appendVerdict(wire.Comma(b), k.Members[i].Document)
	}
	b = append(alert.AppendGaps(append(b, ']'), k.Gaps), '}', '\n')
	for _, m := range k.rest {
		for ids := m.More; len(ids) > 0; ids = ids[min(len(ids), triage.MaxIDs):] {
			b = append(triage.AppendMembers(b, m.ID, ids[:min(len(ids), triage.MaxIDs)]), '\n')
		}
	}
	return b
}

// appendVerdict appends a valid JSON document as it was read, but on one line and with what a terminal would obey or hide escaped:
// the file may be another program's.
func appendVerdict(b []byte, doc string) []byte {
	for i, r := range doc {
		switch {
		case r == '\n' || r == '\r' || r == '\t': // between tokens: strings cannot hold them
		case r == utf8.RuneError:
			b = append(b, `\ufffd`...)
		case r < utf8.RuneSelf && r != 0x7f:
			b = append(b, doc[i])
		case !wire.Hidden(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}

func (k *Case) appendLinks(b []byte) []byte {
	b = append(wire.Key(b, "links"), '[')
	for i := range k.Links {
		b = append(k.Links[i].append(append(wire.Comma(b), '{')), '}')
	}
	b = append(b, ']')
	if len(k.Near) > 0 {
		b = append(wire.Key(b, "near"), '[')
		for i := range k.Near {
			n := &k.Near[i]
			b = wire.Text(append(wire.Comma(b), '{'), "case", n.Case)
			b = wire.Word(b, "route", n.Route.String())
			b = append(n.append(wire.Bool(b, "before", n.Before)), '}')
		}
		b = append(b, ']')
	}
	if len(k.Common) == 0 {
		return b
	}
	b = append(wire.Key(b, "common"), '[')
	for _, h := range k.Common {
		b = wire.Text(append(wire.Comma(b), '{'), "type", h.Kind)
		b = wire.Text(b, "value", h.Value)
		b = append(wire.Int(b, "verdicts", int64(h.Verdicts)), '}')
	}
	return append(b, ']')
}

// append appends the fields of a reason.
func (l *Reason) append(b []byte) []byte {
	b = wire.Text(b, "a", l.A)
	b = wire.Text(b, "b", l.B)
	b = wire.Text(b, "because", l.Because)
	b = wire.Float(b, "weight", l.Weight)
	if l.Timed {
		b = wire.Float(b, "seconds", l.Between.Seconds())
	}
	return appendReceipts(b, l.Receipts)
}

func (k *Case) appendIndicators(b []byte) []byte {
	if len(k.Indicators) == 0 {
		return b
	}
	b = append(wire.Key(b, "indicators"), '[')
	for i := range k.Indicators {
		n := &k.Indicators[i]
		b = wire.Text(append(wire.Comma(b), '{'), "type", n.Type)
		b = wire.Text(b, "value", n.Value)
		b = wire.Text(b, "defanged", n.Defanged)
		b = wire.Text(b, "role", n.Role)
		b = wire.Word(b, "verdict", n.Verdict)
		b = wire.Word(b, "standing", string(n.Standing))
		b = wire.Text(b, "hidden", n.Hidden)
		b = append(appendReceipts(b, n.Receipts), '}')
	}
	return append(b, ']')
}

func appendReceipts(b []byte, list []Receipt) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(wire.Key(b, "receipts"), '[')
	for _, r := range list {
		b = wire.Text(append(wire.Comma(b), '{'), "alert", r.Alert)
		b = wire.Text(b, "path", r.Path)
		b = append(wire.Text(b, "value", r.Value), '}')
	}
	return append(b, ']')
}
