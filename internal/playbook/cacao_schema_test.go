package playbook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/seed-959697dd/soc/internal/playbook"
)

const schemaRoot = "https://raw.githubusercontent.com/oasis-open/cacao-json-schemas/main/schemas/"

// official is the schema of OASIS for a playbook: as draft 7, which it says it is and which knows no unevaluatedProperties; or strict, as
// the draft that does, so that what is not listed is refused. Of what others build on it would then refuse all that they add: that stays open.
func official(t *testing.T, strict bool) *jsonschema.Resolved {
	t.Helper()
	text, err := os.ReadFile("testdata/cacao-2.0/schemas.json")
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]json.RawMessage
	if err := json.Unmarshal(text, &files); err != nil {
		t.Fatal(err)
	}
	read := func(name string) (*jsonschema.Schema, error) {
		raw, ok := files[name]
		if !ok {
			return nil, fmt.Errorf("no schema %s", name)
		}
		if !strict {
			raw = bytes.ReplaceAll(raw, []byte(`"unevaluatedProperties":false`), []byte(`"$comment":""`))
		}
		var s jsonschema.Schema
		err := json.Unmarshal(raw, &s)
		if strict {
			s.Schema = ""
			if name == "commands/command-data.json" || strings.HasPrefix(name, "agent-target/agent") || name == "workflows/workflow-step.json" {
				s.UnevaluatedProperties = nil
			}
		}
		return &s, err
	}
	book, err := read("playbook.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := book.Resolve(&jsonschema.ResolveOptions{Loader: func(u *url.URL) (*jsonschema.Schema, error) { return read(strings.TrimPrefix(u.String(), schemaRoot)) }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is exported, of the shipped playbooks and of those that others wrote, is valid by the official schema.
func TestExportsAreValidCACAO(t *testing.T) {
	t.Parallel()
	list, err := playbook.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"editor.json", "orchestrator.json"} {
		p, _, err := playbook.Import(name, bytes.NewReader(sample(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	for _, strict := range []bool{false, true} {
		schema := official(t, strict)
		for _, p := range list {
			text, err := p.Export("maria", noon)
			if err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := json.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s, strict %t: %v", p.Name, strict, err)
			}
			delete(doc, "created_by")
			if schema.Validate(doc) == nil {
				t.Errorf("%s: valid without its author: the schema holds nothing", p.Name)
			}
		}
	}
}
