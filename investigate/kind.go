package investigate

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
)

// kind is what a record tells of.
type kind uint8

const (
	generic kind = iota
	start        // a process began
	ended        // a process ended
	network
	dns
	file   // written, changed, renamed
	remove // of a file
	module // loaded into a process
	registry
	access // to another process
	inject // into another process
	pipe
	script
	logon
	failed // logon
	logoff
	service // installed
	task    // scheduled
	share   // of files, used from elsewhere
	object  // opened: a file, a key, a process
	account // made or changed
	call    // of a cloud's control plane
	web
	mail
	kinds
)

// words name the kinds in guides and in techniques.yaml.
func (k kind) String() string {
	return [kinds]string{
		"generic", "start", "end", "network", "dns", "file", "delete", "module", "registry", "access", "inject", "pipe", "script", "logon", "failed-logon", "logoff",
		"service", "task", "share", "object", "account", "call", "web", "mail",
	}[k]
}

// noun is what a record of the kind is called in a sentence.
func (k kind) noun() string {
	switch k {
	case network:
		return "connection"
	case dns:
		return "query"
	case generic:
		return "record"
	case failed:
		return "failed logon"
	case web:
		return "request"
	case registry:
		return "registry change"
	case service, task, account, share, module, access, object, file, remove, inject, pipe, script, logon, logoff, call, mail, start, ended, kinds:
	}
	return k.String()
}

// sysmonKinds and windowsKinds are what the numbers of Windows events stand for.
// Source: Sysmon's documentation; Microsoft, Appendix L: Events to Monitor.
func sysmonKinds() map[int]kind {
	return map[int]kind{
		1: start, 2: file, 3: network, 5: ended, 6: module, 7: module, 8: inject, 10: access, 11: file, 12: registry, 13: registry, 14: registry, 15: file, 17: pipe,
		18: pipe, 19: task, 20: task, 21: task, 22: dns, 23: remove, 25: inject, 26: remove, 27: file, 28: file, 29: file,
	}
}

func windowsKinds() map[int]kind {
	return map[int]kind{
		4688: start, 4689: ended, 4624: logon, 4648: logon, 4768: logon, 4769: logon, 4776: logon, 4778: logon, 4625: failed, 4771: failed, 4634: logoff, 4647: logoff, 4779: logoff,
		4697: service, 7045: service, 4698: task, 4700: task, 4702: task, 5140: share, 5145: share, 4656: object, 4658: object, 4661: object, 4663: object, 4670: object, 4690: object, 5156: network, 5158: network, 4104: script, 4103: script, 4657: registry,
		4660: remove, 4720: account, 4722: account, 4723: account, 4724: account, 4728: account, 4732: account, 4738: account, 4756: account, 4781: account,
	}
}

var (
	sysmon  = sync.OnceValue(sysmonKinds)
	windows = sync.OnceValue(windowsKinds)
	spawned = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)process.?(creat|start|launch|rollup)|childproc|\bproc(ess)?[_ ]?exec|^execve?(at)?$|TELEMETRY_PROCESS_CREATE`)
	})
	clicked  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)click`) })
	injected = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)inject|remote.?thread|hollow|doppelg|process.?tamper`)
	})
	denied = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)fail|denied|deny|invalid|unauthori[sz]ed|bad password|block|no such user|user unknown|^no$|^0xc0`)
	})
	granted = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)success|accept|^ok$|^yes$|^0$|^0x0$|allow|opened|granted`)
	})
)

// kindOf tells what a record tells of: by the number of a Windows event, else by what it names.
func kindOf(a *alert.Alert) kind {
	if k := kindOfEvent(a); k != generic {
		return k
	}
	has := func(s alert.Slot) bool { return a.First(s) != nil }
	target := has(alert.SlotTargetProcessKey) || has(alert.SlotTargetProcessID) || has(alert.EntitySlot(alert.Target, alert.Process))
	onHost := has(alert.EntitySlot(alert.Actor, alert.Process)) && has(alert.EntitySlot(alert.Target, alert.Host))
	switch {
	case has(alert.SlotMailID) && named(a, clicked()):
		return web
	case has(alert.SlotMailID) || has(alert.EntitySlot(alert.Target, alert.Mail)) && has(alert.EntitySlot(alert.Source, alert.Mail)):
		return mail
	case named(a, spawned()):
		return start
	case target && named(a, injected()):
		return inject
	case target:
		return access
	case has(alert.SlotHTTPMethod), has(alert.SlotHTTPStatus) && has(alert.EntitySlot(alert.Target, alert.URL)):
		return web
	case has(alert.SlotOperation) && !onHost && (has(alert.SlotRegion) || has(alert.SlotCredential) || has(alert.SlotAccount)):
		return call
	case has(alert.SlotQuery):
		return dns
	case has(alert.EntitySlot(alert.Target, alert.Registry)):
		return registry
	case signsIn(a):
		if succeeds(a) < 0 {
			return failed
		}
		return logon
	case has(alert.EntitySlot(alert.Target, alert.IP)) && (has(alert.SlotTargetPort) || has(alert.EntitySlot(alert.Actor, alert.Process))):
		return network
	case has(alert.SlotScript):
		return script
	case has(alert.EntitySlot(alert.Target, alert.File)):
		return file
	case has(alert.EntitySlot(alert.Actor, alert.Process)) && has(alert.EntitySlot(alert.Actor, alert.Command)):
		return start
	case has(alert.SlotParentID) && has(alert.SlotProcessID) && (!has(alert.SlotOperation) || executes(a)):
		return start
	}
	return generic
}

// executes tells the system calls with which a program begins. Source: execve(2), execveat(2) and their numbers on x86-64 and arm64.
func executes(a *alert.Alert) bool {
	for f := range a.Each(alert.SlotOperation) {
		switch f.Value {
		case "execve", "execveat", "59", "322", "221", "281":
			return true
		}
	}
	return false
}

func kindOfEvent(a *alert.Alert) kind {
	f := a.First(alert.SlotEventCode)
	if f == nil {
		return generic
	}
	code, err := strconv.Atoi(f.Value)
	if err != nil {
		return generic
	}
	for p := range a.Each(alert.SlotProvider) {
		if strings.Contains(strings.ToLower(p.Value), "sysmon") {
			return sysmon()[code]
		}
	}
	return windows()[code]
}

// named tells whether what names the record matches.
func named(a *alert.Alert, re *regexp.Regexp) bool {
	for _, s := range [...]alert.Slot{alert.SlotEventCode, alert.SlotRuleName, alert.SlotCategory, alert.SlotOperation, alert.SlotTitle} {
		for f := range a.Each(s) {
			if re.MatchString(f.Value) {
				return true
			}
		}
	}
	return false
}

// signsIn tells a record of somebody who signed in or tried to.
func signsIn(a *alert.Alert) bool {
	if a.First(alert.SlotLogonType) != nil {
		return true
	}
	if a.First(alert.SlotMethod) == nil && a.First(alert.SlotResult) == nil {
		return false
	}
	for _, s := range [...]alert.Slot{alert.SlotCategory, alert.SlotOperation, alert.SlotRuleName, alert.SlotTitle, alert.SlotService, alert.SlotEventCode} {
		for f := range a.Each(s) {
			v := strings.ToLower(f.Value)
			if strings.Contains(v, "login") || strings.Contains(v, "logon") || strings.Contains(v, "signin") || strings.Contains(v, "sign-in") || strings.Contains(v, "auth") || v == "sshd" {
				return true
			}
		}
	}
	return false
}

// succeeds is 1 for what succeeded, -1 for what failed and 0 where the record does not say.
func succeeds(a *alert.Alert) int {
	switch a.Action.String() {
	case "blocked", "failed":
		return -1
	}
	known := 0
	for f := range a.Each(alert.SlotResult) {
		switch {
		case denied().MatchString(f.Value):
			return -1
		case granted().MatchString(f.Value):
			known = 1
		}
	}
	if known == 0 && a.Action.String() == "allowed" {
		return 1
	}
	return known
}
