package openai

import (
	"encoding/json"
	"math"

	api "github.com/sashabaranov/go-openai"

	"github.com/seed-959697dd/soc/internal/prompt"
)

// shape is what a request leaves out because a server does not know it. The zero value leaves out nothing.
type shape struct {
	noSeed, noTemperature bool
	limit                 limitName
	format                formatType
}

// limitName is how the limit of an answer is called.
type limitName uint8

const (
	maxTokens     limitName = iota // what most servers know
	maxCompletion                  // what OpenAI's later models want
	noLimit
)

// formatType is how firmly the answer is held to its schema.
type formatType uint8

const (
	bySchema formatType = iota
	byObject
	byNothing // what the prompt says about it is all
)

// member is one of those that servers refuse.
type member string

const (
	none        member = ""
	seed        member = "seed"
	temperature member = "temperature"
	limit       member = "max_tokens"
	completion  member = "max_completion_tokens"
	format      member = "response_format"
)

// sends says whether the request has the member.
func (s shape) sends(m member) bool {
	switch m {
	case seed:
		return !s.noSeed
	case temperature:
		return !s.noTemperature
	case limit:
		return s.limit == maxTokens
	case completion:
		return s.limit == maxCompletion
	case format:
		return s.format != byNothing
	case none:
	}
	return false
}

// without is the shape for a server that refused the member; false when there is nothing to leave out. Each step leaves out more, so
// that they come to an end.
func (s shape) without(m member) (shape, bool) {
	if !s.sends(m) {
		return s, false
	}
	switch m {
	case seed:
		s.noSeed = true
	case temperature:
		s.noTemperature = true
	case limit, completion:
		s.limit++
	case format:
		s.format++
	case none:
	}
	return s, true
}

// zero is the temperature 0 as the library lets it through: it leaves out a zero, for which servers take 1. The carrier writes it out.
const zero = math.SmallestNonzeroFloat32

func (s shape) request(model string, r prompt.Request) api.ChatCompletionRequest {
	req := api.ChatCompletionRequest{Model: model}
	if r.System != "" {
		req.Messages = append(req.Messages, api.ChatCompletionMessage{Role: api.ChatMessageRoleSystem, Content: r.System})
	}
	req.Messages = append(req.Messages, api.ChatCompletionMessage{Role: api.ChatMessageRoleUser, Content: r.Shared + r.Alert})
	if !s.noSeed {
		req.Seed = &r.Seed
	}
	if !s.noTemperature {
		req.Temperature = zero
	}
	switch s.limit {
	case maxTokens:
		//lint:ignore SA1019 deprecated by OpenAI, and the only one that other servers know
		req.MaxTokens = r.MaxTokens //nolint:staticcheck // see the line above: two programs, two ways to say it
	case maxCompletion:
		req.MaxCompletionTokens = r.MaxTokens
	case noLimit:
	}
	switch {
	case s.format == byNothing || len(r.Schema) == 0:
	case s.format == byObject:
		req.ResponseFormat = &api.ChatCompletionResponseFormat{Type: api.ChatCompletionResponseFormatTypeJSONObject}
	default:
		req.ResponseFormat = &api.ChatCompletionResponseFormat{
			Type:       api.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &api.ChatCompletionResponseFormatJSONSchema{Name: "answer", Schema: unbounded(r.Schema), Strict: true},
		}
	}
	return req
}

// unbounded leaves the bounds out of a schema, which Azure and others refuse in a strict one. Whoever reads the answer has bounds of
// their own.
func unbounded(schema json.RawMessage) json.RawMessage {
	var s map[string]any
	if json.Unmarshal(schema, &s) != nil {
		return schema
	}
	loosen(s)
	if b, err := json.Marshal(s); err == nil { // what Unmarshal made can be marshalled
		return b
	}
	return schema
}

func loosen(s map[string]any) {
	for _, bound := range []string{"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"} {
		delete(s, bound)
	}
	if items, ok := s["items"].(map[string]any); ok {
		loosen(items)
	}
	members, _ := s["properties"].(map[string]any)
	for _, m := range members {
		if m, ok := m.(map[string]any); ok {
			loosen(m)
		}
	}
}
