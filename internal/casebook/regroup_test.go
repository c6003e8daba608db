package casebook_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// grouping is which verdicts stand in which case, by the book.
func grouping(t *testing.T, b *casebook.Book) map[string][]string {
	t.Helper()
	var cases []string
	err := b.Cases(t.Context(), casebook.Query{}, func(c *casebook.Case) error {
		cases = append(cases, c.ID)
		return nil
	})
	got := map[string][]string{}
	for _, id := range cases {
		if err == nil {
			err = b.Verdicts(t.Context(), id, func(v *casebook.Verdict) error {
				got[id] = append(got[id], v.ID)
				return nil
			})
		}
		slices.Sort(got[id])
	}
	if err == nil {
		err = b.Holds(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func words(t *testing.T, b *casebook.Book, id string) (list []string) {
	t.Helper()
	err := b.Notes(t.Context(), id, func(n *casebook.Note) error {
		list = append(list, n.By+": "+n.Text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMergeAndSplitTakeEachOtherBack(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	list := triageInto(t, b, append(export(0, 2, 1), line("host-9", "e", 0, "evil.exe")))
	quiet, other, evil := list[0], list[1], list[2]
	if evil.route != "escalate" {
		evil, other = other, evil
	}
	before := grouping(t, b)
	if _, err := b.Note(t.Context(), evil.caseID, "analyst-1", "asked the owner"); err != nil {
		t.Fatal(err)
	}
	if id, err := b.Merge(t.Context(), quiet.caseID, []string{evil.caseID, other.caseID[:10]}, "analyst-2", "one mail"); err != nil || id != quiet.caseID {
		t.Fatal(id, err)
	}
	// Its name, what was said on it and how it stands went along; the next run finds the verdict there.
	c, err := b.Case(t.Context(), evil.caseID)
	if err != nil || c.ID != quiet.caseID || c.Verdicts != 3 || c.Route != "escalate" {
		t.Fatalf("%+v, %v", c, err)
	}
	if got := words(t, b, c.ID); !slices.Contains(got, "analyst-1: asked the owner") || !slices.Contains(got, "analyst-2: "+evil.caseID+" was merged into this case: one mail") {
		t.Errorf("said on it: %q", got)
	}
	if again := triageInto(t, b, []string{line("host-9", "f", 1, "evil.exe"), line("host-9", "e", 0, "evil.exe")}); len(again) != 1 || again[0].caseID != quiet.caseID {
		t.Errorf("the next run puts it into %v", again)
	}
	if apart, err := b.Apart(t.Context()); len(apart) > 0 || err != nil {
		t.Errorf("apart: %v, %v", apart, err)
	}
	for _, p := range []printed{evil, other} {
		if into, err := b.Split(t.Context(), quiet.caseID, []string{p.id[:12]}, "analyst-2", "two mails"); into != p.caseID || err != nil {
			t.Fatal(into, err)
		}
	}
	if after := grouping(t, b); !maps.EqualFunc(before, after, slices.Equal) {
		t.Errorf("%v, before the merge %v", after, before)
	}
	apart, err := b.Apart(t.Context())
	want := []string{quiet.caseID, other.caseID}
	slices.Sort(want)
	if !slices.Equal(apart[evil.caseID], want) || len(apart) != 3 || err != nil { // the other was on the far side when evil left
		t.Errorf("apart: %v, %v", apart, err)
	}
	if got := words(t, b, evil.caseID); len(got) != 2 || got[1] != "analyst-2: taken out of "+quiet.caseID+": two mails" {
		t.Errorf("said on it: %q", got)
	}
	if _, err := b.Merge(t.Context(), evil.caseID, []string{quiet.caseID}, "analyst-2", "after all"); err != nil {
		t.Fatal(err)
	}
	// What quiet was taken apart from, the case it is in now is, too.
	if apart, err = b.Apart(t.Context()); len(apart) != 2 || !slices.Equal(apart[evil.caseID], []string{other.caseID}) || err != nil {
		t.Errorf("apart: %v, %v", apart, err)
	}
}

// The verdict after which a case is named may leave it: the new case gets another name.
func TestTheFirstVerdictLeaves(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	list := triageInto(t, b, export(0, 2, 1))
	if _, err := b.Merge(t.Context(), list[0].caseID, []string{list[1].caseID}, "a", "x"); err != nil {
		t.Fatal(err)
	}
	into, err := b.Split(t.Context(), list[0].caseID, []string{list[0].id}, "a", "x")
	if err != nil || into == list[0].caseID || into == list[1].caseID {
		t.Fatal(into, err)
	}
	if got := grouping(t, b); !slices.Equal(got[into], []string{list[0].id}) || !slices.Equal(got[list[0].caseID], []string{list[1].id}) {
		t.Errorf("%v", got)
	}
}

func TestWhatCannotBeRegrouped(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	list := triageInto(t, b, export(0, 3, 1))
	if _, err := b.Decide(t.Context(), list[2].caseID, triage.Decision{Disposition: triage.FalsePositive, Reason: "x", Certainty: triage.Asserted, By: "a"}); err != nil {
		t.Fatal(err)
	}
	before := grouping(t, b)
	merge := func(into, from string) error {
		_, err := b.Merge(t.Context(), into, []string{list[1].caseID, from}, "a", "x")
		return err
	}
	split := func(name string, verdicts ...string) error {
		_, err := b.Split(t.Context(), name, verdicts, "a", "x")
		return err
	}
	for i, row := range []struct{ got, want error }{
		{merge(list[0].caseID, list[0].caseID), casebook.ErrSame},
		{merge(list[0].caseID, "c-0000"), casebook.ErrNoCase},
		{merge(list[0].caseID, list[2].caseID), casebook.ErrClosed},
		{merge(list[2].caseID, list[0].caseID), casebook.ErrClosed},
		{split(list[0].caseID, list[1].id), casebook.ErrNoVerdict},
		{split(list[0].caseID, list[0].id), casebook.ErrWhole},
		{split(list[2].caseID, list[2].id), casebook.ErrClosed},
	} {
		if !errors.Is(row.got, row.want) {
			t.Errorf("%d: %v, want %v", i, row.got, row.want)
		}
	}
	if after := grouping(t, b); !maps.EqualFunc(before, after, slices.Equal) {
		t.Errorf("what was refused was done in part: %v, before %v", after, before)
	}
}

// Whatever people merge and split, each verdict is in one case, no case is empty, and what is apart is about cases there are.
func TestRegroupingLosesNoVerdict(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	list := triageInto(t, b, export(0, 8, 1))
	r := rand.New(rand.NewPCG(5, 6))
	done := 0
	for range 60 {
		x, y := list[r.IntN(len(list))], list[r.IntN(len(list))]
		var err error
		if r.IntN(2) == 0 {
			_, err = b.Merge(t.Context(), x.id, []string{y.id}, "a", "x")
		} else {
			_, err = b.Split(t.Context(), x.id, []string{x.id}, "a", "x")
		}
		switch {
		case err == nil:
			done++
		case !errors.Is(err, casebook.ErrSame) && !errors.Is(err, casebook.ErrWhole):
			t.Fatal(err)
		}
	}
	got := grouping(t, b)
	seen := map[string]bool{}
	for id, verdicts := range got {
		if len(verdicts) == 0 {
			t.Errorf("%s is empty", id)
		}
		for _, v := range verdicts {
			if seen[v] {
				t.Errorf("%s in two cases", v)
			}
			seen[v] = true
		}
	}
	apart, err := b.Apart(t.Context())
	if err != nil || len(seen) != len(list) || done < 20 {
		t.Fatal(fmt.Sprint(len(seen), done), err)
	}
	for id, others := range apart {
		for _, c := range append(others, id) {
			if got[c] == nil {
				t.Errorf("%s is apart from %v and is no case", id, others)
			}
		}
	}
}
