package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func opened(by, target, mask string) *alert.Alert {
	return windows("Microsoft-Windows-Sysmon/Operational", "10", alert.EntitySlot(alert.Actor, alert.Process), by,
		alert.EntitySlot(alert.Target, alert.Process), target, alert.SlotAccess, mask)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	const lsass, shell = `C:\Windows\system32\lsass.exe`, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`
	actor, user := alert.EntitySlot(alert.Actor, alert.Process), alert.EntitySlot(alert.Actor, alert.User)
	url := alert.EntitySlot(alert.Target, alert.URL)
	const replicate = "%{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}"
	weighs(t, check.Credentials(), map[string]weighed{
		"PowerShell reads LSASS":              {2300, opened(shell, lsass, "0x1010")},
		"a program in Temp reads LSASS":       {2300, opened(`C:\Users\bob\AppData\Local\Temp\a.exe`, lsass, "0x1410")},
		"the rights that mimikatz asks for":   {2200, opened(`C:\x\a.exe`, lsass, "0x1438")},
		"the task manager may dump LSASS":     {1100, opened(`C:\Windows\System32\Taskmgr.exe`, lsass, "0x1fffff")},
		"a thread in LSASS":                   {2400, windows("Microsoft-Windows-Sysmon/Operational", "8", actor, `C:\x\a.exe`, alert.EntitySlot(alert.Target, alert.Process), lsass)},
		"DCSync":                              {3100, windows("Security", "4662", user, "eve", alert.SlotMessage, "Properties: Control Access "+replicate)},
		"Kerberoasting":                       {800, windows("Security", "4769", alert.SlotService, "sqlsvc", alert.SlotMessage, "Ticket Encryption Type: 0x17")},
		"PowerShell reads browser passwords":  {1300, file(`C:\Users\bob\AppData\Local\Google\Chrome\User Data\Default\Login Data`, actor, shell)},
		"a private key is read with cat":      {1000, file(`/home/bob/.ssh/id_rsa`, actor, "/bin/sh")},
		"the cloud's credentials":             {1200, with(url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/web")},
		"passwords of group policies":         {1100, file(`\\dc\SYSVOL\example.com\Policies\{1}\Machine\Preferences\Groups\Groups.xml`)},
		"Windows asks LSASS how it is":        {0, opened(`C:\Windows\System32\svchost.exe`, lsass, "0x1000")},
		"Windows reads LSASS":                 {0, opened(`C:\Windows\System32\wbem\WmiPrvSE.exe`, lsass, "0x1410")},
		"a scanner reads LSASS":               {0, opened(`C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MsMpEng.exe`, lsass, "0x1010")},
		"PowerShell opens Explorer":           {0, opened(shell, `C:\Windows\explorer.exe`, "0x1fffff")},
		"a domain controller replicates":      {0, windows("Security", "4662", user, "DC02$", alert.SlotMessage, replicate)},
		"another access to the directory":     {0, windows("Security", "4662", user, "eve", alert.SlotMessage, "Properties: Read Property")},
		"a ticket with AES":                   {0, windows("Security", "4769", alert.SlotService, "sqlsvc", alert.SlotMessage, "Ticket Encryption Type: 0x12")},
		"a ticket for a computer":             {0, windows("Security", "4769", alert.SlotService, "WEB01$", alert.SlotMessage, "Ticket Encryption Type: 0x17")},
		"a ticket for krbtgt":                 {0, windows("Security", "4769", alert.SlotService, "krbtgt", alert.SlotMessage, "Ticket Encryption Type: 0x17")},
		"Chrome reads its passwords":          {0, file(`C:\Users\bob\AppData\Local\Google\Chrome\User Data\Default\Login Data`, actor, `C:\Program Files\Google\Chrome\Application\chrome.exe`)},
		"a public key":                        {0, file(`/home/bob/.ssh/id_rsa.pub`)},
		"the metadata of a machine":           {0, with(url, "http://169.254.169.254/latest/meta-data/instance-id")},
		"an ordinary page":                    {0, with(url, "https://www.example.com/user-data")},
		"a policy about passwords":            {0, file(`C:\Users\bob\Documents\password policy of the company 2026.docx`)},
		"a module's configuration":            {0, file(`/srv/app/config.json`)},
		"a sign-in":                           {0, windows("Security", "4624")},
		"the number 4662 of something else":   {0, with(alert.SlotEventCode, "4662", alert.SlotProvider, "router", alert.SlotMessage, replicate)},
		"a library that LSASS loads (no one)": {0, with(alert.EntitySlot(alert.Actor, alert.Process), lsass)},
	})
}

func TestCredentialsReadEventData(t *testing.T) {
	t.Parallel()
	a := windows("Security", "4769", alert.SlotService, "sqlsvc")
	a.View = []byte(`{"winlog":{"event_data":{"TicketEncryptionType":"0x17"}}}`)
	var got []triage.Signal
	check.Credentials().Check(a, func(s triage.Signal) { got = append(got, s) })
	if len(got) != 1 || !got[0].Receipts[0].Holds(a.View) {
		t.Errorf("%+v, want one signal whose receipt holds", got)
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	title, message, kind, ip := alert.SlotTitle, alert.SlotMessage, alert.SlotLogonType, alert.EntitySlot(alert.Source, alert.IP)
	user := alert.EntitySlot(alert.Target, alert.User)
	weighs(t, check.Authentication(), map[string]weighed{
		"a success after many failures":          {1800, with(title, "Multiple authentication failures followed by a success")},
		"brute force":                            {1200, with(title, "sshd: brute force trying to get access to the system")},
		"password spraying":                      {1500, with(title, "Password spray attack")},
		"too many failures":                      {700, with(title, "sshd: Multiple authentication failures")},
		"a name that does not exist":             {400, with(message, "sshd[1]: Failed password for invalid user oracle from 203.0.113.9 port 1 ssh2")},
		"a name from lists for guessing":         {1500, with(message, "sshd[1]: Failed password for invalid user oracle from 203.0.113.9 port 1 ssh2", user, "oracle")},
		"a tool's name":                          {2500, with(message, "sshd[1]: Failed password for invalid user hydra from 203.0.113.9 port 1 ssh2", user, "hydra")},
		"a sign-in from a system for attacks":    {3600, windows("Security", "4624", kind, "3", alert.EntitySlot(alert.Source, alert.Host), `\\KALI`, user, "bob")},
		"a sign-in from a colleague's desk":      {0, windows("Security", "4624", kind, "3", alert.EntitySlot(alert.Source, alert.Host), "KALINA-PC", user, "bob")},
		"remote desktop through a tunnel":        {2900, windows("Security", "4624", kind, "10", ip, "127.0.0.1", user, "bob")},
		"a limit of attempts":                    {1200, with(title, "Maximum authentication attempts exceeded.")},
		"a password missed again":                {1200, with(title, "syslog: User missed the password more than one time")},
		"a wrong name in Windows":                {400, windows("Security", "4625", alert.SlotResult, "0xc0000064")},
		"a disabled account":                     {600, windows("Security", "4625", alert.SlotResult, "0xC0000072")},
		"impossible travel":                      {1300, with(title, "Impossible travel activity")},
		"MFA fatigue":                            {1600, with(title, "Possible MFA fatigue")},
		"a honeytoken":                           {3000, with(title, "Honeytoken activity")},
		"pass-the-hash":                          {1900, with(title, "Suspected identity theft (pass-the-hash)")},
		"remote desktop from the internet":       {1500, windows("Security", "4624", kind, "10", ip, "203.0.113.9", user, "bob")},
		"an administrator from the internet":     {1400, windows("Security", "4624", kind, "3", ip, "203.0.113.9", user, "Administrator")},
		"a locked account":                       {500, windows("Security", "4740")},
		"explicit credentials":                   {200, windows("Security", "4648", user, "svc")},
		"a failure from the internet":            {300, with(message, "sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2", ip, "203.0.113.9")},
		"root by password":                       {500, with(message, "sshd[1]: Accepted password for root from 10.0.0.1")},
		"a sign-in at the keyboard":              {0, windows("Security", "4624", kind, "2", user, "bob")},
		"a network sign-in inside":               {0, windows("Security", "4624", kind, "3", ip, "10.0.0.7", user, "bob")},
		"a service sign-in":                      {0, windows("Security", "4624", kind, "5", user, "SYSTEM")},
		"remote desktop inside":                  {0, windows("Security", "4624", kind, "10", ip, "10.0.0.7", user, "bob")},
		"special privileges":                     {0, windows("Security", "4672", user, "SYSTEM")},
		"a sign-off":                             {0, windows("Security", "4634")},
		"a session opened":                       {0, with(message, "sshd[1]: pam_unix(sshd:session): session opened for user bob")},
		"a session closed":                       {0, with(message, "pam_unix(cron:session): session closed for user root")},
		"a key accepted":                         {0, with(message, "sshd[1]: Accepted publickey for bob from 10.0.0.7 port 1 ssh2")},
		"sudo":                                   {0, with(title, "Successful sudo to ROOT executed", message, "sudo: bob : COMMAND=/usr/bin/apt update")},
		"cron":                                   {0, with(message, "CRON[1]: (root) CMD (run-parts /etc/cron.hourly)")},
		"a password changed":                     {0, with(title, "Password changed by its owner")},
		"an update":                              {0, with(title, "Windows Update installed")},
		"a count without a sign-in":              {0, with(alert.SlotCount, "500", title, "Web traffic")},
		"a connection from the internet":         {0, with(ip, "203.0.113.9", title, "HTTP request")},
		"event 4625 of another product":          {0, with(alert.SlotEventCode, "4625", alert.SlotProvider, "router")},
		"a brute force of another kind of thing": {0, with(title, "Brutal force of the storm closes office")},
	})
}

func TestOrdinarySignInsLower(t *testing.T) {
	t.Parallel()
	a := trusted(with(alert.SlotRuleName, "PAM: Login session opened."), alert.Sensor)
	got := run(t, check.Authentication(), a)
	if len(got) != 1 || got[0].Weight >= 0 {
		t.Errorf("%+v, want one signal that lowers", got)
	}
	if got := run(t, check.Authentication(), trusted(a, alert.Attacker)); len(got) != 0 {
		t.Errorf("%+v, want silence about an attacker's text", got)
	}
}

func BenchmarkAuthentication(b *testing.B) {
	c := check.Authentication()
	a := with(alert.SlotTitle, "Web server 400 error code.", alert.SlotMessage, "GET /index.html HTTP/1.1 400 from 203.0.113.9")
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(s triage.Signal) { b.Fatal(s.Sentence) })
	}
}

func TestWhoReadsLSASS(t *testing.T) {
	t.Parallel()
	const lsass = `C:\Windows\System32\lsass.exe`
	rows := map[string]weighed{}
	strange := []string{
		`C:\Program Files\dump.exe`, `C:\Program Files (x86)\dump.exe`, `C:\ProgramData\upd.exe`, `D:\work\a.exe`, `C:\Users\bob\a.exe`,
		`C:\Windows\Temp\svchost.exe`, `C:\Users\bob\Windows\System32\svchost.exe`, `E:\x\Program Files\Vendor\a.exe`, `\Device\HarddiskVolume3\x\a.exe`,
		`C:\Windows\System32\rundll32.exe`, `\\srv\share\a.exe`, `C:\Windows\System32\cmd.exe`,
	}
	for _, path := range strange {
		for _, mask := range []string{"0x1010", "0x1410", "0x1438", "0x143a", "0x1fffff", "0x1f3fff", "0x1F1FFF"} {
			rows[path+" "+mask] = weighed{2500, opened(path, lsass, mask)}
		}
	}
	rows["a program without a path"] = weighed{1200, opened("a.exe", lsass, "0x1010")}
	weighs(t, check.Credentials(), rows)
	clear(rows)
	for _, path := range []string{`C:\Program Files\Vendor\agent.exe`, `C:\Program Files (x86)\Vendor\bin\agent.exe`, `C:\Windows\System32\inventory.exe`} {
		rows[path] = weighed{900, opened(path, lsass, "0x1fffff")}
	}
	weighs(t, check.Credentials(), rows)
	atMost(t, check.Credentials(), rows)
	clear(rows)
	for _, path := range []string{
		`C:\Windows\system32\svchost.exe`, `C:\Windows\System32\wininit.exe`, `c:\windows\system32\csrss.exe`, `C:\Windows\System32\services.exe`,
		`\Device\HarddiskVolume2\Windows\System32\lsm.exe`, `\\?\C:\Windows\System32\winlogon.exe`, `%SystemRoot%\System32\svchost.exe`, "System",
		`C:\Program Files\Windows Defender\MsMpEng.exe`, `C:\Program Files\Windows Defender Advanced Threat Protection\MsSense.exe`,
	} {
		rows[path] = weighed{0, opened(path, lsass, "0x1fffff")}
	}
	rows["rights without memory"] = weighed{0, opened(`C:\Users\bob\a.exe`, lsass, "0x1400")}
	weighs(t, check.Credentials(), rows)
}
