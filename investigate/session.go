package investigate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Of the session that a process of the case ran in, the deeds belong to the case, and its beginning, rights and end where nobody sat at the machine.
// What else was done in it may be a person's day.
const (
	maxDeeds  = 40                  // of one session
	deedCost  = triage.Weight(1000) // evidence of its own from which on the start of a program is a deed
	sameSpell = 2 * time.Hour       // between a process of the case and a program that was started in its session
)

// around follows the session in which a record of the case was made. Those of clouds are followed whole.
func (f *follower) around(t *trace, why string, hop int) {
	if t.host == "" {
		return
	}
	for _, id := range t.values(alert.SlotSession, foldSession) {
		l := sessionLead(id, t, "the session of "+why, hop)
		l.deeds, l.times = true, []time.Time{t.at}
		f.want(l)
	}
}

// sessionDeeds takes in what belongs of a session that is not the intruder's alone.
func (f *follower) sessionDeeds(l *lead) {
	var deeds, orphans []int
	came := f.cameFrom(l)
	for _, i := range f.index[l.fact] {
		t := f.traces[i]
		if !f.within(t.at) {
			continue
		}
		switch {
		case came && l.begins(t):
			if f.join(i, l.by(), "the beginning of "+l.why, l.hop) && t.source.addr.IsValid() {
				f.whence(t, l)
			}
		case came && t.is(logoff):
			f.join(i, l.by(), "the end of "+l.why, l.hop)
		case came && t.a.Text(alert.SlotEventCode) == "4672":
			f.join(i, l.by(), "the rights of "+l.why, l.hop)
		case t.orphan() && l.close(t.at, sameDeed):
			orphans = append(orphans, i)
		case t.is(service, task, account), t.is(start) && l.close(t.at, sameSpell) && f.evidence(t) >= deedCost:
			deeds = append(deeds, i)
		}
	}
	f.adopt(l, orphans)
	slices.SortStableFunc(deeds, func(a, b int) int { return f.compareDeeds(f.traces[a], f.traces[b]) })
	for n, i := range deeds {
		if n == maxDeeds {
			f.shelved["deeds in "+l.why] += len(deeds) - n
			break
		}
		if t := f.traces[i]; f.join(i, l.by(), "a deed in "+l.why, l.hop) {
			f.learn(i, l.hop)
			if t.kind == start && stationed(t.actor.image) == tool {
				f.stakeOut(t.actorNode, stake{why: "started in " + l.why, hop: l.hop})
			}
		}
	}
}

// adopt takes in programs of which nobody knows who started them, next to one of the case in its session.
func (f *follower) adopt(l *lead, orphans []int) {
	for n, i := range orphans {
		if n == maxDeeds {
			f.shelved["programs without a parent in "+l.why] += len(orphans) - n
			return
		}
		if f.join(i, l.by(), "started by nobody whom the logs know, within half a minute of a process of the case in "+l.why, l.hop) {
			f.stakeOut(f.traces[i].actorNode, stake{why: "started in " + l.why, hop: l.hop})
		}
	}
}

// orphan tells the start of a program on Unix of which the log does not know who started it: a shell forks without a record, and what the fork runs
// names a parent that never was started. Source: Sysmon for Linux, which writes a ProcessGuid of zeros there.
func (t *trace) orphan() bool {
	return t.is(start) && strings.HasPrefix(t.actor.image, "/") && t.actor.key != "" && t.parent.key == "" && known(t.parent.image) == "" && stationed(t.actor.image) == tool
}

// whence follows where a session came from, and what was installed for it.
func (f *follower) whence(t *trace, l *lead) {
	f.made(t, "the beginning of "+l.why, l.hop)
	if a := t.source.addr; outside(a) {
		f.address(&lead{fact: fact("ip", a.String(), ""), why: "from " + a.String() + ", where " + l.why + " came from", hop: l.hop + 1, at: t.at, host: t.host, hostile: true}, a)
	}
}

// begins tells the logon that began the session.
func (l *lead) begins(t *trace) bool {
	return t.is(logon) && slices.Contains(t.values(alert.SlotTargetSession, foldSession), l.value())
}

// cameFrom tells whether the logs show how a session began, and that nobody sat at the machine: such a one is its user's day, and began long before.
// Source: Microsoft, logon types of event 4624: 2 interactive, 7 unlock, 11 and 13 the same with cached credentials.
func (f *follower) cameFrom(l *lead) bool {
	for _, i := range f.index[l.fact] {
		if l.begins(f.traces[i]) {
			switch f.traces[i].a.Text(alert.SlotLogonType) {
			case "2", "7", "11", "13":
				return false
			}
			return true
		}
	}
	return false
}

// compareDeeds puts first what is made to stay, then what has the most evidence.
func (f *follower) compareDeeds(a, b *trace) int {
	last := func(t *trace) int {
		if t.kind == start {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(f.evidence(b), f.evidence(a)))
}

// evidence is what the checks find in a record.
func (f *follower) evidence(t *trace) triage.Weight {
	if !t.judged {
		var e Event
		f.reader.read(&e, t)
		t.evidence, t.judged = e.Evidence, true
	}
	return t.evidence
}
