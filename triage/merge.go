package triage

import "slices"

// Merge folds one member's signals into a group's so that no member scores higher alone than inside its group: of a
// signal that raises, the strongest stays; a signal that lowers stays only if every member has one of its kind, with the weaker
// weight of the two. members is how many were folded in before. group's memory is reused.
func Merge(group, member []Signal, members int) []Signal {
	if members == 0 {
		return append(group[:0], member...)
	}
	used := make([]bool, len(member))
	kept := group[:0]
	for _, g := range group {
		if g.Weight >= 0 {
			kept = append(kept, g)
			continue
		}
		if i := lowering(member, &g, used); i >= 0 {
			used[i] = true
			g.Weight = max(g.Weight, member[i].Weight)
			kept = append(kept, g)
		}
	}
	for i := range member {
		m := &member[i]
		if m.Weight < 0 {
			continue
		}
		switch g := same(kept, m); {
		case g == nil:
			kept = append(kept, *m)
		case m.Weight > g.Weight:
			hard := g.Hard || m.Hard
			*g = *m
			g.Hard = hard
		default:
			g.Hard = g.Hard || m.Hard
		}
	}
	return bound(kept)
}

func same(list []Signal, s *Signal) *Signal {
	for i := range list {
		if g := &list[i]; g.Weight >= 0 && g.Check == s.Check && g.Sentence == s.Sentence && sameFamily(g, s) {
			return g
		}
	}
	return nil
}

// lowering finds a lowering signal of the same check and family that no other has been paired with.
func lowering(list []Signal, s *Signal, used []bool) int {
	for i := range list {
		if g := &list[i]; !used[i] && g.Weight < 0 && g.Check == s.Check && sameFamily(g, s) {
			return i
		}
	}
	return -1
}

// bound drops, beyond a size, the signals that Decide would not count: those behind the strongest maxPerFamily of a family.
func bound(list []Signal) []Signal {
	if len(list) <= 4*maxPerFamily {
		return list
	}
	slices.SortStableFunc(list, byFamily)
	kept := make([]Signal, 0, len(list))
	n := 0
	for i := range list {
		if i > 0 && !sameFamily(&list[i], &list[i-1]) {
			n = 0
		}
		if list[i].Weight >= 0 && !list[i].Hard {
			if n++; n > maxPerFamily {
				continue
			}
		}
		kept = append(kept, list[i])
	}
	return kept
}

// total orders the members of a group by the evidence they bring.
func total(list []Signal) (sum Weight) {
	for i := range list {
		sum += list[i].Weight
	}
	return sum
}
