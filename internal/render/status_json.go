package render

import (
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// AppendJSON appends the status as a document of kind status, version 1.
func (s *Status) AppendJSON(b []byte) []byte {
	b = append(b, `{"kind":"status","version":1`...)
	b = wire.Time(wire.Time(b, "at", s.At), "since", s.Since)
	b = wire.Text(b, "autonomy", string(s.Autonomy))
	b = append(wire.Key(b, "alarms"), '[')
	for _, a := range s.Alarms {
		b = wire.Text(append(wire.Comma(b), '{'), "precedent", a.Precedent)
		b = append(wire.Text(wire.Time(b, "at", a.At), "reason", a.Reason), '}')
	}
	b = wire.Int(append(b, ']'), "alerts", s.Alerts)
	b = wire.Int(b, "groups", s.Groups)
	b = s.Handled.append(append(wire.Key(b, "handled"), '{'))
	if s.Handled.Of > 0 {
		b = wire.Float(wire.Float(b, "low", s.Handled.Low), "high", s.Handled.High)
	}
	b = append(wire.Int(wire.Int(b, "by_rule", s.ByRule), "by_certificate", s.ByCert), '}')
	b = wire.Int(b, "would_close", s.Would)
	b = s.ToVerdict.append(b, "time_to_verdict")
	b = s.ToDecide.append(b, "time_to_decision")
	b = wire.Int(append(wire.Key(b, "touches"), '{'), "n", s.Touches)
	b = append(wire.Float(b, "per_thousand_alerts", s.PerThousand()), '}')
	b = s.appendCases(b)
	b = s.appendSources(b)
	b = s.Precedent.append(b)
	b = s.Audits.append(b)
	b = append(wire.Key(b, "levels"), '[')
	for i := range s.Levels {
		b = append(s.Levels[i].AppendJSON(append(wire.Comma(b), '{')), '}')
	}
	b = append(b, ']')
	return append(s.appendEnd(b), '}')
}

// append appends the members of a share to an object that is open.
func (s *Share) append(b []byte) []byte {
	b = wire.Text(b, "name", s.Name)
	b = wire.Int(wire.Int(b, "part", s.Part), "of", s.Of)
	if s.Of > 0 {
		b = wire.Float(b, "share", s.Value())
	}
	return b
}

func (t *Took) append(b []byte, name string) []byte {
	b = wire.Int(append(wire.Key(b, name), '{'), "n", int64(t.N))
	if t.N > 0 {
		b = wire.Float(wire.Float(b, "p50_seconds", t.P50.Seconds()), "p95_seconds", t.P95.Seconds())
	}
	return append(b, '}')
}

func (s *Status) appendCases(b []byte) []byte {
	b = append(wire.Key(append(wire.Key(b, "cases"), '{'), "open"), '[')
	for _, w := range s.Open {
		b = wire.Text(wire.Text(append(wire.Comma(b), '{'), "route", w.Route), "age", w.Age)
		b = append(wire.Int(b, "cases", w.Cases), '}')
	}
	b = append(wire.Key(append(b, ']'), "decided"), '[')
	for _, o := range s.Decided {
		b = wire.Text(append(wire.Comma(b), '{'), "disposition", o.Disposition)
		b = append(wire.Int(b, "cases", o.Cases), '}')
	}
	return append(b, ']', '}')
}

func (p *StatusPrecedent) append(b []byte) []byte {
	if p == nil {
		return b
	}
	b = wire.Text(append(wire.Key(b, "precedent"), '{'), "digest", p.Digest)
	b = wire.Text(wire.Text(b, "learned", p.At), "labels", p.Labels)
	b = wire.Text(wire.Text(b, "signed_by", p.By), "closes_nothing", p.Holds)
	b = wire.Time(b, "since", p.Since)
	b = wire.Float(wire.Float(b, "alpha", p.Alpha), "delta", p.Delta)
	b = append(wire.Key(b, "strata"), '[')
	for i := range p.Strata {
		st := &p.Strata[i]
		b = wire.Float(wire.Text(append(wire.Comma(b), '{'), "name", st.Name), "delta", st.Delta)
		b = append(appendBound(appendBound(b, "groups", &st.Groups), "incidents", &st.Incidents), '}')
	}
	return append(b, ']', '}')
}

func appendBound(b []byte, name string, bound *triage.Bound) []byte {
	b = wire.Bool(append(wire.Key(b, name), '{'), "certified", bound.Certified)
	b = wire.Int(wire.Int(b, "n", int64(bound.N)), "k", int64(bound.K))
	b = wire.Float(b, "upper", bound.Upper)
	if bound.Certified {
		b = wire.Int(b, "threshold", int64(bound.Threshold))
	} else {
		b = wire.Int(b, "needs", int64(bound.Needs))
	}
	return append(b, '}')
}

func (a *StatusAudits) append(b []byte) []byte {
	if a == nil {
		return b
	}
	b = wire.Int(append(wire.Key(b, "audits"), '{'), "closed", a.Closed)
	b = wire.Int(wire.Int(b, "picked", a.Picked), "decided", a.Decided)
	b = wire.Int(wire.Int(b, "attacks", a.Attacks), "missed", a.Missed)
	if a.Decided > 0 {
		b = wire.Float(append(wire.Key(b, "false_omission"), '{'), "estimate", a.Estimate)
		b = append(wire.Float(wire.Float(b, "low", a.Low), "high", a.High), '}')
	}
	b = wire.Float(wire.Float(b, "drift", a.Drift), "alarm_at", a.AlarmAt)
	return append(wire.Float(wire.Float(b, "proof", a.Proof), "proof_at", a.ProofAt), '}')
}

// appendEnd appends the maturity and what is missing.
func (s *Status) appendEnd(b []byte) []byte {
	b = wire.Float(append(wire.Key(b, "maturity"), '{'), "share", s.Mature())
	b = append(wire.Key(wire.Text(b, "formula", MaturityFormula), "shares"), '[')
	for i := range s.Maturity {
		b = append(s.Maturity[i].append(append(wire.Comma(b), '{')), '}')
	}
	b = append(wire.Key(append(b, ']', '}'), "missing"), '[')
	for _, m := range s.Missing {
		b = append(wire.Text(wire.Text(append(wire.Comma(b), '{'), "what", m.What), "command", m.Command), '}')
	}
	return append(b, ']')
}
