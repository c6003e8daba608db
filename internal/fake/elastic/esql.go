package elastic

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mistake answers an error as Elasticsearch spells it.
func mistake(status int, kind, reason string) (int, any) {
	return status, object{"error": object{"type": kind, "reason": reason, "root_cause": []any{object{"type": kind, "reason": reason}}}, "status": status}
}

func (s *Server) elasticsearch(c *call) (int, any) {
	id, poll := strings.CutPrefix(c.path, "/_query/async/")
	switch {
	case c.path == "/":
		return http.StatusOK, object{"cluster_name": "demo", "version": object{"number": s.version(), "build_flavor": "default"}}
	case c.path == "/_security/user/_has_privileges" && c.method == http.MethodPost:
		return s.hasPrivileges(c)
	case c.path == "/_query" && c.method == http.MethodPost:
		return s.query(c)
	case c.path == "/_query/async" && c.method == http.MethodPost:
		return s.start(c)
	case poll && c.method == http.MethodGet:
		return s.poll(id)
	case poll && c.method == http.MethodDelete:
		if s.runs[id] == nil {
			return mistake(http.StatusNotFound, "resource_not_found_exception", id)
		}
		delete(s.runs, id)
		return http.StatusOK, object{"acknowledged": true}
	}
	return mistake(http.StatusBadRequest, "illegal_argument_exception", "no handler found for uri ["+c.path+"] and method ["+c.method+"]")
}

func (s *Server) hasPrivileges(c *call) (int, any) {
	got := object{}
	list, _ := c.body["index"].([]any)
	for _, e := range list {
		o, _ := e.(object)
		names, _ := o["names"].([]any)
		wanted, _ := o["privileges"].([]any)
		for _, n := range names {
			rights := object{}
			for _, p := range wanted {
				lacks := s.lacks(ReadLogs)
				if strings.HasPrefix(fmt.Sprint(n), ".alerts-security") {
					lacks = s.lacks(ReadAlerts)
				}
				rights[fmt.Sprint(p)] = !lacks
			}
			got[fmt.Sprint(n)] = rights
		}
	}
	return http.StatusOK, object{"username": "soc", "has_all_requested": len(s.Lacks) == 0, "cluster": object{}, "index": got, "application": object{}}
}

// run is an asynchronous query.
type run struct {
	asked   int
	forever bool
	answer  object
}

func (s *Server) start(c *call) (int, any) {
	status, doc := s.query(c)
	if status != http.StatusOK || s.Polls == 0 && c.trouble != Forever {
		if o, ok := doc.(object); ok && status == http.StatusOK {
			o["is_running"] = false
		}
		return status, doc
	}
	if s.runs == nil {
		s.runs = map[string]*run{}
	}
	s.next++
	id := fmt.Sprintf("FmRun%d==", s.next)
	s.runs[id] = &run{forever: c.trouble == Forever, answer: doc.(object)}
	return http.StatusOK, object{"id": id, "is_running": true, "columns": []any{}, "values": []any{}}
}

func (s *Server) poll(id string) (int, any) {
	r := s.runs[id]
	if r == nil {
		return mistake(http.StatusNotFound, "resource_not_found_exception", id)
	}
	if r.asked++; r.forever || r.asked < s.Polls {
		return http.StatusOK, object{"id": id, "is_running": true, "columns": []any{}, "values": []any{}}
	}
	r.answer["id"], r.answer["is_running"] = id, false
	return http.StatusOK, r.answer
}

// Running counts the asynchronous queries that nobody took away.
func (s *Server) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.runs)
}

var (
	fromLine   = regexp.MustCompile(`^FROM ([^ |]+)( METADATA [_a-z, ]+)?$`)
	whereTimes = regexp.MustCompile(`^WHERE @timestamp >= TO_DATETIME\(\?(\w+)\) AND @timestamp <= TO_DATETIME\(\?(\w+)\)$`)
	limitLine  = regexp.MustCompile(`^LIMIT (\d+)$`)
	bucketLine = regexp.MustCompile(`^STATS n = COUNT\(\*\), first = MIN\(@timestamp\), last = MAX\(@timestamp\) BY b = BUCKET\(@timestamp, (\d+), TO_DATETIME\(\?\w+\), TO_DATETIME\(\?\w+\)\)$`)
)

// most is how many rows a query has without a LIMIT, and at most with one.
const (
	usual = 1_000
	most  = 10_000
)

// query runs a line of ES|QL. What it does not understand is an error, as of a line into which something was spliced.
func (s *Server) query(c *call) (int, any) {
	if s.lacks(ReadLogs) {
		return mistake(http.StatusForbidden, "security_exception", "action [indices:data/read/esql] is unauthorized for API key")
	}
	if older(s.version(), "8.15") {
		return mistake(http.StatusBadRequest, "parsing_exception", "ES|QL with METADATA _source is not here yet")
	}
	text, _ := c.body["query"].(string)
	steps := strings.Split(text, " | ")
	head := fromLine.FindStringSubmatch(steps[0])
	if head == nil {
		return mistake(http.StatusBadRequest, "parsing_exception", "line 1:1: mismatched input "+strconv.Quote(steps[0]))
	}
	rows, status, fault := s.rows(c, head[1])
	if fault != nil {
		return status, fault
	}
	limit := usual // trap: a query without LIMIT has a thousand rows, and nothing says so
	for _, step := range steps[1:] {
		if m := whereTimes.FindStringSubmatch(step); m != nil {
			from, to := bound(c.body["params"], m[1]), bound(c.body["params"], m[2])
			if from == "" || to == "" {
				return mistake(http.StatusBadRequest, "parsing_exception", "Unknown query parameter")
			}
			rows = slices.DeleteFunc(rows, func(d *doc) bool { at := first(d, "@timestamp"); return compare(at, from) < 0 || compare(at, to) > 0 })
			continue
		}
		if m := limitLine.FindStringSubmatch(step); m != nil {
			n, _ := strconv.Atoi(m[1])
			limit = min(n, most)
			continue
		}
		if m := bucketLine.FindStringSubmatch(step); m != nil {
			n, _ := strconv.Atoi(m[1])
			return http.StatusOK, buckets(rows, n)
		}
		switch step {
		case "SORT @timestamp ASC":
			order(rows, []any{object{"@timestamp": "asc"}})
		case "KEEP @timestamp, _id, _index, _source":
		case "STATS n = COUNT(*)":
			return http.StatusOK, object{"took": 3, "is_partial": false, "columns": []any{object{"name": "n", "type": "long"}}, "values": []any{[]any{len(rows)}}}
		default:
			return mistake(http.StatusBadRequest, "parsing_exception", "mismatched input "+strconv.Quote(step))
		}
	}
	partial := c.trouble == Partial
	if partial { // trap: rows are missing, and the status is 200
		rows = rows[:len(rows)/2]
	}
	values := []any{}
	for _, d := range rows[:min(limit, len(rows))] {
		values = append(values, []any{first(d, "@timestamp"), d.id, d.index, d.source})
	}
	return http.StatusOK, object{"took": 7, "is_partial": partial, "columns": []any{
		object{"name": "@timestamp", "type": "date"}, object{"name": "_id", "type": "keyword"}, object{"name": "_index", "type": "keyword"}, object{"name": "_source", "type": "_source"},
	}, "values": values}
}

// rows are the documents of an index pattern that the filter leaves.
func (s *Server) rows(c *call, pattern string) (rows []*doc, status int, fault any) {
	known := false
	var meets test = func(*doc) bool { return true }
	if c.body["filter"] != nil {
		var err error
		if meets, err = compile(c.body["filter"]); err != nil {
			status, fault = mistake(http.StatusBadRequest, "parsing_exception", err.Error())
			return nil, status, fault
		}
	}
	for _, d := range slices.Concat(s.logs, s.alerts) {
		if !within(pattern, d.index) {
			continue
		}
		known = true
		if meets(d) {
			rows = append(rows, d)
		}
	}
	if !known {
		status, fault = mistake(http.StatusBadRequest, "verification_exception", "Unknown index ["+pattern+"]")
	}
	return rows, status, fault
}

// within tells whether one of the patterns, of which each may end in a star, has the index.
func within(patterns, index string) bool {
	for p := range strings.SplitSeq(patterns, ",") {
		name, open := strings.CutSuffix(p, "*")
		if name == index || open && strings.HasPrefix(strings.TrimPrefix(index, ".ds-"), name) {
			return true
		}
	}
	return false
}

// bound is the value of a named parameter.
func bound(params any, name string) string {
	list, _ := params.([]any)
	for _, p := range list {
		if v, ok := p.(object)[name].(string); ok {
			return v
		}
	}
	return ""
}

func buckets(rows []*doc, n int) object {
	order(rows, []any{object{"@timestamp": "asc"}})
	values := []any{}
	if len(rows) > 0 {
		begin, _ := rows[0].at("@timestamp")
		end, _ := rows[len(rows)-1].at("@timestamp")
		width := max(1, (end-begin)/int64(n)+1)
		last := int64(-1)
		for _, d := range rows {
			at, _ := d.at("@timestamp")
			text := time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z")
			b := (at - begin) / width
			if b == last {
				row := values[len(values)-1].([]any)
				row[0], row[2] = row[0].(int)+1, text
				continue
			}
			last = b
			values = append(values, []any{1, text, text})
		}
	}
	return object{"took": 3, "is_partial": false, "columns": []any{object{"name": "n", "type": "long"}, object{"name": "first", "type": "date"}, object{"name": "last", "type": "date"}}, "values": values}
}
