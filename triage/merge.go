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
	taken := make([]bool, len(kept))
	for i := range member {
		m := &member[i]
		if m.Weight < 0 {
			continue
		}
		at := same(kept, m, taken)
		if at < 0 {
			kept = append(kept, *m)
			continue
		}
		taken[at] = true
		g := &kept[at]
		hard := g.Hard || m.Hard
		if m.Weight > g.Weight {
			*g = *m
		}
		g.Hard = hard
	}
	return bound(kept)
}

// same finds a raising signal that says the same and that no other of the member has been paired with.
func same(list []Signal, s *Signal, taken []bool) int {
	for i := range taken {
		if g := &list[i]; !taken[i] && g.Weight >= 0 && g.Check == s.Check && g.Sentence == s.Sentence && sameFamily(g, s) {
			return i
		}
	}
	return -1
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

// keptPerFamily bounds the signals of one family in a group. Decide counts maxPerFamily; the margin is for weights that a policy mutes.
const keptPerFamily = 8 * maxPerFamily

// bound drops, beyond a size, the weakest signals of a family.
func bound(list []Signal) []Signal {
	if len(list) <= keptPerFamily {
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
			if n++; n > keptPerFamily {
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
