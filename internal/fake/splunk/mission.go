package splunk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// findings lists those of a window, which is the last day where none is named. The order is none that can be relied on.
func (s *Server) findings(q url.Values) (int, any) {
	from, to := s.now().Add(-24*time.Hour), s.now()
	var err error
	if v := q.Get("earliest"); v != "" {
		if from, err = timeOf(v); err != nil {
			return said(http.StatusBadRequest, "invalid earliest")
		}
	}
	if v := q.Get("latest"); v != "" {
		if to, err = timeOf(v); err != nil {
			return said(http.StatusBadRequest, "invalid latest")
		}
	}
	items := []row{}
	for i := len(s.notables) - 1; i >= 0 && len(items) < limit(q); i-- {
		if n := s.notables[i]; !n.time.Before(from) && n.time.Before(to) {
			items = append(items, s.found(n))
		}
	}
	return http.StatusOK, row{"items": items}
}

// limit is 20 where nothing is said, and never more than 100.
func limit(q url.Values) int {
	n, err := strconv.Atoi(q.Get("limit"))
	if err != nil || n < 1 {
		return 20
	}
	return min(n, 100)
}

// found is a finding as the interface shows it.
func (s *Server) found(n *notable) row {
	r := row{"finding_id": n.id, "time": n.time.UTC().Format("2006-01-02T15:04:05.000+00:00")}
	for k, v := range n.fields {
		r[k] = v
	}
	r["status"], r["owner"], r["urgency"], r["disposition"] = n.status, n.owner, n.urgency, n.disposition
	return r
}

// finding is one of them; its window is the last day, too, where none is named.
func (s *Server) finding(ref string, q url.Values) (int, any) {
	from := s.now().Add(-24 * time.Hour)
	if at, err := timeOf(q.Get("earliest")); err == nil {
		from = at
	}
	i := slices.IndexFunc(s.notables, func(n *notable) bool { return n.id == ref && !n.time.Before(from) })
	if i < 0 {
		return said(http.StatusNotFound, "Finding not found")
	}
	return http.StatusOK, s.found(s.notables[i])
}

// mission is what lies below missioncontrol: investigations, their notes, and the change of findings.
func (s *Server) mission(r *http.Request, path string, body []byte, user string) (int, any) {
	var doc map[string]any
	if r.Method == http.MethodPost && json.Unmarshal(body, &doc) != nil {
		return said(http.StatusBadRequest, "the body is no JSON")
	}
	const all = "public/v2/investigations"
	if path == all && r.Method == http.MethodGet {
		return s.investigations(r.URL.Query())
	}
	rest, old := strings.CutPrefix(path, "v1/investigations/")
	if !old {
		var ok bool
		if rest, ok = strings.CutPrefix(path, all+"/"); !ok {
			return said(http.StatusNotFound, "Not Found")
		}
	}
	id, what, _ := strings.Cut(rest, "/")
	n := s.find(id)
	ref, isFinding := strings.CutPrefix(id[strings.LastIndex(id, "@")+1:], "time")
	if n == nil || isFinding && r.URL.Query().Get("notable_time") != ref { // trap: it looks nowhere else
		return said(http.StatusNotFound, "Investigation not found")
	}
	switch {
	case what == "notes" && r.Method == http.MethodGet:
		return http.StatusOK, row{"items": append([]row{}, n.notes...)}
	case what == "notes" && r.Method == http.MethodPost:
		note := row{"id": fmt.Sprintf("note-%d", len(n.notes)+1), "title": doc["title"], "content": doc["content"], "create_time": s.now().Unix()}
		n.notes = append(n.notes, note)
		return http.StatusCreated, note
	case what != "":
		return said(http.StatusNotFound, "Not Found")
	case r.Method == http.MethodGet:
		return http.StatusOK, s.opened(n)
	}
	return s.edit(n, doc, user, isFinding)
}

// edit changes an investigation or a finding.
func (s *Server) edit(n *notable, doc map[string]any, user string, isFinding bool) (int, any) {
	fields := map[string]string{}
	for name, v := range doc {
		text, _ := v.(string)
		switch {
		case name == "incident_note":
			note, _ := v.(map[string]any)
			if content, _ := note["content"].(string); content != "" {
				fields["comment"] = content
			}
		case name == "assignee" && isFinding, name == "owner" && !isFinding:
			fields["owner"] = text
		case name == "status", name == "urgency", name == "disposition":
			fields[name] = text
		case name == "description", name == "sensitivity":
		default:
			return said(http.StatusBadRequest, "unknown field "+name)
		}
	}
	if s.o.NeedsNote && fields["comment"] == "" {
		return http.StatusBadRequest, row{"code": "MC_0206", "message": "A note is required for this update action", "field": "incident_note.content"}
	}
	if why := s.wrong(fields); why != "" {
		return said(http.StatusBadRequest, why)
	}
	s.change(n, user, fields)
	if !isFinding {
		return http.StatusOK, s.opened(n)
	}
	return http.StatusOK, row{"id": n.id, "status": n.status, "assignee": n.owner, "urgency": n.urgency, "disposition": n.disposition}
}

func (s *Server) opened(n *notable) row {
	r := row{}
	for k, v := range n.fields {
		r[k] = v
	}
	r["status"], r["owner"], r["urgency"], r["disposition"] = n.status, n.owner, n.urgency, n.disposition
	return r
}

// investigations lists them, the newest first unless another order is asked for.
func (s *Server) investigations(q url.Values) (int, any) {
	list := []row{}
	for _, n := range s.cases {
		if ids := q.Get("ids"); ids != "" && !slices.Contains(strings.Split(ids, ","), n.id) && !slices.Contains(strings.Split(ids, ","), fmt.Sprint(n.fields["investigation_id"])) {
			continue
		}
		if at, err := timeOf(q.Get("create_time_min")); err == nil && n.time.Before(at) {
			continue
		}
		if at, err := timeOf(q.Get("create_time_max")); err == nil && n.time.After(at) {
			continue
		}
		list = append(list, s.opened(n))
	}
	slices.Reverse(list)
	return http.StatusOK, list[:min(limit(q), len(list))]
}
