package xsoar

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// Examine implements web.Examiner. The right to write is found out by a note for an
// investigation that does not exist.
func (p *Platform) Examine(ctx context.Context) []web.Finding {
	list, ok := p.http.Reach(ctx, web.Request{Path: p.prefix("health")}, p.set.Now)
	if !ok {
		return list
	}
	v, err := p.call(ctx, search(map[string]any{"query": ""}), true, "incidents", "search")
	var e *web.Error
	errors.As(err, &e)
	switch {
	case e != nil && e.Status == http.StatusUnauthorized:
		return append(list, web.Finding{Name: "auth", Detail: err.Error(), Hint: "make a key under Settings, Integrations, API Keys; with version 8 name its number as key_id, and key_type: advanced for an advanced one"})
	case e != nil && e.Status == http.StatusForbidden:
		return append(list, web.Finding{Name: "auth", OK: true, Detail: "the key is accepted"}, web.Finding{Name: "read incidents", Detail: err.Error(), Hint: "give the key's role Investigations: View: Settings, Users and Roles, Roles"})
	case err != nil || !v.Get("total").Exists():
		if err == nil {
			err = errors.New("its answer to a search has no total")
		}
		return append(list, web.Finding{Name: "version", Detail: err.Error(), Hint: p.versionHint()})
	}
	list = append(
		list, web.Finding{Name: "auth", OK: true, Detail: "the key is accepted"}, web.Finding{Name: "version", OK: true, Detail: fmt.Sprintf("it answers as version %d", p.set.Version)},
		web.Finding{Name: "read incidents", OK: true, Detail: fmt.Sprintf("%d incidents can be seen", v.Get("total").Int())},
	)
	edit := web.Finding{Name: "edit incidents", OK: true, Detail: "allowed, as far as a note for an incident that does not exist tells"}
	if _, err := p.call(ctx, map[string]any{"investigationId": "soc-examines-this-does-not-exist", "data": "soc"}, true, "entry"); errors.As(err, &e) && (e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized) {
		edit = web.Finding{Name: "edit incidents", Detail: err.Error(), Hint: "give the key's role Investigations: View/Edit: Settings, Users and Roles, Roles"}
	}
	return append(list, edit, sample(v.Get("data.0")))
}

func (p *Platform) prefix(path ...string) []string {
	if p.set.Version == 8 {
		return append([]string{"public", "v1"}, path...)
	}
	return path
}

func (p *Platform) versionHint() string {
	if p.set.Version == 8 {
		return "the url of version 8 is that of its API, https://api-NAME/xsoar; for an installation of your own write version: \"6\""
	}
	return "for Cortex XSOAR 8 and XSIAM write version: \"8\", key_id, and as url https://api-NAME/xsoar"
}

func sample(v gjson.Result) web.Finding {
	if !v.Exists() {
		return web.Finding{Name: "sample", OK: true, Detail: "there is no incident that it may see"}
	}
	e, err := entry(v)
	if err != nil {
		return web.Finding{Name: "sample", Detail: err.Error()}
	}
	return web.Finding{Name: "sample", OK: true, Detail: "incident " + v.Get("id").String() + " was read, " + e.Status}
}
