package check_test

import (
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

// ours is an alert whose every field the product wrote itself.
func ours(slot alert.Slot, value string, more ...any) *alert.Alert {
	return trusted(with(slot, value, more...), alert.Sensor)
}

// atMost runs a check over alerts and wants each to weigh no more than the number in front.
func atMost(t *testing.T, c triage.Check, rows map[string]weighed) {
	t.Helper()
	for name, r := range rows {
		if got := sum(run(t, c, r.alert)); got > r.least {
			t.Errorf("%s: %d, want at most %d", name, got, r.least)
		}
	}
}

func TestTitlesThatSpeakOfAttacks(t *testing.T) {
	t.Parallel()
	title := func(s string) *alert.Alert { return with(alert.SlotTitle, s) }
	weighs(t, check.Titles(), map[string]weighed{
		"a tool":                          {2500, title("Mimikatz command line arguments on ws-12")},
		"written together":                {1300, title("SshBruteForce from 203.0.113.9")},
		"written with dashes":             {1800, title("possible lateral-movement over SMB")},
		"a web shell":                     {2200, title("Web Shell written to upload folder")},
		"a rule set's prefix":             {1700, title("ET MALWARE Win32/Sample Checkin")},
		"a scan":                          {700, title("ET SCAN unusual user agent")},
		"a class":                         {600, with(alert.SlotCategory, "web-application-attack")},
		"a known hole":                    {1700, title("Log4Shell lookup in request header")},
		"a canary":                        {3000, title("Canarytoken triggered")},
		"a scanner's trace":               {800, title("Multiple web server 404 error codes from same source ip.")},
		"a gravity that mildness excuses": {1500, ours(alert.SlotTitle, "Malware blocked during session opened by service")},
		"an attacker's excuse":            {2500, title("mimikatz found in database update")},
		"an exercise that only he claims": {1300, title("phishing simulation of 3 May")},
	})
}

func TestTitlesThatDoubt(t *testing.T) {
	t.Parallel()
	const plain, doubt = "A module used for delayed malware execution", "A module that may be used for delayed malware execution"
	atMost(t, check.Titles(), map[string]weighed{
		"a hedge halves":            {750, ours(alert.SlotTitle, doubt)},
		"a folder is no program":    {750, ours(alert.SlotTitle, "Executable file dropped in folder commonly used by malware")},
		"thread is no name":         {2200, ours(alert.SlotTitle, "CreateRemoteThread by a program")},
		"a hedge about an exercise": {-900, ours(alert.SlotTitle, "Possible software update")},
	})
	weighs(t, check.Titles(), map[string]weighed{
		"without a hedge":           {1500, ours(alert.SlotTitle, plain)},
		"a stranger's hedge":        {1500, with(alert.SlotTitle, doubt)},
		"a shelf is no statement":   {1600, ours(alert.SlotTitle, "ET EXPLOIT Possible Sample Probe")},
		"what is likely is no word": {1500, ours(alert.SlotTitle, "Malware in an unlikely place")},
	})
	atMost(t, check.Techniques(), map[string]weighed{
		"the tag of a doubt": {1000, trusted(hedged("T1003.001", doubt), alert.Sensor)},
	})
	weighs(t, check.Techniques(), map[string]weighed{
		"the tag of a stranger's doubt": {2000, hedged("T1003.001", doubt)},
	})
}

func hedged(technique, title string) *alert.Alert {
	return with(alert.SlotTechnique, technique, alert.SlotTitle, title)
}

func TestTitlesOfBoringDays(t *testing.T) {
	t.Parallel()
	boring := []string{
		"PAM: Login session opened.", "Windows logon success.", "User logged off", "sshd: authentication success.",
		"ClamAV database update", "Dpkg (Debian Package) half configured: new dpkg", "Windows Update installed an update",
		"Agent started", "Wazuh agent disconnected.", "Service started", "DHCP lease renewed", "Group Policy applied",
		"License will end in 30 days", "Backup job completed", "Integrity checksum changed.", "Screensaver invoked", "Time sync with 10.0.0.1",
		"CVE-2024-00000 affects openssl", "CIS Ubuntu Linux Benchmark: Ensure mounting of cramfs is off", "Scheduled scan completed, no threats found",
		"SURICATA STREAM Packet with invalid ack", "New event type.", "Unusual occurrence frequencies of DNS log events.", "ET POLICY GNU/Linux APT User-Agent Outbound",
		"Not Suspicious Traffic", "Health check of node 4", "Certificate expires in 20 days", "Selinux permission check", "Sample alert of the vendor about malware",
	}
	rows := map[string]weighed{}
	for _, s := range boring {
		rows[s] = weighed{0, ours(alert.SlotTitle, s)}
	}
	atMost(t, check.Titles(), rows)
	silent := map[string]weighed{}
	for _, s := range []string{
		"PAM: Login session opened.", "Windows logon success.", "Agent started", "Backup job completed", "Group Policy applied",
		"Print job failed on host01", "IDS event.", "System configuration changed", "User created", "Mail delivered", "Rate limit changed",
		"Interface up", "Torrent of rain in the data centre", "Pirate bay",
	} {
		silent[s] = weighed{0, with(alert.SlotTitle, s)}
	}
	weighs(t, check.Titles(), silent)
}

func TestTextOfAnAttackerNeverLowers(t *testing.T) {
	t.Parallel()
	alerts := []*alert.Alert{
		with(alert.SlotTitle, "agent started", alert.SlotCategory, "session opened"),
		rated(5, with(alert.SlotSeverity, "low", alert.SlotConfidence, "low", alert.SlotVerdict, "false positive", alert.SlotStatus, "benign")),
		acting(alert.Blocked, 90, with(alert.SlotAction, "blocked", alert.SlotResult, "denied", alert.SlotThreat, "Trojan", alert.SlotTitle, "Exploit")),
		with(alert.SlotHTTPStatus, "404", alert.EntitySlot(alert.Target, alert.URL), "/a?f=/etc/passwd"),
	}
	for _, c := range []triage.Check{
		check.Vendor(), check.OutcomeOf(), check.Techniques(), check.Titles(), check.WebRequests(), check.Networks(), check.Clouds(), check.Malwares(), check.Mails(), check.Tampering(),
	} {
		for _, a := range alerts {
			for _, s := range run(t, c, a) {
				if s.Weight <= 0 {
					t.Errorf("%s: %+v", c.Name(), s)
				}
			}
		}
	}
}

// BenchmarkTogether is what the checks of this kind cost on an ordinary alert.
func BenchmarkTogether(b *testing.B) {
	a := rated(30, ours(alert.SlotTitle, "Process created by an unusual parent", alert.SlotRuleName, "Process created by an unusual parent", alert.SlotSeverity, "low",
		alert.SlotCategory, "process", alert.SlotAction, "detected", alert.SlotMessage, "svc-backup started robocopy.exe on srv-files-01 at 10:00", alert.SlotEventCode, "1",
		alert.EntitySlot(alert.Target, alert.Host), "srv-files-01.corp.example.com", alert.EntitySlot(alert.Actor, alert.User), `CORP\svc-backup`,
		alert.EntitySlot(alert.Actor, alert.Process), `C:\Windows\System32\robocopy.exe`, alert.EntitySlot(alert.Actor, alert.Command), `robocopy.exe D:\data \\nas\backup /mir`,
		alert.SlotParent, `C:\Windows\System32\cmd.exe`, alert.EntitySlot(alert.Related, alert.Hash), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		alert.EntitySlot(alert.Source, alert.IP), "10.0.0.5", alert.EntitySlot(alert.Target, alert.IP), "10.0.0.6", alert.SlotTargetPort, "445"))
	checks := []triage.Check{
		check.Vendor(), check.OutcomeOf(), check.Techniques(), check.Titles(), check.WebRequests(), check.Networks(), check.Clouds(), check.Malwares(), check.Mails(), check.Tampering(),
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range checks {
			c.Check(a, func(triage.Signal) {})
		}
	}
}

func BenchmarkTitles(b *testing.B) {
	a := ours(alert.SlotTitle, "Multiple web server 404 error codes from same source ip.", alert.SlotCategory, "web", alert.SlotCategory, "accesslog")
	c := check.Titles()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}

func TestMaliciousIsNotYetMalware(t *testing.T) {
	t.Parallel()
	for title, malware := range map[string]bool{
		"Malicious IP address": false, "User clicked a malicious URL": false, "Sign-in from a malicious network": false, "MaliciousUrlClick": false,
		"Inbox rule of a malicious kind": false, "Malicious file uploaded": false, "Trojan found on ws-1": true,
		"Malware reached through a malicious URL": true, "Malware in a file": true,
	} {
		got := run(t, check.Titles(), ours(alert.SlotTitle, title))
		if len(got) != 1 || got[0].Weight < 1500 || strings.Contains(got[0].Sentence, "names malware") != malware {
			t.Errorf("%s: %+v, want malware named: %v", title, got, malware)
		}
	}
}
