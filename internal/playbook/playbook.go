// Package playbook reads what a team wants done about a kind of case: conditions over the case's document and actions of the response
// catalogue, as YAML. It says what is wanted, with the reason; whether that becomes part of a plan is decided by package respond.
//
// A condition that cannot be decided, because the case lacks what it reads, wants nothing and is reported: it never falls to either
// side in silence. It runs nothing, and knows no action of its own. Start with Read, Shipped and Playbook.Wants.
package playbook

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/respond"
)

//go:embed playbooks/*.yaml
var shipped embed.FS

// Playbook is what is wanted in one kind of case. It never changes and is safe for concurrent use.
type Playbook struct {
	Name  string
	About string
	when  cel.Program
	steps []step

	source file
}

type step struct {
	action string
	each   selector
	when   cel.Program    // nil: always
	only   respond.Target // the zero Target: every one
	why    string
	list   []string // of a task: what is to be done
}

// file is a playbook as it is written.
type file struct {
	Name  string     `yaml:"name"`
	About string     `yaml:"about,omitempty"`
	When  string     `yaml:"when"`
	Steps []fileStep `yaml:"steps"`
	From  []string   `yaml:"derived_from,omitempty"` // ids of the playbooks that it was made of
	Cacao *Origin    `yaml:"cacao,omitempty"`        // of one that was imported
}

// fileStep is an action on each of something, or a task for a person with a list of what is to be done.
type fileStep struct {
	Action string   `yaml:"action,omitempty"`
	Each   string   `yaml:"each,omitempty"`
	If     string   `yaml:"if,omitempty"`
	Only   string   `yaml:"only,omitempty"` // the one value that is meant; where the case does not name it, a person decides
	Task   string   `yaml:"task,omitempty"`
	List   []string `yaml:"list,omitempty"`
	Why    string   `yaml:"why,omitempty"`
}

// maxFile bounds a playbook's file, in bytes.
const maxFile = 1 << 20

// Read reads a playbook. name is that of its file, for messages.
func Read(name string, r io.Reader) (*Playbook, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	if err != nil {
		return nil, fmt.Errorf("playbook %s: %w", name, err)
	}
	p, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("playbook %s: %w", name, err)
	}
	return p, nil
}

func parse(text []byte) (*Playbook, error) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if f.Name == "" || f.When == "" || len(f.Steps) == 0 {
		return nil, errors.New("a playbook has a name, a condition (when) and steps")
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	if f.Cacao != nil && len(f.Cacao.Steps) != len(f.Steps) {
		return nil, fmt.Errorf("cacao: names %d steps of %d", len(f.Cacao.Steps), len(f.Steps))
	}
	p := &Playbook{Name: f.Name, About: f.About, source: f}
	if p.when, err = compile(env, f.When); err != nil {
		return nil, fmt.Errorf("when: %w", err)
	}
	for i := range f.Steps {
		one, err := f.Steps[i].compile(env)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		p.steps = append(p.steps, one)
	}
	return p, nil
}

// Bounds of a task: its items, a text that is taken over in characters, and one that is read in bytes.
const (
	maxItems = 64
	maxText  = 4000
	maxBytes = 8 * maxText
)

func (s *fileStep) compile(env *cel.Env) (one step, err error) {
	if s.Task != "" || len(s.List) > 0 {
		return s.task()
	}
	entry, ok := respond.Catalogue()[s.Action]
	if !ok || s.Action == respond.ManualStep {
		return one, fmt.Errorf("the catalogue has no action %q", s.Action)
	}
	each, ok := selectors[s.Each]
	if !ok || !slices.Contains(entry.Targets, each.kind) {
		return one, fmt.Errorf("%s is not done to each of %q", s.Action, s.Each)
	}
	one = step{action: s.Action, each: each, why: s.Why}
	if one.why == "" {
		return one, fmt.Errorf("%s has no why", s.Action)
	}
	if s.Only != "" {
		if one.only, err = (respond.Target{Type: each.kind, Value: s.Only}).Tidy(); err != nil {
			return one, fmt.Errorf("only: %w", err)
		}
	}
	if s.If != "" {
		if one.when, err = compile(env, s.If); err != nil {
			return one, fmt.Errorf("if: %w", err)
		}
	}
	return one, nil
}

func (s *fileStep) task() (one step, err error) {
	switch {
	case s.Action != "" || s.Each != "" || s.If != "" || s.Only != "":
		return one, errors.New("it is a task and an action: a task has a list only")
	case s.Task == "" || len(s.List) == 0 || len(s.List) > maxItems:
		return one, fmt.Errorf("a task has a name, and a list of up to %d", maxItems)
	}
	for _, text := range append([]string{s.Task, s.Why}, s.List...) {
		if len(text) > maxBytes {
			return one, fmt.Errorf("a text of a task is longer than %d bytes", maxBytes)
		}
	}
	if slices.ContainsFunc(s.List, func(text string) bool { return strings.TrimSpace(text) == "" }) {
		return one, errors.New("an item of the list is empty")
	}
	why := s.Task
	if s.Why != "" {
		why += ": " + s.Why
	}
	return step{action: respond.ManualStep, each: selectors["case"], why: why, list: slices.Clone(s.List)}, nil
}

// Shipped returns the playbooks that come along, sorted by name.
func Shipped() ([]*Playbook, error) {
	files, err := fs.Glob(shipped, "playbooks/*.yaml")
	if err != nil {
		return nil, err
	}
	var list []*Playbook
	for _, name := range files {
		text, err := shipped.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p, err := Read(path.Base(name), bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *Playbook) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
