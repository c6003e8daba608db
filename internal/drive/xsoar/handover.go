package xsoar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// sourceLabel is the label that holds the case's id: by it an incident is known to be ours.
const sourceLabel = "soc_case"

// field is the incident field for a value, and whether it holds a list. Source: the Common Types pack of github.com/demisto/content.
func field(e respond.Exhibit) (name string, list bool) {
	switch e.Type {
	case "ip":
		if e.Role == "source" || e.Role == "actor" {
			return "sourceips", true
		}
		return "destinationips", true
	case "host":
		return "hostnames", true
	case "user":
		return "users", true
	case "domain":
		return "domainname", true
	case "md5", "sha1", "sha256":
		return e.Type, false
	}
	return "", false
}

// labelType is the type of a label for a value; each value has one, whether or not a field holds it.
func labelType(kind string) string {
	switch kind {
	case "ip":
		return "IP"
	case "url":
		return "URL"
	case "domain":
		return "Domain"
	case "md5", "sha1", "sha256", "sha512":
		return "File " + strings.ToUpper(kind)
	case "cve":
		return "CVE"
	case "mail":
		return "Email"
	}
	return kind
}

func severity(word string) float64 {
	switch word {
	case "informational":
		return 0.5
	case "low":
		return 1
	case "medium":
		return 2
	case "high":
		return 3
	case "critical":
		return 4
	}
	return 0
}

// Field implements respond.Platform.
func (p *Platform) Field(e respond.Exhibit) string {
	name, _ := field(e)
	if name == "" {
		return "label " + labelType(e.Type)
	}
	return name
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9-]{1,80}$`)

// Find implements respond.Platform. It asks by the noted id, then by the case's id in the name, and believes the label only.
func (p *Platform) Find(ctx context.Context, caseID, known string) (respond.Record, bool, error) {
	if !plainID.MatchString(caseID) {
		return respond.Record{}, false, fmt.Errorf("xsoar: %q is no id that can be searched for", caseID)
	}
	filters := []map[string]any{{"query": "name:*" + caseID + "*"}}
	if known != "" {
		filters = append([]map[string]any{{"id": []string{known}}}, filters...)
	}
	for _, filter := range filters {
		v, err := p.call(ctx, search(filter), true, "incidents", "search")
		if err != nil {
			return respond.Record{}, false, err
		}
		if !v.Get("total").Exists() {
			return respond.Record{}, false, errors.New("xsoar: its answer to a search has no total")
		}
		for _, one := range v.Get("data").Array() {
			if ours(one, caseID) {
				r, err := p.record(one)
				r.Existed, r.Note = true, true // the note is part of the incident
				return r, err == nil, err
			}
		}
	}
	return respond.Record{}, false, nil
}

func ours(incident gjson.Result, caseID string) bool {
	for _, l := range incident.Get("labels").Array() {
		if l.Get("type").Str == sourceLabel && l.Get("value").Str == caseID {
			return true
		}
	}
	return false
}

func (p *Platform) record(v gjson.Result) (respond.Record, error) {
	r := respond.Record{ID: v.Get("id").String(), Running: v.Get("playbookId").Str}
	if r.ID == "" {
		return r, errors.New("xsoar: an incident without an id")
	}
	if p.set.Version == 6 { // the address of version 8's screen is not that of its API
		r.URL = strings.TrimSuffix(p.set.URL, "/") + "/#/Details/" + r.ID
	}
	return r, nil
}

// Create implements respond.Platform. After an unclear answer it looks whether the incident is there: XSOAR knows no key that would make
// it one.
func (p *Platform) Create(ctx context.Context, h *respond.Handover, playbook string) (respond.Record, error) {
	labels := []map[string]string{{"type": sourceLabel, "value": h.Case}}
	custom, firsts := map[string]any{}, map[string]bool{}
	for _, e := range h.Exhibits {
		labels = append(labels, map[string]string{"type": labelType(e.Type), "value": e.Value})
		switch name, list := field(e); {
		case name == "":
		case list:
			had, _ := custom[name].([]string)
			custom[name] = append(had, e.Value)
		case !firsts[name]: // one value fits; the others are labels
			custom[name], firsts[name] = e.Value, true
		}
	}
	doc := map[string]any{
		"name": h.Case + ": " + h.Title, "severity": severity(h.Severity), "labels": labels, "details": h.Note, "CustomFields": custom,
		"createInvestigation": playbook != "" || p.set.Automation,
	}
	if p.set.Type != "" {
		doc["type"] = p.set.Type
	}
	if playbook != "" {
		doc["playbookId"] = playbook
	}
	if !h.First.IsZero() {
		doc["occurred"] = h.First.UTC().Format(time.RFC3339)
	}
	v, err := p.call(ctx, doc, false, "incident")
	if err != nil {
		return p.unclear(ctx, h.Case, err)
	}
	r, err := p.record(v)
	r.Note, r.Running = err == nil, playbook
	return r, err
}

// unclear finds out what became of a request whose answer says nothing about it.
func (p *Platform) unclear(ctx context.Context, caseID string, cause error) (respond.Record, error) {
	var e *web.Error
	if !errors.As(cause, &e) || e.Status/100 == 4 {
		return respond.Record{}, cause
	}
	r, ok, err := p.Find(context.WithoutCancel(ctx), caseID, "")
	switch {
	case err != nil:
		return r, fmt.Errorf("whether the incident was made is unknown: %w", errors.Join(cause, err))
	case !ok:
		return r, cause
	}
	r.Existed = false
	return r, nil
}

// Annotate implements respond.Platform: there is nothing to add.
func (p *Platform) Annotate(_ context.Context, r respond.Record, _ *respond.Handover) (respond.Record, error) {
	return r, nil
}

// Start implements respond.Platform. An incident whose playbook was set has it running or behind it.
func (p *Platform) Start(ctx context.Context, r respond.Record, playbook string) (respond.Run, error) {
	run := respond.Run{Playbook: playbook, ID: r.ID, Status: "running", Before: r.Existed}
	if r.Running == playbook {
		return run, nil
	}
	words, err := spell(respond.Words{"!setPlaybook", "name=" + playbook}, respond.Order{})
	if err != nil {
		return run, err
	}
	run.Before = false
	if _, err := p.execute(ctx, r.ID, words); err != nil {
		return run, fmt.Errorf("starting playbook %s: %w", playbook, err)
	}
	return run, nil
}

// Follow implements respond.Platform.
func (p *Platform) Follow(ctx context.Context, r respond.Record, run respond.Run) (respond.Run, error) {
	v, err := p.call(ctx, search(map[string]any{"id": []string{r.ID}}), true, "incidents", "search")
	if err != nil {
		return run, err
	}
	if v = v.Get("data.0"); v.Get("id").String() != r.ID {
		return run, fmt.Errorf("xsoar: incident %s cannot be found any more", r.ID)
	}
	switch v.Get("runStatus").String() {
	case "completed":
		run.Status = "success"
	case "error", "failed":
		run.Status, run.Detail = "failed", "a task of the playbook failed: see the incident"
	case "waiting", "pending":
		run.Status = "waiting"
	default:
		run.Status = "running"
	}
	return run, nil
}

// ErrClosed means that an investigation takes no more entries.
var ErrClosed = errors.New("the investigation is closed")

// execute runs a command line in an investigation and returns the entries it made. An entry of type 4 is an error.
func (p *Platform) execute(ctx context.Context, investigation, line string) (gjson.Result, error) {
	v, err := p.call(ctx, map[string]any{"investigationId": investigation, "data": line}, false, "entry", "execute", "sync")
	var e *web.Error
	if errors.As(err, &e) && e.Status == http.StatusPreconditionFailed {
		return v, fmt.Errorf("%s: %w", investigation, ErrClosed)
	}
	if err != nil {
		return v, err
	}
	if !v.IsArray() {
		return v, errors.New("xsoar: its answer to a command is no list of entries")
	}
	for _, entry := range v.Array() {
		if entry.Get("type").Int() == 4 {
			return v, fmt.Errorf("xsoar says: %s", p.quiet(entry.Get("contents").String()))
		}
	}
	return v, nil
}
