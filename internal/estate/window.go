package estate

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// window is planned work on hosts.
type window struct {
	from, until time.Time
	names       []pattern
	ranges      []netip.Prefix
	says, place string
}

func newWindow(m Maintenance, file string) (window, error) {
	w := window{place: file + ":" + strconv.Itoa(m.Line)}
	wrong := func(msg string) error { return &Error{File: file, Line: m.Line, Msg: "maintenance: " + msg} }
	var err error
	if w.from, err = time.Parse(time.RFC3339, m.From); err != nil {
		return w, wrong("from is no time like 2026-12-31T22:00:00Z")
	}
	if w.until, err = time.Parse(time.RFC3339, m.Until); err != nil {
		return w, wrong("until is no time like 2026-12-31T22:00:00Z")
	}
	switch {
	case !w.until.After(w.from):
		return w, wrong("it ends before it begins")
	case len(m.Hosts) == 0:
		return w, wrong("no hosts")
	}
	for _, h := range m.Hosts {
		if p, _, err := place(h); err == nil {
			w.ranges = append(w.ranges, p)
		} else {
			w.names = append(w.names, newPattern(h, 0))
		}
	}
	w.says = "maintenance from " + m.From + " until " + m.Until
	if m.Reason != "" {
		w.says += ": " + m.Reason
	}
	return w, nil
}

func sortWindows(list []window) {
	slices.SortStableFunc(list, func(a, b window) int { return a.from.Compare(b.from) })
}

// maintenance lowers what happens on hosts while work on them is planned. The alert's time is one of the fields it reads: who can
// write it could choose a moment at which work is planned.
func (e *Estate) maintenance(a *alert.Alert, note func(triage.Signal)) {
	at := a.First(alert.SlotTime)
	if at == nil || a.Time.IsZero() {
		return
	}
	for i := range e.windows {
		w := &e.windows[i]
		if w.from.After(a.Time) {
			return
		}
		if a.Time.After(w.until) {
			continue
		}
		if f := e.worked(w, a); f != nil {
			note(triage.Note(checkName, triage.Assets, planned, "work is planned on "+f.Value+": "+w.says, "", f, at).From(w.place, w.place))
			return
		}
	}
}

// worked is the target that the work is on, nil when another target of the same kind is not covered: the work excuses all or nothing.
func (e *Estate) worked(w *window, a *alert.Alert) *alert.Field {
	var found *alert.Field
	for _, t := range [...]alert.EntityType{alert.Host, alert.IP} {
		var of *alert.Field
		all := true
		for f := range a.Each(alert.EntitySlot(alert.Target, t)) {
			if !e.covered(w, f.Value) {
				all = false
			} else if of == nil || f.Trust < of.Trust {
				of = f
			}
		}
		if of != nil && !all {
			return nil
		}
		if found == nil {
			found = of
		}
	}
	return found
}

// Work is planned work on hosts.
type Work struct {
	From, Until time.Time
	Says        string                 // when and why
	On          func(host string) bool // a name, an address or a block of them, as the work or the inventory spells it
}

// Work lists the planned work, by its beginning.
func (e *Estate) Work() (list []Work) {
	for i := range e.windows {
		w := &e.windows[i]
		list = append(list, Work{w.from, w.until, w.says, func(host string) bool { return e.covered(w, host) }})
	}
	return list
}

// covered tells whether a window names a host, as the alert or as the inventory spells it.
func (e *Estate) covered(w *window, value string) bool {
	if ip, err := netip.ParseAddr(value); err == nil && w.holds(canonical(ip)) {
		return true
	}
	if p, err := netip.ParsePrefix(value); err == nil {
		return slices.ContainsFunc(w.ranges, p.Overlaps) || slices.ContainsFunc(e.Within(p), func(a Asset) bool { return w.on(&a) })
	}
	var mem room
	if w.named(spellHost(mem[:0], value)) {
		return true
	}
	id, n := e.host(value)
	return n == 1 && w.on(&e.assets[id])
}

// on tells whether a window names a listed machine.
func (w *window) on(a *Asset) bool {
	var mem room
	for _, name := range [...]string{a.Name, a.FQDN} {
		if name != "" && w.named(spellHost(mem[:0], name)) {
			return true
		}
	}
	return slices.ContainsFunc(a.Addresses, w.holds)
}

func (w *window) holds(ip netip.Addr) bool {
	return slices.ContainsFunc(w.ranges, func(p netip.Prefix) bool { return p.Contains(ip) })
}

func (w *window) named(sp spelling) bool {
	return slices.ContainsFunc(w.names, func(p pattern) bool { return p.fits(sp) })
}
