package ollama_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

const key = "8f1d0c5be7a2943610d4"

var question = prompt.Request{
	System: "You are an assistant.", Shared: "The rules. ", Alert: "The alert.", MaxTokens: 300, Seed: 7,
	Schema: json.RawMessage(`{"type":"object","properties":{"verdict":{"type":"string","enum":["malicious","benign","unsure"]}}}`),
}

func pretend(t *testing.T, h http.Handler, change func(*ollama.Settings)) *ollama.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return open(t, srv.URL, "m", func(s *ollama.Settings) {
		s.NumCtx, s.NumThread = 0, 0
		if change != nil {
			change(s)
		}
	})
}

// TestWhatIsSent: the documented request. Trap: the interface below /v1 ignores num_ctx, so it is the native one; the model's context is asked for once; the empty message stands where it must.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	s := &llm.Server{Model: "m", Context: 4096, Key: key}
	c := pretend(t, s, func(s *ollama.Settings) {
		s.Key, s.Headers, s.NumThread, s.KeepAlive = web.NewSecret(key), map[string]string{"X-Title": "soc"}, 3, time.Minute
	})
	for range 2 {
		a, err := c.Chat(t.Context(), question)
		if want := (prompt.Answer{Text: `{"verdict":"unsure"}`, TokensIn: 12, TokensOut: 6, Finish: "stop"}); err != nil || a != want {
			t.Errorf("%+v %v", a, err)
		}
	}
	r := s.Requests()
	if len(r) != 3 || r[0].Path != "/api/show" || r[1].Path != "/api/chat" || r[2].Path != "/api/chat" || r[1].Query != "" {
		t.Fatalf("%+v", r)
	}
	if r[1].Header.Get("Authorization") != "Bearer "+key || r[1].Header.Get("X-Title") != "soc" {
		t.Errorf("%+v", r[1].Header)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r[1].Body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"model": `"m"`, "stream": "false", "think": "false", "truncate": "false", "shift": "false", "keep_alive": `"1m0s"`, "format": string(question.Schema),
		"options":  `{"num_ctx":8192,"num_predict":300,"num_thread":3,"seed":7,"temperature":0}`,
		"messages": `[{"role":"system","content":"You are an assistant."},{"role":"system","content":""},{"role":"user","content":"The rules. The alert."}]`,
	}
	have := map[string]string{}
	for k, v := range got {
		have[k] = string(v)
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	if f, err := c.Facts(t.Context()); err != nil || f.Version != "0.9.6" || f.Context != 4096 || f.Digest == "" || len(f.Installed) != 1 {
		t.Errorf("%+v %v", f, err)
	}
}

// TestACutPromptIsNoticed, by what was asked for and by what the model can hold, which not every server says.
func TestACutPromptIsNoticed(t *testing.T) {
	t.Parallel()
	long := question
	long.Shared = strings.Repeat("x", 4*3000)
	for name, c := range map[string]struct {
		context, numCtx int
		want            bool
	}{
		"it fits":                              {8192, 4096, false},
		"it does not fit into what is wanted":  {8192, 2048, true},
		"it does not fit into the model":       {2048, 8192, true},
		"the model's context is not known":     {0, 4096, false},
		"it is not known, and it does not fit": {0, 2048, true},
	} {
		cl := pretend(t, &llm.Server{Model: "m", Context: c.context}, func(s *ollama.Settings) { s.NumCtx = c.numCtx })
		if a, err := cl.Chat(t.Context(), long); err != nil || a.Truncated != c.want {
			t.Errorf("%s: %+v %v", name, a, err)
		}
	}
}

// TestWhatGoesWrong has an error that says what, and never the key.
func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	status := func(code int) func(error) bool {
		return func(err error) bool {
			var e *web.Error
			return errors.As(err, &e) && e.Status == code
		}
	}
	chat := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Path == "/api/show" {
				_, _ = w.Write([]byte("{}"))
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	for name, c := range map[string]struct {
		h     http.Handler
		right func(error) bool
	}{
		"no such model":           {&llm.Server{Model: "n"}, is(ollama.ErrMissing)},
		"no such address":         {http.NotFoundHandler(), is(ollama.ErrElsewhere)},
		"a sign-in page":          {&llm.Server{Model: "m", Persona: llm.Portal}, is(ollama.ErrElsewhere)},
		"the wrong key":           {&llm.Server{Model: "m", Key: "another"}, status(http.StatusUnauthorized)},
		"a refusal":               {&llm.Server{Model: "m", Persona: llm.Waves}, status(http.StatusTooManyRequests)},
		"too busy":                {&llm.Server{Model: "m", Persona: llm.Busy}, status(http.StatusServiceUnavailable)},
		"the connection breaks":   {&llm.Server{Model: "m", Persona: llm.Drops}, is(web.ErrCut)},
		"no answer in time":       {&llm.Server{Model: "m", Persona: llm.Slow}, is(web.ErrTimeout)},
		"far too much":            {&llm.Server{Model: "m", Persona: llm.Huge}, is(web.ErrTooLarge)},
		"the model broke off":     {&llm.Server{Model: "m", Persona: llm.Unfinished}, is(ollama.ErrUnfinished)},
		"nothing at all":          {chat(http.StatusOK, ""), is(ollama.ErrUnfinished)},
		"a fault with status 200": {chat(http.StatusOK, `{"error":"llama runner \u001b[2J\n terminated"}`), is(ollama.ErrAnswer)},
		"JSON of something else":  {chat(http.StatusOK, `["\u001b[2J"]`), is(ollama.ErrAnswer)},
		"too long, and it says so": {
			chat(http.StatusBadRequest, `{"error":"the input length exceeds the context length"}`), is(ollama.ErrTooLong),
		},
		"the runner died": {chat(http.StatusInternalServerError, `{"error":"llama runner terminated"}`), status(http.StatusInternalServerError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if name == "no answer in time" {
				patience = 300 * time.Millisecond
			}
			cl := pretend(t, c.h, func(s *ollama.Settings) { s.Timeout, s.Key = patience, web.NewSecret(key) })
			_, err := cl.Chat(t.Context(), question)
			if err == nil || !c.right(err) || strings.Contains(err.Error(), key) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%v", err)
			}
		})
	}
	cl := pretend(t, &llm.Server{Model: "m", Persona: llm.Truncating}, nil)
	if a, err := cl.Chat(t.Context(), question); err != nil || !a.Truncated || a.Finish != "length" {
		t.Errorf("cut: %+v %v", a, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the budget has ended"))
	if _, err := cl.Chat(ctx, question); err == nil || !strings.Contains(err.Error(), "the budget has ended") {
		t.Errorf("given up: %v", err)
	}
}

// TestSettingsThatAreRefused.
func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]ollama.Settings{
		"no name of a model": {URL: "http://127.0.0.1:11434"},
		"not of the form":    {URL: "gpu.example.com", Model: "m"},
		"over plain http":    {URL: "http://gpu.example.com:11434", Model: "m", Key: web.NewSecret(key)},
	} {
		if _, err := ollama.New(s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
