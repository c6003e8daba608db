package investigate

import (
	"cmp"
	"slices"

	"github.com/seed-959697dd/soc/triage"
)

// Cluster is verdicts that belong together.
type Cluster struct {
	ID      string // of the case
	Members []int  // places in what Correlate returned, the earliest first
	Links   []Link // those that put them together: one less than there are members
	Common  []Held // what several of them share with so many others that it links nothing
	Near    []Near // what binds them to others, though not enough: the strongest first
	best    int    // the strongest member
}

// Held is an entity and how many verdicts of the whole input have it.
type Held struct {
	Entity
	Verdicts int
}

// Correlate puts the verdicts that are not closed into clusters, each into exactly one (the first, where one comes twice), and returns them in order of time with the
// clusters that their places refer to: those that escalate first, then by strength. It sorts the list it gets. Time grows with
// E log E, E being the entities of all verdicts.
//
// A link's weight is how seldom what two share is met in verdicts at least as strong, how near the two are, and how much speaks for an
// attack in them. What a person took apart, see Verdict.Apart, comes into no common cluster. See docs/guide/investigate.md.
func Correlate(list []Verdict) ([]Verdict, []Cluster) {
	list = slices.DeleteFunc(list, func(v Verdict) bool { return v.Route == triage.Closed })
	slices.SortFunc(list, func(a, b Verdict) int { return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.ID, b.ID)) })
	met := make(map[string]bool, len(list))
	list = slices.DeleteFunc(list, func(v Verdict) bool {
		again := met[v.ID]
		met[v.ID] = true
		return again
	})
	x := indexOf(list)
	f := newForest(list)
	edges, loose := x.edges()
	for _, e := range edges { // what a casebook has as one stays one, by its own links where it has some
		if c := list[e.a].Case; c != "" && c == list[e.b].Case && f.unite(int(e.a), int(e.b)) {
			f.links = append(f.links, x.link(e))
		}
	}
	x.reunite(f)
	for _, e := range edges {
		if f.join(int(e.a), int(e.b)) {
			f.links = append(f.links, x.link(e))
		}
	}
	return list, x.clusters(f, x.near(f, loose))
}

// edge is a pair that stands in one case, unless that would become too large.
type edge struct {
	a, b   int32
	weight float64
	again  bool // see Link.Again
}

// edges weighs the pairs and returns those that suffice, and those that do not and are worth naming, the heaviest first.
func (x *index) edges() (list, loose []edge) {
	list = x.series()
	var facts []bond
	for _, p := range x.pairs() {
		a, b := int32(p>>32), int32(p&(1<<32-1))
		var w float64
		switch w, facts = x.weigh(int(a), int(b), facts); {
		case w >= threshold:
			list = append(list, edge{a: a, b: b, weight: w})
		case x.loose(a, b, facts):
			loose = append(loose, edge{a: a, b: b, weight: w})
		}
	}
	slices.SortFunc(list, edge.before)
	slices.SortFunc(loose, edge.before)
	return list, loose
}

// before orders edges by weight, the heaviest first.
func (e edge) before(o edge) int {
	return cmp.Or(cmp.Compare(o.weight, e.weight), cmp.Compare(e.a, o.a), cmp.Compare(e.b, o.b))
}

// reunite joins verdicts that a casebook holds in one case already: a person's merge is not questioned.
func (x *index) reunite(f *forest) {
	first := map[string]int{}
	for i := range x.verdicts {
		id := x.verdicts[i].Case
		if id == "" {
			continue
		}
		at, met := first[id]
		if !met {
			first[id] = i
		} else if f.unite(at, i) {
			l := x.link(edge{a: int32(at), b: int32(i)})
			l.Case = id
			f.links = append(f.links, l)
		}
	}
}

// clusters makes the trees of the forest into clusters.
func (x *index) clusters(f *forest, near map[int][]edge) []Cluster {
	place := map[int]int{}
	var list []Cluster
	for i := range x.verdicts {
		root := f.root(i)
		at, ok := place[root]
		if !ok {
			at = len(list)
			place[root] = at
			list = append(list, Cluster{ID: caseOf(&x.verdicts[i])})
		}
		list[at].Members = append(list[at].Members, i)
	}
	for _, l := range f.links {
		c := &list[place[f.root(l.A)]]
		c.Links = append(c.Links, l)
	}
	for i := range list {
		list[i].Common, list[i].best = x.common(list[i].Members), Strongest(x.verdicts, list[i].Members)
	}
	for root, edges := range near {
		c := &list[place[root]]
		for _, e := range edges {
			ours, theirs := int(e.a), int(e.b)
			if f.root(ours) != root {
				ours, theirs = theirs, ours
			}
			other := &list[place[f.root(theirs)]]
			c.Near = append(c.Near, Near{Link: x.link(e), Case: other.ID, Route: x.verdicts[other.best].Route, ours: ours})
		}
	}
	slices.SortFunc(list, func(a, b Cluster) int {
		va, vb := &x.verdicts[a.best], &x.verdicts[b.best]
		return cmp.Or(cmp.Compare(vb.Route, va.Route), cmp.Compare(vb.Score, va.Score), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Members[0], b.Members[0]))
	})
	return list
}

// caseOf is the id of a case by its first member: the one under which the casebook has it, else the one minted from it.
func caseOf(v *Verdict) string {
	if v.Case != "" {
		return v.Case
	}
	return triage.CaseOf(v.ID)
}

// Strongest is the place of the member that stands for a case: one that escalates before one to review, then the highest score, then
// the earliest.
func Strongest(list []Verdict, members []int) int {
	return slices.MaxFunc(members, func(a, b int) int {
		return cmp.Or(cmp.Compare(list[a].Route, list[b].Route), cmp.Compare(list[a].Score, list[b].Score), cmp.Compare(b, a))
	})
}

// maxCommon bounds what is listed as shared with too many.
const maxCommon = 8

// common lists what at least two members share and too many have.
func (x *index) common(members []int) []Held {
	if len(members) < 2 {
		return nil
	}
	count := map[int32]int{}
	for _, m := range members {
		for _, at := range x.of[m] {
			if h := &x.holdings[at]; len(h.peaks) > x.most && links(h.entity.Kind) {
				count[at]++
			}
		}
	}
	var list []Held
	for at, n := range count {
		if h := &x.holdings[at]; n > 1 {
			list = append(list, Held{h.entity, len(h.members)})
		}
	}
	slices.SortFunc(list, func(a, b Held) int { return cmp.Or(cmp.Compare(b.Verdicts, a.Verdicts), a.compare(b.Entity)) })
	return list[:min(len(list), maxCommon)]
}
