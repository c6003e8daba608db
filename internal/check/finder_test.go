package check

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// allTables are the tables of every check.
func allTables() [][]rule {
	return [][]rule{
		lolbins(), cradles(), sabotage(), tools(), thefts(), shells(), recon(), places(), paths(), pipes(), registryKeys(), startedData(), servicePrograms(),
		weakDrivers(), powerfulGroups(), accountFlags(), unixAccounts(), stores(), replication(), metadata(), signInWords(), usualSignIns(), webRules(),
		agentRules(), hostRules(), malwareRules(), cloudRules(), oddCallers(), tamperRules(),
	}
}

// A finder knows no word of one letter, none in upper case, and no set more rules than it has bits for.
func TestEveryTableCanBeWatched(t *testing.T) {
	t.Parallel()
	for _, table := range allTables() {
		set := newRuleset(func() []rule { return table })
		set.prepare()
		for _, l := range set.finder.words {
			if len(l.word) < 2 {
				t.Errorf("the table that begins with %q is noticed by %q, which is too short", table[0].says, l.word)
			}
		}
		for _, l := range set.literals {
			if strings.IndexFunc(l.word, func(r rune) bool { return 'A' <= r && r <= 'Z' }) >= 0 {
				t.Errorf("the table that begins with %q has %q in upper case", table[0].says, l.word)
			}
		}
	}
}

// scraps are texts sewn from the tables' own words, with what separates and what joins.
func scraps(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	var words, texts []string
	for _, table := range allTables() {
		for _, row := range table {
			words = append(words, strings.FieldsFunc(row.need, func(c rune) bool { return strings.ContainsRune("|+<>!", c) })...)
		}
	}
	joints := []string{" ", "", "-", ".", "/", `\`, "é", "=", "_"}
	for range n {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			word := strings.TrimSpace(words[r.IntN(len(words))])
			if r.IntN(4) == 0 {
				word = strings.ToUpper(word)
			}
			b.WriteString(word + joints[r.IntN(len(joints))])
		}
		texts = append(texts, b.String())
	}
	return texts
}

// The finder finds what looking for each word by itself finds, at the beginning, inside and at the end.
func TestFinderFindsWhatASearchFinds(t *testing.T) {
	t.Parallel()
	set := newRuleset(lolbins, shells, recon, webRules, func() []rule { return tamperRules()[18:] })
	set.prepare()
	f := newFinder(atLeastTwo(set.literals))
	for _, text := range scraps(300) {
		got := make(map[int]bool)
		f.each(text, func(id, _ int) { got[id] = true })
		for id, l := range f.words {
			want := false
			for end := len(l.word); end <= len(text) && !want; end++ {
				want = sameFolded(text[end-len(l.word):end], l.word) && stands(&l, text, end)
			}
			if got[id] != want {
				t.Fatalf("%q in %q: found %v, want %v", l.word, text, got[id], want)
			}
		}
	}
}

func atLeastTwo(literals []literal) (long []literal) {
	for _, l := range literals {
		if len(l.word) > 1 {
			long = append(long, l)
		}
	}
	return long
}

// Literals of a long text are found another way than those of a short one; what matches must not depend on it.
func TestLongTextsMatchAsShortOnesDo(t *testing.T) {
	t.Parallel()
	set := newRuleset(func() []rule {
		all := lolbins()
		for i := range all {
			all[i].then = ""
		}
		return all
	}, thefts, shells, tools, malwareRules)
	indexes := func(text string) (all []int) {
		set.match(text, func(f found) {
			if set.plans[f.index].then == nil {
				all = append(all, f.index)
			}
		})
		return all
	}
	hits := 0
	for _, text := range scraps(400) {
		text = text[:min(len(text), shortText)]
		short, long := indexes(text), indexes(text+strings.Repeat(" #", shortText))
		hits += len(short)
		if len(short) != len(long) {
			t.Fatalf("%q: %v, in a long text %v", text, short, long)
		}
		for i := range short {
			if short[i] != long[i] {
				t.Fatalf("%q: %v, in a long text %v", text, short, long)
			}
		}
	}
	if hits < 50 {
		t.Errorf("%d matches prove little", hits)
	}
}
