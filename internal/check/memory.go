package check

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// Source: none of its own: where answers are kept.

// memory keeps the answers about texts that come again and again. Each text has one place; another text of that place
// takes it, but not before it has come twice: most texts never come again. So it is bounded, needs no lock, and forgetting
// changes no answer.
type memory[T any] struct {
	seed  maphash.Seed
	last  [1024]atomic.Uint32 // hash of the text that last asked for the place and did not get it
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
	hash := maphash.String(m.seed, text)
	place := hash % uint64(len(m.slots))
	if r := m.slots[place].Load(); r != nil && r.text == text {
		return r.answer
	}
	answer := read(text)
	if again := uint32(hash >> 32); m.last[place].Load() != again {
		m.last[place].Store(again)
	} else {
		m.slots[place].Store(&remembered[T]{text: strings.Clone(text), answer: answer})
	}
	return answer
}
