package investigate

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// pool is the records of all hops, and what was asked for them.
type pool struct {
	budget  Budget
	seeds   []*trace
	traces  []*trace
	met     map[alert.Place]bool
	asked   map[string]bool // facts
	firm    map[string]bool // facts that are followed however many have them
	counts  map[string]int  // records that came with a fact that was asked for, those that were not kept too
	moments []time.Time     // of the cases, sorted
	from    time.Time
	to      time.Time
	bytes   int64
	dropped int64
}

// poolBytes bounds the bytes of the records that are held.
const poolBytes = 192 << 20

func newPool(b Budget, trails []*trail) *pool {
	p := &pool{budget: b, met: map[alert.Place]bool{}, asked: map[string]bool{}, counts: map[string]int{}, firm: map[string]bool{}}
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
		if l.hostile && !p.firm[l.fact] { // asked for before it was known to be, it is asked for again
			p.firm[l.fact] = true
			delete(p.asked, l.fact)
		}
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
	query := Query{From: p.from, To: p.to, Most: keyed * p.budget.PerTerm}
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

// take keeps a record that has something that was asked for.
func (p *pool) take(a *alert.Alert) {
	if p.met[a.Input] {
		return
	}
	t := traceOf(a)
	wanted := false
	for _, f := range t.facts {
		if p.asked[f] {
			p.counts[f]++
			wanted = wanted || !p.common(f)
		}
	}
	if !wanted {
		return
	}
	p.met[a.Input] = true
	p.traces = append(p.traces, t)
	p.bytes += int64(len(a.Raw) + len(a.View))
	if len(p.traces) >= 2*p.budget.Records || p.bytes > 2*poolBytes {
		p.shrink()
	}
}

// keyed is how many times more records a key may bring than a value that anybody may have: a process of the case may do much.
const keyed = 10

// common tells whether more records met a value than one may have that is followed. Keys and where the intruder comes from are never common.
func (p *pool) common(fact string) bool {
	return commonable(fact) && !p.firm[fact] && p.counts[fact] > p.budget.PerTerm
}

// commonable tells the values that have nothing to do with each other when many have them.
func commonable(fact string) bool {
	k, _, _ := strings.Cut(fact, "\x00")
	switch Kind(k) {
	case "ip", "domain", "file", "hash", "url", "user", "process":
		return true
	}
	return false
}

// forget drops the records that are there only for values that turned out to be common: which of them came first is chance.
func (p *pool) forget() {
	p.traces = slices.DeleteFunc(p.traces, func(t *trace) bool {
		return !slices.ContainsFunc(t.facts, func(f string) bool { return p.asked[f] && !p.common(f) })
	})
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
	if c := a.Input.Offset - b.Input.Offset; c != 0 {
		return int(min(max(c, -1), 1))
	}
	return strings.Compare(a.Input.Item, b.Input.Item)
}

// follow makes the records ready to be followed.
func (p *pool) follow(q *inquest, b Budget) *follower {
	p.forget()
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
	f.meet()
	f.clocks = f.skews()
	return f
}

func (p *pool) shrinkTo() {
	if len(p.traces) > p.budget.Records || p.bytes > poolBytes {
		p.shrink()
	}
}
