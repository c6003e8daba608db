package check

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// memory keeps the answers about texts that come again and again. Each text has one place; another text of that place
// takes it. So it is bounded, needs no lock, and forgetting changes no answer.
type memory[T any] struct {
	seed  maphash.Seed
	slots [1024]atomic.Pointer[remembered[T]]
}

type remembered[T any] struct {
	text   string
	answer T
}

// maxRemembered bounds the texts worth keeping, in bytes.
const maxRemembered = 512

func newMemory[T any]() *memory[T] { return &memory[T]{seed: maphash.MakeSeed()} }

func (m *memory[T]) get(text string, read func(string) T) T {
	if len(text) > maxRemembered {
		return read(text)
	}
	slot := &m.slots[maphash.String(m.seed, text)%uint64(len(m.slots))]
	if r := slot.Load(); r != nil && r.text == text {
		return r.answer
	}
	r := &remembered[T]{text: strings.Clone(text), answer: read(text)}
	slot.Store(r)
	return r.answer
}
