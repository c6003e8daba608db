package alert

import (
	"slices"
	"time"
)

// joined makes one time of the members of a join, once all are there. The field holds and cites the first alone: the whole
// stands nowhere.
func (w walker) joined(h *hit) {
	if h.out.part != 0 {
		return
	}
	text := h.value
	for part := 1; part < h.out.join.parts; part++ {
		i := slices.IndexFunc(w.p.hits, func(o hit) bool { return o.out.join == h.out.join && o.out.part == part })
		if i < 0 {
			return
		}
		text += " " + w.p.hits[i].value
	}
	if t, err := w.time(text); err == nil {
		w.a.Time = t
		w.add(Field{Slot: SlotTime, Trust: w.m.trust[SlotTime], Path: h.path, Value: h.value})
	}
}

func (w walker) time(text string) (time.Time, error) {
	return ParseTime(text, w.p.set.opts.Zone, w.p.set.opts.Now)
}
