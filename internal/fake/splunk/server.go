// Package splunk answers as the management port of a Splunk with Enterprise Security is documented to, for tests and for trying: searches
// that stream one JSON object to a line, notables of version 7 with notable_update, findings, investigations and notes of version 8,
// logins, capabilities, statuses and dispositions. On request everything goes wrong that goes wrong between a client and such a server.
//
// It runs the part of SPL that stands in commands.go, over events that it holds in memory; it has no jobs to be polled, no subsearches, no
// knowledge objects beyond its two macros and no users but its own. Server is an http.Handler; start with New. By hand:
//
//	go test ./internal/fake/splunk -run ByHand -timeout 0 -args -listen 127.0.0.1:8903
//
// Source: Splunk REST API reference (search/v2/jobs/export, auth/login, authentication/current-context); Enterprise Security 7.2 notable
// event API; Enterprise Security 8 API reference, and plugins/ of github.com/ansible-collections/splunk.es for the shape of its answers.
package splunk

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/fault"
)

// Options say what a server is like. The zero value is a server of version 7.3.2 without anything in it.
type Options struct {
	Version  string        // of Enterprise Security; "none": it is not installed
	Token    string        // the bearer token that is accepted
	User     string        // who may log in
	Password string        //
	Session  time.Duration // how long a login lasts; 0: an hour
	Now      func() time.Time

	Capabilities []string // of the user; nil: search and edit_notable_events
	Roles        []string // likewise; nil: ess_analyst
	NeedsNote    bool     // a finding is changed only with a note in the same request
	Quota        int      // so many searches are refused with 503 before one runs
	Words        []Word   // statuses and dispositions besides the shipped ones, in place of those with the same id
	Elsewhere    string   // every request is redirected there

	// What a search answers beside its results.
	Previews bool      // results come as previews first
	Messages []Message // come before the results
	Unended  bool      // no row is marked as the last
	Deaf     bool      // it does not keep to the times of arrival that a search names
	Broken   int       // the answer breaks off in the middle of this row, from 1; 0: never

	Fault func(n int) fault.Fault // what goes wrong with the n-th request, from 1; nil is nothing
}

// Message is what a search says about itself.
type Message struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// Word is a status or a disposition.
type Word struct {
	ID, Label string
	Kind      string // notable or disposition
	Ends      bool
	Disabled  bool
}

// Server is the platform. It is safe for concurrent use; Set changes its options while it runs.
type Server struct {
	mu       sync.Mutex
	o        Options
	requests []Request
	searches int
	sessions map[string]time.Time // until when they last
	logins   int
	notables []*notable
	cases    []*notable // investigations
	events   []Event
	ran      []string // commands of searches that write or send
}

// Request is one as it arrived.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         string
}

// New makes a server.
func New(o Options) *Server {
	s := &Server{sessions: map[string]time.Time{}}
	s.Set(o)
	return s
}

// Set replaces the options.
func (s *Server) Set(o Options) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Version == "" {
		o.Version = "7.3.2"
	}
	if o.Session == 0 {
		o.Session = time.Hour
	}
	if o.Capabilities == nil {
		o.Capabilities = []string{"search", "edit_notable_events", "rest_properties_get"}
	}
	if o.Roles == nil {
		o.Roles = []string{"ess_analyst"}
	}
	s.o = o
}

// Config is the block of soc.yaml that uses the server at an address, and the environment that it names.
func (s *Server) Config(address string) (yaml string, env map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, _, _ := strings.Cut(s.o.Version, ".")
	yaml = fmt.Sprintf("sources:\n  splunk: {type: splunk, url: %q, version: %q, token_env: SPLUNK_TOKEN, write_back: true}\n", address, version)
	return yaml, map[string]string{"SPLUNK_TOKEN": s.o.Token}
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Ran returns the commands of searches that would have written or sent something.
func (s *Server) Ran() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ran)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), string(body)})
	n, o := len(s.requests), s.o
	s.mu.Unlock()
	wrong := fault.None
	if o.Fault != nil {
		wrong = o.Fault(n)
	}
	if wrong.Before(w, r, r.Header.Get("Authorization"), refuse) {
		return
	}
	if o.Now != nil {
		w.Header().Set("Date", o.Now().UTC().Format(http.TimeFormat))
	}
	if o.Elsewhere != "" {
		http.Redirect(w, r, o.Elsewhere, http.StatusTemporaryRedirect)
		return
	}
	if r.URL.Path == "/services/auth/login" {
		s.login(w, body)
		return
	}
	user := s.admit(r)
	if user == "" {
		refuse(w, http.StatusUnauthorized, "call not properly authenticated")
		return
	}
	form, _ := url.ParseQuery(string(body))
	if strings.HasSuffix(r.URL.Path, "/jobs/export") && r.Method == http.MethodPost {
		s.export(w, form, wrong)
		return
	}
	s.mu.Lock()
	status, doc := s.answer(r, form, body, user)
	s.mu.Unlock()
	text, _ := json.Marshal(doc) // maps of plain values
	if wrong.Damaged(w, text) {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

type row = map[string]any

// refuse answers an error as splunkd spells it.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(row{"messages": []Message{{"FATAL", message}}, "success": false, "message": message}) // who hung up needs no answer
}

func said(status int, message string) (int, any) {
	return status, row{"messages": []Message{{"ERROR", message}}}
}

// entries are how splunkd lists things.
func entries(list ...row) (int, any) {
	if list == nil {
		list = []row{}
	}
	return http.StatusOK, row{"entry": list, "messages": []Message{}}
}

// answer is everything but searches and logins.
func (s *Server) answer(r *http.Request, form url.Values, body []byte, user string) (int, any) {
	path := r.URL.Path
	const suite, mission = "/servicesNS/nobody/SplunkEnterpriseSecuritySuite/public/v2/findings", "/servicesNS/nobody/missioncontrol/"
	switch {
	case path == "/services/server/info":
		return entries(row{"name": "server-info", "content": row{"version": "9.4.1", "serverName": "splunk-demo", "product_type": "enterprise"}})
	case path == "/services/authentication/current-context":
		return entries(row{"name": "context", "content": row{"username": user, "roles": s.o.Roles, "capabilities": s.o.Capabilities}})
	case path == "/services/authorization/roles":
		return entries(row{"name": "soc_robot", "content": row{"imported_roles": []string{"ess_analyst"}}}, row{"name": "ess_analyst", "content": row{"imported_roles": []string{"user"}}})
	case s.o.Version == "none":
		return said(http.StatusNotFound, "Not Found")
	case path == "/services/apps/local/SplunkEnterpriseSecuritySuite":
		return entries(row{"name": "SplunkEnterpriseSecuritySuite", "content": row{"version": s.o.Version, "label": "Enterprise Security"}})
	case path == "/services/alerts/reviewstatuses":
		return entries(s.words()...)
	case path == "/services/notable_update" && r.Method == http.MethodPost:
		return s.update(form, user)
	case s.major() < 8:
		return said(http.StatusNotFound, "Not Found")
	case path == suite:
		return s.findings(r.URL.Query())
	case strings.HasPrefix(path, suite+"/"):
		return s.finding(path[len(suite)+1:], r.URL.Query())
	case strings.HasPrefix(path, mission):
		return s.mission(r, path[len(mission):], body, user)
	}
	return said(http.StatusNotFound, "Not Found")
}

func (s *Server) major() int {
	var major, minor int
	_, _ = fmt.Sscanf(s.o.Version, "%d.%d", &major, &minor)
	return major
}
