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
	when   cel.Program // nil: always
	why    string
}

// file is a playbook as it is written.
type file struct {
	Name  string     `yaml:"name"`
	About string     `yaml:"about,omitempty"`
	When  string     `yaml:"when"`
	Steps []fileStep `yaml:"steps"`
	Cacao *Origin    `yaml:"cacao,omitempty"` // of one that was imported
}

type fileStep struct {
	Action string `yaml:"action"`
	Each   string `yaml:"each"`
	If     string `yaml:"if,omitempty"`
	Why    string `yaml:"why"`
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
	all := respond.Catalogue()
	for i, s := range f.Steps {
		entry, ok := all[s.Action]
		if !ok {
			return nil, fmt.Errorf("step %d: the catalogue has no action %q", i+1, s.Action)
		}
		each, ok := selectors[s.Each]
		if !ok || !slices.Contains(entry.Targets, each.kind) {
			return nil, fmt.Errorf("step %d: %s is not done to each of %q", i+1, s.Action, s.Each)
		}
		one := step{action: s.Action, each: each, why: s.Why}
		if one.why == "" {
			return nil, fmt.Errorf("step %d: %s has no why", i+1, s.Action)
		}
		if s.If != "" {
			if one.when, err = compile(env, s.If); err != nil {
				return nil, fmt.Errorf("step %d: if: %w", i+1, err)
			}
		}
		p.steps = append(p.steps, one)
	}
	return p, nil
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
