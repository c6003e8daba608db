package xsoar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// Pull implements alert.Puller: incidents in the order of their last change. The next page begins where the answer says, by its searchAfter,
// so that what is changed meanwhile pushes nothing over the edge of a page; a server that says nothing is asked by number, from 0. A query is
// one of XSOAR's own: type:Malware and severity:>2.
//
// What this program itself handed over is no news and left out.
func (p *Platform) Pull(ctx context.Context, q alert.Pull, found func(alert.Pulled) error) (gaps []alert.Gap, err error) {
	filter := map[string]any{"query": window(q), "page": 0, "size": p.set.Page, "fromDate": "2010-01-01T00:00:00Z", "sort": []map[string]any{{"field": "modified", "asc": true}, {"field": "id", "asc": true}}}
	seen := map[string]bool{} // of the page before
	n, bare := 0, 0
	for page := 0; ; page++ {
		v, err := p.call(ctx, map[string]any{"filter": filter}, true, "incidents", "search")
		if err != nil {
			return gaps, err
		}
		if !v.Get("total").Exists() {
			return gaps, errors.New("xsoar: its answer to a search has no total; is the version right?")
		}
		list, fresh := v.Get("data").Array(), false
		now := map[string]bool{}
		for _, one := range list {
			key := one.Get("id").String() + " " + one.Get("modified").String()
			if now[key] = true; seen[key] {
				continue
			}
			fresh = true
			pulled, ok, err := p.pulled(ctx, one)
			if err != nil {
				return gaps, err
			}
			switch {
			case !ok: // ours
				continue
			case q.Most > 0 && n == q.Most:
				return append(gaps, alert.Gap{Source: "xsoar", Class: alert.Partial, Reason: fmt.Sprintf("there are more incidents than the %d that were asked for", q.Most)}), nil
			}
			if !gjson.GetBytes(pulled.Raw, "CustomFields").Exists() {
				if bare++; bare == 1 {
					gaps = append(gaps, alert.Gap{Source: "xsoar", Class: alert.Partial, Reason: "there are incidents whose custom fields are neither in its lists nor to be read one by one"})
				}
			}
			if err := found(pulled); err != nil {
				return gaps, err
			}
			n++
		}
		switch {
		case len(list) < p.set.Page:
			return gaps, nil
		case !fresh:
			return gaps, errors.New("xsoar: it hands over the same incidents again and again")
		}
		seen = now
		if !follow(filter, v) {
			filter["page"] = page + 1
		}
	}
}

// follow puts in where the next page begins, as the answer says it, and tells whether it does. Which of the two a server wants is known by which it
// gives.
func follow(filter map[string]any, answer gjson.Result) (ok bool) {
	for _, name := range []string{"searchAfter", "searchAfterElastic"} {
		delete(filter, name)
		var at []string
		for _, v := range answer.Get(name).Array() {
			at = append(at, v.String())
		}
		if len(at) > 0 {
			filter[name], ok = at, true
		}
	}
	return ok
}

// window is the query of a person and the times of the last change.
func window(q alert.Pull) string {
	query := ""
	add := func(s string) {
		if query != "" {
			query += " and "
		}
		query += s
	}
	if q.Query != "" {
		add("(" + q.Query + ")")
	}
	if !q.From.IsZero() {
		add(`modified:>="` + q.From.UTC().Format(time.RFC3339Nano) + `"`)
	}
	if !q.To.IsZero() {
		add(`modified:<"` + q.To.UTC().Format(time.RFC3339Nano) + `"`)
	}
	return query
}

// pulled makes an alert of an incident; ok is false for one that Create made.
func (p *Platform) pulled(ctx context.Context, v gjson.Result) (a alert.Pulled, ok bool, err error) {
	id := v.Get("id").String()
	changed, err := time.Parse(time.RFC3339, v.Get("modified").String())
	if id == "" || err != nil {
		return a, false, errors.New("xsoar: an incident without an id or the time of its last change")
	}
	if v.Get("sourceBrand").Str == "soc" && slices.ContainsFunc(v.Get("labels").Array(), func(l gjson.Result) bool { return l.Get("type").Str == sourceLabel }) {
		return a, false, nil
	}
	if v = p.full(ctx, v); ctx.Err() != nil {
		return a, false, ctx.Err()
	}
	return alert.Pulled{Raw: []byte(v.Raw), Item: id, Edition: edition(v), Changed: changed}, true, nil
}

// full is an incident with its custom fields: version 6 leaves them out of lists, and it is read alone then. Where that fails, it is as it was.
func (p *Platform) full(ctx context.Context, v gjson.Result) gjson.Result {
	id := v.Get("id").String()
	if v.Get("CustomFields").Exists() || !plainID.MatchString(id) {
		return v
	}
	if one, err := p.call(ctx, nil, true, "incident", "load", id); err == nil && one.Get("id").String() == id {
		return one
	}
	return v
}

// edition is what an incident tells of: what it was made of, how often it was met again, and its custom fields, without the timers among them,
// which go on by themselves. Status, owner and all else are about the work on it.
func edition(v gjson.Result) string {
	h := sha256.New()
	for _, name := range []string{"id", "occurred", "rawJSON", "droppedCount"} {
		fmt.Fprintf(h, "%s\x00", v.Get(name).Raw)
	}
	for _, l := range v.Get("labels").Array() {
		if l.Get("type").Str != tagLabel {
			fmt.Fprintf(h, "%s\x00", l.Raw)
		}
	}
	var fields []string
	v.Get("CustomFields").ForEach(func(k, e gjson.Result) bool {
		if !e.IsObject() {
			fields = append(fields, k.Raw+"\x00"+e.Raw)
		}
		return true
	})
	slices.Sort(fields)
	fmt.Fprintf(h, "%q", fields)
	return hex.EncodeToString(h.Sum(nil)[:8])
}
