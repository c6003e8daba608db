// Package sentinel speaks to Microsoft Sentinel: it hands over incidents with their alerts and entities, says in an incident what became of
// it, and asks the tables of its Log Analytics workspace.
//
// An application of Entra does it, with the role Microsoft Sentinel Reader to read, Microsoft Sentinel Responder to write, and Log Analytics
// Reader for the tables. Lists are walked by the time of the last change, not by their links, see entra.Walk. An incident is replaced as a
// whole when it is written: what is not to be changed goes back as it was read, under the etag it was read with.
//
// It runs no playbook, makes no incident and changes no analytics rule. After March 2027 Sentinel is worked with in the Defender portal, whose
// API is Graph's: internal/source/defender. Start with New; Client is an alert.Puller, an investigate.Source, a respond.Desk and a
// web.Examiner.
//
// Source: https://learn.microsoft.com/rest/api/securityinsights and https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
package sentinel

import (
	"context"
	_ "embed"
	"errors"
	"net/url"
	"regexp"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/kql"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
)

// Settings name the workspace and the application.
type Settings struct {
	Name                                   string // of the source, for gaps
	Cloud                                  string // public when empty, government, china
	URL                                    string // in place of the cloud's hosts: a gateway, or a server to try with
	Tenant, ClientID                       string
	Secret                                 web.Secret
	CAFile                                 string
	Subscription, ResourceGroup, Workspace string
	WorkspaceID                            string                     // the workspace's own id, for its tables; empty: they are not asked
	Version                                string                     // of the API; empty: one that is known to work
	Timeout                                time.Duration              // of one attempt
	Write                                  bool                       // Examine looks for the right to write, too
	Formats                                func() (*alert.Set, error) // reads the rows of tables
	Now                                    func() time.Time
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Client speaks to one workspace. It is safe for concurrent use.
type Client struct {
	set    Settings
	cloud  entra.Cloud
	login  *entra.Login
	manage *entra.Client
	logs   *entra.Client
	tables *kql.Source
	wait   time.Duration // of a query
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
	version  = "2024-03-01"
	patience = 2 * time.Minute // a throttled request waits as long
	wait     = 3 * time.Minute // of a query, unless the settings say otherwise
	rows     = 10_000          // of a table at a time
	body     = 64 << 20
)

// New makes a client, or says what is missing. It connects to nothing.
func New(set Settings) (*Client, error) {
	for _, key := range [...]struct{ name, value string }{{"subscription", set.Subscription}, {"resource_group", set.ResourceGroup}, {"workspace", set.Workspace}} {
		if key.value == "" {
			return nil, errors.New(key.name + ": sentinel needs it, see the workspace's Overview in portal.azure.com")
		}
	}
	if set.Version == "" {
		set.Version = version
	}
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
	service := entra.Service{URL: at.Manage, Scope: cloud.Manage, CAFile: set.CAFile, Timeout: set.Timeout, MaxBody: body, Patience: patience, Sleep: set.Sleep}
	if c.manage, err = entra.NewClient(c.login, service); err != nil {
		return nil, err
	}
	service.URL, service.Scope, service.Retries = at.Logs, cloud.LogsScope, 2
	if service.Timeout == 0 {
		service.Timeout = wait
	}
	c.wait = service.Timeout
	if c.logs, err = entra.NewClient(c.login, service); err != nil {
		return nil, err
	}
	list, err := kql.ReadTables(tables + "\n" + kql.Device())
	if err != nil {
		return nil, err
	}
	c.tables = &kql.Source{Name: set.Name, Time: "TimeGenerated", Tables: list, Formats: set.Formats, Rows: rows, Now: set.Now, Ask: c.query}
	return c, nil
}

// workspace is the path of the workspace, and what follows below it.
func (c *Client) workspace(rest ...string) []string {
	return append([]string{
		"subscriptions", c.set.Subscription, "resourceGroups", c.set.ResourceGroup, "providers", "Microsoft.OperationalInsights", "workspaces", c.set.Workspace, "providers",
	}, rest...)
}

// incident is the path of the incidents, or of one and what belongs to it.
func (c *Client) incident(rest ...string) []string {
	return append(c.workspace("Microsoft.SecurityInsights", "incidents"), rest...)
}

// ask sends a request about incidents.
func (c *Client) ask(ctx context.Context, r web.Request, doc any) (gjson.Result, error) {
	if r.Link == "" {
		query := url.Values{"api-version": {c.set.Version}}
		for k, v := range r.Query {
			query[k] = v
		}
		r.Query = query
	}
	v, _, err := c.manage.Do(ctx, r, doc)
	return v, err
}

// plain are the names that incidents have.
var plain = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
