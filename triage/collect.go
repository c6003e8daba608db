package triage

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// collector folds the members of a group into its evidence.
type collector struct {
	v       *Verdict
	ev      Evidence
	subject alert.Ref
	named   alert.Trust
	account string // cloud account or tenant
	best    Weight
	packed  []byte // the member with the most evidence
	last    []Signal
	ids     map[uint64]struct{}
	n       int
	times   int  // events that the members stand for
	copies  bool // what is kept of a member is copied
	firsts  *firsts
	at      int64    // when the group began
	new     []Signal // traits that are the first of their kind
	newKeys []uint64
}

func (c *collector) member(o *Observation) error {
	first := c.n == 0
	if first || !equalSignals(c.last, o.Signals) {
		signals := o.Signals
		if c.copies {
			signals = cloneSignals(signals)
		}
		c.ev.Signals = Merge(c.ev.Signals, signals, c.n)
		c.last = signals
	}
	if sum := total(o.Signals); first || sum > c.best {
		c.speak(o, sum)
	}
	c.times += o.Times
	c.allow(o.Allow)
	if first || o.Severity.Score > c.ev.Severity.Score {
		c.ev.Severity = alert.Severity{Score: o.Severity.Score, Vendor: strings.Clone(o.Severity.Vendor)}
	}
	c.ev.Critical = c.ev.Critical || o.Critical
	for _, g := range o.Gaps {
		if len(c.ev.Gaps) < 16 && !slices.Contains(c.ev.Gaps, g) {
			c.ev.Gaps = append(c.ev.Gaps, alert.Gap{Check: strings.Clone(g.Check), Source: strings.Clone(g.Source), Class: alert.GapClass(strings.Clone(string(g.Class))), Reason: strings.Clone(g.Reason)})
		}
	}
	c.setAside(o.Set)
	if c.firsts != nil {
		c.novel(o.Traits)
	}
	c.name(o.ID)
	c.n++
	return nil
}

// speak makes a member the one that stands for the group.
func (c *collector) speak(o *Observation, sum Weight) {
	v := c.v
	c.named, c.account, v.Raw, v.View = o.Named, o.Account, o.Raw, o.View
	c.best, c.packed, v.Vendor, v.Rule, v.Host, c.subject = sum, o.Packed, o.Severity, o.Rule, o.Host, o.Subject
	if c.copies {
		v.Raw, v.View = slices.Clone(v.Raw), slices.Clone(v.View)
		c.packed, v.Vendor.Vendor = slices.Clone(c.packed), strings.Clone(v.Vendor.Vendor)
		v.Rule, v.Host, c.account = strings.Clone(v.Rule), strings.Clone(v.Host), strings.Clone(c.account)
		c.subject = alert.Ref{Path: alert.Path(strings.Clone(string(o.Subject.Path))), Value: strings.Clone(o.Subject.Value)}
	}
}

// maxSetAside bounds what a verdict lists as set aside.
const maxSetAside = 16

func (c *collector) setAside(list []Suppressed) {
	for _, s := range list {
		if len(c.v.Suppressed) < maxSetAside && !slices.Contains(c.v.Suppressed, s) {
			c.v.Suppressed = append(c.v.Suppressed, Suppressed{Check: strings.Clone(s.Check), Sentence: strings.Clone(s.Sentence), By: strings.Clone(s.By)})
		}
	}
}

// novel notes the member's traits that the estate has not seen before.
func (c *collector) novel(list []Trait) {
	for i := range list {
		key, _ := list[i].keys()
		if len(c.new) == maxTraits || slices.Contains(c.newKeys, key) {
			continue
		}
		if quiet := c.firsts.silence(&list[i], c.at); quiet > 0 {
			c.newKeys = append(c.newKeys, key)
			s := list[i].signal(quiet)
			s.Receipts[0] = alert.Ref{Path: alert.Path(strings.Clone(string(s.Receipts[0].Path))), Value: strings.Clone(s.Receipts[0].Value)}
			c.new = append(c.new, s)
		}
	}
}

// allow keeps an allow rule only while every member is matched by the same.
func (c *collector) allow(a *Allowance) {
	switch {
	case c.n == 0 && a != nil:
		b := *a
		b.Rule, b.By, b.Until = strings.Clone(a.Rule), strings.Clone(a.By), strings.Clone(a.Until)
		c.ev.Allow = &b
	case a == nil || c.ev.Allow != nil && *a != *c.ev.Allow:
		c.ev.Allow = nil
	}
}

// name lists a member's id, each once.
func (c *collector) name(id string) {
	v := c.v
	if c.n == 0 {
		v.IDs = append(v.IDs, strings.Clone(id))
		return
	}
	if c.ids == nil {
		c.ids = map[uint64]struct{}{hash64(v.IDs[0]): {}}
	}
	h := hash64(id)
	if _, dup := c.ids[h]; dup {
		return
	}
	if len(c.ids) < 100*MaxIDs {
		c.ids[h] = struct{}{}
	}
	if len(v.IDs) < MaxIDs {
		v.IDs = append(v.IDs, strings.Clone(id))
	} else {
		v.More++
	}
}

func equalSignals(a, b []Signal) bool {
	return slices.EqualFunc(a, b, func(x, y Signal) bool {
		return x.Weight == y.Weight && x.Check == y.Check && x.Family == y.Family && x.Trust == y.Trust && x.Hard == y.Hard && x.Sentence == y.Sentence
	})
}

func cloneSignals(list []Signal) []Signal {
	out := make([]Signal, len(list))
	for i, s := range list {
		s.Check, s.Family, s.Sentence = strings.Clone(s.Check), Family(strings.Clone(string(s.Family))), strings.Clone(s.Sentence)
		refs := make([]alert.Ref, len(s.Receipts))
		for k, r := range s.Receipts {
			refs[k] = alert.Ref{Path: alert.Path(strings.Clone(string(r.Path))), Value: strings.Clone(r.Value), Source: strings.Clone(r.Source)}
		}
		s.Receipts = refs
		out[i] = s
	}
	return out
}
