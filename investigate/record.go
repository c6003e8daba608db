package investigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Record is an alert or an event of a case as its reader wants it: what happened, when, and where that stands. Alerts of one
// verdict are one record. Its texts are as the records wrote them.
type Record struct {
	Cite        string    // as findings cite it: "alert a1", "event 3"
	First, Last time.Time // zero: unknown
	What        string    // in one line
	Why         string    // what ties an event to the case; empty for alerts
	From        string    // the product, or the kind of log
	Place       alert.Place
	Digest      string // of the bytes: sha256:...
	Count       int64
	Score       triage.Weight // of the verdict, or what the checks find in the event
	Strong      bool          // it speaks for an attack
	Severity    string        // recommended
	Vendor      string        // the product's own word for it
	Rating      int64         // recommended, 0 to 100
	Action      string        // what the product did
	Phase       string        // spelled as in Event
	Techniques  []string
	Things      []Thing
	Signals     []Said   // the strongest first
	Asked       string   // of an event: who asked for it, see Event
	Also        []string // events that are this record, too, as findings cite them
}

// take adds what the log's copy of an alert's own record tells: it says more than the alert's document.
func (r *Record) take(own *Record) {
	r.Also = append(r.Also, own.Cite)
	for _, t := range own.Techniques {
		r.Techniques = once(r.Techniques, t)
	}
	for _, t := range own.Things {
		if !slices.ContainsFunc(r.Things, func(o Thing) bool { return o.Type == t.Type && o.Role == t.Role && o.Value == t.Value }) {
			r.Things = append(r.Things, t)
		}
	}
	r.Phase = cmp.Or(r.Phase, own.Phase)
}

// Thing is an entity of a record.
type Thing struct{ Type, Role, Value, Path string }

// Said is a signal of a verdict.
type Said struct {
	Check    string
	Family   triage.Family
	Term     triage.Weight
	Sentence string
	Receipts []Receipt
}

// Records are the verdicts and events of the case, the earliest first; what has no time stands at the end.
func (k *Case) Records() []Record {
	list := make([]Record, 0, len(k.Members)+len(k.Events))
	alerts := map[string]int{}
	for i := range k.Members {
		r := told(gjson.Parse(k.Members[i].Document))
		alerts[r.Cite] = i
		list = append(list, r)
	}
	for i := range k.Events {
		r := k.Events[i].told(i + 1)
		if at, met := alerts["alert "+k.Events[i].Alert]; met && k.Events[i].Alert != "" {
			list[at].take(&r)
			continue
		}
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b Record) int {
		if a.First.IsZero() != b.First.IsZero() {
			return cmp.Compare(b.First.Unix(), a.First.Unix()) // the zero time lies before all others
		}
		return a.First.Compare(b.First)
	})
	return list
}

// told reads the document of a verdict.
func told(doc gjson.Result) Record {
	a := doc.Get("alert")
	r := Record{
		Cite: "alert " + a.Get("id").Str, First: moment(doc.Get("group.first_time")), Last: moment(doc.Get("group.last_time")),
		What: cmp.Or(a.Get("title").Str, a.Get("rule.name").Str, "an alert without a title"), From: provider(a),
		Place:  alert.Place{Name: a.Get("input.name").Str, Line: a.Get("input.line").Int(), Offset: a.Get("input.offset").Int()},
		Digest: a.Get("digest").Str, Count: max(1, doc.Get("group.count").Int()), Score: triage.Weight(doc.Get("score").Int()),
		Severity: doc.Get("severity.recommended").Str, Vendor: doc.Get("severity.vendor").Str, Rating: doc.Get("severity.score").Int(),
		Action: a.Get("action").Str,
	}
	r.Strong = r.Score >= 0 || routeOf(doc.Get("route").Str) == triage.Escalate
	for _, t := range a.Get("techniques").Array() {
		r.Techniques = once(r.Techniques, t.Str)
	}
	for _, e := range a.Get("entities").Array() {
		if strings.TrimSpace(e.Get("value").Str) == "" {
			continue // another program's document: nothing is no value
		}
		r.Things = append(r.Things, Thing{e.Get("type").Str, e.Get("role").Str, e.Get("value").Str, e.Get("path").Str})
	}
	id := a.Get("id").Str
	for _, s := range doc.Get("signals").Array() {
		said := Said{Check: s.Get("check").Str, Family: triage.Family(s.Get("family").Str), Term: triage.Weight(s.Get("term").Int()), Sentence: s.Get("sentence").Str}
		for _, p := range s.Get("receipts").Array() {
			said.Receipts = append(said.Receipts, Receipt{id, p.Get("path").Str, p.Get("value").Str})
		}
		r.Signals = append(r.Signals, said)
	}
	slices.SortStableFunc(r.Signals, func(a, b Said) int { return cmp.Compare(b.Term, a.Term) })
	r.Phase = r.phase()
	ids, phase := techniquesOf(seedOf(doc))
	for _, t := range ids {
		r.Techniques = once(r.Techniques, t)
	}
	r.Phase = cmp.Or(r.Phase, phase)
	if strings.HasSuffix(r.What, ":") { // the first line of a raw event's message, which names no more than its kind
		r.What += " " + r.detail()
	}
	return r
}

// detail is the value that says most about what a record tells of.
func (r *Record) detail() string {
	for _, want := range [...]Thing{
		{Type: "process_command", Role: "actor"},
		{Type: "registry", Role: "target"},
		{Type: "file", Role: "target"},
		{Type: "process", Role: "target"},
		{Type: "domain", Role: "target"},
		{Type: "ip", Role: "target"},
		{Type: "process", Role: "actor"},
	} {
		for _, t := range r.Things {
			if t.Type == want.Type && t.Role == want.Role {
				return piece(t.Value)
			}
		}
	}
	return "no more is known"
}

// told writes an event of that number as a record.
func (e *Event) told(n int) Record {
	r := Record{
		Cite: fmt.Sprintf("event %d", n), What: e.Summary, Why: e.Why, Count: 1, Score: e.Evidence, Strong: e.Evidence > 0 || len(e.Techniques) > 0,
		Phase: strings.ReplaceAll(strings.ToLower(e.Phase), " ", "-"), Techniques: e.Techniques, Asked: e.Asked,
	}
	if a := e.Record; a != nil {
		r.First, r.Last, r.Place, r.Digest, r.From = a.Time, a.Time, a.Input, a.Digest.String(), cmp.Or(a.Product, a.Vendor, a.Format)
		r.Action = a.Action.String()
		for i := range a.Fields {
			f := &a.Fields[i]
			if role, typ := f.Slot.Entity(); typ != alert.NoEntity {
				r.Things = append(r.Things, Thing{typ.String(), role.String(), f.Value, string(f.Path)})
			} else if f.Slot == alert.SlotScript {
				r.Things = append(r.Things, Thing{"script", alert.Related.String(), f.Value, string(f.Path)})
			}
		}
	}
	if r.What == "" {
		r.What = "an event"
	}
	if r.Phase == "" {
		r.Phase = r.phase()
	}
	return r
}

// stands is the tactic that a kind of evidence stands for by itself.
var stands = map[triage.Family]string{triage.Credentials: "credential-access", triage.Persistence: "persistence", triage.CommandLine: "execution"}

// phase is the tactic of the first technique that has one, else of what its evidence is about.
func (r *Record) phase() string {
	for _, t := range r.Techniques {
		if p := phaseOf(t); p != 0 {
			return p.name()
		}
	}
	for i := range r.Signals {
		if r.Signals[i].Term <= 0 {
			break
		}
		if phase := stands[r.Signals[i].Family]; phase != "" {
			return phase
		}
	}
	return ""
}

// provider names the product without saying its vendor twice.
func provider(a gjson.Result) string {
	vendor, product := a.Get("vendor").Str, a.Get("product").Str
	if product == "" || strings.HasPrefix(product, vendor) {
		return cmp.Or(product, vendor, a.Get("format").Str)
	}
	return strings.TrimSpace(vendor + " " + product)
}

// names are the values of a type, those of an observer left out, each once.
func (r *Record) names(kind string) (list []string) {
	for _, t := range r.Things {
		if t.Type == kind && t.Role != "observer" && fold(kind, t.Value) != "" && !slices.ContainsFunc(list, func(o string) bool { return fold(kind, o) == fold(kind, t.Value) }) {
			list = append(list, t.Value)
		}
	}
	return list
}

// where is on which machine and with which account it happened, as a phrase; empty when neither is known.
func (r *Record) where() string {
	var parts []string
	if hosts := r.names("host"); len(hosts) > 0 {
		parts = append(parts, "on "+strings.Join(hosts[:min(len(hosts), 2)], " and "))
	}
	if users := r.names("user"); len(users) > 0 {
		parts = append(parts, "account "+strings.Join(users[:min(len(users), 2)], " and "))
	}
	return strings.Join(parts, ", ")
}
