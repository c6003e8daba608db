package splunksoar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/respond"
)

// cef is the field and the data type that Splunk SOAR's own apps look for. Source: the CEF names and contains types of the REST reference.
func cef(e respond.Exhibit) (field, contains string) {
	switch e.Type {
	case "ip":
		return sided(e.Role, "sourceAddress", "destinationAddress"), "ip"
	case "host":
		return sided(e.Role, "sourceHostName", "destinationHostName"), "host name"
	case "user":
		return sided(e.Role, "sourceUserName", "destinationUserName"), "user name"
	case "domain":
		return "destinationDnsDomain", "domain"
	case "url":
		return "requestURL", "url"
	case "md5":
		return "fileHashMd5", "md5"
	case "sha1":
		return "fileHashSha1", "sha1"
	case "sha256":
		return "fileHashSha256", "sha256"
	case "sha512":
		return "fileHashSha512", "sha512"
	case "mail":
		return "emailAddress", "email"
	case "file":
		return "filePath", "file path"
	case "process":
		return "processName", "process name"
	case "cve":
		return "cve", "cve"
	}
	return "", ""
}

func sided(role, source, other string) string {
	if role == "source" || role == "actor" {
		return source
	}
	return other
}

// severity is one of those that every installation has; critical and informational are none of them.
func severity(word string) string {
	switch word {
	case "critical", "high":
		return "high"
	case "low", "informational":
		return "low"
	}
	return "medium"
}

// Field implements respond.Platform.
func (p *Platform) Field(e respond.Exhibit) string {
	field, _ := cef(e)
	return field
}

// noteTitle is by which the note of a case is found again.
func noteTitle(caseID string) string { return "soc " + caseID }

// Find implements respond.Platform. The source id is the case's; nothing else is trusted to tell.
func (p *Platform) Find(ctx context.Context, caseID, _ string) (r respond.Record, ok bool, err error) {
	v, ok, err := p.one(ctx, "container", map[string]string{"source_data_identifier": quoted(caseID)})
	if err != nil || !ok {
		return r, false, err
	}
	if v.Get("source_data_identifier").Str != caseID {
		return r, false, fmt.Errorf("splunk soar: the container it found for %s is another's", caseID)
	}
	return p.record(ctx, number(v.Get("id")), caseID)
}

func (p *Platform) record(ctx context.Context, id, caseID string) (respond.Record, bool, error) {
	if id == "" {
		return respond.Record{}, false, errors.New("splunk soar: a container without an id")
	}
	r := respond.Record{ID: id, URL: p.address(id), Existed: true}
	_, noted, err := p.one(ctx, "container_note", map[string]string{"container": id, "title": quoted(noteTitle(caseID))})
	r.Note = noted
	return r, true, err
}

func (p *Platform) address(id string) string {
	return strings.TrimSuffix(p.set.URL, "/") + "/mission/" + id
}

type artifact struct {
	Name       string              `json:"name"`
	Label      string              `json:"label"`
	Severity   string              `json:"severity"`
	CEF        map[string]string   `json:"cef"`
	Types      map[string][]string `json:"cef_types"`
	Source     string              `json:"source_data_identifier"`
	Automation bool                `json:"run_automation"`
}

// artifacts are the values of a case, one each. Automation, where it is wanted, starts once: on the last.
func (p *Platform) artifacts(h *respond.Handover) []artifact {
	var list []artifact
	for _, e := range h.Exhibits {
		field, contains := cef(e)
		if field == "" {
			continue
		}
		sum := sha256.Sum256([]byte(h.Case + "\x00" + field + "\x00" + e.Value))
		a := artifact{
			Name: e.Type + " " + e.Role, Label: "event", Severity: severity(h.Severity), CEF: map[string]string{field: e.Value},
			Types: map[string][]string{field: {contains}}, Source: "soc-" + hex.EncodeToString(sum[:8]),
		}
		a.Name = strings.TrimSpace(a.Name)
		if e.Verdict != "" && e.Verdict != "unknown" {
			a.Name += " (" + e.Verdict + ")"
		}
		list = append(list, a)
	}
	if n := len(list); n > 0 && p.set.Automation {
		list[n-1].Automation = true
	}
	return list
}

// Create implements respond.Platform. Container and artifacts are one request. Of what the platform did not take of it, Annotate takes care:
// the note says that all else is there.
func (p *Platform) Create(ctx context.Context, h *respond.Handover, _ string) (respond.Record, error) {
	doc := map[string]any{
		"name": h.Title, "label": p.set.Label, "severity": severity(h.Severity), "status": "new", "sensitivity": "amber", "tags": append([]string{"soc"}, h.Techniques...),
		"description": "case " + h.Case + " of soc, severity " + h.Severity, "source_data_identifier": h.Case, "run_automation": false, "artifacts": p.artifacts(h),
	}
	if !h.First.IsZero() {
		doc["start_time"] = h.First.UTC().Format(time.RFC3339)
	}
	v, err := p.write(ctx, doc, true, "container") // the source id makes the second one a duplicate
	if there := number(v.Get("existing_container_id")); there != "" {
		r, _, err := p.record(ctx, there, h.Case)
		if err != nil {
			return r, err
		}
		return p.Annotate(ctx, r, h)
	}
	if err != nil {
		return respond.Record{}, err
	}
	id := number(v.Get("id"))
	if !v.Get("success").Bool() || id == "" {
		return respond.Record{}, errors.New("splunk soar: its answer names no container")
	}
	r := respond.Record{ID: id, URL: p.address(id)}
	if len(v.Get("new_artifact_ids").Array()) == len(doc["artifacts"].([]artifact)) {
		return p.note(ctx, r, h)
	}
	return p.Annotate(ctx, r, h)
}

// Annotate adds what an interruption left out: the artifacts whose source id the container has not, then the note, which so is there only
// beside all of them.
func (p *Platform) Annotate(ctx context.Context, r respond.Record, h *respond.Handover) (respond.Record, error) {
	if r.Note {
		return r, nil
	}
	if err := p.complete(ctx, r.ID, p.artifacts(h)); err != nil {
		return r, fmt.Errorf("container %s is there, not all of its artifacts are: %w", r.ID, err)
	}
	return p.note(ctx, r, h)
}

// complete adds the artifacts that a container lacks.
func (p *Platform) complete(ctx context.Context, id string, want []artifact) error {
	container, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return fmt.Errorf("splunk soar: %q is no container", id)
	}
	list, err := p.artifactsOf(ctx, []string{id})
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, a := range list[id] {
		has[a.Get("source_data_identifier").Str] = true
	}
	for _, a := range want {
		if has[a.Source] {
			continue
		}
		v, err := p.write(ctx, struct {
			artifact
			Container int64 `json:"container_id"`
		}{a, container}, true, "artifact")
		if there := number(v.Get("existing_artifact_id")); err != nil && there == "" {
			return fmt.Errorf("artifact %s: %w", a.Name, err)
		}
	}
	return nil
}

func (p *Platform) note(ctx context.Context, r respond.Record, h *respond.Handover) (respond.Record, error) {
	if h.Note == "" {
		return r, nil
	}
	id, err := strconv.ParseInt(r.ID, 10, 64)
	if err != nil {
		return r, fmt.Errorf("splunk soar: %q is no container", r.ID)
	}
	_, err = p.write(ctx, map[string]any{"container_id": id, "title": noteTitle(h.Case), "content": h.Note, "note_type": "general"}, false, "container_note")
	if err != nil {
		return r, fmt.Errorf("container %s is there, its note is not: %w", r.ID, err)
	}
	r.Note = true
	return r, nil
}

// Start implements respond.Platform.
func (p *Platform) Start(ctx context.Context, r respond.Record, playbook string) (respond.Run, error) {
	run := respond.Run{Playbook: playbook}
	container, err := strconv.ParseInt(r.ID, 10, 64)
	if err != nil {
		return run, fmt.Errorf("splunk soar: %q is no container", r.ID)
	}
	name := playbook[strings.LastIndexByte(playbook, '/')+1:]
	filters := map[string]string{"container": r.ID, "playbook__name": quoted(name)}
	var id any = playbook
	if n, err := strconv.ParseInt(playbook, 10, 64); err == nil {
		id = n
		filters = map[string]string{"container": r.ID, "playbook": playbook}
	}
	if r.Existed {
		v, ok, err := p.one(ctx, "playbook_run", filters)
		if err != nil {
			return run, err
		}
		if ok {
			run.ID, run.Before = number(v.Get("id")), true
			return standing(run, v), nil
		}
	}
	v, err := p.write(ctx, map[string]any{"container_id": container, "playbook_id": id, "scope": "all", "run": true}, false, "playbook_run")
	if err != nil {
		return run, fmt.Errorf("starting playbook %s: %w", playbook, err)
	}
	if run.ID = number(v.Get("playbook_run_id")); run.ID == "" {
		return run, fmt.Errorf("starting playbook %s: splunk soar's answer names no run", playbook)
	}
	run.Status = "running"
	return run, nil
}

// Follow implements respond.Platform.
func (p *Platform) Follow(ctx context.Context, _ respond.Record, run respond.Run) (respond.Run, error) {
	v, err := p.read(ctx, nil, "playbook_run", run.ID)
	if err != nil {
		return run, err
	}
	return standing(run, v), nil
}

func standing(run respond.Run, v gjson.Result) respond.Run {
	run.Detail = v.Get("message").String()
	switch s := v.Get("status").String(); s {
	case "success", "failed", "running":
		run.Status = s
	case "cancelled":
		run.Status, run.Detail = "failed", "cancelled"
	default: // pending, blocked, waiting for an approver over there
		run.Status = "waiting"
	}
	return run
}
