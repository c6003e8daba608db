package check

import (
	"strings"
	"testing"
)

// Texts that the fingerprint takes for one another are still told apart.
func TestMemoryTellsTextsApart(t *testing.T) {
	t.Parallel()
	m := newMemory[string]()
	read := func(s string) string { return strings.Clone(s) }
	a := strings.Repeat("a", 40)
	b := a[:10] + "b" + a[11:]
	if fingerprint(a) != fingerprint(b) {
		t.Fatal("these two were meant to share a place")
	}
	for range 3 {
		for _, s := range []string{a, b, a, a, b, b, "", "x", "abcd", "abce", "abcdefg", "abcdefgh", strings.Repeat("c", maxRemembered+1)} {
			if got := m.get(s, read); got != s {
				t.Errorf("asked for %q, got %q", s, got)
			}
		}
	}
}

func TestMemoryRemembersWhatComesAgain(t *testing.T) {
	t.Parallel()
	m, asked := newMemory[int](), 0
	for range 10 {
		m.get("Windows logon success.", func(string) int { asked++; return 1 })
	}
	if asked != 2 {
		t.Errorf("read %d times, want 2", asked)
	}
}
