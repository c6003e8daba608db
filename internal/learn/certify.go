package learn

import (
	"slices"

	"github.com/seed-959697dd/soc/triage"
)

// certify finds the thresholds: one for each severity step that has incidents enough for both bounds of its own, one for all the others
// together. Which steps stand alone depends on how many attacks there are, never on how they scored; delta is divided among them. A step
// with many groups of few incidents stays with the others: alone it could mark, but never close.
func (l *learner) certify(p *triage.Precedent, list []scored) {
	bySeverity := map[triage.Severity][]scored{}
	for _, s := range list {
		if s.attack {
			step := l.groups[s.group].severity
			bySeverity[step] = append(bySeverity[step], s)
		}
	}
	alone := func(k int) (out []triage.Severity) {
		for _, s := range steps() {
			if incidentsOf(bySeverity[s]) >= Needed(l.Alpha, l.Delta/float64(k)) {
				out = append(out, s)
			}
		}
		return out
	}
	own := alone(len(steps()) + 1)
	if len(own) == 1 && len(bySeverity[own[0]]) == attacksOf(bySeverity) {
		own = nil // it is everything there is
	}
	delta := l.Delta / float64(len(own)+1)
	var rest []scored
	for step := triage.NoSeverity; step <= triage.Critical; step++ {
		if !slices.Contains(own, step) {
			rest = append(rest, bySeverity[step]...)
		}
	}
	p.Strata = append(p.Strata, l.stratum(triage.AllStrata, rest, delta))
	for _, s := range own {
		p.Strata = append(p.Strata, l.stratum(s.String(), bySeverity[s], delta))
	}
	p.Certificate.Groups, p.Certificate.Incidents = worst(p.Strata, groupsIn), worst(p.Strata, incidentsIn)
	l.mix(p, list)
	closed := 0
	for _, s := range list {
		if l.closes(p, &s) {
			closed++
		}
	}
	p.Certificate.Closed = round(float64(closed) / float64(len(list)))
}

// mix finds the detectors of whose groups below the threshold more were attacks than chance would put there, by what was attacks of all that lies
// below. They are left to people: this only takes away from what is closed, so that the bounds hold as they stand. It cannot take much: one
// attack tells only of a detector that makes less than delta of what is closed for each attack in it.
func (l *learner) mix(p *triage.Precedent, list []scored) {
	var all triage.Mixed
	seen := map[uint32]triage.Mixed{}
	for i := range list {
		s := &list[i]
		if !l.closes(p, s) {
			continue
		}
		rule := l.groups[s.group].rule
		m := seen[rule]
		m.Groups, all.Groups = m.Groups+1, all.Groups+1
		if s.attack {
			m.Attacks, all.Attacks = m.Attacks+1, all.Attacks+1
		}
		seen[rule] = m
	}
	p.Mixed = map[string]triage.Mixed{}
	for rule, m := range seen {
		if AtLeast(m.Attacks, m.Groups, float64(all.Attacks)/float64(all.Groups)) < l.Delta {
			p.Mixed[l.names[rule]] = m
		}
	}
}

// steps are those that can have a threshold of their own; the highest is never closed.
func steps() []triage.Severity {
	return []triage.Severity{triage.Informational, triage.Low, triage.Medium, triage.High}
}

func incidentsOf(list []scored) int {
	seen := map[uint32]struct{}{}
	for _, s := range list {
		seen[s.incident] = struct{}{}
	}
	return len(seen)
}

func attacksOf(m map[triage.Severity][]scored) (n int) {
	for _, list := range m {
		n += len(list)
	}
	return n
}

// stratum tests two risks: that a group of an attack lies below the threshold, and that all groups of an incident do, so that nobody
// sees any of it.
func (l *learner) stratum(name string, attacks []scored, delta float64) triage.Stratum {
	highest := map[uint32]triage.Weight{}
	for _, s := range attacks {
		if h, ok := highest[s.incident]; !ok || s.score > h {
			highest[s.incident] = s.score
		}
	}
	groups := sequence(len(attacks), l.Alpha, delta, func(t triage.Weight) (k int) {
		for _, s := range attacks {
			if s.score < t {
				k++
			}
		}
		return k
	})
	incidents := sequence(len(highest), l.Alpha, delta, func(t triage.Weight) (k int) {
		for _, h := range highest {
			if h < t {
				k++
			}
		}
		return k
	})
	if groups.Certified && incidents.Certified { // a bound over incidents never closes what the one over groups would not mark
		incidents.Threshold = min(incidents.Threshold, groups.Threshold)
	}
	return triage.Stratum{Name: name, Delta: delta, Groups: groups, Incidents: incidents}
}

// worst is the bound of the stratum that promises least.
func worst(list []triage.Stratum, of func(*triage.Stratum) triage.Bound) triage.Bound {
	b := of(&list[0])
	for i := range list[1:] {
		if c := of(&list[i+1]); b.Certified && (!c.Certified || c.Upper > b.Upper) || b.Certified == c.Certified && c.Upper > b.Upper {
			b = c
		}
	}
	return b
}

// closes tells whether a group like this one would be marked.
func (l *learner) closes(p *triage.Precedent, s *scored) bool {
	g := &l.groups[s.group]
	st := p.Stratum(g.severity)
	if _, mixed := p.Mixed[l.names[g.rule]]; mixed {
		return false
	}
	return !g.barred && g.severity != triage.Critical && p.Rules[l.names[g.rule]].Decided >= l.policy.Floor && st.Groups.Certified && s.score < st.Groups.Threshold
}
