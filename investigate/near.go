package investigate

import (
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/triage"
)

// Near is a link that was too weak: too long between, or too little evidence.
type Near struct {
	Link
	Case  string       // the other one
	Route triage.Route // of its strongest
	ours  int          // the place of the verdict of this case
}

// Neighbour is another case that has something seldom in common with this one and was not joined. One of the two escalates. It is a
// reason to look at both, and maybe to merge them.
type Neighbour struct {
	Case   string
	Route  triage.Route
	Before bool // it is the earlier one
	Reason      // A is the alert of this case, B that of the other one, which has the receipts of its own
}

const (
	mostNear = 5  // neighbours that a case names: the nearest
	fewMet   = 3  // in so many windows a value is seldom, however short the input
	rarely   = 33 // one window in so many: what a link needs of a value alone, see threshold
)

// loose tells whether a pair that is no link is worth naming: what both share is seldom, and one of the two waits for a person anyway.
func (x *index) loose(a, b int32, facts []bond) bool {
	return len(facts) > 0 && facts[0].windows <= max(fewMet, x.all/rarely) &&
		(x.verdicts[a].Route == triage.Escalate || x.verdicts[b].Route == triage.Escalate)
}

// near finds for each set of a forest, by its root, the pairs that bind it to others though not enough: one for each two, the heaviest
// first. Loose is in that order.
func (x *index) near(f *forest, loose []edge) map[int][]edge {
	found := map[int][]edge{}
	met := map[[2]int]bool{}
	for _, e := range loose {
		a, b := f.root(int(e.a)), f.root(int(e.b))
		two := [2]int{min(a, b), max(a, b)}
		if a == b || met[two] || f.parted(int32(a), int32(b)) {
			continue
		}
		met[two] = true
		for _, root := range two {
			if len(found[root]) < mostNear {
				found[root] = append(found[root], e)
			}
		}
	}
	return found
}

// neighbour writes it out. doc is that of the verdict of this case.
func (n *Near) neighbour(list []Verdict, doc gjson.Result) Neighbour {
	theirs := n.A + n.B - n.ours
	a, b := doc, gjson.Result{}
	if n.ours == n.B {
		a, b = b, a
	}
	o := Neighbour{Case: n.Case, Route: n.Route, Before: theirs == n.A, Reason: reason(&n.Link, list, a, b)}
	o.A, o.B = list[n.ours].Alert, list[theirs].Alert
	return o
}

// When says how far away the neighbour is; empty: that is unknown.
func (n *Neighbour) When() string {
	switch {
	case !n.Timed:
		return ""
	case n.Between < time.Minute:
		return "at the same time"
	case n.Before:
		return Interval(n.Between) + " before"
	}
	return Interval(n.Between) + " after"
}

// Interval writes a time between two things with one unit.
func Interval(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 2*dayLength:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// nearby names the other cases that have something seldom in common with this one.
func (s *story) nearby() (list []Finding) {
	for i := range s.k.Near {
		n := &s.k.Near[i]
		when := n.When()
		if when != "" {
			when = ", " + when + ","
		}
		list = append(list, Finding{Part: Nearby, Sentence: fmt.Sprintf("Case %s (%s)%s has in common with this one: %s. That did not suffice to make one case of both.", n.Case, n.Route, when, n.Because), Cites: []string{"alert " + n.A}})
	}
	return list
}
