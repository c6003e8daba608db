package xsoar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// tagLabel is the type of the labels that are tags: an incident has no others.
const tagLabel = "soc"

// states are the words for the numbers of a status.
func states() []string { return []string{"pending", "active", "closed", "archived"} }

// steps are the words for the numbers of a severity.
func steps() map[float64]string {
	return map[float64]string{0: "unknown", 0.5: "informational", 1: "low", 2: "medium", 3: "high", 4: "critical"}
}

// Read implements respond.Desk. The revision is the incident's version.
func (p *Platform) Read(ctx context.Context, item string) (respond.Entry, error) {
	v, err := p.incident(ctx, item)
	if err != nil {
		return respond.Entry{}, err
	}
	return entry(v)
}

// incident finds one by its id.
func (p *Platform) incident(ctx context.Context, id string) (gjson.Result, error) {
	if !plainID.MatchString(id) {
		return gjson.Result{}, fmt.Errorf("xsoar: %q is no id of an incident", id)
	}
	v, err := p.call(ctx, search(map[string]any{"id": []string{id}}), true, "incidents", "search")
	if err != nil {
		return v, fmt.Errorf("reading incident %s: %w", id, err)
	}
	if !v.Get("total").Exists() {
		return v, errors.New("xsoar: its answer to a search has no total")
	}
	for _, one := range v.Get("data").Array() {
		if one.Get("id").String() == id {
			return p.full(ctx, one), nil
		}
	}
	return v, fmt.Errorf("incident %s: %w", id, respond.ErrNoItem)
}

func entry(v gjson.Result) (respond.Entry, error) {
	n := v.Get("status")
	if n.Type != gjson.Number || n.Int() < 0 || int(n.Int()) >= len(states()) {
		return respond.Entry{}, fmt.Errorf("xsoar: incident %s has no status that is known", v.Get("id"))
	}
	e := respond.Entry{
		Status: states()[n.Int()], Disposition: v.Get("closeReason").Str, Severity: steps()[v.Get("severity").Float()], Owner: v.Get("owner").Str, Revision: v.Get("version").Raw,
	}
	for _, l := range v.Get("labels").Array() {
		if l.Get("type").Str == tagLabel && !slices.Contains(e.Tags, l.Get("value").Str) {
			e.Tags = append(e.Tags, l.Get("value").Str)
		}
	}
	slices.Sort(e.Tags)
	switch {
	case e.Owner != "":
		e.Held = "assigned to " + e.Owner
	case n.Int() >= 2:
		e.Held = e.Status
	}
	return e, nil
}

// Draft implements respond.Desk. The reasons for closing are those that every installation has; a benign positive and a true one both are
// Resolved there, and a tag tells them apart.
func (p *Platform) Draft(was respond.Entry, c respond.Change) (respond.Entry, error) {
	want := was
	want.Tags = slices.Clone(was.Tags)
	tags := slices.Clone(c.Tags)
	if c.Close {
		want.Status, want.Disposition = "closed", reason(c.Disposition)
	}
	if c.Disposition != triage.Undetermined {
		tags = append(tags, c.Disposition.String())
	}
	if c.Severity != triage.NoSeverity {
		want.Severity = c.Severity.String()
	}
	if c.Owner != "" {
		want.Owner = c.Owner
	}
	for _, t := range tags {
		if t != "" && !slices.Contains(want.Tags, t) {
			want.Tags = append(want.Tags, t)
		}
	}
	slices.Sort(want.Tags)
	return want, nil
}

func reason(d triage.Disposition) string {
	switch d {
	case triage.FalsePositive:
		return "False Positive"
	case triage.TruePositive, triage.BenignPositive:
		return "Resolved"
	case triage.Undetermined:
	}
	return "Other"
}

// Write implements respond.Desk. Everything but closing goes by the incident's version, so that what somebody else changed meanwhile makes it
// fail; an incident is closed by its id, right after that. What it says afterwards is read again, and another thing than was wanted is an
// error.
func (p *Platform) Write(ctx context.Context, item string, was, want respond.Entry) error {
	v, err := p.incident(ctx, item)
	if err != nil {
		return err
	}
	now, err := entry(v)
	switch {
	case err != nil:
		return err
	case !now.Same(&was):
		return fmt.Errorf("incident %s: %w", item, respond.ErrOvertaken)
	case now.Same(&want):
		return nil
	}
	if was.Status == "closed" && want.Status != "closed" {
		if err := p.reopen(ctx, item); err != nil {
			return fmt.Errorf("reopening incident %s: %w", item, err)
		}
		if v, err = p.incident(ctx, item); err != nil {
			return err
		}
	}
	if err := p.update(ctx, v, want); err != nil {
		return err
	}
	if want.Status == "closed" && (was.Status != "closed" || want.Disposition != was.Disposition) {
		doc := map[string]any{"ids": []string{item}, "closeReason": want.Disposition, "closeNotes": "closed by soc"}
		if _, err := p.call(ctx, doc, false, "incident", "batchClose"); err != nil {
			return fmt.Errorf("closing incident %s: %w", item, err)
		}
	}
	after, err := p.Read(ctx, item)
	if err == nil && !after.Same(&want) {
		err = fmt.Errorf("xsoar: incident %s says %s %s after it was written, not %s %s", item, after.Status, after.Disposition, want.Status, want.Disposition)
	}
	return err
}

// update sends the incident as it was read, with what is to be said put in, and with its version. Without a difference nothing is sent.
func (p *Platform) update(ctx context.Context, v gjson.Result, want respond.Entry) error {
	now, err := entry(v)
	if err != nil {
		return err
	}
	changes := map[string]any{}
	if now.Severity != want.Severity {
		changes["severity"] = severity(want.Severity)
	}
	if now.Owner != want.Owner {
		changes["owner"] = want.Owner
	}
	if !slices.Equal(now.Tags, want.Tags) {
		changes["labels"] = labels(v, want.Tags)
	}
	if want.Status != "closed" && now.Status != want.Status {
		changes["status"] = slices.Index(states(), want.Status)
	}
	return p.save(ctx, v, changes)
}

// save sends an incident with its version and with changes put in.
func (p *Platform) save(ctx context.Context, v gjson.Result, changes map[string]any) error {
	if len(changes) == 0 {
		return nil
	}
	doc := map[string]any{}
	v.ForEach(func(k, e gjson.Result) bool {
		doc[k.String()] = json.RawMessage(e.Raw)
		return true
	})
	maps.Copy(doc, changes)
	id := v.Get("id").String()
	_, err := p.call(ctx, doc, false, "incident")
	if err == nil {
		return nil
	}
	// A version that is not the last one is an error like any other there: whether it was that shows when it is read again.
	if later, e := p.incident(ctx, id); e == nil && later.Get("version").Raw != v.Get("version").Raw {
		return fmt.Errorf("incident %s: %w: %w", id, respond.ErrOvertaken, err)
	}
	return fmt.Errorf("writing incident %s: %w", id, err)
}

// labels are those of an incident with other tags.
func labels(v gjson.Result, tags []string) []json.RawMessage {
	list := []json.RawMessage{}
	for _, l := range v.Get("labels").Array() {
		if l.Get("type").Str != tagLabel {
			list = append(list, json.RawMessage(l.Raw))
		}
	}
	for _, t := range tags {
		b, _ := json.Marshal(map[string]string{"type": tagLabel, "value": t}) // of strings
		list = append(list, b)
	}
	return list
}

// reopen opens a closed investigation. The command for that runs in the user's playground: a closed one takes none.
func (p *Platform) reopen(ctx context.Context, id string) error {
	v, err := p.call(ctx, map[string]any{"filter": map[string]any{"type": []int{9}, "page": 0, "size": 1}}, true, "investigations", "search")
	if err != nil {
		return err
	}
	playground := v.Get("data.0.id").String()
	if playground == "" {
		return errors.New("the key's user has no playground, in which commands run")
	}
	words, err := spell(respond.Words{"!reopenInvestigation", "id=" + id}, respond.Order{})
	if err == nil {
		_, err = p.execute(ctx, playground, words)
	}
	return err
}

// Note implements respond.Desk: an entry of the war room. An investigation that is closed takes none; its words go to the notes on closing, where
// they are looked for first. The API does not let entries be read, so after a crash one may be there twice.
func (p *Platform) Note(ctx context.Context, item, key, text string) error {
	v, err := p.incident(ctx, item)
	if err != nil {
		return err
	}
	if !strings.Contains(text, key) {
		text += "\n\n" + key
	}
	e, err := entry(v)
	if err != nil {
		return err
	}
	if e.Status == "closed" {
		return p.remark(ctx, v, key, text)
	}
	investigation := v.Get("investigationId").String()
	if investigation == "" {
		return fmt.Errorf("xsoar: incident %s is pending: without an investigation there is no war room to add a note to", item)
	}
	said, err := p.call(ctx, map[string]any{"investigationId": investigation, "data": text, "markdown": false}, false, "entry")
	var fault *web.Error
	switch {
	case errors.As(err, &fault) && fault.Status == http.StatusPreconditionFailed:
		return fmt.Errorf("incident %s takes no note: %w", item, ErrClosed)
	case err != nil:
		return fmt.Errorf("adding a note to incident %s: %w", item, err)
	case said.Get("type").Int() == 4:
		return fmt.Errorf("adding a note to incident %s: xsoar says: %s", item, p.quiet(said.Get("contents").String()))
	case said.Get("id").String() == "":
		return fmt.Errorf("adding a note to incident %s: xsoar's answer names no entry", item)
	}
	return nil
}

// remark adds to the notes on closing.
func (p *Platform) remark(ctx context.Context, v gjson.Result, key, text string) error {
	had := v.Get("closeNotes").Str
	if strings.Contains(had, key) {
		return nil
	}
	if err := p.save(ctx, v, map[string]any{"closeNotes": strings.TrimSpace(had + "\n\n" + text)}); err != nil {
		return err
	}
	after, err := p.incident(ctx, v.Get("id").String())
	if err == nil && !strings.Contains(after.Get("closeNotes").Str, key) {
		err = fmt.Errorf("incident %s takes no note: %w", v.Get("id"), ErrClosed)
	}
	return err
}
