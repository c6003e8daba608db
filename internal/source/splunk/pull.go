package splunk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// late is by how much the time of an event may lie before its arrival. Splunk finds events by their time: to look back further would mean to look
// through everything that it has, with every pull.
const late = 7 * 24 * time.Hour

// stretch is how much of a long window one search is asked for: so much is sorted over there at once.
const stretch = 24 * time.Hour

// errEnough ends a stream that has brought what was wanted.
var errEnough = errors.New("enough")

// Pull implements alert.Puller. Notables and searches come in the order in which they were indexed, so that one that is late, by a week at most, is
// not lost; Changed is that time, in whole seconds. Findings of version 8 come by the time that they carry.
//
// A query that begins with search or a pipe stands in place of the kind's search; another one narrows it down. What was handed over before
// an error stays valid.
func (c *Client) Pull(ctx context.Context, p alert.Pull, found func(alert.Pulled) error) ([]alert.Gap, error) {
	query := strings.TrimSpace(cmp.Or(p.Query, c.set.Query))
	kind, err := c.kind(ctx, query)
	if err != nil {
		return nil, err
	}
	if p.To.IsZero() {
		p.To = c.set.Now()
	}
	c.listed.Store(kind != Notables)
	u := puller{c: c, ctx: ctx, p: p, found: found}
	switch kind {
	case Findings, Investigations:
		err = u.list(kind)
	case Notables:
		var spl string
		if spl, err = pulled(query); err == nil {
			err = u.search(spl)
		}
	}
	if errors.Is(err, errEnough) {
		u.gap("there are more than the %d that were wanted", p.Most)
		err = nil
	}
	return u.tell(), err
}

// Tardy tells that the last pull found alerts by the time that they carry: findings and investigations are listed by it, notables are searched by the
// time at which they were indexed.
func (c *Client) Tardy() bool { return c.listed.Load() }

// pulled is the search to pull by.
func pulled(query string) (string, error) {
	spl := "search `notable`"
	if query != "" {
		whole, err := replaces(query)
		switch {
		case err != nil:
			return "", err
		case whole && query[0] == '`':
			spl = "search " + query
		case whole:
			spl = query
		default:
			spl += " | search " + query
		}
	}
	return spl + " | eval " + arrival + "=_indextime | sort 0 " + arrival, nil
}

// arrival is the field that carries the time of indexing, which results do not show under its own name.
const arrival = "soc_indextime"

// puller is one pull.
type puller struct {
	c     *Client
	ctx   context.Context //nolint:containedctx // a puller lives as long as one pull
	p     alert.Pull
	found func(alert.Pulled) error
	n     int
	gaps  []string
	blind int // rows without a time of arrival
}

func (u *puller) gap(format string, args ...any) { u.gaps = note(u.gaps, fmt.Sprintf(format, args...)) }

func (u *puller) tell() (gaps []alert.Gap) {
	if u.blind > 0 {
		u.gap("%d rows carry no time of their arrival: what arrives late among them is not told from what was there before", u.blind)
	}
	for _, g := range u.gaps {
		gaps = append(gaps, alert.Gap{Source: u.c.set.Name, Class: alert.Partial, Reason: g})
	}
	return gaps
}

// give hands one over, or says that it would be one too many.
func (u *puller) give(a alert.Pulled) error {
	if u.p.Most > 0 && u.n == u.p.Most {
		return errEnough
	}
	u.n++
	return u.found(a)
}

// search goes through the window stretch by stretch.
func (u *puller) search(spl string) error {
	from, end := u.p.From.Truncate(time.Second), u.p.To.Add(time.Second-1).Truncate(time.Second)
	for from.IsZero() || from.Before(end) {
		to := end
		if !from.IsZero() && end.Sub(from) > stretch {
			to = from.Add(stretch)
		}
		q := inquiry{spl: spl, indexFrom: from, indexTo: to}
		if !from.IsZero() {
			q.from = from.Add(-late)
		}
		if u.p.Most > 0 {
			q.spl += " | head " + strconv.Itoa(u.p.Most-u.n+1)
		}
		warned, err := u.c.export(u.ctx, q, func(row gjson.Result) error {
			if at := moment(row.Get(arrival)); !at.IsZero() && (at.Before(q.indexFrom) || !at.Before(q.indexTo)) {
				return nil // of another stretch: not every search keeps to the times of arrival that it is given
			}
			return u.row(row)
		})
		for _, w := range warned {
			u.gap("splunk warns: %s", w)
		}
		if err != nil {
			return err
		}
		if from = to; from.IsZero() {
			break
		}
	}
	return nil
}

func (u *puller) row(row gjson.Result) error {
	a := alert.Pulled{Raw: []byte(row.Raw), Item: item(row), Changed: moment(row.Get(arrival))}
	at := moment(row.Get("_time"))
	if a.Changed.IsZero() {
		u.blind++
		a.Changed = at
	}
	u.c.seen.note(a.Item, at)
	// An event that is indexed stays what it is; what people do to it is kept elsewhere. So its text, or else its arrival, is its edition.
	switch raw := row.Get("_raw"); {
	case raw.String() != "":
		a.Edition = short(raw.String())
	case row.Get(arrival).Exists():
		a.Edition = strings.Clone(row.Get(arrival).String())
	default:
		a.Edition = short(row.Raw)
	}
	if a.Item == "" {
		a.Item = "row-" + short(row.Raw)
		if raw := row.Get("_raw").String(); raw != "" {
			a.Item = "row-" + short(row.Get("_time").String()+"\x00"+raw)
		}
	}
	return u.give(a)
}

// item is the id that Enterprise Security knows a row by, empty for what it does not know.
func item(row gjson.Result) string {
	for _, name := range []string{"event_id", "finding_id", "notable_id", "investigation_guid"} {
		if v := row.Get(name); v.Type == gjson.String && v.Str != "" {
			return strings.Clone(v.Str) // who keeps it should not keep the row
		}
	}
	return ""
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// moment reads seconds since 1970, with or without a fraction, or RFC 3339 as Splunk writes it.
func moment(v gjson.Result) time.Time {
	text := v.String()
	if f, err := strconv.ParseFloat(text, 64); err == nil && f > 0 && f < math.MaxInt32 {
		whole, part := math.Modf(f)
		return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
