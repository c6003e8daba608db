package estate

import (
	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

const checkName = "assets"

// Check says what the estate knows about the machines and accounts that an alert is about. What is not listed is passed over in
// silence: that nobody listed it says nothing. It is immutable.
func (e *Estate) Check() triage.Check { return check{e} }

type check struct{ e *Estate }

func (check) Name() string { return checkName }

func (c check) Check(a *alert.Alert, note func(triage.Signal)) {
	e := c.e
	if e == nil || len(e.assets)+len(e.accounts)+len(e.windows) == 0 {
		return
	}
	var s sight
	for i := range a.Fields {
		e.look(&s, &a.Fields[i])
	}
	for _, m := range s.machines[:s.found] {
		e.machine(m, note)
	}
	if s.traits&(scanner|backup|testing) != 0 {
		e.explain(&s, a, note)
	}
	for _, m := range s.people[:s.known] {
		e.account(a, m, note)
	}
	if len(e.windows) > 0 {
		e.maintenance(a, note)
	}
}

// side is which part something plays: what happens to it, or what it does.
type side uint8

const (
	source side = iota
	target
	sides
)

// sideOf leaves out who only watched and who is only mentioned.
func sideOf(r alert.Role) (side, bool) {
	switch r {
	case alert.Target:
		return target, true
	case alert.Source, alert.Actor:
		return source, true
	case alert.Observer, alert.Related:
	}
	return 0, false
}

// sighting is an entry that an alert is about.
type sighting struct {
	id   int32
	n    int // how many entries fit
	side side
	rank uint8
	f    *alert.Field
}

// maxSeen bounds how many machines, and how many accounts, of one alert are spoken about: those that matter most.
const maxSeen = 8

// sight is what one alert is about.
type sight struct {
	machines [maxSeen]sighting
	people   [maxSeen]sighting
	found    int
	known    int
	traits   traits
	mixed    [sides]bool // machines of one kind of name of which some are listed and some are not, or which were too many
	listed   [sides][2]bool
	stranger [sides][2]bool
}

// look files one field.
func (e *Estate) look(s *sight, f *alert.Field) {
	role, typ := f.Slot.Entity()
	at, ok := sideOf(role)
	if !ok {
		return
	}
	switch typ {
	case alert.Host, alert.Cloud, alert.IP:
		id, n := e.host(f.Value)
		e.seen(s, typ, at, id, n, f)
	case alert.Domain:
		if f.Slot == alert.EntitySlot(alert.Target, alert.Domain) {
			if id, n := e.host(f.Value); n > 0 {
				e.seen(s, typ, at, id, n, f)
			}
		}
	case alert.User:
		if id, n := e.user(f.Value); n > 0 {
			s.person(sighting{id, n, at, e.users.rank[id], f})
		} else if l := len(f.Value); l > 1 && f.Value[l-1] == '$' { // a machine's own account
			id, n := e.host(f.Value)
			if n > 0 {
				e.seen(s, alert.Host, at, id, n, f)
			}
		}
	case alert.Mail:
		if id, n := e.user(f.Value); n > 0 {
			s.person(sighting{id, n, at, e.users.rank[id], f})
		}
	case alert.NoEntity, alert.URL, alert.File, alert.Hash, alert.Process, alert.Command, alert.Registry, alert.Port:
	}
}

func (e *Estate) seen(s *sight, typ alert.EntityType, at side, id int32, n int, f *alert.Field) {
	kind := 0
	if typ == alert.IP {
		kind = 1
	}
	if n == 0 {
		s.stranger[at][kind] = true
		return
	}
	s.listed[at][kind] = true
	s.traits |= e.assets[id].traits
	m := sighting{id, n, at, e.hosts.rank[id], f}
	if !file(&s.machines, &s.found, m) {
		s.mixed[at] = true
	}
}

func (s *sight) person(m sighting) { file(&s.people, &s.known, m) }

// file keeps a sighting. Of two of one entry on one side the field that can be trusted more stays; when there is no room, the one
// that matters least goes, and the answer is false.
func file(list *[maxSeen]sighting, n *int, m sighting) bool {
	least := 0
	for i := range *n {
		old := &list[i]
		if old.id == m.id && old.side == m.side {
			if m.f.Trust > old.f.Trust {
				old.f, old.n = m.f, m.n
			}
			return true
		}
		if old.rank < list[least].rank {
			least = i
		}
	}
	if *n < maxSeen {
		list[*n] = m
		*n++
		return true
	}
	if m.rank > list[least].rank {
		list[least] = m
	}
	return false
}

// only is the machine of a side when every listed machine there has one of the traits, and no stranger stands beside it.
func (s *sight) only(e *Estate, at side, want traits) *sighting {
	if s.mixed[at] {
		return nil
	}
	for k := range s.listed[at] {
		if s.listed[at][k] && s.stranger[at][k] {
			return nil
		}
	}
	var found *sighting
	for i := range s.machines[:s.found] {
		m := &s.machines[i]
		if m.side != at {
			continue
		}
		if m.n > 1 || e.assets[m.id].traits&want == 0 {
			return nil
		}
		if found == nil || m.f.Trust < found.f.Trust {
			found = m
		}
	}
	return found
}
