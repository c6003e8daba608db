package investigate

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// trail is what is followed for one case. All but its seeds and gaps is found anew in every round.
type trail struct {
	seeds       []*trace
	first, last time.Time
	gaps        lacks
	signIns     bool // the accounts of its alerts are followed where they sign in

	ties    map[int]tie    // traces that belong
	order   []int          // in which they were found
	stakes  map[int]*stake // processes that belong
	queue   []int          // of those, still to be looked at
	leads   map[string]*lead
	open    []*lead // still to be looked at
	servers map[int]bool
	fails   map[string]int // failed logons by address
	shelved map[string]int // what was left out, by what it is
	ways    map[string]int // connections to look for, by process
	own     map[int]*trace // records that its alerts were
}

func newTrail(k *Case, b Budget) *trail {
	t := &trail{}
	evidence := map[*trace]triage.Weight{}
	for _, m := range k.Members {
		doc := gjson.Parse(m.Document)
		s := seedOf(doc)
		t.seeds = append(t.seeds, s)
		evidence[s] = ownEvidence(doc)
		for _, at := range [...]time.Time{s.at, moment(doc.Get("group.first_time")), moment(doc.Get("group.last_time"))} {
			if at.IsZero() {
				continue
			}
			if t.first.IsZero() || at.Before(t.first) {
				t.first = at
			}
			if at.After(t.last) {
				t.last = at
			}
		}
	}
	for _, g := range choose(sceneOf(k)) {
		t.signIns = t.signIns || slices.Contains(g.Pivots, signIns)
	}
	t.dim(evidence)
	slices.SortStableFunc(t.seeds, (*trace).compare)
	if !t.first.IsZero() {
		t.first, t.last = t.first.Add(-b.Around), t.last.Add(b.Around)
	}
	return t
}

// speaking is the evidence of an alert, in milli-nats, from which on it is followed wherever it stands: odds of 9 to 2.
const speaking = triage.Weight(1500)

// ownEvidence is what speaks for an attack in a verdict itself: neither how common attacks are, nor what stood near it.
func ownEvidence(doc gjson.Result) triage.Weight {
	return triage.Weight(doc.Get("score").Int()-doc.Get("base").Int()) - borrowed(doc.Get("signals"))
}

// dim marks the alerts that are not followed. An alert with little evidence that stands in a case because of another is often what a service
// of the system does all day: what it leads to is not the intruder's.
func (t *trail) dim(evidence map[*trace]triage.Weight) {
	best := triage.Weight(0)
	for _, w := range evidence {
		best = max(best, w)
	}
	for s, w := range evidence {
		s.faint = w < min(best, speaking)
	}
}

func (t *trail) reset() {
	t.ties, t.order, t.stakes, t.queue = map[int]tie{}, nil, map[int]*stake{}, nil
	t.leads, t.open, t.servers = map[string]*lead{}, nil, map[int]bool{}
	t.fails, t.shelved, t.ways = map[string]int{}, map[string]int{}, map[string]int{}
}

func (t *trail) gap(reason string) {
	t.gaps.add(alert.Gap{Check: "logs", Class: alert.Partial, Reason: reason})
}

// within tells whether a time lies around the case.
func (t *trail) within(at time.Time) bool {
	return at.IsZero() || t.first.IsZero() || !at.Before(t.first) && !at.After(t.last)
}

// seedOf makes a trace of the alert in a verdict's document. It has what the document shows of the alert, no more.
func seedOf(doc gjson.Result) *trace {
	r := doc.Get("alert")
	a := &alert.Alert{
		ID: r.Get("id").Str, Format: r.Get("format").Str, Title: r.Get("title").Str, Time: moment(r.Get("time")),
		Digest: digestOf(r.Get("digest").Str), Input: alert.Place{Name: r.Get("input.name").Str, Line: r.Get("input.line").Int(), Offset: r.Get("input.offset").Int()},
	}
	if a.Time.IsZero() {
		a.Time = moment(doc.Get("group.first_time"))
	}
	put := func(s alert.Slot, r gjson.Result, trust alert.Trust) {
		if s != alert.NoSlot && len(a.Fields) < alert.MaxFields {
			a.Fields = append(a.Fields, alert.Field{Slot: s, Trust: trust, Path: alert.Path(r.Get("path").Str), Value: r.Get("value").Str})
		}
	}
	for _, e := range r.Get("entities").Array() {
		put(SlotOf(e.Get("role").Str, e.Get("type").Str), e, alert.Attacker)
	}
	for _, key := range r.Get("keys").Array() {
		for s := alert.SlotProcessKey; s.Key(); s++ {
			if s.String() == key.Get("type").Str {
				put(s, key, alert.Attacker)
			}
		}
	}
	for _, f := range [...]alert.Field{ // the name of a rule may be that of the log
		{Slot: alert.SlotEventCode, Value: r.Get("rule.id").Str},
		{Slot: alert.SlotRuleName, Value: r.Get("rule.name").Str},
		{Slot: alert.SlotProvider, Value: r.Get("rule.name").Str},
		{Slot: alert.SlotTitle, Value: r.Get("title").Str},
	} {
		if f.Value != "" {
			a.Fields = append(a.Fields, f)
		}
	}
	if code, _ := strconv.Atoi(r.Get("rule.id").Str); sysmon()[code] != generic && strings.HasPrefix(a.Format, "win") && slices.ContainsFunc(a.Fields, guided) {
		a.Fields = append(a.Fields, alert.Field{Slot: alert.SlotProvider, Value: "Microsoft-Windows-Sysmon"})
	}
	for _, id := range r.Get("techniques").Array() {
		a.Techniques = append(a.Techniques, id.Str)
	}
	t := traceOf(a)
	t.seed = true
	return t
}

// guided tells the keys that Sysmon alone gives to processes: the document of an alert does not name the log.
func guided(f alert.Field) bool {
	return (f.Slot == alert.SlotProcessKey || f.Slot == alert.SlotTargetProcessKey) && strings.HasPrefix(f.Value, "{")
}

// digestOf reads a digest as documents spell it; zero when it is none.
func digestOf(s string) (d alert.Digest) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, "sha256:"))
	if err == nil && len(b) == len(d) {
		copy(d[:], b)
	}
	return d
}

// SlotOf is the slot of an entity as documents name it. A process that is only related is the parent.
func SlotOf(role, typ string) alert.Slot {
	switch role + " " + typ {
	case "related process":
		return alert.SlotParent
	case "related process_command":
		return alert.SlotParentCommand
	case "source port":
		return alert.SlotSourcePort
	case "target port":
		return alert.SlotTargetPort
	}
	for r := alert.Related; r <= alert.Observer; r++ {
		if r.String() != role {
			continue
		}
		for t := alert.Host; t < alert.Port; t++ {
			if t.String() == typ {
				return alert.EntitySlot(r, t)
			}
		}
	}
	return alert.NoSlot
}
