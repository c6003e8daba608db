package investigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// mostTold bounds the sentences of one phase; what is beyond is counted in one more.
const mostTold = 12

// happening is records that tell of the same thing, or of things alike: the same program that starts others or writes values.
type happening struct {
	best        *Record // the strongest
	first, last time.Time
	count       int64
	alike       bool // they do not all say the same
	records     []*Record
}

func (h *happening) take(r *Record) {
	if h.best == nil || r.Score > h.best.Score {
		h.best = r
	}
	h.alike = h.alike || len(h.records) > 0 && r.What != h.records[0].What
	h.count += r.Count
	h.records = append(h.records, r)
	if h.first.IsZero() || !r.First.IsZero() && r.First.Before(h.first) {
		h.first = r.First
	}
	if r.Last.After(h.last) {
		h.last = r.Last
	}
}

// deeds are the words of summaries behind which each value would be a line of its own.
var deeds = []string{"set", "wrote", "deleted", "loaded", "connected", "used"}

// sameness is what records that are told as one have in common.
func (r *Record) sameness() string {
	if before, _, ok := strings.Cut(r.What, ": "); ok {
		return before
	}
	if words := strings.SplitN(r.What, " ", 3); len(words) == 3 && slices.Contains(deeds, words[1]) {
		return words[0] + " " + words[1]
	}
	return r.What
}

// told tells what happened, by phase in the order of an intrusion and in order of time within.
func (s *story) told() (list []Finding) {
	var order []string
	phases := map[string][]*happening{}
	place := map[string]*happening{}
	for i := range s.records {
		r := &s.records[i]
		key := r.Phase + "\x00" + r.sameness() + "\x00" + fold("host", strings.Join(r.names("host"), " ")) + "\x00" + fold("user", strings.Join(r.names("user"), " "))
		h := place[key]
		if h == nil {
			h = &happening{}
			place[key] = h
			if phases[r.Phase] == nil {
				order = append(order, r.Phase)
			}
			phases[r.Phase] = append(phases[r.Phase], h)
		}
		h.take(r)
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(PhaseOrder(a), PhaseOrder(b)) })
	for _, phase := range order {
		list = append(list, tell(phase, phases[phase])...)
	}
	return list
}

// tell writes the happenings of one phase, the strongest of them when there are too many.
func tell(phase string, all []*happening) (list []Finding) {
	shown := all
	if len(all) > mostTold {
		ranked := slices.Clone(all)
		slices.SortStableFunc(ranked, func(a, b *happening) int { return cmp.Compare(b.best.Score, a.best.Score) })
		shown = slices.DeleteFunc(slices.Clone(all), func(h *happening) bool { return !slices.Contains(ranked[:mostTold], h) })
	}
	for _, h := range shown {
		list = append(list, h.sentences(phase)...)
	}
	if n := len(all) - len(shown); n > 0 {
		var rest []*Record
		for _, h := range all {
			if !slices.Contains(shown, h) {
				rest = append(rest, h.best)
			}
		}
		list = append(list, Finding{Part: Story, Phase: phase, Sentence: fmt.Sprintf("%d more, each weaker than these.", n), Cites: cites(rest)})
	}
	return list
}

func (h *happening) sentences(phase string) []Finding {
	r := h.best
	text := "At a time that is not known"
	if !h.first.IsZero() {
		text = "At " + h.first.UTC().Format(clock) + " UTC"
		if h.last.Sub(h.first) >= time.Second {
			text = "From " + h.first.UTC().Format(clock) + " to " + h.last.UTC().Format(shorter(h.first, h.last)) + " UTC"
		}
	}
	if w := r.where(); w != "" {
		text += " " + w
	}
	text += ": " + clause(r.What)
	switch {
	case h.count > 1 && h.alike:
		text += fmt.Sprintf(", and %d more like it", h.count-1)
	case h.count > 1:
		text += fmt.Sprintf(", %d times", h.count)
	}
	text += aside(r.From) + "."
	c := cites(append([]*Record{r}, h.records...))
	list := []Finding{{Part: Story, Phase: phase, Sentence: text, Cites: c}}
	if words := evidence(r, 3); words != "" && r.Strong {
		list = append(list, Finding{Part: Story, Phase: phase, Sentence: "What speaks for an attack: " + words + ".", Cites: c[:1]})
	}
	if r.Why != "" {
		list = append(list, Finding{Part: Story, Phase: phase, Sentence: "Why it is here: " + clause(r.Why) + ".", Cites: c[:1]})
	}
	said := slices.ContainsFunc(r.Signals, func(g Said) bool { return g.Family == "outcome" })
	if did := response(r.Action); did != "" && r.Strong && !said {
		list = append(list, Finding{Part: Story, Phase: phase, Sentence: did, Cites: c[:1]})
	}
	return list
}

// response says what the product did about it.
func response(action string) string {
	switch action {
	case "allowed":
		return "The product let it through."
	case "blocked":
		return "The product blocked it."
	case "quarantined":
		return "The product put it into quarantine."
	case "failed":
		return "The product tried to stop it and failed."
	}
	return ""
}

// shorter is the form of a second time, without the day it shares with the first.
func shorter(first, last time.Time) string {
	if first.UTC().Format(time.DateOnly) == last.UTC().Format(time.DateOnly) {
		return time.TimeOnly
	}
	return clock
}

// cause says how far back the case reaches. It claims no way in that nothing shows.
func (s *story) cause() (list []Finding) {
	var first *Record
	for _, r := range s.chain() {
		if !r.First.IsZero() && (first == nil || r.First.Before(first.First)) {
			first = r
		}
	}
	if first == nil {
		return nil
	}
	say := func(text string) {
		list = append(list, Finding{Part: Cause, Sentence: text, Cites: cites([]*Record{first})})
	}
	say(fmt.Sprintf("The earliest thing that speaks for an attack is of %s UTC%s: %s.", first.First.UTC().Format(clock), aside(first.where()), clause(first.What)))
	for _, t := range first.Things {
		if t.Type == "process_command" && t.Role == "related" {
			say("What started it, as that record says: " + clause(t.Value) + ".")
			break
		}
	}
	switch {
	case first.Phase == "initial-access":
		say("It is initial access: the way in, as far as this case shows it.")
	case s.k.Found() == 0:
		say("How it came to that is not shown: nothing in the case is earlier, and no logs stand in it.")
	default:
		say("How it came to that is not shown: nothing in the case that speaks for an attack is earlier.")
	}
	return list
}
