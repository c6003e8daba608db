package splunk

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// page is how many the interface hands over at most: it takes no more for investigations, whatever is asked for, and the same is asked of findings.
const page = 100

// finest is the shortest stretch of time that is asked for by itself.
const finest = time.Second

// list goes through the window of findings or investigations in stretches that are short enough not to fill a page: how a list goes on behind one is
// not documented, and that it is sorted neither. The window is always named: without one it is the last day.
func (u *puller) list(kind Kind) error {
	from, end := u.p.From.Truncate(finest), u.p.To.Add(finest-1).Truncate(finest)
	if u.p.From.IsZero() {
		from = time.Unix(0, 0).UTC()
	}
	width := min(stretch, end.Sub(from))
	met := map[string]bool{} // of the stretch before: it is not documented to which of two neighbours their border belongs
	for from.Before(end) {
		to := from.Add(width)
		if to.After(end) {
			to = end
		}
		list, full, err := u.page(kind, from, to)
		if err != nil {
			return err
		}
		if full && to.Sub(from) > finest {
			width = max(finest, (to.Sub(from) / 2).Truncate(finest))
			continue
		}
		if full {
			u.gap("more than %d %s carry the time %s: the others were not handed over", page, kind, from.Format(time.RFC3339))
		}
		now := map[string]bool{}
		for _, a := range list {
			now[a.Item] = true
			if met[a.Item] {
				continue
			}
			if err := u.give(a); err != nil {
				return err
			}
		}
		met, from = now, to
		if len(list) < page/4 {
			width *= 2
		}
	}
	return nil
}

func (u *puller) page(kind Kind, from, to time.Time) (list []alert.Pulled, full bool, err error) {
	q := url.Values{"limit": {fmt.Sprint(page)}}
	path := place("servicesNS/nobody/SplunkEnterpriseSecuritySuite/public/v2/findings")
	if kind == Investigations {
		path = place("servicesNS/nobody/missioncontrol/public/v2/investigations")
		q.Set("create_time_min", fmt.Sprint(from.Unix()))
		q.Set("create_time_max", fmt.Sprint(to.Unix()))
		q.Set("sort", "create_time:asc")
	} else {
		q.Set("earliest", fmt.Sprint(from.Unix()))
		q.Set("latest", fmt.Sprint(to.Unix()))
	}
	doc, err := u.c.get(u.ctx, q, path...)
	if err != nil {
		return nil, false, fmt.Errorf("listing %s: %w", kind, err)
	}
	rows, err := u.c.items(doc)
	if err != nil {
		return nil, false, fmt.Errorf("listing %s: %w", kind, err)
	}
	lost := 0
	for _, row := range rows {
		a := listed(row)
		if a.Item == "" || a.Changed.IsZero() {
			lost++
			continue
		}
		list = append(list, a)
	}
	if lost > 0 {
		u.gap("%d %s have no id or no time, and were left out", lost, kind)
	}
	slices.SortStableFunc(list, func(a, b alert.Pulled) int {
		return cmp.Or(a.Changed.Compare(b.Changed), strings.Compare(a.Item, b.Item))
	})
	return list, len(rows) >= page || doc.Get("total").Int() > int64(len(rows)), nil
}

// items are the members of a list, which findings wrap and investigations do not.
func (c *Client) items(doc gjson.Result) ([]gjson.Result, error) {
	if doc.IsArray() {
		return doc.Array(), nil
	}
	for _, name := range []string{"items", "investigations", "findings", "notes"} {
		if v := doc.Get(name); v.IsArray() {
			return v.Array(), nil
		}
	}
	if err := c.refused(doc); err != nil {
		return nil, err
	}
	return nil, errors.New("the answer holds no list")
}

// refused tells an answer that says in its body that it is an error.
func (c *Client) refused(doc gjson.Result) error {
	for _, m := range doc.Get("messages").Array() {
		if t := m.Get("type").String(); t == "ERROR" || t == "FATAL" {
			return fmt.Errorf("%w: %s", ErrSaid, c.clean(m.Get("text").String()))
		}
	}
	if v := doc.Get("success"); v.Exists() && !v.Bool() {
		return fmt.Errorf("%w: %s", ErrSaid, cmp.Or(c.clean(doc.Get("message").String()), "no reason was given"))
	}
	return nil
}

// listed is one finding or investigation. What makes it another edition is which findings it consists of.
func listed(row gjson.Result) alert.Pulled {
	a := alert.Pulled{Raw: []byte(row.Raw), Item: item(row)}
	if a.Item == "" {
		a.Item = row.Get("id").String()
	}
	for _, name := range []string{"time", "_time", "create_time", "event_time", "notable_time"} {
		if a.Changed = moment(row.Get(name)); !a.Changed.IsZero() {
			break
		}
	}
	if a.Changed.IsZero() {
		a.Changed = refTime(a.Item)
	}
	var parts []string
	for _, name := range []string{"consolidated_findings.event_id", "consolidated_findings.#.event_id", "finding_ids"} {
		for _, v := range row.Get(name).Array() { // trap: one is a string, several are a list
			parts = append(parts, v.String())
		}
	}
	slices.Sort(parts)
	a.Edition = short(strings.Join(append([]string{a.Item}, slices.Compact(parts)...), "\x00"))
	return a
}

var ref = regexp.MustCompile(`^[^@]+@@notable@@time(\d+(?:\.\d+)?)$`)

// refTime is the time at the end of a finding's id; zero when there is none.
func refTime(id string) time.Time {
	if m := ref.FindStringSubmatch(id); m != nil {
		return moment(gjson.Result{Type: gjson.String, Str: m[1]})
	}
	return time.Time{}
}
