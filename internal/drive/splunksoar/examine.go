package splunksoar

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/seed-959697dd/soc/internal/web"
)

// Examine implements web.Examiner. The right to write is found out by changing a container that does not exist.
func (p *Platform) Examine(ctx context.Context) []web.Finding {
	list, ok := p.http.Reach(ctx, web.Request{Path: []string{"rest", "version"}}, p.set.Now)
	if !ok {
		return list
	}
	version, err := p.Version(ctx)
	if err != nil {
		return append(list, web.Finding{Name: "auth", Detail: err.Error(), Hint: "take the token of an automation user: Administration, User Management, Users, its Authorization Configuration"})
	}
	list = append(list, web.Finding{Name: "auth", OK: true, Detail: "the token is accepted"}, web.Finding{Name: "version", OK: true, Detail: "Splunk SOAR " + version})

	const role = "give the automation user a role with Containers: %s for the labels that are worked on: Administration, User Management, Roles & Permissions"
	v, err := p.read(ctx, url.Values{"page_size": {"1"}, "sort": {"id"}, "order": {"desc"}}, "container")
	if err != nil {
		return append(list, web.Finding{Name: "view containers", Detail: err.Error(), Hint: fmt.Sprintf(role, "View")})
	}
	list = append(list, web.Finding{Name: "view containers", OK: true, Detail: fmt.Sprintf("%d containers can be seen", v.Get("count").Int())})

	edit := web.Finding{Name: "edit containers", OK: true, Detail: "allowed, as far as one that does not exist tells"}
	if _, err := p.write(ctx, map[string]any{"severity": "low"}, true, "container", "999999999999"); status(err) == http.StatusForbidden || status(err) == http.StatusUnauthorized {
		edit = web.Finding{Name: "edit containers", Detail: err.Error(), Hint: fmt.Sprintf(role, "Edit")}
	}
	list = append(list, edit)

	id := number(v.Get("data.0.id"))
	if id == "" {
		return append(list, web.Finding{Name: "sample", OK: true, Detail: "there is no container that it may see"})
	}
	artifacts, err := p.artifactsOf(ctx, []string{id})
	if err != nil {
		return append(list, web.Finding{Name: "sample", Detail: err.Error(), Hint: fmt.Sprintf(role, "View")})
	}
	return append(list, web.Finding{Name: "sample", OK: true, Detail: fmt.Sprintf("container %s was read, with %d artifacts", id, len(artifacts[id]))})
}
