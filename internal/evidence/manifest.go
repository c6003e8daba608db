package evidence

import (
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// appendManifest appends a document of kind evidence, version 1, for every copy, and one that counts them: a manifest that was cut is
// no manifest.
func appendManifest(b []byte, list []Copy, by string, at time.Time) []byte {
	for i := range list {
		c := &list[i]
		b = append(b, `{"kind":"evidence","version":1`...)
		b = wire.Text(b, "name", c.Name)
		b = wire.Hex(b, "sha256", "", c.Sum[:])
		b = wire.Int(b, "bytes", c.Bytes)
		b = wire.Word(b, "what", string(c.Kind))
		b = wire.Text(b, "case", c.Case)
		b = wire.Text(b, "id", c.ID)
		b = wire.Text(b, "source", c.Source)
		if c.Line > 0 {
			b = wire.Int(b, "line", c.Line)
			b = wire.Int(b, "offset", c.Offset)
		}
		b = wire.Time(b, "time", c.Time)
		b = wire.Time(b, "collected", at)
		b = append(wire.Text(b, "by", by), '}', '\n')
	}
	b = append(b, `{"kind":"summary","version":1,"command":"investigate"`...)
	return append(wire.Int(b, "copies", int64(len(list))), '}', '\n')
}
