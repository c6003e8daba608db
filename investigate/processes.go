package investigate

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// node is one process on one machine, from its start to its end.
type node struct {
	host, key, id string
	image         string
	from, to      time.Time // zero: unknown
	parent        int       // -1: unknown
	said          string    // image of the parent, as records of this process name it
	created       []int     // traces that tell of its start
	acts          []int     // what it did, its start apart
	suffers       []int     // what was done to it
	children      []int
}

// processes tells the processes of all records apart: by key where there is one, else by number, machine and time, for a system gives
// numbers out again.
type processes struct {
	nodes []node
	byKey map[string]int   // host and key
	lives map[string][]int // host and number: in order of their starts
}

// slack is how much later than a process's start the record of it may stand, and how far two records of one start may lie apart.
const slack = 2 * time.Second

// processesOf reads the traces, which stand in order of time, and sets the places of their processes.
func processesOf(traces []*trace) *processes {
	p := &processes{byKey: map[string]int{}, lives: map[string][]int{}}
	for _, t := range traces {
		p.keyed(t)
	}
	for _, t := range traces {
		p.started(t)
	}
	for key := range p.lives {
		list := p.lives[key]
		slices.SortFunc(list, func(a, b int) int { return cmp.Or(p.nodes[a].from.Compare(p.nodes[b].from), cmp.Compare(a, b)) })
		list = slices.Compact(list)
		p.lives[key] = list
	}
	for i, t := range traces {
		p.place(i, t)
	}
	return p
}

func (p *processes) add(n node) int {
	n.parent = -1
	p.nodes = append(p.nodes, n)
	return len(p.nodes) - 1
}

// keyed makes the processes that have keys.
func (p *processes) keyed(t *trace) {
	for _, q := range [...]process{t.actor, t.parent, t.target} {
		if q.key == "" {
			continue
		}
		at, met := p.byKey[t.host+"\x00"+q.key]
		if !met {
			at = p.add(node{host: t.host, key: q.key, id: q.id, image: q.image})
			p.byKey[t.host+"\x00"+q.key] = at
		}
		n := &p.nodes[at]
		n.id, n.image = cmp.Or(n.id, q.id), cmp.Or(n.image, q.image)
		if q == t.actor && t.kind == start && n.from.IsZero() {
			n.from = t.at
		}
		if q == t.actor && t.kind == ended && n.to.IsZero() {
			n.to = t.at
		}
		if n.id != "" {
			p.lives[t.host+"\x00"+n.id] = append(p.lives[t.host+"\x00"+n.id], at)
		}
	}
}

// started makes the processes without keys of whose start there is a record, unless it is the start of one that has a key.
func (p *processes) started(t *trace) {
	if t.kind != start || t.actor.key != "" || t.actor.id == "" || t.seed && t.at.IsZero() {
		return
	}
	life := t.host + "\x00" + t.actor.id
	for _, at := range p.lives[life] {
		n := &p.nodes[at]
		if near(n.from, t.at, slack) && program(n.image) == t.common {
			return
		}
	}
	p.lives[life] = append(p.lives[life], p.add(node{host: t.host, id: t.actor.id, image: t.actor.image, from: t.at}))
}

func near(a, b time.Time, within time.Duration) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() <= within
}

// find is the process that a record names, at a time; -1 when it names none.
func (p *processes) find(host string, q process, at time.Time) int {
	if q.key != "" {
		if n, ok := p.byKey[host+"\x00"+q.key]; ok {
			return n
		}
	}
	if q.id == "" {
		return -1
	}
	life := host + "\x00" + q.id
	list := p.lives[life]
	// the last that had begun by then
	i := sort.Search(len(list), func(i int) bool { return p.nodes[list[i]].from.After(at.Add(slack)) })
	if i > 0 {
		n := &p.nodes[list[i-1]]
		alive := n.to.IsZero() || !at.After(n.to.Add(slack))
		if alive && (q.image == "" || n.image == "" || program(n.image) == program(q.image) || n.from.IsZero()) {
			return list[i-1]
		}
	}
	// one that began before the logs do
	for _, at := range list {
		if n := &p.nodes[at]; n.from.IsZero() && n.key == "" {
			n.image = cmp.Or(n.image, q.image)
			return at
		}
	}
	n := p.add(node{host: host, id: q.id, image: q.image})
	p.lives[life] = append([]int{n}, list...)
	return n
}

// place sets the processes of one trace and what the processes know of it.
func (p *processes) place(i int, t *trace) {
	t.actorNode = p.find(t.host, t.actor, t.at)
	t.parentNode = p.find(t.host, t.parent, t.at)
	t.targetNode = p.find(t.host, t.target, t.at)
	if t.actorNode < 0 {
		return
	}
	n := &p.nodes[t.actorNode]
	n.image = cmp.Or(n.image, t.actor.image)
	if t.parentNode >= 0 && t.parentNode != t.actorNode && n.parent < 0 && !p.above(t.parentNode, t.actorNode) {
		n.parent = t.parentNode
		p.nodes[t.parentNode].children = append(p.nodes[t.parentNode].children, t.actorNode)
	}
	if t.parent.image != "" {
		n.said = cmp.Or(n.said, t.parent.image)
		if t.parentNode >= 0 {
			p.nodes[t.parentNode].image = cmp.Or(p.nodes[t.parentNode].image, t.parent.image)
		}
	}
	if t.seed {
		return
	}
	if t.kind == start {
		n.created = append(n.created, i)
	} else {
		n.acts = append(n.acts, i)
	}
	if t.targetNode >= 0 && t.targetNode != t.actorNode {
		p.nodes[t.targetNode].suffers = append(p.nodes[t.targetNode].suffers, i)
	}
}

// above tells whether b stands above a: records that a liar wrote may make a ring of processes.
func (p *processes) above(a, b int) bool {
	for range 64 {
		if a = p.nodes[a].parent; a < 0 {
			return false
		}
		if a == b {
			return true
		}
	}
	return true
}
