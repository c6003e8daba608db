package casebook_test

import (
	"strings"
	"testing"
)

// The journal knows the manifest of what was collected, and no other; the record is part of its chain.
func TestCollectedIsInTheJournal(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	manifest := "sha256:" + strings.Repeat("ab", 32)
	seq, err := b.Collected(t.Context(), "maria", manifest, 3, []string{"c-2", "c-1"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Evidence(t.Context(), manifest)
	if err != nil || r == nil || r.Seq != seq || r.By != "maria" || string(r.What) != `{"do":"collect","manifest":"`+manifest+`","copies":3,"cases":["c-1","c-2"]}` {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := b.Evidence(t.Context(), "sha256:"+strings.Repeat("ac", 32)); err != nil || r != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if p, err := b.Verify(t.Context()); err != nil || p.Err() != nil {
		t.Errorf("%v, %v", p.Err(), err)
	}
}
