package investigate

import (
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// trace is a record as pursuit sees it: what it tells of, and the values that tie it to others, folded.
type trace struct {
	a     *alert.Alert
	seed  bool // it was made from the document of an alert, and is no record of a log
	faint bool // of a seed: it says little by itself, see trail.dim

	judged   bool // evidence is known
	evidence triage.Weight

	at    time.Time
	kind  kind
	host  string
	facts []string // see fact; sorted, each once

	actor, parent, target process
	actorNode, parentNode int // in the table of processes, -1: none
	targetNode            int
	source, remote        endpoint
	common                string // letter case and path folded name of the program that acts
}

// process is how a record names one.
type process struct{ key, id, image string }

func (p process) none() bool { return p.key == "" && p.id == "" }

type endpoint struct {
	addr netip.Addr
	port string
}

// fact is a typed value of a record, folded so that two spellings of one value are equal. Values that one machine alone understands
// carry its name.
func fact(k Kind, value, host string) string { return string(k) + "\x00" + value + "\x00" + host }

// most facts of one record that pursuit follows.
const maxFacts = 96

func traceOf(a *alert.Alert) *trace {
	t := &trace{a: a, at: a.Time, kind: kindOf(a), host: hostOf(a), actorNode: -1, parentNode: -1, targetNode: -1}
	t.actor = process{foldKey(a.Text(alert.SlotProcessKey)), foldID(a.Text(alert.SlotProcessID)), known(a.Text(alert.EntitySlot(alert.Actor, alert.Process)))}
	t.parent = process{foldKey(a.Text(alert.SlotParentKey)), foldID(a.Text(alert.SlotParentID)), known(a.Text(alert.SlotParent))}
	t.target = process{foldKey(a.Text(alert.SlotTargetProcessKey)), foldID(a.Text(alert.SlotTargetProcessID)), known(a.Text(alert.EntitySlot(alert.Target, alert.Process)))}
	if t.kind == start && !t.target.none() { // the one who acts starts the other
		t.actor, t.parent, t.target = t.target, t.actor, process{}
	}
	if t.target == t.actor {
		t.target = process{}
	}
	if t.parent.key != "" && t.parent.key == t.actor.key {
		t.parent = process{}
	}
	t.common = program(t.actor.image)
	t.source = endpoint{address(a.Text(alert.EntitySlot(alert.Source, alert.IP))), a.Text(alert.SlotSourcePort)}
	t.remote = endpoint{address(a.Text(alert.EntitySlot(alert.Target, alert.IP))), a.Text(alert.SlotTargetPort)}
	t.collect()
	return t
}

// is tells whether a record is of one of the kinds.
func (t *trace) is(list ...kind) bool { return slices.Contains(list, t.kind) }

// collect gathers the facts.
func (t *trace) collect() {
	put := func(k Kind, value, host string) {
		if value != "" && len(t.facts) < maxFacts {
			t.facts = append(t.facts, fact(k, value, host))
		}
	}
	for _, p := range [...]process{t.actor, t.parent, t.target} {
		put("process.key", p.key, "")
		put("process.id", p.id, t.host)
	}
	if t.common != "" && t.host != "" {
		put("process", t.common, t.host)
	}
	if t.source.port != "" && t.remote.port != "" {
		put("port", tuple(t.source, t.remote), "")
	}
	switch {
	case t.is(logon):
		if t.source.addr.IsValid() {
			put("arrival", t.source.addr.String(), "")
		}
	case t.is(service, task):
		put("made", t.host, "")
	}
	for i := range t.a.Fields {
		f := &t.a.Fields[i]
		switch f.Slot {
		case alert.SlotSession, alert.SlotTargetSession:
			put("session", foldSession(f.Value), t.host)
		case alert.SlotCredential, alert.SlotNewCredential:
			put("credential", f.Value, "")
		case alert.SlotConnection:
			put("connection", f.Value, "")
		case alert.SlotMailID:
			put("mail.id", messageID(f.Value), "")
		case alert.SlotRequest:
			put("request", f.Value, "")
		default:
			t.entity(f, put)
		}
	}
	slices.Sort(t.facts)
	t.facts = slices.Compact(t.facts)
}

// entity gathers what an entity gives to follow.
func (t *trace) entity(f *alert.Field, put func(k Kind, value, host string)) {
	role, typ := f.Slot.Entity()
	switch typ {
	case alert.IP:
		if a := address(f.Value); a.IsValid() && role != alert.Observer {
			put("ip", a.String(), "")
		}
	case alert.Domain:
		put("domain", foldName(f.Value), "")
	case alert.URL:
		put("url", f.Value, "")
		if u, err := url.Parse(f.Value); err == nil {
			put("domain", foldName(u.Hostname()), "")
			put("file", fileName(u.Path), "")
		}
	case alert.File, alert.Process:
		put("file", fileName(f.Value), "")
	case alert.Command:
		for _, path := range inCommand(f.Value) {
			put("file", fileName(path), "")
		}
	case alert.Hash:
		put("hash", strings.ToLower(f.Value), "")
	case alert.User:
		put("user", foldUser(f.Value), "")
	case alert.Cloud:
		put("cloud", f.Value, "")
	case alert.NoEntity, alert.Host, alert.Mail, alert.Registry, alert.Port:
	}
}

// hostOf is the machine that a record tells of.
func hostOf(a *alert.Alert) string {
	for _, s := range [...]alert.Slot{alert.EntitySlot(alert.Target, alert.Host), alert.EntitySlot(alert.Related, alert.Host), alert.EntitySlot(alert.Observer, alert.Host)} {
		if f := a.First(s); f != nil {
			return foldHost(f.Value)
		}
	}
	return ""
}

// foldHost is a machine's name without its domain; an address stays.
func foldHost(s string) string {
	s = strings.ToLower(strings.TrimRight(s, "."))
	if _, err := netip.ParseAddr(s); err == nil {
		return s
	}
	s = s[strings.LastIndexByte(s, '\\')+1:]
	s, _, _ = strings.Cut(s, ".")
	return s
}

func foldName(s string) string { return strings.ToLower(strings.Trim(s, ".")) }

// foldUser is an account's name without the domain before it.
func foldUser(s string) string { return strings.ToLower(s[strings.LastIndexByte(s, '\\')+1:]) }

func foldKey(s string) string {
	s = strings.ToLower(strings.Trim(s, "{}"))
	if strings.Trim(s, "0-") == "" {
		return ""
	}
	return s
}

// foldID is the number of a process in decimal, empty for none and for the idle process.
func foldID(s string) string {
	base := 10
	if d, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		s, base = d, 16
	}
	n, err := strconv.ParseUint(s, base, 64)
	if err != nil || n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

// foldSession is a logon session's id, empty for those that belong to the machine or to nobody.
// Source: Microsoft, well-known LUIDs (ntifs.h); audit(7): an auid or session of 2^32-1 is unset.
func foldSession(s string) string {
	s = strings.ToLower(s)
	switch s {
	case "0", "0x0", "0x3e7", "0x3e4", "0x3e5", "999", "996", "997", "4294967295", "-1", "unset":
		return ""
	}
	return s
}

func address(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil || a.IsUnspecified() || a.IsLoopback() {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// tuple names a connection by its two ends, whoever is called the source.
func tuple(a, b endpoint) string {
	if !a.addr.IsValid() || !b.addr.IsValid() {
		return ""
	}
	x, y := a.addr.String()+" "+a.port, b.addr.String()+" "+b.port
	return min(x, y) + " " + max(x, y)
}

// fileName is the last part of a path of either system, in lower case; empty when it is too short to be searched for.
func fileName(s string) string {
	s = strings.ToLower(path.Base(strings.ReplaceAll(strings.Trim(s, `"`), `\`, "/")))
	if len(s) < 5 {
		return ""
	}
	return s
}

// program is the name of a program's file without path and ending, in lower case.
func program(image string) string {
	s := strings.ToLower(path.Base(strings.ReplaceAll(strings.Trim(image, `"`), `\`, "/")))
	if s == "." || s == "/" {
		return ""
	}
	return strings.TrimSuffix(s, ".exe")
}

// keys returns the values of a slot, folded.
func (t *trace) values(s alert.Slot, fold func(string) string) (list []string) {
	for f := range t.a.Each(s) {
		if v := fold(f.Value); v != "" {
			list = append(list, v)
		}
	}
	return list
}

// known is an image, nothing where its product could not tell.
func known(image string) string {
	if strings.Contains(image, "unknown process") || image == "-" {
		return ""
	}
	return image
}

func messageID(s string) string { return strings.Trim(s, "<> ") }

func asIs(s string) string { return s }

// inCommand returns the files that a command line names, as it does.
func inCommand(s string) (paths []string) {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" \t\"'=,;|&<>()", r) }) {
		if len(paths) == maxNamed {
			break
		}
		if fileName(word) != "" && runnable(word) {
			paths = append(paths, word)
		}
	}
	return paths
}

// maxNamed bounds the files of one command line.
const maxNamed = 8
