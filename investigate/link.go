package investigate

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Link is why two verdicts stand in one case.
type Link struct {
	A, B   int     // places of the verdicts, the earlier one first
	Weight float64 // nats
	// Shared are the entities that both have and that are seldom enough to say something, the most telling first.
	Shared []Entity
	// Among is in how many windows of half an hour any verdict was as strong as the weaker of the two, where that is a reason, else 0;
	// Of is how many windows there are.
	Among, Of int
	// From and To are the phases of the attack of which the later follows the earlier, where it does.
	From, To string
	// Case is the case in which both stood already.
	Case    string
	Between time.Duration
	Timed   bool // the time between them is known
}

// worthSaying is the weight below which being as strong is no reason to name.
const worthSaying = 0.5

// part is what one fact adds to a link.
type part struct {
	holding int32
	twin    uint64
	weight  float64
}

// weigh adds up what two verdicts have in common. Facts that always come together count once.
func (x *index) weigh(a, b int, parts []part) (weight float64, used []part) {
	va, vb := &x.verdicts[a], &x.verdicts[b]
	weaker := min(va.Score, vb.Score)
	between, known := apart(va, vb)
	parts = parts[:0]
	of, other := x.of[a], x.of[b]
	for len(of) > 0 && len(other) > 0 {
		switch {
		case of[0] < other[0]:
			of = of[1:]
		case of[0] > other[0]:
			other = other[1:]
		default:
			h := &x.holdings[of[0]]
			if n := h.windows(weaker); n <= x.most {
				if w := x.fact(h, of[0], n, between, known); w > 0 {
					parts = append(parts, part{of[0], h.twin, w})
				}
			}
			of, other = of[1:], other[1:]
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.holding, b.holding)) })
	used = parts
	for i := range parts {
		if !slices.ContainsFunc(parts[:i], func(p part) bool { return p.twin == parts[i].twin }) {
			weight += parts[i].weight
		}
	}
	if _, _, ok := follows(va.Phases, vb.Phases); ok && weight > 0 && known {
		weight += sequence * decay(between, halfLife("host"), true)
	}
	return weight * min(strength(va), strength(vb)), used
}

// fact is what one entity adds that was held as strongly in n windows.
func (x *index) fact(h *holding, at int32, n int, between time.Duration, known bool) float64 {
	if at == 0 {
		if !known {
			return 0
		}
		return together * math.Log(float64(x.all)/float64(n)) * decay(between, briefly, true)
	}
	all := max(x.all, smallInput)
	return typeWeight(h.entity.Kind) * math.Log(float64(all)/float64(n)) * decay(between, halfLife(h.entity.Kind), known)
}

// link spells the reasons of a pair out.
func (x *index) link(a, b int) Link {
	weight, parts := x.weigh(a, b, nil)
	l := Link{A: a, B: b, Weight: weight}
	l.Between, l.Timed = apart(&x.verdicts[a], &x.verdicts[b])
	for _, p := range parts {
		h := &x.holdings[p.holding]
		if p.holding == 0 && p.weight < worthSaying {
			continue
		}
		if p.holding == 0 {
			l.Among, l.Of = h.windows(min(x.verdicts[a].Score, x.verdicts[b].Score)), x.all
		} else {
			l.Shared = append(l.Shared, h.entity)
		}
	}
	l.From, l.To, _ = follows(x.verdicts[a].Phases, x.verdicts[b].Phases)
	return l
}
