// Package splunksoar hands cases over to Splunk SOAR (Phantom), carries actions out through its apps, pulls its containers as alerts and
// writes back to them. It speaks the REST API of versions 5 and 6: container, artifact, container_note, playbook_run, action_run, app_run.
// It needs the token of an automation user who may view and edit containers of the label, run the named playbooks and execute the declared
// actions.
//
// It approves nothing over there, deletes nothing, and writes no artifact anew: an update would replace all of its CEF. Start with New;
// Platform is a respond.Platform, an alert.Puller, a respond.Desk and a web.Examiner, and NewDriver makes a respond.Driver of it.
//
// Source: Splunk SOAR REST API reference (help.splunk.com): container, artifact, notes, playbook run, action run.
package splunksoar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// Settings name the platform.
type Settings struct {
	URL, CAFile string
	Token       web.Secret
	Label       string           // of the containers that are made; empty: events
	Disposition string           // the custom field of containers that holds one; empty: it becomes a tag
	Page        int              // containers of one answer to a pull; 0: 100
	Automation  bool             // its active playbooks may start on what arrives
	Timeout     time.Duration    // of one request; 0: 30 s
	Wait        time.Duration    // for an action to end; 0: 2 min
	Now         func() time.Time // for Examine
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Platform speaks to Splunk SOAR. It is safe for concurrent use.
type Platform struct {
	set  Settings
	http *web.Client
}

// New makes a client. It connects to nothing.
func New(set Settings) (*Platform, error) {
	if set.Token.Reveal() == "" {
		return nil, errors.New("splunk soar needs the token of an automation user")
	}
	if set.Label == "" {
		set.Label = "events"
	}
	if set.Page <= 0 {
		set.Page = 100
	}
	if set.Wait <= 0 {
		set.Wait = 2 * time.Minute
	}
	if set.Sleep == nil {
		set.Sleep = pause
	}
	c, err := web.New(web.Settings{
		BaseURL: set.URL, CAFile: set.CAFile, Timeout: set.Timeout, Sleep: set.Sleep, MaxBody: 32 << 20, Secrets: []web.Header{{Name: "ph-auth-token", Value: set.Token}},
		Detail: func(body []byte) string { return gjson.GetBytes(body, "message").String() },
	})
	if err != nil {
		return nil, err
	}
	return &Platform{set, c}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refusal is an answer that says failed, whatever its status.
type refusal struct{ message string }

func (e *refusal) Error() string { return "splunk soar says: " + e.message }

// read asks for a resource below /rest.
func (p *Platform) read(ctx context.Context, query url.Values, path ...string) (gjson.Result, error) {
	return p.call(ctx, web.Request{Path: append([]string{"rest"}, path...), Query: query})
}

// write sends a document. again says that it may be sent twice.
func (p *Platform) write(ctx context.Context, doc any, again bool, path ...string) (gjson.Result, error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return gjson.Result{}, fmt.Errorf("splunk soar: %w", err)
	}
	return p.call(ctx, web.Request{
		Method: http.MethodPost, Path: append([]string{"rest"}, path...), Header: map[string]string{"Content-Type": "application/json"}, Body: body, Repeatable: again,
	})
}

// call sends a request. A body with failed:true is an error also when its status says 200, and the body is returned beside it.
func (p *Platform) call(ctx context.Context, r web.Request) (gjson.Result, error) {
	var doc json.RawMessage
	resp, err := p.http.JSON(ctx, r, &doc)
	if err != nil && resp == nil {
		return gjson.Result{}, err
	}
	if err != nil {
		if !gjson.ValidBytes(resp.Body) {
			return gjson.Result{}, err
		}
		return gjson.ParseBytes(resp.Body), err
	}
	v := gjson.ParseBytes(doc)
	if v.Get("failed").Bool() {
		return v, &refusal{strings.ReplaceAll(short(v.Get("message")), p.set.Token.Reveal(), "REDACTED")}
	}
	return v, nil
}

// one finds the single element of a list that a filter leaves; ok is false when there is none.
func (p *Platform) one(ctx context.Context, resource string, filters map[string]string) (v gjson.Result, ok bool, err error) {
	q := url.Values{"page_size": {"2"}, "sort": {"id"}, "order": {"asc"}}
	for name, value := range filters {
		q.Set("_filter_"+name, value)
	}
	list, err := p.read(ctx, q, resource)
	if err != nil {
		return v, false, err
	}
	if !list.Get("data").IsArray() {
		return v, false, fmt.Errorf("splunk soar: its list of %s has no data", resource)
	}
	v = list.Get("data.0")
	return v, v.Exists(), nil
}

// Version asks which version it is: the cheapest question that needs the token.
func (p *Platform) Version(ctx context.Context) (string, error) {
	v, err := p.read(ctx, nil, "version")
	if err == nil && v.Get("version").String() == "" {
		err = errors.New("splunk soar: it names no version")
	}
	return v.Get("version").String(), err
}

// quoted is a text as a filter takes it: a JSON string with its quotes.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always can
	return string(b)
}

func number(v gjson.Result) string {
	if v.Type != gjson.Number {
		return ""
	}
	return strconv.FormatInt(v.Int(), 10)
}
