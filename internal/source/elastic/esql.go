package elastic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
)

// within bounds a query by absolute times, which are parameters.
const within = "WHERE @timestamp >= TO_DATETIME(?from) AND @timestamp <= TO_DATETIME(?to)"

// run runs a query to its end. It is asynchronous, so that no proxy on the way loses patience, and is taken away when nobody waits for it.
func (c *Client) run(ctx context.Context, text string, filter object, from, to time.Time) (gjson.Result, error) {
	hold := 20 * time.Second // that the server waits before it says that it is not done
	if c.set.Timeout > 0 {
		hold = min(hold, c.set.Timeout/2)
	}
	wait := fmt.Sprintf("%dms", hold.Milliseconds())
	doc := object{"query": text, "params": []object{{"from": date(from)}, {"to": date(to)}}, "wait_for_completion_timeout": wait, "keep_alive": "5m"}
	if filter != nil {
		doc["filter"] = filter
	}
	v, err := send(ctx, c.search, web.Request{Method: http.MethodPost, Path: []string{"_query", "async"}, Query: url.Values{"format": {"json"}}, Repeatable: true}, doc)
	for waited := hold; err == nil && v.Get("is_running").Bool(); waited += hold {
		id := v.Get("id").String()
		if waited >= c.set.Wait {
			_, _ = send(context.WithoutCancel(ctx), c.search, web.Request{Method: http.MethodDelete, Path: []string{"_query", "async", id}}, nil) // it ends by itself, later
			return v, fmt.Errorf("the query was still running after %s", c.set.Wait)
		}
		v, err = send(ctx, c.search, web.Request{Path: []string{"_query", "async", id}, Query: url.Values{"wait_for_completion_timeout": {wait}}}, nil)
		if err != nil {
			_, _ = send(context.WithoutCancel(ctx), c.search, web.Request{Method: http.MethodDelete, Path: []string{"_query", "async", id}}, nil)
		}
	}
	if err == nil && !v.Get("values").IsArray() {
		err = fmt.Errorf("its answer to a query has no values")
	}
	return v, err
}

// cover finds out what the logs reach over within a window, so that nothing found can be told from nothing collected.
func (s *search) cover(ctx context.Context, from, to time.Time) error {
	const buckets = 500
	text := fmt.Sprintf("FROM %s | %s | STATS n = COUNT(*), first = MIN(@timestamp), last = MAX(@timestamp) BY b = BUCKET(@timestamp, %d, TO_DATETIME(?from), TO_DATETIME(?to)) | SORT first ASC | LIMIT %d",
		s.c.set.Index, within, buckets, 2*buckets)
	v, err := s.c.run(ctx, text, nil, from, to)
	if err != nil {
		return s.fault(ctx, err, nil, from, to)
	}
	if v.Get("is_partial").Bool() {
		s.gap(alert.Partial, "what %s reaches over is known in part only: the answer is partial (is_partial)", s.c.set.Index)
	}
	c := investigate.Covered{Input: s.c.set.Index}
	for _, b := range v.Get("values").Array() {
		c.Records += b.Get("0").Int()
		for _, at := range []string{"1", "2"} {
			t, err := time.Parse(time.RFC3339, b.Get(at).String())
			if err == nil && (len(c.Times) == 0 || t.After(c.Times[len(c.Times)-1])) {
				c.Times = append(c.Times, t)
			}
		}
	}
	if c.Records == 0 {
		s.gap(alert.Partial, "%s has no records from %s to %s", s.c.set.Index, date(from), date(to))
	}
	s.answer.Covered = append(s.answer.Covered, c)
	return nil
}
