package triage

import (
	"errors"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// Past is a verdict read back from its document: what was decided, and on what evidence, so that the decision can be made again
// under other settings. Its strings are views into the document.
type Past struct {
	ID       string
	AlertIDs []string
	Then     Judgement // without signals
	Evidence Evidence
	Terms    map[string]Weight // by check and family, as printed
	Digests  Digests
}

// ErrNoVerdict means that a document is none of a verdict, or one that this program does not read back.
var ErrNoVerdict = errors.New("no verdict of this program")

// ReadPast reads a document of kind verdict. Its lists are used again when p is.
func ReadPast(doc string, p *Past) error {
	clear(p.Terms)
	*p = Past{Terms: p.Terms, AlertIDs: p.AlertIDs[:0], Evidence: Evidence{Signals: p.Evidence.Signals[:0], Gaps: p.Evidence.Gaps[:0]}}
	if p.Terms == nil {
		p.Terms = map[string]Weight{}
	}
	if !gjson.Valid(doc) {
		return ErrNoVerdict
	}
	kind := ""
	gjson.Parse(doc).ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "kind":
			kind = v.Str
		case "id":
			p.ID = v.Str
		case "group":
			for _, id := range v.Get("alert_ids").Array() {
				p.AlertIDs = append(p.AlertIDs, id.Str)
			}
		case "alert":
			p.about(v)
		default:
			p.member(key.Str, v)
		}
		return kind == "verdict" || kind == ""
	})
	if kind != "verdict" || p.ID == "" {
		return ErrNoVerdict
	}
	return nil
}

// about takes what Decide wants to know of the alert that stands for the group.
func (p *Past) about(v gjson.Result) {
	g := &p.Evidence.Pattern
	p.Evidence.Severity.Score = -1
	v.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "format":
			g.Format = v.Str
		case "rule":
			if g.Rule = v.Get("id").Str; g.Rule == "" {
				g.Rule = v.Get("name").Str
			}
		case "title":
			if g.Rule == "" {
				g.Rule = v.Str
			}
		case "severity":
			if s := v.Get("score"); s.Exists() {
				p.Evidence.Severity.Score = int(s.Int())
			}
			p.Evidence.Severity.Vendor = v.Get("vendor").Str
		}
		return true
	})
	g.Rule = g.Format + " " + g.Rule
	g.Severity = StepOf(p.Evidence.Severity.Score)
}

// member takes one of the members that say what was decided and why.
func (p *Past) member(key string, v gjson.Result) {
	t, ev := &p.Then, &p.Evidence
	switch key {
	case "disposition":
		t.Disposition, _ = DispositionOf(v.Str)
	case "probability":
		t.Probability = v.Num
	case "calibrated":
		t.Calibrated = v.Bool()
	case "severity":
		t.Severity = severityOf(v.Get("recommended").Str)
	case "route":
		t.Route = routeOf(v.Str)
	case "would_close":
		t.WouldClose = v.Bool()
	case "closed_by":
		t.ClosedBy, t.Certificate = v.Get("rule").Str, v.Get("certificate").Str
	case "score":
		t.Score = Weight(v.Int())
	case "base":
		t.Base = Weight(v.Int())
		p.Terms[BaseTerm] = t.Base
	case "critical":
		ev.Critical = v.Bool()
	case "pattern":
		g := &ev.Pattern
		g.Alerts, g.Neighbours, g.Trust = int(v.Get("alerts").Int()), int(v.Get("neighbours").Int()), trustOf(v.Get("named").Str)
		g.Account = v.Get("account").Str
		first := v.Get("first").Str
		g.FirstEver, g.FirstHere = first == "ever", first != ""
	case "signals":
		v.ForEach(func(_, s gjson.Result) bool {
			p.Terms[s.Get("check").Str+"/"+s.Get("family").Str] += Weight(s.Get("term").Int())
			ev.Signals = appendPast(ev.Signals, s)
			return true
		})
	case "suppressed":
		v.ForEach(func(_, s gjson.Result) bool {
			if s.Get("check").Str == "allow" {
				ev.Allow = allowed(s.Get("by").Str)
			}
			return true
		})
	case "gaps":
		v.ForEach(func(_, s gjson.Result) bool {
			ev.Gaps = append(ev.Gaps, alert.Gap{Check: s.Get("check").Str, Class: alert.GapClass(s.Get("class").Str), Reason: s.Get("reason").Str})
			return true
		})
	case "digests":
		p.Digests = Digests{Policy: v.Get("policy").Str, Precedent: v.Get("precedent").Str, Context: v.Get("context").Str, Model: v.Get("model").Str}
	}
}

// appendPast appends a signal as its check made it: what precedent had added or weighed is left to precedent.
func appendPast(list []Signal, v gjson.Result) []Signal {
	s := Signal{Trust: alert.Attacker}
	v.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "check":
			s.Check = v.Str
		case "family":
			s.Family = Family(v.Str)
		case "trust":
			s.Trust = trustOf(v.Str)
		case "weight":
			s.Weight = Weight(v.Int())
		case "expert":
			s.Expert = Weight(v.Int())
		case "hard":
			s.Hard = v.Bool()
		case "sentence":
			s.Sentence = v.Str
		}
		return true
	})
	if s.Check == patternCheck || s.Family == Precedents {
		return list
	}
	if s.Expert != 0 {
		s.Weight, s.Expert = s.Expert, 0
	}
	return append(list, s)
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
