package splunksoar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// Read implements respond.Desk. The revision is the time of the container's last change.
func (p *Platform) Read(ctx context.Context, item string) (respond.Entry, error) {
	if !isID(item) {
		return respond.Entry{}, fmt.Errorf("splunk soar: %q is no number of a container", item)
	}
	v, err := p.read(ctx, nil, "container", item)
	if status(err) == http.StatusNotFound {
		return respond.Entry{}, fmt.Errorf("container %s: %w", item, respond.ErrNoItem)
	}
	if err != nil {
		return respond.Entry{}, fmt.Errorf("reading container %s: %w", item, err)
	}
	if number(v.Get("id")) != item || v.Get("status").Str == "" {
		return respond.Entry{}, fmt.Errorf("splunk soar: its answer is not container %s", item)
	}
	return p.entry(v), nil
}

func isID(item string) bool {
	return item != "" && len(item) < 19 && strings.Trim(item, "0123456789") == ""
}

func status(err error) int {
	var e *web.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func (p *Platform) entry(v gjson.Result) respond.Entry {
	e := respond.Entry{Status: v.Get("status").Str, Severity: v.Get("severity").Str, Owner: v.Get("owner_name").Str, Revision: v.Get("container_update_time").Str}
	if p.set.Disposition != "" {
		e.Disposition = v.Get("custom_fields").Get(gjson.Escape(p.set.Disposition)).String()
	}
	for _, t := range v.Get("tags").Array() {
		e.Tags = append(e.Tags, t.Str)
	}
	slices.Sort(e.Tags)
	switch {
	case e.Owner != "":
		e.Held = "assigned to " + e.Owner
	case e.Status != "new":
		e.Held = e.Status
	}
	return e
}

// Draft implements respond.Desk. Without a custom field a disposition becomes a tag.
func (p *Platform) Draft(was respond.Entry, c respond.Change) (respond.Entry, error) {
	want := was
	want.Tags = slices.Clone(was.Tags)
	tags := c.Tags
	if c.Close {
		want.Status = "closed"
	}
	switch {
	case c.Disposition == triage.Undetermined && !c.Close:
	case p.set.Disposition != "":
		want.Disposition = c.Disposition.String()
	case c.Disposition != triage.Undetermined:
		tags = append(slices.Clone(tags), c.Disposition.String())
	}
	if c.Severity != triage.NoSeverity {
		want.Severity = severity(c.Severity.String())
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

// Write implements respond.Desk. The interface has no edition of a container that it would compare, so the container is read right before it
// is written to, in one request.
func (p *Platform) Write(ctx context.Context, item string, was, want respond.Entry) error {
	now, err := p.Read(ctx, item)
	if err != nil {
		return err
	}
	if !now.Same(&was) {
		return fmt.Errorf("container %s: %w", item, respond.ErrOvertaken)
	}
	doc := map[string]any{}
	if want.Status != was.Status {
		doc["status"] = want.Status
	}
	if want.Severity != was.Severity {
		doc["severity"] = want.Severity
	}
	if want.Owner != was.Owner {
		if doc["owner_id"] = nil; want.Owner != "" {
			doc["owner_id"] = want.Owner
		}
	}
	if !slices.Equal(want.Tags, was.Tags) {
		doc["tags"] = append([]string{}, want.Tags...)
	}
	if want.Disposition != was.Disposition {
		if p.set.Disposition == "" {
			return errors.New("splunk soar: a container has no disposition unless disposition_field names its custom field")
		}
		doc["custom_fields"] = map[string]string{p.set.Disposition: want.Disposition} // merged with the others over there
	}
	if len(doc) == 0 {
		return nil
	}
	v, err := p.write(ctx, doc, false, "container", item)
	switch {
	case err != nil:
		return fmt.Errorf("writing container %s: %w", item, err)
	case !v.Get("success").Bool():
		return fmt.Errorf("writing container %s: splunk soar does not say that it was done", item)
	}
	return nil
}

// Note implements respond.Desk. The title of a note holds its key. The platform shows it as Markdown or HTML.
func (p *Platform) Note(ctx context.Context, item, key, text string) error {
	if _, err := p.Read(ctx, item); err != nil {
		return err
	}
	title := noteTitle(key)
	_, there, err := p.one(ctx, "container_note", map[string]string{"container": item, "title": quoted(title)})
	if err != nil || there {
		return err
	}
	v, err := p.write(ctx, map[string]any{"container_id": gjson.Parse(item).Int(), "title": title, "content": respond.Inert(text), "note_type": "general"}, false, "container_note")
	if err == nil && number(v.Get("id")) == "" {
		err = errors.New("splunk soar's answer names no note")
	}
	if err != nil {
		return fmt.Errorf("adding a note to container %s: %w", item, err)
	}
	return nil
}
