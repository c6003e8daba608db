package check

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// journal is the Windows log an event stands in. The same number means different things in different logs.
type journal uint8

const (
	noJournal journal = iota
	anyWindows
	security
	system
	sysmon
	defender
)

// eventCode returns an alert's event number and the field that holds it, nil when there is none. It costs little: a check asks
// for the log, which costs more, only when the number matters to it.
func eventCode(a *alert.Alert) (*alert.Field, int) {
	f := a.First(alert.SlotEventCode)
	if f == nil || f.Value == "" || f.Value[0]-'0' > 9 && f.Value[0] != '-' && f.Value[0] != '+' {
		return nil, 0
	}
	code, err := strconv.Atoi(f.Value)
	if err != nil {
		return nil, 0
	}
	return f, code
}

// journalOf is the log that an event of that number stands in; noJournal when it is no Windows event.
func journalOf(a *alert.Alert, code int) journal {
	j, named := journalNamed(a.Format+" "+a.Product), false
	for p := range a.Each(alert.SlotProvider) {
		j, named = max(j, journalNamed(p.Value)), true
	}
	if j < security && code >= 4608 && code < 6500 && !named {
		j = security
	}
	return j
}

func journalNamed(s string) journal {
	s = strings.ToLower(s)
	switch {
	case strings.Contains(s, "sysmon"):
		return sysmon
	case strings.Contains(s, "defender"):
		return defender
	case strings.Contains(s, "security"):
		return security
	case s == "system" || strings.Contains(s, "service control manager") || strings.Contains(s, "eventlog"):
		return system
	case strings.Contains(s, "windows") || strings.Contains(s, "winlog") || strings.Contains(s, "eventchannel"):
		return anyWindows
	}
	return noJournal
}

// eventData looks up a named value of a Windows event that has no slot of its own: beside a field that has one, else
// where collectors put it. It is nil when there is none.
func eventData(a *alert.Alert, near *alert.Field, name string) *alert.Field {
	lower := strings.ToLower(name[:1]) + name[1:]
	if !bytes.Contains(a.View, []byte(name[1:])) {
		return nil
	}
	paths := []alert.Path{
		alert.Path("data.win.eventdata." + lower), alert.Path("_source.data.win.eventdata." + lower), alert.Path("winlog.event_data." + name),
		alert.Path("Event.EventData." + name), alert.Path("EventData." + name), alert.Path(name),
	}
	if near != nil {
		dir := near.Path[:strings.LastIndexByte(string(near.Path), '.')+1]
		paths = append([]alert.Path{dir + alert.Path(name), dir + alert.Path(lower)}, paths...)
	}
	for _, p := range paths {
		if v, ok := a.Lookup(p); ok && v != "" {
			return &alert.Field{Path: p, Value: v}
		}
	}
	return nil
}

// events knows Windows events that mean something by themselves and that no other check reads.
// Source: Microsoft, Appendix L: Events to Monitor; Sysmon's documentation; Review event logs of Microsoft Defender
// Antivirus; ATT&CK T1055, T1562.
type events struct {
	table func() *eventMeanings
	pipes *ruleset
	kinds func() map[string]kind
}

type event struct {
	journal journal
	code    int
}

type meaning struct {
	weight triage.Weight
	says   string
}

// eventMeanings are the events that mean something, and their numbers in any log.
type eventMeanings struct {
	meanings map[event]meaning
	codes    map[int]bool
}

func newEventMeanings() *eventMeanings {
	m := &eventMeanings{eventTable(), map[int]bool{}}
	for e := range m.meanings {
		m.codes[e.code] = true
	}
	return m
}

// Events returns the check of Windows events.
func Events() triage.Check {
	return &events{sync.OnceValue(newEventMeanings), newRuleset(pipes), sync.OnceValue(kindsOfProgram)}
}

func (c *events) Name() string { return "events" }

func (c *events) Check(a *alert.Alert, note func(triage.Signal)) {
	f, code := eventCode(a)
	if f == nil || !c.table().codes[code] && code != 17 && code != 18 {
		return
	}
	j := journalOf(a, code)
	if m, ok := c.table().meanings[event{j, code}]; ok {
		family := triage.ProcessTree
		if j == defender {
			family = triage.Malware
		} else if j == security {
			family = triage.Persistence
		}
		note(triage.Note(c.Name(), family, m.weight, m.says, "", f))
	}
	if j == sysmon && code == 8 {
		c.thread(a, f, note)
	}
	if j == sysmon && (code == 17 || code == 18) {
		for i := range a.Fields {
			g := &a.Fields[i]
			c.pipes.match(g.Value, func(h found) {
				note(triage.Note(c.Name(), triage.ProcessTree, h.weight, h.says, g.Value[h.from:h.to], g, f))
			})
		}
	}
}

// thread judges who starts a thread in another process. Parts of Windows, drivers' helpers and debuggers do so, too; programs that lie where anybody
// writes, and those that run what others wrote, seldom have a reason. Into LSASS nobody has.
func (c *events) thread(a *alert.Alert, event *alert.Field, note func(triage.Signal)) {
	source, target := a.First(alert.EntitySlot(alert.Actor, alert.Process)), a.First(alert.EntitySlot(alert.Target, alert.Process))
	if source == nil || target == nil {
		return
	}
	name, path := lowerBase(source.Value), strings.ToLower(source.Value)
	home := strings.Contains(path, `:\windows\`) || strings.Contains(path, `:\program files`) || strings.Contains(path, `:\programdata\microsoft\windows defender\`)
	runs := c.kinds()[name] & (office | reader | browser | command | powershell | htmlHost | scriptHost | registrar | rundll | loader)
	switch {
	case !home && strings.Contains(path, `\`):
		note(triage.Note(c.Name(), triage.ProcessTree, 2100, "a program outside of the folders for programs started a thread in another process", base(source.Value), source, target, event))
	case runs != 0:
		note(triage.Note(c.Name(), triage.ProcessTree, 2100, "a program that runs what others wrote started a thread in another process", base(source.Value), source, target, event))
	case lowerBase(target.Value) == "lsass.exe" && name != "csrss.exe" && name != "services.exe" && name != "wininit.exe":
		note(triage.Note(c.Name(), triage.Credentials, 1500, "a thread was started in LSASS", base(target.Value), target, source, event))
	}
}

func eventTable() map[event]meaning {
	return map[event]meaning{
		{sysmon, 8}:  {700, "a process started a thread in another process"},
		{sysmon, 9}:  {500, "a process read a disk past its file system"},
		{sysmon, 16}: {900, "the configuration of Sysmon was changed"},
		{sysmon, 25}: {1000, "the image of a process was replaced (hollowing or herpaderping)"},
		{sysmon, 27}: {800, "Sysmon blocked a program file from being written"},
		{sysmon, 28}: {800, "Sysmon blocked files from being shredded"},

		{defender, 1015}: {1300, "Defender saw suspicious behaviour"},
		{defender, 1116}: {1200, "Defender found malware"},
		{defender, 1117}: {700, "Defender acted against malware"},
		{defender, 1118}: {1700, "Defender failed to act against malware"},
		{defender, 1119}: {1900, "Defender failed badly to act against malware"},
		{defender, 1121}: {900, "an attack surface reduction rule blocked something"},
		{defender, 1122}: {500, "an attack surface reduction rule would have blocked something"},
		{defender, 5001}: {2700, "Defender's real-time protection was switched off"},
		{defender, 5010}: {2500, "Defender's scanning for malware was switched off"},
		{defender, 5012}: {2500, "Defender's scanning for viruses was switched off"},
		{defender, 5013}: {1700, "tamper protection stopped a change to Defender"},

		{security, 4618}: {2000, "a monitored pattern of security events occurred"},
		{security, 4649}: {1800, "a replay attack was detected"},
		{security, 4706}: {1300, "a trust to another domain was made"},
		{security, 4739}: {600, "the domain policy was changed"},
		{security, 4765}: {3000, "SID history was added to an account"},
		{security, 4766}: {2500, "adding SID history to an account failed"},
		{security, 4780}: {700, "the access list of an administrative group's members was set"},
		{security, 4794}: {2500, "the directory services restore password was set"},
		{security, 4964}: {500, "a member of a watched group signed in"},
		{security, 5025}: {1200, "the firewall service was stopped"},
		{security, 5038}: {700, "a file's hash is not the one it was signed with"},
		{security, 5376}: {1500, "stored credentials were backed up"},
		{security, 5377}: {1200, "stored credentials were restored"},
		{security, 6281}: {600, "a page of a file does not have the hash it was signed with"},
	}
}

// pipes are the names of pipes that attack tools use unless told otherwise.
// Source: the tools' public defaults, as collected in SigmaHQ's and vendors' write-ups.
func pipes() []rule {
	return []rule{
		{2600, "a named pipe of a command-and-control framework", `\msagent_|\postex_|\status_|\msse-|\mojo.5688.8052.|\gruntsvc|\583da945|\demoagent|\bizkaz|\lsadump|\cachedump|\wceservicepipe`, ""},
		{1300, "a named pipe of a tool for remote execution", `\psexesvc|\remcom_|\paexec|\csexecsvc|\winexesvc|\svcctl_`, ""},
	}
}
