package check

import (
	"math/bits"
	"strings"
	"sync/atomic"
)

// Source: none of its own: where answers are kept.

// memory keeps the answers about texts that come again and again. Each text has one place; another text of that place
// takes it, but not before it has come twice: most texts never come again. So it is bounded, needs no lock, and forgetting
// changes no answer.
type memory[T any] struct {
	last  [memoryPlaces]atomic.Uint32 // of the text that last asked for the place and did not get it
	slots [memoryPlaces]atomic.Pointer[remembered[T]]
}

const memoryPlaces = 1024

type remembered[T any] struct {
	text   string
	answer T
}

// maxRemembered bounds the texts worth keeping, in bytes.
const maxRemembered = 512

func newMemory[T any]() *memory[T] { return &memory[T]{} }

func (m *memory[T]) get(text string, read func(string) T) T {
	if len(text) > maxRemembered {
		return read(text)
	}
	sum := fingerprint(text)
	if r := m.slots[sum%memoryPlaces].Load(); r != nil && r.text == text {
		return r.answer
	}
	answer := read(text)
	m.learn(sum, text, answer)
	return answer
}

func (m *memory[T]) learn(sum uint64, text string, answer T) {
	if again, last := uint32(sum>>32), &m.last[sum%memoryPlaces]; last.Load() != again {
		last.Store(again)
	} else {
		m.slots[sum%memoryPlaces].Store(&remembered[T]{text: strings.Clone(text), answer: answer})
	}
}

// fingerprint tells texts apart by their length and by their beginning, middle and end. Who makes texts that it takes for one
// another makes the memory forget, and then each is read as texts are that come once.
func fingerprint(s string) uint64 {
	var front, middle, back uint64
	switch n := len(s); {
	case n >= 8:
		front, middle, back = eight(s), eight(s[n/2-4:]), eight(s[n-8:])
	case n >= 4:
		front, back = uint64(four(s)), uint64(four(s[n-4:]))
	default:
		for i := range n {
			front = front<<8 | uint64(s[i])
		}
	}
	hi, lo := bits.Mul64(front^uint64(len(s))*0x9e3779b97f4a7c15, back^0xa0761d6478bd642f)
	hi2, lo2 := bits.Mul64(hi^lo^middle, 0xe7037ed1a0b428db)
	return hi2 ^ lo2
}

func four(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// eight are the first eight bytes of a text as a number.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
