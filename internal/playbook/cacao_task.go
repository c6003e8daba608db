package playbook

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// step takes over one step of the workflow: its exact commands as actions, the rest as one task.
func (a *abroad) step(at *stop) {
	s := at.step
	name := short(first(s.Name, s.Type+" step"))
	for id := range s.Extensions {
		if id != extension {
			a.foreign[id]++
		}
	}
	if more := strangers(a.Workflow[at.id], *s); more != "" {
		a.note("step %s: not taken over: %s", name, more)
	}
	if own, ok := a.own(at); ok {
		a.out.Steps = append(a.out.Steps, own)
		return
	}
	var list []string
	for i := range s.Commands {
		c := &s.Commands[i]
		action, why := a.action(at, c)
		if why == nil {
			action.Why = name
			if s.Description != "" {
				action.Why = short(name + ": " + s.Description)
			}
			a.out.Steps = append(a.out.Steps, action)
			a.note("step %s: %s %s is done as the catalogue has it, by the driver that is configured, not by %s", name, action.Action, action.Only, first(a.agent(s.Agent), "an agent"))
			continue
		}
		item := a.command(c)
		if !errors.Is(why, errNoOpenC2) {
			item += "\n(" + shown(why.Error()) + ")"
		}
		list = append(list, item)
	}
	list = append(a.decision(s), list...)
	if len(list) == 0 {
		if s.Type == "parallel" {
			a.note("step %s: its %d branches stand one after the other", name, len(s.Next))
		}
		return
	}
	list = append(a.before(at), append(list, a.around(s)...)...)
	a.put(name, s.Description, list)
	if s.Type != "action" || slices.ContainsFunc(s.Commands, func(c otherCommand) bool { return c.Type != "manual" }) {
		a.note("step %s (%s): a person's task; nothing of it is run here", name, s.Type)
	}
}

// put adds a task, in as many parts as its list needs.
func (a *abroad) put(name, about string, list []string) {
	for part := 1; len(list) > 0; part++ {
		n := min(len(list), maxItems)
		task := fileStep{Task: name, Why: long(about), List: list[:n]}
		if part > 1 {
			task.Task = fmt.Sprintf("%s, part %d", name, part)
		}
		a.out.Steps, list = append(a.out.Steps, task), list[n:]
	}
}

// own is a step that this program wrote, word for word.
func (a *abroad) own(at *stop) (fileStep, bool) {
	var e stepExtension
	s := at.step
	if at.only != nil || len(s.Commands) != 1 || len(a.before(at)) > 0 || strictly(s.Extensions[extension], &e) != nil {
		return fileStep{}, false
	}
	f := fileStep{Action: e.Action, Each: e.Each, If: e.If, Only: e.Only, Why: first(s.Description, s.Name, s.Type)}
	if c := &s.Commands[0]; c.Type != "manual" || string(c.Command) != f.words() || shown(f.words()) != f.words() || long(f.Why) != f.Why {
		return fileStep{}, false
	}
	env, err := environment()
	if err == nil {
		_, err = f.compile(env)
	}
	return f, err == nil
}

// before says under which conditions, and when, the step is to be done.
func (a *abroad) before(at *stop) (list []string) {
	for i, only := range at.only {
		if i == 0 {
			only = "only " + only
		}
		list = append(list, long(only))
	}
	if len(list) > 0 {
		list[len(list)-1] += "\n(soc does not evaluate conditions of CACAO: a person decides)"
	}
	if d := lasts(at.step.Delay); d != "" {
		list = append(list, "wait "+d+" before it")
	}
	return list
}

// decision is what a step that branches, or that starts another playbook, asks for.
func (a *abroad) decision(s *otherStep) (list []string) {
	switch s.Type {
	case "if-condition", "while-condition":
		list = append(list, "decide whether this holds: "+long(s.Condition))
		for _, w := range a.ways(s) {
			if w.only != "" {
				list = append(list, strings.ReplaceAll(strings.TrimPrefix(w.member, "on_"), "_", " ")+": go on with "+a.title(w.to))
			}
		}
	case "switch-condition":
		list = append(list, "find out the value of "+long(s.Switch))
		for _, value := range slices.Sorted(maps.Keys(s.Cases)) {
			list = append(list, short(value)+": go on with "+a.title(s.Cases[value]))
		}
	case "playbook-action":
		list = append(list, "run the playbook "+short(strings.TrimSpace(s.PlaybookID+" "+s.Version))+", which is not part of this document")
	case "start", "end", "action", "parallel":
	default:
		list = append(list, "do what a step of type "+short(s.Type)+" means, which CACAO 2.0 does not know")
	}
	return list
}

func (a *abroad) title(id string) string {
	s := a.steps[id]
	if s == nil {
		return short(id)
	}
	if s.Type == "end" && s.Name == "" {
		return "the end"
	}
	return fmt.Sprintf("%q", short(first(s.Name, id)))
}

// around says who does a step, where, with what, and within which time.
func (a *abroad) around(s *otherStep) (list []string) {
	if s.Agent != "" {
		list = append(list, "by "+a.agent(s.Agent))
	}
	for _, id := range s.Targets {
		list = append(list, "on "+a.agent(id))
	}
	for _, vars := range []map[string]otherVariable{s.Variables, a.used(s)} {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			v := vars[name]
			is := "has no value yet"
			if v.Value != "" && v.Value != "null" {
				is = "is " + short(string(v.Value))
			}
			if v.Description != "" {
				is += ": " + short(v.Description)
			}
			list = append(list, short(name)+" "+is)
		}
	}
	if len(s.OutArgs) > 0 {
		list = append(list, "note for later steps: "+short(strings.Join(s.OutArgs, ", ")))
	}
	if d := lasts(s.Timeout); d != "" {
		list = append(list, "within "+d)
	}
	if see := references(s.External); see != "" {
		list = append(list, "see "+see)
	}
	return list
}

// lasts is a time that the document gives in milliseconds; empty for none.
func lasts(ms scalar) string {
	if ms == "" || ms == "0" || ms == "null" {
		return ""
	}
	n, err := strconv.ParseInt(string(ms), 10, 64)
	if most := int64(math.MaxInt64 / time.Millisecond); err != nil || n < 0 || n > most {
		return short(string(ms)) + " ms"
	}
	return (time.Duration(n) * time.Millisecond).String()
}

// agent is an agent or target by its name.
func (a *abroad) agent(id string) string {
	d, ok := a.Agents[id]
	if !ok {
		d, ok = a.Targets[id]
	}
	if !ok {
		return short(id)
	}
	text := fmt.Sprintf("%s (%s", d.Name, d.Type)
	for _, kind := range slices.Sorted(maps.Keys(d.Address)) {
		for _, v := range d.Address[kind] {
			text += ", " + string(v)
		}
	}
	return short(text + ")")
}

var variable = regexp.MustCompile(`__[a-zA-Z_][a-zA-Z0-9_-]*?__(?::value)?`)

// used are the playbook's variables that a step names.
func (a *abroad) used(s *otherStep) map[string]otherVariable {
	all := strings.Join(s.InArgs, " ") + " " + s.Condition + " " + s.Switch
	for i := range s.Commands {
		c := &s.Commands[i]
		all += " " + string(c.Command) + " " + string(c.Content)
		for _, b64 := range []string{c.B64, c.ContentB64} {
			text, _ := unpack(c.Type, b64)
			all += " " + text
		}
	}
	found := map[string]otherVariable{}
	for _, name := range variable.FindAllString(all, -1) {
		name = strings.TrimSuffix(name, ":value")
		if v, ok := a.Variables[name]; ok {
			found[name] = v
		}
	}
	return found
}
