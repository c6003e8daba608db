package sentinel

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/entra"
)

// put replaces what can be written: what the body does not name is gone. Without the etag of now it is a conflict.
func (s *Server) put(r entra.Request, i *Incident) entra.Answer {
	var doc struct {
		Etag       string         `json:"etag"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal([]byte(r.Body), &doc); err != nil {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid body")
	}
	etag := doc.Etag
	if h := r.Header.Get("If-Match"); h != "" {
		etag = h
	}
	if etag != i.etag() {
		return entra.Refuse(http.StatusConflict, "Conflict", "Newer version of resource '"+i.Name+"' exists. Data was not saved")
	}
	p := doc.Properties
	for _, name := range []string{"title", "severity", "status"} {
		if text, _ := p[name].(string); text == "" {
			return entra.Refuse(http.StatusBadRequest, "BadRequest", "Invalid data model. [: Required property '"+name+"' is missing]")
		}
	}
	if why := closing(p); why != "" {
		return entra.Refuse(http.StatusBadRequest, "BadRequest", why)
	}
	next := map[string]any{}
	for name, v := range i.Properties {
		if !slices.Contains(writable(), name) {
			next[name] = v
		}
	}
	for _, name := range writable() {
		if v, ok := p[name]; ok {
			next[name] = v
		}
	}
	if owner, ok := next["owner"].(map[string]any); ok {
		if id, _ := owner["objectId"].(string); id != "" && i.Users[id] != "" {
			next["owner"] = map[string]any{"objectId": id, "userPrincipalName": i.Users[id], "email": i.Users[id], "assignedTo": i.Users[id]}
		}
	}
	if !s.Ignores {
		i.Properties = next
		s.touch(i)
	}
	return entra.Answer{Status: http.StatusOK, Doc: s.document(i)}
}

func writable() []string {
	return []string{
		"title", "description", "severity", "status", "classification", "classificationReason", "classificationComment", "owner", "labels", "firstActivityTimeUtc",
		"lastActivityTimeUtc",
	}
}

// closing says what is wrong with how an incident is closed.
func closing(p map[string]any) string {
	status, _ := p["status"].(string)
	class, _ := p["classification"].(string)
	reason, _ := p["classificationReason"].(string)
	pairs := []string{"Undetermined/", "TruePositive/SuspiciousActivity", "BenignPositive/SuspiciousButExpected", "FalsePositive/IncorrectAlertLogic", "FalsePositive/InaccurateData"}
	severity, _ := p["severity"].(string)
	switch {
	case !slices.Contains([]string{"New", "Active", "Closed"}, status):
		return "Invalid status: " + status
	case !slices.Contains([]string{"High", "Medium", "Low", "Informational"}, severity):
		return "Invalid severity: " + severity
	case status == "Closed" && !slices.Contains(pairs, class+"/"+reason):
		return "Invalid classification reason '" + reason + "' for classification '" + class + "'"
	case status != "Closed" && class+reason != "":
		return "Classification is only allowed for closed incidents"
	}
	return ""
}

// Person is a change by a person: a status and an owner; empty leaves as it is.
func (s *Server) Person(name, status, owner string) {
	s.Change(name, func(i *Incident) {
		next := map[string]any{}
		for k, v := range i.Properties {
			next[k] = v
		}
		if status != "" {
			next["status"] = status
		}
		if owner != "" {
			next["owner"] = map[string]any{"objectId": "11111111-2222-4333-8444-555555555555", "userPrincipalName": owner, "email": owner, "assignedTo": owner}
		}
		i.Properties = next
	})
}

// Alert adds an alert to an incident, as a correlation does.
func (s *Server) Alert(name string) {
	s.Change(name, func(i *Incident) {
		i.Alerts = append(slices.Clone(i.Alerts), alertOf(s, i, len(i.Alerts), s.Door.Now()))
	})
}

func alertOf(s *Server, i *Incident, n int, at time.Time) map[string]any {
	id := guid(i.Name, "alert", n)
	return map[string]any{
		"id": s.root() + "/providers/Microsoft.SecurityInsights/Entities/" + id, "name": id, "type": "Microsoft.SecurityInsights/Entities", "kind": "SecurityAlert",
		"properties": map[string]any{
			"systemAlertId": id, "tactics": i.Properties["additionalData"].(map[string]any)["tactics"], "alertDisplayName": i.Properties["title"], "description": i.Properties["description"],
			"severity": i.Properties["severity"], "vendorName": "Microsoft", "productName": "Azure Sentinel", "productComponentName": "Scheduled Alerts",
			"alertType": "t_" + id[:8], "status": "New", "startTimeUtc": stamp(at.Add(-time.Minute)), "endTimeUtc": stamp(at), "timeGenerated": stamp(at), "processingEndTime": stamp(at),
			"providerAlertId": id, "friendlyName": i.Properties["title"], "additionalData": map[string]any{"AlertMessageEnqueueTime": stamp(at)},
		},
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }
