// Package elastic speaks to Elastic Security: it pulls detection alerts, asks logs, writes back to alerts and finds out what its key may do.
// Alerts and cases are Kibana's (api/detection_engine/signals, api/cases; 8.0 and later, a reason for closing from 9.2 on); logs are asked of
// Elasticsearch itself (ES|QL, 8.15 and later). The key's role needs, in the space: Security and Cases, All; in Elasticsearch: read,
// view_index_metadata, and to write back write and maintenance, on .alerts-security.alerts-SPACE; read on the indices of the logs.
//
// Logs are asked by ES|QL and by nothing else: it says is_partial where it left something out, and a query over _search would have to find
// that out of shards, remote clusters and timeouts by itself. No value ever becomes text of a query. Times are bound parameters; values
// stand in the request's filter, which is data, is looked up in the index whatever the letter case, and holds for fields of many values, where
// ES|QL's own comparisons find nothing. Versions without ES|QL are not asked, and that is a gap.
//
// It runs no rule, deletes nothing and puts no alert into a case that has its status changed with it. Start with New; Client is an
// alert.Puller, an investigate.Source, a respond.Desk and a web.Examiner.
//
// Source: elastic.co/docs/api (Kibana and Elasticsearch), and the routes of github.com/elastic/kibana.
package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
)

// Settings name the system. URL and Key are needed, Elasticsearch and Formats to ask logs.
type Settings struct {
	URL            string     // of Kibana
	Elasticsearch  string     // of Elasticsearch
	Key            web.Secret // as Kibana shows it: base64
	Space          string     // empty: default
	Index          string     // patterns of the logs, joined by commas; empty: logs-*
	Version        string     // of Kibana, like 8.19; empty: 9.2 or later
	BuildingBlocks bool       // alerts that only are parts of others, too
	CAFile         string
	CertFile       string
	KeyFile        string
	Timeout        time.Duration // of one attempt; 0: 30 s
	Wait           time.Duration // for one question about logs; 0: 2 min
	MaxBody        int64         // bytes of an answer: of a larger one less is asked for; 0: 128 MiB
	Page           int           // alerts of one answer; 0: 500
	Rows           int           // records of one answer, at most 10,000; 0: 2,000
	Formats        *alert.Set    // that read records of logs
	Now            func() time.Time
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Client speaks to both. It is safe for concurrent use.
type Client struct {
	set    Settings
	kibana *web.Client
	search *web.Client // nil: logs cannot be asked
}

var (
	spaceName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
	indexName = regexp.MustCompile(`^[a-z0-9._*:+-]+(,[a-z0-9._*:+-]+)*$`)
	release   = regexp.MustCompile(`^\d+(\.\d+)*$`)
)

// New makes a client. It reads the files that the settings name and connects to nothing.
func New(set Settings) (*Client, error) {
	set.defaults()
	switch {
	case set.Key.Reveal() == "":
		return nil, errors.New("elastic needs an API key")
	case !spaceName.MatchString(set.Space):
		return nil, fmt.Errorf("space: %q is no id of a space", set.Space)
	case !indexName.MatchString(set.Index):
		return nil, fmt.Errorf("index: %q is no list of index patterns like logs-*,winlogbeat-*", set.Index)
	case set.Version != "" && !release.MatchString(set.Version):
		return nil, fmt.Errorf("version: %q is no version like 9.2", set.Version)
	}
	w := web.Settings{
		BaseURL: set.URL, CAFile: set.CAFile, CertFile: set.CertFile, KeyFile: set.KeyFile, Timeout: set.Timeout, Sleep: set.Sleep, MaxBody: set.MaxBody, Detail: complaint,
		Secrets: []web.Header{{Name: "Authorization", Prefix: "ApiKey ", Value: set.Key}},
	}
	c := &Client{set: set}
	var err error
	if c.kibana, err = web.New(w); err != nil {
		return nil, err
	}
	if set.Elasticsearch == "" {
		return c, nil
	}
	w.BaseURL = set.Elasticsearch
	if c.search, err = web.New(w); err != nil {
		return nil, fmt.Errorf("elasticsearch_url: %w", err)
	}
	return c, nil
}

func (s *Settings) defaults() {
	if s.Space == "" {
		s.Space = "default"
	}
	if s.Index == "" {
		s.Index = "logs-*"
	}
	if s.Wait <= 0 {
		s.Wait = 2 * time.Minute
	}
	if s.MaxBody <= 0 {
		s.MaxBody = 128 << 20
	}
	if s.Page <= 0 || s.Page > window {
		s.Page = 500
	}
	if s.Rows <= 0 || s.Rows > window {
		s.Rows = 2000
	}
}

// window is how far Elasticsearch lets one look into a result: more than that is asked for piece by piece.
const window = 10_000

// complaint is what either of them says about an error.
func complaint(body []byte) string {
	v := gjson.ParseBytes(body)
	text := v.Get("message").String()
	if reason := v.Get("error.reason").String(); reason != "" {
		text = reason
	}
	return text
}

// ask sends a document to Kibana and returns the JSON of the answer. again says that it may be sent twice.
func (c *Client) ask(ctx context.Context, method string, again bool, doc any, query url.Values, path ...string) (gjson.Result, error) {
	full := append([]string{"api"}, path...)
	if c.set.Space != "default" {
		full = append([]string{"s", c.set.Space}, full...)
	}
	r := web.Request{Method: method, Path: full, Query: query, Repeatable: again, Header: map[string]string{"kbn-xsrf": "true"}}
	return send(ctx, c.kibana, r, doc)
}

// post is ask for what reads by a document.
func (c *Client) post(ctx context.Context, again bool, doc any, path ...string) (gjson.Result, error) {
	return c.ask(ctx, http.MethodPost, again, doc, nil, path...)
}

func send(ctx context.Context, w *web.Client, r web.Request, doc any) (gjson.Result, error) {
	if doc != nil {
		body, err := json.Marshal(doc)
		if err != nil {
			return gjson.Result{}, fmt.Errorf("elastic: %w", err)
		}
		if r.Body = body; r.Header == nil {
			r.Header = map[string]string{}
		}
		r.Header["Content-Type"] = "application/json"
	}
	var raw json.RawMessage
	if _, err := w.JSON(ctx, r, &raw); err != nil {
		return gjson.Result{}, err
	}
	return gjson.ParseBytes(raw), nil
}

// whole refuses the answer to a search in which hits are missing: its status says nothing about that.
func whole(v gjson.Result) error {
	switch {
	case !v.Get("hits.hits").IsArray():
		return errors.New("elastic: its answer to a search has no hits")
	case v.Get("timed_out").Bool():
		return errors.New("elastic: the search ran out of time over there, and hits are missing")
	case v.Get("_shards.failed").Int() > 0:
		return fmt.Errorf("elastic: %d of %d shards failed, and hits are missing: %s", v.Get("_shards.failed").Int(), v.Get("_shards.total").Int(), short(v.Get("_shards.failures.0.reason.reason").String()))
	}
	return nil
}

func short(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + " ..."
	}
	return strings.ToValidUTF8(s, "")
}

// since tells whether a version is at least another; none is the newest.
func since(version, least string) bool {
	if version == "" {
		return true
	}
	var a, b, x, y int
	_, _ = fmt.Sscanf(version, "%d.%d", &a, &b) // a version without a second number is its first release
	_, _ = fmt.Sscanf(least, "%d.%d", &x, &y)
	return a > x || a == x && b >= y
}
