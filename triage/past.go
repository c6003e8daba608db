package triage

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Past is a verdict read back from its document: what was decided, and on what evidence, so that the decision can be made again
// under other settings. Its strings are views into the document.
type Past struct {
	ID       string
	First    string // time of the first alert, RFC 3339
	AlertIDs []string
	More     int       // alerts whose ids stand in documents of kind members
	Then     Judgement // its signals hold check, family and term, as printed
	Evidence Evidence
	Digests  Digests
	bench    bench
}

// Errors of ReadPast and ReadMembers.
var (
	// ErrNoVerdict means that a document is none of a verdict, or one that this program does not read back.
	ErrNoVerdict = errors.New("no verdict of this program")
	// ErrNoMembers means that a document does not list the members of a verdict.
	ErrNoMembers = errors.New("no members of a verdict")
)

// ReadPast reads a document of kind verdict in one pass, which also tells whether it is JSON at all. Its lists are used again when p is.
func ReadPast(doc string, p *Past) error {
	ev := &p.Evidence
	*p = Past{
		AlertIDs: p.AlertIDs[:0], Then: Judgement{Signals: p.Then.Signals[:0]}, bench: p.bench,
		Evidence: Evidence{Signals: ev.Signals[:0], Gaps: ev.Gaps[:0]},
	}
	r, kind := reading{s: doc}, ""
	r.object(func(key string) {
		if key == "kind" {
			if kind = r.text(); kind != "verdict" {
				r.bad = true // nothing in it is ours
			}
			return
		}
		p.member(&r, key)
	})
	if !r.whole() || kind != "verdict" || p.ID == "" {
		return ErrNoVerdict
	}
	g := &ev.Pattern
	g.Rule, g.Severity = g.Format+" "+g.Rule, StepOf(ev.Severity.Score)
	return nil
}

// ReadMembers reads a document of kind members: further ids of a verdict's alerts.
func ReadMembers(doc string) (verdict string, ids []string, err error) {
	r, kind := reading{s: doc}, ""
	r.object(func(key string) {
		switch key {
		case "kind":
			kind = r.text()
		case "verdict":
			verdict = r.text()
		case "alert_ids":
			r.list(func() { ids = append(ids, r.text()) })
		default:
			r.skip()
		}
	})
	if !r.whole() || kind != "members" {
		return "", nil, ErrNoMembers
	}
	return verdict, ids, nil
}

// Decide decides again. The judgement's signals are valid until the next call.
func (p *Past) Decide(policy *Policy) Judgement { return p.bench.decide(p.Evidence, policy) }

// member takes one of the document's members.
func (p *Past) member(r *reading, key string) {
	t, ev := &p.Then, &p.Evidence
	switch key {
	case "id":
		p.ID = r.text()
	case "group":
		r.object(p.group(r))
	case "alert":
		ev.Severity.Score = -1
		r.object(p.about(r))
	case "disposition":
		t.Disposition, _ = DispositionOf(r.text())
	case "probability":
		t.Probability = r.number()
	case "calibrated":
		t.Calibrated = r.yes()
	case "severity":
		r.object(func(key string) {
			if key == "recommended" {
				t.Severity = severityOf(r.text())
			} else {
				r.skip()
			}
		})
	case "route":
		t.Route = routeOf(r.text())
	case "would_close":
		t.WouldClose = r.yes()
	case "closed_by":
		r.texts(want{"rule", &t.ClosedBy}, want{"certificate", &t.Certificate})
	case "score":
		t.Score = r.weight()
	case "base":
		t.Base = r.weight()
	case "critical":
		ev.Critical = r.yes()
	case "pattern":
		r.object(p.pattern(r))
	case "signals":
		r.list(func() { p.signal(r) })
	case "suppressed":
		r.list(func() {
			var check, by string
			if r.texts(want{"check", &check}, want{"by", &by}); check == "allow" {
				ev.Allow = allowed(by)
			}
		})
	case "gaps":
		r.list(func() {
			var g alert.Gap
			var class string
			r.texts(want{"check", &g.Check}, want{"source", &g.Source}, want{"class", &class}, want{"reason", &g.Reason})
			g.Class = alert.GapClass(class)
			ev.Gaps = append(ev.Gaps, g)
		})
	case "digests":
		d := &p.Digests
		r.texts(want{"policy", &d.Policy}, want{"precedent", &d.Precedent}, want{"context", &d.Context}, want{"model", &d.Model})
	default:
		r.skip()
	}
}

func (p *Past) group(r *reading) func(string) {
	return func(key string) {
		switch key {
		case "first_time":
			p.First = r.text()
		case "alert_ids":
			r.list(func() { p.AlertIDs = append(p.AlertIDs, r.text()) })
		case "more":
			p.More = int(r.number())
		default:
			r.skip()
		}
	}
}

// about takes what Decide wants to know of the alert that stands for the group.
func (p *Past) about(r *reading) func(string) {
	g, title := &p.Evidence.Pattern, ""
	return func(key string) {
		switch key {
		case "format":
			g.Format = r.text()
		case "rule":
			var name string
			r.texts(want{"id", &g.Rule}, want{"name", &name})
			g.Rule = cmp.Or(g.Rule, name, title)
		case "title":
			title = r.text()
			g.Rule = cmp.Or(g.Rule, title)
		case "severity":
			r.object(func(key string) {
				switch key {
				case "score":
					p.Evidence.Severity.Score = int(r.number())
				case "vendor":
					p.Evidence.Severity.Vendor = r.text()
				default:
					r.skip()
				}
			})
		default:
			r.skip()
		}
	}
}

func (p *Past) pattern(r *reading) func(string) {
	g := &p.Evidence.Pattern
	return func(key string) {
		switch key {
		case "alerts":
			g.Alerts = int(r.number())
		case "neighbours":
			g.Neighbours = int(r.number())
		case "severity": // of another member, whom the vendor rates higher
			p.Evidence.Severity.Score = int(r.number())
		case "first":
			first := r.text()
			g.FirstEver, g.FirstHere = first == "ever", first != ""
		case "account":
			g.Account = r.text()
		case "named":
			g.Trust = trustOf(r.text())
		default:
			r.skip()
		}
	}
}

// signal takes a signal as it was printed, and as its check made it: what precedent had added or weighed is left to precedent.
func (p *Past) signal(r *reading) {
	s := Signal{Trust: alert.Attacker}
	r.object(func(key string) {
		switch key {
		case "check":
			s.Check = r.text()
		case "family":
			s.Family = Family(r.text())
		case "trust":
			s.Trust = trustOf(r.text())
		case "weight":
			s.Weight = r.weight()
		case "expert":
			s.Expert, s.Weighed = r.weight(), true
		case "term":
			s.Term = r.weight()
		case "hard":
			s.Hard = r.yes()
		case "sentence":
			s.Sentence = r.text()
		default:
			r.skip()
		}
	})
	p.Then.Signals = append(p.Then.Signals, Signal{Check: s.Check, Family: s.Family, Term: s.Term})
	if s.Check == patternCheck || s.Family == Precedents {
		return
	}
	if s.Weighed {
		s.Weight, s.Expert, s.Weighed = s.Expert, 0, false
	}
	s.Term = 0
	p.Evidence.Signals = append(p.Evidence.Signals, s)
}

// allowed reads the words of suppress.
func allowed(by string) *Allowance {
	name, rest, signed := strings.Cut(strings.TrimPrefix(by, "rule "), ", signed by ")
	if !signed {
		name, rest, _ = strings.Cut(name, ": ")
		return &Allowance{Rule: name, By: strings.TrimSuffix(rest, ", so that it only marks what it would close")}
	}
	who, until, _ := strings.Cut(rest, ", until ")
	return &Allowance{Rule: name, Signed: true, By: who, Until: until}
}

func severityOf(word string) Severity { return Severity(max(0, slices.Index(severityNames[:], word))) }

// routeOf reads a route's name; an unknown one is a person's.
func routeOf(word string) Route { return Route(max(0, slices.Index(routeNames[:], word))) }

func trustOf(word string) alert.Trust {
	for _, t := range [...]alert.Trust{alert.Estate, alert.Sensor} {
		if t.String() == word {
			return t
		}
	}
	return alert.Attacker
}
