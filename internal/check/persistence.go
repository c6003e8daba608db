package check

import (
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// persistence reads the ways to stay: registry, services, tasks, WMI, drivers, accounts, and the clearing of logs.
// Source: ATT&CK T1547, T1546, T1543.003, T1053.005, T1136, T1098, T1112, T1548.002, T1562.001, T1070.001; Sysinternals
// Autoruns' documentation; Microsoft, events 4697, 4698, 4719, 4720, 4728, 4732, 7045, 1102; loldrivers.io.
type persistence struct {
	keys, data, services, drivers, groups, flags, unix *ruleset
	written                                            func() *registryWriters
	slots                                              *slotTable
}

// Persistence returns the check of what stays behind.
func Persistence() triage.Check {
	return &persistence{
		newRuleset(registryKeys), newRuleset(startedData), newRuleset(servicePrograms), newRuleset(weakDrivers),
		newRuleset(powerfulGroups), newRuleset(accountFlags), newRuleset(unixAccounts),
		sync.OnceValue(newRegistryWriters), tableOf(lastingIn),
	}
}

func (c *persistence) Name() string { return "persistence" }

// lastingIn tells the slots that are read one by one.
func lastingIn(_ alert.Slot, typ alert.EntityType) uint8 {
	return uint8(bool2int(typ == alert.Registry || typ == alert.Command || typ == alert.File))
}

func (c *persistence) Check(a *alert.Alert, note func(triage.Signal)) {
	if has(a, alert.Registry) || has(a, alert.File) || has(a, alert.Command) {
		c.objects(a, note)
	}
	m := a.First(alert.SlotMessage)
	f, code := eventCode(a)
	if m == nil && !lasts(code) {
		return
	}
	if j := journalOf(a, code); f != nil && j != noJournal {
		c.windows(a, f, code, j, note)
	} else if m != nil {
		c.unix.match(m.Value, func(h found) { c.note(note, h.weight, h.says, m.Value[h.from:h.to], m) })
	}
}

// objects reads keys, commands and files one by one.
func (c *persistence) objects(a *alert.Alert, note func(triage.Signal)) {
	last := ""
	for i := range a.Fields {
		f := &a.Fields[i]
		if c.slots[f.Slot] == 0 {
			continue
		}
		_, typ := f.Slot.Entity()
		switch {
		case typ == alert.Registry:
			if f.Value != last {
				c.registry(f, a.First(alert.SlotDetails), a.First(alert.EntitySlot(alert.Actor, alert.Process)), note)
			}
			last = f.Value
		case typ == alert.Command && writesRegistry(f.Value):
			c.commanded(f, note)
		case typ == alert.File:
			if len(f.Value) > 4 && strings.EqualFold(f.Value[len(f.Value)-4:], ".sys") {
				c.drivers.match(f.Value, func(h found) { c.note(note, h.weight, h.says, f.Value[h.from:h.to], f) })
			}
		}
	}
}

// registry matches a key together with what is written there, because many a key matters only for its value. Installers write
// keys themselves; people write them with a tool.
func (c *persistence) registry(key, details, by *alert.Field, note func(triage.Signal)) {
	text := key.Value
	if details != nil {
		text += " = " + details.Value
	}
	starts := false
	c.keys.match(text, func(h found) {
		starts = true
		part := ""
		if h.from < len(key.Value) {
			part = key.Value[h.from:min(h.to, len(key.Value))]
		}
		c.note(note, h.weight, h.says, part, key, details)
	})
	if !starts {
		return
	}
	if by != nil && typed(lowerBase(by.Value)) {
		c.note(note, 900, "it was written by a command or a script", base(by.Value), by, key)
	}
	if details != nil {
		say := func(h found) { c.note(note, h.weight, h.says, details.Value[h.from:h.to], details, key) }
		c.data.match(details.Value, say)
		c.services.match(details.Value, say)
	}
}

// typed tells the programs by which people and scripts write to the registry.
func typed(name string) bool {
	switch name {
	case "reg.exe", "powershell.exe", "pwsh.exe", "cmd.exe", "wscript.exe", "cscript.exe", "mshta.exe", "rundll32.exe", "regsvr32.exe", "wmiprvse.exe":
		return true
	}
	return false
}

// lasts tells the numbers of the events that windows knows.
func lasts(code int) bool {
	switch code {
	case 7045, 4697, 4698, 4702, 19, 20, 21, 1102, 104, 4719, 4720, 4726, 4724, 4781, 4728, 4732, 4756, 4738:
		return true
	}
	return false
}

func (c *persistence) windows(a *alert.Alert, f *alert.Field, code int, j journal, note func(triage.Signal)) {
	switch {
	case code == 7045 && j != sysmon || code == 4697 && j == security:
		c.installed(a, f, "a service was installed", note)
	case (code == 4698 || code == 4702) && j == security:
		c.installed(a, f, "a scheduled task was made or changed", note)
	case j == sysmon && code == 19:
		c.note(note, 900, "a WMI event filter was registered", "", f)
	case j == sysmon && (code == 20 || code == 21):
		c.note(note, 1900, "a WMI event consumer was registered or bound", "", f)
	case code == 1102 && j != sysmon || code == 104 && j == system:
		c.note(note, 3000, "an event log was cleared", "", f)
	case code == 4719 && j == security:
		c.note(note, 900, "the audit policy was changed", "", f)
	case code == 4720 && j == security:
		c.note(note, 500, "a user account was made", "", f)
	case code == 4726 && j == security:
		c.note(note, 250, "a user account was deleted", "", f)
	case code == 4724 && j == security:
		c.note(note, 200, "somebody's password was reset", "", f)
	case code == 4781 && j == security:
		c.note(note, 600, "an account was renamed", "", f)
	case (code == 4728 || code == 4732 || code == 4756) && j == security:
		c.joined(a, f, note)
	case code == 4738 && j == security:
		c.anywhere(a, c.flags, f, note)
	}
}

// installed says that something was installed, and more when what it runs is odd.
func (c *persistence) installed(a *alert.Alert, f *alert.Field, says string, note func(triage.Signal)) {
	c.note(note, 250, says, "", f)
	c.anywhere(a, c.services, f, note)
}

func (c *persistence) joined(a *alert.Alert, f *alert.Field, note func(triage.Signal)) {
	if !c.anywhere(a, c.groups, f, note) {
		c.note(note, 300, "somebody became a member of a group", "", f)
	}
}

// anywhere matches the fields in which collectors leave what a Windows event says; each rule counts once.
func (c *persistence) anywhere(a *alert.Alert, set *ruleset, event *alert.Field, note func(triage.Signal)) bool {
	var said []int
	for i := range a.Fields {
		g := &a.Fields[i]
		if g == event || g.Slot == alert.SlotRuleName || g.Slot == alert.SlotTitle {
			continue
		}
		set.match(g.Value, func(h found) {
			for _, s := range said {
				if s == h.index {
					return
				}
			}
			said = append(said, h.index)
			c.note(note, h.weight, h.says, g.Value[h.from:h.to], g, event)
		})
	}
	return len(said) > 0
}

func (c *persistence) note(note func(triage.Signal), w triage.Weight, sentence, part string, fields ...*alert.Field) {
	note(triage.Note(c.Name(), triage.Persistence, w, sentence, part, fields...))
}
