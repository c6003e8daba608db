package cmd_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/llm"
)

// caseDocs are those of a run, by id.
func caseDocs(out string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(out) {
		if gjson.Get(line, "kind").Str == "case" {
			all[gjson.Get(line, "id").Str] = line
		}
	}
	return all
}

// TestNoModelChangesACase: whoever answers, through either API, and whatever is answered: what a case is, how it is rated, what was found by rule and
// what is recommended stay as they are without. Who does not answer as asked is a gap.
func TestNoModelChangesACase(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "display: {}")
	out, _ := p.soc("triage", "--no-book", "--json", filepath.Join("..", "testdata", "demo"))
	verdicts := "" // those that call for something, and the account
	for line := range strings.Lines(out) {
		if gjson.Get(line, "route").Str == "escalate" || gjson.Get(line, "kind").Str == "summary" {
			verdicts += line
		}
	}
	file := filepath.Join(p.dir, "verdicts.ndjson")
	if err := os.WriteFile(file, []byte(verdicts), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"investigate", "--json", "--no-book", "--logs", filepath.Join("..", "testdata", "demo"), "--logs", filepath.Join("..", "testdata", "logs", "ws-11.ndjson"), file}
	out, _ = p.soc(args...)
	plain := caseDocs(out)
	recommended := 0
	for _, k := range plain {
		recommended += int(gjson.Get(k, "recommended.#").Int())
	}
	if len(plain) == 0 || recommended == 0 {
		t.Fatalf("%d cases, %d recommendations", len(plain), recommended)
	}
	// Those that make a client wait, or try again, are the clients' own tests.
	mute := []llm.Persona{llm.Truncating, llm.Unfinished, llm.Filtered, llm.Prose, llm.Misfit, llm.Huge}
	for _, provider := range []string{"openai", "ollama"} {
		for _, persona := range append([]llm.Persona{llm.Honest, llm.Alarmist, llm.Liar, llm.Obedient}, mute...) {
			url := serve(t, &llm.Server{Model: "mock", Persona: persona})
			if provider == "ollama" {
				url = strings.TrimSuffix(url, "/v1")
			}
			q := newPlace(t, "models: {m: {provider: "+provider+", model: mock, url: "+url+"}}")
			out, _ := q.soc(append(args, "--model", "m", "--model-budget", "10m", "--max-calls", "200")...)
			if persona == llm.Honest {
				check(t, shipped(t), provider, out)
			}
			told, asked, prose := caseDocs(out), 0, 0
			if len(told) != len(plain) {
				t.Fatalf("%s through %s: %d cases of %d", persona, provider, len(told), len(plain))
			}
			for id, k := range told {
				for _, member := range []string{"title", "severity", "route", "probability", "disposition", "links", "techniques", "indicators", "artifacts", "recommended", "questions", "guides", "verdicts", "holes"} {
					if a, b := gjson.Get(k, member).Raw, gjson.Get(plain[id], member).Raw; a != b {
						t.Errorf("%s through %s: %s of %s is another: %s", persona, provider, member, id, a)
					}
				}
				for _, list := range []string{`events.#(by!="asked")#`, `findings.#(part!="asked")#|#(part!="unseen")#`} {
					if a, b := gjson.Get(k, list).Raw, gjson.Get(plain[id], list).Raw; a != b && a+b != "[]" {
						t.Errorf("%s through %s: %s of %s is another", persona, provider, list, id)
					}
				}
				asked += int(gjson.Get(k, `events.#(by=="asked")#|#`).Int())
				prose += int(gjson.Get(k, "prose.sentences.#").Int())
			}
			failed := strings.Count(out, `"check":"model","source":"m","class":"failed"`) + strings.Count(out, `"check":"model","source":"m","class":"partial"`)
			if slices.Contains(mute, persona) && (failed == 0 || asked+prose > 0) || persona == llm.Honest && (asked == 0 || prose == 0) {
				t.Errorf("%s through %s: %d events, %d sentences, %d gaps", persona, provider, asked, prose, failed)
			}
		}
	}
}
