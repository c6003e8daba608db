package triage

// ages remembers when each key was first seen: a hash table without pointers, so that the garbage collector never walks it, which
// grows to a bound and then takes no more keys.
type ages struct {
	slots []age
	n     int
}

type age struct {
	key   uint64
	first int64 // Unix nanoseconds; 0 marks a free slot
}

// maxAges bounds the keys of one table: 4 MiB.
const maxAges = 192 << 10

// first returns when key was first seen up to time t, noting t if that is earlier. ok is false when the table is full and does
// not know the key.
func (a *ages) first(key uint64, t int64) (at int64, ok bool) {
	if t == 0 {
		t = 1
	}
	if 4*(a.n+1) > 3*len(a.slots) && a.n < maxAges {
		a.grow()
	}
	s := a.find(key)
	if s.first == 0 {
		if a.n >= maxAges {
			return 0, false
		}
		a.n++
		*s = age{key, t}
	}
	s.first = min(s.first, t)
	return s.first, true
}

// at returns when key was first seen. It changes nothing: any number of goroutines may call it while none calls first.
func (a *ages) at(key uint64) (first int64, ok bool) {
	if len(a.slots) == 0 {
		return 0, false
	}
	s := a.find(key)
	return s.first, s.first != 0
}

// find returns the key's slot, or the free one where it belongs.
func (a *ages) find(key uint64) *age {
	mask := uint64(len(a.slots) - 1)
	for i := key * 0x9e3779b97f4a7c15 >> 20; ; i++ {
		if s := &a.slots[i&mask]; s.first == 0 || s.key == key {
			return s
		}
	}
}

func (a *ages) grow() {
	old := a.slots
	a.slots = make([]age, max(256, 2*len(old)))
	for i := range old {
		if old[i].first != 0 {
			*a.find(old[i].key) = old[i]
		}
	}
}
