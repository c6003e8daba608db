// Package openai asks a model behind any address that speaks OpenAI's chat completions: OpenAI itself, Azure, vLLM, llama.cpp, LM Studio,
// LiteLLM, and the compatible addresses of Anthropic, Gemini and others.
//
// It uses one call, POST {URL}/chat/completions, with a key that may do no more than that; Client.Models adds GET {URL}/models. These
// servers agree about little beyond: what one refuses by name (a seed, a kind of response_format, max_tokens) it leaves out from then
// on, down to plain text. It streams nothing, calls no tools, never repeats a request that failed otherwise, and does not judge what
// comes back. Start with Settings, New and Client, which is a prompt.Model.
//
// Source: https://platform.openai.com/docs/api-reference/chat; for Azure's addresses
// https://learn.microsoft.com/azure/ai-services/openai/reference.
package openai

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/sashabaranov/go-openai"

	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

// Settings need Name, URL and Model.
type Settings struct {
	Name       string            // how the configuration calls it
	URL        string            // https://api.openai.com/v1; for Azure with an APIVersion https://NAME.openai.azure.com
	Model      string            // its name at the server; Azure's deployment
	Key        web.Secret        // none is sent when empty
	Headers    map[string]string // nothing secret
	APIVersion string            // Azure's addresses by deployment: 2024-10-21; empty for all others, Azure's /openai/v1 included
	CAFile     string            // PEM: the authorities to trust, in place of the system's
	Proxy      string            // http://HOST:PORT
	Timeout    time.Duration     // of one answer; 0 is 2 min
}

// Client is a prompt.Model.
type Client struct {
	set   Settings
	api   *api.Client
	shape atomic.Pointer[shape] // the last that the server took
}

// New makes a client and asks nothing yet.
func New(s Settings) (*Client, error) {
	if s.Model == "" || s.APIVersion != "" && strings.ContainsAny(s.Model, "/?#%") {
		return nil, fmt.Errorf("openai: model %s: %q is no name of a model at the server", s.Name, s.Model)
	}
	set := web.Settings{
		BaseURL: s.URL, CAFile: s.CAFile, Proxy: s.Proxy, Timeout: cmp.Or(s.Timeout, 2*time.Minute),
		MaxBody: 2 << 20, Retries: -1, Detail: detail,
	}
	// The library gets neither key nor host: both are the carrier's.
	cfg := api.DefaultConfig("")
	header := web.Header{Name: "Authorization", Prefix: "Bearer ", Value: s.Key}
	if s.APIVersion != "" {
		cfg = api.DefaultAzureConfig("", "")
		cfg.APIVersion, cfg.AzureModelMapperFunc = s.APIVersion, nil
		header = web.Header{Name: api.AzureAPIKeyHeader, Value: s.Key}
	}
	if s.Key.Reveal() != "" {
		set.Secrets = []web.Header{header}
	}
	w, err := web.New(set)
	if err != nil {
		return nil, fmt.Errorf("openai: model %s: %w", s.Name, err)
	}
	cfg.BaseURL, cfg.HTTPClient = "http://openai.invalid", carrier{w, s.Headers}
	c := &Client{set: s, api: api.NewClientWithConfig(cfg)}
	c.shape.Store(&shape{})
	return c, nil
}

// Name implements prompt.Model.
func (c *Client) Name() string { return c.set.Name }

// Chat implements prompt.Model. Errors: ErrMissing, ErrElsewhere, ErrDeclined, ErrAnswer, and *web.Error for what goes wrong on the way.
func (c *Client) Chat(ctx context.Context, r prompt.Request) (prompt.Answer, error) {
	s := *c.shape.Load()
	for {
		resp, err := c.api.CreateChatCompletion(ctx, s.request(c.set.Model, r))
		if err == nil {
			c.shape.Store(&s)
			return c.answer(resp)
		}
		next, ok := s.without(refused(err))
		if !ok {
			return prompt.Answer{}, c.failure(err)
		}
		s = next
	}
}

func (c *Client) answer(resp api.ChatCompletionResponse) (prompt.Answer, error) {
	if len(resp.Choices) == 0 {
		return prompt.Answer{}, c.failure(errors.New("no choices"))
	}
	first := resp.Choices[0]
	finish := string(first.FinishReason)
	if first.FinishReason == api.FinishReasonContentFilter || first.Message.Refusal != "" {
		return prompt.Answer{}, fmt.Errorf("openai: model %s: %w", c.set.Model, ErrDeclined)
	}
	return prompt.Answer{
		Text: unfenced(first.Message.Content), Truncated: first.FinishReason == api.FinishReasonLength,
		TokensIn: resp.Usage.PromptTokens, TokensOut: resp.Usage.CompletionTokens, Finish: finish,
	}, nil
}

// unfenced takes off the Markdown fence that models without a schema like to put around all of their JSON.
func unfenced(text string) string {
	inner, opened := strings.CutPrefix(strings.TrimSpace(text), "```")
	inner, closed := strings.CutSuffix(inner, "```")
	first, rest, lines := strings.Cut(inner, "\n")
	if !opened || !closed || !lines || strings.Contains(rest, "```") || first != "" && !strings.EqualFold(first, "json") {
		return text
	}
	return strings.TrimSpace(rest)
}

// Models returns the names of the models that the server offers.
func (c *Client) Models(ctx context.Context) ([]string, error) {
	list, err := c.api.ListModels(ctx)
	if err != nil {
		return nil, c.failure(err)
	}
	var names []string
	for _, m := range list.Models {
		names = append(names, m.ID)
	}
	return names, nil
}
