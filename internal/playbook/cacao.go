package playbook

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 9562 makes identifiers of names by SHA-1; nothing rests on it
	"encoding/json"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/respond"
)

// A playbook travels as one of CACAO 2.0: a start, one action step after the other, an end. A step's command is manual, in words: what
// another program shows to people. What this program does with it (action, each, if, when) stands in an extension, so that it comes back
// as it went. Source: OASIS, CACAO Security Playbooks Version 2.0, sections 3 to 10.

// Origin is what a playbook keeps of the document it came from, so that it goes back as the same one.
type Origin struct {
	ID        string   `yaml:"id"`
	CreatedBy string   `yaml:"created_by"`
	Created   string   `yaml:"created"`
	Modified  string   `yaml:"modified"`
	Types     []string `yaml:"types,omitempty"`
	Labels    []string `yaml:"labels,omitempty"`
	Start     string   `yaml:"start"`
	End       string   `yaml:"end"`
	Steps     []string `yaml:"steps"`
	Agent     string   `yaml:"agent"`
	AgentName string   `yaml:"agent_name"`
}

type cacaoBook struct {
	Type        string                     `json:"type"`
	SpecVersion string                     `json:"spec_version"`
	ID          string                     `json:"id"`
	Name        string                     `json:"name"`
	Description string                     `json:"description,omitempty"`
	Types       []string                   `json:"playbook_types,omitempty"`
	CreatedBy   string                     `json:"created_by"`
	Created     string                     `json:"created"`
	Modified    string                     `json:"modified"`
	Derived     []string                   `json:"derived_from,omitempty"`
	Labels      []string                   `json:"labels,omitempty"`
	Start       string                     `json:"workflow_start"`
	Workflow    map[string]json.RawMessage `json:"workflow"`
	Extensions  map[string]bookExtension   `json:"playbook_extensions"`
	Agents      map[string]cacaoAgent      `json:"agent_definitions"`
	Definitions map[string]cacaoDefinition `json:"extension_definitions"`
}

type cacaoAgent struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type cacaoDefinition struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	CreatedBy   string `json:"created_by"`
	Schema      string `json:"schema"`
	Version     string `json:"version"`
}

type cacaoStep struct {
	Type         string                   `json:"type"`
	Name         string                   `json:"name,omitempty"`
	Description  string                   `json:"description,omitempty"`
	OnCompletion string                   `json:"on_completion,omitempty"`
	Commands     []cacaoCommand           `json:"commands,omitempty"`
	Agent        string                   `json:"agent,omitempty"`
	Extensions   map[string]stepExtension `json:"step_extensions,omitempty"`
}

type cacaoCommand struct {
	Type    string `json:"type"`
	Command string `json:"command"`
}

type bookExtension struct {
	When string `json:"when"`
}

type stepExtension struct {
	Action string `json:"action"`
	Each   string `json:"each,omitempty"`
	If     string `json:"where,omitempty"` // names of an extension have three letters at least
	Only   string `json:"only,omitempty"`
}

// extension is the id under which this program's members stand. It never changes.
const extension = "extension-definition--8a3c6e0e-6a55-5d5b-9f0a-5f7b3a1c7c52"

func definition(by string) cacaoDefinition {
	return cacaoDefinition{
		Type: "extension-definition", Name: "soc playbook", Description: "conditions in CEL over a case of soc, and actions of its response catalogue", CreatedBy: by,
		Schema: "https://github.com/seed-959697dd/soc/docs/guide/respond.md", Version: "1",
	}
}

// named makes an identifier of a name: the same name, the same identifier. Source: RFC 9562, version 5.
func named(kind, name string) string {
	space := []byte("soc playbook\x00" + kind + "\x00")
	sum := sha1.Sum(append(space, name...)) //nolint:gosec // see above
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return fmt.Sprintf("%s--%x-%x-%x-%x-%x", kind, u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// words are what a step asks of a person, for programs that do not know the extension.
func (s *fileStep) words() string {
	text := s.Action + ": each of the case's " + s.Each
	if s.If != "" {
		text += ", where " + s.If
	}
	if s.Only != "" {
		text += ", only " + s.Only
	}
	return text
}

// cacao is the step as one of CACAO 2.0, carried out by agent, before next.
func (s *fileStep) cacao(agent, next string) cacaoStep {
	c := cacaoStep{Type: "action", Description: s.Why, OnCompletion: next, Agent: agent}
	if s.Task == "" {
		c.Name, c.Commands = s.Action+" "+s.Each, []cacaoCommand{{"manual", s.words()}}
		c.Extensions = map[string]stepExtension{extension: {s.Action, s.Each, s.If, s.Only}}
		return c
	}
	c.Name, c.Extensions = s.Task, map[string]stepExtension{extension: {Action: respond.ManualStep}}
	for _, item := range s.List {
		c.Commands = append(c.Commands, cacaoCommand{"manual", item})
	}
	return c
}

// origin is that of the playbook, or one made of its name for who exports it now.
func (f *file) origin(by string, now time.Time) Origin {
	if f.Cacao != nil {
		return *f.Cacao
	}
	at := now.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	o := Origin{
		ID: named("playbook", f.Name), CreatedBy: named("identity", by), Created: at, Modified: at, Types: []string{"mitigation"},
		Start: named("start", f.Name), End: named("end", f.Name), Agent: named("group", f.Name), AgentName: "whoever responds",
	}
	for i := range f.Steps {
		o.Steps = append(o.Steps, named("action", fmt.Sprintf("%s %d", f.Name, i+1)))
	}
	return o
}

// Export returns the playbook as a document of CACAO 2.0. by and now are who made it and when, where it does not say so itself.
func (p *Playbook) Export(by string, now time.Time) ([]byte, error) {
	f := &p.source
	o := f.origin(by, now)
	book := cacaoBook{
		Type: "playbook", SpecVersion: "cacao-2.0", ID: o.ID, Name: f.Name, Description: f.About, Types: o.Types, CreatedBy: o.CreatedBy, Created: o.Created, Modified: o.Modified, Derived: f.From,
		Labels: o.Labels, Start: o.Start, Workflow: map[string]json.RawMessage{}, Extensions: map[string]bookExtension{extension: {f.When}},
		Agents: map[string]cacaoAgent{o.Agent: {"group", o.AgentName}}, Definitions: map[string]cacaoDefinition{extension: definition(o.CreatedBy)},
	}
	put := func(id string, s cacaoStep) error {
		text, err := encode(s)
		book.Workflow[id] = text
		return err
	}
	if err := put(o.Start, cacaoStep{Type: "start", OnCompletion: o.Steps[0]}); err != nil {
		return nil, err
	}
	for i := range f.Steps {
		s, next := &f.Steps[i], o.End
		if i+1 < len(f.Steps) {
			next = o.Steps[i+1]
		}
		if err := put(o.Steps[i], s.cacao(o.Agent, next)); err != nil {
			return nil, err
		}
	}
	if err := put(o.End, cacaoStep{Type: "end"}); err != nil {
		return nil, err
	}
	text, err := encode(book)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// encode is JSON in which conditions stay readable.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// YAML is the playbook as Read reads it.
func (p *Playbook) YAML() ([]byte, error) { return yaml.Marshal(&p.source) }
