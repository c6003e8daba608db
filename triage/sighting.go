package triage

import "time"

// Sighting says that the estate saw a rule fire on a host, and on which day first (days since 1970, UTC).
type Sighting struct {
	Rule, Host string
	Day        int32
}

// memory is what the estate saw in earlier runs, by the keys of the context. A group knows only of days before its own, so
// that neither its own copies nor the future leak into its verdict.
type memory []struct {
	rule, host uint32
	day        int32
}

func (m *memory) add(s Sighting) {
	*m = append(*m, struct {
		rule, host uint32
		day        int32
	}{hash32(s.Rule), hash32(s.Host), s.Day})
}

// recall takes the memory into a window: each sighting at the end of its day, so that a group of that same day does not see it.
func (m memory) recall(w *window) {
	for _, s := range m {
		end := int64(s.day+1)*int64(24*time.Hour) - 1
		w.onHost.first(uint64(s.rule)<<32|uint64(s.host), end)
		w.known.first(uint64(s.rule), end)
		w.begin = min(w.begin, end)
	}
}
