package splunksoar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// layout is how the platform writes times, and how it takes them in filters.
const layout = "2006-01-02T15:04:05.000000Z"

// Pull implements alert.Puller: containers with their artifacts, by the time of the last change to either. A page begins at the time of the
// last container, not at a number: one that is changed meanwhile moves to the end, and would push another one over the edge of a page. A query
// is of filters as the platform's list of containers takes them: _filter_label="events"&_filter_severity="high".
//
// What this program itself handed over to the platform is no news and left out.
func (p *Platform) Pull(ctx context.Context, q alert.Pull, found func(alert.Pulled) error) ([]alert.Gap, error) {
	filters, err := narrow(q.Query)
	if err != nil {
		return nil, err
	}
	touched, grown := stream{p: p, field: "container_update_time", q: q, filters: filters}, stream{p: p, field: "artifact_update_time", q: q, filters: filters}
	if grown.over = q.From.IsZero(); !grown.over { // what was not touched itself, and got artifacts
		grown.filters = clone(filters)
		grown.filters.Set("_filter_container_update_time__lt", quoted(q.From.UTC().Format(layout)))
	}
	for n := 0; ; {
		var next *stream
		for _, s := range []*stream{&touched, &grown} {
			if err := s.fill(ctx); err != nil {
				return nil, err
			}
			if len(s.page) > 0 && (next == nil || s.page[0].Changed.Before(next.page[0].Changed)) {
				next = s
			}
		}
		if next == nil {
			return nil, nil
		}
		if q.Most > 0 && n == q.Most {
			return []alert.Gap{{Source: "splunk soar", Class: alert.Partial, Reason: fmt.Sprintf("there are more containers than the %d that were asked for", q.Most)}}, nil
		}
		if err := found(next.page[0]); err != nil {
			return nil, err
		}
		next.page = next.page[1:]
		n++
	}
}

func clone(v url.Values) url.Values {
	c := url.Values{}
	for name, list := range v {
		c[name] = slices.Clone(list)
	}
	return c
}

// narrow reads the filters of a person.
func narrow(query string) (url.Values, error) {
	v, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf(`splunk soar: a query is of filters like _filter_label="events": %w`, err)
	}
	for name, values := range v {
		switch {
		case !strings.HasPrefix(name, "_filter_") && !strings.HasPrefix(name, "_exclude_"):
			return nil, fmt.Errorf(`splunk soar: a query is of filters like _filter_label="events", which %q is not`, name)
		case len(values) != 1 || !json.Valid([]byte(values[0])):
			return nil, fmt.Errorf(`splunk soar: the value of %s is one of JSON: a text stands in quotes, "events"`, name)
		}
	}
	return v, nil
}

// stream is the containers in the order of one of their times, page by page.
type stream struct {
	p       *Platform
	field   string
	q       alert.Pull
	filters url.Values
	page    []alert.Pulled
	at      string          // the time of the last container, as the platform writes it
	seen    map[string]bool // ids of those with that time
	pages   int             // that were full
	number  int             // of the page among those from that time on
	over    bool
}

// mostPages bounds one pull: a list of so many full pages has no end.
const mostPages = 50_000

// fill reads on until there is something, or nothing more.
func (s *stream) fill(ctx context.Context) error {
	for len(s.page) == 0 && !s.over {
		q := clone(s.filters)
		from := s.at
		if from == "" && !s.q.From.IsZero() {
			from = s.q.From.UTC().Format(layout)
		}
		if from != "" {
			q.Set("_filter_"+s.field+"__gte", quoted(from))
		}
		if !s.q.To.IsZero() {
			q.Set("_filter_"+s.field+"__lt", quoted(s.q.To.UTC().Format(layout)))
		}
		q.Set("sort", s.field)
		q.Set("order", "asc")
		q.Set("page_size", strconv.Itoa(s.p.set.Page))
		q.Set("page", strconv.Itoa(s.number))
		v, err := s.p.read(ctx, q, "container")
		if err != nil {
			return err
		}
		if !v.Get("data").IsArray() {
			return errors.New("splunk soar: its list of containers has no data")
		}
		list := v.Get("data").Array()
		if s.over = len(list) < s.p.set.Page; !s.over {
			if s.pages++; s.pages > mostPages {
				return fmt.Errorf("splunk soar: it had more containers after %d pages: what changed after %s is for another pull", mostPages, s.at)
			}
		}
		if err := s.take(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

// take turns rows into alerts, without those that came before.
func (s *stream) take(ctx context.Context, list []gjson.Result) error {
	var fresh []gjson.Result
	var ids []string
	moved, news := false, false
	for _, c := range list {
		id, at := number(c.Get("id")), c.Get(s.field).Str
		switch {
		case id == "" || at == "":
			return fmt.Errorf("splunk soar: a container without an id or a %s: what comes behind it cannot be asked for", s.field)
		case at == s.at && s.seen[id]:
			continue
		case at < s.at: // the platform writes all times in one layout
			return fmt.Errorf("splunk soar: asked for what was changed since %s it hands over container %s of %s: its list begins anew again and again", s.at, id, at)
		case at != s.at:
			s.at, s.seen, moved = at, map[string]bool{}, true
		}
		s.seen[id], news = true, true
		if !ours(c) {
			fresh, ids = append(fresh, c), append(ids, id)
		}
	}
	if !news && !s.over && s.number > 0 {
		return fmt.Errorf("splunk soar: page %d of the containers of %s is one that it handed over before: its list has no end", s.number, s.at)
	}
	if s.number++; moved { // else a whole page is of one moment, and the next one of it is asked for
		s.number = 0
	}
	artifacts, err := s.p.artifactsOf(ctx, ids)
	if err != nil {
		return err
	}
	for i, c := range fresh {
		changed, err := time.Parse(time.RFC3339, c.Get(s.field).Str)
		if err != nil {
			return fmt.Errorf("splunk soar: container %s: %s: %w", ids[i], s.field, err)
		}
		s.page = append(s.page, alert.Pulled{Raw: whole(c, artifacts[ids[i]]), Item: ids[i], Edition: edition(ids[i], artifacts[ids[i]]), Changed: changed})
	}
	return nil
}

var caseID = regexp.MustCompile(`^c-[0-9a-f]{4,}$`)

// ours tells a container that Create made.
func ours(c gjson.Result) bool {
	id := c.Get("source_data_identifier").Str
	mine := slices.ContainsFunc(c.Get("tags").Array(), func(t gjson.Result) bool { return t.Str == "soc" })
	return mine && caseID.MatchString(id) && strings.HasPrefix(c.Get("description").Str, "case "+id+" of soc, ")
}

// artifactsOf reads the artifacts of containers, in the order of their ids.
func (p *Platform) artifactsOf(ctx context.Context, ids []string) (map[string][]gjson.Result, error) {
	list := map[string][]gjson.Result{}
	if len(ids) == 0 {
		return list, nil
	}
	const per = 1000
	for last := int64(0); ; {
		v, err := p.read(ctx, url.Values{
			"_filter_container__in": {"[" + strings.Join(ids, ",") + "]"}, "_filter_id__gt": {strconv.FormatInt(last, 10)}, "sort": {"id"}, "order": {"asc"}, "page_size": {strconv.Itoa(per)},
		}, "artifact")
		if err != nil {
			return nil, fmt.Errorf("reading artifacts: %w", err)
		}
		if !v.Get("data").IsArray() {
			return nil, errors.New("splunk soar: its list of artifacts has no data")
		}
		page := v.Get("data").Array()
		for _, a := range page {
			id, container := number(a.Get("id")), number(a.Get("container"))
			if id == "" || a.Get("id").Int() <= last { // else a list that does not heed the filter would never end
				return nil, errors.New("splunk soar: an artifact without an id, or twice, or out of order")
			}
			last = a.Get("id").Int()
			list[container] = append(list[container], a)
		}
		if len(page) < per {
			return list, nil
		}
	}
}

// whole is the container with its artifacts in it, each as it was received.
func whole(c gjson.Result, artifacts []gjson.Result) []byte {
	raw := bytes.TrimRight([]byte(c.Raw), " \t\r\n")
	raw = append(raw[:len(raw)-1:len(raw)-1], `,"artifacts":[`...)
	for i, a := range artifacts {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(raw, a.Raw...)
	}
	return append(raw, "]}"...)
}

// edition is what the artifacts say. All else of a container is about the work on it.
func edition(id string, artifacts []gjson.Result) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00", id)
	for _, a := range artifacts {
		fmt.Fprintf(h, "%s\x00%s\x00", a.Get("id").Raw, a.Get("cef").Raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
