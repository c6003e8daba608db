package files

import (
	"context"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// part is what one stretch of an input gave. Parts are collected in the order of the inputs and of their numbers there.
type part struct {
	name          string
	input, number int
	last          bool // of its input
	records       []met
	common        map[int]int64 // by term: records that were counted only
	lines         int64         // how many end in it, when its records count theirs from its begin; else 0
	relative      bool          // they do
	lost          []lost        // beside what the records say
	blind         func()        // notes that a record has no time
	gaps          []string
	end           func() (covered investigate.Covered, gap string) // of the last part: about the input as a whole
	size          int
}

// met is a record in which terms were met. It may hold several alerts.
type met struct {
	terms  []int
	alerts []alerted
	lost   *lost // it cannot be read, from there on
}

// alerted is one alert of a record.
type alerted struct {
	alert *alert.Alert
	terms []int // met in it
}

// board is where parts wait until it is their turn.
type board struct {
	mu      sync.Mutex
	moved   *sync.Cond
	parts   map[[2]int]*part
	waiting int // bytes
	turn    [2]int
	over    bool
}

// patience is how many bytes of records may wait for their turn: more, and whoever has them waits too.
const patience = 16 << 20

// empty is about what a part without records takes.
const empty = 512

func newBoard() *board {
	b := &board{parts: map[[2]int]*part{}}
	b.moved = sync.NewCond(&b.mu)
	return b
}

// put hands in a part. It waits while too much is there, unless it is this part's turn. False: the search is over.
func (b *board) put(p *part) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := [2]int{p.input, p.number}
	for !b.over && b.waiting > patience && key != b.turn {
		b.moved.Wait()
	}
	if b.over {
		return false
	}
	b.parts[key] = p
	b.waiting += p.size + empty
	b.moved.Broadcast()
	return true
}

// take waits for the next part.
func (b *board) take(ctx context.Context) (*part, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.parts[b.turn] == nil {
		if b.over {
			return nil, context.Cause(ctx)
		}
		b.moved.Wait()
	}
	p := b.parts[b.turn]
	delete(b.parts, b.turn)
	b.waiting -= p.size + empty
	if b.turn[1]++; p.last {
		b.turn = [2]int{b.turn[0] + 1, 0}
	}
	b.moved.Broadcast()
	return p, nil
}

// close ends all waiting.
func (b *board) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	b.moved.Broadcast()
}
