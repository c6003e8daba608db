package investigate

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// follower finds out which of the records at hand belong to which case.
type follower struct {
	pool      *pool
	budget    Budget
	counts    map[string]int64 // records that met what was asked for, by fact
	traces    []*trace
	processes *processes
	index     map[string][]int // traces, by fact
	machines  map[string]int   // how many have a fact
	clocks    []Skew
	moments   map[int64][]int        // traces, by millisecond
	alike     map[alert.Digest][]int // traces, by what they say
	again     map[int]bool           // traces that another input has, too
	reader    *reader

	*trail
}

// run follows every trail through the records, from its alerts on, and returns what is to be asked for next: the strongest case's
// values first.
func (f *follower) run(trails []*trail) []*lead {
	var wanted []*lead
	for _, t := range trails {
		f.trail = t
		f.reset()
		for _, s := range t.seeds {
			if !s.faint {
				f.begin(s)
			}
		}
		for len(f.queue)+len(f.open) > 0 {
			if len(f.queue) > 0 {
				n := f.queue[0]
				f.queue = f.queue[1:]
				f.process(n)
				continue
			}
			l := f.open[0]
			f.open = f.open[1:]
			f.lead(l)
		}
		f.itself()
		list := make([]*lead, 0, len(f.leads))
		for _, l := range f.leads {
			list = append(list, l)
		}
		slices.SortFunc(list, (*lead).compare)
		wanted = append(wanted, list...)
	}
	return wanted
}

// join takes a record into the case; false when it cannot belong or belongs already.
func (f *follower) join(i int, by, why string, hop int) bool {
	if _, met := f.ties[i]; met || f.traces[i].seed || len(f.ties) >= 4*f.budget.Events {
		return false
	}
	f.ties[i] = tie{by, why, hop}
	f.order = append(f.order, i)
	for _, r := range f.traces[i].values(alert.SlotRequest, asIs) {
		f.want(&lead{fact: fact("request", r, ""), terms: []Term{{Kind: "request", Value: r}}, why: "the same event or request as " + f.brief(i), hop: hop + 1, at: f.traces[i].at, host: f.traces[i].host})
	}
	return true
}

// brief is a record in few words, for the reason of another.
func (f *follower) brief(i int) string {
	t := f.traces[i]
	who := t.common
	if t.actorNode >= 0 {
		who = f.called(t.actorNode)
	}
	switch {
	case t.kind == call:
		return "a call of " + operation(t.a)
	case who == "":
		return "a record of a " + t.kind.noun()
	case t.kind == file:
		return "a file that " + who + " wrote"
	}
	return "a " + t.kind.noun() + " of " + who
}

// want follows a value, unless it is followed already.
func (f *follower) want(l *lead) {
	if strings.HasPrefix(l.fact, string(l.kind())+"\x00\x00") {
		return
	}
	if old, met := f.leads[l.fact]; met {
		old.times, old.users = append(old.times, l.times...), append(old.users, l.users...)
		old.hostile, old.written, old.run, old.alarm = old.hostile || l.hostile, old.written || l.written, old.run || l.run, old.alarm || l.alarm
		if old.deeds && !l.deeds { // the whole session is the intruder's
			old.deeds, old.why, old.hop, old.at = false, l.why, l.hop, l.at
			f.open = append(f.open, old)
		}
		return
	}
	if len(f.leads) >= 4*f.budget.Terms {
		f.shelved["values to follow beyond what one case may have"]++
		return
	}
	f.leads[l.fact] = l
	f.open = append(f.open, l)
}

// common tells a value that too many have.
func (f *follower) common(l *lead) bool {
	if !commonable(l.fact) || l.hostile {
		return false
	}
	if f.counts[l.fact] > int64(f.budget.PerTerm) || f.pool.common(l.fact) {
		return true
	}
	n, met := f.machines[l.fact]
	if !met {
		hosts := map[string]bool{}
		for _, i := range f.index[l.fact] {
			hosts[f.traces[i].host] = true
		}
		n = len(hosts)
		f.machines[l.fact] = n
	}
	return n > maxHosts
}
