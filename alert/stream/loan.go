package stream

import "sync/atomic"

// pool is memory of one input that was given back: blocks, and lists of records. The zero pool keeps nothing: the memory is somebody else's.
type pool struct {
	blocks chan []byte
	lists  chan []Record
}

// maxSpare bounds what waits to be used again: more than are under way on most machines.
const maxSpare = 32

func newPool() *pool { return &pool{make(chan []byte, maxSpare), make(chan []Record, maxSpare)} }

// take returns what waits in a channel, or nothing.
func take[T any](from <-chan []T) []T {
	select {
	case list := <-from:
		return list[:0]
	default:
		return nil
	}
}

// put keeps a list for take, unless enough wait there.
func put[T any](to chan<- []T, list []T) {
	select {
	case to <- list:
	default:
	}
}

// loan is a block that batches point into. When the window and all of them are done with it, it is used again.
type loan struct {
	block []byte
	users atomic.Int32
	pool  *pool
}

func (l *loan) end() {
	if l.users.Add(-1) == 0 && cap(l.block) == blockSize {
		put(l.pool.blocks, l.block)
	}
}

// Done gives the batch back: neither its records nor a text that points into one is in use any more, and what is read next is written
// over them. It is called at most once, from any goroutine. Who never calls it leaves the memory to the garbage collector.
func (b *Batch) Done() {
	if l := b.loan; l != nil {
		put(l.pool.lists, b.Records)
		b.loan, b.Records = nil, nil
		l.end()
	}
}
