package elastic

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// reasons is the first version with a reason for closing. Before it the reason is a tag, as analysts there set it.
const reasons = "9.2"

// profile is how Elastic names a person: the name of an account would be kept and shown as nobody.
var profile = regexp.MustCompile(`^u_[A-Za-z0-9_-]+$`)

// Read implements respond.Desk. Assignees are the owner, joined by commas.
func (c *Client) Read(ctx context.Context, item string) (respond.Entry, error) {
	e, _, err := c.read(ctx, item)
	return e, err
}

// split takes an item apart: index and id.
func split(item string) (index, id string, err error) {
	at := strings.LastIndexByte(item, '/')
	if at < 1 || at == len(item)-1 {
		return "", "", fmt.Errorf("elastic: %q is no alert: it is named INDEX/ID", short(item))
	}
	return item[:at], item[at+1:], nil
}

// read returns the alert beside what it says.
func (c *Client) read(ctx context.Context, item string) (respond.Entry, gjson.Result, error) {
	index, id, err := split(item)
	if err != nil {
		return respond.Entry{}, gjson.Result{}, err
	}
	v, err := c.post(ctx, true, object{"query": object{"ids": object{"values": []string{id}}}, "size": 10}, "detection_engine", "signals", "search")
	if err == nil {
		err = whole(v)
	}
	if err != nil {
		return respond.Entry{}, v, fmt.Errorf("reading alert %s: %w", short(id), err)
	}
	hits := v.Get("hits.hits").Array()
	for _, hit := range hits {
		// One that was moved to another index is still the one that is meant: ids of alerts are digests.
		if hit.Get("_id").Str == id && (hit.Get("_index").Str == index || len(hits) == 1) {
			return entry(hit.Get("_source")), hit.Get("_source"), nil
		}
	}
	return respond.Entry{}, v, fmt.Errorf("alert %s: %w", short(id), respond.ErrNoItem)
}

func entry(source gjson.Result) respond.Entry {
	status := field(source, "kibana.alert.workflow_status").Str
	if status == "" {
		status = field(source, "signal.status").Str
	}
	e := respond.Entry{
		Status: status, Disposition: field(source, "kibana.alert.workflow_reason").Str, Severity: field(source, "kibana.alert.severity").Str,
		Tags: words(field(source, "kibana.alert.workflow_tags")), Owner: strings.Join(words(field(source, "kibana.alert.workflow_assignee_ids")), ","),
	}
	switch {
	case e.Owner != "":
		e.Held = "assigned to " + e.Owner
	case status != "open" && status != "":
		e.Held = status
	}
	return e
}

// words are the texts of a list, sorted; none is nil.
func words(v gjson.Result) (list []string) {
	for _, e := range v.Array() {
		if e.Str != "" && !slices.Contains(list, e.Str) {
			list = append(list, e.Str)
		}
	}
	slices.Sort(list)
	return list
}

// Draft implements respond.Desk. An alert keeps the severity of its rule: what soc's own escalation recommends stands in its note and is
// left out, another is an error.
func (c *Client) Draft(was respond.Entry, ch respond.Change) (respond.Entry, error) {
	want := was
	want.Tags = slices.Clone(was.Tags)
	tags := slices.Clone(ch.Tags)
	if ch.Severity != triage.NoSeverity && ch.Severity.String() != was.Severity && !ch.Unasked {
		return was, fmt.Errorf("elastic: an alert keeps the severity that its rule gave it: leave out the severity %s, and the rest can be written", ch.Severity)
	}
	switch {
	case ch.Close && since(c.set.Version, reasons):
		want.Status, want.Disposition = "closed", ch.Disposition.String()
		if ch.Disposition == triage.Undetermined {
			want.Disposition = "other"
		}
	case ch.Close:
		if want.Status = "closed"; ch.Disposition != triage.Undetermined {
			tags = append(tags, label(ch.Disposition))
		}
	case ch.Disposition != triage.Undetermined:
		tags = append(tags, label(ch.Disposition)) // a reason stands only beside closed
	}
	if ch.Owner != "" {
		if !profile.MatchString(ch.Owner) {
			return was, fmt.Errorf("elastic: %q is no profile id like u_mGBROF_q5bmFCATbLXAcCwKa0k8JvONAwSruelyKA5E_0, by which alerts are assigned: GET /_security/profile/_suggest", short(ch.Owner))
		}
		want.Owner = ch.Owner
	}
	for _, t := range tags {
		if t != "" && !slices.Contains(want.Tags, t) {
			want.Tags = append(want.Tags, t)
		}
	}
	slices.Sort(want.Tags)
	return want, nil
}

// label is a disposition as the tags that Kibana offers spell it.
func label(d triage.Disposition) string {
	switch d {
	case triage.TruePositive:
		return "True Positive"
	case triage.BenignPositive:
		return "Benign Positive"
	case triage.FalsePositive:
		return "False Positive"
	case triage.Undetermined:
	}
	return ""
}

// Write implements respond.Desk. The interface has no edition of an alert that it would compare, so the alert is read right before it is
// written to; what somebody changes between the two, a few milliseconds, is found by the system where both wrote at once (a version
// conflict). Tags and assignees are added and taken away, never set, so that they leave alone what others do. The status comes last: an
// alert of which half was written is still open.
func (c *Client) Write(ctx context.Context, item string, was, want respond.Entry) error {
	_, id, err := split(item)
	if err != nil {
		return err
	}
	now, _, err := c.read(ctx, item)
	switch {
	case err != nil:
		return err
	case !now.Same(&was):
		return fmt.Errorf("alert %s: %w", short(id), respond.ErrOvertaken)
	case want.Severity != was.Severity:
		return errors.New("elastic: the severity of an alert cannot be changed")
	}
	if add, remove := differ(was.Tags, want.Tags); len(add)+len(remove) > 0 {
		if err := c.update(ctx, id, object{"ids": []string{id}, "tags": object{"tags_to_add": add, "tags_to_remove": remove}}, "tags"); err != nil {
			return err
		}
	}
	if add, remove := differ(people(was.Owner), people(want.Owner)); len(add)+len(remove) > 0 {
		if err := c.update(ctx, id, object{"ids": []string{id}, "assignees": object{"add": add, "remove": remove}}, "assignees"); err != nil {
			return err
		}
	}
	if want.Status == was.Status && want.Disposition == was.Disposition {
		return nil
	}
	if want.Status == was.Status { // Kibana changes a reason only together with the status
		if err := c.update(ctx, id, object{"signal_ids": []string{id}, "status": "acknowledged"}, "status"); err != nil {
			return err
		}
	}
	doc := object{"signal_ids": []string{id}, "status": want.Status}
	if want.Status == "closed" && want.Disposition != "" {
		doc["reason"] = want.Disposition
	}
	return c.update(ctx, id, doc, "status")
}

func people(owner string) []string {
	if owner == "" {
		return nil
	}
	return strings.Split(owner, ",")
}

// differ tells what is to be added and to be removed; neither is nil, for the interface wants both.
func differ(was, want []string) (add, remove []string) {
	add, remove = []string{}, []string{}
	for _, v := range want {
		if !slices.Contains(was, v) {
			add = append(add, v)
		}
	}
	for _, v := range was {
		if !slices.Contains(want, v) {
			remove = append(remove, v)
		}
	}
	return add, remove
}

// update changes one alert. An answer of success that says that it reached none, or not to its end, is an error.
func (c *Client) update(ctx context.Context, id string, doc object, what string) error {
	v, err := c.post(ctx, false, doc, "detection_engine", "signals", what)
	if status(err) == 409 {
		return fmt.Errorf("alert %s: %w: %w", short(id), respond.ErrOvertaken, err)
	}
	if err != nil {
		return fmt.Errorf("writing the %s of alert %s: %w", what, short(id), err)
	}
	switch {
	case v.Get("version_conflicts").Int() > 0:
		return fmt.Errorf("alert %s: %w", short(id), respond.ErrOvertaken)
	case len(v.Get("failures").Array()) > 0:
		return fmt.Errorf("writing the %s of alert %s: elastic says: %s", what, short(id), short(v.Get("failures.0.cause.reason").String()+v.Get("failures.0.reason.reason").String()))
	case v.Get("timed_out").Bool():
		return fmt.Errorf("writing the %s of alert %s: it ran out of time over there", what, short(id))
	case v.Get("total").Exists() && v.Get("total").Int() == 0:
		return fmt.Errorf("alert %s: %w", short(id), respond.ErrNoItem)
	case v.Get("updated").Int() != 1:
		return fmt.Errorf("writing the %s of alert %s: elastic updated %d alerts, not the one that was asked for", what, short(id), v.Get("updated").Int())
	}
	return nil
}
