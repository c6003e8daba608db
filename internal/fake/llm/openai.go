package llm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// question is what is read of a request, of either API.
type question struct {
	Model    string
	Messages []struct{ Role, Content string }
	Format   json.RawMessage // Ollama: a schema, or "json"
	Options  struct {
		NumCtx     int `json:"num_ctx"`
		NumPredict int `json:"num_predict"`
	}

	ResponseFormat *struct {
		Type       string
		JSONSchema struct{ Schema json.RawMessage } `json:"json_schema"`
	} `json:"response_format"`
	MaxTokens           *int     `json:"max_tokens"`
	MaxCompletionTokens *int     `json:"max_completion_tokens"`
	Temperature         *float64 `json:"temperature"`
	Seed                *int     `json:"seed"`
}

// schema is the one that the answer shall have, nil when none is asked for.
func (q question) schema() json.RawMessage {
	if q.ResponseFormat != nil {
		return q.ResponseFormat.JSONSchema.Schema
	}
	return q.Format
}

// text is all that was said, the messages one below the other.
func (q question) text() string {
	var b strings.Builder
	for _, m := range q.Messages {
		b.WriteString(m.Content + "\n")
	}
	return b.String()
}

// tokens is a guess at what a model would count: four bytes each.
func tokens(text string) int { return len(text)/4 + 1 }

// completion answers as OpenAI does.
func (s *Server) completion(w http.ResponseWriter, q question) {
	if q.Model != s.Model {
		refuse(w, http.StatusNotFound, "The model `"+q.Model+"` does not exist or you do not have access to it.", "", "model_not_found")
		return
	}
	if name := s.rejected(q); name != "" && s.Bare {
		answer(w, http.StatusBadRequest, object{
			"object": "error", "type": "BadRequestError", "param": nil, "code": http.StatusBadRequest,
			"message": "[{'type': 'extra_forbidden', 'loc': ('body', '" + name + "'), 'msg': 'Extra inputs are not permitted'}]",
		})
		return
	} else if name != "" {
		refuse(w, http.StatusBadRequest, "Unsupported parameter: '"+name+"' is not supported with this model.", name, "unsupported_parameter")
		return
	}
	text, finish := s.say(q)
	if s.Dialect == Anthropic {
		text = "```json\n" + text + "\n```"
	}
	answer(w, http.StatusOK, object{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": s.Model, "system_fingerprint": "fp_5a",
		"choices": []object{{"index": 0, "finish_reason": finish, "message": object{"role": "assistant", "content": text}}},
		"usage":   object{"prompt_tokens": tokens(q.text()), "completion_tokens": tokens(text), "total_tokens": tokens(q.text()) + tokens(text)},
	})
}

// rejected names the first member of the request that this server does not take.
func (s *Server) rejected(q question) string {
	sent := map[string]bool{
		"max_tokens": q.MaxTokens != nil, "max_completion_tokens": q.MaxCompletionTokens != nil, "temperature": q.Temperature != nil,
		"seed": q.Seed != nil, "response_format": q.ResponseFormat != nil,
	}
	for _, name := range s.Rejects {
		if sent[name] {
			return name
		}
	}
	if s.Formats != nil && q.ResponseFormat != nil && !s.Formats[q.ResponseFormat.Type] {
		return "response_format"
	}
	return ""
}
