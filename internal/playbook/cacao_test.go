package playbook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/playbook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
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
		q, notes, err := playbook.Import(p.Name+".json", bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if notes != nil {
			t.Errorf("%s: %q", p.Name, notes)
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

const other = "--12345678-1234-4234-8234-123456789012"

// What cannot be read is an error that names the place, and nothing of it is taken.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"another version": {func(m map[string]any) { m["spec_version"] = "1.1" }, "no playbook of CACAO 2.0"},
		"no identifier":   {func(m map[string]any) { m["id"] = "playbook--1" }, `id: "playbook--1" is no identifier`},
		"no name":         {func(m map[string]any) { m["name"] = "" }, "name: it has none"},
		"revoked":         {func(m map[string]any) { m["revoked"] = true }, "revoked: "},
		"a list":          {func(m map[string]any) { m["workflow"] = []any{} }, "workflow: it is of type array, which does not belong there"},
		"no list": {func(m map[string]any) {
			id, s := step(m, "action")
			s["commands"] = "block it"
			m["workflow"].(map[string]any)[id] = s
		}, ".commands: it is of type string, which does not belong there"},
		"a step of no name": {func(m map[string]any) { m["workflow"].(map[string]any)["one"] = map[string]any{} }, `workflow: "one" is no identifier of a step`},
		"no start":          {func(m map[string]any) { m["workflow_start"] = "start" + other }, "workflow_start: the workflow has no step start" + other},
		"a dangling step": {func(m map[string]any) {
			_, s := step(m, "start")
			s["on_completion"] = "action" + other
		}, ".on_completion: the workflow has no step action" + other},
		"a dangling branch": {func(m map[string]any) {
			_, s := step(m, "start")
			s["next_steps"] = []any{"action" + other}
		}, ".next_steps[0]: the workflow has no step action" + other},
		"a circle": {func(m map[string]any) {
			id, s := step(m, "action")
			s["on_completion"] = id
		}, `("isolate-host hosts"), in a circle`},
		"nothing to do": {func(m map[string]any) {
			m["workflow"] = map[string]any{"end" + other: map[string]any{"type": "end"}}
			m["workflow_start"] = "end" + other
		}, "nothing in it is to be done"},
		"too many steps": {func(m map[string]any) {
			for i := range 600 {
				m["workflow"].(map[string]any)[fmt.Sprintf("end--12345678-1234-4234-8234-%012x", i)] = map[string]any{"type": "end"}
			}
		}, "workflow: 604 steps, and at most 500 are read"},
		"a bad condition": {func(m map[string]any) { m["name"] = "mine"; m["playbook_extensions"] = rewhen(m, "case.") }, "when: "},
	} {
		m := exported(t)
		row.change(m)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := playbook.Import("x.json", bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), row.want) || !strings.HasPrefix(err.Error(), "playbook x.json: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, want := range map[string]string{
		`{"type":"playbook","type":"playbook"}`: `"type" is there twice`, "{\n\n\"a\" 1}": "line 3: ", "": "EOF", "[]": "the document: it is of type array", strings.Repeat(" ", 2<<20): "more than 1048576 bytes",
		strings.Repeat(`{"a":`, 20000): "x.json: ",
	} {
		if _, _, err := playbook.Import("x.json", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// A document of this program that somebody changed is read as one of theirs: what still says exactly what is done stays an action, the
// rest is a person's.
func TestWhatIsNotExactlyAnActionIsAPersonsTask(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change        func(map[string]any)
		actions, says string
	}{
		"an exception that is not there": {func(m map[string]any) { m["workflow_exception"] = "end" + other }, "isolate-host block-ip", ""},
		"a label more":                   {func(m map[string]any) { m["industry_sectors"] = []any{"x"} }, "isolate-host block-ip", ""},
		"other words": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"].([]any)[0].(map[string]any)["command"] = "wipe it"
		}, "block-ip", "wipe it"},
		"another action": {func(m map[string]any) {
			_, s := step(m, "action")
			for _, e := range s["step_extensions"].(map[string]any) {
				e.(map[string]any)["action"] = "disable-account"
			}
		}, "block-ip", "isolate-host: each of the case's hosts"},
		"a command for a program": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"].([]any)[0].(map[string]any)["type"] = "ssh"
		}, "block-ip", "ssh:\nisolate-host: each of the case's hosts"},
		"a command more": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"] = append(s["commands"].([]any), map[string]any{"type": "manual", "command": "and more"})
		}, "block-ip", "and more"},
		"a wait": {func(m map[string]any) {
			_, s := step(m, "action")
			s["delay"] = 1500
		}, "block-ip", "wait 1.5s before it"},
		"under a condition": {func(m map[string]any) {
			_, start := step(m, "start")
			m["workflow"].(map[string]any)["if-condition"+other] = map[string]any{"type": "if-condition", "name": "is it bad", "condition": "__bad__:value = 1", "on_true": start["on_completion"]}
			start["on_completion"] = "if-condition" + other
		}, "", `only if "__bad__:value = 1" (is it bad)`},
		"what nothing leads to": {func(m map[string]any) {
			_, s := step(m, "start")
			id, _ := step(m, "end")
			s["on_completion"] = id
		}, "", "nothing in the playbook leads to it"},
		"text that a terminal obeys": {func(m map[string]any) {
			_, s := step(m, "action")
			s["commands"].([]any)[0].(map[string]any)["command"] = "a\u202eb\x1b[31m"
		}, "block-ip", `a\u202eb\x1b[31m`},
	} {
		m := exported(t)
		row.change(m)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		p, notes, err := playbook.Import("x.json", bytes.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		actions, says := asked(t, p)
		if actions != row.actions || !strings.Contains(says, row.says) || len(notes) == 0 {
			t.Errorf("%s: actions %q, tasks %q, notes %q", name, actions, says, notes)
		}
	}
}

// asked is what a playbook asks of machines and of people in a case that has one of each.
func asked(t testing.TB, p *playbook.Playbook) (actions, says string) {
	t.Helper()
	k, err := playbook.ReadCase([]byte(`{"id":"c-1","verdicts":[{"alert":{"id":"a","entities":[{"type":"host","value":"ws-1"}]}}],"indicators":[{"type":"ip","value":"9.9.9.9","role":"source"},{"type":"ip","value":"198.51.100.7","role":"target"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	wants, _ := p.Wants(k)
	var names []string
	for _, w := range wants {
		if w.Action == respond.ManualStep {
			says += strings.Join(append([]string{w.Why}, w.Steps...), "\n") + "\n"
		} else {
			names = append(names, w.Action)
		}
	}
	return strings.Join(names, " "), says
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "respond", "cacao", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Playbooks as an editor and an orchestrator write them: every word for people arrives, no secret, and one action, which nothing bars.
func TestPlaybooksOfOthers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		actions     string
		says, never []string
	}{
		"editor.json": {"block-ip", []string{
			"open the message of __sender__:value\nand look at Received", "by first line (group)", "__sender__ has no value yet: who sent it", "within 10m0s", "sigma, to find who clicked:\ntitle: clicked",
			"decide whether this holds: __entered__:value = 'true'", `true: go on with "Block the page"`, `only if "__entered__:value = 'true'" (Were credentials entered)`, "login.evil.test",
			`only if not "__entered__:value = 'true'"`, "(whether it is done is for a person to decide)",
		}, []string{"SECRET"}},
		"orchestrator.json": {"", []string{
			"ssh:\nss -tnp", "on jump host (ssh, 192.0.2.4)", `only if "List connections" succeeds`, `only if "List connections" fails`, `bash:` + "\n" + `systemctl stop \x1b]0;owned\x07beacon`,
			"powershell:\nGet-Process | ? Name -eq beacon", "with the headers X-Key (their values stand in the document)", "yara:\nrule a", "jupyter:", "elastic:", "kestrel:", "caldera-cmd:", "attack-cmd:\nT1071",
			"something-new:", "(2 bytes that are no text: they stand in the document)", "run the playbook playbook--00000999", "find out the value of __severity__:value", `high: go on with "Call"`,
			`again and again, while "__connections__:value > 0"`, "wait 5s before it", "nothing in the playbook leads to it", "note for later steps: __soarca_ssh_result__",
		}, []string{"SECRET", "\x1b"}},
	} {
		p, notes, err := playbook.Import(name, bytes.NewReader(sample(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		actions, says := asked(t, p)
		if actions != row.actions {
			t.Errorf("%s: %q", name, actions)
		}
		for _, want := range row.says {
			if !strings.Contains(says, want) {
				t.Errorf("%s lacks %q in\n%s", name, want, says)
			}
		}
		yml, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range row.never {
			if all := says + string(yml) + strings.Join(notes, "\n"); strings.Contains(all, secret) {
				t.Errorf("%s tells %q:\n%s", name, secret, all)
			}
		}
	}
}

// What a playbook names and the case does not is no action: a person decides.
func TestOnlyWhatTheCaseNames(t *testing.T) {
	t.Parallel()
	p, err := playbook.Read("x.yaml", strings.NewReader("name: x\nwhen: 'true'\nsteps:\n  - {action: block-ip, each: ips, only: 9.9.9.9/32, why: w}\n  - {action: block-ip, each: ips, only: 8.8.8.8, why: w}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if actions, says := asked(t, p); actions != "block-ip" || !strings.Contains(says, "block-ip 8.8.8.8, which the case does not name") || strings.Contains(says, "9.9.9.9") {
		t.Errorf("%q %q", actions, says)
	}
	for _, bad := range []string{"{action: block-ip, each: ips, only: 9.0.0.0/8, why: w}", "{task: t}", "{task: t, list: ['']}", "{task: t, list: [a], action: block-ip}", "{action: manual-step, each: case, why: w}", "{list: [a]}"} {
		if _, err := playbook.Read("x.yaml", strings.NewReader("name: x\nwhen: 'true'\nsteps: ["+bad+"]")); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func rewhen(m map[string]any, when string) map[string]any {
	e := m["playbook_extensions"].(map[string]any)
	for _, v := range e {
		v.(map[string]any)["when"] = when
	}
	return e
}

// Whatever is taken in goes out as a document that comes back as the same; it can be written as a playbook of one's own; and no terminal
// obeys it.
func FuzzWhatIsImportedComesBack(f *testing.F) {
	text, err := json.Marshal(exported(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), "a", "b")
	f.Add(string(text), `"why`, `"w\u0068y`)
	f.Add(string(text), "12:00:00.000Z", "12:00:00Z")
	f.Add(string(text), "it is there", "it & <is> \\u2028 \\u001b[31m there")
	f.Add(string(sample(f, "editor.json")), "manual", "\\u202ebash")
	f.Add(string(sample(f, "editor.json")), "on_completion", "on_success")
	f.Add(string(sample(f, "orchestrator.json")), "action--00000112", "action--00000110")
	f.Add(string(sample(f, "orchestrator.json")), "203.0.113.9", "\\u0000")
	f.Fuzz(func(t *testing.T, text, from, to string) {
		if from != "" && len(text) < 1<<16 && len(to) < 1<<10 {
			text = strings.ReplaceAll(text, from, to)
		}
		p, notes, err := playbook.Import("x.json", strings.NewReader(text))
		if err != nil {
			return
		}
		once, err := p.Export("maria", noon)
		if err != nil {
			t.Fatal(err)
		}
		q, more, err := playbook.Import("x.json", bytes.NewReader(once))
		if err != nil || more != nil {
			t.Fatalf("%v, %q\n%s", err, more, once)
		}
		if again, err := q.Export("somebody else", noon.AddDate(1, 0, 0)); err != nil || !bytes.Equal(once, again) {
			t.Errorf("%v\n%s\ncame back as\n%s", err, once, again)
		}
		yml, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := playbook.Read("x.yaml", bytes.NewReader(yml)); err != nil {
			t.Errorf("%v\n%s", err, yml)
		}
		for line := range strings.Lines(string(yml) + strings.Join(notes, "\n")) {
			if line = strings.TrimSuffix(line, "\n"); term.Clean(line) != line {
				t.Errorf("%q", line)
			}
		}
		actions, _ := asked(t, p)
		for name := range strings.FieldsSeq(actions) {
			if _, ok := respond.Catalogue()[name]; !ok {
				t.Errorf("the catalogue has no %s", name)
			}
		}
	})
}
