package cmd

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seed-959697dd/soc/triage"
)

// former is what a rescoring keeps of the old verdicts while their alerts are triaged anew: some 100 bytes for each and 16 for each alert.
// It is filled from one goroutine, sealed, and then read by many. A nil one holds nothing.
type former struct {
	r        *rescoring
	seed     maphash.Seed
	names    names
	outcomes []outcome
	terms    []weighed // of all outcomes, one after the other
	alerts   []held    // sorted by hash once sealed
	seen     []uint32
	answers  map[uint32]answersThen
}

// outcome is one old verdict.
type outcome struct {
	id          uint64
	probability float64
	terms       uint32 // where its terms begin
	count       uint16 // of its terms
	score       triage.Weight
	more        uint32 // alerts whose ids are not known
	disposition triage.Disposition
	route       triage.Route
	severity    triage.Severity
	would, same bool // would close; made under the settings of today
}

type weighed struct {
	name   uint32
	weight triage.Weight
}

// held is an alert of an old verdict, by the hash of its id.
type held struct {
	hash    uint64
	outcome uint32
}

// old is a verdict, or more alerts of one, on its way from the workers.
type old struct {
	outcome
	members bool // only further alerts
	terms   []weighed
	alerts  []uint64
	answers *answersThen
}

// names gives texts numbers. It is safe for concurrent use.
type names struct {
	mu     sync.RWMutex
	number map[[2]string]uint32
	text   []string
}

func (n *names) of(check, family string) uint32 {
	n.mu.RLock()
	i, ok := n.number[[2]string{check, family}]
	n.mu.RUnlock()
	if ok {
		return i
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, ok = n.number[[2]string{check, family}]; ok {
		return i
	}
	i = uint32(len(n.text))
	n.number[[2]string{strings.Clone(check), strings.Clone(family)}] = i
	text := triage.BaseTerm
	if check != "" {
		text = check + "/" + family
	}
	n.text = append(n.text, text)
	return i
}

func newFormer(r *rescoring) *former {
	return &former{r: r, seed: maphash.MakeSeed(), names: names{number: map[[2]string]uint32{}}, answers: map[uint32]answersThen{}}
}

// read takes what is kept of a verdict.
func (f *former) read(p *triage.Past, res *rescored) error {
	id, err := number(p.ID)
	if err != nil {
		return err
	}
	t := &p.Then
	o := old{outcome: outcome{
		id: id, probability: t.Probability, score: t.Score, more: uint32(max(0, p.More)), disposition: t.Disposition, route: t.Route,
		severity: t.Severity, would: t.WouldClose, same: f.r.sameSettings(p),
	}}
	o.terms = append(o.terms, weighed{f.names.of("", ""), t.Base})
	for i := range t.Signals[:min(len(t.Signals), 1<<15)] {
		s := &t.Signals[i]
		o.terms = append(o.terms, weighed{f.names.of(s.Check, string(s.Family)), s.Term})
	}
	f.hashes(&o, p.AlertIDs)
	o.answers = answersOf(&p.Evidence)
	res.olds = append(res.olds, o)
	return nil
}

// readMembers takes further alerts of a verdict that stands before.
func (f *former) readMembers(doc string, res *rescored) error {
	verdict, ids, err := triage.ReadMembers(doc)
	if err != nil {
		return err
	}
	o := old{members: true}
	if o.id, err = number(verdict); err != nil {
		return err
	}
	f.hashes(&o, ids)
	res.olds = append(res.olds, o)
	return nil
}

func (f *former) hashes(o *old, ids []string) {
	for _, id := range ids {
		o.alerts = append(o.alerts, maphash.String(f.seed, id))
	}
}

// number is a verdict's id as a number.
func number(id string) (uint64, error) {
	hex, ok := strings.CutPrefix(id, "v-")
	n, err := strconv.ParseUint(hex, 16, 64)
	if !ok || err != nil || len(hex) != 16 {
		return 0, fmt.Errorf("verdict %q: no id of this program", id)
	}
	return n, nil
}

// add keeps a verdict, in the order of the input. Members follow their verdict.
func (f *former) add(o *old) {
	last := len(f.outcomes) - 1
	if o.members {
		if last < 0 || f.outcomes[last].id != o.id {
			return // of a verdict that was not taken
		}
		f.outcomes[last].more -= min(f.outcomes[last].more, uint32(len(o.alerts)))
	} else {
		o.outcome.terms, o.count = uint32(len(f.terms)), uint16(len(o.terms))
		f.terms = append(f.terms, o.terms...)
		last++
		f.outcomes = append(f.outcomes, o.outcome)
	}
	for _, h := range o.alerts {
		f.alerts = append(f.alerts, held{h, uint32(last)})
	}
	if o.answers != nil {
		f.answers[uint32(last)] = *o.answers
	}
}

// seal makes the alerts ready to be found.
func (f *former) seal() {
	slices.SortFunc(f.alerts, func(a, b held) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.outcome, b.outcome)) })
	f.seen = make([]uint32, len(f.alerts)/32+1)
}

// find finds the old verdict that holds an alert, and notes that it is there. Ids need not be unique in an export: of several verdicts it is
// the one that the new one repeats, whose id is the same, else the gravest.
func (f *former) find(alert string, repeats uint64) (outcome uint32, found bool) {
	hash := maphash.String(f.seed, alert)
	i, _ := slices.BinarySearchFunc(f.alerts, hash, func(h held, hash uint64) int { return cmp.Compare(h.hash, hash) })
	for ; i < len(f.alerts) && f.alerts[i].hash == hash; i++ {
		atomic.OrUint32(&f.seen[i/32], 1<<(i%32))
		at := f.alerts[i].outcome
		o, best := &f.outcomes[at], &f.outcomes[outcome]
		if !found || best.id != repeats && (o.id == repeats || o.graver(best)) {
			outcome, found = at, true
		}
	}
	return outcome, found
}

// vanished counts the alerts that nothing asked for, and names the verdict of the first.
func (f *former) vanished() (n int64, verdict string) {
	for i := range f.alerts {
		if f.seen[i/32]&(1<<(i%32)) == 0 {
			if n++; n == 1 {
				verdict = f.outcomes[f.alerts[i].outcome].name()
			}
		}
	}
	return n, verdict
}

func (o *outcome) name() string { return fmt.Sprintf("v-%016x", o.id) }

// graver tells whether o is the graver outcome: by route, then by score.
func (o *outcome) graver(than *outcome) bool {
	rank := func(o *outcome) int {
		switch {
		case o.route == triage.Escalate:
			return 3
		case o.route == triage.Closed:
			return 0
		case o.would:
			return 1
		}
		return 2
	}
	if a, b := rank(o), rank(than); a != b {
		return a > b
	}
	return o.score > than.score
}

// numberOf is number of an id that this run has made.
func numberOf(id string) uint64 {
	n, _ := number(id)
	return n
}
