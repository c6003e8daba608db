package alert

// keyTable is an open-addressed hash table from keys to steps: one is asked for every key of every alert.
type keyTable struct {
	slots []keySlot // a power of two, at most half full
	mask  uint64    // a bit per hash
	n     int
}

type keySlot struct {
	hash uint32
	step *step
}

func (t *keyTable) find(hash uint32, key string) *step {
	if t.mask&(1<<(hash>>26)) == 0 {
		return nil
	}
	st, _ := t.probe(hash, key)
	return st
}

// probe is find for a table that has some key; it also tells whether the keys are the same to the byte.
func (t *keyTable) probe(hash uint32, key string) (st *step, same bool) {
	for i := int(hash); ; i++ {
		s := &t.slots[i&(len(t.slots)-1)]
		if s.step == nil {
			return nil, false
		}
		if s.hash != hash {
			continue
		}
		if s.step.key == key {
			return s.step, true
		}
		if sameKey(s.step.key, key) {
			return s.step, false
		}
	}
}

func (t *keyTable) add(hash uint32, st *step) {
	if 2*(t.n+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]keySlot, max(4, 2*len(old)))
		for _, s := range old {
			if s.step != nil {
				t.place(s)
			}
		}
	}
	t.place(keySlot{hash, st})
	t.mask |= 1 << (hash >> 26)
	t.n++
}

func (t *keyTable) place(s keySlot) {
	for i := int(s.hash); ; i++ {
		if p := &t.slots[i&(len(t.slots)-1)]; p.step == nil {
			*p = s
			return
		}
	}
}
