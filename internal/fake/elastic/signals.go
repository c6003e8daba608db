package elastic

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// window is how far into a result one may look.
const window = 10_000

func (s *Server) signals(c *call, what string) (int, any) {
	right := WriteAlerts
	if what == "search" {
		right = ReadAlerts
	}
	if s.lacks(right) {
		return no(http.StatusForbidden, "API [POST /api/detection_engine/signals/"+what+"] is unauthorized for user, this action is granted by the Kibana privileges [securitySolution]")
	}
	switch what {
	case "search":
		return s.search(c)
	case "status":
		return s.status(c)
	case "tags":
		tags, _ := c.body["tags"].(object)
		return s.list(c, "kibana.alert.workflow_tags", tags["tags_to_add"], tags["tags_to_remove"])
	case "assignees":
		people, _ := c.body["assignees"].(object)
		return s.list(c, "kibana.alert.workflow_assignee_ids", people["add"], people["remove"])
	}
	return no(http.StatusNotFound, "Not Found")
}

// search finds alerts. As the route of Kibana does, it passes on query, size, sort and the like, and drops all else: a search_after is not
// refused, it just does nothing (trap).
func (s *Server) search(c *call) (int, any) {
	size := 10
	if n, ok := c.body["size"].(float64); ok {
		size = int(n)
	}
	if size > window { // trap
		return no(http.StatusBadRequest, fmt.Sprintf("Result window is too large, from + size must be less than or equal to: [%d] but was [%d]", window, size))
	}
	meets, err := compile(c.body["query"])
	if err != nil {
		return no(http.StatusBadRequest, err.Error())
	}
	var found []*doc
	for _, d := range s.alerts {
		if meets(d) {
			found = append(found, d)
		}
	}
	order(found, c.body["sort"])
	total := len(found)
	relation := "eq"
	if c.body["track_total_hits"] != true && total > window {
		total, relation = window, "gte"
	}
	shards := object{"total": 3, "successful": 3, "skipped": 0, "failed": 0}
	if c.trouble == Shards || c.trouble == TimedOut { // trap: hits are missing, and the status is 200
		found = found[:len(found)/2]
	}
	if c.trouble == Shards {
		shards = object{"total": 3, "successful": 2, "skipped": 0, "failed": 1, "failures": []any{object{"shard": 1, "reason": object{"type": "query_shard_exception", "reason": "no mapping"}}}}
	}
	hits := []any{}
	for _, d := range found[:min(size, len(found))] {
		hits = append(hits, object{"_index": d.index, "_id": d.id, "_score": nil, "_source": d.source})
	}
	return http.StatusOK, object{
		"took": 4, "timed_out": c.trouble == TimedOut, "_shards": shards, "hits": object{"total": object{"value": total, "relation": relation}, "max_score": nil, "hits": hits},
	}
}

// order sorts by the fields of a sort, dates by their milliseconds; what has none comes last, or first when it descends.
func order(list []*doc, by any) {
	keys, _ := by.([]any)
	slices.SortStableFunc(list, func(a, b *doc) int {
		for _, k := range keys {
			o, _ := k.(object)
			for field, direction := range o {
				n := compare(first(a, field), first(b, field))
				if how, ok := direction.(object); direction == "desc" || ok && how["order"] == "desc" {
					n = -n
				}
				if n != 0 {
					return n
				}
			}
		}
		return 0
	})
}

func first(d *doc, field string) string {
	if list := d.texts(field); len(list) > 0 {
		return list[0]
	}
	return "\uffff"
}

// chosen are the alerts that a request names.
func (s *Server) chosen(list any) (found []*doc) {
	ids, _ := list.([]any)
	for _, id := range ids {
		if d := s.alert(fmt.Sprint(id)); d != nil {
			found = append(found, d)
		}
	}
	return found
}

// updated is the answer to an update by query, and whether it is to be done.
func updated(c *call, n int) (int, object, bool) {
	body := object{"took": 9, "timed_out": false, "total": n, "updated": n, "deleted": 0, "batches": 1, "version_conflicts": 0, "noops": 0, "failures": []any{}}
	switch c.trouble {
	case Fewer:
		body["updated"] = 0
	case Conflict:
		body["updated"], body["version_conflicts"] = 0, n
	case Failures:
		body["updated"], body["failures"] = 0, []any{object{"cause": object{"type": "cluster_block_exception", "reason": "index is read-only"}}}
	case Stale:
		return http.StatusConflict, object{"statusCode": 409, "error": "Conflict", "message": "version conflict, current version is different than the one provided"}, false
	case Fine, Shards, TimedOut, Partial, Elsewhere, Forever:
		return http.StatusOK, body, true
	}
	return http.StatusOK, body, false
}

// status sets the workflow status as Kibana's script does: a reason stays only beside the change that gave it.
func (s *Server) status(c *call) (int, any) {
	status, _ := c.body["status"].(string)
	if !slices.Contains([]string{"open", "acknowledged", "in-progress", "closed"}, status) {
		return no(http.StatusBadRequest, "[request body]: status: Invalid enum value")
	}
	reason, given := c.body["reason"].(string)
	known := []string{"false_positive", "duplicate", "true_positive", "benign_positive", "automated_closure", "other"}
	switch {
	case given && older(s.version(), "9.2"): // trap: the member is of 9.2
		return no(http.StatusBadRequest, "[request body]: Unrecognized key(s) in object: 'reason'")
	case given && (status != "closed" || !slices.Contains(known, reason)): // trap: only beside closed
		return no(http.StatusBadRequest, "reason is only for closed, and one of those that are configured")
	}
	found := s.chosen(c.body["signal_ids"])
	code, body, ok := updated(c, len(found))
	for _, d := range found {
		if !ok || strings.Join(d.texts("kibana.alert.workflow_status"), "") == status {
			continue
		}
		d.set("kibana.alert.workflow_status", status)
		d.set("kibana.alert.workflow_status_updated_at", s.now())
		if d.set("kibana.alert.workflow_reason", nil); given {
			d.set("kibana.alert.workflow_reason", reason)
		}
	}
	return code, body
}

// list adds to and takes from a list of each chosen alert.
func (s *Server) list(c *call, field string, add, remove any) (int, any) {
	plus, ok := add.([]any)
	minus, ok2 := remove.([]any)
	if !ok || !ok2 {
		return no(http.StatusBadRequest, "[request body]: both lists are required")
	}
	found := s.chosen(c.body["ids"])
	code, body, done := updated(c, len(found))
	for _, d := range found {
		if !done {
			break
		}
		next := []any{}
		for _, v := range d.values(field) {
			if !slices.Contains(minus, v) {
				next = append(next, v)
			}
		}
		for _, v := range plus {
			if !slices.Contains(next, v) {
				next = append(next, v)
			}
		}
		d.set(field, next)
	}
	return code, body
}

func (s *Server) now() string {
	if s.Now == nil {
		return "2026-03-01T00:00:00.000Z"
	}
	return s.Now().UTC().Format(time.RFC3339Nano)
}

// older compares versions by their first two numbers.
func older(version, than string) bool {
	var a, b, c, d int
	_, _ = fmt.Sscanf(version, "%d.%d", &a, &b)
	_, _ = fmt.Sscanf(than, "%d.%d", &c, &d)
	return a < c || a == c && b < d
}
