package estate_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/estate"
	"github.com/seed-959697dd/soc/triage"
)

var (
	targetHost = alert.EntitySlot(alert.Target, alert.Host)
	targetIP   = alert.EntitySlot(alert.Target, alert.IP)
	sourceIP   = alert.EntitySlot(alert.Source, alert.IP)
	sourceHost = alert.EntitySlot(alert.Source, alert.Host)
	actorUser  = alert.EntitySlot(alert.Actor, alert.User)
	targetUser = alert.EntitySlot(alert.Target, alert.User)
	targetMail = alert.EntitySlot(alert.Target, alert.Mail)
)

// said is an alert of pairs of slot and value, each trusted alike.
func said(trust alert.Trust, pairs ...any) *alert.Alert {
	a := &alert.Alert{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f := alert.Field{Slot: pairs[i].(alert.Slot), Value: pairs[i+1].(string), Trust: trust, Path: alert.NewPath("f" + strconv.Itoa(i))}
		if f.Slot == alert.SlotTime {
			a.Time, _ = time.Parse(time.RFC3339, f.Value)
		}
		a.Fields = append(a.Fields, f)
	}
	return a
}

// run collects what the check says, each as "weight sentence [source]", and holds it to what every signal owes.
func run(t *testing.T, e *estate.Estate, a *alert.Alert) (list []string, critical bool) {
	t.Helper()
	c := e.Check()
	c.Check(a, func(s triage.Signal) {
		var sources []string
		for _, r := range s.Receipts {
			sources = append(sources, r.Source)
			if r.Value == "" {
				t.Errorf("%q has an empty receipt", s.Sentence)
			}
		}
		if s.Check != "assets" || s.Family != triage.Assets || len(s.Receipts) == 0 || sources[0] == "" || strings.HasSuffix(s.Sentence, ".") {
			t.Errorf("incomplete signal %+v", s)
		}
		list = append(list, fmt.Sprintf("%d %s %v", s.Weight, s.Sentence, sources))
		critical = critical || s.Critical
	})
	return list, critical
}

func TestCheckSays(t *testing.T) {
	t.Parallel()
	e := load(t)
	rule, scan := alert.SlotRuleName, "ET SCAN Potential SSH Scan"
	for name, row := range map[string]struct {
		alert    *alert.Alert
		want     []string
		critical bool
	}{
		"a domain controller": {
			said(alert.Sensor, targetHost, "DC-01.corp.example.com", targetIP, "10.20.0.10"),
			[]string{"1200 the target dc-01.corp.example.com is listed as critical, domain-controller, crown-jewel; owner identity team [assets.csv:2]"},
			true,
		},
		"a name of two domains": {
			said(alert.Sensor, targetHost, "dc-01"),
			[]string{"1200 the target dc-01.corp.example.com is listed as critical, domain-controller, crown-jewel; owner identity team; 2 entries fit the name, the one that matters most counts [assets.csv:2]"},
			true,
		},
		"as the source": {
			said(alert.Attacker, sourceIP, "10.20.0.10"),
			[]string{"800 the source dc-01.corp.example.com is listed as critical, domain-controller, crown-jewel; owner identity team [assets.csv:2]"},
			true,
		},
		"an exposed server": {
			said(alert.Sensor, targetIP, "198.51.100.20"),
			[]string{"900 the target web-1.corp.example.com is listed as high, web-server, internet-facing; owner web team [soc.yaml:5, assets.csv:6]"},
			false,
		},
		"a critical range": {
			said(alert.Sensor, targetIP, "10.20.40.7"),
			[]string{"1100 the target 10.20.40.7 lies in infusion pumps 10.20.40.0/24, which is listed as critical, clinical [subnets.csv:3]"},
			true,
		},
		"one of a pattern": {
			said(alert.Sensor, targetHost, "hv-9"),
			[]string{"800 the target hv-9 is one of hv-*, which are listed as high, hypervisor [soc.yaml:4]"},
			false,
		},
		"a machine in a cloud": {
			said(alert.Sensor, alert.EntitySlot(alert.Target, alert.Cloud), "i-0a1b2c3d4e5f60718"),
			[]string{"1200 the target pay-api-1 is listed as critical, crown-jewel [cloud.json:4]"},
			true,
		},
		"nothing known":       {said(alert.Sensor, targetHost, "ws-99", targetIP, "203.0.113.9", actorUser, "bob"), nil, false},
		"nothing to say":      {said(alert.Sensor, targetHost, "ws-01", actorUser, "ann"), nil, false},
		"watched, not done":   {said(alert.Sensor, alert.EntitySlot(alert.Observer, alert.Host), "dc-01", alert.EntitySlot(alert.Related, alert.IP), "10.20.0.10"), nil, false},
		"a privileged actor":  {said(alert.Attacker, actorUser, `CORP\adm-ann`), []string{"600 the privileged account adm-ann acts [users.csv:3]"}, false},
		"a privileged target": {said(alert.Attacker, targetUser, `adm-ann`), []string{"500 the privileged account adm-ann is the target [users.csv:3]"}, false},
		"break-glass": {
			said(alert.Attacker, targetUser, "BG-01"),
			[]string{"2000 the break-glass account bg-01 is the target, which is for emergencies only [identities.ndjson:2]"},
			false,
		},
		"a VIP's mail": {said(alert.Attacker, targetMail, "Chief@Example.com"), []string{"300 chief, listed as VIP, is the target [identities.ndjson:3]"}, false},
		"a service at a screen": {
			said(alert.Sensor, targetUser, "svc-backup", alert.SlotLogonType, "10"),
			[]string{"1400 the service account svc-backup signs in by remote desktop (logon type 10) [users.csv:4, identities.ndjson:1 ]"},
			false,
		},
		"a service at work":          {said(alert.Sensor, targetUser, "svc-backup", alert.SlotLogonType, "3"), nil, false},
		"a service signs in another": {said(alert.Sensor, actorUser, "svc-backup", targetUser, "ann", alert.SlotLogonType, "2"), nil, false},
		"the approved scanner": {
			said(alert.Sensor, sourceIP, "10.20.0.9", targetIP, "10.20.1.11", rule, scan),
			[]string{"-1800 10.20.0.9 is the approved scanner nessus-1 [assets.csv:5 ]"},
			false,
		},
		"the scanner, says an attacker": {
			said(alert.Attacker, sourceIP, "10.20.0.9", rule, scan),
			[]string{"0 10.20.0.9 is the approved scanner nessus-1 [assets.csv:5 ]"},
			false,
		},
		"the scanner and a stranger":      {said(alert.Sensor, sourceIP, "10.20.0.9", sourceIP, "203.0.113.9", rule, scan), nil, false},
		"the scanner and another":         {said(alert.Sensor, sourceIP, "10.20.0.9", sourceHost, "ws-01", rule, scan), nil, false},
		"the scanner is scanned":          {said(alert.Sensor, targetIP, "10.20.0.9", rule, scan), nil, false},
		"the scanner has malware":         {said(alert.Sensor, sourceIP, "10.20.0.9", rule, "ET MALWARE Beacon", alert.SlotCategory, "network-scan"), nil, false},
		"the scanner does something else": {said(alert.Sensor, sourceIP, "10.20.0.9", rule, "New service installed"), nil, false},
		"a test machine":                  {said(alert.Sensor, targetHost, "lab-1"), []string{"-400 the target lab-1 is of the environment lab [assets.csv:7, subnets.csv:2]"}, false},
		"a test machine and another":      {said(alert.Sensor, targetHost, "lab-1", targetHost, "ws-01"), nil, false},
		"backup makes a shadow copy": {
			said(alert.Sensor, targetHost, "bk-01", rule, "Volume Shadow Copy created"),
			[]string{
				"800 the target bk-01.corp.example.com is listed as high, backup-server, backup; owner infrastructure [assets.csv:4]",
				"-800 bk-01 is the backup server bk-01.corp.example.com, which reads much and makes shadow copies [assets.csv:4 ]",
			},
			false,
		},
		"backup deletes them": {
			said(alert.Sensor, targetHost, "bk-01", rule, "Volume Shadow Copy deleted"),
			[]string{"800 the target bk-01.corp.example.com is listed as high, backup-server, backup; owner infrastructure [assets.csv:4]"},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, critical := run(t, e, row.alert)
			if strings.Join(got, "\n") != strings.Join(row.want, "\n") || critical != row.critical {
				t.Errorf("critical %t\n got %q\nwant %q", critical, got, row.want)
			}
		})
	}
}

func TestPlannedWork(t *testing.T) {
	t.Parallel()
	e := load(t)
	const lowers = "-1200 work is planned on "
	for name, row := range map[string]struct {
		alert *alert.Alert
		want  string
	}{
		"within, by name":      {said(alert.Sensor, targetHost, "WEB-1.corp.example.com", alert.SlotTime, "2026-03-03T02:00:00Z"), lowers},
		"within, by address":   {said(alert.Sensor, targetIP, "198.51.100.20", alert.SlotTime, "2026-03-03T02:00:00+00:00"), lowers},
		"within, by range":     {said(alert.Sensor, targetIP, "10.20.40.9", alert.SlotTime, "2026-03-03T03:00:00Z"), lowers},
		"another zone":         {said(alert.Sensor, targetHost, "web-1", alert.SlotTime, "2026-03-03T04:30:00+02:00"), lowers},
		"before":               {said(alert.Sensor, targetHost, "web-1", alert.SlotTime, "2026-03-03T00:59:59Z"), ""},
		"after":                {said(alert.Sensor, targetHost, "web-1", alert.SlotTime, "2026-03-03T03:00:01Z"), ""},
		"no time":              {said(alert.Sensor, targetHost, "web-1"), ""},
		"another host":         {said(alert.Sensor, targetHost, "ws-01", alert.SlotTime, "2026-03-03T02:00:00Z"), ""},
		"and another host":     {said(alert.Sensor, targetHost, "web-1", targetHost, "ws-01", alert.SlotTime, "2026-03-03T02:00:00Z"), ""},
		"as the source":        {said(alert.Sensor, sourceHost, "web-1", alert.SlotTime, "2026-03-03T02:00:00Z"), ""},
		"says an attacker":     {said(alert.Attacker, targetHost, "web-1", alert.SlotTime, "2026-03-03T02:00:00Z"), "0 work is planned on "},
		"a host not listed":    {said(alert.Sensor, targetIP, "10.20.40.200", alert.SlotTime, "2026-03-03T02:00:00Z"), lowers},
		"an unlisted stranger": {said(alert.Sensor, targetHost, "web-1", targetIP, "203.0.113.1", alert.SlotTime, "2026-03-03T02:00:00Z"), lowers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := run(t, e, row.alert)
			found := ""
			for _, s := range got {
				if strings.Contains(s, "work is planned") {
					found = s
				}
			}
			if (row.want == "") != (found == "") || !strings.HasPrefix(found, row.want) {
				t.Errorf("got %q", got)
			}
			if row.want != "" && !strings.Contains(found, "maintenance from 2026-03-03T01:00:00Z until 2026-03-03T03:00:00Z: patches [soc.yaml:14 soc.yaml:14]") {
				t.Errorf("the window is not named: %s", found)
			}
		})
	}
}

// TestManyMachinesHideNone holds the bound on machines spoken about to the ones that matter most.
func TestManyMachinesHideNone(t *testing.T) {
	t.Parallel()
	e := load(t)
	pairs := []any{}
	for i := range 30 {
		pairs = append(pairs, targetHost, fmt.Sprintf("hv-%d", i))
	}
	pairs = append(pairs, targetHost, "dc-01.corp.example.com")
	for i := range 9 {
		pairs = append(pairs, targetIP, fmt.Sprintf("10.20.%d.1", i))
	}
	got, critical := run(t, e, said(alert.Attacker, pairs...))
	if !critical || len(got) > 8 {
		t.Errorf("critical %t of %d signals", critical, len(got))
	}
}

// TestAlertTextNeverLowers is promise P6 for this check: whatever stands in fields an attacker can write, no weight falls below zero.
func TestAlertTextNeverLowers(t *testing.T) {
	t.Parallel()
	e := load(t)
	values := []string{"nessus-1", "10.20.0.9", "lab-1", "bk-01", "web-1", "ET SCAN x", "Volume Shadow Copy", "2026-03-03T02:00:00Z", "svc-backup"}
	for slot := range alert.Slot(80) {
		for _, v := range values {
			a := said(alert.Attacker, sourceIP, "10.20.0.9", targetHost, "lab-1", alert.SlotTime, "2026-03-03T02:00:00Z", alert.SlotRuleName, "ET SCAN x", slot, v)
			e.Check().Check(a, func(s triage.Signal) {
				if s.Weight < 0 {
					t.Errorf("%v %q: %+v", slot, v, s)
				}
			})
		}
	}
}
