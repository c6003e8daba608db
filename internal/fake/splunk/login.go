package splunk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func (s *Server) now() time.Time {
	if s.o.Now == nil {
		return time.Unix(1_772_982_000, 0).UTC()
	}
	return s.o.Now()
}

// login begins a session.
func (s *Server) login(w http.ResponseWriter, body []byte) {
	form, _ := url.ParseQuery(string(body))
	s.mu.Lock()
	right := s.o.User != "" && form.Get("username") == s.o.User && form.Get("password") == s.o.Password
	s.logins++
	key := fmt.Sprintf("session-key-%04d-of-%s", s.logins, s.o.User)
	if right {
		s.sessions[key] = s.now().Add(s.o.Session)
	}
	s.mu.Unlock()
	if !right {
		refuse(w, http.StatusUnauthorized, "Login failed for "+form.Get("username")+" with "+form.Get("password")) // careless products show it
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(row{"sessionKey": key, "message": "", "code": ""}) // who hung up needs no answer
}

// Expire ends every session.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// admit tells who asks, or nothing.
func (s *Server) admit(r *http.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch kind {
	case "Bearer":
		if s.o.Token != "" && rest == s.o.Token {
			return "soc_robot"
		}
	case "Splunk":
		if until, ok := s.sessions[rest]; ok && s.now().Before(until) {
			return s.o.User
		}
	case "Basic":
		if user, password, ok := r.BasicAuth(); ok && s.o.User != "" && user == s.o.User && password == s.o.Password {
			return user
		}
	}
	return ""
}
