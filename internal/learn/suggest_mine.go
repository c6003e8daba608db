package learn

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-959697dd/soc/alert"
)

// few is how many groups of a pattern must be harmless for each that was an attack.
const few = 10

// Suggest returns the noisiest patterns, at most top of them: those that would have hidden no attack first, then by the groups that they
// would have spared. A pattern of which four fifths are covered by better ones is left out. The order does not depend on the
// order in which groups were added.
func (p *Patterns) Suggest(top int) []Suggestion {
	var all []Suggestion
	for _, name := range slices.Sorted(maps.Keys(p.detectors)) {
		if d := p.detectors[name]; d.rule.Value != "" {
			all = append(all, p.mine(d)...)
		}
	}
	slices.SortFunc(all, better)
	return all[:min(top, len(all))]
}

// Unnamed is how many detections were left out because an attacker can write what names them.
func (p *Patterns) Unnamed() (n int) {
	for _, d := range p.detectors {
		if d.rule.Value == "" {
			n++
		}
	}
	return n
}

func better(a, b Suggestion) int {
	return cmp.Or(cmp.Compare(one(a.Attacks > 0), one(b.Attacks > 0)), b.Groups-a.Groups, b.Alerts-a.Alerts, cmp.Compare(a.Name, b.Name))
}

// mine finds the patterns of one detection.
func (p *Patterns) mine(d *detector) []Suggestion {
	at := map[uint32][]int{} // the rows that have a fact
	for i := range d.rows {
		for _, f := range d.rows[i].facts {
			at[f] = append(at[f], i)
		}
	}
	var list []Suggestion
	covers := map[string][]uint32{} // groups
	for _, f := range slices.Sorted(maps.Keys(at)) {
		if p.facts[f].Value == "" || d.harmless(at[f]) < LeastNoise {
			continue
		}
		s, groups := p.suggestion(d, p.choose(d, at, f), at)
		if _, twice := covers[s.Name]; !twice && s.Harmless >= LeastNoise && s.Attacks*few <= s.Harmless {
			covers[s.Name] = groups
			list = append(list, s)
		}
	}
	slices.SortFunc(list, better)
	return slices.DeleteFunc(list, redundant(covers))
}

// redundant tells, asked in order, which suggestion adds less than a fifth of its groups to those kept before.
func redundant(covers map[string][]uint32) func(Suggestion) bool {
	covered := map[uint32]bool{}
	return func(s Suggestion) bool {
		fresh := 0
		for _, g := range covers[s.Name] {
			fresh += one(!covered[g])
		}
		if 5*fresh < s.Groups {
			return true
		}
		for _, g := range covers[s.Name] {
			covered[g] = true
		}
		return false
	}
}

// harmless is how many groups among the rows were decided so. Rows of one group stand together.
func (d *detector) harmless(rows []int) (n int) {
	last := -1
	for _, i := range rows {
		if r := &d.rows[i]; r.kind == harmlessRow && int(r.group) != last {
			last = int(r.group)
			n++
		}
	}
	return n
}

// choose finds what a suggestion for fact f should ask for: of all facts that every harmless alert with f has, the first that alone
// selects the same alerts, and those that the fewest attacks have. A suppression is thus as narrow as its record.
func (p *Patterns) choose(d *detector, at map[uint32][]int, f uint32) []uint32 {
	rows, attacks, count := 0, map[uint32]int{}, map[uint32]int{}
	for _, i := range at[f] {
		r := &d.rows[i]
		for _, g := range r.facts {
			count[g] += one(r.kind == harmlessRow)
			attacks[g] += one(r.kind == attackRow)
		}
		rows += one(r.kind == harmlessRow)
	}
	var closed []uint32
	for g, n := range count {
		if n == rows && p.facts[g].Value != "" {
			closed = append(closed, g)
		}
	}
	slices.SortFunc(closed, func(a, b uint32) int { return p.rank(a, b) })
	first := slices.IndexFunc(closed, func(g uint32) bool { return d.rowsOf(at[g]) == rows })
	chosen := closed[first]
	closed = slices.Delete(closed, first, first+1)
	slices.SortStableFunc(closed, func(a, b uint32) int { return attacks[a] - attacks[b] })
	list := append([]uint32{chosen}, closed[:min(maxFacts-1, len(closed))]...)
	slices.SortFunc(list, func(a, b uint32) int { return p.rank(a, b) })
	return list
}

// rowsOf is how many of the rows are of harmless groups.
func (d *detector) rowsOf(rows []int) (n int) {
	for _, i := range rows {
		n += one(d.rows[i].kind == harmlessRow)
	}
	return n
}

// rank orders facts as people name them: the host first, then the user, the address and so on.
func (p *Patterns) rank(a, b uint32) int {
	x, y := &p.facts[a], &p.facts[b]
	return cmp.Or(cmp.Compare(typeOf(x), typeOf(y)), cmp.Compare(x.Slot, y.Slot), cmp.Compare(x.Value, y.Value))
}

func typeOf(f *Fact) alert.EntityType {
	_, t := f.Slot.Entity()
	return t
}

// suggestion counts what has all the facts, and returns the groups among it.
func (p *Patterns) suggestion(d *detector, facts []uint32, at map[uint32][]int) (Suggestion, []uint32) {
	s := Suggestion{Format: d.format, Title: d.title, Rule: d.rule}
	rarest := facts[0]
	for _, f := range facts {
		s.Facts = append(s.Facts, p.facts[f])
		if len(at[f]) < len(at[rarest]) {
			rarest = f
		}
	}
	s.Name = nameOf(&s)
	var groups []uint32
	for _, i := range at[rarest] {
		r := &d.rows[i]
		if !hasAll(r.facts, facts) {
			continue
		}
		fresh := len(groups) == 0 || groups[len(groups)-1] != r.group
		if fresh {
			groups = append(groups, r.group)
		}
		s.count(r, fresh)
	}
	s.Share = float64(s.Alerts) / float64(max(1, p.alerts))
	return s, groups
}

func hasAll(sorted, want []uint32) bool {
	for _, f := range want {
		if _, ok := slices.BinarySearch(sorted, f); !ok {
			return false
		}
	}
	return true
}

// count adds a row to the record; fresh tells the first of its group.
func (s *Suggestion) count(r *row, fresh bool) {
	s.Alerts += r.alerts
	if fresh {
		s.Groups++
		s.Harmless += one(r.kind == harmlessRow)
		s.Attacks += one(r.kind == attackRow)
	}
	if !r.first.IsZero() && (s.First.IsZero() || r.first.Before(s.First)) {
		s.First = r.first
	}
	if r.last.After(s.Last) {
		s.Last = r.last
	}
	if r.kind == attackRow {
		shown := min(len(r.ids), MaxHidden-len(s.Hidden))
		s.Hidden = append(s.Hidden, r.ids[:shown]...)
		s.More += r.alerts - shown
	}
}

// Said is the record in words, without a word from an alert: it stands in the comments of drafts.
func (s *Suggestion) Said() string {
	text := fmt.Sprintf("%d of %d decided groups harmless, %d attacks", s.Harmless, s.Harmless+s.Attacks, s.Attacks)
	if s.First.IsZero() {
		return text
	}
	const day = "2006-01-02"
	return text + fmt.Sprintf(", seen %s to %s", s.First.UTC().Format(day), s.Last.UTC().Format(day))
}
