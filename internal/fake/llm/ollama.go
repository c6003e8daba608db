package llm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// chat answers as Ollama does.
func (s *Server) chat(w http.ResponseWriter, q question) {
	if !s.has(q.Model) {
		answer(w, http.StatusNotFound, object{"error": "model \"" + q.Model + "\" not found, try pulling it first"})
		return
	}
	text, finish := s.say(q)
	in, out := tokens(q.text()), tokens(text)
	span := q.Options.NumCtx
	if s.Context > 0 {
		span = min(span, s.Context)
	}
	body := object{
		"model": q.Model, "created_at": "2026-01-01T00:00:00Z", "message": object{"role": "assistant", "content": text}, "done": true, "done_reason": finish,
		"total_duration": 1, "prompt_eval_count": min(in, span), "eval_count": out,
	}
	if s.Persona == Unfinished {
		body["done"] = false
		delete(body, "done_reason")
	}
	answer(w, http.StatusOK, body)
}

func (s *Server) show(w http.ResponseWriter, body []byte) {
	var q struct{ Model string }
	if json.Unmarshal(body, &q) != nil || !s.has(q.Model) {
		answer(w, http.StatusNotFound, object{"error": "model '" + q.Model + "' not found"})
		return
	}
	about := object{}
	if s.Context > 0 {
		about = object{"general.architecture": "llama", "llama.context_length": s.Context}
	}
	answer(w, http.StatusOK, object{"details": object{"family": "llama"}, "model_info": about, "capabilities": []string{"completion"}})
}

func (s *Server) has(model string) bool { return strings.TrimSuffix(model, ":latest") == s.Model }
