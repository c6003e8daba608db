package investigate

import "slices"

// forest is disjoint sets of verdicts and the links that made them.
type forest struct {
	parent []int32
	size   []int32
	split  map[int32][]side // by root: what a person took apart and stands in the set
	links  []Link
}

// side is a case and those that it must not meet.
type side struct {
	id    string
	apart []string
}

func newForest(list []Verdict) *forest {
	f := &forest{parent: make([]int32, len(list)), size: make([]int32, len(list)), split: map[int32][]side{}}
	named := map[string]bool{}
	for i := range list {
		for _, id := range list[i].Apart {
			named[id] = true
		}
	}
	for i := range f.parent {
		f.parent[i], f.size[i] = int32(i), 1
		if v := &list[i]; len(v.Apart) > 0 || named[v.Case] {
			f.split[int32(i)] = []side{{v.Case, v.Apart}}
		}
	}
	return f
}

func (f *forest) root(i int) int {
	for f.parent[i] != int32(i) {
		f.parent[i] = f.parent[f.parent[i]]
		i = int(f.parent[i])
	}
	return i
}

// join unites two sets unless they are one, would become too large, or were taken apart.
func (f *forest) join(a, b int) bool {
	a, b = f.root(a), f.root(b)
	return a != b && f.size[a]+f.size[b] <= largestCase && !f.parted(int32(a), int32(b)) && f.unite(a, b)
}

func (f *forest) parted(a, b int32) bool {
	for _, s := range f.split[a] {
		if slices.ContainsFunc(f.split[b], func(o side) bool { return slices.Contains(s.apart, o.id) || slices.Contains(o.apart, s.id) }) {
			return true
		}
	}
	return false
}

// unite makes one set of two, whatever its size; false when they are one.
func (f *forest) unite(a, b int) bool {
	a, b = f.root(a), f.root(b)
	if a == b {
		return false
	}
	if f.size[a] < f.size[b] {
		a, b = b, a
	}
	f.parent[b] = int32(a)
	f.size[a] += f.size[b]
	for _, s := range f.split[int32(b)] {
		if !slices.ContainsFunc(f.split[int32(a)], func(o side) bool { return o.id == s.id }) {
			f.split[int32(a)] = append(f.split[int32(a)], s)
		}
	}
	delete(f.split, int32(b))
	return true
}
