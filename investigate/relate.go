package investigate

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

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
	m := &lead{fact: fact("made", t.host, ""), why: "made on " + t.host + " at the time of a logon from a machine of the case", hop: l.hop + 1, at: t.at, times: []time.Time{t.at}, host: t.host}
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

// wrotePage takes in the file that a server of the case wrote, where it is one that it would run.
func (f *follower) wrotePage(l *lead, i int, t *trace) {
	if !pages(t) || !f.join(i, l.by(), l.why, l.hop) {
		return
	}
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if page(path) {
			f.file(path, t.host, "which a server of the case wrote", l.hop, t.at, func(o *lead) { o.written = true })
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
	if inside && (t.kind != network || t.remote.port != l.port) {
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
		if from && l.hostile {
			f.neighbour(l, i, t)
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
	value := id
	if len(id) < shortest {
		value = "ses=" + id // as the audit daemon writes it: a number so short stands everywhere
	}
	f.want(&lead{fact: fact("session", id, t.host), terms: []Term{{Kind: "session", Value: value, Host: t.host}}, why: why, hop: hop + 1, at: t.at, host: t.host})
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

// sameCredential takes in the calls that were made with a credential, and the one that made it.
func (f *follower) sameCredential(l *lead, i int, t *trace) {
	if slices.Contains(t.values(alert.SlotNewCredential, asIs), l.value()) {
		if f.join(i, l.by(), "the credential "+l.value()+" of the case, which it made", l.hop) {
			f.maker(l, t)
		}
		return
	}
	if l.addr.IsValid() && t.source.addr != l.addr {
		f.shelved["calls with "+l.value()+" from other addresses than "+l.addr.String()]++
		return
	}
	if f.join(i, l.by(), l.why, l.hop) {
		f.calls(i, t, l)
	}
}

// maker follows the credential with which another was made, where both were used from one address.
func (f *follower) maker(l *lead, t *trace) {
	for _, v := range t.values(alert.SlotCredential, asIs) {
		if t.source.addr.IsValid() {
			f.credential(v, "the credential that made "+l.value()+", used from the same address", l.hop, t).addr = t.source.addr
		}
	}
}

func (f *follower) credential(v, why string, hop int, t *trace) *lead {
	l := &lead{fact: fact("credential", v, ""), terms: []Term{{Kind: "credential", Value: v}}, why: why, hop: hop + 1, at: t.at}
	f.want(l)
	return l
}

// lasting tells keys that do not run out by themselves: what was done with one elsewhere may be its owner's.
// Source: AWS, IAM identifiers: AKIA begins the id of a long-term access key.
func lasting(credential string) bool { return strings.HasPrefix(credential, "AKIA") }

// calls follows the credentials and accounts that a call of the case made, and where it came from.
func (f *follower) calls(i int, t *trace, l *lead) {
	for _, v := range t.values(alert.SlotNewCredential, asIs) {
		f.credential(v, "the credential that "+operation(t.a)+" of the case made", l.hop, t)
	}
	if makesAccount(operation(t.a)) && succeeds(t.a) >= 0 {
		for _, v := range t.values(alert.EntitySlot(alert.Target, alert.User), foldUser) {
			f.want(&lead{fact: fact("user", v, ""), terms: []Term{{Kind: "user", Value: v}}, why: "the account " + v + ", which the case made or changed", hop: l.hop + 1, at: t.at})
		}
	}
	if outside(t.source.addr) && l.kind() != "ip" {
		f.address(&lead{fact: fact("ip", t.source.addr.String(), ""), why: "from " + t.source.addr.String() + ", where calls of the case came from", hop: l.hop + 1, at: t.at, hostile: true}, t.source.addr)
	}
}

// neighbour takes in the calls of others from an address of the case: those that stand out, and the first of each. Several may share it.
func (f *follower) neighbour(l *lead, i int, t *trace) {
	who := cmp.Or(t.a.Text(alert.SlotCredential), t.a.Text(alert.EntitySlot(alert.Actor, alert.User)))
	if c := f.leads[fact("credential", who, "")]; c != nil && (!c.addr.IsValid() || c.addr == t.source.addr) {
		return // it comes with its own credential
	}
	key := "calls with " + who + ", which only read, " + l.why
	if f.ways[key]++; f.ways[key] > 1 && readOnly(operation(t.a)) {
		f.shelved[key]++
		return
	}
	f.join(i, l.by(), "a call of another identity "+l.why, l.hop)
}

// readOnly tells calls that look without taking.
func readOnly(op string) bool {
	op = op[strings.LastIndexByte(op, '.')+1:]
	for _, verb := range [...]string{"Describe", "List", "Get", "Head", "Lookup", "Batch", "list", "get", "watch"} {
		if strings.HasPrefix(op, verb) {
			return true
		}
	}
	return false
}

func operation(a *alert.Alert) string { return a.Text(alert.SlotOperation) }

// makesAccount tells calls after which another account can be used.
func makesAccount(op string) bool {
	switch op {
	case "CreateUser", "CreateLoginProfile", "UpdateLoginProfile", "CreateAccessKey", "Add user.", "google.iam.admin.v1.CreateServiceAccount", "google.iam.admin.v1.CreateServiceAccountKey", "user.lifecycle.create":
		return true
	}
	return false
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

// sameHash takes in where else the bytes of a file were met.
func (f *follower) sameHash(l *lead, i int, t *trace) {
	if !f.join(i, l.by(), l.why+elsewhere(l, t), l.hop) {
		return
	}
	if t.kind == start && t.actorNode >= 0 {
		f.stakeOut(t.actorNode, stake{why: "which runs the file with " + l.why, hop: l.hop})
	}
}

func elsewhere(l *lead, t *trace) string {
	if t.host == "" || l.host == t.host {
		return ""
	}
	return ", on " + t.host
}

// sameURL takes in who opened an address.
func (f *follower) sameURL(l *lead, i int, t *trace) {
	if f.join(i, l.by(), l.why, l.hop) {
		f.behind(i, t, l, "which opened "+l.why)
		for _, v := range t.values(alert.SlotMailID, messageID) {
			f.want(&lead{fact: fact("mail.id", v, ""), terms: []Term{{Kind: "mail.id", Value: v}}, why: "the message with " + l.why, hop: l.hop + 1, at: t.at})
		}
		f.linked(i, t, l.hop)
		f.fetched(t, l.hop)
		f.ends(t, f.brief(i), l.hop, false)
	}
}

// sameFile takes in who wrote, read or ran a file.
func (f *follower) sameFile(l *lead, i int, t *trace) {
	here := l.host == t.host
	if t.kind == start && fileName(t.actor.image) == l.value() {
		if here && !samePath(l.path, t.actor.image) || !here && installed(t.actor.image) {
			return
		}
		if f.join(i, l.by(), "the file "+l.value()+", "+l.why+", which runs here"+elsewhere(l, t), l.hop) {
			f.stakeOut(t.actorNode, stake{why: "which runs " + l.value() + elsewhere(l, t), hop: l.hop})
		}
		return
	}
	if t.kind == start {
		if l.written && strings.Contains(strings.ToLower(t.a.Text(alert.EntitySlot(alert.Actor, alert.Command))), l.value()) && f.join(i, l.by(), "the file "+l.value()+", "+l.why+", which its command names"+elsewhere(l, t), l.hop) {
			f.stakeOut(t.actorNode, stake{why: "whose command names " + l.value(), hop: l.hop})
		}
		return
	}
	match := false
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		match = match || fileName(path) == l.value() && (!here || samePath(l.path, path))
	}
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.URL), asIs) {
		match = match || l.written && strings.Contains(strings.ToLower(path), "/"+l.value())
	}
	if !match || !f.join(i, l.by(), "the file "+l.value()+", "+l.why+elsewhere(l, t), l.hop) {
		return
	}
	if l.run && t.is(file) {
		f.origin(i, t, l.hop)
	}
	switch {
	case t.kind == web:
		f.asked(l, i, t)
	case l.asked && !l.written && t.kind != start:
		l.written = true // it was made here: whoever asks for it belongs to the case
		f.behind(i, t, l, "which wrote "+l.value())
	case l.run && here && (t.kind == file || t.kind == share) && (l.at.IsZero() || !t.at.After(l.at)):
		f.behind(i, t, l, "which wrote "+l.value())
	}
}

// fetched follows a file that came from where the case leads.
func (f *follower) fetched(t *trace, hop int) {
	if !t.is(file) {
		return
	}
	why := "which was fetched"
	if t.actorNode >= 0 {
		why = "which " + f.called(t.actorNode) + " fetched"
	}
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if runnable(path) {
			f.file(path, t.host, why, hop, t.at, func(l *lead) { l.written = true })
		}
	}
}

// origin follows where a file came from, as its record says.
func (f *follower) origin(i int, t *trace, hop int) {
	for _, v := range t.values(alert.EntitySlot(alert.Target, alert.URL), asIs) {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || everyones(foldName(u.Hostname())) {
			continue
		}
		f.want(&lead{fact: fact("url", v, ""), terms: []Term{{Kind: "url", Value: v}}, why: "the address that is in " + f.brief(i), hop: hop + 1, at: t.at, host: t.host})
	}
}

// asked follows who asked a server of the case for what belongs to it.
func (f *follower) asked(l *lead, i int, t *trace) {
	if !outside(t.source.addr) && !l.written {
		return
	}
	if t.source.addr.IsValid() && l.kind() == "file" && f.succeeded(t) {
		f.address(&lead{fact: fact("ip", t.source.addr.String(), ""), why: "from " + t.source.addr.String() + ", which asked for " + l.value(), hop: l.hop + 1, at: t.at, hostile: true}, t.source.addr)
	}
}

// succeeded tells whether a web request was answered.
func (f *follower) succeeded(t *trace) bool {
	s := t.a.Text(alert.SlotHTTPStatus)
	return s == "" || strings.HasPrefix(s, "2") || strings.HasPrefix(s, "3") || strings.HasPrefix(s, "5")
}

// sameProgram takes in the start of a program that the alert names without a key: the nearest in time with the same command line.
func (f *follower) sameProgram(l *lead, i int, t *trace) {
	if t.actorNode < 0 || !near(l.at, t.at, sameStart) || t.kind == start && l.path != "" && t.a.Text(alert.EntitySlot(alert.Actor, alert.Command)) != l.path {
		return
	}
	if f.join(i, l.by(), l.why, l.hop) && t.kind == start && stationed(t.actor.image) == tool {
		f.stakeOut(t.actorNode, stake{why: l.why, hop: l.hop})
	}
}

// sameMail takes in what happened to a message.
func (f *follower) sameMail(l *lead, i int, t *trace) {
	if f.join(i, l.by(), l.why, l.hop) {
		f.names(t, "the message", l.hop, true)
	}
}
