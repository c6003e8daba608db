package store

import (
	"encoding/binary"
	"time"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/wire"
)

// flags of a record.
const (
	dead = 1 << iota // another entry for the same value said more
	wild
)

// lengthSize is how many bytes stand before a record's body.
const lengthSize = 4

// maxRecord bounds a record: what an entry may carry is bounded by package ioc and the readers.
const maxRecord = 64 << 10

func appendRecord(b []byte, in *ioc.Indicator) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	flags := byte(0)
	if in.Wild {
		flags |= wild
	}
	b = append(b, flags, byte(in.Type), byte(in.Verdict), in.Confidence, byte(in.TLP))
	b = wire.AppendText(b, in.Value)
	for _, t := range [...]time.Time{in.First, in.Last, in.Until} {
		b = binary.AppendVarint(b, seconds(t))
	}
	b = binary.AppendVarint(b, in.Line)
	b = wire.AppendText(b, in.File)
	b = wire.AppendText(b, in.Reference)
	b = append(b, byte(len(in.Tags)))
	for _, tag := range in.Tags {
		b = wire.AppendText(b, tag)
	}
	binary.LittleEndian.PutUint32(b[start:], uint32(len(b)-start-lengthSize))
	return b
}

// seconds is a time as it is stored: 0 for none, so that the first second of 1970 is lost.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func instant(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// decodeRecord reads a record's body. The strings are views into it.
func decodeRecord(b []byte) (in ioc.Indicator, flags byte, ok bool) {
	r := wire.NewReader(b)
	flags = r.Byte()
	in.Type, in.Verdict, in.Confidence, in.TLP = ioc.Type(r.Byte()), ioc.Verdict(r.Byte()), r.Byte(), ioc.TLP(r.Byte())
	in.Wild = flags&wild != 0
	in.Value = r.Text()
	in.First, in.Last, in.Until = instant(r.Varint()), instant(r.Varint()), instant(r.Varint())
	in.Line = r.Varint()
	in.File, in.Reference = r.Text(), r.Text()
	for range min(int(r.Byte()), ioc.MaxTags) {
		in.Tags = append(in.Tags, r.Text())
	}
	return in, flags, !r.Bad
}

// valueOf reads the type and the value of a record's body and nothing else.
func valueOf(b []byte) (ioc.Type, string, bool) {
	r := wire.NewReader(b)
	r.Byte()
	typ := ioc.Type(r.Byte())
	r.Fixed(3)
	value := r.Text()
	return typ, value, !r.Bad
}

// is tells whether a record's body is what the key asks for.
func (k *Key) is(b []byte) bool {
	typ, value, ok := valueOf(b)
	if !ok || typ != k.typ {
		return false
	}
	if k.host {
		_, value = ioc.HostOf(value)
	}
	return value == k.value
}
