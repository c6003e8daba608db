package splunksoar

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// now is a moment later than any before it.
func (s *Server) now() string {
	s.ticks++
	at := time.Date(2026, 3, 3, 4, 0, 0, 0, time.UTC)
	if s.Now != nil {
		at = s.Now().UTC()
	}
	return at.Add(time.Duration(s.ticks) * time.Microsecond).Format("2006-01-02T15:04:05.000000Z")
}

// artifact adds one to a container that is there. Its source id is unique in the container.
func (s *Server) artifact(doc row) (int, any) {
	container := s.find("container", doc["container_id"])
	if container == nil {
		return failed(http.StatusBadRequest, "container_id: no such container")
	}
	for _, a := range s.rows["artifact"] {
		if sdi := doc["source_data_identifier"]; sdi != nil && a["source_data_identifier"] == sdi && text(a["container"]) == text(doc["container_id"]) {
			return http.StatusBadRequest, row{"failed": true, "message": "artifact already exists", "existing_artifact_id": a["id"]}
		}
	}
	return http.StatusOK, row{"success": true, "id": s.keep(container, doc)}
}

// update changes a container. Custom fields are merged, all else is replaced; what is not known is refused.
func (s *Server) update(id string, doc row) (int, any) {
	n, _ := strconv.ParseInt(id, 10, 64)
	c := s.find("container", n)
	if c == nil {
		return failed(http.StatusNotFound, "Requested item not found")
	}
	if v, ok := doc["severity"]; ok && v != "high" && v != "medium" && v != "low" {
		return failed(http.StatusOK, "severity is not one of high, medium, low") // trap: a failure in the body of a 200
	}
	if v, ok := doc["status"]; ok && v != "new" && v != "open" && v != "closed" {
		return failed(http.StatusOK, "status is not one of new, open, closed")
	}
	for name, v := range doc {
		switch name {
		case "custom_fields":
			fields := row{}
			if had, ok := c[name].(row); ok {
				maps.Copy(fields, had)
			}
			more, _ := v.(map[string]any)
			maps.Copy(fields, more)
			c[name] = fields
		case "owner_id":
			c["owner_name"] = ""
			if who, ok := v.(string); ok {
				c["owner_name"] = who
			}
		default:
			c[name] = v
		}
	}
	c["container_update_time"] = s.now()
	return http.StatusOK, row{"success": true, "id": n}
}

// Set changes a container as somebody else would.
func (s *Server) Set(id int64, name string, v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.find("container", id); c != nil {
		c[name], c["container_update_time"] = v, s.now()
	}
}

// Drop takes a container away.
func (s *Server) Drop(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows["container"] = slices.DeleteFunc(s.rows["container"], func(r row) bool { return r["id"] == id })
}

// list filters as the API does: a value is JSON, so that a text carries its quotes; page_size 0 is everything, without one there are ten.
func (s *Server) list(resource string, q url.Values) (int, any) {
	var filters []filter
	for name, values := range q {
		field, ok := strings.CutPrefix(name, "_filter_")
		if !ok {
			continue
		}
		if !json.Valid([]byte(values[0])) { // trap: a text without quotes
			return failed(http.StatusBadRequest, "invalid filter value "+values[0])
		}
		filters = append(filters, newFilter(field, values[0]))
	}
	var data []row
	for _, r := range s.rows[resource] {
		if !slices.ContainsFunc(filters, func(f filter) bool { return !f.passes(text(r[f.field])) }) {
			data = append(data, without(r, "result_data"))
		}
	}
	if by := q.Get("sort"); by != "" {
		slices.SortStableFunc(data, func(a, b row) int {
			if q.Get("order") == "desc" {
				a, b = b, a
			}
			return compare(text(a[by]), text(b[by]))
		})
	}
	count, pages := len(data), 1
	size, err := strconv.Atoi(q.Get("page_size"))
	if err != nil {
		size = 10 // trap
	}
	if size > 0 {
		page, _ := strconv.Atoi(q.Get("page")) // trap: the first is 0
		pages = (count + size - 1) / size
		data = data[min(page*size, count):min((page+1)*size, count)]
	}
	return http.StatusOK, row{"count": count, "num_pages": pages, "data": append([]row{}, data...)}
}

// filter is one of FIELD, or FIELD__gt, __gte, __lt, __lte, __in.
type filter struct {
	field, op, value string
	in               map[string]bool
}

func newFilter(field, value string) filter {
	f := filter{value: value}
	f.field, f.op, _ = strings.Cut(field, "__")
	switch f.op {
	case "name": // of what a row points at
		f.field, f.op = field, ""
	case "in":
		f.in = map[string]bool{}
		var list []json.RawMessage
		_ = json.Unmarshal([]byte(value), &list) // it is valid
		for _, v := range list {
			f.in[string(v)] = true
		}
	}
	return f
}

func (f filter) passes(have string) bool {
	switch f.op {
	case "in":
		return f.in[have]
	case "":
		return have == f.value
	}
	switch n := compare(have, f.value); f.op {
	case "gt":
		return n > 0
	case "gte":
		return n >= 0
	case "lt":
		return n < 0
	case "lte":
		return n <= 0
	}
	return have == f.value
}

// compare puts numbers by their size, and times in quotes by their letters.
func compare(a, b string) int {
	if a == "" || b == "" || a[0] == '"' || b[0] == '"' {
		return strings.Compare(a, b)
	}
	x, err := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	if err == nil && err2 == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}
