package sentinel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/web"
)

// The roles, by the names under which they are granted.
const (
	reader    = "Microsoft Sentinel Reader"
	responder = "Microsoft Sentinel Responder"
	logReader = "Log Analytics Reader"
)

// Examine implements web.Examiner.
func (c *Client) Examine(ctx context.Context) []web.Finding {
	found, _, ok := c.login.Examine(ctx, c.cloud.Manage)
	if !ok {
		return found
	}
	more, ok := c.manage.Reach(ctx, web.Request{Path: c.incident()}, c.set.Now)
	if found = append(found, more...); !ok {
		return found
	}
	sample := c.sample(ctx)
	found = append(found, sample...)
	if !sample[len(sample)-1].OK {
		return found
	}
	if c.set.Write {
		found = append(found, c.writes(ctx))
	}
	return append(found, c.asks(ctx))
}

// sample reads one incident: which version of the API, which workspace and whether it may be read.
func (c *Client) sample(ctx context.Context) []web.Finding {
	r := web.Request{Path: c.incident(), Query: url.Values{"api-version": {c.set.Version}, "$top": {"1"}, "$orderby": {"properties/lastModifiedTimeUtc desc"}}}
	v, resp, err := c.manage.Do(ctx, r, nil)
	known := web.Finding{Name: "version", OK: true, Detail: "the service knows api-version " + c.set.Version}
	read := web.Finding{Name: reader, OK: true, Detail: "incidents of " + c.set.Workspace + " may be read"}
	if err == nil && !v.Get("value").IsArray() {
		err = errors.New("the answer has no list of incidents")
	}
	if err == nil {
		one := "there is no incident yet"
		if i := v.Get("value.0.properties"); i.Exists() {
			one = fmt.Sprintf("incident %d was changed at %s", i.Get("incidentNumber").Int(), i.Get("lastModifiedTimeUtc").String())
		}
		return []web.Finding{known, read, {Name: "sample", OK: true, Detail: one}}
	}
	switch code := entra.Code(resp); {
	case code == "NoRegisteredProviderFound" || code == "InvalidApiVersionParameter":
		return []web.Finding{{Name: "version", Detail: err.Error(), Hint: "version: one of those that the service names, or leave it out: " + version}}
	case entra.Status(err) == http.StatusForbidden || entra.Status(err) == http.StatusUnauthorized:
		return []web.Finding{known, {Name: reader, Detail: err.Error(), Hint: c.grant(reader)}}
	case entra.Status(err) == http.StatusNotFound:
		return []web.Finding{known, {Name: "sample", Detail: err.Error(), Hint: "check subscription, resource_group and workspace: az monitor log-analytics workspace list -o table"}}
	}
	return []web.Finding{known, {Name: "sample", Detail: err.Error()}}
}

// grant is the command that gives the application a role over the workspace.
func (c *Client) grant(role string) string {
	scope := "/" + strings.TrimSuffix(path.Join(c.workspace()...), "/providers")
	return fmt.Sprintf("az role assignment create --assignee %s --role %q --scope %s", c.set.ClientID, role, scope)
}

const write = "Microsoft.SecurityInsights/incidents/write"

// writes asks which actions the application may take, without taking one.
func (c *Client) writes(ctx context.Context) web.Finding {
	f := web.Finding{Name: responder, Hint: c.grant(responder)}
	v, _, err := c.manage.Do(ctx, web.Request{Path: c.workspace("Microsoft.Authorization", "permissions"), Query: url.Values{"api-version": {"2022-04-01"}}}, nil)
	switch {
	case err != nil:
		f.Detail = "whether incidents may be written cannot be told: " + err.Error()
	case !allows(v.Get("value"), write):
		f.Detail = "no role of the application has " + write
	default:
		f.OK, f.Detail, f.Hint = true, "incidents may be written", ""
	}
	return f
}

// allows tells whether one of the roles has an action. Names in roles may hold stars, and a role may take away what it gives.
func allows(roles gjson.Result, action string) bool {
	match := func(list gjson.Result) bool {
		for _, p := range list.Array() {
			if wild(strings.ToLower(p.String()), strings.ToLower(action)) {
				return true
			}
		}
		return false
	}
	for _, r := range roles.Array() {
		if match(r.Get("actions")) && !match(r.Get("notActions")) {
			return true
		}
	}
	return false
}

// wild matches a pattern whose stars stand for anything, slashes included.
func wild(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(text, parts[0])
	for i, p := range parts[1:] {
		if !ok {
			return false
		}
		if i == len(parts)-2 {
			return strings.HasSuffix(rest, p)
		}
		_, rest, ok = strings.Cut(rest, p)
	}
	return ok && (len(parts) > 1 || rest == "")
}

// asks puts a query that needs no table.
func (c *Client) asks(ctx context.Context) web.Finding {
	f := web.Finding{Name: logReader, OK: true, Detail: "the tables of " + c.set.Workspace + " may be asked"}
	if c.set.WorkspaceID == "" {
		return web.Finding{
			Name: logReader, Detail: "workspace_id is not set: the tables are not asked",
			Hint: fmt.Sprintf("set workspace_id to what this prints: az monitor log-analytics workspace show -g %s -n %s --query customerId -o tsv", c.set.ResourceGroup, c.set.Workspace),
		}
	}
	now := c.set.Now()
	r, err := c.query(ctx, "print reachable=1", now.Add(-1), now)
	if err == nil && r.Fault != "" {
		err = errors.New(r.Fault)
	}
	if err == nil {
		return f
	}
	f.OK, f.Detail = false, err.Error()
	switch entra.Status(err) {
	case http.StatusForbidden, http.StatusUnauthorized:
		f.Hint = c.grant(logReader)
	case http.StatusNotFound:
		f.Hint = fmt.Sprintf("check workspace_id: az monitor log-analytics workspace show -g %s -n %s --query customerId -o tsv", c.set.ResourceGroup, c.set.Workspace)
	}
	return f
}
