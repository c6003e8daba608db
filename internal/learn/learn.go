// Package learn turns decisions that people made into precedent: how each detector turned out, what each kind of evidence is
// worth here, a calibrated probability, and a certificate that bounds the share of attacks below a score.
//
// It scores with triage.Decide itself, so that a threshold means the same when it is learned and when it is used. It reads no alerts
// and decides nothing: cmd runs the triage stages over what was decided and hands each group to a Set. The formulas and why they
// were chosen stand in docs/decisions/0005-precedent.md. Start with Set.Add, Learn and Read.
package learn

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Label is what is known about a group that was decided.
type Label struct {
	Disposition triage.Disposition
	Incident    string // the attack it belongs to; empty: it is told by host and day
	At          time.Time
}

// Set holds decided groups in few bytes each. Its zero value is empty. Not safe for concurrent use.
type Set struct {
	kinds  []kind
	kindOf map[kind]uint32
	names  []string
	nameOf map[string]uint32
	groups []example
	lists  []uint32 // the groups' signals, one behind the other
}

// kind is a signal without its words: what scoring reads of it.
type kind struct {
	check  string
	family triage.Family
	trust  alert.Trust
	weight triage.Weight
	hard   bool
}

// example is one decided group.
type example struct {
	rule, format, incident uint32 // names; the incident of what is no attack is its host and day
	from, to               uint32 // in lists
	at                     int64  // of the decision, Unix seconds
	disposition            triage.Disposition
	severity               triage.Severity
	barred                 bool // no score would close it: see triage.Decide
	pattern                triage.Pattern
}

// Len is the number of groups.
func (s *Set) Len() int { return len(s.groups) }

// Add takes a decided group, judged without precedent. What is undetermined teaches nothing and is left out.
func (s *Set) Add(v *triage.Verdict, l Label) {
	if l.Disposition == triage.Undetermined {
		return
	}
	if s.kindOf == nil {
		s.kindOf, s.nameOf = map[kind]uint32{}, map[string]uint32{}
	}
	if l.Incident == "" {
		l.Incident = fmt.Sprintf("host %s on %s", v.Host, v.First.UTC().Format(time.DateOnly))
	}
	g := example{
		rule: s.name(v.Rule), format: s.name(v.Pattern.Format), incident: s.name(l.Incident), from: uint32(len(s.lists)), at: l.At.Unix(),
		disposition: l.Disposition, severity: v.Pattern.Severity, pattern: v.Pattern,
		barred: v.Critical || v.Pattern.Trust == alert.Attacker,
	}
	g.pattern.Subject, g.pattern.Rule, g.pattern.Format = alert.Ref{}, "", ""
	g.pattern.Account = s.names[s.name(v.Pattern.Account)]
	for i := range v.Signals {
		sig := &v.Signals[i]
		s.lists = append(s.lists, s.kind(kind{sig.Check, sig.Family, sig.Trust, sig.Weight, sig.Hard}))
		g.barred = g.barred || sig.Hard || sig.Family == triage.Tampering && sig.Weight > 0
	}
	g.to = uint32(len(s.lists))
	s.groups = append(s.groups, g)
}

func (s *Set) kind(k kind) uint32 {
	if at, ok := s.kindOf[k]; ok {
		return at
	}
	k.check, k.family = s.names[s.name(k.check)], triage.Family(s.names[s.name(string(k.family))])
	at := uint32(len(s.kinds))
	s.kinds, s.kindOf[k] = append(s.kinds, k), at
	return at
}

func (s *Set) name(text string) uint32 {
	if at, ok := s.nameOf[text]; ok {
		return at
	}
	text = string([]byte(text))
	at := uint32(len(s.names))
	s.names, s.nameOf[text] = append(s.names, text), at
	return at
}

// evidence is the group as Decide wants it. list is scratch memory.
func (s *Set) evidence(g *example, list []triage.Signal) triage.Evidence {
	list = list[:0]
	for _, at := range s.lists[g.from:g.to] {
		k := &s.kinds[at]
		list = append(list, triage.Signal{Check: k.check, Family: k.family, Trust: k.trust, Weight: k.weight, Hard: k.hard})
	}
	ev := triage.Evidence{Signals: list, Pattern: g.pattern}
	ev.Pattern.Rule, ev.Pattern.Format = s.names[g.rule], s.names[g.format]
	return ev
}

// Settings are what the certificate promises and what it is learned under.
type Settings struct {
	Alpha, Delta float64
	Now          time.Time      // decisions fade from here back
	HalfLife     time.Duration  // 90 days when 0
	Policy       *triage.Policy // the one that triage will score with; its precedent is not used
	Checks       []string
	Synthetic    bool // the decisions are replayed public data
	Inputs       []triage.Input
}

// ErrNothing means that no decision speaks of any of the alerts.
var ErrNothing = errors.New("no decided group")

// Learn makes a precedent. It is deterministic: the same set and settings give the same precedent.
func Learn(s *Set, set Settings) (*triage.Precedent, error) {
	if len(s.groups) == 0 {
		return nil, ErrNothing
	}
	if set.HalfLife <= 0 {
		set.HalfLife = 90 * 24 * time.Hour
	}
	l := &learner{Set: s, Settings: set, policy: *set.Policy}
	l.policy.Precedent, l.policy.Autonomy = nil, triage.Observe
	l.count()
	p := l.model(l.all, nil)
	l.describe(p)
	scores := l.crossFit()
	calibrate(p, scores)
	l.certify(p, scores)
	return p, nil
}

func (l *learner) describe(p *triage.Precedent) {
	p.Kind, p.Version, p.At, p.Labels = "precedent", Version, l.Now.UTC().Format(time.RFC3339), "estate"
	if l.Synthetic {
		p.Labels = "synthetic"
	}
	p.HalfLife = l.HalfLife.Hours() / 24
	p.Scoring, p.Checks, p.Inputs = l.policy.Scoring(), slices.Sorted(slices.Values(l.Checks)), l.Inputs
	p.Certificate = triage.Certificate{Alpha: l.Alpha, Delta: l.Delta, Floor: l.policy.Floor, Split: "by incident; what was no attack by host and day, in ten parts"}
}
