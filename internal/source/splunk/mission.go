package splunk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

const (
	suitePath   = "servicesNS/nobody/SplunkEnterpriseSecuritySuite/public/v2"
	missionPath = "servicesNS/nobody/missioncontrol"
	before      = time.Minute // a finding is looked for from so long before the time in its id
)

// lookMission reads a finding or an investigation. An investigation that is named as people do gets its own id.
func (c *Client) lookMission(ctx context.Context, at *spot) (state, error) {
	var doc gjson.Result
	var err error
	if at.kind == finding {
		// Without a begin it is looked for within the last day.
		doc, err = c.get(ctx, url.Values{"earliest": {seconds(refTime(at.id).Add(-before))}}, place(suitePath, "findings", at.id)...)
	} else {
		doc, err = c.get(ctx, url.Values{"ids": {at.id}}, place(missionPath, "public", "v2", "investigations")...)
	}
	if err != nil {
		return state{}, gone(err)
	}
	if list, err := c.items(doc); err == nil {
		if len(list) == 0 {
			return state{}, respond.ErrNoItem
		}
		doc = list[0]
	} else if err := c.refused(doc); err != nil {
		return state{}, err
	}
	if at.kind == investigation {
		id := doc.Get("investigation_guid").String()
		if !guid.MatchString(id) {
			return state{}, errors.New("splunk's answer names no investigation")
		}
		at.id = id
	} else if id := doc.Get("finding_id").String(); id != "" && id != at.id {
		return state{}, fmt.Errorf("splunk answers with another finding, %s", id)
	}
	owner := doc.Get("owner")
	if !owner.Exists() {
		owner = doc.Get("assignee")
	}
	if !doc.Get("status").Exists() {
		return state{}, respond.ErrNoItem // an empty object is how some versions say so
	}
	return state{
		status: doc.Get("status").String(), owner: owner.String(), urgency: doc.Get("urgency").String(), disposition: doc.Get("disposition").String(),
		revision: doc.Get("update_time").String(),
	}, nil
}

// writeMission changes a finding or an investigation. From 8.4 on a site can want a note in the same request; before, none is taken there.
func (c *Client) writeMission(ctx context.Context, at spot, ch change) error {
	body := map[string]any{}
	owner := "owner"
	path := place(missionPath, "public", "v2", "investigations", at.id)
	query := url.Values{}
	if at.kind == finding {
		owner = "assignee"
		path = place(missionPath, "v1", "investigations", at.id)
		query.Set("notable_time", at.time)
	}
	for name, v := range map[string]string{"status": ch.status, owner: ch.owner, "urgency": ch.urgency, "disposition": ch.disposition} {
		if v != "" {
			body[name] = v
		}
	}
	v, err := c.suite(ctx)
	if err != nil {
		return err
	}
	noted := at.kind == finding && v.least(8, 4)
	if noted {
		body["incident_note"] = map[string]string{"content": ch.comment}
	}
	resp, err := c.post(ctx, query, body, path)
	if err != nil && !noted && resp != nil && bytes.Contains(resp.Body, []byte("MC_0206")) {
		body["incident_note"] = map[string]string{"content": ch.comment} // the settings named no minor version, or it is asked of investigations
		resp, err = c.post(ctx, query, body, path)
	}
	if err != nil {
		return gone(err)
	}
	return c.contradicts(gjson.ParseBytes(resp.Body), body)
}

func (c *Client) post(ctx context.Context, query url.Values, body map[string]any, path []string) (*web.Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	q := url.Values{"output_mode": {"json"}}
	for name, list := range query {
		q[name] = list
	}
	resp, err := c.do(ctx, web.Request{Method: http.MethodPost, Path: path, Query: q, Header: map[string]string{"Content-Type": "application/json"}, Body: text})
	if err != nil {
		return resp, err
	}
	if err := c.http.Expect(resp, "application/json", "text/json", "+json"); err != nil {
		return resp, err
	}
	if !gjson.ValidBytes(resp.Body) {
		return resp, errors.New("the answer is no JSON")
	}
	return resp, nil
}

// contradicts tells an answer that is no error and says that something else is there than what was written.
func (c *Client) contradicts(doc gjson.Result, body map[string]any) error {
	if err := c.refused(doc); err != nil {
		return err
	}
	for name, want := range body {
		if v := doc.Get(name); v.Exists() && v.Type == gjson.String && v.Str != fmt.Sprint(want) {
			return fmt.Errorf("splunk took the change, and says that %s is %s", name, c.clean(v.Str))
		}
	}
	return nil
}

// noteMission adds a note that is not there yet.
func (c *Client) noteMission(ctx context.Context, at spot, key, text string) error {
	if display.MatchString(at.id) {
		if _, err := c.lookMission(ctx, &at); err != nil {
			return err
		}
	}
	path := place(missionPath, "public", "v2", "investigations", at.id, "notes")
	query := url.Values{}
	if at.kind == finding {
		query.Set("notable_time", at.time)
	}
	most := url.Values{"limit": {fmt.Sprint(page)}}
	for name, list := range query {
		most[name] = list
	}
	doc, err := c.get(ctx, most, path...)
	if err != nil {
		return gone(err)
	}
	list, err := c.items(doc)
	if err != nil {
		return err
	}
	for _, n := range list {
		if strings.Contains(n.Get("content").String(), key) || strings.Contains(n.Get("title").String(), key) {
			return nil
		}
	}
	resp, err := c.post(ctx, query, map[string]any{"title": "soc " + key, "content": text}, path)
	if err != nil {
		return gone(err)
	}
	return c.refused(gjson.ParseBytes(resp.Body))
}
