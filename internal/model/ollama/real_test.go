package ollama_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/prompt"
	real "github.com/seed-959697dd/soc/internal/real/ollama"
	"github.com/seed-959697dd/soc/internal/web"
)

// serve runs the real server until the test ends.
func serve(t *testing.T) *real.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("asks a real model")
	}
	return real.Serve(t, "../../..", os.Getenv("SOC_REQUIRE_REAL") != "")
}

func open(t *testing.T, base, model string, change func(*ollama.Settings)) *ollama.Client {
	t.Helper()
	s := ollama.Settings{Name: "tiny", URL: base, Model: model, NumCtx: 256, NumThread: 1}
	if change != nil {
		change(&s)
	}
	c, err := ollama.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	schema = json.RawMessage(`{"type":"object","properties":{"verdict":{"type":"string","enum":["true_positive","false_positive","benign"]},` +
		`"severity":{"type":"string","enum":["low","medium","high","critical"]},"technique":{"type":"string"},` +
		`"action":{"type":"string","enum":["none","block_ip","disable_user","isolate_host"]},"target":{"type":"string"}},` +
		`"required":["verdict","severity","technique","action","target"]}`)
	sentence = prompt.Request{Alert: "412 failed ssh logins for bob from 203.0.113.9 to web-07", Schema: schema, MaxTokens: 120, Seed: 7}
)

type verdict struct{ Verdict, Severity, Technique, Action, Target string }

// TestRealServer: a real answer in the schema, the same twice; the invented target of a foreign sentence; and every way to ask wrongly.
func TestRealServer(t *testing.T) {
	t.Parallel()
	server := serve(t)
	base := server.URL
	c := open(t, base, real.Tiny, nil)
	ask := func(r prompt.Request) (prompt.Answer, verdict) {
		t.Helper()
		a, err := c.Chat(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		var v verdict
		if err := json.Unmarshal([]byte(a.Text), &v); err != nil {
			t.Fatalf("%q: %v", a.Text, err)
		}
		return a, v
	}
	a, v := ask(sentence)
	if v.Verdict != "true_positive" || v.Technique != "T1110" || v.Action != "block_ip" || a.Truncated || a.Finish != "stop" || a.TokensIn < 10 || a.TokensOut < 10 {
		t.Errorf("%+v %+v", a, v)
	}
	if b, _ := ask(sentence); b.Text != a.Text {
		t.Errorf("%q, then %q", a.Text, b.Text)
	}
	foreign := sentence
	foreign.Alert = "Kernel module loaded from an unusual directory by an unattended upgrade"
	if _, v := ask(foreign); strings.Contains(foreign.Alert, v.Target) {
		t.Errorf("this model names what is not there; here it named %q", v.Target)
	}

	long := sentence
	long.Shared = strings.Repeat("failed ssh logins for bob from 10.1.2.3 to web-07, ", 60)
	if a, err := c.Chat(t.Context(), long); err != nil || !a.Truncated {
		t.Errorf("a prompt that does not fit: %+v %v", a, err)
	}
	wide := open(t, base, real.Tiny, func(s *ollama.Settings) { s.NumCtx = 8192 })
	if a, err := wide.Chat(t.Context(), long); err != nil || !a.Truncated {
		t.Errorf("a prompt that fits into num_ctx and not into the model: %+v %v", a, err)
	}
	short := sentence
	short.MaxTokens = 5
	if a, err := c.Chat(t.Context(), short); err != nil || !a.Truncated || a.Finish != "length" {
		t.Errorf("an answer that was cut: %+v %v", a, err)
	}

	facts, err := c.Facts(t.Context())
	if err != nil || facts.Version != real.Version || facts.Context != real.TinyContext || len(facts.Digest) != 64 || len(facts.Installed) != 2 {
		t.Errorf("%+v %v", facts, err)
	}
	if _, err := open(t, base, "llama3.1:8b", nil).Chat(t.Context(), sentence); !errors.Is(err, ollama.ErrMissing) ||
		!strings.Contains(err.Error(), "ollama pull llama3.1:8b") {
		t.Errorf("a model that is not there: %v", err)
	}
	if _, err := open(t, base+"/v1", real.Tiny, nil).Chat(t.Context(), sentence); !errors.Is(err, ollama.ErrElsewhere) {
		t.Errorf("a wrong address: %v", err)
	}
	killedInMidRun(t, c, server)
}

// killedInMidRun: the answer on its way fails, and so does the next question, each with an error that says whose it is.
func killedInMidRun(t *testing.T, c *ollama.Client, server *real.Server) {
	t.Helper()
	endless := sentence
	endless.Schema, endless.MaxTokens = json.RawMessage(`{"type":"array","minItems":4000,"maxItems":4000,"items":{"type":"integer"}}`), 20000
	const askers = 8 // they take turns, so that some are on their way whenever the end comes
	done := make(chan error, askers)
	for range askers {
		go func() {
			_, err := c.Chat(context.WithoutCancel(t.Context()), endless)
			done <- err
		}()
	}
	time.Sleep(300 * time.Millisecond)
	server.Kill()
	var e *web.Error
	failed := 0
	for range askers {
		if err := <-done; err != nil {
			failed++
			if !errors.As(err, &e) {
				t.Errorf("killed while it answers: %v", err)
			}
		}
	}
	if failed == 0 {
		t.Error("all was answered before the end")
	}
	if _, err := c.Chat(t.Context(), sentence); !errors.As(err, &e) || e.Status != 0 {
		t.Errorf("killed before it is asked: %v", err)
	}
}

// TestRealServerNeverForgetsTheSystemMessage, which it leaves out of a prompt that does not fit if one lets it.
func TestRealServerNeverForgetsTheSystemMessage(t *testing.T) {
	t.Parallel()
	base := serve(t).URL
	create := `{"model":"with-system","from":"soc-tiny","stream":false,"template":"{{ .System }}<|u|>{{ .Prompt }}<|a|>"}`
	resp, err := http.Post(base+"/api/create", "application/json", strings.NewReader(create))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	c := open(t, base, "with-system", nil)
	with := func(system string) prompt.Answer {
		t.Helper()
		r := sentence
		r.System, r.MaxTokens = system, 1
		a, err := c.Chat(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	none, some := with(""), with("failed ssh logins")
	if some.TokensIn <= none.TokensIn {
		t.Fatalf("%d tokens without and %d with a system message: this template shows nothing", none.TokensIn, some.TokensIn)
	}
	if a := with(strings.Repeat("failed ssh logins for bob ", 60)); a.TokensIn < 256 {
		t.Errorf("of a prompt longer than 256 tokens %d were read, and nobody was told", a.TokensIn)
	}
}
