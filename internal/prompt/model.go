package prompt

import (
	"context"
	"encoding/json"
)

// Model answers one request. It is safe for concurrent use and obeys the context's deadline. An error means that there is no answer, of
// whatever reason: the caller makes a gap of it. A model that was cut off says so in Answer.Truncated and returns what it has.
type Model interface {
	// Name is how the configuration calls the model; it stands in verdicts, recordings and digests.
	Name() string
	Chat(ctx context.Context, r Request) (Answer, error)
}

// Request is what one call sends, and all of it. System, then Shared, then Alert: the first two are equal for many calls, so that a
// provider's prefix cache holds them. A model sends System as the system message and Shared followed by Alert as one user message.
type Request struct {
	System    string          // who the model is and what it must not do; carries the canary
	Shared    string          // schema, policy, examples, what the estate knows, what the rule means
	Alert     string          // the fenced alert: the only part that differs between neighbours
	Schema    json.RawMessage // JSON Schema of the answer; for providers that hold a model to one
	MaxTokens int             // of the answer
	Seed      int             // of the sampling, which is at temperature 0
	Key       Key             // names the question for caches and recordings; it is not sent
}

// Answer is what a model said, unread.
type Answer struct {
	Text      string `json:"text"`
	Truncated bool   `json:"truncated,omitempty"` // the prompt was cut by the model's context, or the answer by its limit
	TokensIn  int    `json:"tokens_in,omitempty"`
	TokensOut int    `json:"tokens_out,omitempty"`
	Finish    string `json:"finish,omitempty"` // the provider's own word: stop, length, content_filter, ...
}
