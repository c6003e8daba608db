package investigate

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// values follows what a record of the case has to follow beside its processes. first: it is the alert's own.
func (f *follower) values(t *trace, why string, hop int, first bool) {
	keys := func(s alert.Slot, k Kind, host string, fold func(string) string) {
		for _, v := range t.values(s, fold) {
			f.want(&lead{fact: fact(k, v, host), terms: []Term{{Kind: k, Value: v, Host: host}}, why: "the same " + word(k) + " as " + why, hop: hop + 1, at: t.at, host: t.host})
		}
	}
	keys(alert.SlotConnection, "connection", "", asIs)
	for _, v := range t.values(alert.SlotNewCredential, asIs) {
		f.credential(v, "the credential that "+why+" made", hop, t)
	}
	if first || t.kind == mail {
		keys(alert.SlotMailID, "mail.id", "", messageID)
	}
	if first {
		for _, v := range t.values(alert.SlotCredential, asIs) {
			l := f.credential(v, "the credential that "+why+" names", hop, t)
			if lasting(v) {
				l.addr = t.source.addr
			}
		}
		keys(alert.SlotRequest, "request", "", asIs)
		if t.host == "" { // of a cloud; a machine's session may be anybody's day
			keys(alert.SlotSession, "session", "", foldSession)
		}
	}
	f.ends(t, why, hop, first)
	f.names(t, why, hop, first)
}

func word(k Kind) string {
	switch k {
	case "mail.id":
		return "message"
	case "process.key", "process.id":
		return "process"
	}
	return string(k)
}

// ends follows the two ends of a connection.
func (f *follower) ends(t *trace, why string, hop int, first bool) {
	if pair := tuple(t.source, t.remote); pair != "" && t.source.port != "" && t.remote.port != "" && f.waysOut(t) {
		f.want(&lead{fact: fact("port", pair, ""), terms: []Term{{Kind: "port", Value: t.source.port, Host: t.source.addr.String()}}, why: "the same connection as " + why, hop: hop + 1, at: t.at, host: t.host, source: t.a.Input.Name})
	}
	if t.kind == network && !first && t.actorNode >= 0 && f.stakes[t.actorNode] != nil && steering(t.remote.port) && t.source.addr.IsValid() {
		f.arrival(t, why, hop)
	}
	hostile := func(a netip.Addr) {
		f.address(&lead{fact: fact("ip", a.String(), ""), why: "from " + a.String() + ", where " + why + " came from", hop: hop + 1, at: t.at, host: t.host, hostile: true}, a)
	}
	switch {
	case t.is(logon, failed, web, call):
		if first && t.source.addr.IsValid() {
			hostile(t.source.addr)
		}
	case t.is(network, dns, generic, access, start, file):
		if a := t.remote.addr; a.IsValid() && (outside(a) || t.kind == network && (peculiar(t.remote.port) || shell(t.common))) {
			f.address(&lead{fact: fact("ip", a.String(), ""), why: "the address " + a.String() + ", to which " + why + " went", hop: hop + 1, at: t.at, host: t.host, port: t.remote.port, shell: shell(t.common), alarm: first}, a)
		}
		if first && outside(t.source.addr) {
			hostile(t.source.addr)
		}
	}
}

// arrival follows who signed in from a machine of the case when a process of the case reached for another.
func (f *follower) arrival(t *trace, why string, hop int) {
	from := t.source.addr.String()
	l := &lead{fact: fact("arrival", from, ""), why: "from " + from + " at the time of " + why, hop: hop + 1, at: t.at, times: []time.Time{t.at}, host: t.host, source: t.a.Input.Name}
	for _, w := range [...]string{"4624", "Accepted"} {
		l.terms = append(l.terms, Term{Kind: "result", Value: w, Host: from})
	}
	f.want(l)
}

// waysOut bounds the connections of one process that are looked for in other logs.
func (f *follower) waysOut(t *trace) bool {
	if t.actorNode < 0 {
		return true
	}
	key := "connections of " + f.called(t.actorNode) + " to look for in other logs"
	f.ways[key]++
	if f.ways[key] > maxWaysOut {
		f.shelved[key]++
		return false
	}
	return true
}

func (f *follower) address(l *lead, a netip.Addr) {
	l.terms = []Term{{Kind: "ip", Value: a.String()}}
	if l.hostile {
		for _, w := range [...]string{"Accepted", "4624", "success"} {
			l.terms = append(l.terms, Term{Kind: "result", Value: w, Host: a.String()})
		}
	}
	f.want(l)
}

// outside tells addresses of other networks.
func outside(a netip.Addr) bool {
	return a.IsValid() && !triage.Inside(a.Unmap())
}

// ordinary tells ports that every machine of an estate talks to on others.
// Source: Microsoft, Service overview and network port requirements for Windows.
func ordinary(port string) bool {
	switch port {
	case "", "53", "67", "68", "88", "123", "135", "137", "138", "139", "389", "443", "445", "464", "514", "636", "1900", "3268", "3269", "5353", "5355", "9389", "80", "8080", "3128":
		return true
	}
	return false
}

// peculiar tells ports that mean something between two machines of one estate: neither ordinary, nor for steering, nor from the range out of
// which Windows gives them to its services.
// Source: IANA, dynamic ports begin at 49152; Microsoft uses them for RPC.
func peculiar(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n < 49152 && !ordinary(port) && !steering(port)
}

// steering tells ports through which one machine is worked on from another.
func steering(port string) bool {
	switch port {
	case "22", "135", "139", "445", "3389", "5985", "5986", "5900":
		return true
	}
	return false
}

// names follows domains, addresses of the web, files and hashes.
func (f *follower) names(t *trace, why string, hop int, first bool) {
	for _, s := range [...]alert.Slot{alert.SlotQuery, alert.EntitySlot(alert.Target, alert.Domain)} {
		if s != alert.SlotQuery && !first {
			continue
		}
		for _, v := range t.values(s, foldName) {
			if strings.Contains(v, ".") && !strings.HasSuffix(v, ".arpa") && !strings.HasSuffix(v, ".local") && !everyones(v) {
				f.want(&lead{fact: fact("domain", v, ""), terms: []Term{{Kind: "domain", Value: v}}, why: "the name " + v + ", which is in " + why, hop: hop + 1, at: t.at, host: t.host})
			}
		}
	}
	if !first && t.kind != mail {
		return
	}
	for _, v := range t.values(alert.EntitySlot(alert.Target, alert.URL), asIs) {
		if path, _, _ := strings.Cut(v, "?"); first && page(path) {
			f.file(fileName(path), t.host, "for which "+why+" asked", hop, t.at, func(l *lead) { l.asked = true })
		}
		if strings.Contains(v, "://") {
			f.want(&lead{fact: fact("url", v, ""), terms: []Term{{Kind: "url", Value: v}}, why: "the address that is in " + why, hop: hop + 1, at: t.at, host: t.host})
		}
	}
	for _, v := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if runnable(v) && !installed(v) {
			f.file(v, t.host, "which "+why+" names", hop, t.at, func(l *lead) { l.written = true })
		}
	}
	if t.kind != start || !installed(t.actor.image) {
		for _, v := range t.values(alert.EntitySlot(alert.Related, alert.Hash), strings.ToLower) {
			f.want(&lead{fact: fact("hash", v, ""), terms: []Term{{Kind: "hash", Value: v}}, why: "the hash that " + why + " names", hop: hop + 1, at: t.at, host: t.host})
		}
	}
}
