// Package llm answers as servers of language models are documented to, for tests and for trying: OpenAI's chat completions, also as
// Azure, vLLM and others bend them, and Ollama's own API. What it says is a persona's: honest, lying, obedient to the alert, or broken
// in one of the ways in which such servers break.
//
// It has no model: it fills the schema that it is given. It streams nothing and keeps what it was asked. Server is an http.Handler;
// start with it, Persona and Request. By hand:
//
//	go test ./internal/fake/llm -run ByHand -timeout 0 -args -listen 127.0.0.1:8900 -persona liar
//
// Source: https://platform.openai.com/docs/api-reference/chat and docs/api.md of github.com/ollama/ollama.
package llm

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is the service. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Model   string          // the only one that is installed
	Context int             // tokens that it can hold, as it says to Ollama's clients; 0 says nothing
	Key     string          // the only one that is accepted, as Bearer or api-key; none is asked for when empty
	Dialect Dialect         // OpenAI's when empty
	Persona Persona         // Honest when empty
	Slots   int             // more requests at once are refused; 0 takes all
	Delay   time.Duration   // of each answer
	Rejects []string        // members of a chat completion that it refuses: seed, max_tokens, response_format, ...
	Bare    bool            // refuses as vLLM does: without an envelope, and naming the member in the message only
	Formats map[string]bool // types of response_format that it takes; nil takes all

	mu       sync.Mutex
	requests []Request
	running  int
}

// Request is one as it arrived.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), string(body)})
	n := len(s.requests)
	s.running++
	full := s.Slots > 0 && s.running > s.Slots
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.running--
		s.mu.Unlock()
	}()
	if s.demands(w, r, body) {
		return
	}
	if s.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.Key && r.Header.Get("Api-Key") != s.Key {
		refuse(w, http.StatusUnauthorized, "Incorrect API key provided: "+r.Header.Get("Authorization"), "", "invalid_api_key")
		return
	}
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/chat/completions"):
		s.talk(w, r, n, full, body, s.completion)
	case strings.HasSuffix(path, "/models"):
		answer(w, http.StatusOK, object{"object": "list", "data": []object{{"id": s.Model, "object": "model"}}})
	case path == "/api/chat":
		s.talk(w, r, n, full, body, s.chat)
	case path == "/api/show":
		s.show(w, body)
	case path == "/api/tags":
		answer(w, http.StatusOK, object{"models": []object{{"name": s.Model + ":latest", "model": s.Model + ":latest", "digest": strings.Repeat("5a", 32)}}})
	case path == "/api/version":
		answer(w, http.StatusOK, object{"version": "0.9.6"})
	default:
		http.NotFound(w, r)
	}
}

// talk answers a question, unless the persona or the slots have it otherwise. n counts the requests, from 1.
func (s *Server) talk(w http.ResponseWriter, r *http.Request, n int, full bool, body []byte, as func(http.ResponseWriter, question)) {
	var q question
	switch err := json.Unmarshal(body, &q); {
	case err != nil:
		refuse(w, http.StatusBadRequest, "We could not parse the JSON body of your request.", "", "")
	case full:
		refuse(w, http.StatusTooManyRequests, "Too many requests at once.", "", "rate_limit_exceeded")
	case s.Persona == Waves && (n-1)%20 < 5:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "Rate limit reached for requests.", "", "rate_limit_exceeded")
	case s.Persona == Busy:
		refuse(w, http.StatusServiceUnavailable, "The server is overloaded.", "", "")
	case s.Persona == Slow:
		<-r.Context().Done()
	case s.Persona == Drops:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "900")
		_, _ = io.WriteString(w, `{"choices":[{"index":0,"message":{"role":"assi`)
	case s.Persona == Portal:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Sign in</title>")
	default:
		if s.Delay > 0 {
			time.Sleep(s.Delay)
		}
		as(w, q)
	}
}

type object map[string]any

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who hung up needs no answer
}

// refuse answers an error in OpenAI's envelope; null for what it does not name.
func refuse(w http.ResponseWriter, status int, message, param, code string) {
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	answer(w, status, object{"error": object{"message": message, "type": "invalid_request_error", "param": orNull(param), "code": orNull(code)}})
}
