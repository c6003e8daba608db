// Package sentinel answers as Microsoft Sentinel's incidents do below Azure Resource Manager, and as the query endpoint of its Log Analytics
// workspace, for tests and for trying: lists with filters and links, alerts and entities, comments, writes that replace and that a stale
// etag refuses, queries in KQL, roles. On request everything goes wrong that goes wrong between a client and such a service.
//
// It has one workspace, no analytics rules, watchlists or playbooks. Links count by position, which is the worst that a service may do.
// Server is an http.Handler; start with Demo. By hand:
//
//	go run ./internal/fake/cmd --product sentinel
//
// Source: https://learn.microsoft.com/rest/api/securityinsights/incidents and incident-comments;
// https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
package sentinel

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/kusto"
)

// Versions are those of the API that it knows.
func Versions() []string { return []string{"2023-02-01", "2023-11-01", "2024-03-01", "2024-09-01"} }

// Server is the workspace. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Door                                        entra.Door
	Subscription, Group, Workspace, WorkspaceID string
	Reader, Responder, Logs                     bool // the roles that the application has
	Page                                        int  // most incidents in an answer; 0 is 1000
	StrayLinks                                  bool // links lead to another host
	Tables                                      kusto.Database
	Rows                                        int    // most rows of a query; what is more is a partial answer
	Refuses                                     string // the incident whose alerts it refuses
	Ignores                                     bool   // it answers writes and does not make them
	// Query may answer the n-th query, from 1, in place of the server.
	Query func(n int, text string) (entra.Answer, bool)

	mu        sync.Mutex
	incidents []*Incident
	byName    map[string]*Incident
	last      time.Time
	queries   int
}

// Incident is one, as the service keeps it.
type Incident struct {
	Name       string
	Etag       int
	Modified   time.Time
	Properties map[string]any
	Alerts     []map[string]any
	Entities   []map[string]any
	Comments   map[string]string // messages by id
	Users      map[string]string // names by object id, for the owner
}

const insights = "/providers/Microsoft.SecurityInsights/incidents"

func (s *Server) root() string {
	return "/subscriptions/" + s.Subscription + "/resourceGroups/" + s.Group + "/providers/Microsoft.OperationalInsights/workspaces/" + s.Workspace
}

// Add takes in an incident.
func (s *Server) Add(i *Incident) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil {
		s.byName = map[string]*Incident{}
	}
	i.Comments, i.Etag = map[string]string{}, 1
	s.incidents, s.byName[i.Name] = append(s.incidents, i), i
	s.last = i.Modified
}

// Incident returns a copy of what is said of one.
func (s *Server) Incident(name string) Incident {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := *s.byName[name]
	i.Properties, i.Comments = maps.Clone(i.Properties), maps.Clone(i.Comments)
	return i
}

// Change is somebody else's: a person or an automation rule. It makes a new etag.
func (s *Server) Change(name string, change func(*Incident)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.byName[name])
	s.touch(s.byName[name])
}

// At puts the last change of an incident at a time, as an import does.
func (s *Server) At(name string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byName[name].Modified = at
}

// touch makes a new etag and a later time of change.
func (s *Server) touch(i *Incident) {
	at := s.Door.Now().UTC().Truncate(100 * time.Nanosecond)
	if !at.After(s.last) {
		at = s.last.Add(100 * time.Nanosecond)
	}
	i.Etag++
	i.Modified, s.last = at, at
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Door.Serve(w, r, func(path string) string {
		if strings.HasPrefix(path, "/v1/") {
			return "https://api.loganalytics.io"
		}
		return "https://management.azure.com"
	}, s.answer)
}

func (s *Server) answer(r entra.Request) entra.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Path == "/v1/workspaces/"+s.WorkspaceID+"/query" {
		return s.query(r)
	}
	rest, ok := strings.CutPrefix(r.Path, s.root())
	version := r.Query.Get("api-version")
	switch {
	case !ok:
		return entra.Refuse(http.StatusNotFound, "ResourceNotFound", "The Resource under resource group was not found.")
	case version == "":
		return entra.Refuse(http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	case rest == "/providers/Microsoft.Authorization/permissions":
		return s.permissions()
	case !slices.Contains(Versions(), version):
		return entra.Refuse(http.StatusBadRequest, "NoRegisteredProviderFound", "No registered resource provider found for API version '"+version+"'. The supported api-versions are '"+strings.Join(Versions(), ", ")+"'.")
	}
	action := "Microsoft.SecurityInsights/incidents/read"
	allowed := s.Reader || s.Responder
	if r.Method == http.MethodPut || r.Method == http.MethodDelete {
		action, allowed = "Microsoft.SecurityInsights/incidents/write", s.Responder
	}
	if !allowed {
		return entra.Refuse(http.StatusForbidden, "AuthorizationFailed", "The client '"+s.Door.ClientID+"' does not have authorization to perform action '"+action+"' over scope '"+s.root()+"'.")
	}
	rest, ok = strings.CutPrefix(rest, insights)
	if ok && rest == "" && r.Method == http.MethodGet {
		return s.list(r)
	}
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	i := s.byName[parts[0]]
	if !ok || i == nil {
		return entra.Refuse(http.StatusNotFound, "NotFound", "Resource '"+parts[0]+"' does not exist")
	}
	return s.one(r, i, parts[1:])
}

func (s *Server) permissions() entra.Answer {
	actions := []string{}
	if s.Reader {
		actions = append(actions, "Microsoft.SecurityInsights/*/read", "Microsoft.OperationalInsights/workspaces/*/read", "Microsoft.Authorization/*/read")
	}
	if s.Responder {
		actions = append(actions, "Microsoft.SecurityInsights/*/read", "Microsoft.SecurityInsights/incidents/*", "Microsoft.Authorization/*/read")
	}
	return entra.Answer{Status: http.StatusOK, Doc: map[string]any{"value": []any{map[string]any{"actions": actions, "notActions": []string{}}}}}
}

// list answers one page.
func (s *Server) list(r entra.Request) entra.Answer {
	meets := func(func(string) any) bool { return true }
	if f := r.Query.Get("$filter"); f != "" {
		var ok bool
		if meets, ok = entra.Filter(f); !ok {
			return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid filter: "+f)
		}
	}
	hits := make([]*Incident, 0, len(s.incidents))
	for _, i := range s.incidents {
		if meets(i.value) {
			hits = append(hits, i)
		}
	}
	if r.Query.Get("$orderby") == "properties/lastModifiedTimeUtc asc" {
		slices.SortStableFunc(hits, func(a, b *Incident) int { return a.Modified.Compare(b.Modified) })
	}
	most := s.Page
	if most == 0 {
		most = 1000
	}
	if n, err := strconv.Atoi(r.Query.Get("$top")); err == nil && n > 0 {
		most = min(most, n)
	}
	skip := 0
	if token, err := base64.RawURLEncoding.DecodeString(r.Query.Get("$skipToken")); err == nil && len(token) > 0 {
		if skip, err = strconv.Atoi(string(token)); err != nil {
			return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid skip token")
		}
	}
	value := []any{}
	hits = hits[min(skip, len(hits)):]
	for _, i := range hits[:min(most, len(hits))] {
		value = append(value, s.document(i))
	}
	doc := map[string]any{"value": value}
	if len(hits) > most {
		q := url.Values{"$skipToken": {base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(skip + most)))}}
		for _, k := range []string{"api-version", "$filter", "$orderby", "$top"} {
			if v := r.Query.Get(k); v != "" {
				q.Set(k, v)
			}
		}
		host := "http://" + r.Host
		if s.StrayLinks {
			host = "https://elsewhere.example"
		}
		doc["nextLink"] = host + r.Path + "?" + q.Encode()
	}
	return entra.Answer{Status: http.StatusOK, Doc: doc}
}

func (i *Incident) value(name string) any {
	name = strings.TrimPrefix(name, "properties/")
	if name == "lastModifiedTimeUtc" {
		return i.Modified
	}
	return i.Properties[name]
}

// document is the resource as ARM shows it.
func (s *Server) document(i *Incident) map[string]any {
	p := maps.Clone(i.Properties)
	p["lastModifiedTimeUtc"] = i.Modified.Format("2006-01-02T15:04:05.0000000Z")
	more, _ := p["additionalData"].(map[string]any)
	more = maps.Clone(more)
	if more == nil {
		more = map[string]any{}
	}
	more["alertsCount"], more["commentsCount"] = len(i.Alerts), len(i.Comments)
	p["additionalData"] = more
	id := s.root() + "/providers/Microsoft.SecurityInsights/Incidents/" + i.Name
	return map[string]any{"id": id, "name": i.Name, "type": "Microsoft.SecurityInsights/Incidents", "etag": i.etag(), "properties": p}
}

func (i *Incident) etag() string { return fmt.Sprintf("\"%08x-0000-0000-0000-5c37296e0000\"", i.Etag) }

// one answers what is asked of an incident.
func (s *Server) one(r entra.Request, i *Incident, rest []string) entra.Answer {
	ok := func(doc any) entra.Answer { return entra.Answer{Status: http.StatusOK, Doc: doc} }
	switch what := r.Method + " " + strings.Join(rest[:min(1, len(rest))], ""); {
	case what == "GET ":
		return ok(s.document(i))
	case what == "PUT ":
		return s.put(r, i)
	case what == "POST alerts" && i.Name == s.Refuses:
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "The alerts of this incident cannot be shown")
	case what == "POST alerts":
		return ok(map[string]any{"value": list(i.Alerts)})
	case what == "POST entities":
		return ok(map[string]any{"entities": list(i.Entities), "metaData": []any{}})
	case strings.HasSuffix(what, " comments"):
		return s.comments(r, i, rest[1:])
	}
	return entra.Refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", r.Method+" is not allowed")
}

func list(docs []map[string]any) []any {
	l := make([]any, 0, len(docs))
	for _, d := range docs {
		l = append(l, d)
	}
	return l
}

func (s *Server) comments(r entra.Request, i *Incident, rest []string) entra.Answer {
	show := func(id string) map[string]any {
		return map[string]any{"name": id, "type": "Microsoft.SecurityInsights/Incidents/Comments", "properties": map[string]any{"message": i.Comments[id]}}
	}
	if len(rest) == 0 {
		value := []any{}
		for _, id := range slices.Sorted(maps.Keys(i.Comments)) {
			value = append(value, show(id))
		}
		return entra.Answer{Status: http.StatusOK, Doc: map[string]any{"value": value}}
	}
	_, there := i.Comments[rest[0]]
	switch r.Method {
	case http.MethodPut:
		var doc struct{ Properties struct{ Message string } }
		if json.Unmarshal([]byte(r.Body), &doc) != nil || doc.Properties.Message == "" || len(doc.Properties.Message) > 30_000 {
			return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid comment")
		}
		i.Comments[rest[0]] = doc.Properties.Message
		s.touch(i)
		status := http.StatusCreated
		if there {
			status = http.StatusOK
		}
		return entra.Answer{Status: status, Doc: show(rest[0])}
	case http.MethodDelete:
		if !there {
			return entra.Answer{Status: http.StatusNoContent}
		}
		delete(i.Comments, rest[0])
		s.touch(i)
		return entra.Answer{Status: http.StatusOK}
	}
	if !there {
		return entra.Refuse(http.StatusNotFound, "NotFound", "Comment does not exist")
	}
	return entra.Answer{Status: http.StatusOK, Doc: show(rest[0])}
}
