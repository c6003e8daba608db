package learn

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-959697dd/soc/triage"
)

// learner is one call of Learn.
type learner struct {
	*Set
	Settings
	policy triage.Policy
	keys   []string   // the key of each kind
	faded  []float64  // what each group's decision still weighs
	sorted []uint32   // names in their order
	shape  [][]uint32 // the keys of each group's pattern, as indexes into extra
	extra  []string
	all    *counts
}

// counts are the decided groups by everything that is learned from. Arrays are indexed like their names.
type counts struct {
	all      triage.Record
	rules    map[uint32]triage.Record
	classes  map[uint32]triage.Record
	accounts map[string]triage.Record
	kinds    map[string]outcome
}

// outcome is how often a signal stood in attacks and in what was none.
type outcome struct{ attacks, harmless float64 }

// count adds up everything, and notes what is needed to take single groups out again.
func (l *learner) count() {
	l.keys = make([]string, len(l.kinds))
	for i, k := range l.kinds {
		l.keys[i] = (&triage.Signal{Check: k.check, Family: k.family, Weight: k.weight}).Key()
	}
	l.faded = make([]float64, len(l.groups))
	for i := range l.groups {
		age := max(0, l.Now.Unix()-l.groups[i].at)
		l.faded[i] = exactly(math.Exp2(-float64(age) / l.HalfLife.Seconds()))
	}
	l.sorted = make([]uint32, len(l.names))
	for i := range l.sorted {
		l.sorted[i] = uint32(i)
	}
	slices.SortFunc(l.sorted, func(a, b uint32) int { return cmp.Compare(l.names[a], l.names[b]) })
	l.patterns()
	l.all = newCounts()
	for i := range l.groups {
		l.add(l.all, i, 1)
	}
}

// exactly cuts a weight of at most 1 to 20 binary places: sums of up to 2^32 of them are exact, so that the order of the groups does not
// matter and what is taken out again leaves nothing behind.
func exactly(w float64) float64 { return math.Round(w*(1<<20)) / (1 << 20) }

// patterns finds the keys of every group's pattern, each spelled once.
func (l *learner) patterns() {
	at := map[string]uint32{}
	l.shape = make([][]uint32, len(l.groups))
	known := map[triage.Pattern][]uint32{}
	var list []triage.Signal
	for i := range l.groups {
		p := l.groups[i].pattern
		if keys, ok := known[p]; ok {
			l.shape[i] = keys
			continue
		}
		var keys []uint32
		list = p.Signals(list[:0])
		for k := range list {
			key := list[k].Key()
			n, ok := at[key]
			if !ok {
				n = uint32(len(l.extra))
				l.extra, at[key] = append(l.extra, key), n
			}
			keys = append(keys, n)
		}
		l.shape[i], known[p] = keys, keys
	}
}

func newCounts() *counts {
	return &counts{rules: map[uint32]triage.Record{}, classes: map[uint32]triage.Record{}, accounts: map[string]triage.Record{}, kinds: map[string]outcome{}}
}

// add counts group i; sign -1 of a group's own part.
func (l *learner) add(c *counts, i int, sign float64) {
	g := &l.groups[i]
	w := sign * l.faded[i]
	tally := func(r triage.Record) triage.Record {
		switch g.disposition {
		case triage.TruePositive:
			r.Attacks += w
		case triage.BenignPositive:
			r.Benign += w
		case triage.FalsePositive:
			r.False += w
		case triage.Undetermined:
		}
		r.Decided += int(sign)
		return r
	}
	c.all, c.rules[g.rule], c.classes[g.format] = tally(c.all), tally(c.rules[g.rule]), tally(c.classes[g.format])
	if g.pattern.Account != "" {
		k := g.pattern.Account
		c.accounts[k] = tally(c.accounts[k])
		k += " " + l.names[g.rule]
		c.accounts[k] = tally(c.accounts[k])
	}
	seen := func(key string) {
		o := c.kinds[key]
		if g.disposition == triage.TruePositive {
			o.attacks += w
		} else {
			o.harmless += w
		}
		c.kinds[key] = o
	}
	l.each(i, seen)
}

// each names the keys of a group's signals and pattern, each once.
func (l *learner) each(i int, yield func(string)) {
	list := l.lists[l.groups[i].from:l.groups[i].to]
next:
	for n, at := range list {
		for _, before := range list[:n] {
			if l.keys[before] == l.keys[at] {
				continue next
			}
		}
		yield(l.keys[at])
	}
	for _, at := range l.shape[i] {
		yield(l.extra[at])
	}
}

// keyStep is what triage.Signal.Key counts weights in, milli-nats.
const keyStep = 200

// stepped is the expert's weight as its key knows it: signals of one key learn one weight, whichever came first.
func stepped(w triage.Weight) triage.Weight {
	return keyStep * triage.Weight(math.Round(float64(w)/keyStep))
}

// base is the log odds of an attack. The rate that the policy assumes counts as much as fifty decisions, so that the first few do not
// overturn it.
func base(p *triage.Precedent) triage.Weight {
	return milli(math.Log((p.All.Attacks + prior*p.Rate) / (p.All.Harmless() + prior*(1-p.Rate))))
}

// prior is how many groups an expert's weight is worth.
const prior = 50

// model makes a precedent of counts, less those of other. What the file does not need is left to describe.
func (l *learner) model(c, less *counts) *triage.Precedent {
	if less == nil {
		less = newCounts()
	}
	p := &triage.Precedent{All: minus(c.all, less.all), Rules: map[string]triage.Record{}, Classes: map[string]triage.Record{}, Accounts: map[string]triage.Record{}, Weights: map[string]triage.Learned{}}
	attacks, harmless := p.All.Attacks, p.All.Harmless()
	p.Rate = l.policy.BaseRate
	p.Base = base(p)
	records := make([]triage.Record, 0, len(c.rules))
	for _, id := range l.sorted {
		name := l.names[id]
		if r, ok := c.rules[id]; ok {
			p.Rules[name] = minus(r, less.rules[id])
			records = append(records, p.Rules[name])
		}
		if r, ok := c.classes[id]; ok {
			p.Classes[name] = minus(r, less.classes[id])
		}
	}
	for k, r := range c.accounts {
		p.Accounts[k] = minus(r, less.accounts[k])
	}
	p.Strength = strength(records)
	weigh := func(key string, expert triage.Weight) {
		o := c.kinds[key]
		o.attacks, o.harmless = round(o.attacks-less.kinds[key].attacks), round(o.harmless-less.kinds[key].harmless) // as the file has them
		seen := math.Log((o.attacks+1)/(attacks+2)) - math.Log((o.harmless+1)/(harmless+2))
		n := o.attacks + o.harmless
		p.Weights[key] = triage.Learned{Attacks: o.attacks, Harmless: o.harmless, Weight: milli((prior*float64(expert)/1000 + n*seen) / (prior + n))}
	}
	for i, key := range l.keys {
		weigh(key, stepped(l.kinds[i].weight))
	}
	for _, key := range l.extra {
		weigh(key, 0)
	}
	return p
}

func minus(a, b triage.Record) triage.Record {
	return triage.Record{Attacks: round(a.Attacks - b.Attacks), Benign: round(a.Benign - b.Benign), False: round(a.False - b.False), Decided: a.Decided - b.Decided}
}

// round keeps a count short in the file; what is left of a sum that cancels out is none.
func round(f float64) float64 { return max(0, math.Round(f*1000)/1000) }

func milli(nats float64) triage.Weight { return triage.Weight(math.Round(1000 * nats)) }

// Bounds of the strength, and what it is while there is too little to tell.
const (
	leastStrength   = 0.5
	mostStrength    = 50
	unknownStrength = 8
)

// strength is m of the beta-binomial prior of detectors, by the method of moments: how many decisions of its own outweigh what is
// known of detectors in general. Source: J. C. Kleinman, "Proportions with extraneous variance", JASA 68 (1973).
func strength(records []triage.Record) float64 {
	var w, attacks float64
	rules := 0
	for _, r := range records {
		if n := r.Attacks + r.Harmless(); n >= 1 {
			w, attacks, rules = w+n, attacks+r.Attacks, rules+1
		}
	}
	if rules < 10 || attacks < 5 || attacks > w-5 {
		return unknownStrength
	}
	p := attacks / w
	var s, one, all float64
	for _, r := range records {
		if n := r.Attacks + r.Harmless(); n >= 1 {
			d := r.Attacks/n - p
			s, one, all = s+n*d*d, one+1-n/w, all+n*(1-n/w)
		}
	}
	g := (s - p*(1-p)*one) / (p * (1 - p) * (all - one))
	if g <= 0 || math.IsNaN(g) {
		return mostStrength
	}
	return round(min(mostStrength, max(leastStrength, 1/g-1)))
}
