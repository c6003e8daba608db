package investigate

import (
	"crypto/sha256"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// A record may come more than once: as an alert that was triaged and again from the log it was taken from, or from a file and from the SIEM
// that has the file's records. It is one record then, and stands once in a case.

// itself finds the records that the case's alerts were, and takes in those that nothing else did.
func (f *follower) itself() {
	f.own = map[int]*trace{}
	for _, s := range f.seeds {
		i := f.record(s)
		if i < 0 {
			continue
		}
		f.own[i] = s
		f.join(i, "alert", "the record of the alert "+briefID(s.a.ID)+" itself", 0)
	}
}

// record is the place of the record that an alert was; -1 when it is not among those at hand. It stands where the alert was read, has the same
// bytes or the same id, or says the same of the same moment.
func (f *follower) record(s *trace) int {
	found, sure := -1, 0
	for _, i := range f.alike[s.likeness()] {
		found, sure = i, 1
		break
	}
	for _, i := range f.moments[s.at.UnixMilli()] {
		t, level := f.traces[i], 0
		switch {
		case t.a.Input == s.a.Input:
			level = 4
		case t.a.Digest == s.a.Digest:
			level = 3
		case t.a.ID == s.a.ID && t.a.Format == s.a.Format && !strings.HasPrefix(t.a.ID, "sha256:"):
			level = 2
		}
		if level > sure {
			found, sure = i, level
		}
	}
	return found
}

// meet indexes the records at hand by moment and likeness, and finds those that came from several inputs: of each the copies of one input stay, of
// the one that has most of them.
func (f *follower) meet() {
	f.moments, f.alike = map[int64][]int{}, map[alert.Digest][]int{}
	for i, t := range f.traces {
		if t.seed {
			continue
		}
		f.moments[t.at.UnixMilli()] = append(f.moments[t.at.UnixMilli()], i)
		if !t.at.IsZero() {
			d := t.likeness()
			f.alike[d] = append(f.alike[d], i)
		}
	}
	f.again = map[int]bool{}
	for _, list := range f.alike {
		count := map[string]int{}
		for _, i := range list {
			count[f.traces[i].a.Input.Name]++
		}
		if len(count) < 2 {
			continue
		}
		best := ""
		for name, n := range count {
			if best == "" || n > count[best] || n == count[best] && name < best {
				best = name
			}
		}
		for _, i := range list {
			if f.traces[i].a.Input.Name != best {
				f.again[i] = true
			}
		}
	}
}

// copied tells a record that the case has from another input.
func (f *follower) copied(i int) bool {
	if f.own[i] != nil {
		return false
	}
	t := f.traces[i]
	for _, o := range f.alike[t.likeness()] {
		if f.own[o] != nil && f.traces[o].a.Input.Name != t.a.Input.Name && !t.at.IsZero() {
			return true
		}
	}
	return f.again[i]
}

// likeness is a digest of what a record says of which moment, whoever relayed it: two with the same are one record in two wrappings.
func (t *trace) likeness() (d alert.Digest) {
	h := sha256.New()
	put := func(s string) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	put(t.at.UTC().Format("2006-01-02T15:04:05.000"))
	put(t.host)
	for _, p := range [...]process{t.actor, t.parent, t.target} {
		put(p.key)
		put(p.id)
		put(program(p.image))
	}
	for _, e := range [...]endpoint{t.source, t.remote} {
		put(e.addr.String())
		put(e.port)
	}
	for _, s := range [...]alert.Slot{
		alert.SlotEventCode, alert.SlotSession, alert.SlotTargetSession, alert.SlotCredential, alert.SlotNewCredential, alert.SlotRequest, alert.SlotConnection,
		alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User), alert.EntitySlot(alert.Actor, alert.Command), alert.EntitySlot(alert.Target, alert.File),
		alert.EntitySlot(alert.Target, alert.Registry), alert.EntitySlot(alert.Target, alert.URL), alert.EntitySlot(alert.Target, alert.Domain),
	} {
		put(t.a.Text(s))
	}
	h.Sum(d[:0])
	return d
}
