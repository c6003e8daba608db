package files

import (
	"bytes"
	"context"

	"github.com/seed-959697dd/soc/alert/stream"
)

// time notes when a record was written.
func (w *worker) time(n *note, raw, view []byte) {
	if _, err := w.parser.Parse(&w.sample, bytes.Clone(raw), bytes.Clone(view)); err != nil {
		return // a line that is no record of its own
	}
	if w.sample.Time.IsZero() {
		n.blind = true
		return
	}
	n.times = append(n.times, w.sample.Time.UnixNano())
}

// times notes when some records of the block were written, at even distances, and the last.
func (b *block) times() {
	own := b.text[:b.end-b.base]
	step, at := int(distance(b.lo)), 0
	for at < len(own) {
		end := lineEnd(own, at)
		b.time(own[at:end])
		if at = end; at < len(own) {
			at = lineEnd(own, min(at+step, len(own)-1))
		}
	}
	if n := len(bytes.TrimRight(own, "\r\n")); n > 0 {
		b.time(own[bytes.LastIndexByte(own[:n], '\n')+1:])
	}
}

func (b *block) time(line []byte) {
	if line = bytes.TrimRight(line, "\r\n"); len(bytes.TrimLeft(line, " \t")) > 0 {
		b.w.time(&b.note, line, nil)
	}
}

// last looks whether the file ends within a record.
func (b *block) last() {
	if n := len(b.text); n == 0 || b.text[n-1] == '\n' {
		return
	}
	from := bytes.LastIndexByte(b.text, '\n') + 1
	line := b.text[from:]
	where := b.before + int64(bytes.Count(b.text, newline)) + 1
	reason := "the last line has no end: it may be cut off"
	if trimmed := bytes.TrimLeft(line, " \t"); len(trimmed) > 0 && trimmed[0] == '{' {
		if _, err := b.w.parser.Parse(&b.w.sample, bytes.Clone(line), nil); err == nil {
			return
		}
		reason = "the file ends in the middle of a record"
	}
	b.part.lost = append(b.part.lost, lost{reason, where, b.base + int64(from)})
}

// wrappedIn returns how many bytes of the text belong to a record that began before it.
func (b *block) wrappedIn() int {
	if b.base == b.rd.start {
		return 0
	}
	const reach = 64 << 10
	from := max(b.rd.start, b.base-reach)
	before := make([]byte, min(3, b.base-from))
	if n, err := b.rd.file.ReadAt(before, b.base-int64(len(before))); n < len(before) || err != nil || !goesOn(before) {
		return 0
	}
	head := make([]byte, b.base-from)
	if n, _ := b.rd.file.ReadAt(head, from); n < len(head) || !goesOn(head) {
		return 0
	}
	start, _ := around(head, len(head)-1, 0)
	_, to := around(b.text, 0, 0)
	end := b.base
	s := stream.Stretch{Name: b.part.name, Offset: from + int64(start), Text: append(head[start:], b.text[:to]...)}
	_ = stream.ReadLines(context.WithoutCancel(b.w.ctx), s, b.w.r.s.o.Limits, func(batch stream.Batch) error {
		for i := range batch.Records {
			if rec := &batch.Records[i]; rec.Offset < b.base {
				end = max(end, rec.Offset+int64(len(rec.Raw)))
			}
		}
		return nil
	})
	if end == b.base {
		return 0
	}
	return lineEnd(b.text, int(end-b.base-1))
}
