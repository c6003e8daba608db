package playbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
)

// A playbook that others wrote has branches, loops, variables, agents and commands for programs. None of that is run here: what a command
// of OpenC2 or this program's extension says exactly becomes an action of the catalogue, everything else a task for a person with the
// command's text as an item of its list. Source: OASIS, CACAO Security Playbooks Version 2.0.

// maxSteps bounds the workflow of a document.
const maxSteps = 500

// abroad is a document of others on its way to become a playbook.
type abroad struct {
	otherBook
	steps map[string]*otherStep
	notes []string
	out   file

	foreign map[string]int // how many steps an extension of others says something of
}

// fromOthers reads a document of CACAO 2.0, whoever wrote it. The notes say, step by step, what of it is not carried over as it is.
func fromOthers(text []byte) (*file, []string, error) {
	var a abroad
	if err := decode("", text, &a.otherBook); err != nil {
		return nil, nil, err
	}
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(a.Workflow)) {
		var s otherStep
		if err := decode("workflow."+id, a.Workflow[id], &s); err != nil {
			return nil, nil, err
		}
		a.steps[id] = &s
	}
	a.head()
	if more := strangers(text, a.otherBook); more != "" {
		a.note("not taken over: %s", more)
	}
	route, err := a.walk()
	if err != nil {
		return nil, nil, err
	}
	for i := range route {
		a.step(&route[i])
	}
	for _, id := range slices.Sorted(maps.Keys(a.foreign)) {
		a.note("step_extensions: what the extension %s says of %d steps is not taken over", first(a.Definitions[id].Name, id), a.foreign[id])
	}
	if len(a.out.Steps) == 0 {
		return nil, nil, errors.New("workflow: nothing in it is to be done")
	}
	return &a.out, a.notes, nil
}

// decode reads one value, and says where it is none.
func decode(place string, text []byte, v any) error {
	err := json.Unmarshal(text, v)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		place = strings.Trim(place+"."+wrong.Field, ".")
		return fmt.Errorf("%s: it is of type %s, which does not belong there", shown(first(place, "the document")), wrong.Value)
	}
	return err
}

func (a *abroad) check() error {
	switch {
	case a.Type != "playbook" || a.SpecVersion != "cacao-2.0":
		return errors.New("no playbook of CACAO 2.0 (type playbook, spec_version cacao-2.0)")
	case !identifier.MatchString(a.ID) || !strings.HasPrefix(a.ID, "playbook--"):
		return fmt.Errorf("id: %q is no identifier of a playbook", a.ID)
	case strings.TrimSpace(a.Name) == "":
		return errors.New("name: it has none")
	case a.Revoked:
		return errors.New("revoked: whoever wrote it took it back")
	case len(a.Workflow) > maxSteps:
		return fmt.Errorf("workflow: %d steps, and at most %d are read", len(a.Workflow), maxSteps)
	}
	for _, id := range slices.Sorted(maps.Keys(a.Workflow)) {
		if !identifier.MatchString(id) {
			return fmt.Errorf("workflow: %q is no identifier of a step", id)
		}
	}
	a.steps, a.foreign = map[string]*otherStep{}, map[string]int{}
	return nil
}

func (a *abroad) note(format string, args ...any) {
	a.notes = append(a.notes, shown(fmt.Sprintf(format, args...)))
}

// head takes over what the document says of itself, and notes what of it has no place here.
func (a *abroad) head() {
	a.out = file{Name: short(a.Name), About: long(a.Description), When: "false", From: []string{a.ID}}
	var own bookExtension
	if a.Definitions[extension].Name == definition("").Name && json.Unmarshal(a.Extensions[extension], &own) == nil && own.When != "" && shown(own.When) == own.When {
		a.out.When = own.When
	} else {
		a.note("when it fits is not said: it is heeded where it is named, and never by itself")
	}
	for _, id := range a.Markings {
		m := a.Marks[id]
		a.out.About = strings.TrimSpace(a.out.About + "\nMarked " + short(first(m.TLP, m.Statement, m.Name, id)) + ".")
	}
	if a.ValidFrom != "" || a.ValidUntil != "" {
		a.out.About = strings.TrimSpace(a.out.About + "\nValid " + short(strings.TrimSpace(a.ValidFrom+" to "+a.ValidUntil)) + ".")
	}
	if see := references(a.External); see != "" {
		a.out.About = strings.TrimSpace(a.out.About + "\nSee " + see + ".")
	}
	if len(a.Signatures) > 0 {
		a.note("signatures: %d, of which none was checked", len(a.Signatures))
	}
	if len(a.Logins) > 0 {
		a.note("authentication_info_definitions: credentials are not taken over")
	}
	for _, id := range slices.Sorted(maps.Keys(a.Extensions)) {
		if id != extension {
			a.note("playbook_extensions: what the extension %s says is not taken over", first(a.Definitions[id].Name, id))
		}
	}
}

// strangers names the members of an object that a struct has no field for.
func strangers(object []byte, as any) string {
	var m map[string]json.RawMessage
	if json.Unmarshal(object, &m) != nil {
		return ""
	}
	for f := range reflect.TypeOf(as).Fields() {
		delete(m, f.Tag.Get("json"))
	}
	for _, id := range []string{"created", "created_by", "modified"} { // a playbook made of another has its own
		delete(m, id)
	}
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

func references(list []otherReference) string {
	var out []string
	for _, r := range list {
		out = append(out, short(strings.TrimSpace(r.Name+" "+first(r.URL, r.Source))))
	}
	return strings.Join(out, "; ")
}

func first(list ...string) string {
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// shown is text in one line that no terminal obeys.
func shown(text string) string {
	return term.Clean(strings.Join(strings.Fields(text), " "))
}

// short is shown text of a name's length.
func short(text string) string {
	const most = 200
	return cut(shown(text), most)
}

// long is text in its own lines that no terminal obeys, as long as one item may be.
func long(text string) string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		lines = append(lines, term.Clean(strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), " \n")))
	}
	return cut(strings.Trim(strings.Join(lines, "\n"), "\n"), maxText)
}

// cut is at most so many characters of a text, and says how many are missing.
func cut(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return fmt.Sprintf("%s ... (%d more bytes stand in the document)", text[:i], len(text)-i)
		}
		n++
	}
	return text
}
