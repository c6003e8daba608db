package alert

import (
	"fmt"
	"hash/maphash"
	"slices"
	"testing"
)

func learn(t *testing.T, s *shapes, docs ...string) {
	t.Helper()
	var tp tape
	for _, doc := range docs {
		for range 3 { // a skeleton is kept when it comes the third time
			if _, err := tp.scan([]byte(doc)); err != nil {
				t.Fatalf("%s: %v", doc, err)
			}
			s.of(&tp)
		}
	}
}

// sameAsScan compares what follow makes of a text with what scan does, and tells whether a skeleton fits.
func sameAsScan(t *testing.T, s *shapes, doc []byte) bool {
	t.Helper()
	var want, got tape
	n, err := want.scan(doc)
	sh, end := s.follow(&got, doc)
	switch {
	case sh == nil:
		return false
	case err != nil:
		t.Fatalf("%q fits a skeleton although: %v", doc, err)
	case end != n || got.used != want.used || string(got.keys[:got.used]) != string(want.keys[:want.used]):
		t.Fatalf("%q: the skeleton ends at %d of shape %q, wanted %d of %q", doc, end, got.keys[:got.used], n, want.keys[:want.used])
	case !slices.Equal(got.dups, want.dups) || len(got.nodes) != len(want.nodes):
		t.Fatalf("%q: %d nodes and duplicates %q, wanted %d and %q", doc, len(got.nodes), got.dups, len(want.nodes), want.dups)
	}
	for i := range want.nodes {
		a, b := &got.nodes[i], &want.nodes[i]
		if a.kind != b.kind || a.next != b.next || a.parent != b.parent || a.hash != b.hash || a.dotted != b.dotted || got.key(a) != want.key(b) || got.str(a) != want.str(b) {
			t.Fatalf("%q: node %d is %s=%q, wanted %s=%q", doc, i, got.key(a), got.str(a), want.key(b), want.str(b))
		}
	}
	return true
}

var variants = []string{
	`{"a":null}`, `{"a":1}`, `{"a":"x"}`, `{"a":[1]}`, `{"a":["x"]}`, `{"a":[null]}`, `{"a":[]}`, `{"a":[{}]}`, `{"a":{}}`, `{"a":{"b":1}}`, `{"a":{"b":"x"},"c":true}`,
	`{"a":1,"b":"x"}`, `{"a":1,"b":null}`, `{"a":1, "b":"x","A":2}`, `{"a.b":"\u00e9\ud83d\ude00\n","a_b":-1.5e3}`, `{"\u0061":"y","a":"z"}`, `{}`, `{"a":[1,2],"b":[1,"x",{"c":false}]}`,
}

func TestFollow(t *testing.T) {
	s := shapes{seed: maphash.MakeSeed()}
	learn(t, &s, variants...)
	for _, doc := range append(variants, ` {"a":-0.5}`+"\t\n", `{"a":"\\\"\u20ac é 漢字, a text of some length"}`, `{"a":false}`, `{"a":1}{"b":2}`) {
		if !sameAsScan(t, &s, []byte(doc)) {
			t.Errorf("%s fits no skeleton", doc)
		}
	}
	for _, doc := range []string{
		``, `{`, `{"a":`, `{"a":"`, `{"a":"x`, `{"a":"x"`, `{"a":01}`, `{"a":tru}`, `{"a":nul}`, "{\"a\":\"\xff\"}", "{\"a\":\"\xe9 and more text\"}", "{\"a\":\"\n\"}",
		`{"a":"\x"}`, `{"a":"\u12"}`, "{\"a\":1} \xff", `{"a":1,}`, `{"a" :1}`, `{"z":1}`,
	} {
		if sameAsScan(t, &s, []byte(doc)) {
			t.Errorf("%q fits a skeleton", doc)
		}
	}
}

// TestSkeletonsAreForgotten: ever new shapes neither pile up nor drive out for good what still comes.
func TestSkeletonsAreForgotten(t *testing.T) {
	s := shapes{seed: maphash.MakeSeed()}
	learn(t, &s, variants...)
	for i := range 900 {
		learn(t, &s, fmt.Sprintf(`{"k%d":1,"b":"x"}`, i))
		if s.planted > len(s.kept) {
			t.Fatalf("%d skeletons are known", s.planted)
		}
	}
	learn(t, &s, variants...)
	for _, doc := range variants {
		if !sameAsScan(t, &s, []byte(doc)) {
			t.Errorf("%s fits no skeleton", doc)
		}
	}
}

// FuzzFollow: whatever has been seen, a text that fits a skeleton is what scan says it is.
func FuzzFollow(f *testing.F) {
	for i, v := range variants {
		f.Add([]byte(v), []byte(variants[(i+1)%len(variants)]), []byte(v[:len(v)-1]))
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		s := shapes{seed: maphash.MakeSeed()}
		for _, doc := range [][]byte{a, b} {
			var tp tape
			for range 3 {
				if _, err := tp.scan(doc); err == nil && tp.nodes[0].kind == kindObject {
					s.of(&tp)
				}
			}
		}
		for _, doc := range [][]byte{a, b, c, append(slices.Clone(a), c...)} {
			sameAsScan(t, &s, doc)
		}
	})
}
