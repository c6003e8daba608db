package stream

import "bytes"

// An API response wraps its alerts in an object of its own. These are the keys under which products keep the alerts
// (Elasticsearch, Splunk, Microsoft Graph and ARM, CloudTrail, CrowdStrike, Security Hub and others) ...
func holdsAlerts(key string) bool {
	switch key {
	case "hits", "results", "value", "Records", "data", "items", "alerts", "incidents", "findings", "Findings",
		"resources", "detections", "events":
		return true
	}
	return false
}

// ... these may stand before that array without making the object an alert ...
func isMeta(key string) bool {
	switch key {
	case "took", "timed_out", "_shards", "hits", "total", "max_score", "aggregations", "_clusters", "num_reduce_phases",
		"@odata.context", "@odata.count", "@odata.nextLink", "@odata.deltaLink", "nextLink", "meta", "metadata", "errors",
		"pagination", "paging", "links", "_links", "count", "total_count", "totalCount", "preview", "init_offset",
		"post_process_count", "messages", "fields", "highlighted", "page", "pages", "page_size", "per_page", "limit",
		"offset", "next", "next_page", "next_token", "nextToken", "NextToken", "previous", "prev", "cursor", "has_more",
		"hasMore", "status", "status_code", "statusCode", "code", "success", "error", "pit_id", "_scroll_id",
		"request_id", "requestId", "terminated_early":
		return true
	}
	return false
}

// ... and these, even after it, say that the object is itself an alert.
func isAlertKey(key string) bool {
	switch key {
	case "title", "severity", "rule", "rule_id", "ruleId", "rule_name", "ruleName", "alert", "alert_id", "alertId",
		"signature", "event_type", "eventType", "eventName", "EventID", "_source", "_id", "id", "@timestamp", "host",
		"hostname", "description", "priority", "tactics", "techniques":
		return true
	}
	return false
}

// envelope says where the alerts of a response are.
type envelope struct {
	found bool
	at    int // index of the array's bracket; of the end of the object when it holds no alert at all
	depth int // how many objects are open around the array; 0 when there is none
}

// mayWrap is the cheap look at a line: is its first key one that a response begins with?
func mayWrap(line []byte) bool {
	if len(line) < 4 || line[0] != '{' {
		return false
	}
	p := line[1:]
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		p = p[1:]
	}
	if len(p) == 0 || p[0] != '"' {
		return false
	}
	p = p[1:min(len(p), maxKey+2)]
	end := bytes.IndexByte(p, '"')
	return end > 0 && (holdsAlerts(string(p[:end])) || isMeta(string(p[:end])))
}

// envelope looks at the object at pos. What stands before the array must fit into one record.
func (w *window) envelope(oneLine bool) envelope {
	if !mayWrapAt(w) {
		return envelope{}
	}
	c := cursor{w: w, i: 1, oneLine: oneLine}
	depth, empty := 1, false
	for {
		if c.closes() {
			if depth--; depth == 0 {
				return envelope{found: empty, at: c.i}
			}
			continue
		}
		key, ok := c.key()
		if !ok {
			return envelope{}
		}
		b := c.peek()
		switch {
		case key == "hits" && depth == 1 && b == '{':
			depth++
			c.i++
			continue
		case holdsAlerts(key) && b == '[':
			at := c.i
			if c.i++; c.peek() == '{' {
				if c.i = at; c.alertFollows() {
					return envelope{}
				}
				return envelope{found: true, at: at, depth: depth}
			}
			c.i = at
			if !c.emptyArray() {
				return envelope{}
			}
			empty = true
		case !isMeta(key):
			return envelope{}
		}
		if !c.skipValue() {
			return envelope{}
		}
	}
}

// mayWrapAt is mayWrap for an object whose first key may stand on a later line.
func mayWrapAt(w *window) bool {
	c := cursor{w: w, i: 1}
	key, ok := c.key()
	return ok && (holdsAlerts(key) || isMeta(key))
}

// response reads the alerts of a response and skips the rest of it.
func (w *window) response(env envelope, oneLine bool) {
	w.skip(env.at)
	if env.depth == 0 {
		return
	}
	if closed := w.array(oneLine); !closed {
		return
	}
	if w.follow(&balance{oneLine: oneLine, depth: env.depth, prev: ']'}) == done {
		return
	}
	w.gap("response is not closed after its array")
	if !oneLine {
		w.resync("response breaks off after its array", 0, 0)
	}
}
