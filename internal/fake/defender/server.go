// Package defender answers as the security part of Microsoft Graph is documented to, and as it was observed to where that differs, for tests
// and for trying: alerts and incidents of Defender XDR with filters, changes, comments, hunting queries in KQL, application permissions. On
// request everything goes wrong that goes wrong between a client and such a service.
//
// Lists hand out no link to a next page unless asked to, $top ends at 1000 and $skip at 500. It has no users, devices or actions. Server is
// an http.Handler; start with Demo. By hand:
//
//	go run ./internal/fake/cmd --product defender
//
// Source: https://learn.microsoft.com/graph/api/resources/security-api-overview; github.com/elastic/integrations issue 20234 for the pages.
package defender

import (
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

// Server is the tenant. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Door      entra.Door
	NoOrder   bool // lists refuse $orderby
	Links     bool // lists hand out links, as the documentation has it
	Clamp     int  // most items in an answer; 0 is 1000
	Conflicts int  // so many changes are refused with 409
	Ignores   bool // it answers changes and does not make them
	Tables    kusto.Database
	Rows      int // most rows of a hunting query; others are left out without a word
	// Hunt may answer the n-th hunting query, from 1, in place of the server.
	Hunt func(n int, text string) (entra.Answer, bool)

	mu    sync.Mutex
	lists map[string][]*Item // alerts_v2, incidents
	byID  map[string]*Item   // by list and id
	last  time.Time
	hunts int
}

// Item is an alert or an incident.
type Item struct {
	ID       string
	Modified time.Time
	Doc      map[string]any
	Alerts   []string // of an incident
}

// Lists are the names of the two.
const (
	Alerts    = "alerts_v2"
	Incidents = "incidents"
)

// Add takes in an item of a list.
func (s *Server) Add(list string, i *Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists, s.byID = map[string][]*Item{}, map[string]*Item{}
	}
	s.lists[list] = append(s.lists[list], i)
	s.byID[list+"/"+i.ID] = i
	if i.Modified.After(s.last) {
		s.last = i.Modified
	}
}

// Doc returns a copy of what is said of an item.
func (s *Server) Doc(list, id string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.byID[list+"/"+id].Doc)
}

// Change is somebody else's: a person, or the product. It makes a later time of change.
func (s *Server) Change(list, id string, change func(doc map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.byID[list+"/"+id]
	i.Doc = maps.Clone(i.Doc)
	change(i.Doc)
	s.touch(i)
}

// At puts the last change of an item at a time.
func (s *Server) At(list, id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[list+"/"+id].Modified = at
}

func (s *Server) touch(i *Item) {
	at := s.Door.Now().UTC().Truncate(100 * time.Nanosecond)
	if !at.After(s.last) {
		at = s.last.Add(100 * time.Nanosecond)
	}
	i.Modified, s.last = at, at
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Door.Serve(w, r, func(string) string { return "https://graph.microsoft.com" }, s.answer)
}

func (s *Server) answer(r entra.Request) entra.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest, ok := strings.CutPrefix(r.Path, "/v1.0/security/")
	parts := strings.Split(rest, "/")
	switch {
	case !ok:
		return entra.Refuse(http.StatusNotFound, "ResourceNotFound", "Invalid version or resource")
	case rest == "runHuntingQuery" && r.Method == http.MethodPost:
		if a, ok := s.allows("ThreatHunting.Read.All"); !ok {
			return a
		}
		return s.hunt(r)
	case parts[0] != Alerts && parts[0] != Incidents:
		return entra.Refuse(http.StatusNotFound, "ResourceNotFound", "Resource not found for the segment '"+parts[0]+"'.")
	}
	right := map[string]string{Alerts: "SecurityAlert", Incidents: "SecurityIncident"}[parts[0]]
	rights := []string{right + ".ReadWrite.All"}
	if r.Method == http.MethodGet {
		rights = append(rights, right+".Read.All")
	}
	if a, ok := s.allows(rights...); !ok {
		return a
	}
	if len(parts) == 1 {
		return s.list(r, parts[0])
	}
	i := s.byID[parts[0]+"/"+parts[1]]
	switch {
	case i == nil:
		return entra.Refuse(http.StatusNotFound, "NotFound", "Item "+parts[1]+" not found")
	case len(parts) == 2 && r.Method == http.MethodGet:
		return entra.Answer{Status: http.StatusOK, Doc: s.document(parts[0], i, r.Query.Get("$expand") == "alerts")}
	case len(parts) == 2 && r.Method == http.MethodPatch:
		return s.patch(r, parts[0], i)
	case len(parts) == 3 && parts[2] == "comments" && r.Method == http.MethodPost:
		return s.comment(r, i)
	}
	return entra.Refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", r.Method+" is not allowed")
}

func (s *Server) allows(any ...string) (entra.Answer, bool) {
	for _, right := range any {
		if slices.Contains(s.Door.Roles, right) {
			return entra.Answer{}, true
		}
	}
	return entra.Refuse(http.StatusForbidden, "Forbidden", "Missing application roles. API required roles: "+strings.Join(any, ", ")+", application roles: "+strings.Join(s.Door.Roles, ", ")+"."), false
}

func (s *Server) list(r entra.Request, name string) entra.Answer {
	meets := func(func(string) any) bool { return true }
	if f := r.Query.Get("$filter"); f != "" {
		var ok bool
		if meets, ok = entra.Filter(f); !ok {
			return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid filter clause: "+f)
		}
	}
	hits := make([]*Item, 0, len(s.lists[name]))
	for _, i := range s.lists[name] {
		if meets(i.value) {
			hits = append(hits, i)
		}
	}
	switch order := r.Query.Get("$orderby"); {
	case order != "" && s.NoOrder:
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "Query option 'OrderBy' is not allowed.")
	case order == "lastUpdateDateTime asc":
		slices.SortStableFunc(hits, func(a, b *Item) int { return a.Modified.Compare(b.Modified) })
	default: // the most recent at the top
		slices.SortStableFunc(hits, func(a, b *Item) int { return b.Modified.Compare(a.Modified) })
	}
	most := s.Clamp
	if most == 0 {
		most = 1000
	}
	if n, err := strconv.Atoi(r.Query.Get("$top")); err == nil && n > 0 {
		most = min(most, n)
	}
	skip, _ := strconv.Atoi(r.Query.Get("$skip"))
	if skip > 500 {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "The limit of '500' for Skip query has been exceeded.")
	}
	if n, err := strconv.Atoi(r.Query.Get("$skiptoken")); err == nil {
		skip = n
	}
	value := []any{}
	hits = hits[min(skip, len(hits)):]
	for _, i := range hits[:min(most, len(hits))] {
		value = append(value, s.document(name, i, r.Query.Get("$expand") == "alerts"))
	}
	doc := map[string]any{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#security/" + name, "value": value}
	if s.Links && len(hits) > most {
		q := url.Values{"$skiptoken": {strconv.Itoa(skip + most)}}
		for _, k := range []string{"$filter", "$orderby", "$top", "$expand"} {
			if v := r.Query.Get(k); v != "" {
				q.Set(k, v)
			}
		}
		doc["@odata.nextLink"] = "http://" + r.Host + r.Path + "?" + q.Encode()
	}
	return entra.Answer{Status: http.StatusOK, Doc: doc}
}

func (i *Item) value(name string) any {
	if name == "lastUpdateDateTime" {
		return i.Modified
	}
	return i.Doc[name]
}

func (s *Server) document(name string, i *Item, expand bool) map[string]any {
	doc := maps.Clone(i.Doc)
	doc["id"], doc["lastUpdateDateTime"] = i.ID, stamp(i.Modified)
	if name == Incidents && expand {
		list := []any{}
		for _, id := range i.Alerts {
			list = append(list, s.document(Alerts, s.byID[Alerts+"/"+id], false))
		}
		doc["alerts"] = list
	}
	return doc
}

// patch changes what may be changed; what may not is ignored, as Graph does.
func (s *Server) patch(r entra.Request, name string, i *Item) entra.Answer {
	var doc map[string]any
	if err := json.Unmarshal([]byte(r.Body), &doc); err != nil {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid body")
	}
	if s.Conflicts > 0 {
		s.Conflicts--
		return entra.Refuse(http.StatusConflict, "Conflict", "The item is being changed")
	}
	words := map[string][]string{
		"status":         {"new", "inProgress", "resolved"},
		"classification": {"unknown", "falsePositive", "truePositive", "informationalExpectedActivity"},
		"determination": {
			"unknown", "apt", "malware", "securityPersonnel", "securityTesting", "unwantedSoftware", "other", "multiStagedAttack", "compromisedAccount", "phishing", "maliciousUserActivity",
			"notMalicious", "notEnoughDataToValidate", "confirmedUserActivity", "lineOfBusinessApplication",
		},
	}
	keys := []string{"status", "classification", "determination", "assignedTo"}
	if name == Incidents {
		words["status"] = []string{"active", "inProgress", "resolved"}
		keys = append(keys, "customTags")
	}
	for k, v := range doc {
		if text, _ := v.(string); words[k] != nil && !slices.Contains(words[k], text) {
			return entra.Refuse(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Invalid value %v for %s", v, k))
		}
	}
	if !s.Ignores {
		i.Doc = maps.Clone(i.Doc)
		for _, k := range keys {
			if v, ok := doc[k]; ok {
				i.Doc[k] = v
			}
		}
		s.touch(i)
	}
	return entra.Answer{Status: http.StatusOK, Doc: s.document(name, i, false)}
}

// comment adds one. Nothing tells two that say the same apart, and none can be taken back.
func (s *Server) comment(r entra.Request, i *Item) entra.Answer {
	var doc map[string]any
	text := ""
	if json.Unmarshal([]byte(r.Body), &doc) == nil {
		text, _ = doc["comment"].(string)
	}
	if text == "" || doc["@odata.type"] != "microsoft.graph.security.alertComment" {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid comment")
	}
	had, _ := i.Doc["comments"].([]any)
	i.Doc = maps.Clone(i.Doc)
	i.Doc["comments"] = append(slices.Clone(had), map[string]any{"comment": text, "createdByDisplayName": "soc", "createdDateTime": stamp(s.Door.Now())})
	s.touch(i)
	return entra.Answer{Status: http.StatusOK, Doc: map[string]any{"value": i.Doc["comments"]}}
}

func (s *Server) hunt(r entra.Request) entra.Answer {
	s.hunts++
	var q struct{ Query, Timespan string }
	if json.Unmarshal([]byte(r.Body), &q) != nil || q.Query == "" {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "Query is required")
	}
	if s.Hunt != nil {
		if a, ok := s.Hunt(s.hunts, q.Query); ok {
			return a
		}
	}
	a, b, _ := strings.Cut(q.Timespan, "/")
	from, _ := time.Parse(time.RFC3339Nano, a) // no timespan is an open one
	to, _ := time.Parse(time.RFC3339Nano, b)
	db := kusto.Database{}
	for name, t := range s.Tables {
		db[name] = t.Reach("Timestamp", from, to)
	}
	out, err := db.Query(q.Query)
	if err != nil {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", err.Error())
	}
	schema, results := []any{}, []any{}
	for _, c := range out.Columns {
		schema = append(schema, map[string]any{"name": c.Name, "type": c.Type})
	}
	for n, row := range out.Rows {
		if s.Rows > 0 && n == s.Rows {
			break
		}
		line := map[string]any{}
		for _, c := range out.Columns {
			line[c.Name] = row[c.Name]
		}
		results = append(results, line)
	}
	return entra.Answer{Status: http.StatusOK, Doc: map[string]any{"schema": schema, "results": results}}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }
