package redact

// trie finds names in a text whatever their case, in one step per byte of the name.
type trie struct {
	next []branch
	kind string // of the name that ends here
}

type branch struct {
	c byte
	t *trie
}

func (t *trie) step(c byte) *trie {
	for i := range t.next {
		if t.next[i].c == c {
			return t.next[i].t
		}
	}
	return nil
}

func (t *trie) add(name, kind string) {
	for i := range len(name) {
		c := fold(name[i])
		next := t.step(c)
		if next == nil {
			next = &trie{}
			t.next = append(t.next, branch{c, next})
		}
		t = next
	}
	if t.kind == "" {
		t.kind = kind
	}
}

// has reports whether a whole word is a name.
func (t *trie) has(word string) bool {
	for i := 0; i < len(word) && t != nil; i++ {
		t = t.step(fold(word[i]))
	}
	return t != nil && t.kind != ""
}

// free is the length from which a name is replaced inside longer words too: such a run of letters is no accident.
const free = 8

// find appends the longest names in the text, which do not overlap.
func (t *trie) find(text string, list []span) []span {
	if len(t.next) == 0 {
		return list
	}
	for i := 0; i < len(text); i++ {
		end, kind, at := 0, "", t
		first := boundary(text, i)
		for j := i; j < len(text); j++ {
			if at = at.step(fold(text[j])); at == nil {
				break
			}
			if at.kind != "" && (j+1-i >= free || first && boundary(text, j+1)) {
				end, kind = j+1, at.kind
			}
		}
		if end > 0 {
			list = append(list, span{i, end, kind})
			i = end - 1
		}
	}
	return list
}

func fold(c byte) byte {
	if c-'A' <= 25 {
		c |= 0x20
	}
	return c
}
