package investigate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// mostShown bounds the events that one answer tells of.
const mostShown = 3

// inquire puts the questions of the guides that fit to the events. What is answered becomes a sentence that cites; what is not, a question
// that names the data.
func (f *follower) inquire(k *Case, list []int) {
	s := sceneOf(k)
	for i := range k.Events {
		for _, id := range k.Events[i].Techniques {
			if !slices.Contains(s.techniques, id) {
				s.techniques = append(s.techniques, id)
			}
		}
	}
	has := f.collected()
	met := map[string]bool{}
	for _, g := range choose(s) {
		k.Guides = append(k.Guides, Guidance{g.Name, g.Title, g.Confirm, g.Clear, g.Actions})
		for i := range g.Questions {
			if q := &g.Questions[i]; !met[q.Ask] {
				met[q.Ask] = true
				f.answer(k, q, list, has)
			}
		}
	}
}

// answer looks for the events that answer one question.
func (f *follower) answer(k *Case, q *question, list []int, has map[string]bool) {
	var found []int
	home := map[string]bool{}
	for _, s := range f.seeds {
		home[s.host] = true
	}
	for n := range k.Events {
		if q.Shown.tells(&k.Events[n], f.traces[list[n]], home) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		if slices.ContainsFunc(q.Data, func(kind string) bool { return has[kind] }) {
			k.Questions = append(k.Questions, q.Ask+" The logs that were searched do not show it.")
			return
		}
		k.Questions = append(k.Questions, q.Ask+" It takes "+q.Needs+".")
		k.Gaps = append(k.Gaps, alert.Gap{Check: "logs", Class: alert.Unconfigured, Reason: "among the records found is none that could tell: " + q.Ask + " It takes " + q.Needs})
		return
	}
	k.Answers = append(k.Answers, k.sentence(q, found))
}

// sentence tells of the gravest events, in their order.
func (k *Case) sentence(q *question, found []int) Finding {
	best := slices.Clone(found)
	slices.SortStableFunc(best, func(a, b int) int {
		x, y := &k.Events[a], &k.Events[b]
		if c := gravity(y.Phase) - gravity(x.Phase); c != 0 {
			return c
		}
		return int(y.Evidence) - int(x.Evidence)
	})
	best = slices.Clone(best[:min(len(best), mostCites)])
	told := best[:min(len(best), mostShown)]
	slices.Sort(told)
	f := Finding{Part: Answers}
	var what []string
	for _, n := range told {
		if s := k.Events[n].Summary; !slices.Contains(what, s) {
			what = append(what, s)
		}
	}
	f.Sentence = q.Ask + " " + q.Says + ": " + strings.Join(what, "; ")
	if more := len(found) - len(told); more > 0 {
		f.Sentence += fmt.Sprintf("; and %s more", plural(int64(more), "record", "records"))
	}
	f.Sentence += "."
	for _, n := range best {
		f.Cites = append(f.Cites, fmt.Sprintf("event %d", n+1))
	}
	return f
}

// collected are the kinds of record that came up at all.
func (f *follower) collected() map[string]bool {
	m := map[string]bool{}
	for _, t := range f.traces {
		if !t.seed {
			m[t.kind.String()] = true
		}
	}
	return m
}

// about is the name that a record is mainly about.
func (t *trace) about() string {
	for _, s := range [...]alert.Slot{alert.EntitySlot(alert.Target, alert.File), alert.EntitySlot(alert.Target, alert.Registry), alert.EntitySlot(alert.Target, alert.URL), alert.SlotQuery} {
		if f := t.a.First(s); f != nil {
			return f.Value
		}
	}
	return ""
}
