package match

import "encoding/binary"

// Sample counts what is frequent in the data that is to be searched, so that literals are looked for by what is seldom in them. The zero
// value knows nothing. It may be read by many once nobody adds any more.
type Sample struct {
	counts [1 << sampleBits]uint32
	n      int
}

const sampleBits = 16

// Add counts a piece of the data.
func (s *Sample) Add(text []byte) {
	for p := 0; p+gram <= len(text); p++ {
		s.counts[(binary.LittleEndian.Uint32(text[p:])|fold)*multiplier>>(32-sampleBits)]++
	}
	s.n += len(text)
}

// Cost is about how many steps a literal costs per MiB of the data: 0 costs nothing beyond the pass itself.
func (s *Sample) Cost(text string) int {
	text = lowerText(text)
	if s == nil || s.n == 0 || len(text) < gram {
		return 0
	}
	stride := strides[classOf(len(text))]
	return s.sum(text, s.rarest(text, stride), stride) * (1 << 20 / stride) / s.n
}

// rarest returns where in the text, which is in lower case, the stretch begins whose grams are met least.
func (s *Sample) rarest(text string, stride int) int {
	best, least := 0, -1
	for from := 0; s != nil && from+stride+gram-1 <= len(text); from++ {
		if n := s.sum(text, from, stride); least < 0 || n < least {
			best, least = from, n
		}
	}
	return best
}

func (s *Sample) sum(text string, from, stride int) int {
	n := 0
	for off := from; off < from+stride; off++ {
		n += int(s.counts[(binary.LittleEndian.Uint32([]byte(text[off:]))|fold)*multiplier>>(32-sampleBits)])
	}
	return n
}
