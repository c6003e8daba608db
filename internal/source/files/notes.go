package files

import (
	"io/fs"
	"math"
	"slices"
	"sync"
	"time"
)

// notes are what was learned about a file when it was read: enough to pass over, at the next question, the blocks of a large file that lie
// outside its window.
type notes struct {
	file fs.FileInfo

	mu      sync.Mutex
	blocks  []note
	whole   bool          // every block was read
	records int64         // 0: unknown
	slack   time.Duration // how far records stand out of order; negative: not found out
}

// note is about one block.
type note struct {
	lines int64   // that end in it
	times []int64 // Unix nanoseconds of the records looked at, in order of place
	blind bool    // some had no time
}

const (
	// leeway is the least by which a block must lie outside the window. Records may be late, and between those looked at are others.
	leeway = time.Hour
	// mostTimes bounds the moments told of one input.
	mostTimes = 4096
)

// end marks the notes as whole, so that they may be trusted. A file has its oldest record first or last; the slack is twice what the records
// looked at are out of that order.
func (n *notes) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.whole = true
	highest, lowest := int64(math.MinInt64), int64(math.MaxInt64)
	var fell, rose int64
	for i := range n.blocks {
		for _, t := range n.blocks[i].times {
			highest, lowest = max(highest, t), min(lowest, t)
			fell, rose = max(fell, highest-t), max(rose, t-lowest)
		}
	}
	n.slack = max(leeway, 2*time.Duration(min(fell, rose)))
}

// outside tells whether no record of block i can be within a window, and how many lines it has.
func (n *notes) outside(i int, from, to time.Time) (lines int64, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.whole || i >= len(n.blocks) {
		return 0, false
	}
	var times []int64 // with those of the blocks beside it
	for _, b := range n.blocks[max(0, i-1):min(len(n.blocks), i+2)] {
		if b.blind || len(b.times) == 0 {
			return 0, false
		}
		times = append(times, b.times...)
	}
	first, last := time.Unix(0, slices.Min(times)), time.Unix(0, slices.Max(times))
	return n.blocks[i].lines, !from.IsZero() && last.Add(n.slack).Before(from) || !to.IsZero() && first.Add(-n.slack).After(to)
}

// set keeps what was learned about block i.
func (n *notes) set(i int, b note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reach(i)
	b.blind = b.blind || n.blocks[i].blind
	n.blocks[i] = b
}

// blind says of block i that a record in it has no time: whoever asks again is to hear of it again.
func (n *notes) blind(i int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reach(i)
	n.blocks[i].blind = true
}

func (n *notes) reach(i int) {
	for len(n.blocks) <= i {
		n.blocks = append(n.blocks, note{})
	}
}

// known tells whether the notes are whole.
func (n *notes) known() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.whole
}

// times are moments at even distances, sorted.
func (n *notes) times() []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []int64
	for i := range n.blocks {
		all = append(all, n.blocks[i].times...)
	}
	step := (len(all) + mostTimes - 1) / mostTimes
	var list []time.Time
	for i := 0; i < len(all); i += max(1, step) {
		list = append(list, time.Unix(0, all[i]).UTC())
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// lines is how many lines the file has.
func (n *notes) lines() (sum int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.blocks {
		sum += n.blocks[i].lines
	}
	return sum
}
