package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func key(path, value string) *alert.Alert {
	a := with(alert.EntitySlot(alert.Target, alert.Registry), path)
	if value != "" {
		add(a, alert.SlotDetails, value)
	}
	return a
}

// by is the alert of what a program did.
func by(program string, a *alert.Alert) *alert.Alert {
	add(a, alert.EntitySlot(alert.Actor, alert.Process), program)
	return a
}

func windows(provider, code string, more ...any) *alert.Alert {
	return with(alert.SlotEventCode, code, append([]any{alert.SlotProvider, provider}, more...)...)
}

func TestPersistence(t *testing.T) {
	t.Parallel()
	const run, zero, one = `HKU\S-1-5-21\Software\Microsoft\Windows\CurrentVersion\Run\`, "DWORD (0x00000000)", "DWORD (0x00000001)"
	message := alert.SlotMessage
	weighs(t, check.Persistence(), map[string]weighed{
		"a run key with a script":          {1500, key(run+"upd", `powershell -w hidden -f C:\Users\bob\u.ps1`)},
		"a run key into Public":            {1200, key(run+"upd", `C:\Users\Public\a.exe`)},
		"a run key of an ordinary kind":    {200, key(run+"OneDrive", `"C:\Program Files\Microsoft OneDrive\OneDrive.exe" /background`)},
		"a debugger for sticky keys":       {2200, key(`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\sethc.exe\Debugger`, `C:\Windows\System32\cmd.exe`)},
		"the shell of the sign-in":         {1700, key(`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\Shell`, `explorer.exe, C:\a.exe`)},
		"clear-text passwords":             {2300, key(`HKLM\System\CurrentControlSet\Control\SecurityProviders\WDigest\UseLogonCredential`, one)},
		"Defender switched off":            {2300, key(`HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\DisableAntiSpyware`, one)},
		"an exclusion":                     {1600, key(`HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\Paths\C:\`, zero)},
		"remote desktop switched on":       {1100, key(`HKLM\System\CurrentControlSet\Control\Terminal Server\fDenyTSConnections`, zero)},
		"the firewall switched off":        {1600, key(`HKLM\System\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile\EnableFirewall`, zero)},
		"a UAC bypass":                     {2600, key(`HKU\S-1-5-21_Classes\ms-settings\shell\open\command\(Default)`, `cmd.exe`)},
		"PsExec's service in the registry": {2500, key(`HKLM\System\CurrentControlSet\Services\PSEXESVC\ImagePath`, `%%SystemRoot%%\\PSEXESVC.exe`)},
		"a tool's service of another name": {2400, key(`HKLM\System\CurrentControlSet\Services\abcd\ImagePath`, `%SystemRoot%\QwErTyUi.exe`)},
		"an updater's service":             {150, key(`HKLM\System\CurrentControlSet\Services\updater\ImagePath`, `"C:\Program Files\Vendor\updater.exe" --service`)},
		"a run key written by reg.exe":     {1000, by(`C:\Windows\System32\reg.exe`, key(run+"upd", `C:\Tools\a.exe`))},
		"reg add hides the kernel's guard": {2900, with(alert.EntitySlot(alert.Actor, alert.Command), `reg.exe  add "HKLM\System\CurrentControlSet\Control\CI\Config" /v VulnerableDriverBlocklistEnable /t REG_DWORD /d 0x0 /f`)},
		"PowerShell does":                  {2900, with(alert.EntitySlot(alert.Actor, alert.Command), `powershell Set-ItemProperty -Path "HKCU:\Software\Microsoft\Windows Script\Settings" -Name AmsiEnable -Value 0`)},
		"reg add switches the guard on":    {0, with(alert.EntitySlot(alert.Actor, alert.Command), `reg add "HKLM\System\CurrentControlSet\Control\CI\Config" /v VulnerableDriverBlocklistEnable /t REG_DWORD /d 1 /f`)},
		"reg add of a program's setting":   {0, with(alert.EntitySlot(alert.Actor, alert.Command), `reg add HKCU\Software\Vendor\App /v Theme /d dark /f`)},
		"a copy item of PowerShell":        {0, with(alert.EntitySlot(alert.Actor, alert.Command), `powershell Get-ItemProperty -Path HKLM:\Software\Vendor -Name Version`)},
		"the logs' own session is stopped": {2900, key(`HKLM\System\CurrentControlSet\Control\WMI\Autologger\EventLog-Security\Start`, zero)},
		"a provider leaves the logs":       {2900, key(`HKLM\System\CurrentControlSet\Control\WMI\Autologger\EventLog-System\{11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78}\Enabled`, zero)},
		"Defender's session is stopped":    {2500, key(`HKLM\System\CurrentControlSet\Control\WMI\Autologger\DefenderApiLogger\Start`, zero)},
		"a trace of the network ends":      {0, key(`HKLM\System\CurrentControlSet\Control\WMI\Autologger\-NetTrace-ws01-bob\Start`, zero)},
		"telemetry ends":                   {0, key(`HKLM\System\CurrentControlSet\Control\WMI\Autologger\AutoLogger-Diagtrack-Listener\Start`, zero)},
		"the logs' own session goes on":    {0, key(`HKLM\System\CurrentControlSet\Control\WMI\Autologger\EventLog-Security\Start`, one)},
		"restore points made impossible":   {2500, key(`HKLM\SOFTWARE\Policies\Microsoft\Windows NT\SystemRestore\DisableSR`, one)},
		"a service of PsExec":              {2500, windows("System", "7045", alert.SlotService, "PSEXESVC")},
		"a service that is a shell":        {2200, windows("System", "7045", alert.SlotDetails, `%COMSPEC% /c powershell -nop -w hidden`)},
		"a service in Temp":                {1600, windows("System", "7045", alert.SlotDetails, `C:\Windows\Temp\a.exe`)},
		"a service with a name by chance":  {1800, windows("System", "7045", alert.SlotDetails, `%SystemRoot%\aBcDeFgH.exe`)},
		"a task that runs PowerShell":      {2000, windows("Security", "4698", message, `<Command>powershell.exe</Command><Arguments>-nop -w hidden</Arguments> cmd.exe /c powershell -enc AA`)},
		"a WMI consumer":                   {1200, windows("Microsoft-Windows-Sysmon/Operational", "20")},
		"a cleared security log":           {2200, windows("Security", "1102")},
		"a cleared system log":             {2200, windows("System", "104")},
		"a new domain administrator":       {1800, windows("Security", "4728", alert.EntitySlot(alert.Target, alert.User), "Domain Admins")},
		"a new local administrator":        {1200, windows("Security", "4732", alert.EntitySlot(alert.Target, alert.User), "Administrators")},
		"an account without a password":    {1200, windows("Security", "4738", message, `User Account Control: 'Password Not Required' - Enabled`)},
		"a second root":                    {2800, with(message, "useradd[12]: new user: name=toor, UID=0, GID=0, home=/root")},
		"an account put into sudo":         {900, with(message, "usermod[12]: add 'eve' to group 'sudo'")},
		"a driver with holes":              {2100, file(`C:\Users\bob\RTCore64.sys`)},

		"WDigest kept off":             {0, key(`HKLM\System\CurrentControlSet\Control\SecurityProviders\WDigest\UseLogonCredential`, zero)},
		"Defender kept on":             {0, key(`HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\DisableAntiSpyware`, zero)},
		"remote desktop kept off":      {0, key(`HKLM\System\CurrentControlSet\Control\Terminal Server\fDenyTSConnections`, one)},
		"the firewall switched on":     {0, key(`HKLM\System\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile\EnableFirewall`, one)},
		"an ordinary value":            {0, key(`HKLM\SOFTWARE\Vendor\Product\LastUpdate`, "2026-01-01")},
		"the time of a service":        {0, key(`HKLM\System\CurrentControlSet\Services\W32Time\Config\LastKnownGoodTime`, "QWORD")},
		"a setting of Explorer":        {0, key(`HKU\S-1-5-21\Software\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs\1`, "Binary Data")},
		"an address of the network":    {0, key(`HKLM\System\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{1}\DhcpIPAddress`, "10.0.0.7")},
		"an uninstall entry":           {0, key(`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\App\DisplayName`, "App")},
		"an ordinary driver":           {0, file(`C:\Windows\System32\drivers\tcpip.sys`)},
		"a sign-in":                    {0, windows("Security", "4624")},
		"a process":                    {0, windows("Security", "4688")},
		"a service state":              {0, windows("System", "7036", message, "The Windows Update service entered the running state.")},
		"a process in Sysmon":          {0, windows("Microsoft-Windows-Sysmon/Operational", "1")},
		"the number of something else": {0, with(alert.SlotEventCode, "1102", alert.SlotProvider, "cisco-asa")},
		"an unlock":                    {0, windows("Security", "4767")},
		"a message of a timer":         {0, with(message, "systemd[1]: Started Daily apt download activities.")},
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	const sysmon, defender = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Windows Defender/Operational"
	weighs(t, check.Events(), map[string]weighed{
		"a remote thread":               {600, windows(sysmon, "8")},
		"process tampering":             {900, windows(sysmon, "25")},
		"malware found":                 {1000, windows(defender, "1116")},
		"protection switched off":       {1800, windows(defender, "5001")},
		"SID history":                   {2400, windows("Microsoft-Windows-Security-Auditing", "4765")},
		"a beacon's pipe":               {2500, windows(sysmon, "17", alert.SlotDetails, `\msagent_1a`)},
		"an ordinary pipe":              {0, windows(sysmon, "17", alert.SlotDetails, `\wkssvc`)},
		"a process":                     {0, windows(sysmon, "1")},
		"a connection":                  {0, windows(sysmon, "3")},
		"a sign-in":                     {0, windows("Security", "4624")},
		"definitions updated":           {0, windows(defender, "2000")},
		"event 8 of some other product": {0, with(alert.SlotEventCode, "8", alert.SlotProvider, "router")},
		"event 25 of Windows Update":    {0, windows("Microsoft-Windows-WindowsUpdateClient", "25")},
		"a mnemonic":                    {0, with(alert.SlotEventCode, "ASA-6-302013")},
	})
}

func BenchmarkPersistence(b *testing.B) {
	c, a := check.Persistence(), windows("Microsoft-Windows-Security-Auditing", "4624", alert.SlotMessage, "An account was successfully logged on.")
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(s triage.Signal) { b.Fatal(s.Sentence) })
	}
}
