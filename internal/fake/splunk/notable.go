package splunk

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Event is what an index holds.
type Event struct {
	Index, Host, Sourcetype string
	Time, Indexed           time.Time // zero Indexed: Time
	Raw                     string
	Fields                  map[string]string // that are extracted
}

// notable is a notable event or finding, or an investigation, with what people did to it.
type notable struct {
	id                                  string
	time, indexed                       time.Time
	fields                              row
	raw                                 string // made of the fields, when it is first asked for
	status, owner, urgency, disposition string
	reviews                             []row
	notes                               []row
}

// Index adds events.
func (s *Server) Index(events ...Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		if e.Indexed.IsZero() {
			e.Indexed = e.Time
		}
		s.events = append(s.events, e)
	}
}

// Raise adds a notable of these fields, which was written at one time and indexed at another, and returns its id.
func (s *Server) Raise(at, indexed time.Time, fields map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &notable{time: at, indexed: indexed, fields: fields, status: "1", owner: "unassigned", urgency: "medium", disposition: "disposition:6"}
	if u, ok := fields["urgency"].(string); ok {
		n.urgency = u
	}
	n.id = s.name(len(s.notables), at)
	s.notables = append(s.notables, n)
	return n.id
}

// name is what the version calls its n-th notable.
func (s *Server) name(n int, at time.Time) string {
	sum := md5.Sum(strconv.AppendInt(nil, int64(n), 10)) // the ids of version 7 end in one
	digest := hex.EncodeToString(sum[:])
	if s.major() >= 8 {
		return fmt.Sprintf("%s-%s-%s-%s-%s@@notable@@time%d", digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:], at.Unix())
	}
	return "FC0E5C61-7D57-4F5A-9B1A-0B1D2C3E4F50@@notable@@" + digest
}

// Open adds an investigation over findings and returns its GUID.
func (s *Server) Open(at time.Time, name string, findings ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := md5.Sum([]byte(name))
	digest := hex.EncodeToString(sum[:])
	n := &notable{time: at, indexed: at, status: "1", owner: "unassigned", urgency: "high", disposition: "disposition:6"}
	n.id = fmt.Sprintf("%s-%s-%s-%s-%s", digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:])
	var ids any = findings
	if len(findings) == 1 {
		ids = findings[0] // trap: a string or a list
	}
	n.fields = row{
		"investigation_guid": n.id, "investigation_id": fmt.Sprintf("ES-%05d", len(s.cases)+1), "name": name, "description": name, "sensitivity": "Amber",
		"create_time": at.Unix(), "consolidated_findings": row{"event_id": ids, "rule_title": name}, "entity": "ws-042", "entity_type": "system",
	}
	s.cases = append(s.cases, n)
	return n.id
}

// Edit does what a person would: fields are status, owner, urgency, disposition and comment.
func (s *Server) Edit(id, by string, fields map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.find(id); n != nil {
		s.change(n, by, fields)
	}
}

// State is what is said of an item: status, owner, urgency, disposition, and the comments or notes joined.
func (s *Server) State(id string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.find(id)
	if n == nil {
		return nil
	}
	var comments []string
	for _, list := range [][]row{n.reviews, n.notes} {
		for _, r := range list {
			if c, ok := cmp.Or(r["comment"], r["content"]).(string); ok && c != "" {
				comments = append(comments, c)
			}
		}
	}
	return map[string]string{"status": n.status, "owner": n.owner, "urgency": n.urgency, "disposition": n.disposition, "comments": strings.Join(comments, "\n"), "changes": strconv.Itoa(len(n.reviews))}
}

func (s *Server) find(id string) *notable {
	for _, list := range [][]*notable{s.notables, s.cases} {
		for _, n := range list {
			if n.id == id || n.fields["investigation_id"] == id {
				return n
			}
		}
	}
	return nil
}

func (s *Server) change(n *notable, by string, fields map[string]string) {
	for name, at := range map[string]*string{"status": &n.status, "owner": &n.owner, "urgency": &n.urgency, "disposition": &n.disposition} {
		if v, ok := fields[name]; ok {
			*at = v
		}
	}
	n.reviews = append(n.reviews, row{
		"rule_id": n.id, "time": strconv.FormatInt(s.now().Unix(), 10), "reviewer": by, "comment": fields["comment"], "status": n.status, "owner": n.owner,
		"urgency": n.urgency, "disposition": n.disposition,
	})
}

// result is the notable as the macro hands it over.
func (s *Server) result(n *notable) row {
	r := s.stored(n)
	r["event_id"], r["rule_id"] = n.id, n.id
	r["status"], r["owner"], r["urgency"], r["disposition"] = n.status, n.owner, n.urgency, n.disposition
	r["status_label"], r["disposition_label"] = s.label("notable", n.status), s.label("disposition", n.disposition)
	if len(n.reviews) > 0 {
		last := n.reviews[len(n.reviews)-1]
		r["review_time"], r["reviewer"] = last["time"], last["reviewer"]
		var comments []any
		for _, v := range n.reviews {
			comments = append(comments, v["comment"])
		}
		if r["comment"] = any(comments); len(comments) == 1 {
			r["comment"] = comments[0] // trap: one value is no list
		}
	}
	return r
}

// stored is the notable as its index holds it.
func (s *Server) stored(n *notable) row {
	r := row{}
	for k, v := range n.fields {
		if k != "urgency" {
			r[k] = v
		}
	}
	if n.raw == "" {
		n.raw = n.text()
	}
	r["_raw"] = n.raw
	stamp(r, n.time, n.indexed, "notable", "splunk-demo", "stash")
	return r
}

func (n *notable) text() string {
	var list []string
	for k, v := range n.fields {
		if k != "urgency" {
			list = append(list, fmt.Sprintf("%s=%q", k, fmt.Sprint(v)))
		}
	}
	slices.Sort(list)
	return strconv.FormatInt(n.time.Unix(), 10) + ", " + strings.Join(list, ", ")
}

func stamp(r row, at, indexed time.Time, index, host, sourcetype string) {
	r["_time"], r["_indextime"] = at.UTC().Format("2006-01-02T15:04:05.000-07:00"), strconv.FormatInt(indexed.Unix(), 10)
	r["index"], r["host"], r["sourcetype"], r["splunk_server"], r["soc.time"] = index, host, sourcetype, "idx1", at
}

// rows are the events of a window, as a search begins with them.
func (s *Server) rows(w window) []row {
	var list []row
	for i, e := range s.events {
		if !w.holds(e.Time, e.Indexed) {
			continue
		}
		r := row{"_raw": e.Raw, "_cd": fmt.Sprintf("%d:%d", 1+i/1000, 1000+i*17), "source": e.Sourcetype}
		for k, v := range e.Fields {
			r[k] = v
		}
		stamp(r, e.Time, e.Indexed, e.Index, e.Host, e.Sourcetype)
		list = append(list, r)
	}
	for i, n := range s.notables {
		if !w.holds(n.time, n.indexed) {
			continue
		}
		r := s.stored(n)
		r["soc.notable"], r["_cd"] = n, fmt.Sprintf("%d:%d", 1+i/1000, 500+i*13)
		list = append(list, r)
	}
	return list
}

// shown takes off what is for the server itself, and orders nothing: encoding/json sorts the keys.
func shown(r row) ([]byte, error) {
	out := row{}
	for k, v := range r {
		if !strings.HasPrefix(k, "soc.") {
			out[k] = v
		}
	}
	return json.Marshal(out)
}
