// Package elastic answers as Kibana's and Elasticsearch's APIs are documented to, for tests and for trying: detection alerts with their
// search, status, tags and assignees, cases with comments, ES|QL and field-less searches over logs; with an API key, spaces, and rights that
// the key may lack. On request everything goes wrong that goes wrong between a client and such a server, failures in the body of a 200
// included.
//
// Kibana and Elasticsearch stand at one address here. It has no rules that run, no connectors and no users besides its one key; of ES|QL it
// understands a line of FROM, WHERE on times, SORT, LIMIT, KEEP and STATS. Server is an http.Handler; start with it, Demo and Alerts.
//
// Source: elastic.co/docs/api (Kibana: detections, cases; Elasticsearch: ES|QL), and the routes of github.com/elastic/kibana below
// x-pack/solutions/security/plugins/security_solution/server/lib/detection_engine/routes/signals.
package elastic

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/fault"
)

// Server is both of them. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Key     string           // the only one that is accepted, base64 as Kibana shows it
	Version string           // empty: 9.2.1
	Space   string           // the only one besides none there is; empty: default
	Now     func() time.Time // what is written says
	Lacks   []string         // rights that the key has not: see the constants
	Polls   int              // how often an asynchronous query says that it runs
	Fault   func(n int) fault.Fault
	Trouble func(n int) Trouble // with the n-th request, from 1

	mu       sync.Mutex
	requests []Request
	alerts   []*doc
	logs     []*doc
	cases    []*kase
	runs     map[string]*run
	next     int
}

// Rights that a key may lack.
const (
	ReadAlerts  = "read alerts"
	WriteAlerts = "write alerts"
	ReadCases   = "read cases"
	WriteCases  = "write cases"
	ReadLogs    = "read logs"
)

// Trouble is what is wrong with an answer of which the status is a success.
type Trouble uint8

// The troubles.
const (
	Fine      Trouble = iota
	Shards            // some shards failed: hits are missing
	TimedOut          // the search ended early: hits are missing
	Partial           // of ES|QL: is_partial
	Fewer             // an update that reached none
	Conflict          // an update that met another one, in a 200
	Stale             // an update that met another one, as 409
	Failures          // an update with failures in its body
	Elsewhere         // a redirect to another host
	Forever           // of ES|QL: it runs and runs
)

// Request is one as it arrived.
type Request struct {
	Method, Path string
	Query        string
	Header       http.Header
	Body         string
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// call is a request on its way through.
type call struct {
	method, path string // without the space
	body         map[string]any
	query        func(string) string
	values       func(string) []string
	trouble      Trouble
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), string(body)})
	n := len(s.requests)
	s.mu.Unlock()
	wrong, trouble := fault.None, Fine
	if s.Fault != nil {
		wrong = s.Fault(n)
	}
	if s.Trouble != nil {
		trouble = s.Trouble(n)
	}
	if wrong.Before(w, r, r.Header.Get("Authorization"), refuse) {
		return
	}
	if trouble == Elsewhere {
		w.Header().Set("Location", "https://elsewhere.example"+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	if r.Header.Get("Authorization") != "ApiKey "+s.Key {
		refuse(w, http.StatusUnauthorized, "unable to authenticate with provided credentials")
		return
	}
	c := &call{method: r.Method, path: r.URL.Path, query: r.URL.Query().Get, values: func(k string) []string { return r.URL.Query()[k] }, trouble: trouble}
	if len(body) > 0 && json.Unmarshal(body, &c.body) != nil {
		refuse(w, http.StatusBadRequest, "the body is no JSON object")
		return
	}
	s.mu.Lock()
	status, doc := s.route(c, r.Header.Get("kbn-xsrf") != "")
	text, _ := json.Marshal(doc) // maps of plain values
	s.mu.Unlock()
	if wrong.Damaged(w, text) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// refuse answers an error as Kibana spells it.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"statusCode": max(400, status), "error": http.StatusText(max(400, status)), "message": message}) // who hung up needs no answer
}

type object = map[string]any

func no(status int, message string) (int, any) {
	return status, object{"statusCode": status, "error": http.StatusText(status), "message": message}
}

// route finds out whose path it is: Kibana's begin with /api, below /s/SPACE where it is not the default one.
func (s *Server) route(c *call, xsrf bool) (int, any) {
	path := c.path
	if rest, ok := strings.CutPrefix(path, "/s/"); ok {
		name, below, _ := strings.Cut(rest, "/")
		if name != s.Space {
			return no(http.StatusNotFound, "Not Found")
		}
		path = "/" + below
	} else if strings.HasPrefix(path, "/api/") && s.Space != "" && path != "/api/status" {
		return no(http.StatusForbidden, "the key has no rights in the space default")
	}
	below, kibana := strings.CutPrefix(path, "/api/")
	if !kibana {
		return s.elasticsearch(c)
	}
	if c.method != http.MethodGet && !xsrf { // trap: without the header nothing that writes gets through
		return no(http.StatusBadRequest, "Request must contain a kbn-xsrf header.")
	}
	c.path = below
	return s.kibana(c)
}

func (s *Server) version() string {
	if s.Version == "" {
		return "9.2.1"
	}
	return s.Version
}

func (s *Server) lacks(right string) bool { return slices.Contains(s.Lacks, right) }

func (s *Server) kibana(c *call) (int, any) {
	name, rest, _ := strings.Cut(c.path, "/")
	switch {
	case c.path == "status":
		return http.StatusOK, object{"version": object{"number": s.version()}, "status": object{"overall": object{"level": "available"}}}
	case c.path == "detection_engine/privileges":
		return s.privileges()
	case strings.HasPrefix(c.path, "detection_engine/signals/") && c.method == http.MethodPost:
		return s.signals(c, strings.TrimPrefix(c.path, "detection_engine/signals/"))
	case name == "cases":
		return s.casework(c, rest)
	}
	return no(http.StatusNotFound, "Not Found")
}

func (s *Server) privileges() (int, any) {
	write := !s.lacks(WriteAlerts)
	index := object{"read": !s.lacks(ReadAlerts), "write": write, "maintenance": write, "view_index_metadata": true}
	return http.StatusOK, object{"username": "soc", "has_all_requested": false, "is_authenticated": true, "has_encryption_key": true, "index": object{s.alias(): index}}
}

func (s *Server) space() string {
	if s.Space == "" {
		return "default"
	}
	return s.Space
}

func (s *Server) alias() string { return ".alerts-security.alerts-" + s.space() }
