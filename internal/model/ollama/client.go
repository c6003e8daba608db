// Package ollama asks a model that Ollama serves, here or on a machine of the estate.
//
// It speaks Ollama's own API (POST /api/chat, /api/show, GET /api/tags, /api/version), version 0.9 and later, and not its /v1,
// which ignores the size of the context and cuts the prompt without a word. It pulls no models, needs no permission but to be let
// in, asks once and never again by itself, and does not judge what comes back. Start with Settings, New and Client, which is a
// prompt.Model; Client.Facts says what the server has.
//
// Source: docs/api.md of github.com/ollama/ollama; for what is done to a prompt that is too long, server/prompt.go there.
package ollama

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

// Settings need Name, URL and Model.
type Settings struct {
	Name      string            // how the configuration calls it
	URL       string            // http://HOST:11434
	Model     string            // its name at the server: llama3.1:8b
	Key       web.Secret        // for a proxy in front that wants one: Authorization: Bearer
	Headers   map[string]string // nothing secret
	CAFile    string            // PEM: the authorities to trust, in place of the system's
	Proxy     string            // http://HOST:PORT
	Timeout   time.Duration     // of one answer, the loading of the model included; 0 is 2 min
	NumCtx    int               // tokens of prompt and answer together; 0 is 8192
	NumThread int               // 0 leaves it to the server
	KeepAlive time.Duration     // how long the server keeps the model loaded; 0 is 10 min
}

// Client is a prompt.Model.
type Client struct {
	set  Settings
	api  *api.Client
	span atomic.Int64 // tokens that the model itself can hold; 0 before anybody asked, -1 when the server does not say
}

// New makes a client and asks nothing yet.
func New(s Settings) (*Client, error) {
	if s.Model == "" {
		return nil, fmt.Errorf("ollama: model %s: no name of a model at the server", s.Name)
	}
	s.NumCtx = cmp.Or(s.NumCtx, 8192)
	s.KeepAlive = cmp.Or(s.KeepAlive, 10*time.Minute)
	set := web.Settings{
		BaseURL: s.URL, CAFile: s.CAFile, Proxy: s.Proxy, Timeout: cmp.Or(s.Timeout, 2*time.Minute),
		MaxBody: 2 << 20, Retries: -1, Detail: detail,
	}
	if s.Key.Reveal() != "" {
		set.Secrets = []web.Header{{Name: "Authorization", Prefix: "Bearer ", Value: s.Key}}
	}
	w, err := web.New(set)
	if err != nil {
		return nil, fmt.Errorf("ollama: model %s: %w", s.Name, err)
	}
	// The library is told no host: for one that it knows it would sign with a key from the home directory.
	nowhere := &url.URL{Scheme: "http", Host: "ollama.invalid"}
	return &Client{set: s, api: api.NewClient(nowhere, &http.Client{Transport: carrier{w, s.Headers}})}, nil
}

// Name implements prompt.Model.
func (c *Client) Name() string { return c.set.Name }

// Chat implements prompt.Model. Errors: ErrMissing, ErrElsewhere, ErrUnfinished, ErrTooLong, ErrAnswer, and *web.Error for what goes
// wrong on the way.
func (c *Client) Chat(ctx context.Context, r prompt.Request) (prompt.Answer, error) {
	room, err := c.room(ctx)
	if err != nil {
		return prompt.Answer{}, err
	}
	var last api.ChatResponse
	err = c.api.Chat(ctx, c.request(r), func(resp api.ChatResponse) error {
		last = resp
		return nil
	})
	if err != nil {
		return prompt.Answer{}, c.failure(err)
	}
	if !last.Done {
		return prompt.Answer{}, fmt.Errorf("ollama: model %s: %w", c.set.Model, ErrUnfinished)
	}
	return prompt.Answer{
		Text: last.Message.Content, TokensIn: last.PromptEvalCount, TokensOut: last.EvalCount, Finish: last.DoneReason,
		Truncated: last.DoneReason == "length" || last.PromptEvalCount+last.EvalCount >= room,
	}, nil
}

func (c *Client) request(r prompt.Request) *api.ChatRequest {
	no := false
	options := map[string]any{"num_ctx": c.set.NumCtx, "temperature": 0, "seed": r.Seed}
	if r.MaxTokens > 0 {
		options["num_predict"] = r.MaxTokens
	}
	if c.set.NumThread > 0 {
		options["num_thread"] = c.set.NumThread
	}
	return &api.ChatRequest{
		Model: c.set.Model, Messages: messages(r), Format: r.Schema, Options: options, Stream: &no,
		KeepAlive: &api.Duration{Duration: c.set.KeepAlive},
		Think:     &api.ThinkValue{Value: false}, // it would be cut off thinking
		Truncate:  &no, Shift: &no,               // versions since 0.12 refuse then what others cut
	}
}

// messages has an empty system message in second place. Of a prompt that does not fit, the server leaves out messages without a word,
// down to the last one and the system messages before the one it looks at: of two messages it would leave out the system message, and
// nothing in its answer would tell. Of these three it leaves out the empty one. What then is still too long fills the context to
// the brim, and that is in the answer's count.
func messages(r prompt.Request) []api.Message {
	user := api.Message{Role: "user", Content: r.Shared + r.Alert}
	if r.System == "" {
		return []api.Message{user}
	}
	return []api.Message{{Role: "system", Content: r.System}, {Role: "system"}, user}
}

// room is how many tokens prompt and answer may have together: what was asked for, or what the model can hold when that is less.
func (c *Client) room(ctx context.Context) (int, error) {
	span := c.span.Load()
	if span == 0 {
		shown, err := c.api.Show(ctx, &api.ShowRequest{Model: c.set.Model})
		if err != nil {
			return 0, c.failure(err)
		}
		span = int64(cmp.Or(held(shown), -1))
		c.span.Store(span)
	}
	if span < 0 {
		return c.set.NumCtx, nil
	}
	return min(c.set.NumCtx, int(span)), nil
}
