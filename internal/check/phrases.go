package check

import "slices"

// automaton finds all its literals in one pass over a text, without regard to ASCII case and without allocating.
// Source: A. V. Aho, M. J. Corasick, Efficient string matching, CACM 18(6), 1975; the table is laid out with byte classes.
type automaton struct {
	class   [256]uint8 // letters of both cases share one; 0 stands for bytes that no literal has
	classes int
	next    []uint16  // state*classes+class
	ends    [][]int32 // literals that end at a state, longest first
}

// maxStates is what a uint16 can name. The tables are constants of this program: a table that outgrows it is a bug here.
const maxStates = 1 << 16

func newAutomaton(literals []literal) *automaton {
	m := &automaton{classes: 1}
	states := 1 // at most: one for each letter, and the first
	for _, l := range literals {
		states += len(l.word)
		for i := range len(l.word) {
			m.classify(l.word[i])
		}
	}
	m.next, m.ends = make([]uint16, 0, states*m.classes), make([][]int32, 0, states)
	m.grow()
	for id, l := range literals {
		m.insert(l.word, int32(id))
	}
	m.link()
	return m
}

func (m *automaton) classify(c byte) {
	if m.class[c] != 0 {
		return
	}
	m.class[c] = uint8(m.classes)
	if 'a' <= c && c <= 'z' {
		m.class[c-'a'+'A'] = uint8(m.classes)
	}
	m.classes++
}

func (m *automaton) grow() {
	if len(m.ends) == maxStates {
		panic("check: too many literals in one table") // cannot happen on input: tables are fixed when the program is built
	}
	m.next = m.next[:len(m.next)+m.classes]
	m.ends = append(m.ends, nil)
}

func (m *automaton) insert(literal string, id int32) {
	s := 0
	for i := range len(literal) {
		at := s*m.classes + int(m.class[literal[i]])
		if m.next[at] == 0 {
			m.next[at] = uint16(len(m.ends))
			m.grow()
		}
		s = int(m.next[at])
	}
	m.ends[s] = append(m.ends[s], id)
}

// link completes the trie, breadth first: where a state has no way on, it goes where its longest proper suffix goes.
func (m *automaton) link() {
	fail := make([]uint16, len(m.ends))
	queue := make([]uint16, 0, len(m.ends))
	for c := range m.classes {
		if s := m.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := int(queue[0])
		queue = queue[1:]
		f := int(fail[s])
		if len(m.ends[f]) > 0 {
			m.ends[s] = slices.Concat(m.ends[s], m.ends[f])
		}
		for c := range m.classes {
			at, other := s*m.classes+c, m.next[f*m.classes+c]
			if child := m.next[at]; child != 0 {
				fail[child] = other
				queue = append(queue, child)
			} else {
				m.next[at] = other
			}
		}
	}
}

// each calls yield with every literal found and the index behind it, in order of their ends.
func (m *automaton) each(text []byte, yield func(id int32, end int)) {
	s := 0
	for i := range text {
		s = int(m.next[s*m.classes+int(m.class[text[i]])])
		for _, id := range m.ends[s] {
			yield(id, i+1)
		}
	}
}
