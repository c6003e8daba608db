package triage

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Disposition is what an alert turned out to be. The zero value is that nobody knows.
type Disposition uint8

// The dispositions.
const (
	Undetermined Disposition = iota
	TruePositive
	BenignPositive
	FalsePositive
)

var dispositionNames = [...]string{"undetermined", "true_positive", "benign_positive", "false_positive"}

func (d Disposition) String() string { return dispositionNames[d] }

// Route is who looks at a group next. The zero value is a person.
type Route uint8

// The routes.
const (
	Review Route = iota
	Escalate
	Closed
)

var routeNames = [...]string{"review", "escalate", "close"}

func (r Route) String() string { return routeNames[r] }

// Evidence is what a decision rests on: the signals of a group, each the strongest among its members.
type Evidence struct {
	Signals  []Signal
	Severity alert.Severity
	Gaps     []alert.Gap
	Allow    *Allowance // a rule that would close the whole group
	Critical bool       // a critical asset is involved
	Pattern  Pattern
}

// Allowance is an allow rule that matched every member of a group.
type Allowance struct {
	Rule   string // its name
	Signed bool   // by a trusted key, and not expired
	By     string // the signer
	Until  string // the day it expires
}

// Judgement is what Decide concludes.
type Judgement struct {
	Disposition Disposition
	Score, Base Weight
	Probability float64
	Calibrated  bool // the probability is one: see Precedent
	Severity    Severity
	SeverityPct int
	Route       Route
	WouldClose  bool
	ClosedBy    string   // an allow rule
	Certificate string   // what the close, or the mark, rests on when it is no rule
	Signals     []Signal // with their terms, largest term first
}

// maxPerFamily bounds how many signals of one family count; the next would add less than 1/256 of its weight.
const maxPerFamily = 8

// Decide adds up the evidence. It is pure, and its integers re-add: Base plus the terms is Score.
func Decide(ev Evidence, p *Policy) Judgement { return new(bench).decide(ev, p) }

// bench is the memory of one who decides again and again: a judgement's signals lie in it until the next.
type bench struct {
	signals, sorted []Signal
	order           []*Signal
}

func (b *bench) decide(ev Evidence, p *Policy) Judgement {
	j := Judgement{Base: p.Base()}
	b.signals = append(b.signals[:0], ev.Signals...)
	if p.Precedent != nil {
		j.Base, b.signals = p.Precedent.Base, p.Precedent.Reweigh(b.signals, &ev.Pattern)
	}
	order := b.order[:0]
	for i := range b.signals {
		s := &b.signals[i]
		order = append(order, s)
		s.Term = p.counted(s) // until damp makes it what it adds
	}
	b.order = order
	slices.SortStableFunc(order, byFamilyTerm)
	hard := false
	j.Score = j.Base
	for i := 0; i < len(order); {
		k := i + 1
		for k < len(order) && sameFamily(order[i], order[k]) {
			k++
		}
		j.Score += damp(order[i:k], p)
		i = k
	}
	slices.SortStableFunc(order, byTerm)
	b.sorted = b.sorted[:0]
	for _, s := range order {
		b.sorted = append(b.sorted, *s)
		hard = hard || s.Hard
	}
	j.Signals = b.sorted
	j.Probability = Probability(j.Score)
	if p.Precedent != nil {
		if known, ok := p.Precedent.Probability(j.Score); ok {
			j.Probability, j.Calibrated = known, true
		}
	}
	j.Severity, j.SeverityPct = recommend(ev.Severity, j.Probability, hard)
	for i := range j.Signals {
		if floor, ok := byCheck(p.Floors, &j.Signals[i]); ok && j.Signals[i].Term > 0 {
			j.Severity = max(j.Severity, floor)
		}
	}
	j.Disposition = disposition(j.Probability, j.Signals)
	if p.Precedent != nil && j.Disposition != TruePositive {
		if d := p.Precedent.Harmless(&ev.Pattern); d != Undetermined {
			j.Disposition = d
		}
	}
	if j.Probability >= p.Escalate || hard || ev.Critical && j.Probability >= p.EscalateCrit {
		j.Route = Escalate
	}
	if !hard && p.Autonomy != Observe && !barred(ev, p) {
		j.close(ev, p)
		j.certify(ev, p)
	}
	return j
}

// close applies an allow rule. Without a trusted signature it only marks the group.
func (j *Judgement) close(ev Evidence, p *Policy) {
	if ev.Allow == nil {
		return
	}
	j.Disposition = BenignPositive
	if ev.Allow.Signed && j.Route != Escalate {
		j.Route, j.ClosedBy = Closed, ev.Allow.Rule
		return
	}
	j.WouldClose = true
}

// certify closes, or marks, what lies below the threshold of its stratum: marks below the bound over groups; closes below the
// bound over incidents, when the policy lets the machine close and a trusted key signed the precedent. Critical things, detectors
// with too few decisions or whose attacks score like their noise, and names an attacker could choose are left to people.
func (j *Judgement) certify(ev Evidence, p *Policy) {
	prec := p.Precedent
	if prec == nil || prec.Void != "" || j.Route != Review || ev.Critical || ev.Pattern.Severity == Critical ||
		ev.Pattern.Trust == alert.Attacker || prec.Rules[ev.Pattern.Rule].Decided < max(p.Floor, prec.Certificate.Floor) {
		return
	}
	s := prec.Stratum(ev.Pattern.Severity)
	if s == nil || !s.Groups.below(j.Score) {
		return
	}
	if _, mixed := prec.Mixed[ev.Pattern.Rule]; mixed {
		return
	}
	j.WouldClose, j.Certificate = true, prec.Digest
	if p.Autonomy == Close && prec.Trusted != "" && prec.Revoked == "" && s.Incidents.below(j.Score) {
		j.Route, j.WouldClose = Closed, false
	}
}

func (b *Bound) below(score Weight) bool { return b.Certified && score < b.Threshold }

// barred tells what no rule may close: ambiguous alerts, alerts that instruct their reader, and groups with a gap in a required check.
func barred(ev Evidence, p *Policy) bool {
	for i := range ev.Signals {
		if ev.Signals[i].Family == Tampering && ev.Signals[i].Weight > 0 {
			return true
		}
	}
	for _, g := range ev.Gaps {
		if slices.Contains(p.Required, g.Check) {
			return true
		}
	}
	return false
}

func disposition(p float64, signals []Signal) Disposition {
	if p >= 0.5 {
		return TruePositive
	}
	for i := range signals {
		s := &signals[i]
		if s.Term < 0 && s.Trust >= alert.Sensor && (s.Family == Assets || s.Family == Rules) {
			return BenignPositive
		}
		if p <= 0.1 && s.Term < 0 && (s.Family == Vendor && s.Check == "verdict" || s.Family == Detection) {
			return FalsePositive
		}
	}
	return Undetermined
}

// damp turns the terms of one family, which hold what each signal counts, into what each adds, and returns their sum: the
// strongest counts whole, each further one in the same direction half of the one before, the whole within the family's
// cap. What the cap takes is charged to the largest term.
func damp(family []*Signal, p *Policy) Weight {
	var up, down int
	var sum Weight
	for _, s := range family {
		n := &up
		if s.Weight < 0 {
			n = &down
		}
		if *n < maxPerFamily {
			s.Term /= 1 << *n
		} else {
			s.Term = 0
		}
		sum += s.Term
		*n++
	}
	limit := p.capOf(family[0].Family)
	clipped := min(max(sum, -limit), limit)
	if clipped != sum {
		largest := 0
		for i, s := range family {
			if abs(s.Term) > abs(family[largest].Term) {
				largest = i
			}
		}
		family[largest].Term -= sum - clipped
	}
	return clipped
}

// Reach is how far further signals of one family, all of an attacker's trust, would lift the verdict's score beside those that it has: by
// the policy's weights and within its caps.
func (p *Policy) Reach(v *Verdict, more ...Signal) Weight {
	var have []Signal
	for i := range v.Signals {
		if len(more) > 0 && sameFamily(&v.Signals[i], &more[0]) {
			have = append(have, v.Signals[i])
		}
	}
	return p.sum(append(slices.Clip(have), more...)) - p.sum(have)
}

// sum is what the signals of one family add together.
func (p *Policy) sum(list []Signal) Weight {
	if len(list) == 0 {
		return 0
	}
	family := make([]*Signal, len(list))
	for i := range list {
		s := list[i]
		s.Term = p.counted(&s)
		family[i] = &s
	}
	slices.SortStableFunc(family, byFamilyTerm)
	return damp(family, p)
}

func abs(w Weight) Weight {
	if w < 0 {
		return -w
	}
	return w
}

func sameFamily(a, b *Signal) bool {
	return a.Family == b.Family && (a.Trust == alert.Attacker) == (b.Trust == alert.Attacker)
}

// byFamily orders for damping: signals an attacker can cause come last and form families of their own.
func byFamily(a, b Signal) int { return inFamilies(&a, &b, a.Weight, b.Weight) }

// byFamilyTerm is byFamily by what the signals count under a policy.
func byFamilyTerm(a, b *Signal) int { return inFamilies(a, b, a.Term, b.Term) }

func inFamilies(a, b *Signal, strengthA, strengthB Weight) int {
	if x, y := a.Trust == alert.Attacker, b.Trust == alert.Attacker; x != y {
		if x {
			return 1
		}
		return -1
	}
	if c := strings.Compare(string(a.Family), string(b.Family)); c != 0 {
		return c
	}
	if x, y := abs(strengthA), abs(strengthB); x != y {
		return int(y - x)
	}
	return bySaying(a, b)
}

func byTerm(a, b *Signal) int {
	if x, y := abs(a.Term), abs(b.Term); x != y {
		return int(y - x)
	}
	return bySaying(a, b)
}

func bySaying(a, b *Signal) int {
	if c := strings.Compare(a.Check, b.Check); c != 0 {
		return c
	}
	return strings.Compare(a.Sentence, b.Sentence)
}
