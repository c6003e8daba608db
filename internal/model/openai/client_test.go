package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/model/openai"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

const key = "sk-proj-8f1d0c5be7a2943610d4"

var question = prompt.Request{
	System: "You are an assistant.", Shared: "The rules. ", Alert: `"temperature":1e-45 is no member, nor is ,"temperature":1e-45`,
	Schema:    json.RawMessage(`{"type":"object","properties":{"verdict":{"type":"string","enum":["malicious","benign","unsure"]}}}`),
	MaxTokens: 300, Seed: 7,
}

func open(t *testing.T, h http.Handler, change func(*openai.Settings)) *openai.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s := openai.Settings{Name: "big", URL: srv.URL + "/v1", Model: "m", Key: web.NewSecret(key)}
	if change != nil {
		change(&s)
	}
	c, err := openai.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sent is the members of a request's body, without its messages.
func sent(t *testing.T, r llm.Request) string {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "messages")
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWhatIsSent: the documented request, with a temperature of zero, the key in its header and nowhere else.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	s := &llm.Server{Model: "m", Key: key}
	c := open(t, s, func(s *openai.Settings) { s.Headers = map[string]string{"X-Title": "soc"} })
	a, err := c.Chat(t.Context(), question)
	if want := (prompt.Answer{Text: `{"verdict":"unsure"}`, TokensIn: a.TokensIn, TokensOut: 6, Finish: "stop"}); err != nil || a != want || a.TokensIn < 10 {
		t.Errorf("%+v %v", a, err)
	}
	r := s.Requests()[0]
	if r.Path != "/v1/chat/completions" || r.Query != "" || r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("X-Title") != "soc" {
		t.Errorf("%+v", r)
	}
	want := `{"max_tokens":300,"model":"m","response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":` +
		`{"properties":{"verdict":{"enum":["malicious","benign","unsure"],"type":"string"}},"type":"object"},"strict":true}},"seed":7,"stream":false,"temperature":0}`
	if d := cmp.Diff(want, sent(t, r)); d != "" {
		t.Error(d)
	}
	var body struct {
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal([]byte(r.Body), &body); err != nil || len(body.Messages) != 2 ||
		body.Messages[0].Content != question.System || body.Messages[1].Content != question.Shared+question.Alert {
		t.Errorf("%+v %v", body, err)
	}
	if names, err := c.Models(t.Context()); err != nil || len(names) != 1 || names[0] != "m" {
		t.Errorf("%q %v", names, err)
	}
}

// TestBoundsAreLeftOut of a schema, and members that are called like one stay.
func TestBoundsAreLeftOut(t *testing.T) {
	t.Parallel()
	s := &llm.Server{Model: "m"}
	bounded := question
	bounded.Schema = json.RawMessage(`{"type":"object","properties":{"maximum":{"type":"integer","minimum":0,"maximum":9},` +
		`"claims":{"type":"array","maxItems":6,"items":{"type":"string","maxLength":200}}}}`)
	if _, err := open(t, s, nil).Chat(t.Context(), bounded); err != nil {
		t.Fatal(err)
	}
	want := `"schema":{"properties":{"claims":{"items":{"type":"string"},"type":"array"},"maximum":{"type":"integer"}},"type":"object"}`
	if got := s.Requests()[0].Body; !strings.Contains(got, want) {
		t.Error(got)
	}
}

// TestAzure: the address has the deployment and the version, the key its own header.
func TestAzure(t *testing.T) {
	t.Parallel()
	s := &llm.Server{Model: "gpt-4.1", Key: key}
	c := open(t, s, func(s *openai.Settings) {
		s.URL, s.Model, s.APIVersion = strings.TrimSuffix(s.URL, "/v1"), "gpt-4.1", "2024-10-21"
	})
	if _, err := c.Chat(t.Context(), question); err != nil {
		t.Fatal(err)
	}
	r := s.Requests()[0]
	if r.Path != "/openai/deployments/gpt-4.1/chat/completions" || r.Query != "api-version=2024-10-21" || r.Header.Get("Api-Key") != key ||
		r.Header.Get("Authorization") != "" {
		t.Errorf("%+v", r)
	}
}

// TestWhatAServerDoesNotKnow is left out, once learned for good, in whatever words it is refused.
func TestWhatAServerDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s     *llm.Server
		model string
		first int    // requests for the first answer
		want  string // of the last
	}{
		"everything is known": {&llm.Server{}, "m", 1, `"max_tokens" "response_format json_schema" "seed" "temperature"`},
		"no seed":             {&llm.Server{Rejects: []string{"seed"}}, "m", 2, `"max_tokens" "response_format json_schema" "temperature"`},
		"no seed, in vLLM's words": {
			&llm.Server{Rejects: []string{"seed"}, Bare: true},
			"m", 2,
			`"max_tokens" "response_format json_schema" "temperature"`,
		},
		"another limit": {
			&llm.Server{Rejects: []string{"max_tokens"}},
			"m", 2,
			`"max_completion_tokens" "response_format json_schema" "seed" "temperature"`,
		},
		"a model of which the library knows that it wants another limit": {
			&llm.Server{Rejects: []string{"temperature"}},
			"o4-mini", 1,
			`"max_completion_tokens" "response_format json_schema" "seed"`,
		},
		"no limit at all": {
			&llm.Server{Rejects: []string{"max_tokens", "max_completion_tokens"}},
			"m", 3,
			`"response_format json_schema" "seed" "temperature"`,
		},
		"JSON without a schema": {
			&llm.Server{Formats: map[string]bool{"json_object": true}},
			"m", 2,
			`"max_tokens" "response_format json_object" "seed" "temperature"`,
		},
		"text only": {&llm.Server{Formats: map[string]bool{}}, "m", 3, `"max_tokens" "seed" "temperature"`},
		"next to nothing": {
			&llm.Server{Rejects: []string{"temperature", "response_format", "seed", "max_tokens", "max_completion_tokens"}, Bare: true},
			"m", 7, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.s.Model = c.model
			cl := open(t, c.s, func(s *openai.Settings) { s.Model = c.model })
			for i := range 2 {
				if _, err := cl.Chat(t.Context(), question); err != nil {
					t.Fatal(err)
				}
				if got := len(c.s.Requests()); got != c.first+i {
					t.Errorf("%d requests for answer %d", got, i+1)
				}
			}
			requests := c.s.Requests()
			var m struct {
				ResponseFormat struct{ Type string } `json:"response_format"`
			}
			last := requests[len(requests)-1]
			if err := json.Unmarshal([]byte(last.Body), &m); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range []string{"max_tokens", "max_completion_tokens", "response_format", "seed", "temperature"} {
				if strings.Contains(sent(t, last), `"`+name+`":`) {
					if name == "response_format" {
						name += " " + m.ResponseFormat.Type
					}
					got = append(got, name)
				}
			}
			if have := strings.Trim(fmt.Sprintf("%q", got), "[]"); have != c.want {
				t.Errorf("%s", have)
			}
		})
	}
}

// TestWhatGoesWrong has an error that says what, and never the key.
func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	status := func(code int) func(error) bool {
		return func(err error) bool {
			var e *web.Error
			return errors.As(err, &e) && e.Status == code
		}
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	plain := func(body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		})
	}
	for name, c := range map[string]struct {
		h     http.Handler
		right func(error) bool
	}{
		"the wrong key":             {&llm.Server{Model: "m", Key: "another"}, status(http.StatusUnauthorized)},
		"no such model":             {&llm.Server{Model: "n"}, is(openai.ErrMissing)},
		"no such address":           {http.NotFoundHandler(), is(openai.ErrElsewhere)},
		"a sign-in page":            {&llm.Server{Model: "m", Persona: llm.Portal}, is(openai.ErrElsewhere)},
		"a refusal":                 {&llm.Server{Model: "m", Persona: llm.Waves}, status(http.StatusTooManyRequests)},
		"too busy":                  {&llm.Server{Model: "m", Persona: llm.Busy}, status(http.StatusServiceUnavailable)},
		"the connection breaks":     {&llm.Server{Model: "m", Persona: llm.Drops}, is(web.ErrCut)},
		"no answer in time":         {&llm.Server{Model: "m", Persona: llm.Slow}, is(web.ErrTimeout)},
		"far too much":              {&llm.Server{Model: "m", Persona: llm.Huge}, is(web.ErrTooLarge)},
		"filtered":                  {&llm.Server{Model: "m", Persona: llm.Filtered}, is(openai.ErrDeclined)},
		"declined":                  {plain(`{"choices":[{"message":{"content":"","refusal":"I cannot"},"finish_reason":"stop"}]}`), is(openai.ErrDeclined)},
		"no choices":                {plain(`{"choices":[]}`), is(openai.ErrAnswer)},
		"JSON of something else":    {plain(`["\u001b[2J"]`), is(openai.ErrAnswer)},
		"a member it does not know": {&llm.Server{Model: "m", Rejects: []string{"seed"}, Key: key}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if name == "no answer in time" {
				patience = 300 * time.Millisecond
			}
			_, err := open(t, c.h, func(s *openai.Settings) { s.Timeout = patience }).Chat(t.Context(), question)
			if c.right == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !c.right(err) || strings.Contains(err.Error(), key) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%v", err)
			}
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the budget has ended"))
	if _, err := open(t, &llm.Server{Model: "m"}, nil).Chat(ctx, question); err == nil || !strings.Contains(err.Error(), "the budget has ended") {
		t.Errorf("given up: %v", err)
	}
}

// TestBadRequestsEnd: an error 400 that names no member, or the same one for ever, is not asked again for ever.
func TestBadRequestsEnd(t *testing.T) {
	t.Parallel()
	for body, most := range map[string]int{
		`{"error":{"message":"Invalid request"}}`:                             1,
		`{"error":{"message":"This model's maximum context length is 8192"}}`: 1,
		`{"error":{"message":"bad seed","param":"seed"}}`:                     2,
		`{"error":"seed"}`: 2,
		`[{"error":{"code":400,"message":"Unknown name \"seed\""}}]`:              2,
		`{"detail":[{"loc":["body","seed"],"msg":"Extra inputs not permitted"}]}`: 2,
		`seed, temperature, max_tokens, grammar`:                                  2,
		`<html>`:                                                                  1,
		``:                                                                        1,
	} {
		n := 0
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n++
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(body))
		})
		var e *web.Error
		if _, err := open(t, h, nil).Chat(t.Context(), question); !errors.As(err, &e) || e.Status != http.StatusBadRequest {
			t.Errorf("%s: %v", body, err)
		}
		if n != most {
			t.Errorf("%s: %d requests", body, n)
		}
	}
}

// TestAFenceIsTakenOff when it is around all, and only then.
func TestAFenceIsTakenOff(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"```json\n{\"a\":1}\n```":              `{"a":1}`,
		" ```JSON\n{\"a\":1}\n``` \n":          `{"a":1}`,
		"```\n{\"a\":1}```":                    `{"a":1}`,
		`{"a":1}`:                              `{"a":1}`,
		"Here it is:\n```json\n{\"a\":1}\n```": "Here it is:\n```json\n{\"a\":1}\n```",
		"```json\n{}\n```\n```json\n{}\n```":   "```json\n{}\n```\n```json\n{}\n```",
		"```sh\nls\n```":                       "```sh\nls\n```",
		"```":                                  "```",
		"``````":                               "``````",
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"content": content}}}})
		})
		if a, err := open(t, h, nil).Chat(t.Context(), question); err != nil || a.Text != want {
			t.Errorf("%q: %q %v", content, a.Text, err)
		}
	}
}

// TestSettingsThatAreRefused.
func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]openai.Settings{
		"no name of a model":   {URL: "https://llm.example.com/v1"},
		"not of the form":      {URL: "llm.example.com", Model: "m"},
		"over plain http":      {URL: "http://llm.example.com/v1", Model: "m", Key: web.NewSecret(key)},
		`"a/b" is no name`:     {URL: "https://llm.example.com", Model: "a/b", APIVersion: "2024-10-21"},
		"has a query or a fra": {URL: "https://llm.example.com/?api-version=2024-10-21", Model: "m"},
	} {
		if _, err := openai.New(s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
