package playbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

// Import reads a document of CACAO 2.0. One that this program wrote comes back as it went. Of any other the notes say what is not carried
// over as it is; it asks for nothing that a playbook written here could not ask for.
func Import(name string, r io.Reader) (p *Playbook, notes []string, err error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	if err == nil {
		err = sound(text)
	}
	if err == nil {
		if p, err = fromOwn(text); err != nil {
			p, notes, err = fromElsewhere(text)
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("playbook %s: %w", name, err)
	}
	return p, notes, nil
}

// sound refuses what is no JSON, or has a member twice: two readers would see two documents.
func sound(text []byte) error {
	switch key, err := doubled(json.NewDecoder(bytes.NewReader(text))); {
	case err != nil:
		if wrong := (*json.SyntaxError)(nil); errors.As(err, &wrong) {
			return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:min(int(wrong.Offset), len(text))], []byte("\n")), err)
		}
		return err
	case key != "":
		return fmt.Errorf("the member %q is there twice", key)
	}
	return nil
}

// fromOwn reads what Export wrote.
func fromOwn(text []byte) (*Playbook, error) {
	f, err := fromCACAO(text)
	if err != nil {
		return nil, err
	}
	p, err := f.read()
	if err != nil {
		return nil, err
	}
	return p, errors.Join(p.comesBackAs(text), inert(text))
}

// inert refuses a document with characters that a terminal would obey, or that nobody can see.
func inert(text []byte) error {
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		return err
	}
	var look func(v any) bool
	look = func(v any) bool {
		switch v := v.(type) {
		case string:
			plain := strings.NewReplacer("\n", "", "\t", "").Replace(v)
			return term.Clean(plain) != plain
		case []any:
			return slices.ContainsFunc(v, look)
		case map[string]any:
			for name, one := range v {
				if look(name) || look(one) {
					return true
				}
			}
		}
		return false
	}
	if look(doc) {
		return errors.New("it has characters that nobody can see")
	}
	return nil
}

func fromElsewhere(text []byte) (*Playbook, []string, error) {
	f, notes, err := fromOthers(text)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.read()
	return p, notes, err
}

// read makes a playbook by way of the file that it would be.
func (f *file) read() (*Playbook, error) {
	yml, err := yaml.Marshal(f)
	if err != nil {
		return nil, err
	}
	return parse(yml)
}

// comesBackAs refuses a document that would not be exported as it is: whatever was overlooked would be lost.
func (p *Playbook) comesBackAs(text []byte) error {
	again, err := p.Export("", time.Time{})
	if err != nil {
		return err
	}
	var was, is any
	if err := errors.Join(json.Unmarshal(text, &was), json.Unmarshal(again, &is)); err != nil {
		return err
	}
	if !reflect.DeepEqual(was, is) {
		return errors.New("something in it would be lost: it is spelled otherwise than the specification does, or empty")
	}
	return nil
}

// doubled names a key that an object of the document has twice.
func doubled(d *json.Decoder) (key string, err error) {
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return "", nil
	}
	met := map[string]bool{}
	for d.More() {
		if open == '{' {
			t, err := d.Token()
			if err != nil {
				return "", err
			}
			name, _ := t.(string)
			if met[name] {
				return name, nil
			}
			met[name] = true
		}
		if key, err := doubled(d); key != "" || err != nil {
			return key, err
		}
	}
	_, err = d.Token()
	return "", err
}

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9-]+[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)
	timestamp  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$`)
)

// strictly decodes one value in which nothing is unknown.
func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if what, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return fmt.Errorf("the member %s is not supported", what)
		}
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	return nil
}

// fromCACAO walks the workflow from its start to its end.
func fromCACAO(text []byte) (*file, error) {
	var b cacaoBook
	if err := strictly(text, &b); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	f := &file{Name: b.Name, About: b.Description, From: b.Derived, When: b.Extensions[extension].When, Cacao: &Origin{
		ID: b.ID, CreatedBy: b.CreatedBy, Created: b.Created, Modified: b.Modified, Types: b.Types, Labels: b.Labels, Start: b.Start,
	}}
	for id, a := range b.Agents {
		f.Cacao.Agent, f.Cacao.AgentName = id, a.Name
	}
	next := b.Start
	for range len(b.Workflow) {
		raw, ok := b.Workflow[next]
		if !ok {
			return nil, fmt.Errorf("step %s: the workflow has none of that name", next)
		}
		delete(b.Workflow, next)
		var s cacaoStep
		if err := strictly(raw, &s); err != nil {
			return nil, fmt.Errorf("step %s: %w", next, err)
		}
		if !identifier.MatchString(next) || !strings.HasPrefix(next, s.Type+"--") {
			return nil, fmt.Errorf("step %s: that is no identifier of a step of type %s", next, s.Type)
		}
		if err := f.take(next, &s); err != nil {
			return nil, err
		}
		if next = s.OnCompletion; s.Type == "end" {
			if len(b.Workflow) > 0 {
				return nil, fmt.Errorf("%d steps are not reached from the start", len(b.Workflow))
			}
			return f, nil
		}
	}
	return nil, errors.New("the workflow has no end")
}

// take adds one step of the workflow.
func (f *file) take(id string, s *cacaoStep) error {
	e, has := s.Extensions[extension]
	switch {
	case s.Type == "start":
		if id != f.Cacao.Start || !same(s, &cacaoStep{Type: "start", OnCompletion: s.OnCompletion}) {
			return fmt.Errorf("step %s: a start only says what comes next", id)
		}
		return nil
	case s.Type == "end":
		f.Cacao.End = id
		if !same(s, &cacaoStep{Type: "end"}) {
			return fmt.Errorf("step %s: an end says nothing", id)
		}
		return nil
	case !has || len(s.Extensions) != 1:
		return fmt.Errorf("step %s (%q): which action of the catalogue it is, is not said", id, s.Name)
	}
	step := fileStep{Action: e.Action, Each: e.Each, If: e.If, Only: e.Only, Why: s.Description}
	if e.Action == respond.ManualStep {
		step = fileStep{Task: s.Name, Why: s.Description}
		for _, c := range s.Commands {
			step.List = append(step.List, c.Command)
		}
	}
	if want := step.cacao(f.Cacao.Agent, s.OnCompletion); !same(s, &want) {
		return fmt.Errorf("step %s (%q): it tells people something else than this program (%q)", id, s.Name, step.words())
	}
	f.Steps, f.Cacao.Steps = append(f.Steps, step), append(f.Cacao.Steps, id)
	return nil
}

func same(a, b *cacaoStep) bool {
	x, err := encode(a)
	y, err2 := encode(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}
