package investigate

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// close tells whether a time lies near one of the lead's.
func (l *lead) close(at time.Time, within time.Duration) bool {
	return slices.ContainsFunc(l.times, func(o time.Time) bool { return near(o, at, within) })
}

// arrived takes in a logon over a connection of the case, and follows its session and what was installed for it.
func (f *follower) arrived(l *lead, i int, t *trace) {
	if t.host == l.host || !l.close(t.at.Add(-f.ahead(t.a.Input.Name, l.source)), sameLogon) || !f.join(i, l.by(), "a logon "+l.why, l.hop) {
		return
	}
	f.signedIn(l, i, t)
	f.made(t, "a logon from a machine of the case", l.hop)
}

// made follows the services and tasks that were made at the time of a logon: their records may name no session.
func (f *follower) made(t *trace, why string, hop int) {
	m := &lead{fact: fact("made", t.host, ""), why: "made on " + t.host + " at the time of " + why, hop: hop + 1, at: t.at, times: []time.Time{t.at}, host: t.host}
	for _, code := range [...]string{"7045", "4697", "4698", "4702"} {
		m.terms = append(m.terms, Term{Kind: "event.code", Value: code, Host: t.host})
	}
	f.want(m)
}

// madeThere takes in the services and tasks that were made at the time of an arrival.
func (f *follower) madeThere(l *lead, i int, t *trace) {
	if l.close(t.at, sameLogon) && f.join(i, l.by(), "a "+t.kind.noun()+" "+l.why, l.hop) {
		f.learn(i, l.hop)
	}
}

// signedIn follows the session that a logon from an address of the case began.
func (f *follower) signedIn(l *lead, i int, t *trace) {
	why := fmt.Sprintf("the session that a logon %s began", l.why)
	for _, s := range t.values(alert.SlotTargetSession, foldSession) {
		f.session(s, t, why, l.hop)
	}
	if t.a.First(alert.SlotTargetSession) != nil {
		return
	}
	for _, s := range t.values(alert.SlotSession, foldSession) {
		f.session(s, t, why, l.hop)
	}
	for _, s := range t.values(alert.SlotCredential, asIs) {
		f.credential(s, "the token of a logon "+l.why, l.hop, t)
	}
	if t.actorNode >= 0 && (t.actor.image == "" || t.common == "sshd") { // a daemon that has a process for each session
		f.stakeOut(t.actorNode, stake{why: "which holds the session of a logon " + l.why, hop: l.hop, from: t.at})
	}
}

// shortest is the length of a value from which on it can be searched for as it is.
const shortest = 4

func (f *follower) session(id string, t *trace, why string, hop int) {
	f.want(sessionLead(id, t, why, hop))
}

func sessionLead(id string, t *trace, why string, hop int) *lead {
	value := id
	if len(id) < shortest {
		value = "ses=" + id // as the audit daemon writes it: a number so short stands everywhere
	}
	return &lead{fact: fact("session", id, t.host), terms: []Term{{Kind: "session", Value: value, Host: t.host}}, why: why, hop: hop + 1, at: t.at, host: t.host}
}

// sameSession takes in what was done in a session.
func (f *follower) sameSession(l *lead, i int, t *trace) {
	if !l.at.IsZero() && !t.at.IsZero() && t.at.Before(l.at.Add(-slack)) && t.host != "" {
		return
	}
	if !f.join(i, l.by(), l.why, l.hop) {
		return
	}
	if t.kind == start && t.actorNode >= 0 {
		f.stakeOut(t.actorNode, stake{why: "started in " + l.why, hop: l.hop})
	}
	if t.kind == call {
		f.calls(i, t, l)
	}
}

// sameUser takes in what an account did that the intruder made.
func (f *follower) sameUser(l *lead, i int, t *trace) {
	if l.logons {
		f.signIn(l, i, t)
		return
	}
	for _, u := range t.values(alert.EntitySlot(alert.Actor, alert.User), foldUser) {
		if u == l.value() && (l.at.IsZero() || t.at.IsZero() || !t.at.Before(l.at)) && f.join(i, l.by(), l.why, l.hop) {
			f.calls(i, t, l)
		}
	}
}

// signIn takes in where an account signs in from outside of the machine, around the alert.
func (f *follower) signIn(l *lead, i int, t *trace) {
	if t.kind != logon && t.kind != failed || !near(l.at, t.at, served) || !t.source.addr.IsValid() {
		return
	}
	if f.ways["logons "+l.why]++; f.ways["logons "+l.why] > maxFailures {
		f.shelved["logons "+l.why]++
		return
	}
	word := "a logon "
	if t.kind == failed {
		word = "a failed logon "
	}
	f.join(i, l.by(), word+l.why, l.hop)
}
