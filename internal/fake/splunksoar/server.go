// Package splunksoar answers as Splunk SOAR's REST API is documented to, for tests and for trying: containers with artifacts, notes,
// playbook runs and action runs that take their time, lists with filters, the version. On request everything goes wrong that goes wrong
// between a client and such a server, failures in the body of a 200 included.
//
// Its one app blocks addresses: `block ip`, `unblock ip` and `lookup ip` on the asset fw1. It has no users, no approvals and no
// permissions beyond its one token. Server is an http.Handler; start with it and Container. By hand:
//
//	go test ./internal/fake/splunksoar -run ByHand -timeout 0 -args -listen 127.0.0.1:8901
//
// Source: Splunk SOAR REST API reference (help.splunk.com): container, artifact, notes, playbook run, action run, app run, query filters.
package splunksoar

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/fault"
)

// Server is the platform. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Token     string                  // the only one that is accepted
	Playbooks []string                // that it has, as REPOSITORY/NAME; one that ends in -breaks fails
	Polls     int                     // how often a run says running before it ends; 0: once
	Takes     int                     // how many artifacts of a new container it takes; 0: all
	Lacks     []string                // what the token's user may not: see the constants
	Now       func() time.Time        // what is written says; nil: a fixed day
	Fault     func(n int) fault.Fault // what goes wrong with the n-th request, from 1; nil is nothing

	mu       sync.Mutex
	requests []Request
	next     int64
	rows     map[string][]row // by resource
	blocked  map[string]bool
	ticks    int64
	sources  map[string]row // the last container of each source id
}

// What a user may lack.
const (
	ViewContainers = "view containers"
	EditContainers = "edit containers"
)

type row map[string]any

// Request is one as it arrived.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         string
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Rows returns what it holds of a resource: container, artifact, container_note, playbook_run, action_run.
func (s *Server) Rows(resource string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []map[string]any
	for _, r := range s.rows[resource] {
		list = append(list, r)
	}
	return list
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
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), string(body)})
	n := len(s.requests)
	s.mu.Unlock()
	wrong := fault.None
	if s.Fault != nil {
		wrong = s.Fault(n)
	}
	if wrong.Before(w, r, r.Header.Get("ph-auth-token"), refuse) {
		return
	}
	if r.Header.Get("ph-auth-token") != s.Token {
		refuse(w, http.StatusUnauthorized, "Authentication credentials were not provided.")
		return
	}
	s.mu.Lock()
	status, doc := s.answer(r, body)
	text, _ := json.Marshal(doc) // maps of plain values
	s.mu.Unlock()
	if wrong.Damaged(w, text) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(row{"failed": true, "message": message}) // who hung up needs no answer
}

func failed(status int, message string) (int, any) {
	return status, row{"failed": true, "message": message}
}

func (s *Server) answer(r *http.Request, body []byte) (int, any) {
	if s.rows == nil {
		s.rows, s.blocked, s.next = map[string][]row{}, map[string]bool{}, 100
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/rest/")
	if !ok {
		return failed(http.StatusNotFound, "not found")
	}
	if path != "version" && (r.Method == http.MethodGet && slices.Contains(s.Lacks, ViewContainers) || r.Method != http.MethodGet && slices.Contains(s.Lacks, EditContainers)) {
		return failed(http.StatusForbidden, "You do not have permission to perform this action")
	}
	resource, id, single := strings.Cut(path, "/")
	switch {
	case r.Method == http.MethodGet && resource == "version":
		return http.StatusOK, row{"version": "6.4.1.361"}
	case r.Method == http.MethodGet && single:
		return s.single(resource, id, r.URL.Query())
	case r.Method == http.MethodGet:
		return s.list(resource, r.URL.Query())
	}
	var doc row
	if err := json.Unmarshal(body, &doc); err != nil {
		return failed(http.StatusBadRequest, "Could not parse the JSON of the request")
	}
	switch {
	case resource == "artifact" && single: // trap: it replaces the whole cef
		return s.replace(id, doc)
	case resource == "artifact":
		return s.artifact(doc)
	case resource == "container" && single:
		return s.update(id, doc)
	case resource == "container":
		return s.container(doc)
	case resource == "container_note":
		return s.note(doc)
	case resource == "playbook_run":
		return s.playbook(doc)
	case resource == "action_run":
		return s.action(doc)
	}
	return failed(http.StatusNotFound, "not found")
}

func (s *Server) add(resource string, doc row) int64 {
	s.next++
	doc["id"] = s.next
	if doc["create_time"] == nil {
		doc["create_time"] = s.now()
	}
	s.rows[resource] = append(s.rows[resource], doc)
	return s.next
}

func (s *Server) container(doc row) (int, any) {
	source, _ := doc["source_data_identifier"].(string)
	if c := s.sources[source]; source != "" && c != nil && c["label"] == doc["label"] {
		return http.StatusBadRequest, row{"failed": true, "message": "duplicate source_data_identifier", "existing_container_id": c["id"]}
	}
	if severity := doc["severity"]; severity != "high" && severity != "medium" && severity != "low" {
		return failed(http.StatusBadRequest, "severity \"critical\" is not one of high, medium, low")
	}
	if doc["label"] == nil || doc["name"] == nil {
		return failed(http.StatusBadRequest, "label and name are required")
	}
	artifacts, _ := doc["artifacts"].([]any)
	delete(doc, "artifacts")
	id := s.add("container", doc)
	if s.sources == nil {
		s.sources = map[string]row{}
	}
	s.sources[source] = doc
	usual := row{
		"container_update_time": doc["create_time"], "artifact_update_time": doc["create_time"], "container_type": "default", "owner_name": "", "artifact_count": 0, "tags": []any{}, "custom_fields": row{},
		"status": "new",
	}
	for name, v := range usual {
		if doc[name] == nil {
			doc[name] = v
		}
	}
	ids := []int64{}
	for i, a := range artifacts {
		if s.Takes > 0 && i >= s.Takes {
			break
		}
		one := row(a.(map[string]any))
		ids = append(ids, s.keep(doc, one))
	}
	return http.StatusOK, row{"success": true, "id": id, "new_artifact_ids": ids}
}

// keep adds an artifact to a container.
func (s *Server) keep(container, one row) int64 {
	one["container"] = container["id"]
	id := s.add("artifact", one)
	n, _ := container["artifact_count"].(int)
	container["artifact_count"], container["artifact_update_time"] = n+1, one["create_time"]
	return id
}

func (s *Server) find(resource string, id any) row {
	for _, r := range s.rows[resource] {
		if text(r["id"]) == text(id) {
			return r
		}
	}
	return nil
}

// text spells a value as a filter writes it.
func text(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatInt(int64(v), 10)
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		if len(v) == len("2006-01-02T15:04:05.000000Z") && v[10] == 'T' { // a time, which most comparisons are of
			return `"` + v + `"`
		}
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func (s *Server) note(doc row) (int, any) {
	if s.find("container", doc["container_id"]) == nil {
		return failed(http.StatusBadRequest, "container_id: no such container")
	}
	doc["container"] = doc["container_id"]
	return http.StatusOK, row{"success": true, "id": s.add("container_note", doc)}
}

func (s *Server) replace(id string, doc row) (int, any) {
	n, _ := strconv.ParseInt(id, 10, 64)
	a := s.find("artifact", n)
	if a == nil {
		return failed(http.StatusNotFound, "Requested item not found")
	}
	for k, v := range doc {
		a[k] = v
	}
	return http.StatusOK, row{"success": true, "id": n}
}

// single is one row. The longer runs are asked for the further they are.
func (s *Server) single(resource, id string, q url.Values) (int, any) {
	n, err := strconv.ParseInt(id, 10, 64)
	r := s.find(resource, n)
	if err != nil || r == nil {
		return failed(http.StatusNotFound, "Requested item not found")
	}
	if resource == "playbook_run" || resource == "action_run" {
		s.advance(resource, r)
	}
	if resource == "app_run" && q.Get("include_expensive") != "true" {
		r = without(r, "result_data")
	}
	return http.StatusOK, r
}

func without(r row, name string) row {
	if _, ok := r[name]; !ok {
		return r
	}
	c := row{}
	for k, v := range r {
		if k != name {
			c[k] = v
		}
	}
	return c
}
