package sigma

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// maxSignals bounds the rules that one alert is given signals of: the strongest.
const maxSignals = 8

var _ triage.Check = (*Set)(nil)

// Name is the check's name in verdicts and policies.
func (s *Set) Name() string { return "sigma" }

// Check notes a signal for each rule that matches, the strongest eight. It is safe for concurrent use.
func (s *Set) Check(a *alert.Alert, note func(triage.Signal)) {
	e := s.scratch.Get().(*event)
	defer e.release()
	var hits []*rule
	s.matching(e, a, func(r *rule) { hits = append(hits, r) })
	slices.SortStableFunc(hits, func(a, b *rule) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Source, b.Source))
	})
	for _, r := range hits[:min(len(hits), maxSignals)] {
		m := s.explain(e, r)
		fields := make([]*alert.Field, len(m.Fields))
		sources := make([]string, len(m.Fields))
		for i := range m.Fields {
			fields[i], sources[i] = &m.Fields[i], r.Source
		}
		note(triage.Note("sigma", triage.Detection, r.weight, m.sentence(), "", fields...).From(sources...))
	}
	if e.cut && len(e.kinds.products)+len(e.kinds.categories) > 0 {
		sentence := fmt.Sprintf("The record is longer than Sigma rules search: %d KiB of a value, %d values", maxText>>10, maxLeaves)
		note(triage.Note("sigma", triage.Detection, 0, sentence, "", longest(a)))
	}
}

// longest is the field to cite when a record was too long.
func longest(a *alert.Alert) *alert.Field {
	var best *alert.Field
	for i := range a.Fields {
		if f := &a.Fields[i]; best == nil || len(f.Value) > len(best.Value) {
			best = f
		}
	}
	return best
}

func (m *Match) sentence() string {
	r := m.Rule
	said := fmt.Sprintf("Sigma rule %q (%s, %s): %s matched", r.Title, r.Level, r.Status, strings.Join(m.Selections, ", "))
	if len(r.Techniques) > 0 {
		said += "; " + strings.Join(r.Techniques, ", ")
	}
	return said
}

// weigh is what a match says: its level, by how far the rule has been tried.
func weigh(level, status string) triage.Weight {
	w, ok := map[string]triage.Weight{"informational": 100, "low": 400, "medium": 1000, "high": 1800, "critical": 2600}[level]
	if !ok {
		w = 400
	}
	share, ok := map[string]triage.Weight{"stable": 10, "test": 8, "experimental": 6}[status]
	if !ok {
		share = 3
	}
	return w * share / 10
}
