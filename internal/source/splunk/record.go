package splunk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// named names what was asked for, within reason.
func (s *search) named(batch []*wanted) string {
	const most = 3
	var list []string
	for i, w := range batch {
		if i == most {
			list = append(list, fmt.Sprintf("%d more", len(batch)-most))
			break
		}
		t := s.q.Terms[w.term]
		value := t.Value
		if len(value) > 60 {
			value = strings.ToValidUTF8(value[:60], "") + "..."
		}
		list = append(list, fmt.Sprintf("%s %s", t.Kind, value))
	}
	return strings.Join(list, ", ")
}

// row takes in a record.
func (s *search) row(batch []*wanted, row gjson.Result) error {
	text := folded(row)
	met, wants := false, false
	for _, w := range batch {
		if slices.ContainsFunc(w.values, func(v string) bool { return holds(text, v) }) && (w.host == "" || holds(text, w.host)) {
			w.rows++
			met = true
			wants = wants || s.q.Most == 0 || w.rows <= int64(s.q.Most)
		}
	}
	if !met || !wants {
		return nil
	}
	raw := []byte(row.Raw)
	d := alert.DigestOf(raw)
	if s.met[d] {
		return nil
	}
	s.met[d] = true
	a := new(alert.Alert)
	if _, err := s.parser.Parse(a, raw, nil); err != nil {
		s.unread++
		s.whyUnread = err.Error()
		return nil
	}
	if a.Time.IsZero() {
		a.Time = moment(row.Get("_time"))
	}
	a.Input = s.place(row, a)
	return s.found(a)
}

// place is where Splunk keeps a record: which index of which indexer, in which bucket and where in it.
func (s *search) place(row gjson.Result, a *alert.Alert) alert.Place {
	p := alert.Place{Name: s.c.set.Name + ": index " + row.Get("index").String()}
	if v := row.Get("splunk_server").String(); v != "" {
		p.Name += " on " + v
	}
	bucket, at, ok := strings.Cut(row.Get("_cd").String(), ":")
	if ok {
		p.Line, _ = strconv.ParseInt(bucket, 10, 64)
		p.Offset, _ = strconv.ParseInt(at, 10, 64)
	}
	if p.Line == 0 && p.Offset == 0 { // it does not say: any number that is the record's own
		for _, b := range a.Digest[:6] {
			p.Offset = p.Offset<<8 | int64(b)
		}
	}
	return p
}
