package casebook_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

func joining(cases ...string) (list []casebook.Joining) {
	for _, c := range cases {
		list = append(list, casebook.Joining{Case: c, Reason: "correlation: host ws-1"})
	}
	return list
}

// adopt joins cases and returns the names that lead elsewhere now.
func adopt(t *testing.T, b *casebook.Book, into string, from ...string) casebook.Adopted {
	t.Helper()
	a, err := b.Adopt(t.Context(), []casebook.Adoption{{Into: into, From: joining(from...)}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAdoptionsAreOneCaseUntilAPersonSaysOtherwise(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	list := triageInto(t, b, export(0, 4, 1))
	id := func(i int) string { return list[i].caseID }
	before := grouping(t, b)
	if a := adopt(t, b, id(0), id(1), id(2)); len(a.Into) != 2 || a.Into[id(1)] != id(0) || a.Kept != 0 {
		t.Fatalf("%+v", a)
	}
	if got := grouping(t, b); len(got) != 2 || len(got[id(0)]) != 3 {
		t.Errorf("%v", got)
	}
	if c, err := b.Case(t.Context(), id(2)); err != nil || c.ID != id(0) {
		t.Errorf("%v %v", c, err)
	}
	if got := words(t, b, id(0)); len(got) != 1 || got[0] != "soc: "+id(1)+", "+id(2)+" were found to belong to this case: correlation: host ws-1" {
		t.Errorf("%q", got)
	}
	// Again it is no write, whoever is asked for.
	seq, _, err := b.Head(t.Context())
	if a := adopt(t, b, id(2), id(0), id(1)); err != nil || len(a.Into)+a.Kept != 0 {
		t.Errorf("%+v %v", a, err)
	}
	if again, _, err := b.Head(t.Context()); again != seq || err != nil {
		t.Errorf("record %d, before %d, %v", again, seq, err)
	}
	// A person takes it back, for good: also by way of a third case.
	for _, i := range []int{1, 2} {
		if into, err := b.Split(t.Context(), id(0), []string{list[i].id}, "analyst", "no"); into != id(i) || err != nil {
			t.Fatal(into, err)
		}
	}
	if after := grouping(t, b); !maps.EqualFunc(before, after, slices.Equal) {
		t.Errorf("%v, before %v", after, before)
	}
	if a := adopt(t, b, id(3), id(0), id(1)); len(a.Into) != 1 || a.Kept != 1 {
		t.Errorf("%+v", a)
	}
	if got := grouping(t, b); !slices.Equal(got[id(1)], []string{list[1].id}) {
		t.Errorf("%v", got)
	}
	// What a person merged is one case to the machine; what was decided is left alone, and so is what is not there.
	if _, err := b.Merge(t.Context(), id(1), []string{id(2)}, "analyst", "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Decide(t.Context(), id(3), triage.Decision{Disposition: triage.FalsePositive, Reason: "x", Certainty: triage.Asserted, By: "a"}); err != nil {
		t.Fatal(err)
	}
	if a := adopt(t, b, id(3), id(2)); len(a.Into) != 0 || a.Kept != 1 {
		t.Errorf("%+v", a)
	}
	if a := adopt(t, b, id(2), "c-0000", id(0)); len(a.Into) != 0 || a.Kept != 2 {
		t.Errorf("%+v", a)
	}
	if p, err := b.Verify(t.Context()); err != nil || len(p.Findings) > 0 {
		t.Errorf("%+v %v", p, err)
	}
}

// Several processes adopt the same at the same time, in pieces and in other orders, while a person splits and merges: every verdict stays in one
// case, what a person took apart last stays apart, and the journal holds.
func TestAdoptionsAtTheSameTime(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	list := triageInto(t, b, export(0, 12, 1))
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() {
			mine := open(t, path)
			r := rand.New(rand.NewPCG(7, uint64(n)))
			for range 15 {
				x, y, z := list[r.IntN(12)], list[r.IntN(12)], list[r.IntN(12)]
				if _, err := mine.Adopt(t.Context(), []casebook.Adoption{{Into: x.caseID, From: joining(y.caseID, z.caseID)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		mine := open(t, path)
		for i := range 12 {
			_, _ = mine.Split(t.Context(), list[i].id, []string{list[i].id}, "a", "x") // it may stand alone already
		}
	})
	wg.Wait()
	got := grouping(t, b)
	seen := map[string]string{}
	for id, verdicts := range got {
		for _, v := range verdicts {
			if seen[v] != "" || len(verdicts) == 0 {
				t.Errorf("%s in %s and %s", v, seen[v], id)
			}
			seen[v] = id
		}
	}
	apart, err := b.Apart(t.Context())
	if err != nil || len(seen) != len(list) {
		t.Fatal(len(seen), err)
	}
	for id, others := range apart {
		for _, o := range others {
			if a := adopt(t, b, id, o); len(a.Into) > 0 {
				t.Errorf("%s and %s were taken apart: %v", id, o, a.Into)
			}
		}
	}
}

// A large adoption is several transactions and one case.
func TestALargeAdoption(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	list := triageInto(t, b, export(0, 40, 1))
	all := make([]casebook.Adoption, 0, len(list)-1)
	for _, p := range list[1:] {
		all = append(all, casebook.Adoption{Into: list[0].caseID, From: joining(p.caseID)})
	}
	if a, err := b.Adopt(t.Context(), all); err != nil || len(a.Into) != len(list)-1 {
		t.Fatal(len(a.Into), err)
	}
	if got := grouping(t, b); len(got) != 1 {
		t.Errorf("%d cases", len(got))
	}
	if got := strings.Join(words(t, b, list[0].caseID), "\n"); strings.Count(got, "was found to belong") != len(list)-1 {
		t.Error(fmt.Sprint(got))
	}
}
