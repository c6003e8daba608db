package investigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// affected names machines and accounts, the most touched first, with what the estate's own records say of them.
func (s *story) affected() (list []Finding) {
	for _, row := range [...]struct{ kind, word string }{{"host", "Host"}, {"user", "Account"}, {"cloud", "Cloud resource"}} {
		type touched struct {
			names   []string
			records []*Record
		}
		place := map[string]*touched{}
		var all []*touched
		for i := range s.records {
			r := &s.records[i]
			for _, name := range r.names(row.kind) {
				t := place[fold(row.kind, name)]
				if t == nil {
					t = &touched{}
					place[fold(row.kind, name)] = t
					all = append(all, t)
				}
				t.names = once(t.names, name)
				t.records = append(t.records, r)
			}
		}
		slices.SortStableFunc(all, func(a, b *touched) int { return cmp.Compare(len(b.records), len(a.records)) })
		for _, t := range all[:min(len(all), maxNames)] {
			strong := 0
			for _, r := range t.records {
				if r.Strong {
					strong++
				}
			}
			slices.SortStableFunc(t.records, func(a, b *Record) int { // who doubts it begins with what speaks for it
				switch {
				case a.Strong == b.Strong:
					return 0
				case a.Strong:
					return -1
				}
				return 1
			})
			share := fmt.Sprintf(", %d of them with", strong)
			switch strong {
			case 0:
				share = " without"
			case len(t.records):
				share = " with"
			}
			text := fmt.Sprintf("%s %s stands in %s%s evidence of an attack.", row.word, Distinct(row.kind, t.names)[0], plural(int64(len(t.records)), "record", "records"), share)
			list = append(list, Finding{Part: Affected, Sentence: text, Cites: cites(t.records)})
		}
	}
	return append(list, s.estate()...)
}

// estate is what inventories and directories say of the case's machines and accounts.
func (s *story) estate() (list []Finding) {
	met := map[string]bool{}
	for i := range s.records {
		for _, g := range s.records[i].Signals {
			if g.Family == "assets" && !met[g.Sentence] {
				met[g.Sentence] = true
				list = append(list, Finding{Part: Affected, Sentence: "By the estate's records " + g.Sentence + ".", Cites: []string{s.records[i].Cite}})
			}
		}
	}
	return list
}

// techniques names the ATT&CK techniques in the order of an intrusion.
func (s *story) techniques() (list []Finding) {
	by := map[string][]*Record{}
	var ids []string
	for i := range s.records {
		for _, t := range s.records[i].Techniques {
			if by[t] == nil {
				ids = append(ids, t)
			}
			by[t] = append(by[t], &s.records[i])
		}
	}
	slices.Sort(ids)
	slices.SortStableFunc(ids, func(a, b string) int {
		return cmp.Compare(PhaseOrder(TechniquePhase(a)), PhaseOrder(TechniquePhase(b)))
	})
	for _, id := range ids[:min(len(ids), maxNames)] {
		text := id
		if name := TechniqueName(id); name != "" {
			text += " " + name
		}
		if phase := TechniquePhase(id); phase != "" {
			text += " (" + strings.ReplaceAll(phase, "-", " ") + ")"
		}
		list = append(list, Finding{Part: Techniques, Phase: TechniquePhase(id), Sentence: text + ", in " + plural(int64(len(by[id])), "record", "records") + ".", Cites: cites(by[id])})
	}
	return list
}

// lookedUp tells what was looked up for somebody. Nothing else of the report counts it: whoever picked it is not trusted with that.
func (s *story) lookedUp() (list []Finding) {
	for _, r := range s.asked[:min(len(s.asked), mostAskedTold)] {
		text := "At a time that is not known"
		if !r.First.IsZero() {
			text = "At " + r.First.UTC().Format(clock) + " UTC"
		}
		if w := r.where(); w != "" {
			text += " " + w
		}
		list = append(list, Finding{Part: Asked, Phase: r.Phase, Sentence: text + ": " + clause(r.What) + aside(r.From) + ". Why it is here: " + clause(r.Why) + ".", Cites: []string{r.Cite}})
	}
	if more := s.asked[min(len(s.asked), mostAskedTold):]; len(more) > 0 {
		list = append(list, Finding{Part: Asked, Sentence: fmt.Sprintf("%d more stand in the timeline.", len(more)), Cites: cites(more)})
	}
	return list
}

// mostAskedTold bounds the records of lookedUp that have a sentence each.
const mostAskedTold = 40

// unseen says what was not looked at, and what nobody knows.
func (s *story) unseen() (list []Finding) {
	say := func(text, kind string, n int) {
		list = append(list, Finding{Part: Unseen, Sentence: text, Cites: []string{fmt.Sprintf("%s %d", kind, n+1)}})
	}
	for i, g := range s.k.Gaps {
		list = append(list, missing(g, i+1))
	}
	for i, h := range s.k.Holes {
		say(fmt.Sprintf("%s says nothing from %s to %s UTC: %s. That is no sign that nothing happened.", h.Source, h.From.UTC().Format(clock), h.To.UTC().Format(shorter(h.From, h.To)), h.Reason), "hole", i)
	}
	for i, q := range s.k.Questions {
		say("Open question: "+q, "question", i)
	}
	return list
}

// missing says what the gap of that number is.
func missing(g alert.Gap, n int) Finding {
	about := cmp.Or(g.Check, g.Source)
	if g.Check != "" && g.Source != "" {
		about = g.Check + " (" + g.Source + ")"
	}
	word := "Not looked at"
	switch g.Class {
	case alert.Failed:
		word = "Failed"
	case alert.Partial:
		word = "Seen in part"
	case alert.Unconfigured:
	}
	return Finding{Part: Unseen, Sentence: fmt.Sprintf("%s, %s: %s.", word, about, strings.TrimSuffix(g.Reason, ".")), Cites: []string{fmt.Sprintf("gap %d", n)}}
}
