package render

import (
	"strconv"
	"strings"
	"time"
)

// label is one label of a sample.
type label struct{ name, value string }

// Prometheus appends the status in the text exposition format, version 0.0.4: gauges that begin with soc_, since they are of a window
// and may fall. What is not known has no sample. Source of the format: Prometheus, "Exposition formats".
func (s *Status) Prometheus(b []byte) []byte {
	one := func(name, help string, value float64) {
		b = sample(gauge(b, name, help), name, value)
	}
	one("soc_alarms", "Drift alarms that stand.", float64(len(s.Alarms)))
	if !s.Since.IsZero() {
		one("soc_window_seconds", "How far back the figures of a window reach.", s.At.Sub(s.Since).Seconds())
	}
	one("soc_alerts", "Alerts received in the window.", float64(s.Alerts))
	one("soc_groups", "Groups judged in the window.", float64(s.Groups))
	b = gauge(b, "soc_groups_handled", "Groups of the window closed without a person.")
	b = sample(b, "soc_groups_handled", float64(s.ByRule), label{"by", "rule"})
	b = sample(b, "soc_groups_handled", float64(s.ByCert), label{"by", "certificate"})
	one("soc_groups_would_close", "Groups of the window that would be closed.", float64(s.Would))
	b = s.ToVerdict.prometheus(b, "soc_time_to_verdict_seconds", "Age of a group's first alert when its verdict was in the casebook: exports of old alerts make it long.")
	b = s.ToDecide.prometheus(b, "soc_time_to_decision_seconds", "From a verdict until a person decided.")
	one("soc_touches", "Decisions, notes and reopenings in the window.", float64(s.Touches))
	b = gauge(b, "soc_cases_open", "Open cases by route and age.")
	for _, w := range s.Open {
		b = sample(b, "soc_cases_open", float64(w.Cases), label{"route", w.Route}, label{"age", w.Age})
	}
	b = gauge(b, "soc_cases_decided", "Cases decided in the window by disposition.")
	for _, o := range s.Decided {
		b = sample(b, "soc_cases_decided", float64(o.Cases), label{"disposition", o.Disposition})
	}
	b = s.sourcesPrometheus(b)
	b = s.Precedent.prometheus(b)
	if a := s.Audits; a != nil {
		one("soc_closed_groups", "Groups closed under the last precedent, those picked for audit included.", float64(a.Closed))
		one("soc_audits_picked", "Closed groups picked for audit.", float64(a.Picked))
		one("soc_audits_decided", "Audits decided.", float64(a.Decided))
		one("soc_audits_attacks", "Audits that found an attack.", float64(a.Attacks))
		one("soc_closed_missed", "Closed groups, not picked, that turned out to be attacks.", float64(a.Missed))
		if a.Decided > 0 {
			one("soc_false_omission_ratio", "Estimated share of attacks among closed groups.", a.Estimate)
			one("soc_false_omission_upper_ratio", "Upper end of its 95 % interval.", a.High)
		}
		one("soc_drift", "Drift of the audits; the alarm is raised at 20.", a.Drift)
	}
	b = gauge(b, "soc_response_level", "How far an action has come in cases of a severity, from 0 observe to 4 automatic.")
	for i := range s.Levels {
		r := &s.Levels[i]
		b = sample(b, "soc_response_level", float64(r.Level), label{"action", r.Action}, label{"severity", r.Stratum})
	}
	one("soc_maturity_ratio", "The "+MaturityFormula+".", s.Mature())
	return b
}

func gauge(b []byte, name, help string) []byte {
	b = append(append(append(append(b, "# HELP "...), name...), ' '), help...)
	return append(append(append(b, "\n# TYPE "...), name...), " gauge\n"...)
}

func sample(b []byte, name string, value float64, labels ...label) []byte {
	b = append(b, name...)
	for i, l := range labels {
		b = append(b, "{,"[min(i, 1)])
		b = append(append(append(b, l.name...), `="`...), strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(clean(l.value))...)
		b = append(b, '"')
	}
	if len(labels) > 0 {
		b = append(b, '}')
	}
	return append(strconv.AppendFloat(append(b, ' '), value, 'g', -1, 64), '\n')
}

func (t *Took) prometheus(b []byte, name, help string) []byte {
	b = gauge(b, name, help)
	if t.N == 0 {
		return b
	}
	for _, q := range []struct {
		name  string
		value time.Duration
	}{{"0.5", t.P50}, {"0.95", t.P95}} {
		b = sample(b, name, q.value.Seconds(), label{"quantile", q.name})
	}
	return b
}

func (p *StatusPrecedent) prometheus(b []byte) []byte {
	if p == nil {
		return b
	}
	b = gauge(b, "soc_miss_bound_ratio", "Upper bound of the share of attacks below the threshold, by stratum and unit.")
	for i := range p.Strata {
		st := &p.Strata[i]
		b = sample(b, "soc_miss_bound_ratio", st.Groups.Upper, label{"stratum", st.Name}, label{"unit", "groups"})
		b = sample(b, "soc_miss_bound_ratio", st.Incidents.Upper, label{"stratum", st.Name}, label{"unit", "incidents"})
	}
	return b
}
