package prompt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/prompt"
)

const attack = `{"id":"a1","rule":{"name":"Shadow copies deleted"},"host":{"name":"ws-12"},"user":{"name":"alice"},"source":{"ip":"10.1.2.3"},` +
	`"process":{"command_line":"vssadmin.exe delete shadows /all /quiet"},"event":{"kind":"alert"}}`

func TestNeighboursShareThePrefix(t *testing.T) {
	t.Parallel()
	c := composer(t, prompt.Settings{})
	about := prompt.About{Policy: "Backups run at night.", Estate: []string{"b is a server", "a is a workstation", "a is a workstation"}, Rule: []string{"3 of 40 were attacks"}}
	for _, remote := range []bool{false, true} {
		one, err := c.Ask(parse(t, attack), about, remote)
		if err != nil {
			t.Fatal(err)
		}
		about.Estate = []string{"a is a workstation", "b is a server"}
		two, err := c.Ask(parse(t, strings.ReplaceAll(attack, "ws-12", "ws-13")), about, remote)
		if err != nil {
			t.Fatal(err)
		}
		if one.Request.System != two.Request.System || one.Request.Shared != two.Request.Shared {
			t.Errorf("two alerts do not share what stands before the alert (remote %t)", remote)
		}
		for _, mark := range []string{"ws-1", "alice", "vssadmin.exe delete shadows /all /quiet <"} {
			if strings.Contains(one.Request.System+one.Request.Shared, mark) {
				t.Errorf("%q of the alert stands in the shared part", mark)
			}
		}
		if one.Request.Alert == two.Request.Alert || one.Request.Key == two.Request.Key {
			t.Error("two alerts make one question")
		}
		order := []string{"# How to answer", "JSON Schema", "# Examples", "Backups run", "a is a workstation", "b is a server", "3 of 40"}
		at := -1
		for _, s := range order {
			i := strings.Index(one.Request.Shared, s)
			if i <= at {
				t.Errorf("%q stands at %d, before what should precede it at %d", s, i, at)
			}
			at = i
		}
	}
}

func TestTheKeyNamesTheQuestionOnly(t *testing.T) {
	t.Parallel()
	ask := func(key, raw string, about prompt.About, remote bool) prompt.Request {
		q, err := composer(t, prompt.Settings{Key: []byte(key)}).Ask(parse(t, raw), about, remote)
		if err != nil {
			t.Fatal(err)
		}
		return q.Request
	}
	const k1, k2 = "the key of the first machine ...", "the key of the second machine .."
	a, b := ask(k1, attack, prompt.About{}, false), ask(k2, attack, prompt.About{}, false)
	if a.Key != b.Key {
		t.Error("the machine's key is part of the question's")
	}
	if a.Alert == b.Alert || a.System == b.System {
		t.Error("two machines have the same marks")
	}
	if one, two := composer(t, prompt.Settings{Key: []byte(k1)}).Digest(), composer(t, prompt.Settings{Key: []byte(k2)}).Digest(); one != two || len(one) != 71 {
		t.Errorf("one prompt has the digests %s and %s", one, two)
	}
	seen := map[prompt.Key]string{a.Key: "plain"}
	for name, r := range map[string]prompt.Request{
		"redacted": ask(k1, attack, prompt.About{}, true), "redacted under another key": ask(k2, attack, prompt.About{}, true),
		"policy": ask(k1, attack, prompt.About{Policy: "x"}, false), "rule": ask(k1, attack, prompt.About{Rule: []string{"x"}}, false),
		"alert": ask(k1, strings.Replace(attack, "quiet", "quieT", 1), prompt.About{}, false),
	} {
		if other, ok := seen[r.Key]; ok {
			t.Errorf("%s and %s have one key", name, other)
		}
		seen[r.Key] = name
	}
	if again := ask(k1, attack, prompt.About{}, false); again.Key != a.Key || again.Alert != a.Alert {
		t.Error("the same question is put in two ways")
	}
}

func TestALargeAlertIsCutByValue(t *testing.T) {
	t.Parallel()
	c := composer(t, prompt.Settings{MaxAlert: 6000})
	var filler strings.Builder
	for i := range 500 {
		fmt.Fprintf(&filler, `"z%03d":"%s",`, i, strings.Repeat("é", 40))
	}
	command := "cmd.exe /c start " + strings.Repeat("ü0123456789 ", 3000) + " the-end"
	raw := `{` + filler.String() + `"rule":{"name":"Long"},"host":{"name":"ws-12"},"process":{"command_line":"` + command + `"},"event":{"kind":"alert"}}`
	for _, remote := range []bool{false, true} {
		q, err := c.Ask(parse(t, raw), prompt.About{}, remote)
		if err != nil {
			t.Fatal(err)
		}
		rows := block(t, q.Request.Alert)
		var cut []any
		for _, r := range rows {
			if r[0] == "process.command_line" {
				cut = r
			}
		}
		if len(cut) != 5 || !strings.HasPrefix(cut[2].(string), "cmd.exe /c start") || !strings.HasSuffix(cut[4].(string), "the-end") {
			t.Fatalf("the command line is shown as %.300q", cut)
		}
		if q.Left.Values == 0 || q.Left.Bytes < 30_000 {
			t.Errorf("what was left out: %+v", q.Left)
		}
		if g, ok := q.Left.Gap("m"); !ok || !strings.Contains(g.Reason, "was not shown") {
			t.Errorf("no gap says so: %+v", g)
		}
		if n := len(q.Request.Alert); n > 8000 {
			t.Errorf("%d bytes are sent", n)
		}
		if strings.Contains(q.Request.Alert, "�") {
			t.Error("a character was cut")
		}
		citeAll(t, q, [][]any{{cut[0], "", cut[2].(string)[:100]}, {cut[0], "", cut[4].(string)}})
	}
	q, err := c.Ask(parse(t, attack), prompt.About{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := q.Left.Gap("m"); ok || q.Left.Sentence() != "" {
		t.Errorf("a small alert was cut: %+v", q.Left)
	}
}

func TestASecretIsNotCutInTwo(t *testing.T) {
	t.Parallel()
	c := composer(t, prompt.Settings{})
	secret := "ghp_" + strings.Repeat("aB3dE5", 6)
	for at := 2200; at < 2400; at += 7 {
		command := strings.Repeat("x ", at/2) + secret + strings.Repeat(" y", 2000)
		q, err := c.Ask(parse(t, `{"process":{"command_line":"`+command+`"},"event":{"kind":"alert"},"host":{"name":"h1"}}`), prompt.About{}, true)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(q.Request.Alert, secret[:8]) {
			t.Fatalf("the beginning of a secret at %d is sent", at)
		}
	}
}

func TestTheSchemaIsStrict(t *testing.T) {
	t.Parallel()
	q, err := composer(t, prompt.Settings{}).Ask(parse(t, attack), prompt.About{}, false)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Required             []string `json:"required"`
		AdditionalProperties *bool    `json:"additionalProperties"`
		Properties           map[string]struct {
			Enum  []string `json:"enum"`
			Items struct {
				Enum     []string `json:"enum"`
				Required []string `json:"required"`
			} `json:"items"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(q.Request.Schema, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Required) != 4 || len(s.Properties) != 4 || s.AdditionalProperties == nil || *s.AdditionalProperties {
		t.Errorf("members may be missing or added: %s", q.Request.Schema)
	}
	if len(s.Properties["verdict"].Enum) != 4 || len(s.Properties["questions"].Items.Enum) != len(prompt.Queries()) || len(s.Properties["claims"].Items.Required) != 3 {
		t.Errorf("the words are not fixed: %s", q.Request.Schema)
	}
	for _, p := range prompt.Queries() {
		if p.Sentence() == "unknown" || !strings.Contains(q.Request.Shared, string(p)+": ") {
			t.Errorf("the question %q is not explained", p)
		}
	}
}

// TestShow compares what would be sent, whole, with files that a person has read: testdata/model/prompt_*.txt. UPDATE=1 writes them.
func TestShow(t *testing.T) {
	t.Parallel()
	about := prompt.About{
		Policy: "Backups run between 01:00 and 03:00 UTC.", Estate: []string{"ws-12 is a workstation of the finance department"},
		Rule: []string{"Shadow copies deleted: 12 of 14 decided groups were attacks"},
	}
	for name, remote := range map[string]bool{"prompt_local.txt": false, "prompt_remote.txt": true} {
		raw := strings.Replace(attack, "/quiet", `/quiet & net use \\\\10.1.2.9\\c$ /user:corp\\alice Winter-2026`, 1)
		q, err := composer(t, prompt.Settings{Seed: 7}).Ask(parse(t, raw), about, remote)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("../../testdata/model", name)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, prompt.Show(q.Request), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := prompt.Show(q.Request); !bytes.Equal(got, want) {
			t.Errorf("%s changed:\n%s", name, got)
		}
		for _, part := range []string{q.Request.System, q.Request.Shared + q.Request.Alert, string(q.Request.Schema)} {
			if !strings.Contains(string(want), part) {
				t.Errorf("%s does not show all that is sent", name)
			}
		}
	}
}
