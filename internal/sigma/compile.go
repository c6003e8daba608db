package sigma

import (
	"slices"
	"strings"
)

// The fields that the engine itself reads. keywords is no field: its values are all values of the record.
const (
	keywords int32 = iota
	fieldEventID
	fieldChannel
	fieldProvider
	fieldEventType
	fieldCategory
	fieldType
	fieldEventSource
	fieldWorkload
	fieldOperation
	fieldServiceName
	fieldAuditType
	fieldAuditExe
	fieldAuditA0
	fieldCommand
	fieldImage
	fieldFile
	fieldRegistry
	fieldQuery
	fieldURL
	fieldHost
	fieldStem
	fieldURLQuery
	fieldQueryString
	fieldExtension
)

var ownFields = [...]string{
	"", "EventID", "Channel", "Provider_Name", "EventType", "Category", "type", "eventSource", "Workload", "Operation", "serviceName",
	"audit.type", "exe", "a0", "CommandLine", "Image", "TargetFilename", "TargetObject", "QueryName", "c-uri", "cs-host", "cs-uri-stem",
	"cs-uri-query", "c-uri-query", "c-uri-extension",
}

// compiler collects what the rules of a set have in common: fields and atoms.
type compiler struct {
	options Options
	fields  map[string]int32 // by folded name
	names   []string         // of the fields
	atoms   []atom
	known   map[string]int32 // atoms by key
}

func newCompiler(o Options) *compiler {
	c := &compiler{options: o, fields: map[string]int32{}, known: map[string]int32{}}
	for _, name := range ownFields {
		c.fieldID(name)
	}
	return c
}

// fieldID returns the number of a field; keywords for none.
func (c *compiler) fieldID(name string) int32 {
	folded := foldName(name)
	id, ok := c.fields[folded]
	if !ok {
		id = int32(len(c.names))
		c.fields[folded], c.names = id, append(c.names, name)
	}
	return id
}

// atom returns the expression that asks a, which is stored once.
func (c *compiler) atom(a atom) expr {
	key := a.key()
	id, ok := c.known[key]
	if !ok {
		id = int32(len(c.atoms))
		c.known[key], c.atoms = id, append(c.atoms, a)
	}
	return expr{op: opAtom, atom: id}
}

// target is what a name means: a field, and how good the name is for it.
type target struct {
	field int32
	rank  uint8
}

// tables makes what a record is spread with.
func (c *compiler) tables(s *Set) {
	s.atoms, s.fields = c.atoms, len(c.names)
	s.names, s.homes = map[uint64][]target{}, map[uint64]bool{}
	for name, id := range c.fields {
		if id != keywords {
			s.names[nameHash(name)] = append(s.names[nameHash(name)], target{id, 0})
		}
	}
	for line := range strings.Lines(aliases) {
		name, others, ok := strings.Cut(strings.TrimSpace(line), ":")
		id, used := c.fields[name]
		if !ok || !used {
			continue
		}
		for i, other := range strings.Fields(others) {
			if other != name {
				s.names[nameHash(other)] = append(s.names[nameHash(other)], target{id, uint8(i + 1)})
			}
		}
	}
	for home := range strings.FieldsSeq(homes) {
		s.homes[nameHash(home)] = true
	}
	for slot, names := range bySlot() {
		for _, name := range names {
			if id, used := c.fields[name]; used {
				s.slots[slot] = append(s.slots[slot], id)
			}
		}
	}
}

// index finds each rule's guard and makes the search for them.
func (s *Set) index() {
	use := map[literal]int{}
	count := func(e expr) { countLiterals(e, s.atoms, use) }
	for i := range s.rules {
		count(s.rules[i].when)
	}
	ids := map[source]int{}
	wakes := map[literal][]int32{}
	for i := range s.rules {
		r := &s.rules[i]
		at, ok := ids[r.source]
		if !ok {
			at = len(s.sources)
			ids[r.source], s.sources = at, append(s.sources, r.source)
			s.always, s.words = append(s.always, nil), append(s.words, false)
		}
		r.at = at
		s.words[at] = s.words[at] || asksKeywords(r.when, s.atoms)
		g := guardOf(r.when, s.atoms, func(l literal) int { return use[l] })
		if g == nil {
			s.always[at] = append(s.always[at], int32(i))
		}
		for _, l := range g {
			if list := wakes[l]; len(list) == 0 || list[len(list)-1] != int32(i) {
				wakes[l] = append(list, int32(i))
			}
		}
	}
	s.finder = newFinder(wakes)
}

func countLiterals(e expr, atoms []atom, use map[literal]int) {
	if e.op == opAtom {
		if l, ok := atoms[e.atom].literal(); ok {
			use[l]++
		}
	}
	for _, k := range e.kids {
		countLiterals(k, atoms, use)
	}
}

func asksKeywords(e expr, atoms []atom) bool {
	return e.op == opAtom && atoms[e.atom].field == keywords ||
		slices.ContainsFunc(e.kids, func(k expr) bool { return asksKeywords(k, atoms) })
}

// slotTable is the fields that each slot of an alert fills.
type slotTable [256][]int32
