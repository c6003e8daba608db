package learn

import (
	"cmp"
	"hash/fnv"
	"slices"

	"github.com/seed-959697dd/soc/triage"
)

// scored is a decided group with the score that it gets from weights which never saw its incident.
type scored struct {
	group    int
	score    triage.Weight
	attack   bool
	incident uint32
	fold     int
}

// folds is how many parts are left out in turn.
const folds = 10

// crossFit scores every group by a model that was made without its part: attacks by incident, the others by host and day.
func (l *learner) crossFit() []scored {
	attacks, others := l.split(true), l.split(false)
	list := make([]scored, 0, len(l.groups))
	for _, parts := range [][][]int{attacks, others} {
		for fold, part := range parts {
			if len(part) == 0 {
				continue
			}
			less := newCounts()
			for _, i := range part {
				l.add(less, i, 1)
			}
			p := l.policy
			p.Precedent = l.model(l.all, less)
			list = l.score(list, part, fold, &p)
		}
	}
	slices.SortFunc(list, func(a, b scored) int { return cmp.Compare(a.group, b.group) })
	return list
}

// split deals the groups, attacks or others, into parts by their incident: a hash, so that the order of the input does not
// matter, and in turn where there are few.
func (l *learner) split(attacks bool) [][]int {
	parts := make([][]int, folds)
	turn := map[uint32]int{}
	var ids []uint32
	for i := range l.groups {
		g := &l.groups[i]
		if (g.disposition == triage.TruePositive) == attacks {
			if _, ok := turn[g.incident]; !ok {
				turn[g.incident] = 0
				ids = append(ids, g.incident)
			}
		}
	}
	slices.SortFunc(ids, func(a, b uint32) int { return cmp.Compare(spread(l.names[a]), spread(l.names[b])) })
	for n, id := range ids {
		turn[id] = n % folds
	}
	for i := range l.groups {
		g := &l.groups[i]
		if (g.disposition == triage.TruePositive) == attacks {
			parts[turn[g.incident]] = append(parts[turn[g.incident]], i)
		}
	}
	return parts
}

func spread(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return h.Sum64()
}

func (l *learner) score(list []scored, part []int, fold int, p *triage.Policy) []scored {
	var signals []triage.Signal
	for _, i := range part {
		g := &l.groups[i]
		ev := l.evidence(g, signals)
		signals = ev.Signals
		list = append(list, scored{i, triage.Decide(ev, p).Score, g.disposition == triage.TruePositive, g.incident, fold})
	}
	return list
}
