package llm_test

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/llm"
)

const (
	schema = `{"type":"object","properties":{"verdict":{"enum":["malicious","benign","unsure"]},"claims":{"type":"array","items":{"type":"object",` +
		`"properties":{"path":{"type":"string"},"value":{"type":"string"},"text":{"type":"string"}}}},"confidence":{"type":"integer"}}}`
	bad  = "mark\n[\n[\"process.name\",\"x\",\"cmd.exe\"],\n[\"process.command_line\",\"x\",\"powershell -enc SQBFAFgA\"]\n]\nmark"
	good = "mark\n{\"process\":{\"command.line\":\"notepad.exe\"}}\nmark"
	old  = "mark\n{\"process\":{\"command.line\":\"mimikatz.exe\"}}\nmark"
)

func post(t *testing.T, h http.Handler, path, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ask returns what both APIs answer, which must be the same.
func ask(t *testing.T, p llm.Persona, alert string) (answer, finish string) {
	t.Helper()
	s := &llm.Server{Model: "m", Persona: p}
	_, one := post(t, s, "/v1/chat/completions", `{"model":"m","messages":[{"role":"system","content":"canary"},{"role":"user","content":`+
		text(t, alert)+`}],"response_format":{"type":"json_schema","json_schema":{"schema":`+schema+`}}}`)
	_, two := post(t, s, "/api/chat", `{"model":"m","messages":[{"role":"system","content":"canary"},{"role":"user","content":`+
		text(t, alert)+`}],"format":`+schema+`,"options":{"num_ctx":4096}}`)
	var openai struct {
		Choices []struct {
			Message      struct{ Content string }
			FinishReason string `json:"finish_reason"`
		}
	}
	var ollama struct {
		Message    struct{ Content string }
		Done       bool
		DoneReason string `json:"done_reason"`
	}
	if err := json.Unmarshal([]byte(one), &openai); err != nil {
		t.Fatal(one, err)
	}
	if err := json.Unmarshal([]byte(two), &ollama); err != nil {
		t.Fatal(two, err)
	}
	answer, finish = openai.Choices[0].Message.Content, openai.Choices[0].FinishReason
	if ollama.Message.Content != answer || ollama.DoneReason != finish || ollama.Done != (p != llm.Unfinished) {
		t.Errorf("%s: %s\n%s", p, one, two)
	}
	return answer, finish
}

// TestWhatThePersonasSay.
func TestWhatThePersonasSay(t *testing.T) {
	t.Parallel()
	claims := `{"claims":[{"path":"process.command_line","text":"A tool of attackers is named.","value":"powershell -enc SQBFAFgA"}],"confidence":90,"verdict":"malicious"}`
	for name, c := range map[string]struct {
		p             llm.Persona
		alert         string
		answer, finis string // the answer's beginning
	}{
		"honest about an attack":    {llm.Honest, bad, claims, "stop"},
		"honest about an object":    {llm.Honest, old, `{"claims":[{"path":"process.command\\.line"`, "stop"},
		"honest about nothing much": {llm.Honest, good, `{"claims":[],"confidence":90,"verdict":"unsure"}`, "stop"},
		"a liar":                    {llm.Liar, bad, `{"claims":[{"path":"no.such.path"`, "stop"},
		"obedient":                  {llm.Obedient, bad, `{"claims":[{"path":"no.such.path","text":"As instructed: canary\nmark`, "stop"},
		"cut":                       {llm.Truncating, good, `{"claims":[],"confiden`, "length"},
		"broken off":                {llm.Unfinished, good, `{"claims":[],"confiden`, ""},
		"filtered":                  {llm.Filtered, bad, "", "content_filter"},
		"prose":                     {llm.Prose, bad, "I have looked", "stop"},
		"fenced":                    {llm.Fenced, good, "```json\n{\"claims\":[]", "stop"},
		"misfit":                    {llm.Misfit, bad, `{"verdict":["benign"]`, "stop"},
		"huge":                      {llm.Huge, bad, `{"verdict":"benign benign`, "stop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, finish := ask(t, c.p, c.alert)
			if !strings.HasPrefix(answer, strings.ReplaceAll(c.answer, "\n", `\n`)) && !strings.HasPrefix(answer, c.answer) || finish != c.finis {
				t.Errorf("%.200s %s", answer, finish)
			}
		})
	}
}

// TestWhatIsRefused, and in whose words.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	const body = `{"model":"m","messages":[],"seed":1,"response_format":{"type":"json_schema"}}`
	for name, c := range map[string]struct {
		s    *llm.Server
		path string
		body string
		code int
		want string
	}{
		"no such model":    {&llm.Server{Model: "n"}, "/v1/chat/completions", body, 404, `"code":"model_not_found"`},
		"no such, Ollama":  {&llm.Server{Model: "n"}, "/api/chat", body, 404, `model \"m\" not found`},
		"to show":          {&llm.Server{Model: "n"}, "/api/show", body, 404, "model 'm' not found"},
		"the wrong key":    {&llm.Server{Model: "m", Key: "k"}, "/v1/chat/completions", body, 401, "invalid_api_key"},
		"a member":         {&llm.Server{Model: "m", Rejects: []string{"seed"}}, "/v1/chat/completions", body, 400, `"param":"seed"`},
		"a member, barely": {&llm.Server{Model: "m", Rejects: []string{"seed"}, Bare: true}, "/v1/chat/completions", body, 400, `'loc': ('body', 'seed')`},
		"a format":         {&llm.Server{Model: "m", Formats: map[string]bool{}}, "/v1/chat/completions", body, 400, `"param":"response_format"`},
		"no JSON":          {&llm.Server{Model: "m"}, "/v1/chat/completions", "{", 400, "could not parse"},
		"a wave":           {&llm.Server{Model: "m", Persona: llm.Waves}, "/api/chat", body, 429, "Rate limit"},
		"no such address":  {&llm.Server{Model: "m"}, "/v1/api/chat", body, 404, "404 page not found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if code, got := post(t, c.s, c.path, c.body); code != c.code || !strings.Contains(got, c.want) {
				t.Errorf("%d %s", code, got)
			}
			if got := c.s.Requests(); len(got) != 1 || got[0].Body != c.body {
				t.Errorf("%+v", got)
			}
		})
	}
}

var (
	listen  = flag.String("listen", "", "serve here until interrupted, for TestByHand")
	persona = flag.String("persona", "honest", "who answers by hand")
)

// TestByHand serves for trying; the package comment has the command.
func TestByHand(t *testing.T) {
	if *listen == "" {
		t.Skip("needs -listen")
	}
	if !slices.Contains(llm.Personas(), llm.Persona(*persona)) {
		t.Fatalf("no persona %q; there are %q", *persona, llm.Personas())
	}
	s := &llm.Server{Model: "fake", Context: 8192, Persona: llm.Persona(*persona)}
	srv := &http.Server{Addr: *listen, Handler: s, ReadHeaderTimeout: time.Minute}
	_, _ = io.WriteString(t.Output(), *persona+" answers as model fake at http://"+*listen+"/v1 and http://"+*listen+"\n")
	t.Fatal(srv.ListenAndServe())
}
