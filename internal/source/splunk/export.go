package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// inquiry is one search.
type inquiry struct {
	spl                string
	from, to           time.Time // of the events, to excluded; zero: open
	indexFrom, indexTo time.Time // of their arrival, to excluded, in whole seconds
}

// ErrUnended is a stream that no row ends: the search ended before its results did.
var ErrUnended = errors.New("the search's answer has no last row: it was cut off")

// ErrSaid is what Splunk says went wrong, in an answer that is none of an error.
var ErrSaid = errors.New("splunk says")

const (
	mostLine = 64 << 20 // bytes of one result
	mostSaid = 8        // messages of one search that are kept
)

// export runs a search and hands its rows over as they come. A row is valid until each returns. It returns what Splunk warned of. An error
// that Splunk itself tells of is ErrSaid and comes after all rows; ErrUnended likewise.
func (c *Client) export(ctx context.Context, q inquiry, each func(row gjson.Result) error) (warned []string, err error) {
	form := url.Values{"search": {q.spl}, "output_mode": {"json"}, "preview": {"false"}, "earliest_time": {epoch(q.from, "0")}, "latest_time": {epoch(q.to, forever)}}
	if !q.indexFrom.IsZero() {
		form.Set("index_earliest", strconv.FormatInt(q.indexFrom.Unix(), 10))
	}
	if !q.indexTo.IsZero() {
		form.Set("index_latest", strconv.FormatInt(q.indexTo.Unix(), 10))
	}
	r := web.Request{
		Method: http.MethodPost, Path: c.searches(), Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
		Body: []byte(form.Encode()), Repeatable: true, // it only reads
	}
	idle := c.set.Idle
	if idle == 0 {
		idle = 10 * time.Minute
	}
	var l listener
	err = c.as(ctx, &r, func() error {
		l = listener{each: each, clean: c.clean}
		return c.http.Lines(ctx, r, web.Stream{Idle: idle, MaxLine: mostLine}, l.line)
	})
	switch {
	case err != nil:
		return l.warned, err
	case len(l.failed) > 0:
		return l.warned, fmt.Errorf("%w: %s", ErrSaid, strings.Join(l.failed, "; "))
	case l.rows > 0 && !l.ended:
		return l.warned, fmt.Errorf("%w after %d rows", ErrUnended, l.rows)
	}
	return l.warned, nil
}

func (c *Client) searches() []string {
	if c.set.App != "" {
		return place("servicesNS/nobody", c.set.App, "search", "v2", "jobs", "export")
	}
	return place("services/search/v2/jobs/export")
}

// forever is the last second that Splunk knows: what is stamped with a time to come is found too.
const forever = "2147483647"

// epoch writes a time in milliseconds at most.
func epoch(t time.Time, open string) string {
	if t.IsZero() {
		return open
	}
	return fmt.Sprintf("%d.%03d", t.Unix(), t.Nanosecond()/1_000_000)
}

// listener takes a stream apart.
type listener struct {
	each   func(gjson.Result) error
	clean  func(string) string
	rows   int64
	ended  bool
	warned []string
	failed []string
}

func (l *listener) line(line []byte) error {
	if !gjson.ValidBytes(line) {
		return fmt.Errorf("splunk sent a line that is no JSON behind %d rows", l.rows)
	}
	doc := gjson.ParseBytes(line)
	for _, m := range doc.Get("messages").Array() {
		text := l.clean(m.Get("text").String())
		switch m.Get("type").String() {
		case "FATAL", "ERROR":
			l.failed = note(l.failed, text)
		case "WARN":
			l.warned = note(l.warned, text)
		}
	}
	row := doc.Get("result")
	if doc.Get("preview").Bool() || !row.IsObject() {
		return nil
	}
	l.rows++
	l.ended = doc.Get("lastrow").Bool()
	return l.each(row)
}

func note(list []string, text string) []string {
	if len(list) >= mostSaid || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
