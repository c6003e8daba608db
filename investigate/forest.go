package investigate

// forest is disjoint sets of verdicts and the links that made them.
type forest struct {
	parent []int32
	size   []int32
	links  []Link
}

func newForest(n int) *forest {
	f := &forest{parent: make([]int32, n), size: make([]int32, n)}
	for i := range f.parent {
		f.parent[i], f.size[i] = int32(i), 1
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

// join unites two sets unless they are one or would become too large.
func (f *forest) join(a, b int) bool {
	a, b = f.root(a), f.root(b)
	return a != b && f.size[a]+f.size[b] <= largestCase && f.unite(a, b)
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
	return true
}
