package investigate

import (
	"hash/maphash"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// holding is an entity and who has it.
type holding struct {
	entity  Entity
	members []int32         // in order of time
	peaks   []triage.Weight // the highest score of each window in which it was seen, ascending
	twin    uint64          // the same for entities that always come together: a host and its address are one fact
}

// windows is in how many windows somebody had it at least as strongly. Windows are counted and not verdicts, so that a host that is
// busy every day says little, while an attack with hundreds of alerts within the hour is one event and does not drown itself.
func (h *holding) windows(score triage.Weight) int {
	return len(h.peaks) - sort.Search(len(h.peaks), func(i int) bool { return h.peaks[i] >= score })
}

// index is all holdings that at least two verdicts have, and for each verdict those it has, ascending.
type index struct {
	verdicts []Verdict
	holdings []holding
	of       [][]int32
	all      int // windows of the days on which there was anything
	most     int // windows of an entity that still links
}

func indexOf(verdicts []Verdict) *index {
	x := &index{verdicts: verdicts, of: make([][]int32, len(verdicts))}
	count := map[Entity]int32{}
	for i := range verdicts {
		for _, e := range verdicts[i].Entities {
			count[e]++
		}
	}
	place := map[Entity]int32{}
	for i := range verdicts {
		for _, e := range verdicts[i].Entities {
			if count[e] < 2 {
				continue
			}
			at, ok := place[e]
			if !ok {
				at = int32(len(x.holdings))
				place[e] = at
				x.holdings = append(x.holdings, holding{entity: e, members: make([]int32, 0, count[e])})
			}
			x.put(at, i)
		}
		slices.Sort(x.of[i])
	}
	x.settle()
	return x
}

func (x *index) put(at int32, verdict int) {
	x.holdings[at].members = append(x.holdings[at].members, int32(verdict))
	x.of[verdict] = append(x.of[verdict], at)
}

// settle fills in what needs all members.
func (x *index) settle() {
	seed := maphash.MakeSeed()
	for i := range x.holdings {
		h := &x.holdings[i]
		var sum maphash.Hash
		sum.SetSeed(seed)
		last := int64(math.MinInt64)
		for _, m := range h.members {
			v := &x.verdicts[m]
			if at := v.First.Unix() / int64(window/time.Second); at != last || len(h.peaks) == 0 {
				h.peaks, last = append(h.peaks, v.Score), at
			} else if n := len(h.peaks) - 1; h.peaks[n] < v.Score {
				h.peaks[n] = v.Score
			}
			_, _ = sum.Write([]byte{byte(m), byte(m >> 8), byte(m >> 16), byte(m >> 24)}) // never fails
		}
		slices.Sort(h.peaks)
		h.twin = sum.Sum64()
	}
	days, last := 0, int64(math.MinInt64)
	for i := range x.verdicts {
		if day := x.verdicts[i].First.Unix() / int64(dayLength/time.Second); day != last {
			days, last = days+1, day
		}
	}
	x.all = days * int(dayLength/window)
	x.most = max(fewWindows, x.all/everywhen)
}

// pairs lists the pairs that are worth weighing, each once as first<<32 | second: for every entity each verdict with the nearest
// holder before and behind it that is at least as strong: others weigh less. Their number is linear in that of the entities.
func (x *index) pairs() []uint64 {
	var list []uint64
	var stack []int32
	for i := range x.holdings {
		h := &x.holdings[i]
		if !links(h.entity.Kind) {
			continue
		}
		for _, back := range [...]bool{false, true} {
			stack = stack[:0]
			for k := range h.members {
				m := h.members[k]
				if back {
					m = h.members[len(h.members)-1-k]
				}
				stack = x.compare(h, m, stack, &list)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// compare notes the pairs of m with the holders on the stack, which are those met before that nobody stronger followed.
func (x *index) compare(h *holding, m int32, stack []int32, list *[]uint64) []int32 {
	score := x.verdicts[m].Score
	for len(stack) > 0 && x.verdicts[stack[len(stack)-1]].Score < score {
		stack = stack[:len(stack)-1]
	}
	if len(stack) > 0 && score > x.verdicts[m].Base && h.windows(score) <= x.most {
		o := stack[len(stack)-1]
		*list = append(*list, uint64(min(m, o))<<32|uint64(max(m, o)))
	}
	return append(stack, m)
}
