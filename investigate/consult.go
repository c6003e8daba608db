package investigate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Consult asks somebody whom nobody need trust, a model, what to look up next, once in each round for all cases that go on. The reply at a place is
// to the quest there. What it picks is looked up and added to the case as events of its own; it can change nothing else.
type Consult func(ctx context.Context, quests []Quest) []Reply

// Quest is a case as it stands, not to be changed, and the things of it that have a number.
type Quest struct {
	Case   *Case
	Things []Thing
}

// Reply is what was picked.
type Reply struct {
	By    string // who picked
	Picks []Pick
	Gaps  []alert.Gap
}

// Pick is a pivot of the catalogue and the place of a thing in the quest.
type Pick struct {
	Pivot string
	Thing int
}

// Bounds of a consultation.
const (
	defaultRounds = 2
	maxPicks      = 8              // of one case in one round
	maxAsked      = 100            // records that one pick may bring: those nearest to the alerts
	aroundAsked   = 24 * time.Hour // before the first and behind the last alert
)

// inquired is a pick that is being looked up.
type inquired struct {
	c     int // place of the case
	by    string
	what  string
	value string
	meets func(*trace, string) bool
	found []*trace
	left  int // records that found no room
	terms []Term
}

// consult lets others choose what else to look up. It comes when all that follows by rule was followed and written down, and only adds to that.
func (p Pursuit) consult(ctx context.Context, src Source, f *follower, trails []*trail, cases []*Case) error {
	if p.Consult == nil {
		return nil
	}
	rounds := p.Rounds
	if rounds <= 0 {
		rounds = defaultRounds
	}
	r := newReader(p.Checks)
	done := map[string]bool{} // by case, pivot and value
	open := make([]int, len(cases))
	for i := range open {
		open[i] = i
	}
	for round := 0; round < rounds && len(open) > 0 && ctx.Err() == nil; round++ {
		quests := make([]Quest, len(open))
		for n, i := range open {
			quests[n] = Quest{cases[i], cases[i].Things()}
		}
		var asked []*inquired
		for n, reply := range p.Consult(ctx, quests) {
			if n == len(quests) {
				break
			}
			cases[open[n]].Lack(reply.Gaps...)
			asked = append(asked, picked(open[n], &quests[n], &reply, done)...)
		}
		open = open[:0]
		if len(asked) == 0 {
			return ctx.Err()
		}
		if err := f.lookUp(ctx, src, asked, trails, cases); err != nil {
			return err
		}
		for _, a := range asked {
			if !slices.Contains(open, a.c) {
				open = append(open, a.c)
			}
			a.add(cases[a.c], f, trails[a.c], r, round)
		}
		for _, i := range open {
			cases[i].arrange()
		}
	}
	return ctx.Err()
}

// picked are the picks that the catalogue and the case have, each once in a case.
func picked(c int, q *Quest, reply *Reply, done map[string]bool) (list []*inquired) {
	pivots := Pivots()
	for _, pick := range reply.Picks {
		at := slices.IndexFunc(pivots, func(p Pivot) bool { return p.Name == pick.Pivot })
		if at < 0 || pick.Thing < 0 || pick.Thing >= len(q.Things) || len(list) == maxPicks {
			continue
		}
		p, t := &pivots[at], q.Things[pick.Thing]
		value := pivotal(t.Type, t.Value)
		key := fmt.Sprint(c, " ", p.Name, " ", value)
		if !p.Fits(t.Type) || value == "" || done[key] {
			continue
		}
		done[key] = true
		list = append(list, &inquired{c: c, by: reply.By, what: p.Sentence + ": " + cut(t.Value, maxPiece), value: value, meets: p.meets, terms: p.terms(value)})
	}
	return list
}

// Lack adds gaps that are not there yet. When the case was concluded each has its sentence, too.
func (k *Case) Lack(list ...alert.Gap) {
	for _, g := range list {
		if slices.Contains(k.Gaps, g) {
			continue
		}
		k.Gaps = append(k.Gaps, g)
		if len(k.Findings) > 0 {
			k.Findings = append(k.Findings, missing(g, len(k.Gaps)))
		}
	}
}

// lookUp puts one question for all that was picked.
func (f *follower) lookUp(ctx context.Context, src Source, asked []*inquired, trails []*trail, cases []*Case) error {
	q := Query{Most: keyed * f.budget.PerTerm}
	left := 0
	for _, a := range asked {
		if len(q.Terms)+len(a.terms) > f.budget.Terms {
			left++
			continue
		}
		q.Terms = append(q.Terms, a.terms...)
	}
	if q.From, q.To = f.pool.from, f.pool.to; len(q.Terms) == 0 {
		return nil
	}
	met := map[alert.Place]bool{}
	answer, err := src.Search(ctx, q, func(al *alert.Alert) error {
		if met[al.Input] {
			return nil
		}
		met[al.Input] = true
		t := traceOf(al)
		for _, a := range asked {
			if a.meets(t, a.value) && trails[a.c].around(t.at, aroundAsked) {
				a.take(t, f.pool)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, n := range answer.Counts {
		if n > int64(q.Most) {
			answer.Gaps = append(answer.Gaps, alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("of %d records with %s %s, which a model asked for, %d were looked at", n, word(q.Terms[i].Kind), q.Terms[i].Value, q.Most)})
		}
	}
	for _, a := range asked {
		cases[a.c].Lack(answer.Gaps...)
	}
	if left > 0 {
		for _, a := range asked {
			cases[a.c].Lack(alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("%d questions more than one search may hold were not asked for model %s", left, a.by)})
		}
	}
	return nil
}

// take keeps a record. Of too many those nearest to the alerts stay, whatever their order.
func (a *inquired) take(t *trace, p *pool) {
	a.found = append(a.found, t)
	if len(a.found) >= 4*maxAsked {
		a.nearest(p)
	}
}

func (a *inquired) nearest(p *pool) {
	slices.SortFunc(a.found, func(x, y *trace) int {
		if d := p.distance(x).Abs() - p.distance(y).Abs(); d != 0 {
			return int(min(max(d, -1), 1))
		}
		return x.compare(y)
	})
	if more := len(a.found) - maxAsked; more > 0 {
		clear(a.found[maxAsked:])
		a.found = a.found[:maxAsked]
		a.left += more
	}
}

// add makes events of what was found.
func (a *inquired) add(k *Case, f *follower, t *trail, r *reader, round int) {
	a.nearest(f.pool)
	has := map[alert.Place]bool{}
	for i := range k.Events {
		has[k.Events[i].Record.Input] = true
	}
	for _, s := range t.seeds {
		has[s.a.Input] = true
	}
	for _, found := range a.found {
		if has[found.a.Input] {
			continue
		}
		if len(k.Events) >= f.budget.Events {
			a.left++
			continue
		}
		e := Event{Record: found.a, Summary: summarize(found), Why: "asked for by model " + a.by + ": " + a.what, By: "asked", Asked: a.by, Hop: round + 1}
		r.read(&e, found)
		k.Events = append(k.Events, e)
	}
	if a.left > 0 {
		k.Lack(alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("%s of %s were left out, which model %s asked for", plural(int64(a.left), "record", "records"), a.what, a.by)})
	}
}

// around tells whether a time lies near the alerts. A record without a time may.
func (t *trail) around(at time.Time, within time.Duration) bool {
	if at.IsZero() {
		return true
	}
	timed := false
	for _, s := range t.seeds {
		timed = timed || !s.at.IsZero()
		if !s.at.IsZero() && at.Sub(s.at).Abs() <= within {
			return true
		}
	}
	return !timed
}

// Found is how many events were found by rule. Behind them are those that somebody asked for, in order of time, too.
func (k *Case) Found() int {
	n := slices.IndexFunc(k.Events, func(e Event) bool { return e.Asked != "" })
	if n < 0 {
		return len(k.Events)
	}
	return n
}

// arrange puts the events that were asked for into order.
func (k *Case) arrange() {
	slices.SortStableFunc(k.Events[k.Found():], func(a, b Event) int { return order(a.Record, b.Record) })
}
