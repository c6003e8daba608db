package investigate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Pursuit follows what the cases' alerts name through logs.
type Pursuit struct {
	Budget Budget
	Checks []triage.Check // they judge each event
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
	pool := newPool(b, trails)
	answers := inquest{counts: map[string]int64{}}
	for hop := 0; ; hop++ {
		f := pool.follow(&answers, b)
		wanted := f.run(trails)
		ask, left := pool.unasked(wanted, b.Terms)
		if len(ask) == 0 || hop == b.Hops {
			answers.unasked(trails, f, hop, len(ask)+left)
			p.finish(f, trails, &answers, cases)
			return ctx.Err()
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
	gaps    []alert.Gap
	covered []Covered
	hops    int
}

func (q *inquest) gap(g alert.Gap) {
	if !slices.Contains(q.gaps, g) && len(q.gaps) < maxNames {
		q.gaps = append(q.gaps, g)
	}
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

// pool is the records of all hops, and what was asked for them.
type pool struct {
	budget  Budget
	seeds   []*trace
	traces  []*trace
	met     map[alert.Place]bool
	asked   map[string]bool // facts
	moments []time.Time     // of the cases, sorted
	from    time.Time
	to      time.Time
	bytes   int64
	dropped int64
}

// poolBytes bounds the bytes of the records that are held.
const poolBytes = 192 << 20

func newPool(b Budget, trails []*trail) *pool {
	p := &pool{budget: b, met: map[alert.Place]bool{}, asked: map[string]bool{}}
	open := false
	for _, t := range trails {
		p.seeds = append(p.seeds, t.seeds...)
		for _, s := range t.seeds {
			if s.at.IsZero() {
				open = true
				continue
			}
			p.moments = append(p.moments, s.at)
		}
	}
	slices.SortFunc(p.moments, time.Time.Compare)
	if n := len(p.moments); n > 0 && !open {
		p.from, p.to = p.moments[0].Add(-b.Around), p.moments[n-1].Add(b.Around)
	}
	return p
}

// unasked is the leads that nobody asked for yet, as many as one question may hold; left is how many were left out.
func (p *pool) unasked(wanted []*lead, most int) (ask []*lead, left int) {
	n := 0
	met := map[string]bool{}
	for _, l := range wanted {
		if p.asked[l.fact] || met[l.fact] || len(l.terms) == 0 {
			continue
		}
		if n+len(l.terms) > most {
			left++
			continue
		}
		met[l.fact] = true
		n += len(l.terms)
		ask = append(ask, l)
	}
	return ask, left
}

// ask puts one question.
func (p *pool) ask(ctx context.Context, src Source, leads []*lead, q *inquest) error {
	query := Query{From: p.from, To: p.to, Most: p.budget.PerTerm + 1}
	var facts []string
	for _, l := range leads {
		p.asked[l.fact] = true
		for _, t := range l.terms {
			query.Terms, facts = append(query.Terms, t), append(facts, l.fact)
		}
	}
	answer, err := src.Search(ctx, query, func(a *alert.Alert) error { p.take(a); return nil })
	if err != nil {
		return err
	}
	q.hops++
	for i, n := range answer.Counts {
		if i < len(facts) {
			q.counts[facts[i]] += n
		}
	}
	for _, g := range answer.Gaps {
		q.gap(g)
	}
	q.cover(answer.Covered)
	return nil
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

// take keeps a record that has something that was asked for.
func (p *pool) take(a *alert.Alert) {
	if p.met[a.Input] {
		return
	}
	t := traceOf(a)
	if !slices.ContainsFunc(t.facts, func(f string) bool { return p.asked[f] }) {
		return
	}
	p.met[a.Input] = true
	p.traces = append(p.traces, t)
	p.bytes += int64(len(a.Raw) + len(a.View))
	if len(p.traces) >= 2*p.budget.Records || p.bytes > 2*poolBytes {
		p.shrink()
	}
}

// shrink drops the records that lie furthest from the cases' alerts. What stays does not depend on the order in which they came.
func (p *pool) shrink() {
	slices.SortFunc(p.traces, func(a, b *trace) int {
		if d := p.distance(a).Abs() - p.distance(b).Abs(); d != 0 {
			return int(min(max(d, -1), 1))
		}
		return a.compare(b)
	})
	p.bytes = 0
	for i, t := range p.traces {
		n := int64(len(t.a.Raw) + len(t.a.View))
		if i < p.budget.Records && p.bytes+n <= poolBytes {
			p.bytes += n
			continue
		}
		p.dropped += int64(len(p.traces) - i)
		clear(p.traces[i:])
		p.traces = p.traces[:i]
		return
	}
}

// distance is the time to the next alert of a case.
func (p *pool) distance(t *trace) time.Duration {
	if t.at.IsZero() || len(p.moments) == 0 {
		return 0
	}
	i, _ := slices.BinarySearchFunc(p.moments, t.at, time.Time.Compare)
	best := time.Duration(1<<63 - 1)
	for _, j := range [...]int{i - 1, i} {
		if j >= 0 && j < len(p.moments) {
			best = min(best, t.at.Sub(p.moments[j]).Abs())
		}
	}
	return best
}

// compare is the total order of records: by time, then by where they stand.
func (t *trace) compare(o *trace) int { return order(t.a, o.a) }

func order(a, b *alert.Alert) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	if c := strings.Compare(a.Input.Name, b.Input.Name); c != 0 {
		return c
	}
	if c := a.Input.Line - b.Input.Line; c != 0 {
		return int(min(max(c, -1), 1))
	}
	return int(min(max(a.Input.Offset-b.Input.Offset, -1), 1))
}

// follow makes the records ready to be followed.
func (p *pool) follow(q *inquest, b Budget) *follower {
	p.shrinkTo()
	f := &follower{pool: p, budget: b, counts: q.counts, index: map[string][]int{}, machines: map[string]int{}}
	f.traces = append(slices.Clone(p.traces), p.seeds...)
	slices.SortStableFunc(f.traces, (*trace).compare)
	f.processes = processesOf(f.traces)
	for i, t := range f.traces {
		if t.seed {
			continue
		}
		for _, fact := range t.facts {
			f.index[fact] = append(f.index[fact], i)
		}
	}
	f.clocks = f.skews()
	return f
}

func (p *pool) shrinkTo() {
	if len(p.traces) > p.budget.Records || p.bytes > poolBytes {
		p.shrink()
	}
}
