package investigate

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Link is why two verdicts stand in one case.
type Link struct {
	A, B   int     // places of the verdicts, the earlier one first
	Weight float64 // nats
	// Shared are the entities that both have and that are seldom enough to say something, the most telling first.
	Shared []Entity
	// Among is in how many windows of half an hour the first of these was met in a verdict as strong as the weaker of the two; Of is how
	// many windows there are. 0 where that is no reason.
	Among, Of int
	// Again means that both are of one rule, and beats of a series on one thing or at once on several.
	Again bool
	// From and To are the phases of the attack of which the later follows the earlier, where it does.
	From, To string
	// Case is the case in which both stood already.
	Case    string
	Between time.Duration
	Timed   bool // the time between them is known
}

// bond is an entity that two verdicts share.
type bond struct {
	holding int32
	windows int // in which it was held as strongly
	twin    uint64
}

// weigh is the weight of what two verdicts have in common, in nats, and the facts, the most telling first. Facts that always come
// together are one.
func (x *index) weigh(a, b int, facts []bond) (float64, []bond) {
	va, vb := &x.verdicts[a], &x.verdicts[b]
	facts = x.share(a, b, facts[:0])
	if len(facts) == 0 {
		return 0, facts
	}
	slices.SortFunc(facts, func(a, b bond) int {
		if a.windows != b.windows {
			return cmp.Compare(a.windows, b.windows)
		}
		return x.holdings[a.holding].entity.compare(x.holdings[b.holding].entity)
	})
	w := math.Log(float64(x.all)/float64(facts[0].windows)) + closeness(apart(va, vb))
	w += speaks(va) + speaks(vb) - float64(enough)/1000
	w += twice * float64(x.kinds(facts)-1)
	if _, _, ok := follows(va.Phases, vb.Phases); ok {
		w += twice
	}
	return w, facts
}

// share lists the entities that both have and that are no super-nodes.
func (x *index) share(a, b int, facts []bond) []bond {
	weaker := min(x.verdicts[a].Score, x.verdicts[b].Score)
	of, other := x.of[a], x.of[b]
	for len(of) > 0 && len(other) > 0 {
		switch {
		case of[0] < other[0]:
			of = of[1:]
		case of[0] > other[0]:
			other = other[1:]
		default:
			h := &x.holdings[of[0]]
			if n := h.windows(weaker); links(h.entity.Kind) && n <= x.most {
				facts = append(facts, bond{of[0], n, h.twin})
			}
			of, other = of[1:], other[1:]
		}
	}
	return facts
}

// kinds counts the kinds of the facts. An address that always comes with its host is no second one.
func (x *index) kinds(facts []bond) (n int) {
	for i, f := range facts {
		if !slices.ContainsFunc(facts[:i], func(o bond) bool {
			return o.twin == f.twin || x.holdings[o.holding].entity.Kind == x.holdings[f.holding].entity.Kind
		}) {
			n++
		}
	}
	return n
}

// link spells the reasons of a pair out.
func (x *index) link(e edge) Link {
	a, b := int(e.a), int(e.b)
	w, facts := x.weigh(a, b, nil)
	l := Link{A: a, B: b, Weight: w, Again: e.again}
	l.Between, l.Timed = apart(&x.verdicts[a], &x.verdicts[b])
	for _, f := range facts {
		l.Shared = append(l.Shared, x.holdings[f.holding].entity)
	}
	l.From, l.To, _ = follows(x.verdicts[a].Phases, x.verdicts[b].Phases)
	switch {
	case e.again:
		l.Weight = e.weight
		if rule, ok := x.rule(a); ok {
			l.Shared = slices.Insert(l.Shared, 0, rule)
		}
	case len(facts) > 0:
		l.Among, l.Of = facts[0].windows, x.all
	}
	return l
}

// rule is that of a verdict, where others have it too.
func (x *index) rule(verdict int) (Entity, bool) {
	for _, at := range x.of[verdict] {
		if e := x.holdings[at].entity; e.Kind == "rule" {
			return e, true
		}
	}
	return Entity{}, false
}

// Words says in few words what a link rests on, for a log: the values are folded.
func (l *Link) Words() string {
	var words []string
	if l.Again {
		words = append(words, "the same again")
	}
	for _, e := range l.Shared[:min(len(l.Shared), maxReasons)] {
		words = append(words, strings.ReplaceAll(e.Kind, "_", " ")+" "+piece(e.Value))
	}
	if l.Timed {
		words = append(words, l.Between.Round(time.Second).String()+" apart")
	}
	return strings.Join(words, ", ")
}
