package check

import (
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Who opens the process that holds the passwords, and with which rights.
// Source: ATT&CK T1003.001; Microsoft, Process Security and Access Rights; the public Sigma rules about access to LSASS, whose
// lists of masks and of ordinary readers are followed.

const (
	productReads = 900  // what an administrator installed, as security and inventory products are
	strangeReads = 2500 // a program in a place that is neither Windows' nor for installed programs
)

// lsass weighs access to the process that holds passwords, by the rights asked for and by who asks.
func (c *credentials) lsass(a *alert.Alert, actor, target *alert.Field, note func(triage.Signal)) {
	access := a.First(alert.SlotAccess)
	if access == nil {
		if _, code := eventCode(a); code == 8 && journalOf(a, code) == sysmon {
			c.note(note, 2500, "a thread was started in LSASS", "", target, actor)
		}
		return
	}
	weight := maskWeight(access.Value)
	if actor != nil && weight > 0 {
		weight = c.readerWeight(actor.Value, weight)
	}
	if weight > 0 {
		c.note(note, weight, "LSASS, which holds passwords, is opened for reading", "", access, target, actor)
	}
}

// readerWeight weighs that the program at a path reads LSASS, with rights that weigh this much.
func (c *credentials) readerWeight(path string, rights triage.Weight) triage.Weight {
	p := withoutVolume(strings.ToLower(path))
	name := base(p)
	if c.kinds()[name]&(powershell|command|rundll|scriptHost|htmlHost|loader|office|unixShell) != 0 || oddPlace(p) {
		return max(rights, strangeReads)
	}
	if rest, ok := cutFirst(p, `\windows\system32\`, `\windows\syswow64\`); ok {
		switch {
		case listed(lsassReaders, rest):
			return 0
		case listed(memoryDumpers, name):
			return rights
		}
		return productReads
	}
	if rest, ok := cutFirst(p, `\program files\`, `\program files (x86)\`); ok {
		switch folder, _, inside := strings.Cut(rest, `\`); {
		case !inside:
			return max(rights, strangeReads)
		case strings.HasPrefix(folder, "windows defender") || folder == "microsoft security client":
			return 0
		}
		return productReads
	}
	switch {
	case p == "system" || strings.HasPrefix(p, `\programdata\microsoft\windows defender\`) || strings.HasPrefix(p, `\programdata\microsoft\windows defender advanced threat protection\`):
		return 0
	case name == p || strings.HasPrefix(p, `\windows\`):
		return rights
	}
	return max(rights, strangeReads)
}

// lsassReaders are the programs below System32 that read LSASS on every day; memoryDumpers write another process's memory into
// a file when they are told to. Between the bars, which no path of Windows holds.
const (
	lsassReaders  = `|svchost.exe|csrss.exe|wininit.exe|winlogon.exe|services.exe|smss.exe|lsm.exe|lsass.exe|lsaiso.exe|wbem\wmiprvse.exe|taskhostw.exe|taskhost.exe|msiexec.exe|mrt.exe|vssvc.exe|sppsvc.exe|securityhealthservice.exe|sihost.exe|dllhost.exe|vboxservice.exe|msmpeng.exe|`
	memoryDumpers = "|taskmgr.exe|werfault.exe|werfaultsecure.exe|rdrleakdiag.exe|"
)

func listed(list, name string) bool { return strings.Contains(list, "|"+name+"|") }

// withoutVolume cuts off the letter or the device of the volume from a path in lower case.
func withoutVolume(p string) string {
	for _, front := range [...]string{`\\?\`, `\??\`} {
		p = strings.TrimPrefix(p, front)
	}
	switch rest, device := strings.CutPrefix(p, `\device\harddiskvolume`); {
	case device:
		if i := strings.IndexByte(rest, '\\'); i >= 0 {
			return rest[i:]
		}
	case len(p) > 2 && p[1] == ':':
		return p[2:]
	}
	if rest, ok := cutFirst(p, `%systemroot%`, `\systemroot`); ok {
		return `\windows` + rest
	}
	return p
}

// cutFirst cuts the first of two fronts off.
func cutFirst(s, one, other string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, one); ok {
		return rest, true
	}
	return strings.CutPrefix(s, other)
}

func oddPlace(p string) bool {
	return strings.Contains(p, `\temp\`) || strings.Contains(p, `\users\`) || strings.Contains(p, `\perflogs\`) || strings.Contains(p, `\downloads\`)
}

// maskWeight weighs an access mask; without the right to read memory it is 0.
func maskWeight(mask string) triage.Weight {
	m, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(mask), "0x"), 16, 32)
	const read, write, duplicate = 0x10, 0x20, 0x40
	switch {
	case err != nil || m&read == 0:
		return 0
	case m == 0x1438 || m == 0x143a || m == 0x1418 || m == 0x1f3fff:
		return 2300
	case m == 0x1410 || m == 0x1010:
		return 1700
	case m&(write|duplicate) != 0:
		return 1500
	}
	return 1200
}
