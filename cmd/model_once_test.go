package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/llm"
)

const watchman = `name: watchman
vendor: Example
product: Watchman
detect:
  - watchman & nr
fields:
  rule.id: nr
  rule.name: what
  time: at
  source.ip: who
  actor.process: p1
  target.process: p2
  related.process: p3
  actor.file: f1
  target.file: f2
  related.file: f3
  actor.command: c1
  target.command: c2
sensor: [rule.id, rule.name, source.ip]
`

// TestAQuestionIsAskedOnce: of a large alert a model is shown what tells most, and not the time. Ten such alerts, minutes apart, are ten
// decisions and one question, which is asked once however many wait for it.
func TestAQuestionIsAskedOnce(t *testing.T) {
	t.Parallel()
	server := &llm.Server{Model: "mock", Persona: llm.Alarmist, Delay: 50 * time.Millisecond}
	p := newPlace(t, "models: {m: {provider: openai, model: mock, url: "+serve(t, server)+"}}\npolicy: {base_rate: 0.3}")
	var alerts strings.Builder
	for i := range 10 {
		a := map[string]any{"watchman": true, "nr": "7", "what": "Job finished", "who": "192.0.2.7", "at": fmt.Sprintf("2026-03-01T10:%02d:00Z", 5*i)}
		for j, name := range []string{"p1", "p2", "p3", "f1", "f2", "f3"} {
			a[name] = strings.Repeat(string(rune('a'+j)), 1024)
		}
		a["c1"] = strings.Repeat("g", 3072)
		a["c2"] = strings.Repeat("h", 2480) // with which there is no room for the time
		line, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		alerts.Write(append(line, '\n'))
	}
	file, format := filepath.Join(p.dir, "alerts.ndjson"), filepath.Join(p.dir, "watchman.yaml")
	for name, text := range map[string]string{file: alerts.String(), format: watchman} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := p.soc("triage", "--no-book", "--json", "--format", format, "--model", "m", "--model-budget", "10m", file)
	all := verdicts(out)
	answers, cached := 0, 0
	for id, v := range all {
		if id != "" && gjson.Get(v, "model.answer").Str == "malicious" {
			answers++
			if gjson.Get(v, "model.cached").Bool() {
				cached++
			}
		}
	}
	if n := len(server.Requests()); n != 1 || answers != 10 || cached != 9 || gjson.Get(all[""], "calls").Int() != 1 {
		t.Errorf("%d requests, %d answers, %d of them another's; %s", n, answers, cached, all[""])
	}
}
