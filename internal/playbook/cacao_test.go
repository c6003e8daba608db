package playbook_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/playbook"
)

var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// Every shipped playbook goes out as CACAO and comes back as itself, conditions and order included, and goes out the same again.
func TestPlaybooksTravelAsCACAO(t *testing.T) {
	t.Parallel()
	list, err := playbook.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	k := caseOf(t, doc)
	for _, p := range list {
		text, err := p.Export("maria", noon)
		if err != nil {
			t.Fatal(err)
		}
		q, err := playbook.Import(p.Name+".json", bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		was, _ := p.Wants(k)
		is, _ := q.Wants(k)
		fits, _ := p.Fits(k)
		fits2, _ := q.Fits(k)
		if q.Name != p.Name || q.About != p.About || fits != fits2 || !reflect.DeepEqual(was, is) {
			t.Errorf("%s came back as another", p.Name)
		}
		if again, err := q.Export("somebody else", noon.AddDate(1, 0, 0)); err != nil || !bytes.Equal(text, again) {
			t.Errorf("%s: %v\n%s\n%s", p.Name, err, text, again)
		}
		yml, err := q.YAML()
		if err != nil {
			t.Fatal(err)
		}
		r, err := playbook.Read("again.yaml", bytes.NewReader(yml))
		if err != nil {
			t.Fatalf("%v\n%s", err, yml)
		}
		if again, err := r.Export("", noon); err != nil || !bytes.Equal(text, again) {
			t.Errorf("%s, over YAML: %v\n%s", p.Name, err, again)
		}
	}
}

// exported is a document to change.
func exported(t testing.TB) map[string]any {
	t.Helper()
	p, err := playbook.Read("own.yaml", strings.NewReader("name: own\nabout: a test\nwhen: 'true'\nsteps:\n  - {action: isolate-host, each: hosts, why: it is there}\n  - {action: block-ip, each: ips, if: 'it.role == \"source\"', why: it comes from there}\n"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.Export("maria", noon)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// step finds a step of a kind; the first by what it is called.
func step(m map[string]any, kind string) (id string, s map[string]any) {
	for k, v := range m["workflow"].(map[string]any) {
		if strings.HasPrefix(k, kind+"--") && (id == "" || k < id) {
			id, s = k, v.(map[string]any)
		}
	}
	return id, s
}

// What is not supported is named, and nothing of it is taken.
func TestWhatIsNotSupportedIsRefusedByName(t *testing.T) {
	t.Parallel()
	const other = "--12345678-1234-4234-8234-123456789012"
	for name, row := range map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"another version":    {func(m map[string]any) { m["spec_version"] = "1.1" }, "no playbook of CACAO 2.0"},
		"a variable":         {func(m map[string]any) { m["playbook_variables"] = map[string]any{} }, `the member "playbook_variables" is not supported`},
		"a signature":        {func(m map[string]any) { m["signatures"] = []any{} }, `the member "signatures" is not supported`},
		"no time":            {func(m map[string]any) { m["created"] = "yesterday" }, `created: "yesterday" is no time in UTC`},
		"a time elsewhere":   {func(m map[string]any) { m["modified"] = "2026-03-03T12:00:00+01:00" }, "is no time in UTC"},
		"before it was made": {func(m map[string]any) { m["modified"] = "2025-03-03T12:00:00Z" }, "modified before it was created"},
		"no identifier":      {func(m map[string]any) { m["id"] = "playbook--1" }, `id: "playbook--1" is no identifier`},
		"an id of others":    {func(m map[string]any) { m["created_by"] = "playbook" + other }, "is no identifier of a identity"},
		"a branch": {func(m map[string]any) {
			m["workflow"].(map[string]any)["if-condition"+other] = map[string]any{"type": "if-condition", "name": "is it bad", "condition": "x", "on_true": "end" + other}
		}, `step if-condition` + other + ` ("is it bad"): a step of type if-condition is not supported`},
		"parallel": {func(m map[string]any) {
			m["workflow"].(map[string]any)["parallel"+other] = map[string]any{"type": "parallel", "next_steps": []any{}}
		}, "a step of type parallel is not supported"},
		"an ssh command": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"].([]any)[0].(map[string]any)["type"] = "ssh"
		}, "a command of type ssh is not supported"},
		"two commands": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"] = append(s["commands"].([]any), map[string]any{"type": "manual", "command": "and more"})
		}, "tells people something else"},
		"other words": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"].([]any)[0].(map[string]any)["command"] = "wipe it"
		}, "tells people something else"},
		"a time-out": {func(m map[string]any) {
			_, s := step(m, "action")
			s["timeout"] = 5
		}, `the member "timeout" is not supported`},
		"a foreign step": {func(m map[string]any) {
			_, s := step(m, "action")
			delete(s, "step_extensions")
		}, "which action of the catalogue it is, is not said"},
		"an unknown action": {func(m map[string]any) {
			_, s := step(m, "action")
			for _, e := range s["step_extensions"].(map[string]any) {
				e.(map[string]any)["action"] = "wipe"
			}
		}, "tells people something else"},
		"a dangling step": {func(m map[string]any) {
			_, s := step(m, "start")
			s["on_completion"] = "action" + other
		}, "step action" + other + ": the workflow has none of that name"},
		"a circle": {func(m map[string]any) {
			id, s := step(m, "action")
			s["on_completion"] = id
		}, "the workflow has none of that name"},
		"an unreached step": {func(m map[string]any) {
			id, _ := step(m, "end")
			_, s := step(m, "start")
			s["on_completion"] = id
		}, "2 steps are not reached"},
		"two agents": {func(m map[string]any) {
			m["agent_definitions"].(map[string]any)["ssh"+other] = map[string]any{"type": "ssh", "name": "host"}
		}, "2 agents"},
		"a machine as agent": {func(m map[string]any) {
			for id, a := range m["agent_definitions"].(map[string]any) {
				delete(m["agent_definitions"].(map[string]any), id)
				a.(map[string]any)["type"] = "linux"
				m["agent_definitions"].(map[string]any)["linux"+other] = a
			}
		}, "one group of people is"},
		"another extension": {func(m map[string]any) {
			m["playbook_extensions"].(map[string]any)["extension-definition"+other] = map[string]any{"when": "true"}
		}, "is not supported"},
		"an empty list":     {func(m map[string]any) { m["labels"] = []any{} }, "a list of types or labels is empty"},
		"another spelling":  {func(m map[string]any) { m["Name"] = m["name"]; delete(m, "name") }, "something in it would be lost"},
		"an empty about":    {func(m map[string]any) { m["description"] = "" }, "something in it would be lost"},
		"a bad condition":   {func(m map[string]any) { m["playbook_extensions"] = rewhen(m, "case.") }, "when: "},
		"nothing to decide": {func(m map[string]any) { m["playbook_extensions"] = rewhen(m, "") }, "a playbook has a name, a condition"},
	} {
		m := exported(t)
		row.change(m)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := playbook.Import("x.json", bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), row.want) || !strings.HasPrefix(err.Error(), "playbook x.json: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := playbook.Import("x.json", strings.NewReader(`{"type":"playbook","type":"playbook"}`)); err == nil || !strings.Contains(err.Error(), `"type" is there twice`) {
		t.Error(err)
	}
}

func rewhen(m map[string]any, when string) map[string]any {
	e := m["playbook_extensions"].(map[string]any)
	for _, v := range e {
		v.(map[string]any)["when"] = when
	}
	return e
}

// Whatever is taken in goes out as it came.
func FuzzWhatIsImportedComesBack(f *testing.F) {
	text, err := json.Marshal(exported(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), "a", "b")
	f.Add(string(text), `"why`, `"w\u0068y`)
	f.Add(string(text), "12:00:00.000Z", "12:00:00Z")
	f.Add(string(text), "it is there", "it & <is> \\u2028 there")
	f.Fuzz(func(t *testing.T, text, from, to string) {
		text = strings.ReplaceAll(text, from, to)
		p, err := playbook.Import("x.json", strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := p.Export("", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		var was, is any
		if err := json.Unmarshal([]byte(text), &was); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &is); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(was, is) {
			t.Errorf("%s\ncame back as\n%s", text, again)
		}
	})
}
