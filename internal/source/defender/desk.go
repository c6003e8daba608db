package defender

import (
	"context"
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
		return gjson.Result{}, fmt.Errorf("defender: %q is no id of one of %s", item, c.list())
	}
	v, err := c.ask(ctx, web.Request{Path: c.path(item)}, nil)
	if entra.Status(err) == http.StatusNotFound {
		return v, fmt.Errorf("%s/%s: %w", c.list(), item, respond.ErrNoItem)
	}
	if err == nil && !v.Get("status").Exists() {
		err = errors.New("the answer has no status")
	}
	if err != nil {
		err = fmt.Errorf("reading %s/%s: %w", c.list(), item, err)
	}
	return v, err
}

const (
	resolved = "resolved"
	unknown  = "unknown" // how Graph spells what nobody has said
)

func entryOf(v gjson.Result) respond.Entry {
	e := respond.Entry{Status: v.Get("status").String(), Severity: v.Get("severity").String(), Owner: v.Get("assignedTo").String(), Revision: v.Get("lastUpdateDateTime").String()}
	if class := v.Get("classification").String(); class != unknown {
		e.Disposition = class
	}
	if why := v.Get("determination").String(); e.Disposition != "" && why != "" && why != unknown {
		e.Disposition += "/" + why
	}
	for _, t := range v.Get("customTags").Array() {
		e.Tags = append(e.Tags, t.String())
	}
	slices.Sort(e.Tags)
	switch {
	case e.Status == "redirected":
		e.Held = "merged into incident " + v.Get("redirectIncidentId").String()
	case e.Status == resolved:
		e.Held = "closed"
	case e.Owner != "":
		e.Held = "assigned to " + e.Owner
	case e.Status == "inProgress":
		e.Held = "being worked on"
	}
	return e
}

// decided is the tag of what a person decided, which the comment says, too.
const decided = "soc:decided"

// Draft implements respond.Desk. What was found out beyond the disposition is not said: the determination is other, for what was real, and
// notMalicious for what was not. Graph lets nobody change a severity, and alerts have no tags: what soc's own would say stands in its note and
// is left out, another is an error.
func (c *Client) Draft(was respond.Entry, ch respond.Change) (respond.Entry, error) {
	e := was
	e.Held, e.Tags = "", slices.Clone(was.Tags)
	if ch.Close {
		e.Status = resolved
	}
	switch ch.Disposition {
	case triage.Undetermined:
	case triage.TruePositive:
		e.Disposition = "truePositive/other"
	case triage.BenignPositive:
		e.Disposition = "informationalExpectedActivity/other"
	case triage.FalsePositive:
		e.Disposition = "falsePositive/notMalicious"
	}
	if word := severity(ch.Severity); word != "" && word != was.Severity && !ch.Unasked {
		return was, fmt.Errorf("defender lets nobody change a severity, it is %s: leave out %s, and the rest can be written", was.Severity, word)
	}
	if ch.Owner != "" {
		e.Owner = ch.Owner
	}
	for _, t := range ch.Tags {
		switch {
		case c.set.Incidents && !slices.Contains(e.Tags, t):
			e.Tags = append(e.Tags, t)
		case !c.set.Incidents && t != decided && !(ch.Unasked && strings.HasPrefix(t, "soc:")):
			return was, fmt.Errorf("an alert of defender has no tags: %q can be said of an incident (index: incidents), or in a comment", t)
		}
	}
	slices.Sort(e.Tags)
	return e, nil
}

func severity(s triage.Severity) string {
	if s == triage.Critical {
		return triage.High.String()
	}
	return s.String()
}

// attempts is how often a write is tried again that the service calls a conflict.
const attempts = 3

// Write implements respond.Desk. Graph compares nothing: whoever changes the item between the reading and the writing is overwritten. That is
// one request long.
func (c *Client) Write(ctx context.Context, item string, was, want respond.Entry) error {
	for n := 0; ; n++ {
		now, err := c.Read(ctx, item)
		switch {
		case err != nil:
			return err
		case now.Same(&want):
			return nil
		case !now.Same(&was):
			return fmt.Errorf("%s/%s %w", c.list(), item, respond.ErrOvertaken)
		}
		after, err := c.ask(ctx, web.Request{Method: http.MethodPatch, Path: c.path(item)}, changes(&was, &want))
		switch status := entra.Status(err); {
		case (status == http.StatusConflict || status == http.StatusPreconditionFailed) && n < attempts:
			continue
		case err != nil:
			return fmt.Errorf("writing %s/%s: %w", c.list(), item, err)
		}
		said := entryOf(after)
		if !after.Get("status").Exists() { // a 204
			if said, err = c.Read(ctx, item); err != nil {
				return err
			}
		}
		return c.agrees(item, said, want)
	}
}

// changes is what want says otherwise than was.
func changes(was, want *respond.Entry) map[string]any {
	doc := map[string]any{}
	if want.Status != was.Status {
		doc["status"] = want.Status
	}
	if want.Disposition != was.Disposition {
		class, why, _ := strings.Cut(want.Disposition, "/")
		if class == "" {
			class = unknown
		}
		if why == "" {
			why = unknown
		}
		doc["classification"], doc["determination"] = class, why
	}
	if want.Owner != was.Owner {
		doc["assignedTo"] = want.Owner
		if want.Owner == "" {
			doc["assignedTo"] = nil
		}
	}
	if !slices.Equal(want.Tags, was.Tags) {
		doc["customTags"] = append([]string{}, want.Tags...)
	}
	return doc
}

// agrees checks what the service says it made of a write.
func (c *Client) agrees(item string, said, want respond.Entry) error {
	if strings.EqualFold(said.Owner, want.Owner) {
		said.Owner = want.Owner
	}
	if said.Same(&want) {
		return nil
	}
	return fmt.Errorf("writing %s/%s: the service answered without an error, and says status %q, classification %q, owner %q, tags %q", c.list(), item,
		said.Status, said.Disposition, said.Owner, said.Tags)
}

// Note implements respond.Desk. Graph takes the same comment twice and none back: it is looked for before it is added, and again when the
// answer to adding it does not say what became of it.
func (c *Client) Note(ctx context.Context, item, key, text string) error {
	if !strings.Contains(text, key) {
		text += "\n\n" + key
	}
	there, err := c.noted(ctx, item, key)
	if err != nil || there {
		return err
	}
	_, err = c.ask(ctx, web.Request{Method: http.MethodPost, Path: c.path(item, "comments")}, map[string]string{"@odata.type": "microsoft.graph.security.alertComment", "comment": text})
	if err == nil {
		return nil
	}
	if s := entra.Status(err); s == 0 || s/100 == 2 || s/100 == 5 {
		if there, unclear := c.noted(context.WithoutCancel(ctx), item, key); unclear == nil && there {
			return nil
		}
	}
	return fmt.Errorf("commenting %s/%s: %w", c.list(), item, err)
}

// noted tells whether an item has a comment with the key.
func (c *Client) noted(ctx context.Context, item, key string) (bool, error) {
	v, err := c.read(ctx, item)
	if err != nil {
		return false, err
	}
	for _, one := range v.Get("comments").Array() {
		if strings.Contains(one.Get("comment").String(), key) {
			return true, nil
		}
	}
	return false, nil
}
