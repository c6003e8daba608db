package xsoar

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// playground is where a user's own commands run.
const playground = "playground-1"

// done is the status of what is closed; 0 is pending, 1 active.
const done = 2

func (s *Server) incident(id string) map[string]any {
	n, err := strconv.Atoi(id)
	if at := n - 41; err == nil && at >= 0 && at < len(s.incidents) && s.incidents[at]["id"] == id {
		return s.incidents[at]
	}
	return nil
}

// now is a moment later than any before it.
func (s *Server) now() string {
	s.ticks++
	return s.Now().UTC().Add(time.Duration(s.ticks) * time.Millisecond).Format(time.RFC3339Nano)
}

func (s *Server) touch(i map[string]any) {
	n, _ := i["version"].(int)
	i["version"], i["modified"] = n+1, s.now()
}

func (s *Server) shut(i map[string]any, reason string) {
	i["status"], i["closeReason"] = done, reason
	s.touch(i)
}

// Set changes an incident as somebody else would.
func (s *Server) Set(id, name string, v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.incident(id); i != nil {
		i[name] = v
		s.touch(i)
	}
}

// Entries returns the notes of an investigation.
func (s *Server) Entries(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries[id])
}

func (s *Server) load(id string) (int, any) {
	if slices.Contains(s.Lacks, ReadIncidents) {
		return http.StatusForbidden, nil
	}
	if i := s.incident(id); i != nil {
		return http.StatusOK, i
	}
	return http.StatusNotFound, nil
}

// search finds by id or by a query, in pages. Without a size it returns nothing (trap); the first page is 0. Its answer says where the next
// page begins.
func (s *Server) search(f gjson.Result) (int, any) {
	clauses, ok := parseQuery(f.Get("query").Str)
	if !ok {
		return http.StatusBadRequest, nil
	}
	ids := f.Get("id").Array()
	var found []map[string]any
	for _, i := range s.incidents {
		byID := len(ids) == 0 || slices.ContainsFunc(ids, func(v gjson.Result) bool { return v.String() == i["id"] })
		if byID && !slices.ContainsFunc(clauses, func(c condition) bool { return !c.holds(i) }) {
			s.advance(i)
			found = append(found, i)
		}
	}
	keys := f.Get("sort.#.field").Array()
	place := func(i map[string]any) (at []string) {
		for _, k := range keys {
			at = append(at, fmt.Sprint(i[k.Str]))
		}
		return at
	}
	if len(keys) > 0 {
		type placed struct {
			at  []string
			doc map[string]any
		}
		rows := make([]placed, len(found))
		for n, i := range found {
			rows[n] = placed{place(i), i}
		}
		slices.SortStableFunc(rows, func(a, b placed) int { return compareAll(a.at, b.at) })
		for n := range rows {
			found[n] = rows[n].doc
		}
	}
	size, page, total := int(f.Get("size").Int()), int(f.Get("page").Int()), len(found)
	if after := f.Get("searchAfter").Array(); len(after) > 0 {
		var mark []string
		for _, v := range after {
			mark = append(mark, v.Str)
		}
		found = slices.DeleteFunc(found, func(i map[string]any) bool { return compareAll(place(i), mark) <= 0 })
	}
	found = found[min(page*size, len(found)):min((page+1)*size, len(found))]
	answer := map[string]any{"total": total, "data": []any{}}
	data := []any{}
	for _, i := range found {
		if s.Bare { // trap: version 6 leaves them out of lists
			c := map[string]any{}
			for k, v := range i {
				if k != "CustomFields" {
					c[k] = v
				}
			}
			i = c
		}
		data = append(data, i)
	}
	if answer["data"] = data; len(found) > 0 && len(keys) > 0 {
		answer["searchAfter"] = place(found[len(found)-1])
	}
	return http.StatusOK, answer
}

func compareAll(a, b []string) int {
	for i := range a {
		if n := compare(a[i], b[i]); n != 0 {
			return n
		}
	}
	return 0
}

// compare puts times and numbers by their size.
func compare(a, b string) int {
	if len(a) == len(b) && len(a) > 10 && a[10] == 'T' && b[10] == 'T' && a[len(a)-1] == 'Z' && b[len(b)-1] == 'Z' {
		return strings.Compare(a, b)
	}
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err == nil && err2 == nil {
		return cmp.Compare(x, y)
	}
	t, err := time.Parse(time.RFC3339, a)
	u, err2 := time.Parse(time.RFC3339, b)
	if err == nil && err2 == nil {
		return t.Compare(u)
	}
	return strings.Compare(a, b)
}

// condition is one of a query: FIELD:VALUE, with an operator before the value.
type condition struct {
	not              bool
	field, op, value string
}

var conditionText = regexp.MustCompile(`^(-?)([A-Za-z]+):(>=|<=|>|<|)(?:"((?:[^"\\]|\\.)*)"|([^\s"()]+))$`)

// parseQuery reads conditions joined by and. What it does not understand is no query.
func parseQuery(query string) (list []condition, ok bool) {
	for part := range strings.SplitSeq(query, " and ") {
		if part = strings.Trim(part, "() "); part == "" {
			continue
		}
		m := conditionText.FindStringSubmatch(part)
		if m == nil {
			return nil, false
		}
		list = append(list, condition{m[1] == "-", m[2], m[3], m[4] + m[5]})
	}
	return list, true
}

func (c condition) holds(i map[string]any) bool {
	have := fmt.Sprint(i[c.field])
	n := compare(have, c.value)
	ok := false
	switch c.op {
	case ">=":
		ok = n >= 0
	case "<=":
		ok = n <= 0
	case ">":
		ok = n > 0
	case "<":
		ok = n < 0
	default:
		inner := strings.Trim(c.value, "*")
		ok = strings.EqualFold(have, c.value) || inner != c.value && inner != "" && strings.Contains(have, inner)
	}
	return ok != c.not
}

// update changes an incident that is there. Its version has to be the last one, or -1, which forces (trap: others' changes are lost then).
func (s *Server) update(body []byte) (int, any) {
	var doc map[string]any
	if json.Unmarshal(body, &doc) != nil {
		return http.StatusBadRequest, nil
	}
	id, _ := doc["id"].(string)
	i := s.incident(id)
	if i == nil {
		return http.StatusNotFound, nil
	}
	if version, _ := doc["version"].(float64); int(version) != i["version"] && version != -1 {
		return http.StatusBadRequest, nil // trap: a version error is a 400 like any other
	}
	for name, v := range doc {
		if n, ok := v.(float64); ok && name == "status" {
			v = int(n)
		}
		if name != "id" && name != "version" && name != "modified" {
			i[name] = v
		}
	}
	s.touch(i)
	return http.StatusOK, i
}

func (s *Server) batchClose(doc gjson.Result) (int, any) {
	closed := []any{}
	for _, i := range s.incidents {
		named := slices.ContainsFunc(doc.Get("ids").Array(), func(v gjson.Result) bool { return v.String() == i["id"] })
		if named || doc.Get("all").Bool() { // trap: all closes all
			s.shut(i, doc.Get("closeReason").Str)
			i["closeNotes"] = doc.Get("closeNotes").Str
			closed = append(closed, i)
		}
	}
	return http.StatusOK, map[string]any{"total": len(closed), "data": closed}
}

func (s *Server) note(doc gjson.Result) (int, any) {
	id := doc.Get("investigationId").Str
	i := s.incident(id)
	switch {
	case i == nil || i["investigationId"] == nil:
		return http.StatusNotFound, nil
	case i["status"] == done: // trap
		return http.StatusPreconditionFailed, nil
	}
	if s.entries == nil {
		s.entries = map[string][]string{}
	}
	s.entries[id] = append(s.entries[id], doc.Get("data").Str)
	return http.StatusOK, map[string]any{"id": strconv.Itoa(len(s.entries[id])) + "@" + id, "type": 1, "contents": doc.Get("data").Str}
}

// Demo fills a server with incidents, the newest at end and one every so often before. The same seed makes the same ones. It may be called
// again while the server answers.
func (s *Server) Demo(seed uint64, incidents int, every time.Duration, end time.Time) *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := rand.New(rand.NewPCG(seed, 13)) //nolint:gosec // chance that can be repeated is what is wanted
	names := []string{"Suspicious PowerShell", "Phishing mail reported", "Beacon to a known address", "Logons that failed on many hosts"}
	for i := range incidents {
		at := end.Add(-every * time.Duration(incidents-i)).UTC().Format(time.RFC3339Nano)
		host := fmt.Sprintf("ws-%03d", r.IntN(200))
		doc := map[string]any{
			"name": names[r.IntN(len(names))] + " on " + host, "type": "Malware", "rawType": "Malware", "severity": 1 + r.IntN(3), "occurred": at, "created": at, "modified": at, "sourceBrand": "EDR", "sourceInstance": "edr_1",
			"createInvestigation": true, "labels": []any{map[string]any{"type": "Instance", "value": "edr_1"}},
			"CustomFields": map[string]any{"hostnames": []any{host}, "username": []any{fmt.Sprintf("user%d", r.IntN(90))}, "sourceip": fmt.Sprintf("10.20.%d.%d", r.IntN(4), 1+r.IntN(250)), "destinationip": fmt.Sprintf("203.0.113.%d", 1+r.IntN(250))},
		}
		body, _ := json.Marshal(doc) // plain values
		s.create(body)
	}
	return s
}
