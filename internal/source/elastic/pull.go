package elastic

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
	"github.com/seed-959697dd/soc/internal/web"
)

type object = map[string]any

const (
	created  = "@timestamp"                 // when an alert was raised
	repeated = "kibana.alert.last_detected" // when suppression counted its last event
	uuid     = "kibana.alert.uuid"
)

// Pull implements alert.Puller. An alert is changed when it is raised and when suppression adds to it; both are asked for, in the order of
// their times. The next page begins behind the last alert by a condition of the query: Kibana's search drops a search_after without a word,
// and from and size end at 10,000.
func (c *Client) Pull(ctx context.Context, p alert.Pull, found func(alert.Pulled) error) ([]alert.Gap, error) {
	p.From, p.To = p.From.Truncate(time.Millisecond), p.To.Truncate(time.Millisecond)
	grown := object{"range": object{created: object{"lt": date(p.From)}}} // raised before: only what was added is news
	streams := [2]stream{{c: c, field: created, p: p}, {c: c, field: repeated, p: p, also: grown}}
	if p.From.IsZero() {
		streams[1].over = true
	}
	for n := 0; ; n++ {
		var next *stream
		for i := range streams {
			s := &streams[i]
			if err := s.fill(ctx); err != nil {
				return nil, err
			}
			if len(s.page) > 0 && (next == nil || s.page[0].Changed.Before(next.page[0].Changed)) {
				next = s
			}
		}
		gaps := slices.Concat(streams[0].gaps, streams[1].gaps)
		if next == nil {
			return gaps, nil
		}
		if p.Most > 0 && n == p.Most {
			return append(gaps, alert.Gap{Source: "elastic", Class: alert.Partial, Reason: fmt.Sprintf("there are more alerts than the %d that were asked for", p.Most)}), nil
		}
		if err := found(next.page[0]); err != nil {
			return gaps, err
		}
		next.page = next.page[1:]
	}
}

// Tardy tells that alerts are found by the time that they carry: there is no time of arrival on them. A rule writes what it raised at its end, and
// its alerts are seen after the index was refreshed; a copy, a restored index or a clock that is behind comes later still.
func (c *Client) Tardy() bool { return true }

func date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// stream is the alerts in the order of one of their times, page by page.
type stream struct {
	c     *Client
	field string
	p     alert.Pull
	also  object
	page  []alert.Pulled
	at    string // of the last alert: its time, as the system wrote it, and its uuid
	id    string
	last  time.Time // the same time
	pages int
	over  bool
	size  int // of a page
	gaps  []alert.Gap
}

// mostPages bounds one pull: a list of so many pages has no end.
const mostPages = 50_000

// behind is a uuid behind all others.
const behind = "\U0010ffff"

// fill reads the next page when the one at hand is used up. Of a page that is too large to be read the half is asked for.
func (s *stream) fill(ctx context.Context) error {
	if len(s.page) > 0 || s.over {
		return nil
	}
	if s.pages++; s.pages > mostPages {
		s.over = true
		s.gaps = append(s.gaps, alert.Gap{Source: "elastic", Class: alert.Partial, Reason: fmt.Sprintf("it had more after %d pages: what changed after %s is for another pull", mostPages, s.at)})
		return nil
	}
	if s.size == 0 {
		s.size = s.c.set.Page
	}
	v, err := s.c.post(ctx, true, object{
		"query": s.query(), "size": s.size, "track_total_hits": false,
		"sort": []object{{s.field: object{"order": "asc", "unmapped_type": "date"}}, {uuid: object{"order": "asc", "unmapped_type": "keyword"}}},
	}, "detection_engine", "signals", "search")
	if errors.Is(err, web.ErrTooLarge) && s.size > 1 {
		s.size /= 2
		return s.fill(ctx)
	}
	if err == nil {
		err = whole(v)
	}
	if err != nil {
		return err
	}
	hits := v.Get("hits.hits").Array()
	s.over = len(hits) < s.size
	for _, hit := range hits {
		one, err := s.pulled(hit)
		if err != nil {
			return err
		}
		s.page = append(s.page, one)
	}
	if !s.over && s.id == behind {
		s.gaps = append(s.gaps, alert.Gap{Source: "elastic", Class: alert.Partial, Reason: "alerts of " + s.at + " without a " + uuid + " may be missing: they cannot be put in an order"})
	}
	return nil
}

// query asks for what comes behind the last alert.
func (s *stream) query() object {
	span := object{}
	if !s.p.From.IsZero() {
		span["gte"] = date(s.p.From)
	}
	if !s.p.To.IsZero() {
		span["lt"] = date(s.p.To)
	}
	filter := []object{{"exists": object{"field": s.field}}}
	if len(span) > 0 {
		filter = append(filter, object{"range": object{s.field: span}})
	}
	if s.also != nil {
		filter = append(filter, s.also)
	}
	if s.p.Query != "" {
		filter = append(filter, object{"query_string": object{"query": s.p.Query}})
	}
	if s.at != "" {
		later := object{"range": object{s.field: object{"gt": s.at}}}
		same := object{"bool": object{"filter": []object{{"range": object{s.field: object{"gte": s.at, "lte": s.at}}}, {"range": object{uuid: object{"gt": s.id}}}}}}
		filter = append(filter, object{"bool": object{"should": []object{later, same}, "minimum_should_match": 1}})
	}
	b := object{"filter": filter}
	if !s.c.set.BuildingBlocks {
		b["must_not"] = []object{{"exists": object{"field": "kibana.alert.building_block_type"}}}
	}
	return object{"bool": b}
}

// pulled takes one alert, and notes where the next page begins.
func (s *stream) pulled(hit gjson.Result) (alert.Pulled, error) {
	source := hit.Get("_source")
	at, id := field(source, s.field).String(), field(source, uuid).String()
	changed, err := time.Parse(time.RFC3339, at)
	item := itemOf(hit)
	switch {
	case item == "":
		return alert.Pulled{}, errors.New("elastic: a hit without _id and _index")
	case err != nil:
		return alert.Pulled{}, fmt.Errorf("elastic: alert %s has no %s: what comes behind it cannot be asked for", short(item), s.field)
	case id == "":
		id = behind // it comes last among those of its moment
	case changed.Before(s.last) || changed.Equal(s.last) && s.id != "" && id <= s.id && id != behind:
		return alert.Pulled{}, fmt.Errorf("elastic: asked for what comes behind an alert of %s it hands over alert %s, which does not: its list begins anew again and again", s.at, short(item))
	}
	s.at, s.id, s.last = at, id, changed
	return alert.Pulled{Raw: []byte(hit.Raw), Item: item, Edition: edition(source), Changed: changed}, nil
}

// field reads a member of an alert, which Elastic names by its whole dotted name; indices from before 8.0 nest it.
func field(source gjson.Result, name string) gjson.Result {
	if v := source.Get(gjson.Escape(name)); v.Exists() {
		return v
	}
	return source.Get(name)
}

// edition is what suppression and thresholds added to an alert. All else is written once, or is about the work on it.
func edition(source gjson.Result) string {
	h := sha256.New()
	for _, name := range []string{uuid, "kibana.alert.original_time", repeated, "kibana.alert.suppression.docs_count", "kibana.alert.suppression.end", "kibana.alert.threshold_result.count"} {
		fmt.Fprintf(h, "%s\x00", field(source, name).Raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// itemOf names an alert by its index and its id.
func itemOf(hit gjson.Result) string {
	index, id := hit.Get("_index").String(), hit.Get("_id").String()
	if index == "" || id == "" {
		return ""
	}
	return index + "/" + id
}
