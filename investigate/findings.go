package investigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Part is the part of a report to which a finding belongs.
type Part string

// The parts, in the order of a report.
const (
	Summary    Part = "summary"
	Rating     Part = "severity"
	Story      Part = "story" // what happened, by phase, in order of time
	Cause      Part = "cause" // as far as it is shown
	Affected   Part = "affected"
	Nearby     Part = "near"    // other cases with something in common
	Answers    Part = "answers" // what the logs say to the questions of a guide
	Techniques Part = "techniques"
	Asked      Part = "asked"  // what was looked up for somebody, see Consult: no other part counts it
	Unseen     Part = "unseen" // what was not looked at
)

// Conclude writes what follows from the case as it stands: findings and recommended actions. It is pure; sentences whose citation
// does not resolve are left out, and a gap counts them. Call it last, after the events, Decode and Stand.
func (k *Case) Conclude() {
	all := k.Records()
	s := story{k: k}
	for i := range all {
		if all[i].Asked == "" {
			s.records = append(s.records, all[i])
		} else {
			s.asked = append(s.asked, &all[i])
		}
	}
	var list []Finding
	for _, part := range []func() []Finding{s.summary, s.rating, s.told, s.cause, func() []Finding { return k.Answers }, s.affected, s.nearby, s.techniques, s.lookedUp, s.unseen} {
		list = append(list, part()...)
	}
	var dropped []Finding
	if k.Findings, dropped = checked(list, k, all); len(dropped) > 0 {
		k.Gaps = append(k.Gaps, alert.Gap{Check: "findings", Class: alert.Failed, Reason: fmt.Sprintf("%d sentences left out: what they cite is not in the case", len(dropped))})
	}
	k.Recommended = s.advise()
}

// story is a case while its findings are written.
type story struct {
	k       *Case
	records []Record  // those that somebody asked for apart
	asked   []*Record // these
}

// mostCites bounds the citations of one sentence: who doubts it begins with these.
const mostCites = 8

// cites are the citations of records, each once, at most so many.
func cites(list []*Record) (c []string) {
	for _, r := range list {
		if len(c) < mostCites && !slices.Contains(c, r.Cite) {
			c = append(c, r.Cite)
		}
	}
	return c
}

// strongest is the alert with the most evidence, an event where there is no alert; nil when there is nothing at all. What one event
// holds is not measured as a verdict is.
func (s *story) strongest() (best *Record) {
	for i := range s.records {
		r := &s.records[i]
		if best != nil && strings.HasPrefix(best.Cite, "alert ") && !strings.HasPrefix(r.Cite, "alert ") {
			continue
		}
		if best == nil || !strings.HasPrefix(best.Cite, "alert ") && strings.HasPrefix(r.Cite, "alert ") || r.Strong && !best.Strong || r.Strong == best.Strong && r.Score > best.Score {
			best = r
		}
	}
	return best
}

// chain is the records that speak for an attack; all of them when none does.
func (s *story) chain() (list []*Record) {
	for i := range s.records {
		if s.records[i].Strong {
			list = append(list, &s.records[i])
		}
	}
	if list == nil {
		for i := range s.records {
			list = append(list, &s.records[i])
		}
	}
	return list
}

// summary says in a few sentences what the case is about.
func (s *story) summary() (list []Finding) {
	best := s.strongest()
	if best == nil {
		return nil
	}
	k, chain := s.k, s.chain()
	say := func(cited []string, format string, args ...any) {
		list = append(list, Finding{Part: Summary, Sentence: fmt.Sprintf(format, args...), Cites: cited})
	}
	ends := cites([]*Record{best, &s.records[0], &s.records[len(s.records)-1]})
	text := fmt.Sprintf("%s in %s", plural(k.Alerts, "alert", "alerts"), plural(int64(len(k.Members)), "verdict", "verdicts"))
	if n := k.Found(); n > 0 {
		text += fmt.Sprintf(" and %s from logs", plural(int64(n), "event", "events"))
	}
	if len(s.records) > 1 {
		text += " belong together"
	}
	say(ends, "%s%s%s.", text, between(s.span()), s.involving())
	say(cites([]*Record{best}), "The strongest evidence%s is: %s (%s).", aside(best.where()), clause(best.What), best.From)
	if words := evidence(best, 2); words != "" {
		say(cites([]*Record{best}), "What speaks for an attack there: %s.", words)
	}
	if names, by := phasesOf(chain); len(names) > 1 {
		say(cites(by), "The evidence spans %s.", enumerate(names))
	}
	return append(list, s.standing(best)...)
}

// span is from when to when the records are; zero where none has a time.
func (s *story) span() (first, last time.Time) {
	for i := range s.records {
		r := &s.records[i]
		if first.IsZero() || !r.First.IsZero() && r.First.Before(first) {
			first = r.First
		}
		if r.Last.After(last) {
			last = r.Last
		}
	}
	return first, last
}

// standing says how far the reading of the machine carries.
func (s *story) standing(best *Record) []Finding {
	text := "Triage sent it to a person"
	if s.k.Route == triage.Escalate {
		text = "Triage escalated it"
	}
	text += " and reads it as " + strings.ReplaceAll(cmp.Or(s.k.Disposition, "undetermined"), "_", " ") + "; no person has confirmed that."
	return []Finding{{Part: Summary, Sentence: text, Cites: cites([]*Record{best})}}
}

// involving names machines and accounts.
func (s *story) involving() string {
	var b strings.Builder
	for _, row := range [...]struct {
		one, many string
		names     []string
	}{{"host", "hosts", Distinct("host", s.k.Hosts)}, {"account", "accounts", Distinct("user", s.k.Users)}} {
		n := len(row.names)
		if n == 0 {
			continue
		}
		word := row.one
		if n > 1 {
			word = row.many
		}
		shown := row.names[:min(n, 4)]
		if n > 4 {
			shown = append(slices.Clone(shown), fmt.Sprintf("%d more", n-4))
		}
		b.WriteString(", " + word + " " + enumerate(shown))
	}
	return b.String()
}

// Distinct leaves one of several spellings of a name, the longest.
func Distinct(kind string, names []string) (list []string) {
	place := map[string]int{}
	for _, n := range names {
		at, met := place[fold(kind, n)]
		switch {
		case !met:
			place[fold(kind, n)] = len(list)
			list = append(list, n)
		case len(n) > len(list[at]):
			list[at] = n
		}
	}
	return list
}

// rating says where the severity comes from.
func (s *story) rating() []Finding {
	var best *Record
	for i := range s.records {
		if r := &s.records[i]; severityOf(r.Severity) == s.k.Severity && (best == nil || r.Rating > best.Rating) {
			best = r
		}
	}
	if best == nil || s.k.Severity == 0 {
		return nil
	}
	text := fmt.Sprintf("Severity is %s, the highest of the verdicts", s.k.Severity)
	if best.Vendor != "" {
		text += fmt.Sprintf(": %s rates the alert %s", best.From, best.Vendor)
	}
	if best.Rating > 0 {
		text += fmt.Sprintf(", the evidence puts it at %d of 100", best.Rating)
	}
	list := []Finding{{Part: Rating, Sentence: text + ".", Cites: cites([]*Record{best})}}
	for _, g := range best.Signals {
		if g.Family == "assets" && g.Term > 0 {
			list = append(list, Finding{Part: Rating, Sentence: sentence(g.Sentence), Cites: cites([]*Record{best})})
		}
	}
	return list
}

// phasesOf are the tactics of records in the order of an intrusion, and a record for each.
func phasesOf(list []*Record) (names []string, by []*Record) {
	met := map[int]*Record{}
	var places []int
	for _, r := range list {
		if at := PhaseOrder(r.Phase); r.Phase != "" && met[at] == nil {
			met[at] = r
			places = append(places, at)
		}
	}
	slices.Sort(places)
	for _, at := range places {
		names = append(names, strings.ReplaceAll(met[at].Phase, "-", " "))
		by = append(by, met[at])
	}
	return names, by
}

// hearsay is the kinds of signal that are about who says so and not about what happened.
var hearsay = []triage.Family{triage.Vendor, triage.Technique, triage.Detection, triage.Agreement, triage.Novelty, triage.Burst, triage.Precedents, triage.Models}

// evidence is what a record's strongest signals say, hearsay only where there is nothing else.
func evidence(r *Record, most int) string {
	var first, second []string
	for _, g := range r.Signals {
		if g.Term <= 0 {
			break
		}
		if slices.Contains(hearsay, g.Family) {
			second = append(second, g.Sentence)
		} else {
			first = append(first, g.Sentence)
		}
	}
	if len(first) == 0 {
		first = second
	}
	return strings.Join(first[:min(len(first), most)], "; ")
}

const clock = "2006-01-02 15:04:05"

// between is a time span as a phrase; empty when unknown.
func between(first, last time.Time) string {
	switch {
	case first.IsZero():
		return ""
	case last.Sub(first) < time.Second:
		return ", at " + first.UTC().Format(clock) + " UTC"
	case first.UTC().Format(time.DateOnly) == last.UTC().Format(time.DateOnly):
		return ", " + first.UTC().Format(clock) + " to " + last.UTC().Format(time.TimeOnly) + " UTC"
	}
	return ", " + first.UTC().Format(clock) + " to " + last.UTC().Format(clock) + " UTC"
}

// clause is a text without the full stop at its end.
func clause(text string) string { return strings.TrimRight(text, ". ") }

func aside(phrase string) string {
	if phrase == "" {
		return ""
	}
	return " (" + phrase + ")"
}

func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// sentence makes a sentence of a signal's clause.
func sentence(clause string) string {
	if clause != "" && clause[0]-'a' <= 25 {
		clause = string(clause[0]-('a'-'A')) + clause[1:]
	}
	return clause + "."
}

func plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
