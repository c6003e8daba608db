package investigate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// finish writes what was found into the cases.
func (p Pursuit) finish(f *follower, trails []*trail, q *inquest, cases []*Case) {
	reader := newReader(p.Checks)
	if f.pool.dropped > 0 {
		q.gap(alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("%d records that lie furthest from the alerts in time found no room", f.pool.dropped)})
	}
	for i, k := range cases {
		f.trail = trails[i]
		k.Gaps = slices.DeleteFunc(k.Gaps, func(g alert.Gap) bool { return g.Check == "logs" && g.Class == alert.Unconfigured })
		f.tell(k, reader)
		f.beyond()
		if len(f.leads) == 0 {
			f.gap("the case names nothing that leads on in logs: no process by key, no session, address, name, file or credential")
		}
		for _, what := range slices.Sorted(maps.Keys(f.shelved)) {
			f.gap(fmt.Sprintf("left out: %d %s", f.shelved[what], what))
		}
		k.Gaps = append(append(k.Gaps, f.gaps.all()...), q.gaps.all()...)
		k.Skews = skewsOf(f.clocks, k.Events)
		k.Holes = holesOf(q.covered, k)
	}
}

// beyond says of which values there were more records than one may bring.
func (f *follower) beyond() {
	for _, l := range f.leads {
		if over := f.counts[l.fact] - int64(keyed*f.budget.PerTerm); over > 0 && !f.common(l) {
			f.shelved["records with "+word(l.kind())+" "+l.value()] += int(over)
		}
	}
}

// tell makes events of the records that belong to a case.
func (f *follower) tell(k *Case, r *reader) {
	list := slices.DeleteFunc(slices.Clone(f.order), f.copied)
	if over := len(list) - f.budget.Events; over > 0 {
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(f.ties[a].hop, f.ties[b].hop) })
		list = list[:f.budget.Events]
		f.shelved["events further away than the case has room for"] += over
	}
	slices.Sort(list)
	for _, i := range list {
		t := f.traces[i]
		e := Event{Record: t.a, Summary: summarize(t), Why: f.ties[i].why, By: f.ties[i].by, Hop: f.ties[i].hop}
		if s := f.own[i]; s != nil {
			e.Alert = s.a.ID
		}
		r.read(&e, t)
		k.Events = append(k.Events, e)
	}
	f.enrich(k, list)
	f.inquire(k, list)
}

// reader judges events.
type reader struct {
	assessor *triage.Assessor
	seen     triage.Observation
}

func newReader(checks []triage.Check) *reader { return &reader{assessor: triage.NewAssessor(checks)} }

// read finds out what an event stands for.
func (r *reader) read(e *Event, t *trace) {
	r.assessor.Assess(t.a, &r.seen)
	for _, s := range r.seen.Signals {
		if s.Family != triage.Vendor && s.Weight > 0 {
			e.Evidence += s.Weight
		}
	}
	e.Techniques, e.Phase = techniquesOf(t)
}
