package investigate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Pursuit follows what the cases' alerts name through logs.
type Pursuit struct {
	Budget Budget
	Checks []triage.Check // they judge each event
	// Consult picks what else to look up, in at most so many Rounds (0: 2), once all that follows by rule was followed. Nil: nobody is asked.
	Consult Consult
	Rounds  int
	// Gather makes one case of those of which one pursuit found the alerts of the other: see Case.Into.
	Gather bool
}

// Pursue looks for what else happened around the cases, strongest first, and adds what it finds to them: events with their reasons,
// holes, skews, techniques, questions, indicators and gaps. It asks the source once per hop for all cases. The same records and cases
// lead to the same result, in whatever order the source hands them over. The error is the source's or the context's.
func (p Pursuit) Pursue(ctx context.Context, src Source, cases []*Case) error {
	b := p.Budget.withDefaults()
	trails := make([]*trail, 0, len(cases))
	for _, k := range cases {
		trails = append(trails, newTrail(k, b))
	}
	pool, reader := newPool(b, trails), newReader(p.Checks)
	answers := inquest{counts: map[string]int64{}}
	for hop := 0; ; hop++ {
		f := pool.follow(&answers, b)
		f.reader = reader
		wanted := f.run(trails)
		ask, left := pool.unasked(wanted, b.Terms)
		if len(ask) == 0 || hop == b.Hops {
			answers.unasked(trails, f, hop, len(ask)+left)
			if p.Gather {
				trails, cases = f.gather(trails, cases)
			}
			p.finish(f, trails, &answers, cases)
			return p.consult(ctx, src, f, trails, cases)
		}
		if left > 0 {
			answers.gap(alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("%d values more than one question may hold were not asked for", left)})
		}
		if err := pool.ask(ctx, src, ask, &answers); err != nil {
			return err
		}
	}
}

// inquest is what the source said beside records.
type inquest struct {
	counts  map[string]int64 // by term
	gaps    lacks
	covered []Covered
	hops    int
}

func (q *inquest) gap(g alert.Gap) { q.gaps.add(g) }

// lacks are gaps, each once. Those beyond maxNames are counted.
type lacks struct {
	list []alert.Gap
	met  map[alert.Gap]bool
}

func (l *lacks) add(g alert.Gap) {
	if l.met[g] {
		return
	}
	if l.met == nil {
		l.met = map[alert.Gap]bool{}
	}
	l.met[g] = true
	if len(l.list) < maxNames {
		l.list = append(l.list, g)
	}
}

// all are the gaps, and one that says how many more there are.
func (l *lacks) all() []alert.Gap {
	more := len(l.met) - len(l.list)
	if more == 0 {
		return l.list
	}
	return append(l.list[:len(l.list):len(l.list)], alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("and %d more gaps than a case has room for", more)})
}

// unasked tells the trails that had more to follow when the budget was spent.
func (q *inquest) unasked(trails []*trail, f *follower, hop, n int) {
	if n == 0 {
		return
	}
	for _, t := range trails {
		open := 0
		for _, l := range t.leads {
			if !f.pool.asked[l.fact] && !f.common(l) {
				open++
			}
		}
		if open > 0 {
			t.gap(fmt.Sprintf("the pursuit ended after %d questions with %d values still to follow", hop, open))
		}
	}
}

// cover keeps what each input reaches over, once.
func (q *inquest) cover(list []Covered) {
	for _, c := range list {
		at := slices.IndexFunc(q.covered, func(o Covered) bool { return o.Input == c.Input })
		switch {
		case at < 0:
			q.covered = append(q.covered, c)
		case len(c.Times) > len(q.covered[at].Times):
			q.covered[at] = c
		}
	}
	slices.SortFunc(q.covered, func(a, b Covered) int { return strings.Compare(a.Input, b.Input) })
}
