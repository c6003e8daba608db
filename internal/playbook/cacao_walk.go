package playbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// stop is a step on the way through a workflow.
type stop struct {
	id   string
	step *otherStep
	only []string // conditions under which it is reached; nil: always
}

// way leads from a step to the next.
type way struct {
	member, to string
	only       string // a condition; empty: none
}

// ways lists what may come after a step: branches first, what comes behind them last.
func (a *abroad) ways(s *otherStep) (list []way) {
	name := first(s.Name, s.Type)
	put := func(member, to, only string) {
		if to != "" {
			list = append(list, way{member, to, only})
		}
	}
	for i, to := range s.Next {
		put(fmt.Sprintf("next_steps[%d]", i), to, "")
	}
	verb := "if"
	if s.Type == "while-condition" {
		verb = "again and again, while"
	}
	put("on_true", s.OnTrue, fmt.Sprintf("%s %q (%s)", verb, s.Condition, name))
	put("on_false", s.OnFalse, fmt.Sprintf("if not %q (%s)", s.Condition, name))
	for _, value := range slices.Sorted(maps.Keys(s.Cases)) {
		put("cases."+value, s.Cases[value], fmt.Sprintf("if %q is %q (%s)", s.Switch, value, name))
	}
	put("on_completion", s.OnCompletion, "")
	if s.OnFailure == "" {
		put("on_success", s.OnSuccess, "")
	} else {
		put("on_success", s.OnSuccess, fmt.Sprintf("if %q succeeds", name))
	}
	put("on_failure", s.OnFailure, fmt.Sprintf("if %q fails", name))
	return list
}

// walk lists the steps in the order of the workflow. What nothing leads to comes last, so that nothing is left out.
func (a *abroad) walk() ([]stop, error) {
	w := walker{abroad: a, sure: map[string]bool{}, at: map[string]int{}, under: map[string]bool{}}
	if a.steps[a.Start] == nil {
		return nil, fmt.Errorf("workflow_start: the workflow has no step %s", shown(a.Start))
	}
	w.always(a.Start)
	if err := w.visit("workflow_start", a.Start, nil); err != nil {
		return nil, err
	}
	if a.Exception != "" && a.steps[a.Exception] == nil {
		a.note("workflow_exception: the workflow has no step %s: what to do when a step fails is not said", a.Exception)
	} else if a.Exception != "" {
		if err := w.visit("workflow_exception", a.Exception, []string{"if a step fails and says nothing about that"}); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.steps)) {
		if _, met := w.at[id]; !met {
			if err := w.visit("workflow", id, []string{"where it belongs: nothing in the playbook leads to it"}); err != nil {
				return nil, err
			}
		}
	}
	return w.route, nil
}

type walker struct {
	*abroad
	route []stop
	sure  map[string]bool // what is reached whatever happens
	at    map[string]int  // where in the route a step is
	under map[string]bool // what the way to here has passed
}

func (w *walker) always(id string) {
	if w.sure[id] || w.steps[id] == nil {
		return
	}
	w.sure[id] = true
	for _, to := range w.ways(w.steps[id]) {
		if to.only == "" {
			w.always(to.to)
		}
	}
}

func (w *walker) visit(place, id string, only []string) error {
	s := w.steps[id]
	at, met := w.at[id]
	switch {
	case s == nil:
		return fmt.Errorf("%s: the workflow has no step %s", shown(place), shown(id))
	case w.under[id]:
		return fmt.Errorf("%s: it leads back to %s (%q), in a circle", shown(place), id, shown(s.Name))
	case met:
		if text := strings.Join(only, ", and "); !w.sure[id] && !slices.Contains(w.route[at].only, "or "+text) {
			w.route[at].only = append(w.route[at].only, "or "+text)
		}
		return nil
	}
	if w.sure[id] {
		only = nil
	}
	w.at[id] = len(w.route)
	w.route = append(w.route, stop{id, s, slices.Clone(only)})
	w.under[id] = true
	defer delete(w.under, id)
	for _, to := range w.ways(s) {
		then := only
		if to.only != "" {
			then = append(slices.Clone(only), to.only)
		}
		if err := w.visit("workflow."+id+"."+to.member, to.to, then); err != nil {
			return err
		}
	}
	return nil
}
