package check_test

import (
	"encoding/json"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

// document is an alert as Wazuh's index holds it; data is the JSON of what stands beside the rule.
type document struct {
	level        int
	description  string
	groups, tags []string
	data         string
}

func (d document) parse(t *testing.T, p *alert.Parser) *alert.Alert {
	t.Helper()
	doc := map[string]any{}
	if d.data != "" {
		if err := json.Unmarshal([]byte(d.data), &doc); err != nil {
			t.Fatal(err)
		}
	}
	doc["rule"] = map[string]any{"id": "100001", "level": d.level, "description": d.description, "groups": d.groups, "mitre": map[string]any{"id": d.tags}}
	doc["agent"], doc["manager"] = map[string]any{"id": "003", "name": "ws-12"}, map[string]any{"name": "manager"}
	doc["decoder"], doc["location"] = map[string]any{"name": "json"}, "EventChannel"
	doc["timestamp"] = "2026-01-05T10:00:00.000+0000"
	line, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	a := new(alert.Alert)
	if _, err := p.Parse(a, line, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

// score is what all checks together make of an alert that stands alone.
func score(a *alert.Alert) triage.Weight {
	ev := triage.Evidence{Severity: a.Severity}
	for _, c := range check.All() {
		c.Check(a, func(s triage.Signal) { ev.Signals = append(ev.Signals, s) })
	}
	policy := triage.DefaultPolicy()
	return triage.Decide(ev, &policy).Score
}

func judge(t *testing.T, attack bool, rows map[string]document) {
	t.Helper()
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	parser := set.NewParser()
	for name, d := range rows {
		if got := score(d.parse(t, parser)); got >= 0 != attack {
			t.Errorf("%s: %d, attack is %t", name, got, attack)
		}
	}
}

const sysmonChannel = `"system":{"eventID":"13","channel":"Microsoft-Windows-Sysmon/Operational"}`

func serviceKey(name, program string) string {
	return `{"data":{"win":{` + sysmonChannel + `,"eventdata":{"image":"C:\\Windows\\system32\\services.exe","targetObject":"HKLM\\System\\CurrentControlSet\\Services\\` +
		name + `\\ImagePath","details":"` + program + `"}}}}`
}

func process1(image, command, parent string) string {
	return `{"data":{"win":{"system":{"eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational"},"eventdata":{"image":"` + image +
		`","commandLine":"` + command + `","parentImage":"` + parent + `"}}}}`
}

func dropped(image, file string) string {
	return `{"data":{"win":{"system":{"eventID":"11","channel":"Microsoft-Windows-Sysmon/Operational"},"eventdata":{"image":"` + image + `","targetFilename":"` + file + `"}}}}`
}

func sensed(priority, severity, from, to string) string {
	return `{"data":{"event_type":"alert","src_ip":"` + from + `","dest_ip":"` + to + `","alert":{"signature":"x","severity":"` + priority +
		`","metadata":{"signature_severity":["` + severity + `"]},"action":"allowed"}}}`
}

// The whole judgement over Wazuh's ways of telling: what a level, a group and a sentence mean together.
// Source: the vocabulary of Wazuh's rule set; ATT&CK.
func TestAttacksInWazuhsWords(t *testing.T) {
	t.Parallel()
	sshd, web, sysmon13 := []string{"syslog", "sshd", "authentication_failures"}, []string{"web", "accesslog", "attack"}, []string{"sysmon", "sysmon_eid13_detections", "windows"}
	sysmon1, ids := []string{"sysmon", "sysmon_eid1_detections", "windows"}, []string{"ids", "suricata"}
	const sys = `C:\\Windows\\System32\\`
	judge(t, true, map[string]document{
		"passwords guessed":                 {10, "sshd: brute force trying to get access to the system. Non existent user.", sshd, []string{"T1110"}, ""},
		"a tool's own name":                 {5, "sshd: Attempt to login using a non-existent user", []string{"sshd", "authentication_failed", "invalid_login"}, []string{"T1110.001"}, `{"full_log":"Failed password for invalid user hydra from 203.0.113.9 port 50514 ssh2","data":{"srcip":"203.0.113.9","srcuser":"hydra"}}`},
		"many failures":                     {10, "sshd: Multiple authentication failures.", sshd, []string{"T1110"}, ""},
		"many failures, of PAM":             {10, "PAM: Multiple failed logins in a small period of time.", []string{"pam", "authentication_failures"}, []string{"T1110"}, ""},
		"many failures, of Windows":         {10, "Multiple Windows logon failures.", []string{"windows", "authentication_failures"}, []string{"T1110"}, ""},
		"the limit of attempts":             {8, "Maximum authentication attempts exceeded.", []string{"sshd", "authentication_failed"}, []string{"T1110"}, ""},
		"the limit of patience":             {10, "syslog: User missed the password more than one time", []string{"syslog", "authentication_failed"}, []string{"T1110"}, ""},
		"SQL injection":                     {7, "SQL injection attempt.", append(web, "sql_injection"), []string{"T1190"}, `{"data":{"srcip":"203.0.113.5","id":"200","url":"/a.php?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--"}}`},
		"a scanner of the web":              {10, "Multiple web server 400 error codes from same source ip.", []string{"web", "accesslog", "web_scan", "recon"}, []string{"T1595.002"}, ""},
		"a web shell is asked":              {3, "Web server request.", []string{"web", "accesslog"}, nil, `{"data":{"srcip":"203.0.113.5","id":"200","url":"/uploads/shell.php?cmd=whoami"}}`},
		"PsExec in the registry":            {3, "Evidence of new service creation found in registry", sysmon13, []string{"T1543.003"}, serviceKey("PSEXESVC", `%%SystemRoot%%\\PSEXESVC.exe`)},
		"RemCom in the registry":            {3, "Evidence of new service creation found in registry", sysmon13, []string{"T1543.003"}, serviceKey("RemComSvc", `C:\\Windows\\RemComSvc.exe`)},
		"a service by chance":               {3, "Evidence of new service creation found in registry", sysmon13, []string{"T1543.003"}, serviceKey("kXbQ", `%%systemroot%%\\kXbQrTzP.exe`)},
		"shadow copies deleted":             {3, "Suspicious Windows cmd shell execution", sysmon1, []string{"T1059.003"}, process1(sys+"cmd.exe", "cmd.exe /c vssadmin delete shadows /all /quiet", sys+"cmd.exe")},
		"Defender off":                      {3, "Powershell process started", sysmon1, []string{"T1059.001"}, process1(sys+`WindowsPowerShell\\v1.0\\powershell.exe`, "powershell Set-MpPreference -DisableRealtimeMonitoring $true", sys+"cmd.exe")},
		"a shell through WMI":               {4, "Suspicious Windows cmd shell execution", sysmon1, []string{"T1059.003"}, process1(sys+"cmd.exe", "cmd.exe /c whoami", sys+`wbem\\WmiPrvSE.exe`)},
		"a program dropped by a script":     {15, "Executable file dropped in folder commonly used by malware", []string{"sysmon", "windows"}, []string{"T1105"}, dropped(sys+`WindowsPowerShell\\v1.0\\powershell.exe`, `C:\\Users\\bob\\AppData\\Local\\Temp\\a.exe`)},
		"an exploit, as the sensor says":    {3, "Suricata: Alert - ET EXPLOIT Apache log4j RCE Attempt (http ldap) (CVE-2021-44228)", ids, nil, sensed("1", "Major", "198.51.100.7", "10.0.2.9")},
		"a scan from inside":                {3, "Suricata: Alert - ET SCAN Suspicious inbound to mySQL port 3306", ids, nil, sensed("2", "Unknown", "10.0.2.8", "10.0.2.9")},
		"a guess of the sensor, inside":     {3, "Suricata: Alert - ET EXPLOIT Possible ETERNALBLUE Probe MS17-010", ids, nil, sensed("1", "Major", "10.0.2.8", "10.0.2.9")},
		"a network's Trojan":                {3, "Suricata: Alert - ET MALWARE Meterpreter or Other Reverse Shell SSL Cert", ids, nil, sensed("1", "Major", "203.0.113.5", "10.0.2.9")},
		"a scanner of files":                {12, "VirusTotal: Alert - /tmp/x - 58 engines detected this file", []string{"virustotal"}, []string{"T1203"}, ""},
		"a tool lands":                      {5, "File added to the system.", []string{"ossec", "syscheck", "syscheck_entry_added"}, nil, `{"syscheck":{"path":"c:\\users\\bob\\downloads\\mimikatz.exe","event":"added"}}`},
		"a library for every program":       {5, "File added to the system.", []string{"ossec", "syscheck", "syscheck_entry_added"}, nil, `{"syscheck":{"path":"/etc/ld.so.preload","event":"added"}}`},
		"a failure from a system of attack": {5, "Logon failure - Unknown user or bad password.", []string{"windows", "authentication_failed"}, []string{"T1078"}, `{"data":{"win":{"system":{"eventID":"4625","channel":"Security"},"eventdata":{"logonType":"3","workstationName":"kali","targetUserName":"bob"}}}}`},
	})
}

func TestOrdinaryDaysInWazuhsWords(t *testing.T) {
	t.Parallel()
	windows, syscheck, sca := []string{"windows", "windows_system"}, []string{"ossec", "syscheck", "syscheck_file"}, []string{"sca"}
	sysmon13, sysmon1, ids := []string{"sysmon", "sysmon_eid13_detections", "windows"}, []string{"sysmon", "sysmon_eid1_detections", "windows"}, []string{"ids", "suricata"}
	const sys = `C:\\Windows\\System32\\`
	judge(t, false, map[string]document{
		"a failure from a colleague's desk": {5, "Logon failure - Unknown user or bad password.", []string{"windows", "authentication_failed"}, []string{"T1078", "T1531"}, `{"data":{"win":{"system":{"eventID":"4625","channel":"Security"},"eventdata":{"logonType":"3","workstationName":"WS-12","targetUserName":"bob"}}}}`},
		"an agent started":                  {3, "Wazuh agent started.", []string{"ossec"}, nil, ""},
		"an agent stopped":                  {3, "Wazuh agent stopped.", []string{"ossec"}, []string{"T1562.001"}, ""},
		"an agent is overrun":               {12, "Agent event queue is flooded. Check the agent configuration.", []string{"wazuh", "agent_flooding"}, []string{"T1499"}, ""},
		"one failure":                       {5, "PAM: User login failed.", []string{"pam", "authentication_failed"}, []string{"T1110.001"}, ""},
		"one failure of sshd":               {5, "sshd: authentication failed.", []string{"sshd", "authentication_failed"}, []string{"T1110.001"}, ""},
		"a name mistyped":                   {5, "sshd: Attempt to login using a non-existent user", []string{"sshd", "authentication_failed", "invalid_login"}, []string{"T1110.001"}, `{"full_log":"Failed password for invalid user jsmiht from 10.0.2.14 port 50514 ssh2","data":{"srcip":"10.0.2.14","srcuser":"jsmiht"}}`},
		"sudo":                              {3, "Successful sudo to ROOT executed.", []string{"syslog", "sudo"}, []string{"T1548.003"}, ""},
		"a first sudo":                      {4, "First time user executed sudo.", []string{"syslog", "sudo"}, []string{"T1548.003"}, ""},
		"a first sign-in":                   {4, "First time this user logged in this system.", []string{"authentication_success"}, []string{"T1078"}, ""},
		"a session":                         {3, "PAM: Login session opened.", []string{"pam", "authentication_success"}, []string{"T1078"}, ""},
		"a sign-in":                         {3, "Windows logon success.", []string{"windows", "authentication_success"}, []string{"T1078"}, `{"data":{"win":{"system":{"eventID":"4624","channel":"Security"},"eventdata":{"logonType":"3","workstationName":"WS-12","targetUserName":"bob"}}}}`},
		"a sign-in that hedges":             {6, "Successful Remote Logon Detected - NTLM authentication, possible pass-the-hash attack.", []string{"windows", "authentication_success"}, []string{"T1550.002"}, ""},
		"a subscriber of winlogon":          {5, "SessionEnv was unavailable to handle a notification event.", windows, nil, ""},
		"a service's start type":            {3, "Service startup type was changed", windows, []string{"T1484"}, ""},
		"errors of the system":              {10, "Multiple System error events", windows, nil, ""},
		"an error of a program":             {9, "Windows application error event.", windows, nil, ""},
		"a benchmark":                       {7, "CIS Microsoft Windows 11 Enterprise Benchmark v1.0.0: Ensure 'Turn off Microsoft Defender AntiVirus' is set to 'Disabled'.", sca, nil, ""},
		"a summary of benchmarks":           {9, "SCA summary: CIS Benchmark: Score less than 30% (27)", sca, nil, ""},
		"a package":                         {7, "New dpkg (Debian Package) installed.", []string{"syslog", "dpkg"}, nil, ""},
		"a hole in a package":               {13, "CVE-2021-44228 affects log4j", []string{"vulnerability-detector"}, nil, ""},
		"nothing found":                     {3, "VirusTotal: Alert - /usr/bin/foo - No positives found", []string{"virustotal"}, nil, ""},
		"a file of the printer":             {5, "File added to the system.", syscheck, nil, `{"syscheck":{"path":"/etc/cups/subscriptions.conf.O","event":"added"}}`},
		"the names of the network":          {7, "Integrity checksum changed.", syscheck, []string{"T1565.001"}, `{"syscheck":{"path":"/etc/resolv.conf","event":"modified"}}`},
		"a page not found":                  {5, "Web server 400 error code.", []string{"web", "accesslog", "attack"}, nil, `{"data":{"srcip":"203.0.113.5","id":"404","url":"/favicon.ico"}}`},
		"a library of the scheduler":        {4, "Process loaded taskschd.dll module. May be used to create delayed malware execution", []string{"sysmon", "windows"}, []string{"T1053.005"}, `{"data":{"win":{"system":{"eventID":"7","channel":"Microsoft-Windows-Sysmon/Operational"},"eventdata":{"image":"C:\\Program Files\\Mozilla Firefox\\firefox.exe","imageLoaded":"C:\\Windows\\System32\\taskschd.dll"}}}}`},
		"an update lands in a temporary":    {15, "Executable file dropped in folder commonly used by malware", []string{"sysmon", "windows"}, []string{"T1105"}, dropped(`C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe`, `C:\\Users\\bob\\AppData\\Local\\Temp\\msedge_installer.exe`)},
		"a service of an updater":           {3, "Evidence of new service creation found in registry", sysmon13, []string{"T1543.003"}, serviceKey("edgeupdate", `\"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe\" /svc`)},
		"a driver of Defender":              {3, "Evidence of new service creation found in registry", sysmon13, []string{"T1543.003"}, serviceKey("WdNisDrv", `system32\\drivers\\wd\\WdNisDrv.sys`)},
		"Sysmon's own service":              {3, "Evidence of new service creation found in registry", sysmon13, []string{"T1543.003"}, serviceKey("Sysmon64", `C:\\Windows\\Sysmon64.exe`)},
		"an agent's shell":                  {4, "Suspicious Windows cmd shell execution", sysmon1, []string{"T1059.003"}, process1(sys+"cmd.exe", `cmd.exe /c \"C:\\Program Files\\Example\\update.cmd\"`, `C:\\Program Files\\Example\\agent.exe`)},
		"a task of an installer":            {3, "Scheduled task created", sysmon1, []string{"T1053.005"}, process1(sys+"schtasks.exe", `schtasks /create /xml \"C:\\Program Files\\Vendor\\task.xml\" /tn VendorUpdate`, `C:\\Program Files\\Vendor\\setup.exe`)},
		"a stream out of order":             {3, "Suricata: Alert - SURICATA STREAM Packet with broken ack", ids, nil, sensed("3", "Unknown", "10.0.2.8", "10.0.2.9")},
		"updates fetched":                   {3, "Suricata: Alert - ET POLICY GNU/Linux APT User-Agent Outbound likely related to package management", ids, nil, sensed("3", "Informational", "10.0.2.8", "203.0.113.80")},
		"a scan from the internet":          {3, "Suricata: Alert - ET SCAN Potential VNC Scan 5900-5920", ids, nil, sensed("2", "Informational", "198.51.100.7", "203.0.113.80")},
	})
}
