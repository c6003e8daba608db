package defender

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/web"
)

const hunting = "ThreatHunting.Read.All"

// rights are the names of the application permissions for what is pulled: to read, and to write too.
func (c *Client) rights() (read, write string) {
	if c.set.Incidents {
		return "SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All"
	}
	return "SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"
}

// Examine implements web.Examiner. Which permissions the application has stands in its token; where that cannot be read, in what is refused.
func (c *Client) Examine(ctx context.Context) []web.Finding {
	found, token, ok := c.login.Examine(ctx, c.cloud.Graph)
	if !ok {
		return found
	}
	more, ok := c.graph.Reach(ctx, web.Request{Path: []string{"v1.0", "$metadata"}}, c.set.Now)
	if found = append(found, more...); !ok {
		return found
	}
	roles, named := entra.Roles(token)
	read, write := c.rights()
	sample, fault := c.sample(ctx)
	switch {
	case entra.Status(fault) == http.StatusForbidden || entra.Status(fault) == http.StatusUnauthorized:
		found = append(found, web.Finding{Name: read, Detail: fault.Error(), Hint: c.grant(read)})
	case fault != nil:
		found = append(found, web.Finding{Name: "sample", Detail: fault.Error()})
	default:
		found = append(found, web.Finding{Name: "version", OK: true, Detail: "the service knows v1.0"}, web.Finding{Name: read, OK: true, Detail: c.list() + " may be read"},
			web.Finding{Name: "sample", OK: true, Detail: sample})
	}
	if c.set.Write {
		f := web.Finding{Name: write, OK: slices.Contains(roles, write), Detail: c.list() + " may be written"}
		switch {
		case !named:
			f.Detail, f.Hint = "the token does not show its permissions: whether "+c.list()+" may be written shows with the first write", c.grant(write)
		case !f.OK:
			f.Detail, f.Hint = "the application does not have the permission", c.grant(write)
		}
		found = append(found, f)
	}
	return append(found, c.hunts(ctx))
}

// sample reads one item.
func (c *Client) sample(ctx context.Context) (string, error) {
	v, err := c.ask(ctx, web.Request{Path: c.path(), Query: url.Values{"$top": {"1"}}}, nil)
	if err != nil {
		return "", err
	}
	if !v.Get("value").IsArray() {
		return "", errors.New("the answer has no list of " + c.list())
	}
	if one := v.Get("value.0"); one.Exists() {
		return fmt.Sprintf("%s/%s was changed at %s", c.list(), one.Get("id").String(), one.Get("lastUpdateDateTime").String()), nil
	}
	return "there is nothing in " + c.list() + " yet", nil
}

// hunts puts a query that needs no table.
func (c *Client) hunts(ctx context.Context) web.Finding {
	now := c.set.Now()
	f := web.Finding{Name: hunting, OK: true, Detail: "the tables of advanced hunting may be asked"}
	r, err := c.query(ctx, "print reachable=1", now.Add(-1), now)
	if err == nil && r.Fault != "" {
		err = errors.New(r.Fault)
	}
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		if s := entra.Status(err); s == http.StatusForbidden || s == http.StatusUnauthorized {
			f.Hint = c.grant(hunting)
		}
	}
	return f
}

func (c *Client) grant(right string) string {
	return fmt.Sprintf("add the application permission %s of Microsoft Graph (portal.azure.com, App registrations, %s, API permissions), then consent to it: az ad app permission admin-consent --id %s",
		right, c.set.ClientID, c.set.ClientID)
}
