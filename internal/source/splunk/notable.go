package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// seen is when notables happened that were pulled: one of those is looked for at its time and not everywhere.
type seen struct {
	mu sync.Mutex
	at map[string]time.Time
}

// mostSeen bounds what is remembered: beyond, it begins anew.
const mostSeen = 20_000

func (s *seen) note(item string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil || len(s.at) == mostSeen {
		s.at = map[string]time.Time{}
	}
	if !at.IsZero() {
		s.at[item] = at
	}
}

func (s *seen) when(item string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[item]
}

// lookNotable reads a notable. There is no other way to than a search.
func (c *Client) lookNotable(ctx context.Context, at spot) (s state, err error) {
	q := inquiry{spl: "search `notable` | search event_id=" + quote(at.id) + " | head 1 | fields event_id status owner urgency disposition review_time"}
	if t := c.seen.when(at.id); !t.IsZero() {
		q.from, q.to = t.Add(-time.Second), t.Add(time.Second)
	}
	s, there, err := c.notable(ctx, q, at.id)
	if err == nil && !there && !q.from.IsZero() {
		q.from, q.to = time.Time{}, time.Time{}
		s, there, err = c.notable(ctx, q, at.id)
	}
	if err == nil && !there {
		err = fmt.Errorf("%w: no notable has the id %s", respond.ErrNoItem, at.id)
	}
	return s, err
}

func (c *Client) notable(ctx context.Context, q inquiry, id string) (s state, there bool, err error) {
	_, err = c.export(ctx, q, func(row gjson.Result) error { // a warning of an index that is not there says nothing against what is
		if row.Get("event_id").String() == id {
			there = true
			s = state{
				status: row.Get("status").String(), owner: row.Get("owner").String(), urgency: row.Get("urgency").String(),
				disposition: row.Get("disposition").String(), revision: row.Get("review_time").String(),
			}
		}
		return nil
	})
	return s, there, err
}

func (c *Client) writeNotable(ctx context.Context, at spot, ch change) error {
	form := url.Values{}
	for name, v := range map[string]string{"status": ch.status, "newOwner": ch.owner, "urgency": ch.urgency, "disposition": ch.disposition, "comment": ch.comment} {
		if v != "" {
			form.Set(name, v)
		}
	}
	return c.update(ctx, form, at.id)
}

// update changes notables, all of them or it is an error: it answers 200 also where it did nothing, or half.
func (c *Client) update(ctx context.Context, form url.Values, ids ...string) error {
	form["ruleUIDs"] = ids
	form.Set("output_mode", "json")
	doc, err := c.document(ctx, web.Request{
		Method: http.MethodPost, Path: place("services/notable_update"), Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, Body: []byte(form.Encode()),
	})
	if err != nil {
		return gone(err)
	}
	if err := c.refused(doc); err != nil {
		return err
	}
	if !doc.Get("success").Exists() {
		return errors.New("splunk does not say whether it was done")
	}
	if n := doc.Get("failure_count").Int(); n > 0 {
		return fmt.Errorf("%d of %d were not changed: %s", n, len(ids), c.clean(doc.Get("message").String()))
	}
	if n := doc.Get("success_count"); n.Exists() && n.Int() != int64(len(ids)) {
		return fmt.Errorf("%d of %d were changed: %s", n.Int(), len(ids), c.clean(doc.Get("message").String()))
	}
	return nil
}

// noteNotable adds a comment that is not there yet.
func (c *Client) noteNotable(ctx context.Context, at spot, key, text string) error {
	there := false
	err := c.few(ctx, "| `incident_review` | search rule_id="+quote(at.id)+" | fields comment", func(row gjson.Result) error {
		comment := row.Get("comment")
		for _, v := range append(comment.Array(), comment) {
			there = there || strings.Contains(v.String(), key)
		}
		return nil
	})
	if err != nil || there {
		return err
	}
	return c.update(ctx, url.Values{"comment": {text}}, at.id)
}
