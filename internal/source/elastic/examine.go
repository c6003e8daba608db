package elastic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
)

// Examine implements web.Examiner. The right to write is found out by closing an alert that does not exist.
func (c *Client) Examine(ctx context.Context) []web.Finding {
	now := c.set.Now
	list, ok := c.kibana.Reach(ctx, web.Request{Path: []string{"api", "status"}}, now)
	if !ok {
		return list
	}
	v, err := c.ask(ctx, http.MethodGet, true, nil, nil, "status")
	version := v.Get("version.number").Str
	if err != nil {
		return append(list, failed("auth", err, c.keyHint()))
	}
	list = append(list, web.Finding{Name: "auth", OK: true, Detail: "the key is accepted"}, c.age(version))
	list = append(list, c.rights(ctx)...)
	list = append(list, c.sample(ctx))
	return append(list, c.examineLogs(ctx, now)...)
}

func failed(name string, err error, hint string) web.Finding {
	f := web.Finding{Name: name, Detail: err.Error(), Hint: hint}
	if s := status(err); s != http.StatusUnauthorized && s != http.StatusForbidden && s != 0 {
		f.Hint = ""
	}
	return f
}

func (c *Client) keyHint() string {
	return "make a key under Stack Management, API keys (its base64 form), for a role with Security: All and Cases: All in space " + c.set.Space
}

func (c *Client) age(version string) web.Finding {
	f := web.Finding{Name: "version", OK: true, Detail: "Kibana " + version}
	switch {
	case version == "":
		f.OK, f.Detail, f.Hint = false, "Kibana does not say its version to this key", "give the role a right in space "+c.set.Space
	case !since(version, "8.0"):
		f.OK, f.Hint = false, "the interfaces of alerts are those of 8.0 and later"
	case !since(version, reasons) && since(c.set.Version, reasons):
		f.OK, f.Detail, f.Hint = false, f.Detail+" takes no reason for closing", "write version: \""+version+"\" to this source in soc.yaml: the reason becomes a tag"
	}
	return f
}

// rights looks at each right of the key.
func (c *Client) rights(ctx context.Context) (list []web.Finding) {
	index := ".alerts-security.alerts-" + c.set.Space
	v, err := c.ask(ctx, http.MethodGet, true, nil, nil, "detection_engine", "privileges")
	grant := func(right string) string {
		return fmt.Sprintf(`add to the role: "indices": [{"names": [%q], "privileges": [%q]}]`, index, right)
	}
	if err != nil {
		list = append(list, failed("index rights", err, "give the role Security: Read in space "+c.set.Space))
	}
	for _, right := range []string{"read", "view_index_metadata", "write", "maintenance"} {
		if err != nil {
			break
		}
		f := web.Finding{Name: "index " + right, OK: false}
		v.Get("index").ForEach(func(_, rights gjson.Result) bool {
			f.OK = f.OK || rights.Get(right).Bool()
			return true
		})
		f.Detail = "the key has " + right + " on " + index
		if !f.OK {
			f.Detail, f.Hint = "the key lacks "+right+" on "+index, grant(right)
		}
		list = append(list, f)
	}
	_, err = c.post(ctx, true, object{"signal_ids": []string{"soc-examines-this-does-not-exist"}, "status": "closed"}, "detection_engine", "signals", "status")
	list = append(list, tried("alerts write", err, "alerts may be closed, tagged and assigned", "give the role Security: All (from 9.4 on Alerts: All) in space "+c.set.Space))
	_, err = c.ask(ctx, http.MethodGet, true, nil, url.Values{"owner": {owner}, "page": {"1"}, "perPage": {"1"}}, "cases", "_find")
	return append(list, tried("cases", err, "cases may be read; whether notes may be added is known only by adding one", "give the role Cases: All in space "+c.set.Space))
}

func tried(name string, err error, fine, hint string) web.Finding {
	if err != nil {
		return failed(name, err, hint)
	}
	return web.Finding{Name: name, OK: true, Detail: fine}
}

// sample reads one alert.
func (c *Client) sample(ctx context.Context) web.Finding {
	v, err := c.post(ctx, true, object{"query": object{"match_all": object{}}, "size": 1, "sort": []object{{created: object{"order": "desc"}}}}, "detection_engine", "signals", "search")
	if err == nil {
		err = whole(v)
	}
	if err != nil {
		return failed("sample", err, "give the role Security: Read in space "+c.set.Space)
	}
	hits := v.Get("hits.hits").Array()
	if len(hits) == 0 {
		return web.Finding{Name: "sample", OK: true, Detail: "there is no alert in space " + c.set.Space}
	}
	text := "an alert of " + field(hits[0].Get("_source"), created).Str
	if c.set.Formats != nil {
		a := new(alert.Alert)
		if _, err := c.set.Formats.NewParser().Parse(a, []byte(hits[0].Raw), nil); err != nil {
			return failed("sample", err, "")
		}
		text += " was read as " + a.Format
	}
	return web.Finding{Name: "sample", OK: true, Detail: text}
}

// examineLogs looks whether logs can be asked.
func (c *Client) examineLogs(ctx context.Context, now func() time.Time) []web.Finding {
	if c.search == nil {
		return []web.Finding{{Name: "logs", OK: true, Detail: "logs are not asked: the source has no elasticsearch_url"}}
	}
	list, ok := c.search.Reach(ctx, web.Request{Path: []string{"_query"}}, now)
	for i := range list {
		list[i].Name = "logs " + list[i].Name
	}
	if !ok {
		return list
	}
	names := strings.Split(c.set.Index, ",")
	v, err := send(ctx, c.search, web.Request{Method: http.MethodPost, Path: []string{"_security", "user", "_has_privileges"}, Repeatable: true}, object{"index": []object{{"names": names, "privileges": []string{"read"}}}})
	if err != nil {
		return append(list, failed("logs auth", err, c.keyHint()))
	}
	for _, n := range names {
		f := web.Finding{Name: "logs read", OK: v.Get("index").Get(gjson.Escape(n)).Get("read").Bool(), Detail: "the key has read on " + n}
		if !f.OK {
			f.Detail, f.Hint = "the key lacks read on "+n, fmt.Sprintf(`add to the role: "indices": [{"names": [%q], "privileges": ["read"]}]`, n)
		}
		list = append(list, f)
	}
	to := now()
	v, err = c.run(ctx, "FROM "+c.set.Index+" | "+within+" | STATS n = COUNT(*) | LIMIT 1", nil, to.Add(-24*time.Hour), to)
	if err != nil {
		return append(list, web.Finding{Name: "logs sample", Detail: err.Error(), Hint: "ES|QL is there from Elasticsearch 8.15 on; the role needs read on " + c.set.Index})
	}
	n := v.Get("values.0.0").Int()
	f := web.Finding{Name: "logs sample", OK: n > 0, Detail: fmt.Sprintf("%s has %d records of the last 24 hours", c.set.Index, n)}
	if !f.OK {
		f.Hint = "check index in soc.yaml: GET /_resolve/index/" + c.set.Index
	}
	return append(list, f)
}
