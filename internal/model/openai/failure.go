package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	api "github.com/sashabaranov/go-openai"

	"github.com/seed-959697dd/soc/internal/web"
)

// What can be wrong besides the way there, for errors.Is.
var (
	ErrMissing   = errors.New("the server has no such model, or not for this key")
	ErrElsewhere = errors.New("no chat completions at this address")
	ErrDeclined  = errors.New("the model or its provider's filter declined to answer")
	ErrAnswer    = errors.New("the answer is not a chat completion")
)

// failure says what an error means. For a missing model there is nothing but the words of the message.
func (c *Client) failure(err error) error {
	var e *web.Error
	switch {
	case !errors.As(err, &e):
		return fmt.Errorf("openai: model %s: %w: %.120q", c.set.Model, ErrAnswer, err.Error())
	case e.Status == http.StatusNotFound && strings.Contains(strings.ToLower(e.Detail), "model"):
		return fmt.Errorf("openai: model %s: %w: %w", c.set.Model, ErrMissing, err)
	case e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed, errors.Is(err, web.ErrHTML), errors.Is(err, web.ErrType):
		return fmt.Errorf("openai: model %s: %w: %w", c.set.Model, ErrElsewhere, err)
	}
	return fmt.Errorf("openai: model %s: %w", c.set.Model, err)
}

// refused is the member that an error is about, as the server or the library, which knows some models, names it. OpenAI names it in
// a member of the error; others in words only, and some repeat the whole request beside: then the first name counts.
func refused(err error) member {
	switch {
	case errors.Is(err, api.ErrReasoningModelMaxTokensDeprecated):
		return limit
	case errors.Is(err, api.ErrReasoningModelLimitationsOther), errors.Is(err, api.ErrReasoningSamplingUnsupported):
		return temperature
	}
	var r *refusal
	if !errors.As(err, &r) {
		return none
	}
	if m := named([]byte(message(r.body).param)); m != none {
		return m
	}
	return named(r.body[:min(len(r.body), 8<<10)])
}

// named finds the first name of a member in a text.
func named(text []byte) member {
	names := regexp.MustCompile(`(?i)\b(seed|temperature|max_tokens|max_completion_tokens|response_format|json_schema|json_object|json schema|grammar)\b`)
	switch m := member(bytes.ToLower(names.Find(text))); m {
	case none, seed, temperature, limit, completion, format:
		return m
	default:
		return format
	}
}

// fault is what is known of an error's body.
type fault struct{ message, param string }

// message reads the bodies that are in use: {"error":{"message","param"}}, the same in an array (Gemini), {"error":"..."},
// {"message":"..."} (vLLM) and {"detail":...} (FastAPI).
func message(body []byte) fault {
	body = bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("[")), []byte("]"))
	var outer struct {
		Error   json.RawMessage
		Message string
		Param   string
		Detail  json.RawMessage
	}
	if json.Unmarshal(body, &outer) != nil {
		return fault{}
	}
	var inner struct{ Message, Param string }
	var text string
	switch {
	case json.Unmarshal(outer.Error, &inner) == nil && inner.Message != "":
		return fault{inner.Message, inner.Param}
	case json.Unmarshal(outer.Error, &text) == nil, json.Unmarshal(outer.Detail, &text) == nil:
		return fault{text, outer.Param}
	case outer.Message != "":
		return fault{outer.Message, outer.Param}
	}
	return fault{message: string(outer.Detail)}
}

func detail(body []byte) string { return message(body).message }
