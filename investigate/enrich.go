package investigate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// enrich says what only several events together show, and takes the values that the case's processes brought as indicators.
// list are the traces of the case's events.
func (f *follower) enrich(k *Case, list []int) {
	talks := f.talkers(list)
	for n, i := range list {
		e, t := &k.Events[n], f.traces[i]
		ours := t.actorNode >= 0 && f.stakes[t.actorNode] != nil
		switch {
		case t.kind == network && ours && wayOut(t):
			e.stands("command-and-control")
		case t.kind == file && ours && talks[t.actorNode] && carries(t):
			e.stands("command-and-control", "T1105")
		}
		f.bring(k, n+1, t, ours)
	}
	f.outflows(k, list)
	for n := range list {
		for _, id := range k.Events[n].Techniques {
			k.Techniques = once(k.Techniques, id)
		}
	}
	slices.Sort(k.Techniques)
}

// stands adds what an event stands for.
func (e *Event) stands(phase string, techniques ...string) {
	if gravity(phase) > gravity(e.Phase) {
		e.Phase = phase
	}
	for _, id := range techniques {
		if !slices.Contains(e.Techniques, id) {
			e.Techniques = append(e.Techniques, id)
		}
	}
}

// talkers are the processes of the case that talked to somewhere.
func (f *follower) talkers(list []int) map[int]bool {
	m := map[int]bool{}
	for _, i := range list {
		if t := f.traces[i]; t.kind == network && t.actorNode >= 0 && f.stakes[t.actorNode] != nil && wayOut(t) {
			m[t.actorNode] = true
		}
	}
	return m
}

// wayOut tells connections out of the estate, or to a port that is no ordinary one.
func wayOut(t *trace) bool {
	return t.remote.addr.IsValid() && !t.remote.addr.IsMulticast() && (outside(t.remote.addr) || peculiar(t.remote.port) || shell(t.common))
}

// shell tells programs that have no connections of their own: one that has is somebody's at the other end.
func shell(program string) bool {
	switch program {
	case "sh", "bash", "dash", "zsh", "ksh", "ash", "cmd", "nc", "ncat", "netcat", "socat":
		return true
	}
	return false
}

// carries tells whether a file that was written is one that runs.
func carries(t *trace) bool {
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if runnable(path) && t.a.Text(alert.SlotEventCode) != "2" { // only its time was changed
			return true
		}
	}
	return false
}

// bring takes what a process of the case talked to, wrote and ran as indicators. It is suspicious by what brought it; nobody said that
// it is malicious.
func (f *follower) bring(k *Case, event int, t *trace, ours bool) {
	put := func(kind, value, role string, s alert.Slot) {
		in := k.indicator(kind, value)
		if in == nil {
			return
		}
		if graver("suspicious", in.Verdict) {
			in.Verdict = "suspicious"
		}
		if in.Role == "" {
			in.Role = role
		}
		if len(in.Receipts) < maxPlaces {
			in.Receipts = append(in.Receipts, Receipt{Alert: fmt.Sprintf("event %d", event), Path: pathOf(t.a, s, value), Value: value})
		}
	}
	switch {
	case ours && t.kind == network && wayOut(t):
		put("ip", t.remote.addr.String(), "target", alert.EntitySlot(alert.Target, alert.IP))
	case ours && t.kind == dns:
		for _, v := range t.values(alert.SlotQuery, foldName) {
			if l := f.leads[fact("domain", v, "")]; l != nil && !f.common(l) {
				put("domain", v, "target", alert.SlotQuery)
			}
		}
	case ours && t.kind == file && carries(t):
		for _, v := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
			if runnable(v) {
				put("file", v, "target", alert.EntitySlot(alert.Target, alert.File))
			}
		}
		f.hashes(t, put)
	case ours && t.kind == start && f.foreign(t):
		put("file", strings.Trim(t.actor.image, `"`), "actor", alert.EntitySlot(alert.Actor, alert.Process))
		f.hashes(t, put)
	case t.source.addr.IsValid() && (t.kind == logon || t.kind == failed || t.kind == call || t.kind == web):
		if l := f.leads[fact("ip", t.source.addr.String(), "")]; l != nil && l.hostile && outside(t.source.addr) {
			put("ip", t.source.addr.String(), "source", alert.EntitySlot(alert.Source, alert.IP))
		}
	}
}

func (f *follower) hashes(t *trace, put func(kind, value, role string, s alert.Slot)) {
	s := alert.EntitySlot(alert.Related, alert.Hash)
	for _, v := range t.values(s, asIs) {
		if kind := hashKind(v); kind != "" {
			put(kind, v, "related", s)
		}
	}
}

func hashKind(v string) string {
	switch len(v) {
	case 32:
		return "md5"
	case 40:
		return "sha1"
	case 64:
		return "sha256"
	}
	return ""
}

// foreign tells a program that does not belong to the system: it lies where anybody writes, or the case brought it.
func (f *follower) foreign(t *trace) bool {
	if t.actor.image == "" || stationed(t.actor.image) != tool {
		return false
	}
	return !installed(t.actor.image) || f.brought(t.host, t.actor.image)
}

// pathOf is where a record has the value.
func pathOf(a *alert.Alert, s alert.Slot, value string) string {
	for fd := range a.Each(s) {
		if strings.EqualFold(strings.Trim(fd.Value, `"`), value) {
			return string(fd.Path)
		}
	}
	if fd := a.First(s); fd != nil {
		return string(fd.Path)
	}
	return ""
}
