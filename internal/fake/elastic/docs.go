package elastic

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// doc is a document of an index.
type doc struct {
	index, id string
	source    object
	flat      map[string][]any    // by dotted name; nil: to be made
	text      map[string][]string // the same as texts, as far as they were asked for
}

// values are what a field holds, wherever its name is cut into objects.
func (d *doc) values(field string) []any {
	switch field {
	case "_id":
		return []any{d.id}
	case "_index":
		return []any{d.index}
	}
	if d.flat == nil {
		d.flat, d.text = map[string][]any{}, map[string][]string{}
		flatten(d.flat, "", d.source)
	}
	return d.flat[field]
}

func flatten(into map[string][]any, name string, v any) {
	switch v := v.(type) {
	case object:
		for k, e := range v {
			if name != "" {
				k = name + "." + k
			}
			flatten(into, k, e)
		}
	case []any:
		for _, e := range v {
			flatten(into, name, e)
		}
	case []string:
		for _, e := range v {
			into[name] = append(into[name], e)
		}
	case nil:
	default:
		into[name] = append(into[name], v)
	}
}

func (d *doc) set(field string, v any) {
	if d.flat = nil; v == nil {
		delete(d.source, field)
		return
	}
	d.source[field] = v
}

func (d *doc) texts(field string) (list []string) {
	values := d.values(field)
	if len(values) == 0 {
		return nil
	}
	if list, ok := d.text[field]; ok {
		return list
	}
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	if d.text != nil {
		d.text[field] = list
	}
	return list
}

// at is a document's time in milliseconds, which is all that Elasticsearch keeps of a date.
func (d *doc) at(field string) (int64, bool) {
	for _, v := range d.texts(field) {
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

// Add puts a document in: one of an index that begins with .internal.alerts-security is an alert.
func (s *Server) Add(index, id string, source map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &doc{index: index, id: id, source: source}
	if strings.HasPrefix(index, ".internal.alerts-security") {
		s.alerts = append(s.alerts, d)
		return
	}
	s.logs = append(s.logs, d)
}

// Alerts returns the ids of the alerts.
func (s *Server) Alerts() (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.alerts {
		ids = append(ids, d.id)
	}
	return ids
}

// Alert returns what an alert says under a field, joined by commas.
func (s *Server) Alert(id, field string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.alert(id); d != nil {
		return strings.Join(d.texts(field), ",")
	}
	return ""
}

// Change sets a field of an alert, as somebody else would.
func (s *Server) Change(id, field string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.alert(id); d != nil {
		d.set(field, value)
	}
}

// Drop takes an alert away.
func (s *Server) Drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alerts = slices.DeleteFunc(s.alerts, func(d *doc) bool { return d.id == id })
}

func (s *Server) alert(id string) *doc {
	for _, d := range s.alerts {
		if d.id == id {
			return d
		}
	}
	return nil
}
