package investigate

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// begin starts from an alert.
func (f *follower) begin(s *trace) {
	name := "the alert " + briefID(s.a.ID)
	if len(f.seeds) == 1 {
		name = "the alert"
	}
	root := stake{why: "which " + name + " names"}
	image := s.actor.image
	if image == "" && s.actorNode >= 0 {
		image = f.processes.nodes[s.actorNode].image
	}
	switch {
	case s.actorNode >= 0 && (stationed(image) == tool || s.kind == start):
		f.stakeOut(s.actorNode, root)
	case stationed(image) == session && s.is(logon, failed, logoff, account, generic): // it writes down what others do
	case s.actorNode >= 0 && !s.at.IsZero(): // it does much for others: what it did then
		root.from, root.to = s.at.Add(-sameDeed), s.at.Add(sameDeed)
		f.stakeOut(s.actorNode, root)
	case s.actorNode < 0 && s.actor.image != "" && s.host != "":
		f.unkeyed(s, name)
	}
	if s.kind == inject {
		f.stakeOut(s.targetNode, stake{why: "into which something was injected, as " + name + " says", from: s.at})
	}
	f.values(s, name, 0, true)
	if s.is(start, service, task, account) {
		f.around(s, name, 0)
	}
	if f.signIns {
		f.accounts(s, name)
	}
}

// accounts follows where the accounts of an alert sign in.
func (f *follower) accounts(s *trace, name string) {
	for _, slot := range [...]alert.Slot{alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User)} {
		for _, u := range s.values(slot, foldUser) {
			if len(u) > 2 && !strings.HasSuffix(u, "$") && !everybody(u) {
				f.want(&lead{fact: fact("user", u, ""), terms: []Term{{Kind: "user", Value: u}}, why: "of " + u + ", whom " + name + " names", hop: 1, at: s.at, host: s.host, logons: true})
			}
		}
	}
}

// everybody tells accounts that are no person's.
func everybody(user string) bool {
	switch user {
	case "system", "local service", "network service", "root", "anonymous logon", "administrator", "admin", "nobody", "www-data", "unknown", "somebody":
		return true
	}
	return false
}

// unkeyed follows a program that an alert names without a key.
func (f *follower) unkeyed(s *trace, name string) {
	f.want(&lead{fact: fact("process", program(s.actor.image), s.host), terms: []Term{{Kind: "process", Value: fileOf(s.actor.image), Host: s.host}}, why: "which " + name + " names", at: s.at, host: s.host, path: s.a.Text(alert.EntitySlot(alert.Actor, alert.Command))})
}

func briefID(id string) string {
	if d, ok := strings.CutPrefix(id, "sha256:"); ok && len(d) > 12 {
		return "sha256:" + d[:12]
	}
	return id
}

// learn follows what a record of a process of the case names.
func (f *follower) learn(i, hop int) {
	t := f.traces[i]
	f.values(t, f.brief(i), hop, false)
	switch {
	case t.is(inject):
		if t.targetNode >= 0 && t.targetNode != t.actorNode {
			in := stake{why: "into which " + f.called(t.actorNode) + " injected", hop: hop + 1, from: t.at}
			if stationed(f.processes.nodes[t.targetNode].image) != tool { // it does much besides
				in.to, in.out = t.at.Add(sameFlow), true
			}
			f.stakeOut(t.targetNode, in)
		}
	case t.is(file, share):
		for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
			if runnable(path) {
				f.file(path, t.host, "which "+f.called(t.actorNode)+" wrote", hop, t.at, func(l *lead) { l.written = true })
			}
		}
	case t.is(service, task):
		for _, c := range t.values(alert.EntitySlot(alert.Target, alert.Command), asIs) {
			if path := firstWord(c); stationed(path) == tool && !installed(path) {
				f.file(path, t.host, "the program of "+f.brief(i)+" that was made", hop, t.at, func(l *lead) { l.written = true })
			}
		}
	}
}
