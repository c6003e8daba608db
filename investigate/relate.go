package investigate

import (
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// lead takes in the records that have a value that is followed, where the two belong together.
func (f *follower) lead(l *lead) {
	if f.common(l) {
		if n := f.counts[l.fact]; n > int64(f.budget.PerTerm) {
			f.shelved[fmt.Sprintf("records with %s %s, which is common here and was not followed", l.kind(), l.value())] += int(n)
		} else {
			f.shelved[fmt.Sprintf("records with %s %s, which too many machines have: it was not followed", l.kind(), l.value())] += len(f.index[l.fact])
		}
		return
	}
	if l.deeds {
		f.sessionDeeds(l)
		return
	}
	if len(l.users) > 0 {
		f.sisters(l)
	}
	relate := f.relation(l.kind())
	if relate == nil {
		return
	}
	for _, i := range f.index[l.fact] {
		t := f.traces[i]
		if l.kind() != "request" && !f.within(t.at) {
			continue
		}
		relate(l, i, t)
	}
}

func (f *follower) relation(k Kind) func(*lead, int, *trace) {
	switch k {
	case "connection", "request":
		return f.sameActivity
	case "port":
		return f.sameConnection
	case "ip", "domain":
		return f.sameParty
	case "url":
		return f.sameURL
	case "hash":
		return f.sameHash
	case "file":
		return f.sameFile
	case "process":
		return f.sameProgram
	case "session":
		return f.sameSession
	case "credential":
		return f.sameCredential
	case "mail.id":
		return f.sameMail
	case "user":
		return f.sameUser
	case "arrival":
		return f.arrived
	case "made":
		return f.madeThere
	}
	return nil
}

// sameActivity takes in the records of one flow or one request.
func (f *follower) sameActivity(l *lead, i int, t *trace) {
	if l.host != "" && t.host != "" && l.host != t.host && l.kind() == "request" || !l.at.IsZero() && !t.at.IsZero() && !near(l.at, t.at, served) {
		return
	}
	if l.pages {
		f.wrotePage(l, i, t)
		return
	}
	if f.join(i, l.by(), l.why, l.hop) {
		f.ends(t, f.brief(i), l.hop, false)
		f.names(t, f.brief(i), l.hop, false)
		f.linked(i, t, l.hop)
		if l.kind() == "request" {
			f.behind(i, t, l, "which took part in "+l.why)
		}
	}
}

// linked follows the further flows and files that a record of a flow names.
func (f *follower) linked(i int, t *trace, hop int) {
	for _, v := range t.values(alert.SlotConnection, asIs) {
		f.want(&lead{fact: fact("connection", v, ""), terms: []Term{{Kind: "connection", Value: v}}, why: "the same connection as " + f.brief(i), hop: hop + 1, at: t.at})
	}
	for _, h := range t.values(alert.EntitySlot(alert.Related, alert.Hash), strings.ToLower) {
		if t.kind == file || t.kind == generic {
			f.want(&lead{fact: fact("hash", h, ""), terms: []Term{{Kind: "hash", Value: h}}, why: "the hash of a file that came over a connection of the case", hop: hop + 1, at: t.at})
		}
	}
}

// sameConnection takes in another source's record of a connection, and the process that made it.
func (f *follower) sameConnection(l *lead, i int, t *trace) {
	if at := t.at.Add(-f.ahead(t.a.Input.Name, l.source)); !l.at.IsZero() && !t.at.IsZero() && !near(l.at, at, sameFlow) {
		return
	}
	if !f.join(i, l.by(), l.why, l.hop) {
		return
	}
	f.linked(i, t, l.hop)
	f.ends(t, f.brief(i), l.hop, false)
	f.behind(i, t, l, "which made "+l.why)
}

// behind takes the process that a record tells of into the case, unless it is one that does so for everybody. Of a server, what it started
// is.
func (f *follower) behind(i int, t *trace, l *lead, did string) {
	if t.actorNode < 0 || f.processes.nodes[t.actorNode].image == "" {
		return
	}
	switch stationed(f.processes.nodes[t.actorNode].image) {
	case tool:
		f.stakeOut(t.actorNode, stake{why: did, hop: l.hop})
	case server:
		f.served(t.actorNode, "a server, "+did, l.hop, t.at)
	case session, desk:
	}
}

// sameParty takes in who else had to do with an address or a name.
func (f *follower) sameParty(l *lead, i int, t *trace) {
	inside := l.kind() == "ip" && !l.hostile && !outside(address(l.value()))
	if inside && (t.kind != network || t.remote.port != l.port && !(l.shell && t.host == l.host && near(l.at, t.at, sameFlow))) {
		return
	}
	if !l.hostile && !f.few(l) {
		f.shelved["records with "+l.value()+", which several programs have to do with: it was not followed"]++
		return
	}
	from := l.kind() == "ip" && t.source.addr.IsValid() && t.source.addr.String() == l.value()
	switch {
	case t.is(failed):
		if !from {
			return
		}
		if f.fails[l.fact]++; f.fails[l.fact] > maxFailures {
			f.shelved["failed logons from "+l.value()]++
			return
		}
		f.join(i, l.by(), "a failed logon "+l.why, l.hop)
	case t.is(logon):
		if from && f.join(i, l.by(), "a logon "+l.why, l.hop) {
			f.signedIn(l, i, t)
		}
	case t.is(call):
		switch {
		case from && (l.hostile || l.alarm):
			f.neighbour(l, i, t)
		case from:
			f.shelved["calls of a cloud from "+l.value()+", to which the case only talked"]++
		}
	case t.is(web):
		if (from || !l.hostile) && f.join(i, l.by(), "a request "+l.why, l.hop) {
			f.asked(l, i, t)
		}
	default:
		if f.join(i, l.by(), l.why, l.hop) {
			f.linked(i, t, l.hop)
			f.fetched(t, l.hop)
			if t.host != l.host || t.actorNode >= 0 && !installed(f.processes.nodes[t.actorNode].image) {
				f.behind(i, t, l, "which has to do with "+l.why)
			}
			if p := tuple(t.source, t.remote); p != "" && t.source.port != "" && t.remote.port != "" {
				f.ends(t, f.brief(i), l.hop, false)
			}
		}
	}
}

// maxPrograms bounds the different programs that have to do with a value for one of them to be taken for the intruder's.
const maxPrograms = 3

// few tells whether few programs have to do with a value, those of the case apart.
func (f *follower) few(l *lead) bool {
	programs := map[string]bool{}
	for _, i := range f.index[l.fact] {
		if t := f.traces[i]; t.actorNode >= 0 && f.stakes[t.actorNode] == nil {
			programs[program(f.processes.nodes[t.actorNode].image)] = true
		}
	}
	return len(programs) <= maxPrograms
}

// everyones tells names that every machine asks for: those of the makers of systems and of certificates. What anybody can rent there has
// other names. Source: Microsoft, connection endpoints of Windows; Mozilla, Apple and Canonical, hosts of their updates.
func everyones(domain string) bool {
	for _, d := range [...]string{
		"microsoft.com", "windows.com", "windowsupdate.com", "msftconnecttest.com", "msftncsi.com", "msedge.net", "office.com", "live.com", "bing.com", "digicert.com", "verisign.com",
		"globalsign.com", "lencr.org", "sectigo.com", "mozilla.org", "mozilla.com", "firefox.com", "apple.com", "icloud.com", "ubuntu.com", "debian.org", "gstatic.com", "google.com", "ntp.org",
	} {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return false
}
