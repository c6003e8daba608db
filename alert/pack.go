package alert

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// AppendPacked appends what the alert's document needs, in a binary form of a third of its size: documents are made late and of few alerts.
func (a *Alert) AppendPacked(b []byte) []byte {
	b = wire.AppendText(b, a.ID)
	b = wire.AppendText(b, a.Input.Name)
	b = wire.AppendText(binary.AppendVarint(binary.AppendVarint(b, a.Input.Line), a.Input.Offset), a.Input.Item)
	b = wire.AppendText(wire.AppendText(wire.AppendText(b, a.Format), a.Vendor), a.Product)
	b = append(b, a.Digest[:]...)
	b = wire.AppendText(wire.AppendText(wire.AppendText(b, a.Rule.ID), a.Rule.Name), a.Title)
	if a.Time.IsZero() {
		b = append(b, 0)
	} else {
		b = binary.AppendVarint(append(b, 1), a.Time.Unix())
		b = binary.AppendVarint(b, int64(a.Time.Nanosecond()))
	}
	b = append(b, byte(a.Action))
	b = wire.AppendText(binary.AppendVarint(b, int64(a.Severity.Score)), a.Severity.Vendor)
	b = appendTexts(appendTexts(b, a.Techniques), a.Ambiguous)
	b = binary.AppendUvarint(b, uint64(len(a.Gaps)))
	for _, g := range a.Gaps {
		b = wire.AppendText(wire.AppendText(wire.AppendText(wire.AppendText(b, g.Check), g.Source), string(g.Class)), g.Reason)
	}
	for i := range a.Fields {
		if f := &a.Fields[i]; f.documented() {
			b = wire.AppendText(wire.AppendText(append(b, byte(f.Slot), byte(f.Trust)), string(f.Path)), f.Value)
		}
	}
	return append(b, byte(NoSlot))
}

// documented tells the fields that stand in a document: entities, keys, and what is an indicator besides.
func (f *Field) documented() bool {
	return slotsOf[NoEntity].has(f.Slot) || f.Slot == SlotCVE || f.Slot.Key()
}

func appendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = wire.AppendText(b, s)
	}
	return b
}

var errPacked = errors.New("not a packed alert")

// Unpack reads what AppendPacked wrote, into the memory of a's lists. The strings are views into b. The alert has a
// document, but neither Raw, View nor the fields that are not in its document.
func (a *Alert) Unpack(b []byte) error {
	r := wire.NewReader(b)
	*a = Alert{
		ID: r.Text(), Input: Place{Name: r.Text(), Line: r.Varint(), Offset: r.Varint(), Item: r.Text()}, Format: r.Text(), Vendor: r.Text(), Product: r.Text(),
		Digest: Digest(r.Fixed(len(Digest{}))), Rule: Rule{ID: r.Text(), Name: r.Text()}, Title: r.Text(),
		Fields: a.Fields[:0], Techniques: a.Techniques[:0], Ambiguous: a.Ambiguous[:0], Gaps: a.Gaps[:0],
	}
	if r.Byte() == 1 {
		a.Time = time.Unix(r.Varint(), r.Varint()).UTC()
	}
	a.Action = min(Action(r.Byte()), actions-1)
	a.Severity = Severity{Score: int(r.Varint()), Vendor: r.Text()}
	for range r.Count() {
		a.Techniques = append(a.Techniques, r.Text())
	}
	for range r.Count() {
		a.Ambiguous = append(a.Ambiguous, r.Text())
	}
	for range r.Count() {
		a.Gaps = append(a.Gaps, Gap{Check: r.Text(), Source: r.Text(), Class: GapClass(r.Text()), Reason: r.Text()})
	}
	fields := a.Fields
	for s := Slot(r.Byte()); s != NoSlot; s = Slot(r.Byte()) {
		fields = append(fields, Field{Slot: s, Trust: min(Trust(r.Byte()), trustEnds-1), Path: Path(r.Text()), Value: r.Text()})
		a.slots.add(s)
	}
	a.Fields, a.slotted = fields, len(fields)
	if r.Bad {
		return errPacked
	}
	return nil
}
