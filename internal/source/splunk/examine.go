package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
)

// Examine implements web.Examiner.
func (c *Client) Examine(ctx context.Context) []web.Finding {
	info := place("services/server/info")
	found, ok := c.http.Reach(ctx, web.Request{Path: info, Query: url.Values{"output_mode": {"json"}}}, c.set.Now)
	if !ok {
		return found
	}
	me, f := c.examineLogin(ctx)
	if found = append(found, f); !f.OK {
		return found
	}
	found = append(found, c.examineVersion(ctx, info))
	right := c.examineRight(me, "search", "search it")
	found = append(found, right)
	if c.set.Write {
		found = append(found, c.examineRight(me, "edit_notable_events", "change notables and findings"), c.examineRole(ctx, me, "ess_analyst"), c.examineWords(ctx))
	}
	if !right.OK {
		return found
	}
	return append(found, c.examineSample(ctx))
}

// identity is as whom Splunk knows us.
type identity struct {
	name          string
	roles, rights []string
}

func (c *Client) examineLogin(ctx context.Context) (identity, web.Finding) {
	f := web.Finding{Name: "auth"}
	doc, err := c.get(ctx, nil, place("services/authentication/current-context")...)
	if err != nil {
		f.Detail, f.Hint = err.Error(), "make a new token: Settings > Tokens > New Token, or curl -u USER "+c.set.URL+"/services/authorization/tokens -d name=USER -d audience=soc; then put it where token_env or token_file points"
		if c.set.User != "" {
			f.Hint = "check user and the password that password_env or password_file holds; whom another system vouches for cannot log in here and needs a token"
		}
		return identity{}, f
	}
	in := doc.Get("entry.0.content")
	me := identity{name: in.Get("username").String(), roles: texts(in.Get("roles")), rights: texts(in.Get("capabilities"))}
	f.OK, f.Detail = me.name != "", fmt.Sprintf("known as %s, with the roles %s", me.name, strings.Join(me.roles, ", "))
	if !f.OK {
		f.Detail, f.Hint = "the answer names no user", "is url the management port (8089), and not the web interface?"
	}
	return me, f
}

func texts(v gjson.Result) (list []string) {
	for _, s := range v.Array() {
		list = append(list, s.String())
	}
	return list
}

func (c *Client) examineVersion(ctx context.Context, info []string) web.Finding {
	f := web.Finding{Name: "version"}
	doc, err := c.get(ctx, nil, info...)
	if err != nil {
		f.Detail, f.Hint = err.Error(), "the role needs nothing for this: is url the management port (8089)?"
		return f
	}
	f.Detail = "Splunk " + doc.Get("entry.0.content.version").String()
	v, err := c.installed(ctx)
	set, _ := c.suite(ctx)
	switch {
	case errors.Is(err, ErrNoSuite) && c.set.Query != "" && !c.set.Write:
		f.OK, f.Detail = true, f.Detail+" without Enterprise Security: only the query is pulled"
	case errors.Is(err, ErrNoSuite):
		f.Detail += " without Enterprise Security"
		f.Hint = "name the search head that has it, or set query to a search that finds alerts, and leave write_back out"
	case err != nil:
		f.Detail, f.Hint = err.Error(), "set version to that of Enterprise Security, as Apps > Manage Apps shows it"
	case set.major != v.major:
		f.Detail += fmt.Sprintf(" with Enterprise Security %s, and version in soc.yaml says %s", v, set)
		f.Hint = fmt.Sprintf("version: %q", v.String())
	default:
		f.OK = true
		api := "notables are searched and changed by notable_update"
		if v.least(8, 0) {
			api = "findings and investigations are changed by the interface of version 8"
		}
		kind, _ := c.kind(ctx, c.set.Query) // the version is known
		f.Detail += fmt.Sprintf(" with Enterprise Security %s: %s are pulled, %s", v, kind, api)
	}
	return f
}

func (c *Client) examineRight(me identity, name, what string) web.Finding {
	f := web.Finding{Name: name, OK: slices.Contains(me.rights, name), Detail: me.name + " may " + what}
	if !f.OK {
		f.Detail = me.name + " may not " + what
		f.Hint = fmt.Sprintf("grant the capability %s: Settings > Roles > ROLE > Capabilities, or in authorize.conf [role_ROLE] %s = enabled", name, name)
	}
	return f
}

// examineRole looks for a role, also among those that the user's own inherit.
func (c *Client) examineRole(ctx context.Context, me identity, name string) web.Finding {
	f := web.Finding{Name: name, Detail: me.name + " has the role"}
	mine := slices.Clone(me.roles)
	doc, err := c.get(ctx, url.Values{"count": {"0"}}, place("services/authorization/roles")...)
	if err == nil {
		inherits := map[string][]string{}
		for _, e := range doc.Get("entry").Array() {
			inherits[e.Get("name").String()] = texts(e.Get("content.imported_roles"))
		}
		for i := 0; i < len(mine); i++ {
			for _, r := range inherits[mine[i]] {
				if !slices.Contains(mine, r) {
					mine = append(mine, r)
				}
			}
		}
	}
	if f.OK = slices.Contains(mine, name); f.OK {
		return f
	}
	f.Detail = me.name + " does not have the role"
	if err != nil {
		f.Detail += " itself, and which roles its own inherit is not shown to it"
	}
	f.Hint = fmt.Sprintf("let its role inherit %s: Settings > Roles > ROLE > Inheritance", name)
	return f
}

func (c *Client) examineWords(ctx context.Context) web.Finding {
	f := web.Finding{Name: "statuses"}
	w, err := c.vocabulary(ctx)
	if err == nil {
		_, err = w.ending()
	}
	if err != nil {
		f.Detail, f.Hint = err.Error(), "let the role read /services/alerts/reviewstatuses: it inherits ess_analyst, or is given read permission for SA-ThreatIntelligence"
		if status(err) == http.StatusNotFound {
			f.Hint = "is this the search head with Enterprise Security?"
		}
		return f
	}
	f.OK, f.Detail = true, fmt.Sprintf("%s; dispositions: %s", labels(w.statuses), labels(w.dispositions))
	return f
}

// examineSample pulls one alert of the last week.
func (c *Client) examineSample(ctx context.Context) web.Finding {
	f := web.Finding{Name: "sample"}
	const week = 7 * 24 * time.Hour
	n := 0
	now := c.set.Now()
	_, err := c.Pull(ctx, alert.Pull{From: now.Add(-week), To: now, Most: 1}, func(alert.Pulled) error { n++; return nil })
	if err != nil {
		f.Detail, f.Hint = err.Error(), "let the role search the index notable: Settings > Roles > ROLE > Indexes, or inherit ess_analyst"
		return f
	}
	if f.OK, f.Detail = true, "an alert of the last 7 days was read"; n == 0 {
		f.Detail = "there is no alert of the last 7 days to be read: none was raised, or the role may not search the index notable"
	}
	return f
}
