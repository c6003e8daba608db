package respond

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Plan is what should be done about a case. It does nothing. Treat it as immutable: its digest covers every member but ID and Digest.
type Plan struct {
	ID, Digest string
	Case       string
	CaseDigest string // of the case's document as it was read
	Severity   string // of the case; empty: unknown
	Purpose    Purpose
	Cites      []string
	Author     string
	Created    time.Time
	Expires    time.Time // after which nobody may begin to apply it
	Items      []Item
	Refused    []Refusal
	Gaps       []alert.Gap
}

// Purpose says what a plan is there for, if not for people to agree to.
type Purpose string

// The purposes.
const (
	ForPeople Purpose = ""          // whom it waits for
	Silent    Purpose = "shadow"    // what a machine would have done, to be compared with what people do: nobody carries it out
	Alone     Purpose = "automatic" // what a machine carries out by itself, as far as the ladder allows
	Drill     Purpose = "drill"     // taking back is practised on a harmless target
)

// Item is one action of a plan.
type Item struct {
	ID                         string // a1, a2, ... in the order in which they are done
	Action                     string // of the catalogue
	Target                     Target
	Driver                     string // the configured driver that does it; empty: a task
	Why                        string
	Cites                      []string
	Class                      Class
	Phase                      Phase
	Needs                      Need
	Inverse                    string // the action that takes it back
	TTL                        time.Duration
	OwnTTL                     bool   // the target itself takes it back then
	Precondition               string // digest of the target's state when the plan was made; empty for tasks
	Done                       bool   // the target was in the wanted state already
	Steps                      []string
	Mitigation, Countermeasure string // of the catalogue: ATT&CK and D3FEND
	Under                      string // digest of what proposes and does it: policy, weights, model, connector
	Confirmed                  string // what makes the threat certain beyond the case's own score; empty: nothing
}

// Risk is the name by which the action's risk is accepted: the action's own.
func (i *Item) Risk() string { return i.Action }

// Refusal is an action that was asked for and is not part of the plan.
type Refusal struct {
	Action  string
	Target  Target // the zero Target where none was named
	Because string
}

// seal gives the plan its digest and the id made of it.
func (p Plan) seal() Plan {
	sum := sha256.Sum256(p.body(nil))
	p.Digest = "sha256:" + hex.EncodeToString(sum[:])
	p.ID = "p-" + hex.EncodeToString(sum[:8])
	return p
}

// Holds tells whether the digest is that of the plan's content.
func (p *Plan) Holds() bool {
	q := p.seal()
	return q.Digest == p.Digest && q.ID == p.ID
}

// Risks are the names of the risks that somebody has to accept: those of what a machine would do, each once, sorted. Who does a task
// decides about it when it is done.
func (p *Plan) Risks() []string {
	var names []string
	for i := range p.Items {
		if item := &p.Items[i]; item.Class != Task && item.Needs != Nobody {
			names = append(names, item.Risk())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Needs is the strictest need among the actions that a machine carries out: Nobody for a plan of tasks.
func (p *Plan) Needs() Need {
	need := Nobody
	for i := range p.Items {
		if p.Items[i].Class != Task {
			need = min(need, p.Items[i].Needs)
		}
	}
	return need
}

// AppendJSON appends the plan as a document of kind plan, version 1, on a line of its own.
func (p *Plan) AppendJSON(b []byte) []byte {
	b = append(b, `{"kind":"plan","version":1`...)
	b = wire.Text(b, "id", p.ID)
	b = wire.Text(b, "digest", p.Digest)
	return append(p.body(b), '}', '\n')
}

// body is what the digest covers, in its one spelling.
func (p *Plan) body(b []byte) []byte {
	b = wire.Text(b, "case", p.Case)
	b = wire.Text(b, "case_digest", p.CaseDigest)
	b = wire.Text(wire.Text(b, "severity", p.Severity), "purpose", string(p.Purpose))
	if len(p.Cites) > 0 {
		b = wire.Texts(b, "cites", p.Cites)
	}
	b = wire.Text(b, "author", p.Author)
	b = wire.Time(b, "created", p.Created)
	b = wire.Time(b, "expires", p.Expires)
	b = append(wire.Key(b, "actions"), '[')
	for i := range p.Items {
		b = p.Items[i].append(wire.Comma(b))
	}
	b = append(wire.Key(append(b, ']'), "refused"), '[')
	for i := range p.Refused {
		r := &p.Refused[i]
		b = wire.Text(append(wire.Comma(b), '{'), "action", r.Action)
		if b = wire.Key(b, "target"); r.Target == (Target{}) {
			b = append(b, "null"...)
		} else {
			b = r.Target.append(b)
		}
		b = append(wire.Text(b, "because", r.Because), '}')
	}
	return alert.AppendGaps(append(b, ']'), p.Gaps)
}

func (t Target) append(b []byte) []byte {
	b = wire.Text(append(b, '{'), "type", string(t.Type))
	return append(wire.Text(b, "value", t.Value), '}')
}

func (i *Item) append(b []byte) []byte {
	b = wire.Text(append(b, '{'), "id", i.ID)
	b = wire.Text(b, "action", i.Action)
	b = i.Target.append(wire.Key(b, "target"))
	b = wire.Text(b, "driver", i.Driver)
	b = wire.Text(b, "why", i.Why)
	if len(i.Cites) > 0 {
		b = wire.Texts(b, "cites", i.Cites)
	}
	b = wire.Text(b, "risk", i.Risk())
	b = wire.Word(b, "class", i.Class.String())
	if i.Inverse != "" {
		b = wire.Text(append(wire.Key(b, "inverse"), '{'), "action", i.Inverse)
		b = append(i.Target.append(wire.Key(b, "target")), '}')
	}
	if i.TTL > 0 {
		b = wire.Text(b, "ttl", i.TTL.String())
		b = append(wire.Key(b, "own_ttl"), strconv.FormatBool(i.OwnTTL)...)
	}
	b = wire.Text(b, "precondition", i.Precondition)
	if i.Done {
		b = append(wire.Key(b, "already"), "true"...)
	}
	b = wire.Word(b, "phase", i.Phase.String())
	b = wire.Word(b, "needs", i.Needs.String())
	b = wire.Text(b, "mitigation", i.Mitigation)
	b = wire.Text(b, "countermeasure", i.Countermeasure)
	b = wire.Text(wire.Text(b, "under", i.Under), "confirmed", i.Confirmed)
	if len(i.Steps) > 0 {
		b = wire.Texts(b, "steps", i.Steps)
	}
	return append(b, '}')
}

// Errors of reading a plan.
var (
	ErrNoPlan  = errors.New("no plan of this program")
	ErrChanged = errors.New("the plan was changed after it was made: its digest does not hold")
)

// ReadPlan reads a document of kind plan, version 1, and refuses one whose digest does not hold, that uses what the catalogue does not
// have, or that gives an action another class or need than the catalogue.
func ReadPlan(doc []byte) (Plan, error) {
	var d struct {
		Kind       string
		Version    int
		ID, Digest string
		Case       string
		CaseDigest string `json:"case_digest"`
		Severity   string
		Purpose    Purpose
		Cites      []string
		Author     string
		Created    time.Time
		Expires    time.Time
		Actions    []struct {
			ID, Action   string
			Target       Target
			Driver, Why  string
			Cites        []string
			Class, Phase string
			Needs        string
			Inverse      *struct{ Action string }
			TTL          string
			OwnTTL       bool `json:"own_ttl"`
			Precondition string
			Already      bool
			Steps        []string

			Mitigation, Countermeasure string
			Under, Confirmed           string
		}
		Refused []struct {
			Action  string
			Target  Target
			Because string
		}
		Gaps []alert.Gap
	}
	if err := json.Unmarshal(doc, &d); err != nil || d.Kind != "plan" || d.Version != 1 {
		return Plan{}, ErrNoPlan
	}
	p := Plan{ID: d.ID, Digest: d.Digest, Case: d.Case, CaseDigest: d.CaseDigest, Severity: d.Severity, Purpose: d.Purpose, Cites: d.Cites, Author: d.Author, Created: d.Created.UTC(), Expires: d.Expires.UTC(), Gaps: d.Gaps}
	all := Catalogue()
	for _, a := range d.Actions {
		entry, ok := all[a.Action]
		if !ok {
			return Plan{}, fmt.Errorf("%w: the catalogue has no action %q", ErrNoPlan, a.Action)
		}
		i := Item{
			ID: a.ID, Action: a.Action, Target: a.Target, Driver: a.Driver, Why: a.Why, Cites: a.Cites, Class: entry.Class, Phase: entry.Phase, Needs: entry.Needs,
			OwnTTL: a.OwnTTL, Precondition: a.Precondition, Done: a.Already, Steps: a.Steps, Mitigation: a.Mitigation, Countermeasure: a.Countermeasure,
			Under: a.Under, Confirmed: a.Confirmed,
		}
		if a.Inverse != nil {
			i.Inverse = a.Inverse.Action
		}
		if a.Driver == "" {
			i.Class = Task
		}
		if a.TTL != "" {
			ttl, err := time.ParseDuration(a.TTL)
			if err != nil {
				return Plan{}, fmt.Errorf("%w: %s: time to live: %w", ErrNoPlan, a.ID, err)
			}
			i.TTL = ttl
		}
		p.Items = append(p.Items, i)
	}
	for _, r := range d.Refused {
		p.Refused = append(p.Refused, Refusal(r))
	}
	if !p.Holds() {
		return Plan{}, ErrChanged
	}
	return p, nil
}

// order sorts items by phase, what takes back least first, then by action and target, so that a plan does not depend on the order of
// its reasons.
func order(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), -cmp.Compare(a.Class, b.Class), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Target.Type, b.Target.Type), cmp.Compare(a.Target.Value, b.Target.Value))
	})
	for i := range items {
		items[i].ID = "a" + strconv.Itoa(i+1)
	}
}
