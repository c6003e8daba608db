// Package crowdsec answers as the local API of CrowdSec 1.4.6 does, for tests and for trying: signing in as a machine, alerts with
// decisions that end, deleting a decision. What it does was read off the real one.
//
// It has no bouncers, profiles or scenarios. Server is an http.Handler; start with it.
//
// Source: the local API's swagger (pkg/models/localapi_swagger.yaml of github.com/crowdsecurity/crowdsec), and answers of version 1.4.6.
package crowdsec

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// Server is the API. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Machine, Password string
	Now               func() time.Time

	mu        sync.Mutex
	token     string
	tokens    int
	expire    time.Time
	decisions []*Decision
	Seen      []string // methods and paths, in order; to be read when nothing is asked any more
}

// Decision is a ban.
type Decision struct {
	ID                                   int64
	Origin, Scenario, Scope, Type, Value string
	Until                                time.Time
}

// Ban adds a decision as CrowdSec itself would.
func (s *Server) Ban(d Decision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.ID = int64(len(s.decisions) + 1)
	s.decisions = append(s.decisions, &d)
}

// InForce returns the origins of the decisions on a value that are in force.
func (s *Server) InForce(value string) (origins []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.decisions {
		if d.Value == value && s.Now().Before(d.Until) {
			origins = append(origins, d.Origin)
		}
	}
	return origins
}

// Forget makes the token worthless, as a restart with another key does.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Seen = append(s.Seen, r.Method+" "+r.URL.Path)
	if r.URL.Path == "/v1/watchers/login" {
		s.login(w, r.UserAgent(), gjson.ParseBytes(body))
		return
	}
	if s.token == "" || r.Header.Get("Authorization") != "Bearer "+s.token || !s.Now().Before(s.expire) {
		answer(w, http.StatusUnauthorized, map[string]any{"code": 401, "message": "token is expired or unknown"})
		return
	}
	id, single := strings.CutPrefix(r.URL.Path, "/v1/decisions/")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/alerts":
		s.add(w, gjson.ParseBytes(body))
	case r.Method == http.MethodGet && r.URL.Path == "/v1/alerts":
		s.list(w, r.URL.Query().Get("scope"), r.URL.Query().Get("value"))
	case r.Method == http.MethodDelete && single:
		n, _ := strconv.ParseInt(id, 10, 64)
		for _, d := range s.decisions {
			if d.ID == n {
				d.Until = s.Now()
			}
		}
		answer(w, http.StatusOK, map[string]any{"nbDeleted": "1"})
	default:
		answer(w, http.StatusNotFound, map[string]any{"message": "page not found"})
	}
}

// login refuses a user agent that is not of the form name/version as it refuses a wrong password.
func (s *Server) login(w http.ResponseWriter, agent string, v gjson.Result) {
	if strings.Count(agent, "/") != 1 || v.Get("machine_id").Str != s.Machine || v.Get("password").Str != s.Password {
		answer(w, http.StatusUnauthorized, map[string]any{"code": 401, "message": "incorrect Username or Password"})
		return
	}
	s.tokens++
	s.token, s.expire = fmt.Sprint("token-", s.tokens), s.Now().Add(time.Hour)
	answer(w, http.StatusOK, map[string]any{"code": 200, "token": s.token, "expire": s.expire.UTC().Format(time.RFC3339)})
}

// add takes alerts in. What the swagger requires and is missing is an error 500, as from the real one.
func (s *Server) add(w http.ResponseWriter, v gjson.Result) {
	var ids, missing []string
	for _, a := range v.Array() {
		for _, name := range []string{"capacity", "events", "events_count", "leakspeed", "message", "scenario", "scenario_hash", "scenario_version", "simulated", "source", "start_at", "stop_at"} {
			if !a.Get(name).Exists() {
				missing = append(missing, "0."+name+" in body is required")
			}
		}
		stop, err := time.Parse(time.RFC3339, a.Get("stop_at").Str)
		if err != nil {
			missing = append(missing, "0.stop_at in body must be of type date-time")
		}
		for _, d := range a.Get("decisions").Array() {
			left, err := time.ParseDuration(d.Get("duration").Str)
			if err != nil {
				missing = append(missing, "decision duration")
			}
			s.decisions = append(s.decisions, &Decision{int64(len(s.decisions) + 1), d.Get("origin").Str, d.Get("scenario").Str, d.Get("scope").Str, d.Get("type").Str, d.Get("value").Str, stop.Add(left)})
		}
		ids = append(ids, strconv.Itoa(len(s.decisions)))
	}
	if len(missing) > 0 {
		answer(w, http.StatusInternalServerError, map[string]any{"message": "validation failure list:\n" + strings.Join(missing, "\n")})
		return
	}
	answer(w, http.StatusCreated, ids)
}

// list is every alert on the value with a decision in force, an alert each here; null when there is none.
func (s *Server) list(w http.ResponseWriter, scope, value string) {
	var list []any
	for _, d := range s.decisions {
		if left := d.Until.Sub(s.Now()); d.Scope == scope && d.Value == value && left > 0 {
			one := map[string]any{"id": d.ID, "duration": left.String(), "origin": d.Origin, "scenario": d.Scenario, "scope": d.Scope, "type": d.Type, "value": d.Value, "simulated": false}
			list = append(list, map[string]any{"id": d.ID, "decisions": []any{one}})
		}
	}
	answer(w, http.StatusOK, slices.Clip(list))
}

func answer(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // who hung up needs no answer
}
