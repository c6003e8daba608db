package respond

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Want is an action that a case, a playbook or a person asks for. Nothing obliges a plan to have it.
type Want struct {
	Action string
	Target Target
	Why    string
	Cites  []string
	// Confirmed says what makes the threat certain beyond the case's own score: threat intelligence, or a person. Nothing that an
	// attacker writes may set it.
	Confirmed string
	Steps     []string // of a ManualStep: what is to be done, in the words of who asks
}

// Situation is what a plan is made of.
type Situation struct {
	Case       string
	CaseDigest string
	Severity   string   // of the case
	Alerts     []string // ids of the alerts, which the plan cites
	Wants      []Want
}

// Hand is a driver's offer: which action it does, and what the target's state was.
type Hand struct {
	Driver string
	OwnTTL bool          // the target itself takes the action back when its time is over
	TTL    time.Duration // 0: the catalogue's
	State  State         // of the target, as probed for this plan
	Under  string        // digest of what proposes and does it, see Item
	Err    error         // why the state is unknown; the action is then refused
}

// Settings are what the estate allows. The zero value is strict.
type Settings struct {
	Author  string
	Purpose Purpose
	// Level is how far the rung of an action has come; nil: everything may be recommended.
	Level   func(Rung) Level
	Now     time.Time
	Valid   time.Duration // how long a plan may wait for its approval; 0: 24 h
	Guard   Guard
	Limits  Limits
	Estate  Estate
	Windows []Window // maintenance
	// Hands finds the driver for an action on a target and probes it. Nil, or no answer: a person does it.
	Hands func(action string, t Target) (Hand, bool)
	Gaps  []alert.Gap // what whoever asks could not find out: they stand in the plan
}

// Window is a time of planned work on some targets: what happens there then may be that work.
type Window struct {
	From, To time.Time
	Covers   func(Target) bool
	Name     string
}

// worked says that work is planned on a target now; empty when none is.
func worked(list []Window, now time.Time, t Target) string {
	for i := range list {
		if m := &list[i]; !now.Before(m.From) && now.Before(m.To) && m.Covers(t) {
			return "planned work (" + m.Name + ") until " + m.To.UTC().Format(time.RFC3339) + ": what was seen may be that work"
		}
	}
	return ""
}

// Propose makes a plan. It is pure but for Settings.Hands, which reads states and changes nothing. Everything that was asked for is in
// the plan or refused with the reason.
func Propose(s Situation, set Settings) Plan {
	if set.Valid == 0 {
		set.Valid = 24 * time.Hour
	}
	p := Plan{Case: s.Case, CaseDigest: s.CaseDigest, Severity: s.Severity, Purpose: set.Purpose, Cites: slices.Clone(s.Alerts), Author: set.Author, Created: set.Now.UTC(), Expires: set.Now.Add(set.Valid).UTC(), Gaps: slices.Clone(set.Gaps)}
	d := draft{plan: &p, set: &set, all: Catalogue(), met: map[string]int{}}
	for _, w := range s.Wants {
		d.want(w)
	}
	order(p.Items)
	d.limit()
	order(p.Items)
	slices.SortStableFunc(p.Refused, func(a, b Refusal) int {
		return strings.Compare(a.Action+" "+string(a.Target.Type)+" "+a.Target.Value, b.Action+" "+string(b.Target.Type)+" "+b.Target.Value)
	})
	return p.seal()
}

type draft struct {
	plan *Plan
	set  *Settings
	all  map[string]Action
	met  map[string]int // an item, by action and target
}

func (d *draft) refuse(w Want, because string) {
	r := Refusal{Action: w.Action, Target: w.Target, Because: because}
	if strings.TrimSpace(w.Target.Value) == "" {
		r.Target = Target{}
	}
	if !slices.Contains(d.plan.Refused, r) {
		d.plan.Refused = append(d.plan.Refused, r)
	}
}

func (d *draft) want(w Want) {
	entry, ok := d.all[w.Action]
	if !ok {
		d.refuse(w, "the catalogue has no such action")
		return
	}
	t, err := w.Target.Tidy()
	if err != nil {
		d.refuse(w, err.Error())
		return
	}
	w.Target = t
	if !slices.Contains(entry.Targets, t.Type) {
		d.refuse(w, fmt.Sprintf("%s is not done to a %s", entry.Name, t.Type))
		return
	}
	key := w.Action + "\x00" + string(t.Type) + "\x00" + strings.ToLower(t.Value)
	if w.Action == ManualStep {
		key += "\x00" + w.Why + "\x00" + strings.Join(w.Steps, "\x00")
	}
	if at, met := d.met[key]; met {
		i := &d.plan.Items[at]
		for _, c := range w.Cites {
			if !slices.Contains(i.Cites, c) {
				i.Cites = append(i.Cites, c)
			}
		}
		i.Confirmed = cmp.Or(i.Confirmed, w.Confirmed)
		return
	}
	if r := (Rung{w.Action, d.plan.Severity}); d.set.Level != nil && d.set.Level(r) == Observe {
		d.refuse(w, "level 0: "+r.String()+" is only observed")
		return
	}
	if why := d.set.Guard.Refuses(t, d.set.Estate); why != "" {
		d.refuse(w, why)
		return
	}
	if why := worked(d.set.Windows, d.set.Now, t); why != "" {
		d.refuse(w, why)
		return
	}
	item, because := d.item(&entry, w)
	if because != "" {
		d.refuse(w, because)
		return
	}
	d.met[key] = len(d.plan.Items)
	d.plan.Items = append(d.plan.Items, item)
}

// item fills an action out, by a driver where there is one and by a person where there is none.
func (d *draft) item(entry *Action, w Want) (item Item, because string) {
	item = Item{
		Action: entry.Name, Target: w.Target, Why: w.Why, Cites: slices.Clone(w.Cites), Class: entry.Class, Phase: entry.Phase, Needs: entry.Needs,
		Inverse: entry.Inverse, TTL: entry.TTL, Steps: entry.Steps,
		Mitigation: entry.Mitigation, Countermeasure: entry.Countermeasure, Confirmed: w.Confirmed,
	}
	if entry.Name == ManualStep && len(w.Steps) > 0 {
		item.Steps = slices.Clone(w.Steps)
	}
	if entry.Class == Task {
		return item, ""
	}
	var hand Hand
	ok := false
	if d.set.Hands != nil {
		hand, ok = d.set.Hands(entry.Name, w.Target)
	}
	if !ok {
		item.Class, item.Inverse, item.TTL = Task, "", 0
		item.Steps = []string{"no driver is configured for " + entry.Name + ": do it by hand", "note how to take it back", "see that it took effect"}
		d.gap("no driver is configured for " + entry.Name)
		return item, ""
	}
	var refusal RefusalError
	if errors.As(hand.Err, &refusal) {
		return item, hand.Driver + ": " + string(refusal)
	}
	if hand.Err != nil {
		return item, fmt.Sprintf("the state of the target is unknown: %s: %v", hand.Driver, hand.Err)
	}
	item.Driver, item.OwnTTL, item.Precondition, item.Done, item.Under = hand.Driver, hand.OwnTTL, hand.State.Digest(), hand.State.Done, hand.Under
	if hand.TTL > 0 {
		item.TTL = hand.TTL
	}
	return item, ""
}

func (d *draft) gap(reason string) {
	g := alert.Gap{Source: "drivers", Class: alert.Unconfigured, Reason: reason}
	if !slices.Contains(d.plan.Gaps, g) {
		d.plan.Gaps = append(d.plan.Gaps, g)
	}
}
