package learn

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Fact is a value that alerts of a pattern have in common. Path is where it stands in the alert as its product sends it; it is
// empty when the text there is not the value itself, so that no comparison with the field would find it.
type Fact struct {
	Slot  alert.Slot
	Trust alert.Trust
	Path  alert.Path
	Value string
}

// Suggestion is a pattern of noise: alerts of one detection that share some values, whose groups turned out harmless.
type Suggestion struct {
	Name   string // the same in every run
	Format string
	Title  string // what the product calls the detection, to be shown: no draft holds it
	Rule   Fact   // what names the detection
	Facts  []Fact // one to three, all of them observed by a sensor or known to the estate
	Tally
	Share float64 // of all alerts
	// What it would have hidden that was an attack: ids of alerts, at most MaxHidden of them.
	Hidden []string
	More   int // hidden alerts of attacks whose ids are left out
}

// Tally is the record of a pattern. Byte-identical copies of an alert count once.
type Tally struct {
	Alerts, Groups    int
	Harmless, Attacks int // groups by what was decided; of the others nothing is known
	First, Last       time.Time
}

// Undecided is how many groups nobody has decided.
func (t *Tally) Undecided() int { return t.Groups - t.Harmless - t.Attacks }

// HiddenAlerts is how many alerts of attacks the suggestion would have hidden.
func (s *Suggestion) HiddenAlerts() int { return len(s.Hidden) + s.More }

const (
	// MaxHidden bounds the ids of hidden attacks within one suggestion.
	MaxHidden = 100
	// LeastNoise is how many groups of a pattern must have been decided harmless before something is suggested.
	LeastNoise = 3
	// maxFact bounds a value in bytes: a longer one names nothing that comes back.
	maxFact = 256
	// maxFacts bounds the values of one suggestion: a rule that names more is read by nobody.
	maxFacts = 3
	// maxKept bounds the values that are kept of an alert that was no attack: those known for longest. Mining takes the square of it.
	maxKept = 64
)

// Patterns collects groups and finds the noise among them. The zero value is empty. Not safe for concurrent use.
type Patterns struct {
	facts     []Fact
	factOf    map[factKey]uint32
	detectors map[string]*detector // by format and detection, folded
	alerts    int
	group     group
}

// factKey tells values apart as most query languages do: without regard to case.
type factKey struct {
	slot   alert.Slot
	folded string
}

// detector is what is known of one detection.
type detector struct {
	format string
	title  string
	rule   Fact // the zero value until a trustworthy field has named it
	rows   []row
	groups uint32
}

// row is the alerts of one group that share all their facts.
type row struct {
	group       uint32 // of the detector
	kind        kindOfRow
	alerts      int
	facts       []uint32 // sorted
	first, last time.Time
	ids         []string // only of attacks
}

type kindOfRow uint8

const (
	undecidedRow kindOfRow = iota
	harmlessRow
	attackRow
)

// group is the one that alerts are added to.
type group struct {
	at          uint32
	kind        kindOfRow
	first, last time.Time
	of          *detector
	rows        map[string]int // by their facts
	key         []byte
	facts       []uint32
}

// Begin begins a group of the detection (Verdict.Rule), as it was decided; Undetermined stands for undecided too.
func (p *Patterns) Begin(rule string, d triage.Disposition, first, last time.Time) {
	if p.factOf == nil {
		p.factOf, p.detectors, p.group.rows = map[factKey]uint32{}, map[string]*detector{}, map[string]int{}
	}
	folded := strings.ToLower(rule)
	of := p.detectors[folded]
	if of == nil {
		of = &detector{}
		p.detectors[strings.Clone(folded)] = of
	}
	g := &p.group
	g.of, g.at, g.first, g.last = of, of.groups, first, last
	of.groups++
	clear(g.rows)
	switch d {
	case triage.TruePositive:
		g.kind = attackRow
	case triage.BenignPositive, triage.FalsePositive:
		g.kind = harmlessRow
	case triage.Undetermined:
		g.kind = undecidedRow
	}
}

// Add adds an alert to the group that was begun last. rule is what names its detection. Of an attack every value counts, whoever could
// have chosen it: what a query would hide does not ask for trust. It keeps no text of a.
func (p *Patterns) Add(a *alert.Alert, rule Fact) {
	g := &p.group
	p.alerts++
	if g.kind != attackRow && rule.Trust < alert.Sensor {
		return
	}
	if rule.Trust >= alert.Sensor && g.of.rule.Value == "" {
		g.of.format, g.of.title, g.of.rule = strings.Clone(a.Format), strings.Clone(cmp.Or(a.Rule.Name, a.Title)), rule.clone()
	}
	g.facts = g.facts[:0]
	for i := range a.Fields {
		if f := &a.Fields[i]; Telling(f) && (g.kind == attackRow || f.Trust >= alert.Sensor) {
			g.facts = append(g.facts, p.fact(f))
		}
	}
	slices.Sort(g.facts)
	if g.facts = slices.Compact(g.facts); g.kind != attackRow {
		g.facts = g.facts[:min(maxKept, len(g.facts))]
	}
	g.key = g.key[:0]
	for _, f := range g.facts {
		g.key = binary.LittleEndian.AppendUint32(g.key, f)
	}
	at, ok := g.rows[string(g.key)]
	if !ok {
		at = len(g.of.rows)
		g.rows[string(g.key)] = at
		g.of.rows = append(g.of.rows, row{group: g.at, kind: g.kind, facts: slices.Clone(g.facts), first: g.first, last: g.last})
	}
	r := &g.of.rows[at]
	r.alerts++
	if g.kind == attackRow && len(r.ids) < MaxHidden {
		r.ids = append(r.ids, strings.Clone(a.ID))
	}
}

// Telling tells whether a field can make a pattern: something that comes back, and not the sensor or a port, which tell too little.
func Telling(f *alert.Field) bool {
	role, typ := f.Slot.Entity()
	return typ != alert.NoEntity && typ != alert.Port && role != alert.Observer && f.Value != "" && len(f.Value) <= maxFact
}

// fact returns the number of a value. Its spelling and its place are those of the first field of trust that had it.
func (p *Patterns) fact(f *alert.Field) uint32 {
	key := factKey{f.Slot, strings.ToLower(f.Value)}
	at, ok := p.factOf[key]
	if !ok {
		at = uint32(len(p.facts))
		key.folded = strings.Clone(key.folded)
		p.factOf[key] = at
		p.facts = append(p.facts, Fact{Slot: f.Slot})
	}
	known := &p.facts[at]
	if f.Trust >= alert.Sensor && (known.Value == "" || known.Path == "" && f.Path != "") {
		*known = Fact{f.Slot, f.Trust, f.Path, f.Value}.clone()
	}
	return at
}

func (f Fact) clone() Fact {
	f.Path, f.Value = alert.Path(strings.Clone(string(f.Path))), strings.Clone(f.Value)
	return f
}

// nameOf is the name of a suggestion: a digest of what it matches, so that text of an alert makes no file name.
func nameOf(s *Suggestion) string {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%q %q", s.Format, strings.ToLower(s.Rule.Value)) // never fails
	for _, f := range s.Facts {
		_, _ = fmt.Fprintf(sum, " %s=%q", f.Slot, strings.ToLower(f.Value))
	}
	return "suggest-" + hex.EncodeToString(sum.Sum(nil)[:6])
}
