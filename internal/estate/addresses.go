package estate

import (
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"
)

// addresses find the entry of an address, or of the longest range that holds it. They do not change once built.
type addresses struct {
	table *bart.Table[int32] // as in postings
	lists [][]int32
}

// add must be called with ids that never fall.
func (t *addresses) add(p netip.Prefix, id int32) {
	if t.table == nil {
		t.table = new(bart.Table[int32])
	}
	at, ok := t.table.Get(p)
	switch {
	case !ok:
		t.table.Insert(p, id)
	case at == id:
	case at >= 0:
		t.lists = append(t.lists, []int32{at, id})
		t.table.Insert(p, int32(^(len(t.lists) - 1)))
	default:
		if l := &t.lists[^at]; (*l)[len(*l)-1] != id {
			*l = append(*l, id)
		}
	}
}

func (t *addresses) sort(rank []uint8) {
	for _, l := range t.lists {
		slices.SortStableFunc(l, func(a, b int32) int { return int(rank[b]) - int(rank[a]) })
	}
}

// find returns the entry that matters most of those that list the address, and how many do.
func (t *addresses) find(a netip.Addr) (id int32, n int) {
	if t.table == nil {
		return 0, 0
	}
	at, ok := t.table.Lookup(canonical(a))
	switch {
	case !ok:
		return 0, 0
	case at >= 0:
		return at, 1
	}
	l := t.lists[^at]
	return l[0], len(l)
}
