// Package splunk pulls alerts from Splunk Enterprise Security, searches what Splunk has indexed, and writes back what became of them. It
// speaks to the management port (8089): search/v2/jobs/export for every search, notable_update for Enterprise Security up to 7, the
// findings, investigations and notes of version 8 and later. It needs the capability search and, for writing, edit_notable_events and
// the role ess_analyst.
//
// It creates, deletes and schedules nothing, keeps no jobs, never sends a text from an alert but as one quoted literal of a search, and
// does not turn the check of certificates off: the management port usually vouches for itself, which is what CAFile is for. Events that
// an indexer makes searchable later than it says are the caller's overlap to catch. Start with Settings, New and Client.Pull.
//
// Source: Splunk REST API reference and Search Reference; Enterprise Security 7.2 notable event API; Enterprise Security 8 API reference
// and, for the shape of its answers, github.com/ansible-collections/splunk.es and the results reader of splunk-sdk-python.
package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
)

// Settings say which Splunk is spoken to and as whom.
type Settings struct {
	Name              string // what the source is called; stands in gaps and in front of every record's place
	URL               string // https://HOST:8089
	CAFile            string // PEM
	CertFile, KeyFile string // the client's own certificate, where the port asks for one

	Token    web.Secret // of token authentication; or
	User     string     // who logs in, with
	Password web.Secret //

	Version string // of Enterprise Security, 7 or 8.4; empty: it is asked
	App     string // in whose context searches run; empty: the user's own
	Index   string // where logs are searched: names parted by commas, * within; empty: all that the user may search but notable and risk
	Kind    Kind   // of what is pulled
	Query   string // of a pull that names none
	Write   bool   // it is meant to be written to: Examine looks for the right

	Limit   int           // records of one question of an investigation; 0: 100,000
	Timeout time.Duration // of one request that is no search; 0: 30 s
	Idle    time.Duration // for which a search may send nothing; 0: 10 min

	Formats *alert.Set // parses records; must be there for Search
	Now     func() time.Time
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Kind is what is pulled.
type Kind string

// The kinds. The empty one is findings where Enterprise Security is of version 8 or later, else notables.
const (
	Notables       Kind = "notables"       // by the macro of that name, in the order of arrival
	Findings       Kind = "findings"       // by the interface of version 8, in the order of their time
	Investigations Kind = "investigations" // by the same, in the order in which they were opened
)

// Client speaks to one Splunk. It is safe for concurrent use.
type Client struct {
	listed  atomic.Bool // by the last pull, rather than searched
	set     Settings
	http    *web.Client
	indexes []string

	mu      sync.Mutex
	key     web.Secret // of the session
	version version    // of Enterprise Security, once it is known
	words   *words     // once they were read
	covered covering   // what was found out last
	seen    seen       // when what was pulled happened
}

var (
	_ alert.Puller       = (*Client)(nil)
	_ investigate.Source = (*Client)(nil)
	_ respond.Desk       = (*Client)(nil)
	_ web.Examiner       = (*Client)(nil)
)

var (
	indexName = regexp.MustCompile(`^[a-z0-9_*][a-z0-9_*-]*$`) // Source: Create custom indexes
	appName   = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
)

// New makes a client. It connects to nothing.
func New(set Settings) (*Client, error) {
	if (set.Token.Reveal() == "") == (set.User == "") {
		return nil, errors.New("splunk needs a token, or a user and a password")
	}
	if set.User != "" && set.Password.Reveal() == "" {
		return nil, fmt.Errorf("splunk needs the password of %s", set.User)
	}
	if set.Now == nil {
		return nil, errors.New("splunk needs a clock")
	}
	switch set.Kind {
	case "", Notables, Findings, Investigations:
	default:
		return nil, fmt.Errorf("splunk has no %q: notables, findings or investigations", set.Kind)
	}
	if set.Query != "" {
		if _, err := replaces(set.Query); err != nil {
			return nil, err
		}
	}
	if set.App != "" && (!appName.MatchString(set.App) || set.App == "." || set.App == "..") {
		return nil, fmt.Errorf("app: %q is no name of an app", set.App)
	}
	c := &Client{set: set}
	for name := range strings.SplitSeq(set.Index, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !indexName.MatchString(name) {
			return nil, fmt.Errorf("index: %q is no name of an index", name)
		}
		c.indexes = append(c.indexes, name)
	}
	var err error
	if set.Version != "" {
		if c.version, err = versionOf(set.Version); err != nil {
			return nil, err
		}
	}
	s := web.Settings{
		BaseURL: set.URL, CAFile: set.CAFile, CertFile: set.CertFile, KeyFile: set.KeyFile, Timeout: set.Timeout, Sleep: set.Sleep, Detail: detail,
	}
	if set.User == "" {
		s.Secrets = []web.Header{{Name: "Authorization", Prefix: "Bearer ", Value: set.Token}}
	} else if err := web.Confidential(set.URL); err != nil {
		return nil, err
	}
	c.http, err = web.New(s)
	return c, err
}

// detail picks what splunkd says out of the body of an error.
func detail(body []byte) string {
	doc := gjson.ParseBytes(body)
	if m := doc.Get("messages.0.text").String(); m != "" {
		return m
	}
	if m := doc.Get("message").String(); m != "" {
		return strings.TrimSpace(doc.Get("code").String() + " " + m)
	}
	return string(body)
}

// place is a path below the root, cut into its segments.
func place(path string, more ...string) []string { return append(strings.Split(path, "/"), more...) }

// get asks for a document.
func (c *Client) get(ctx context.Context, query url.Values, path ...string) (gjson.Result, error) {
	q := url.Values{"output_mode": {"json"}}
	for name, list := range query {
		q[name] = list
	}
	return c.document(ctx, web.Request{Path: path, Query: q})
}

func (c *Client) document(ctx context.Context, r web.Request) (gjson.Result, error) {
	resp, err := c.do(ctx, r)
	if err != nil {
		return gjson.Result{}, err
	}
	if err := c.http.Expect(resp, "application/json", "text/json", "+json"); err != nil {
		return gjson.Result{}, err
	}
	if !gjson.ValidBytes(resp.Body) {
		return gjson.Result{}, errors.New("splunk: the answer is no JSON")
	}
	return gjson.ParseBytes(resp.Body), nil
}

// do sends a request as whoever it is that speaks. The answer of a refusal is returned beside the error.
func (c *Client) do(ctx context.Context, r web.Request) (resp *web.Response, err error) {
	err = c.as(ctx, &r, func() (err error) {
		resp, err = c.http.Do(ctx, r)
		return err
	})
	return resp, err
}

// clean makes one line without secrets of what Splunk says.
func (c *Client) clean(text string) string {
	c.mu.Lock()
	key := c.key
	c.mu.Unlock()
	return c.http.Clean(text, web.Header{Value: key}, web.Header{Value: c.set.Password})
}

// status is that of an answer that was an error, 0 when none came.
func status(err error) int {
	var e *web.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}
