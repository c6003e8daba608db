package sentinel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// Read implements respond.Desk.
func (c *Client) Read(ctx context.Context, item string) (respond.Entry, error) {
	v, err := c.read(ctx, item)
	if err != nil {
		return respond.Entry{}, err
	}
	return entryOf(v), nil
}

func (c *Client) read(ctx context.Context, item string) (gjson.Result, error) {
	if !plain.MatchString(item) {
		return gjson.Result{}, fmt.Errorf("sentinel: %q is no name of an incident", item)
	}
	v, err := c.ask(ctx, web.Request{Path: c.incident(item)}, nil)
	if entra.Status(err) == http.StatusNotFound {
		return v, fmt.Errorf("incident %s: %w", item, respond.ErrNoItem)
	}
	if err == nil && !v.Get("properties.status").Exists() {
		err = errors.New("its answer is no incident")
	}
	if err != nil {
		err = fmt.Errorf("reading incident %s: %w", item, err)
	}
	return v, err
}

func entryOf(v gjson.Result) respond.Entry {
	p := v.Get("properties")
	e := respond.Entry{Status: p.Get("status").String(), Disposition: p.Get("classification").String(), Severity: p.Get("severity").String(), Revision: v.Get("etag").String()}
	if reason := p.Get("classificationReason").String(); reason != "" {
		e.Disposition += "/" + reason
	}
	for _, key := range []string{"userPrincipalName", "email", "objectId", "assignedTo"} {
		if e.Owner = p.Get("owner." + key).String(); e.Owner != "" {
			break
		}
	}
	for _, l := range p.Get("labels").Array() {
		e.Tags = append(e.Tags, l.Get("labelName").String())
	}
	slices.Sort(e.Tags)
	switch {
	case e.Status == closed:
		e.Held = "closed"
	case e.Owner != "":
		e.Held = "assigned to " + e.Owner
	case e.Status == "Active":
		e.Held = "being worked on"
	}
	return e
}

const closed = "Closed"

// Draft implements respond.Desk. Sentinel classifies only what it closes, with the pairs of classification and reason that it knows, and
// nothing is graver than High there.
func (c *Client) Draft(was respond.Entry, ch respond.Change) (respond.Entry, error) {
	e := was
	e.Held, e.Tags = "", slices.Clone(was.Tags)
	switch {
	case ch.Close:
		e.Status, e.Disposition = closed, map[triage.Disposition]string{
			triage.Undetermined: "Undetermined", triage.TruePositive: "TruePositive/SuspiciousActivity",
			triage.BenignPositive: "BenignPositive/SuspiciousButExpected", triage.FalsePositive: "FalsePositive/IncorrectAlertLogic",
		}[ch.Disposition]
	case ch.Disposition != triage.Undetermined:
		return was, errors.New("sentinel says what an incident turned out to be only of one that is closed")
	}
	switch ch.Severity {
	case triage.NoSeverity:
	case triage.Informational:
		e.Severity = "Informational"
	case triage.Low:
		e.Severity = "Low"
	case triage.Medium:
		e.Severity = "Medium"
	case triage.High, triage.Critical:
		e.Severity = "High"
	}
	if ch.Owner != "" {
		e.Owner = ch.Owner
	}
	for _, t := range ch.Tags {
		if !slices.Contains(e.Tags, t) {
			e.Tags = append(e.Tags, t)
		}
	}
	slices.Sort(e.Tags)
	return e, nil
}

// attempts is how often a write is tried again when something that changes no words was quicker: a comment, an automation rule.
const attempts = 3

// Write implements respond.Desk.
func (c *Client) Write(ctx context.Context, item string, was, want respond.Entry) error {
	for n := 0; ; n++ {
		v, err := c.read(ctx, item)
		if err != nil {
			return err
		}
		now := entryOf(v)
		switch {
		case now.Same(&want):
			return nil
		case !now.Same(&was):
			return fmt.Errorf("incident %s %w", item, respond.ErrOvertaken)
		}
		properties, err := merge(v.Get("properties"), &was, &want)
		if err != nil {
			return err
		}
		after, err := c.ask(ctx, web.Request{Method: http.MethodPut, Path: c.incident(item)}, map[string]any{"etag": now.Revision, "properties": properties})
		switch status := entra.Status(err); {
		case (status == http.StatusConflict || status == http.StatusPreconditionFailed) && n < attempts:
			continue
		case err != nil:
			return fmt.Errorf("writing incident %s: %w", item, err)
		}
		return agrees(item, entryOf(after), want)
	}
}

// agrees checks what the service says it made of a write. Of the owner it may know another name than it was given.
func agrees(item string, said, want respond.Entry) error {
	if want.Owner != "" && said.Owner != "" {
		said.Owner = want.Owner
	}
	if said.Same(&want) {
		return nil
	}
	return fmt.Errorf("writing incident %s: the service answered without an error, and says status %q, classification %q, severity %q, owner %q, labels %q", item,
		said.Status, said.Disposition, said.Severity, said.Owner, said.Tags)
}

// merge makes the whole of an incident's properties: those that were read, with what want says otherwise than was.
func merge(p gjson.Result, was, want *respond.Entry) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	for _, name := range []string{
		"title", "description", "severity", "status", "classification", "classificationReason", "classificationComment", "owner", "labels", "firstActivityTimeUtc", "lastActivityTimeUtc",
	} {
		if v := p.Get(name); v.Exists() && v.Type != gjson.Null {
			all[name] = json.RawMessage(v.Raw)
		}
	}
	set := func(name string, v any) {
		text, _ := json.Marshal(v) // texts, and lists of them
		all[name] = text
	}
	if want.Status != was.Status {
		set("status", want.Status)
	}
	if want.Severity != was.Severity {
		set("severity", want.Severity)
	}
	if want.Disposition != was.Disposition {
		delete(all, "classification")
		delete(all, "classificationReason")
		class, reason, both := strings.Cut(want.Disposition, "/")
		if class != "" {
			set("classification", class)
		} else {
			delete(all, "classificationComment")
		}
		if both {
			set("classificationReason", reason)
		}
	}
	if want.Owner != was.Owner {
		owner, err := ownerOf(want.Owner)
		if err != nil {
			return nil, err
		}
		set("owner", owner)
	}
	if !slices.Equal(want.Tags, was.Tags) {
		labels := []any{}
		for _, t := range want.Tags {
			labels = append(labels, map[string]string{"labelName": t})
		}
		set("labels", labels)
	}
	return all, nil
}

// ownerOf names an owner as Sentinel takes it: by the id of an object of Entra, or by the name that a user signs in with.
func ownerOf(name string) (map[string]any, error) {
	o := map[string]any{"objectId": nil, "email": nil, "assignedTo": nil, "userPrincipalName": nil}
	switch {
	case name == "":
	case strings.Contains(name, "@"):
		o["userPrincipalName"], o["email"], o["assignedTo"] = name, name, name
	case len(name) == 36 && strings.Count(name, "-") == 4:
		o["objectId"] = name
	default:
		return nil, fmt.Errorf("owner %q is neither a user's sign-in name nor the id of an object in Entra", name)
	}
	return o, nil
}

// longest is how many letters a comment may have.
const longest = 30_000

// Note implements respond.Desk. The comment's own id is made of the key, so that the same note is the same comment. Sentinel
// shows comments as Markdown and HTML.
func (c *Client) Note(ctx context.Context, item, key, text string) error {
	if !plain.MatchString(item) {
		return fmt.Errorf("sentinel: %q is no name of an incident", item)
	}
	if !strings.Contains(text, key) {
		text += "\n\n" + key
	}
	if text = respond.Inert(text); len(text) > longest {
		end := "\n(cut) " + key
		text = strings.ToValidUTF8(text[:longest-len(end)], "") + end
	}
	r := web.Request{Path: c.incident(item, "comments", commentID(item, key))}
	_, err := c.ask(ctx, r, nil)
	if entra.Status(err) == http.StatusNotFound {
		r.Method = http.MethodPut
		_, err = c.ask(ctx, r, map[string]any{"properties": map[string]string{"message": text}})
		if entra.Status(err) == http.StatusNotFound {
			err = respond.ErrNoItem
		}
	}
	if err != nil {
		return fmt.Errorf("commenting incident %s: %w", item, err)
	}
	return nil
}

// commentID is a UUID of version 8, made of the item and the key. Source: RFC 9562, section 5.8.
func commentID(item, key string) string {
	sum := sha256.Sum256([]byte("soc comment\x00" + item + "\x00" + key))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
