package investigate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// stakeOut takes a process into the case.
func (f *follower) stakeOut(n int, s stake) {
	if n < 0 {
		return
	}
	if old, met := f.stakes[n]; met {
		if old.widen(&s) {
			f.queue = append(f.queue, n)
		}
		return
	}
	f.stakes[n] = &s
	f.queue = append(f.queue, n)
	f.ask(n, s)
}

// ask wants the records that name a process.
func (f *follower) ask(n int, s stake) {
	p := &f.processes.nodes[n]
	at := cmp.Or(p.from, s.from)
	if p.key != "" {
		f.want(&lead{fact: fact("process.key", p.key, ""), terms: []Term{{Kind: "process.key", Value: p.key}}, why: s.why, hop: s.hop + 1, at: at})
	}
	if p.id == "" {
		return
	}
	l := &lead{fact: fact("process.id", p.id, p.host), why: s.why, hop: s.hop + 1, at: at}
	id, err := strconv.ParseUint(p.id, 10, 64)
	unix := strings.HasPrefix(p.image, "/")
	if err == nil && !unix { // Windows' own log writes it so
		l.terms = append(l.terms, Term{Kind: "process.id", Value: "0x" + strconv.FormatUint(id, 16), Host: p.host})
	}
	switch {
	case p.host == "": // a log that does not say whose it is; of the kind that writes names before values
		l.terms = []Term{{Kind: "process.id", Value: "pid=" + p.id}, {Kind: "process.id", Value: "ppid=" + p.id}}
	case p.key == "" || unix:
		l.terms = append(l.terms, Term{Kind: "process.id", Value: p.id, Host: p.host})
	}
	f.want(l)
}

// called is what a process is called in reasons.
func (f *follower) called(n int) string {
	p := &f.processes.nodes[n]
	name := p.image[strings.LastIndexAny(p.image, `\/`)+1:]
	if name == "" {
		name = "process"
	}
	if p.id != "" {
		name += " (" + p.id + ")"
	}
	return name
}

// process looks at what a process of the case did, at what it started and at who started it.
func (f *follower) process(n int) {
	s := f.stakes[n]
	p := &f.processes.nodes[n]
	for _, i := range p.created {
		if (s.to.IsZero() || s.covers(f.traces[i].at)) && f.join(i, "tree", "the process tree: "+f.called(n)+", "+s.why, s.hop) {
			f.learn(i, s.hop)
			f.named(i, n, s)
			if s.from.IsZero() && stationed(p.image) == tool {
				f.around(f.traces[i], f.called(n), s.hop)
				if remoteShell(p.image) {
					f.otherShells(f.traces[i], s.hop)
				}
			}
		}
	}
	f.image(n, s)
	taken := 0
	for _, i := range f.telling(p.acts) {
		t := f.traces[i]
		if !s.covers(t.at) || s.out && !t.is(network, dns, inject, access) {
			continue
		}
		if taken++; taken > maxPerNode {
			f.shelved["records of "+f.called(n)]++
			continue
		}
		if f.join(i, "tree", "the process tree: done by "+f.called(n)+", "+s.why, s.hop) {
			f.learn(i, s.hop)
		}
	}
	for _, c := range p.children {
		child := &f.processes.nodes[c]
		if !s.covers(child.from) {
			continue
		}
		f.stakeOut(c, stake{why: "started by " + f.called(n), hop: s.hop + 1})
	}
	if s.from.IsZero() {
		f.up(n, s)
	}
}

// telling orders what a process did where it did more than there is room for: what a busy program does all the time comes last.
func (f *follower) telling(acts []int) []int {
	if len(acts) <= maxPerNode {
		return acts
	}
	list := slices.Clone(acts)
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(f.traces[a].dull(), f.traces[b].dull()) })
	return list
}

// dull is higher for what says less.
func (t *trace) dull() int {
	switch {
	case t.is(module, registry, pipe, object, generic):
		return 2
	case t.is(network, dns, remove), t.is(file) && !carries(t):
		return 1
	}
	return 0
}

// up looks at who started a process of the case. Ordinary programs end the way up: their other children have nothing to do with it.
func (f *follower) up(n int, s *stake) {
	p := &f.processes.nodes[n]
	if p.parent < 0 {
		return
	}
	up := &f.processes.nodes[p.parent]
	image := cmp.Or(up.image, p.said)
	if image == "" { // who it is stands in its records
		f.ask(p.parent, stake{why: "which perhaps started " + f.called(n), hop: s.hop})
		return
	}
	switch stationed(image) {
	case tool:
		f.stakeOut(p.parent, stake{why: "which started " + f.called(n), hop: s.hop + 1})
	case desk:
		f.ask(p.parent, stake{why: "which started " + f.called(n), hop: s.hop})
		for _, i := range up.created {
			f.join(i, "tree", "the process tree: "+f.called(p.parent)+", which started "+f.called(n), s.hop+1)
		}
	case server:
		f.served(p.parent, "a server that started "+f.called(n), s.hop, p.from)
	case session:
	}
}

// served takes what else a server started into the case, and what it wrote that it would run.
func (f *follower) served(n int, why string, hop int, at time.Time) {
	if f.servers[n] {
		return
	}
	f.servers[n] = true
	f.ask(n, stake{why: why, hop: hop})
	p := &f.processes.nodes[n]
	for _, c := range p.children {
		other := &f.processes.nodes[c]
		if (at.IsZero() || other.from.IsZero() || near(at, other.from, served)) && stationed(other.image) == tool {
			f.stakeOut(c, stake{why: "started by " + f.called(n) + ", " + why, hop: hop + 1})
		}
	}
	for _, i := range p.acts[:min(len(p.acts), maxPerNode)] {
		t := f.traces[i]
		if !at.IsZero() && !near(at, t.at, served) {
			continue
		}
		if t.kind == file && pages(t) && f.join(i, "tree", "written by "+f.called(n)+", "+why, hop+1) {
			f.learn(i, hop+1)
		}
		for _, r := range t.values(alert.SlotRequest, asIs) {
			f.want(&lead{fact: fact("request", r, ""), terms: []Term{{Kind: "request", Value: r}}, why: "written by " + f.called(n) + ", " + why, hop: hop + 1, at: t.at, host: t.host, pages: true})
		}
	}
}

// named follows the files that a process of the case was started with: a document, a script, a library.
func (f *follower) named(i, n int, s *stake) {
	t := f.traces[i]
	for _, path := range inCommand(t.a.Text(alert.EntitySlot(alert.Actor, alert.Command))) {
		if fileName(path) != fileName(t.actor.image) && !installed(path) {
			f.file(path, t.host, "with which "+f.called(n)+" was started", s.hop, t.at, func(l *lead) { l.run = true })
		}
	}
}

// image follows a program that is nobody else's: where else it ran, and who brought it.
func (f *follower) image(n int, s *stake) {
	p := &f.processes.nodes[n]
	if p.image == "" || stationed(p.image) != tool {
		return
	}
	brought := f.brought(p.host, p.image)
	if installed(p.image) && !brought {
		return
	}
	f.file(p.image, p.host, "the program of "+f.called(n), s.hop, p.from, func(l *lead) { l.run, l.written = true, brought })
	for _, i := range p.created {
		for _, h := range f.traces[i].values(alert.EntitySlot(alert.Related, alert.Hash), strings.ToLower) {
			f.want(&lead{fact: fact("hash", h, ""), terms: []Term{{Kind: "hash", Value: h}}, why: "the hash of " + fileOf(p.image) + ", which ran in the case", hop: s.hop + 1, at: p.from, host: p.host})
		}
	}
}

// sameProgram takes in the start of a program that the alert names without a key: the nearest in time with the same command line.
func (f *follower) sameProgram(l *lead, i int, t *trace) {
	if t.actorNode < 0 || len(l.users) > 0 || !near(l.at, t.at, sameStart) || t.kind == start && l.path != "" && t.a.Text(alert.EntitySlot(alert.Actor, alert.Command)) != l.path {
		return
	}
	if f.join(i, l.by(), l.why, l.hop) && t.kind == start && stationed(t.actor.image) == tool {
		f.stakeOut(t.actorNode, stake{why: l.why, hop: l.hop})
	}
}
