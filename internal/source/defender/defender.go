// Package defender speaks to Microsoft Defender XDR through the security part of Microsoft Graph, which is also the face of a Sentinel
// workspace that was taken into the Defender portal: it hands over alerts or incidents, says in them what became of them, and asks the
// tables of advanced hunting.
//
// An application of Entra does it, with the application permissions SecurityAlert.ReadWrite.All or SecurityIncident.ReadWrite.All (Read.All
// to read) and ThreatHunting.Read.All. Graph offers no second page of alerts, no etag and no key for a comment: lists are walked by the time
// of the last change (entra.Walk), an item is read right before it is written, and a comment is looked for before it is added.
//
// It isolates no device, makes no incident and changes no severity. Start with New; Client is an alert.Puller, an investigate.Source, a
// respond.Desk and a web.Examiner.
//
// Source: https://learn.microsoft.com/graph/api/resources/security-api-overview
package defender

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/kql"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
)

// Settings name the tenant and the application.
type Settings struct {
	Name             string // of the source, for gaps
	Cloud            string // public when empty, government, china
	URL              string // in place of the cloud's hosts: a gateway, or a server to try with
	Tenant, ClientID string
	Secret           web.Secret
	CAFile           string
	Incidents        bool                       // incidents with their alerts, in place of alerts
	Timeout          time.Duration              // of one attempt
	Write            bool                       // Examine looks for the right to write, too
	Formats          func() (*alert.Set, error) // reads the rows of tables
	Now              func() time.Time
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Client speaks to one tenant. It is safe for concurrent use.
type Client struct {
	set    Settings
	cloud  entra.Cloud
	login  *entra.Login
	graph  *entra.Client
	hunter *entra.Client // patient: queries take minutes
	tables *kql.Source
	// unordered: the service refused to sort. The documentation of alerts lists no $orderby, which it takes all the same.
	unordered atomic.Bool
}

var (
	_ alert.Puller       = (*Client)(nil)
	_ investigate.Source = (*Client)(nil)
	_ respond.Desk       = (*Client)(nil)
	_ web.Examiner       = (*Client)(nil)
)

//go:embed tables.txt
var tables string

const (
	patience = 2 * time.Minute     // a throttled request waits as long
	wait     = 200 * time.Second   // of a hunting query, unless the settings say otherwise
	rows     = 10_000              // of a table at a time
	back     = 30 * 24 * time.Hour // how far advanced hunting reaches
	body     = 128 << 20           // an answer of a query may have 124 MB
)

// New makes a client, or says what is missing. It connects to nothing.
func New(set Settings) (*Client, error) {
	cloud, err := entra.Clouds(set.Cloud)
	if err != nil {
		return nil, err
	}
	c := &Client{set: set, cloud: cloud}
	at := cloud.At(set.URL)
	c.login, err = entra.NewLogin(entra.Settings{
		URL: at.Login, Tenant: set.Tenant, ClientID: set.ClientID, Secret: set.Secret, CAFile: set.CAFile, Timeout: set.Timeout, Now: set.Now, Sleep: set.Sleep,
	})
	if err != nil {
		return nil, err
	}
	service := entra.Service{URL: at.Graph, Scope: cloud.Graph, CAFile: set.CAFile, Timeout: set.Timeout, MaxBody: body, Patience: patience, Sleep: set.Sleep}
	if c.graph, err = entra.NewClient(c.login, service); err != nil {
		return nil, err
	}
	if service.Retries = 2; service.Timeout == 0 {
		service.Timeout = wait
	}
	if c.hunter, err = entra.NewClient(c.login, service); err != nil {
		return nil, err
	}
	list, err := kql.ReadTables(tables + "\n" + kql.Device())
	if err != nil {
		return nil, err
	}
	c.tables = &kql.Source{Name: set.Name, Time: "Timestamp", Tables: list, Formats: set.Formats, Rows: rows, Back: back, Now: set.Now, Ask: c.query}
	return c, nil
}

// list is the name of what is pulled and written to.
func (c *Client) list() string {
	if c.set.Incidents {
		return "incidents"
	}
	return "alerts_v2"
}

func (c *Client) path(rest ...string) []string {
	return append([]string{"v1.0", "security", c.list()}, rest...)
}

// frank asks Graph not to say unknownFutureValue in place of words that are newer than a client may be.
const frank = "include-unknown-enum-members"

// ask sends a request about alerts or incidents.
func (c *Client) ask(ctx context.Context, r web.Request, doc any) (gjson.Result, error) {
	r.Header = map[string]string{"Prefer": frank}
	v, _, err := c.graph.Do(ctx, r, doc)
	return v, err
}

// plain are the ids that alerts and incidents have.
var plain = regexp.MustCompile(`^[A-Za-z0-9_.:=-]{1,256}$`)

// Search implements investigate.Source over the tables of advanced hunting.
func (c *Client) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	if c.set.Formats == nil {
		return investigate.Answer{}, errors.New("defender: nothing to read records with")
	}
	return c.tables.Search(ctx, q, found)
}

// query runs a hunting query.
func (c *Client) query(ctx context.Context, text string, from, to time.Time) (kql.Result, error) {
	v, _, err := c.hunter.Do(ctx, web.Request{Method: http.MethodPost, Path: []string{"v1.0", "security", "runHuntingQuery"}, Repeatable: true},
		map[string]string{"query": text, "timespan": kql.Span(from, to)})
	if err != nil {
		return kql.Result{}, err
	}
	if !v.Get("results").IsArray() {
		return kql.Result{}, errors.New("the answer to a query has no results")
	}
	var r kql.Result
	if e := v.Get("error"); e.Exists() {
		r.Fault = fmt.Sprintf("the answer is partial: %s: %s", e.Get("code").String(), e.Get("message").String())
	}
	for _, row := range v.Get("results").Array() {
		r.Rows = append(r.Rows, []byte(row.Raw))
	}
	return r, nil
}
