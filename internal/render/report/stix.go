package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/investigate"
)

// bundle writes cases as one STIX 2.1 bundle. A case is an incident and a grouping of what was seen: observed data for each record,
// with observables whose ids every program makes alike, techniques as attack patterns, machines as identities. Only what the case
// recommends to block is an indicator. Times that STIX wants and nobody knows are those of the case. The same cases lead to the same
// bytes. Source: OASIS STIX 2.1.
type bundle struct {
	ids  map[string]bool
	list []string // of the ids, for the bundle's own
}

func newBundle() Writer { return &bundle{ids: map[string]bool{}} }

// timeless is when objects were made that belong to no case.
var timeless = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Begin implements Writer. The bundle's id follows from what is in it, and stands at its end.
func (s *bundle) Begin(b []byte) []byte { return append(b, `{"type":"bundle"`...) }

// End implements Writer. An empty list of objects is not allowed: there is none then.
func (s *bundle) End(b []byte) []byte {
	if len(s.list) > 0 {
		b = append(b, ']')
	}
	return append(append(append(b, `,"id":"bundle--`...), uuid5(ours, strings.Join(s.list, " "))...), "\"}\n"...)
}

// object starts an object unless it stands in the bundle already. Observables have no times.
func (s *bundle) object(b []byte, kind, id string, at time.Time) ([]byte, bool) {
	if s.ids[id] {
		return b, false
	}
	if len(s.list) == 0 {
		b = append(b, `,"objects":[{`...)
	} else {
		b = append(b, ",{"...) // what came before may have been handed on already
	}
	s.ids[id], s.list = true, append(s.list, id)
	b = wire.Word(b, "type", kind)
	b = wire.Word(b, "spec_version", "2.1")
	b = wire.Word(b, "id", id)
	if !at.IsZero() {
		b = wire.Word(b, "created", stamp(at))
		b = wire.Word(b, "modified", stamp(at))
		if kind != "identity" {
			b = wire.Word(b, "created_by_ref", author)
		}
	}
	return b, true
}

// stamp is a time as STIX wants it of created and modified.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

var author = "identity--" + uuid5(ours, "soc")

// own is the id of an object that is no observable.
func own(kind string, parts ...string) string {
	return kind + "--" + uuid5(ours, kind+"\x00"+strings.Join(parts, "\x00"))
}

// Case implements Writer.
func (s *bundle) Case(b []byte, k *investigate.Case) []byte {
	at := cmp.Or(k.Last.UnixNano(), k.First.UnixNano())
	made := time.Unix(0, at).UTC()
	if k.Last.IsZero() {
		made = timeless
	}
	w := &writing{bundle: s, b: b, k: k, at: made, share: sharing(k), seen: map[string][]string{}}
	if o, fresh := s.object(w.b, "identity", author, timeless); fresh {
		o = wire.Word(o, "name", "soc")
		w.b = append(wire.Word(o, "identity_class", "system"), '}')
	}
	w.records()
	w.machines()
	w.patterns()
	w.indicators()
	w.incident()
	return w.b
}

// writing is one case on its way into a bundle.
type writing struct {
	*bundle
	b     []byte
	k     *investigate.Case
	at    time.Time
	share share
	refs  []string            // what the grouping holds
	seen  map[string][]string // observed data by the observables in it
	late  int                 // records without a time
}

// ref puts an id into the grouping, once.
func (w *writing) ref(id string) string {
	if !slices.Contains(w.refs, id) {
		w.refs = append(w.refs, id)
	}
	return id
}

// records writes observed data: what was seen when, how often.
func (w *writing) records() {
	list := w.k.Records()
	for i := range list {
		r := &list[i]
		if r.First.IsZero() {
			w.late++
			continue
		}
		var refs []string
		for _, t := range r.Things {
			for _, id := range w.observable(t.Type, t.Value) {
				if !slices.Contains(refs, id) {
					refs = append(refs, id)
				}
			}
		}
		for n := range w.k.Indicators { // those that were hidden in it stand in no entity
			in := &w.k.Indicators[n]
			for _, p := range in.Receipts {
				if "alert "+p.Alert != r.Cite && p.Alert != r.Cite {
					continue
				}
				for _, id := range w.observable(in.Type, in.Value) {
					if !slices.Contains(refs, id) {
						refs = append(refs, id)
					}
				}
			}
		}
		if len(refs) == 0 {
			w.late++
			continue
		}
		id := own("observed-data", w.k.ID, r.Cite)
		o, fresh := w.object(w.b, "observed-data", id, w.at)
		if !fresh {
			continue
		}
		o = wire.Time(o, "first_observed", r.First)
		o = wire.Time(o, "last_observed", latest(r.First, r.Last))
		o = wire.Int(o, "number_observed", min(max(r.Count, 1), 999_999_999))
		o = wire.Texts(o, "object_refs", refs)
		o = append(wire.Key(o, "external_references"), '[', '{')
		o = wire.Text(o, "source_name", cmp.Or(r.From, "soc"))
		o = wire.Text(o, "description", r.What)
		w.b = append(wire.Text(o, "external_id", r.Cite), "}]}"...)
		w.ref(id)
		for _, seen := range refs {
			w.seen[seen] = append(w.seen[seen], id)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// machines are the affected ones, as identities.
func (w *writing) machines() {
	for _, h := range investigate.Distinct("host", w.k.Hosts) {
		id := own("identity", "host", strings.ToLower(h))
		if o, fresh := w.object(w.b, "identity", id, timeless); fresh {
			o = wire.Text(o, "name", h)
			w.b = append(wire.Word(o, "identity_class", "system"), '}')
		}
		w.ref(id)
	}
}

// patterns are the techniques.
func (w *writing) patterns() {
	for _, t := range w.k.Techniques {
		id := own("attack-pattern", t)
		if o, fresh := w.object(w.b, "attack-pattern", id, timeless); fresh {
			o = wire.Text(o, "name", cmp.Or(investigate.TechniqueName(t), t))
			if phase := investigate.TechniquePhase(t); phase != "" {
				if phase == "evasion" {
					phase = "defense-evasion"
				}
				o = append(wire.Key(o, "kill_chain_phases"), `[{"kill_chain_name":"mitre-attack"`...)
				o = append(wire.Word(o, "phase_name", phase), "}]"...)
			}
			o = append(wire.Key(o, "external_references"), `[{"source_name":"mitre-attack"`...)
			w.b = append(wire.Text(o, "external_id", t), "}]}"...)
		}
		w.ref(id)
		w.relate("related-to", w.incidentID(), id)
	}
}

// indicators are what the case recommends to block, each based on the records it stands in.
func (w *writing) indicators() {
	for i := range w.k.Indicators {
		n := &w.k.Indicators[i]
		pattern := patternOf(n)
		if pattern == "" || !w.share.blocks(n) {
			continue
		}
		id := own("indicator", w.k.ID, pattern)
		if o, fresh := w.object(w.b, "indicator", id, w.at); fresh {
			o = wire.Text(o, "name", n.Type+" "+n.Value)
			o = wire.Texts(o, "indicator_types", []string{"malicious-activity"})
			o = wire.Text(o, "pattern", pattern)
			o = wire.Word(o, "pattern_type", "stix")
			w.b = append(wire.Word(o, "valid_from", stamp(w.at)), '}')
		}
		w.ref(id)
		for _, seen := range w.observable(n.Type, n.Value) {
			for _, data := range w.seen[seen] {
				w.relate("based-on", id, data)
			}
		}
	}
}

// patternOf is the comparison that finds an indicator. Source: STIX 2.1, part 9.
func patternOf(n *investigate.Indicator) string {
	path := map[string]string{
		"ip": "ipv4-addr:value", "domain": "domain-name:value", "url": "url:value", "mail": "email-addr:value",
		"md5": "file:hashes.MD5", "sha1": "file:hashes.'SHA-1'", "sha256": "file:hashes.'SHA-256'", "sha512": "file:hashes.'SHA-512'",
	}[n.Type]
	if path == "" {
		return ""
	}
	if n.Type == "ip" && strings.Contains(n.Value, ":") {
		path = "ipv6-addr:value"
	}
	return "[" + path + " = '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(n.Value) + "']"
}

func (w *writing) incidentID() string { return own("incident", w.k.ID) }

// incident writes what the case is, and what belongs to it.
func (w *writing) incident() {
	title := cmp.Or(w.k.Title, w.k.ID)
	if o, fresh := w.object(w.b, "incident", w.incidentID(), w.at); fresh {
		o = wire.Text(o, "name", title)
		o = wire.Text(o, "description", w.summary())
		o = append(wire.Key(o, "external_references"), `[{"source_name":"soc"`...)
		w.b = append(wire.Text(o, "external_id", w.k.ID), "}]}"...)
	}
	w.ref(w.incidentID())
	w.told()
	if o, fresh := w.object(w.b, "grouping", own("grouping", w.k.ID), w.at); fresh {
		o = wire.Text(o, "name", w.k.ID)
		o = wire.Text(o, "description", w.left())
		o = wire.Word(o, "context", "suspicious-activity")
		w.b = append(wire.Texts(o, "object_refs", w.refs), '}')
	}
}

// told is what a model wrote, as a note on the incident.
func (w *writing) told() {
	p := w.k.Prose
	if p == nil || len(p.Sentences) == 0 {
		return
	}
	list := make([]string, len(p.Sentences))
	for i := range p.Sentences {
		list[i] = p.Sentences[i].Text
	}
	id := own("note", w.k.ID, p.By)
	if o, fresh := w.object(w.b, "note", id, w.at); fresh {
		o = wire.Text(o, "abstract", by(p.By))
		o = wire.Text(o, "content", strings.Join(list, " "))
		o = wire.Texts(o, "authors", []string{"model " + p.By})
		w.b = append(wire.Texts(o, "object_refs", []string{w.incidentID()}), '}')
	}
	w.ref(id)
}

// summary is the findings' own.
func (w *writing) summary() string {
	var list []string
	for i := range w.k.Findings {
		if f := &w.k.Findings[i]; f.Part == investigate.Summary {
			list = append(list, f.Sentence)
		}
	}
	return strings.Join(list, " ")
}

// left counts what is no indicator, and what could not be written.
func (w *writing) left() string {
	var parts []string
	for _, k := range w.share.kept {
		parts = append(parts, fmt.Sprintf("%d %s", k.n, k.why))
	}
	text := "Values that are no indicators: none."
	if len(parts) > 0 {
		text = "Values that are no indicators: " + strings.Join(parts, ", ") + "."
	}
	if w.late > 0 {
		text += fmt.Sprintf(" Records without a time or without a value that STIX has a name for: %d.", w.late)
	}
	return text
}

func (w *writing) relate(kind, from, to string) {
	id := own("relationship", kind, from, to)
	if o, fresh := w.object(w.b, "relationship", id, w.at); fresh {
		o = wire.Word(o, "relationship_type", kind)
		o = wire.Word(o, "source_ref", from)
		w.b = append(wire.Word(o, "target_ref", to), '}')
		w.ref(id)
	}
}
