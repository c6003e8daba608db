package investigate

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// The phases of a response, in order.
const (
	Containment = "containment"
	Eradication = "eradication"
	Recovery    = "recovery"
)

// remedy is when an action of the response catalogue is called for. Actions that need a person or have no way
// back are named as any other: the catalogue says who may do them.
type remedy struct {
	action, phase string
	kind          string // of the target: an entity type
	phases        string // tactics of a record that call for it; empty: any
	families      string // kinds of evidence that call for it as well
	why           string
	fits          func(r *Record, t *Thing) bool // nil: any
}

// remedies are looked through for every record that speaks for an attack. Source: NIST SP 800-61r3, ATT&CK mitigations (attack.mitre.org).
func remedies() []remedy {
	const onHost = "execution persistence privilege-escalation defense-evasion credential-access discovery lateral-movement collection command-and-control exfiltration impact"
	return []remedy{
		{"isolate-host", Containment, "host", onHost, "command process malware credentials persistence file", "there is evidence that an attacker acts on it", acted},
		{"kill-process", Containment, "process", "execution defense-evasion credential-access command-and-control impact", "command process credentials malware", "this process is what the evidence speaks of", actor},
		{"quarantine-file", Containment, "file", "", "malware", "the evidence calls the file malicious", loose},
		{"revoke-sessions", Containment, "user", "credential-access lateral-movement initial-access exfiltration collection", "credentials authentication cloud", "whoever holds a session or token of the account keeps it until it is ended", person},
		{"disable-account", Containment, "user", "lateral-movement exfiltration impact", "", "the account was used from place to place; it cannot go on while disabled", person},
		{"disable-access-key", Containment, "access_key", "", "", "the key was used in what the evidence speaks of", accessKey},
		{"revoke-sessions", Containment, "user", "", "", "a key of its session was used, which is good until the session is ended", sessionKey},
		{"snapshot-instance", Containment, "cloud", "", "", "its disk is evidence, and instances are replaced", instance},
		{"quarantine-mail", Containment, "mail", "", "mail", "the message is what the evidence speaks of", nil},
		{"reset-credentials", Eradication, "user", "credential-access lateral-movement", "credentials authentication", "what the attacker may have learned of them stops working", person},
		{"remove-persistence", Eradication, "host", "persistence", "persistence", "something was made to start by itself there: find the service, task or key in the evidence", acted},
		{"patch", Eradication, "host", "initial-access", "web", "it was attacked through what it offers to others: close that hole before it goes back", acted},
		{"rebuild", Recovery, "host", "credential-access persistence privilege-escalation impact", "malware", "what an attacker left on it cannot be ruled out by looking", acted},
		{"restore-from-backup", Recovery, "host", "impact", "", "data on it may be changed or gone", acted},
	}
}

// mostAdvice bounds the targets that one action is recommended for.
const mostAdvice = 20

// advise says which actions the case calls for, by phase. A case that is not escalated calls for a person's eye and nothing else. What is
// the estate's own, means something within one network only or stands on a warning list is never one to block.
func (s *story) advise() (list []Advice) {
	if s.k.Route != triage.Escalate {
		return nil
	}
	list = s.blocks()
	for _, m := range remedies() {
		var some []Advice
		for i := range s.records {
			r := &s.records[i]
			if !r.Strong || !m.calls(r) {
				continue
			}
			for n := range r.Things {
				if t := &r.Things[n]; m.aims(t) && t.Role != "observer" && (m.fits == nil || m.fits(r, t)) {
					some = advise(some, Advice{Action: m.action, Target: Target{m.kind, t.Value}, Phase: m.phase, Why: m.reason(r), Risk: Risk(m.action)}, r.Cite)
				}
			}
		}
		list = append(list, some[:min(len(some), mostAdvice)]...)
	}
	slices.SortStableFunc(list, func(a, b Advice) int { return cmp.Compare(stage(a.Phase), stage(b.Phase)) })
	return list
}

func stage(phase string) int {
	return slices.Index([]string{Containment, Eradication, Recovery}, phase)
}

// advise adds an action, or one more citation to the same action on the same target; a process and a file are the same on one machine.
func advise(list []Advice, a Advice, cite string) []Advice {
	for i := range list {
		o := &list[i]
		if o.Action != a.Action || o.Why != a.Why && (a.Target.Type == "process" || a.Target.Type == "file") || fold(a.Target.Type, o.Target.Value) != fold(a.Target.Type, a.Target.Value) {
			continue
		}
		if len(a.Target.Value) > len(o.Target.Value) {
			o.Target.Value = a.Target.Value
		}
		if len(o.Cites) < mostCites && !slices.Contains(o.Cites, cite) {
			o.Cites = append(o.Cites, cite)
		}
		return list
	}
	a.Cites = []string{cite}
	return append(list, a)
}

// aims tells whether the action is done to such a thing: instances stand among the machines, keys among cloud resources.
func (m *remedy) aims(t *Thing) bool {
	switch m.kind {
	case "cloud":
		return t.Type == "host" || t.Type == "cloud"
	case "access_key":
		return t.Type == "cloud"
	}
	return t.Type == m.kind
}

// reason says why, and on which machine where the target is one thing of it.
func (m *remedy) reason(r *Record) string {
	if hosts := r.names("host"); len(hosts) > 0 && (m.kind == "process" || m.kind == "file") {
		return m.why + ", on " + Distinct("host", hosts)[0]
	}
	return m.why
}

// calls tells whether a record calls for the action: by what it stands for, or by the evidence in it.
func (m *remedy) calls(r *Record) bool {
	if m.phases == "" && m.families == "" || r.Phase != "" && slices.Contains(strings.Fields(m.phases), r.Phase) {
		return true
	}
	for _, g := range r.Signals {
		if g.Term > 0 && slices.Contains(strings.Fields(m.families), string(g.Family)) {
			return true
		}
	}
	return false
}

// blocks recommends what to block: addresses and names that play a part in what speaks for an attack, and what threat intelligence
// calls malicious.
func (s *story) blocks() (list []Advice) {
	for i := range s.k.Indicators {
		n := &s.k.Indicators[i]
		action, ok := map[string]string{
			"ip": "block-ip", "domain": "block-domain", "url": "block-url", "md5": "block-hash", "sha1": "block-hash", "sha256": "block-hash", "sha512": "block-hash",
		}[n.Type]
		if !ok || n.Standing != "" || n.Verdict == "benign" || len(list) == 4*mostAdvice {
			continue
		}
		cited, ours := s.holders(n)
		if len(cited) == 0 {
			continue
		}
		a := Advice{Action: action, Target: Target{n.Type, n.Value}, Phase: Containment, Cites: cited}
		if action == "block-hash" {
			a.Target.Type = "hash"
		}
		switch {
		case n.Verdict == "malicious":
			a.Why = "threat intelligence calls it malicious"
		case n.Hidden != "" && action != "block-hash":
			a.Why = "it was hidden in a command (" + n.Hidden + ")"
		case ours:
			continue
		case action == "block-hash" || n.Role != "source" && n.Role != "target" && n.Role != "actor":
			continue // a hash may be that of a program everybody has
		default:
			a.Why = "it is the " + n.Role + " in what speaks for an attack"
		}
		a.Risk = Risk(action)
		list = append(list, a)
	}
	return list
}

// holders are the citations of the strong records that have an indicator. ours tells that it is the target of somebody outside, and so
// likely one of the estate's own.
func (s *story) holders(n *Indicator) (list []string, ours bool) {
	for i := range s.records {
		r := &s.records[i]
		for _, p := range n.Receipts {
			if !r.Strong || r.Cite != "alert "+p.Alert && r.Cite != p.Alert {
				continue
			}
			if len(list) < mostCites && !slices.Contains(list, r.Cite) {
				list = append(list, r.Cite)
			}
			ours = ours || n.Role == "source" && slices.ContainsFunc(r.Things, func(t Thing) bool { return t.Type == "ip" && t.Role == "target" && t.Value == n.Value }) // a machine's own
			ours = ours || n.Role == "target" && slices.ContainsFunc(r.Things, func(t Thing) bool { return t.Type == "ip" && t.Role == "source" && inherent("ip", t.Value) == "" })
		}
	}
	return list, ours
}

// acted tells a machine that something happened on.
func acted(_ *Record, t *Thing) bool { return t.Role == "target" || t.Role == "actor" }

// actor tells a process that can be ended: without these Windows stops.
func actor(_ *Record, t *Thing) bool {
	name := strings.ToLower(t.Value[strings.LastIndexAny(t.Value, `\/`)+1:])
	return t.Role == "actor" && !slices.Contains([]string{"lsass.exe", "services.exe", "svchost.exe", "csrss.exe", "wininit.exe", "winlogon.exe", "smss.exe", "system", "ntoskrnl.exe", "init", "systemd"}, name)
}

// loose tells a file, by a name with a dot, that is no part of the system. What else a product calls a file may be a folder.
func loose(_ *Record, t *Thing) bool {
	return !system(t.Value) && strings.Contains(t.Value[strings.LastIndexAny(t.Value, `\/`)+1:], ".")
}

// system tells the paths of what the system brings along: another program under such a name lies elsewhere.
func system(path string) bool {
	path = strings.ToLower(strings.ReplaceAll(path, `\`, "/"))
	for _, dir := range [...]string{"/windows/system32/", "/windows/syswow64/", "/windows/winsxs/", "/program files/", "/program files (x86)/"} {
		if strings.Contains(path, dir) {
			return true
		}
	}
	for _, dir := range [...]string{"/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/"} {
		if strings.HasPrefix(path, dir) {
			return true
		}
	}
	return false
}

// person tells an account that somebody uses from those that systems and their services bring along.
func person(_ *Record, t *Thing) bool {
	name := fold("user", t.Value)
	switch name {
	case "www-data", "apache", "nginx", "mysql", "postgres", "tomcat", "git", "sshd", "systemd-network", "iusr", "defaultaccount", "dwm-1", "umfd-0":
		return false
	}
	if strings.Contains(name, " ") { // a display name: several people may have it, and no directory is asked by it
		return false
	}
	return name != "" && !everywhere(name) && t.Role != "related"
}

// Source: AWS, IAM identifiers, "Understanding unique ID prefixes".
var keyShape = regexp.MustCompile(`^A[KS]IA[A-Z0-9]{12,}$`)

func accessKey(_ *Record, t *Thing) bool {
	return keyShape.MatchString(t.Value) && strings.HasPrefix(t.Value, "AKIA")
}

// sessionKey tells an account of which a key is used that ends with its session.
func sessionKey(r *Record, t *Thing) bool {
	return person(r, t) && slices.ContainsFunc(r.Things, func(o Thing) bool {
		return o.Type == "cloud" && keyShape.MatchString(o.Value) && strings.HasPrefix(o.Value, "ASIA")
	})
}

var instanceShape = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)

func instance(_ *Record, t *Thing) bool { return instanceShape.MatchString(t.Value) }
