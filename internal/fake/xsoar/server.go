// Package xsoar answers as Cortex XSOAR's API is documented to, for tests and for trying: incidents and their search, entries, commands,
// playbooks that take their time; as version 6 with a plain key, as version 8 with standard and advanced keys. On request everything
// goes wrong that goes wrong between a client and such a server.
//
// Its one integration blocks addresses: !fw-block-ip, !fw-unblock-ip and !fw-check-ip. It has no users, layouts, mappings or indicators.
// Server is an http.Handler; start with it and Incidents. By hand:
//
//	go test ./internal/fake/xsoar -run ByHand -timeout 0 -args -listen 127.0.0.1:8902
//
// Source: server_api_swagger.json and api_client.py of github.com/demisto/demisto-py.
package xsoar

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/fault"
)

// Server is the platform. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Version   int // 6 or 8
	Key       string
	KeyID     string // of version 8
	Advanced  bool   // the key is an advanced one
	Now       func() time.Time
	Playbooks []string // that it has; one that ends in -breaks fails
	Forgets   bool     // it keeps no source that it is given
	Polls     int      // how often a playbook says running before it ends
	Bare      bool     // its searches leave the custom fields out
	Lacks     []string // what the key's role may not: see the constants
	Fault     func(n int) fault.Fault

	mu        sync.Mutex
	requests  []Request
	incidents []map[string]any
	nonces    map[string]bool
	blocked   map[string]bool
	entries   map[string][]string // notes by investigation
	ticks     int64
}

// What a role may lack.
const (
	ReadIncidents = "read incidents"
	EditIncidents = "edit incidents"
)

// Request is one as it arrived.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         string
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Incidents returns what it holds.
func (s *Server) Incidents() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.incidents)
}

// Close closes an incident's investigation.
func (s *Server) Close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.incidents {
		if i["id"] == id {
			s.shut(i, "Resolved")
		}
	}
}

// Blocked tells whether its firewall blocks an address.
func (s *Server) Blocked(ip string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocked[ip]
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.Header.Clone(), string(body)})
	n := len(s.requests)
	s.mu.Unlock()
	wrong := fault.None
	if s.Fault != nil {
		wrong = s.Fault(n)
	}
	if wrong.Before(w, r, r.Header.Get("Authorization"), refuse) {
		return
	}
	s.mu.Lock()
	status, doc := s.admit(r), any(nil)
	path := r.URL.Path
	if s.Version == 8 {
		var ok bool
		if path, ok = strings.CutPrefix(path, "/xsoar/public/v1"); !ok { // trap: other paths than version 6
			status = http.StatusNotFound
		}
	}
	if status == 0 {
		status, doc = s.answer(path, r.Method, body)
	}
	text, _ := json.Marshal(doc) // maps of plain values
	s.mu.Unlock()
	if doc == nil {
		refuse(w, status, http.StatusText(status))
		return
	}
	if wrong.Damaged(w, text) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// refuse answers an error as XSOAR spells it.
func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"id": "err", "status": max(400, status), "title": "error", "detail": detail, "error": detail}) // who hung up needs no answer
}

// admit checks the key as the version wants it; 0 lets in.
func (s *Server) admit(r *http.Request) int {
	got := r.Header.Get("Authorization")
	if s.Version == 8 && r.Header.Get("X-Xdr-Auth-Id") != s.KeyID {
		return http.StatusUnauthorized
	}
	if !s.Advanced {
		if got != s.Key {
			return http.StatusUnauthorized
		}
		return 0
	}
	nonce, at := r.Header.Get("X-Xdr-Nonce"), r.Header.Get("X-Xdr-Timestamp")
	sum := sha256.Sum256([]byte(s.Key + nonce + at))
	ms, err := strconv.ParseInt(at, 10, 64)
	age := s.Now().Sub(time.UnixMilli(ms))
	if err != nil || len(nonce) != 64 || got != hex.EncodeToString(sum[:]) || s.nonces[nonce] || age.Abs() > 5*time.Minute {
		return http.StatusUnauthorized
	}
	if s.nonces == nil {
		s.nonces = map[string]bool{}
	}
	s.nonces[nonce] = true
	return 0
}

func (s *Server) answer(path, method string, body []byte) (int, any) {
	if id, ok := strings.CutPrefix(path, "/incident/load/"); ok && method == http.MethodGet {
		return s.load(id)
	}
	if method != http.MethodPost || !json.Valid(body) {
		return http.StatusBadRequest, nil
	}
	right := EditIncidents
	if strings.HasSuffix(path, "/search") {
		right = ReadIncidents
	}
	if slices.Contains(s.Lacks, right) {
		return http.StatusForbidden, nil
	}
	doc := gjson.ParseBytes(body)
	switch path {
	case "/incidents/search":
		return s.search(doc.Get("filter"))
	case "/investigations/search":
		return http.StatusOK, map[string]any{"total": 1, "data": []any{map[string]any{"id": playground, "type": 9}}}
	case "/incident":
		if doc.Get("id").Exists() {
			return s.update(body)
		}
		return s.create(body)
	case "/incident/batchClose":
		return s.batchClose(doc)
	case "/entry":
		return s.note(doc)
	case "/entry/execute/sync":
		return s.execute(doc.Get("investigationId").String(), doc.Get("data").String())
	}
	return http.StatusNotFound, nil
}

func (s *Server) create(body []byte) (int, any) {
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil || doc["name"] == nil {
		return http.StatusBadRequest, nil
	}
	id := strconv.Itoa(len(s.incidents) + 41)
	if s.Forgets {
		delete(doc, "sourceInstance")
	}
	doc["id"], doc["version"], doc["runStatus"], doc["asked"], doc["status"], doc["owner"], doc["closeReason"] = id, 1, "", 0, 0, "", ""
	for _, name := range []string{"created", "modified"} {
		if doc[name] == nil {
			doc[name] = s.now()
		}
	}
	if doc["CustomFields"] == nil {
		doc["CustomFields"] = map[string]any{}
	}
	if playbook, _ := doc["playbookId"].(string); doc["createInvestigation"] == true {
		doc["investigationId"], doc["status"] = id, 1
		if slices.Contains(s.Playbooks, playbook) {
			doc["runStatus"] = "running"
		}
	}
	s.incidents = append(s.incidents, doc)
	return http.StatusOK, doc
}

// advance lets a playbook come to its end after its incident was looked for often enough.
func (s *Server) advance(i map[string]any) {
	asked, _ := i["asked"].(int)
	if i["asked"] = asked + 1; i["runStatus"] != "running" || asked < s.Polls {
		return
	}
	i["runStatus"] = "completed"
	if name, _ := i["playbookId"].(string); strings.HasSuffix(name, "-breaks") {
		i["runStatus"] = "error"
	}
}
