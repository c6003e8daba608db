package read

import (
	"encoding/json"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// MISP events: one, a list of them, the answer of a search, an attribute export. What an event says about all its attributes may
// stand behind them, so that a file is read twice. Source: MISP core format (draft-dulaunoy-misp-core-format), MISP taxonomies.

type mispTag struct {
	Name string `json:"name"`
}

type mispAttribute struct {
	Type      string      `json:"type"`
	Value     string      `json:"value"`
	ToIDs     bool        `json:"to_ids"`
	Deleted   bool        `json:"deleted"`
	Timestamp json.Number `json:"timestamp"` // MISP writes it in quotes
	First     string      `json:"first_seen"`
	Last      string      `json:"last_seen"`
	Tags      []mispTag   `json:"Tag"`
}

// mispEvent is what an event says about its attributes.
type mispEvent struct {
	uuid, info string
	tags       []string
}

// maxEvents bounds the events of one file, maxEventTags the tags of one of them.
const (
	maxEvents    = 100_000
	maxEventTags = 100
)

// shorten takes the containers off a path, so that every form of export looks like ".Event...".
func shorten(path string) string {
	for _, outer := range [...]string{"[]", ".response", "[]"} {
		path = strings.TrimPrefix(path, outer)
	}
	return path
}

func (r *reader) misp() error {
	events, err := r.mispEvents()
	if err != nil {
		return err
	}
	at := -1
	want := func(path string) step {
		switch shorten(path) {
		case ".Event":
			at++
			return descend
		case "", ".Attribute", ".Event.Attribute", ".Event.Object", ".Event.Object[]", ".Event.Object[].Attribute", ".Object", ".Object[]", ".Object[].Attribute":
			return descend
		case ".Attribute[]", ".Event.Attribute[]", ".Event.Object[].Attribute[]", ".Object[].Attribute[]":
			return take
		}
		return pass
	}
	return r.walk(want, func(_ string, raw json.RawMessage, where place) error {
		var a mispAttribute
		if err := json.Unmarshal(raw, &a); err != nil {
			return r.reject(where, raw, "no MISP attribute: "+err.Error())
		}
		ev := &mispEvent{}
		if at >= 0 && at < len(events) {
			ev = &events[at]
		}
		return r.mispAttribute(&a, ev, where, raw)
	})
}

// mispEvents reads what the events of a file say about themselves.
func (r *reader) mispEvents() ([]mispEvent, error) {
	var events []mispEvent
	want := func(path string) step {
		switch shorten(path) {
		case "", ".Event.Tag":
			return descend
		case ".Event":
			if len(events) >= maxEvents {
				return stop // the others have what their attributes say themselves
			}
			events = append(events, mispEvent{})
			return descend
		case ".Event.uuid", ".Event.info", ".Event.Tag[]":
			return take
		}
		return pass
	}
	err := r.walk(want, func(path string, raw json.RawMessage, _ place) error {
		ev := &events[len(events)-1]
		var text string
		var tag mispTag
		switch shorten(path) {
		case ".Event.uuid":
			if json.Unmarshal(raw, &text) == nil {
				ev.uuid = ioc.Cut(text, 64)
			}
		case ".Event.info":
			if json.Unmarshal(raw, &text) == nil {
				ev.info = ioc.Cut(text, 64)
			}
		case ".Event.Tag[]":
			if json.Unmarshal(raw, &tag) == nil && len(ev.tags) < maxEventTags {
				ev.tags = append(ev.tags, ioc.Cut(tag.Name, 200))
			}
		}
		return nil
	})
	return events, err
}

// mispTypes are the types of attributes that can be looked up. A composite names what its halves are; a blank half is left out.
var mispTypes = map[string]string{
	"ip-src": "ip", "ip-dst": "ip", "ip-src|port": "ip|", "ip-dst|port": "ip|", "domain": "domain", "hostname": "domain", "hostname|port": "domain|",
	"domain|ip": "domain|ip", "url": "url", "uri": "url", "md5": "hash", "sha1": "hash", "sha256": "hash", "sha512": "hash",
	"filename|md5": "|hash", "filename|sha1": "|hash", "filename|sha256": "|hash", "filename|sha512": "|hash", "malware-sample": "|hash",
	"x509-fingerprint-md5": "hash", "x509-fingerprint-sha1": "hash", "x509-fingerprint-sha256": "hash", "email": "mail", "email-src": "mail",
	"email-dst": "mail", "email-reply-to": "mail", "vulnerability": "cve",
}

func (r *reader) mispAttribute(a *mispAttribute, ev *mispEvent, at place, raw []byte) error {
	halves, known := mispTypes[a.Type]
	if !known || !a.ToIDs || a.Deleted {
		r.skip() // MISP keeps much that is there for people to read
		return nil
	}
	in := a.about(ev)
	kinds, values := strings.Split(halves, "|"), []string{a.Value}
	if len(kinds) > 1 {
		values = strings.SplitN(a.Value, "|", 2)
	}
	for i, kind := range kinds {
		if kind == "" || i >= len(values) {
			continue
		}
		v, err := ioc.Parse(values[i])
		if err != nil {
			if err := r.reject(at, raw, a.Type+": "+err.Error()); err != nil {
				return err
			}
			continue
		}
		one := in
		one.Type, one.Value, one.Tags = v.Type, v.Text, append([]string(nil), in.Tags...)
		if err := r.keep(&one, at, raw); err != nil {
			return err
		}
	}
	return nil
}

// about is what an attribute and its event say about the value.
func (a *mispAttribute) about(ev *mispEvent) ioc.Indicator {
	in := ioc.Indicator{First: moment(a.First), Last: moment(a.Last)}
	if in.First.IsZero() {
		in.First = moment(a.Timestamp.String())
	}
	for _, tag := range a.Tags {
		mark(&in, tag.Name)
	}
	for _, tag := range ev.tags {
		mark(&in, tag)
	}
	in.AddTag(ev.info)
	if ev.uuid != "" {
		in.Refer("misp event " + ev.uuid)
	}
	return in
}

// mark reads one tag: a label of TLP, an analyst's confidence, a name out of a galaxy, or words.
func mark(in *ioc.Indicator, tag string) {
	if tlp, ok := ioc.TLPOf(tag); ok && strings.HasPrefix(strings.ToLower(tag), "tlp:") {
		in.TLP = max(in.TLP, tlp)
		return
	}
	space, value, ok := strings.Cut(tag, "=")
	value = strings.Trim(value, `"`)
	switch {
	case space == "misp:confidence-level":
		if in.Confidence == 0 {
			in.Confidence = mispConfidence[value]
		}
	case ok && strings.HasPrefix(space, "misp-galaxy:"):
		in.AddTag(value)
	case !strings.HasPrefix(tag, "misp:"):
		in.AddTag(tag)
	}
}

// mispConfidence are the levels of the taxonomy misp:confidence-level with the numbers it gives them.
var mispConfidence = map[string]uint8{
	"completely-confident": 100, "usually-confident": 75, "fairly-confident": 50, "rarely-confident": 25, "unconfident": 1,
}
