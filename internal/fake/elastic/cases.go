package elastic

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// kase is a case of Kibana.
type kase struct {
	id, title, status string
	tags              []string
	edition           int
	sync              bool
	alerts            []string
	comments          []string
}

// Case is a case as it stands.
type Case struct {
	Title, Status string
	Tags          []string
	Alerts        []string
	Comments      []string
}

// Cases returns those that there are.
func (s *Server) Cases() (list []Case) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.cases {
		list = append(list, Case{k.title, k.status, slices.Clone(k.tags), slices.Clone(k.alerts), slices.Clone(k.comments)})
	}
	return list
}

func (k *kase) version() string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "[%d,1]", k.edition))
}

func (k *kase) object() object {
	return object{
		"id": k.id, "version": k.version(), "title": k.title, "status": k.status, "tags": k.tags, "owner": "securitySolution", "settings": object{"syncAlerts": k.sync},
		"totalAlerts": len(k.alerts), "totalComment": len(k.comments), "comments": []any{},
	}
}

func (s *Server) kase(id string) *kase {
	for _, k := range s.cases {
		if k.id == id {
			return k
		}
	}
	return nil
}

func (s *Server) casework(c *call, path string) (int, any) {
	if c.method == http.MethodGet && s.lacks(ReadCases) || c.method != http.MethodGet && s.lacks(WriteCases) {
		return no(http.StatusForbidden, "Unauthorized to access cases with owners: \"securitySolution\"")
	}
	parts := strings.Split(path, "/")
	switch {
	case c.method == http.MethodGet && path == "_find":
		return s.findCases(c)
	case c.method == http.MethodGet && parts[0] == "alerts" && len(parts) == 2:
		list := []any{}
		for _, k := range s.cases {
			if slices.Contains(k.alerts, parts[1]) {
				list = append(list, object{"id": k.id, "title": k.title})
			}
		}
		return http.StatusOK, list
	case c.method == http.MethodPost && path == "":
		return s.createCase(c)
	case c.method == http.MethodPatch && path == "":
		return s.patchCases(c)
	}
	k := s.kase(parts[0])
	if k == nil {
		return no(http.StatusNotFound, "Saved object [cases/"+parts[0]+"] not found")
	}
	switch below := strings.Join(parts[1:], "/"); {
	case c.method == http.MethodGet && below == "":
		return http.StatusOK, k.object()
	case c.method == http.MethodGet && below == "alerts":
		list := []any{}
		for _, id := range k.alerts {
			list = append(list, object{"id": id, "index": s.alias()})
		}
		return http.StatusOK, list
	case c.method == http.MethodGet && below == "comments/_find":
		page, total := paged(c, len(k.comments))
		list := []any{}
		for _, i := range page {
			list = append(list, object{"id": strconv.Itoa(i), "type": "user", "comment": k.comments[i]})
		}
		return http.StatusOK, object{"comments": list, "total": total}
	case c.method == http.MethodPost && below == "comments":
		return s.comment(c, k)
	}
	return no(http.StatusNotFound, "Not Found")
}

// paged are the numbers of one page, from 1, of at most 100.
func paged(c *call, n int) (list []int, total int) {
	page, _ := strconv.Atoi(c.query("page"))
	per, _ := strconv.Atoi(c.query("perPage"))
	if per == 0 || per > 100 {
		per = 20
	}
	for i := (max(page, 1) - 1) * per; i < min(n, max(page, 1)*per); i++ {
		list = append(list, i)
	}
	return list, n
}

func (s *Server) findCases(c *call) (int, any) {
	var found []*kase
	for _, k := range s.cases {
		if tags := c.values("tags"); len(tags) > 0 && !slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(k.tags, t) }) {
			continue
		}
		found = append(found, k)
	}
	page, total := paged(c, len(found))
	list := []any{}
	for _, i := range page {
		list = append(list, found[i].object())
	}
	return http.StatusOK, object{"cases": list, "total": total, "page": 1}
}

func (s *Server) createCase(c *call) (int, any) {
	title, _ := c.body["title"].(string)
	connector, _ := c.body["connector"].(object)
	settings, _ := c.body["settings"].(object)
	if title == "" || connector["type"] != ".none" || c.body["owner"] != "securitySolution" || settings["syncAlerts"] == nil || c.body["description"] == nil {
		return no(http.StatusBadRequest, "title, description, tags, connector, settings and owner are required")
	}
	s.next++
	k := &kase{id: fmt.Sprintf("case-%d", s.next), title: title, status: "open", edition: 1, sync: settings["syncAlerts"] == true}
	tags, _ := c.body["tags"].([]any)
	for _, t := range tags {
		k.tags = append(k.tags, fmt.Sprint(t))
	}
	s.cases = append(s.cases, k)
	return http.StatusOK, k.object()
}

// patchCases changes cases; each with the version that it had when it was read.
func (s *Server) patchCases(c *call) (int, any) {
	list, _ := c.body["cases"].([]any)
	out := []any{}
	for _, e := range list {
		o, _ := e.(object)
		k := s.kase(fmt.Sprint(o["id"]))
		switch {
		case k == nil:
			return no(http.StatusNotFound, "These cases do not exist")
		case o["version"] != k.version(): // trap
			return no(http.StatusConflict, "These cases "+k.id+" has been updated. Please refresh before saving additional updates.")
		}
		if status, ok := o["status"].(string); ok {
			k.status = status
			s.synchronise(k)
		}
		k.edition++
		out = append(out, k.object())
	}
	return http.StatusOK, out
}

func (s *Server) comment(c *call, k *kase) (int, any) {
	switch c.body["type"] {
	case "user":
		text, _ := c.body["comment"].(string)
		if text == "" {
			return no(http.StatusBadRequest, "The comment field cannot be an empty string.")
		}
		k.comments = append(k.comments, text)
	case "alert":
		ids, _ := c.body["alertId"].([]any)
		for _, id := range ids {
			if !slices.Contains(k.alerts, fmt.Sprint(id)) {
				k.alerts = append(k.alerts, fmt.Sprint(id))
			}
		}
		s.synchronise(k) // trap: an alert that joins gets the status of the case
	default:
		return no(http.StatusBadRequest, "Invalid value for type")
	}
	k.edition++
	return http.StatusOK, k.object()
}

// synchronise gives the alerts of a case its status, where that is wished.
func (s *Server) synchronise(k *kase) {
	status := k.status
	if status == "in-progress" {
		status = "acknowledged"
	}
	for _, id := range k.alerts {
		if d := s.alert(id); d != nil && k.sync {
			d.set("kibana.alert.workflow_status", status)
		}
	}
}
