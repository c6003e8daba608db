package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func file(path string, more ...any) *alert.Alert {
	return with(alert.EntitySlot(alert.Target, alert.File), path, more...)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	actor := alert.EntitySlot(alert.Actor, alert.Process)
	const word, shell = `C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE`, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`
	weighs(t, check.Files(), map[string]weighed{
		"the EICAR file":                    {800, file(`C:\Users\bob\Downloads\eicar.com`)},
		"a ransom note":                     {2400, file(`C:\Users\bob\Desktop\HOW_TO_DECRYPT_FILES.txt`)},
		"another ransom note":               {2400, file(`D:\share\restore-my-files.txt`)},
		"an encrypted file":                 {1600, file(`D:\share\budget.xlsx.lockbit`)},
		"an invoice that is a program":      {2500, file(`C:\Users\bob\Downloads\invoice.pdf.exe`)},
		"a name written backwards":          {2900, file("C:\\Users\\bob\\Downloads\\invoice\u202efdp.exe")},
		"a program in the startup folder":   {1200, file(`C:\Users\bob\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\a.exe`)},
		"a page in the upload folder":       {2300, file(`/var/www/html/uploads/a.php`)},
		"a web shell by name":               {2500, file(`/var/www/html/c99.php`)},
		"a picture that is a page":          {2000, file(`/var/www/html/logo.jpg.php`)},
		"a page in Exchange's sign-in":      {1900, file(`C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\x.aspx`)},
		"a program in Public":               {1100, file(`C:\Users\Public\a.exe`)},
		"a script that came by mail":        {1200, file(`C:\Users\bob\AppData\Local\Microsoft\Windows\INetCache\Content.Outlook\AB\invoice.js`)},
		"a disk image from a download":      {900, file(`C:\Users\bob\Downloads\scan.iso`)},
		"a script in /tmp":                  {500, file(`/tmp/a.sh`)},
		"something hidden in /tmp":          {900, file(`/tmp/.x/a`)},
		"a copy of the directory":           {2400, file(`C:\Temp\ntds.dit`)},
		"a copy of the SAM":                 {2200, file(`C:\Windows\Temp\sam.save`)},
		"a dump of LSASS":                   {3100, file(`C:\Windows\Temp\lsass.dmp`)},
		"a Kerberos ticket":                 {2700, file(`C:\x\admin.kirbi`)},
		"PsExec's service":                  {1500, file(`C:\Windows\PSEXESVC.exe`)},
		"a program in a stream":             {1900, file(`C:\Users\bob\notes.txt:evil.exe`)},
		"keys for signing in":               {1000, file(`/root/.ssh/authorized_keys`)},
		"a library for every program":       {2300, file(`/etc/ld.so.preload`)},
		"sudoers":                           {400, file(`/etc/sudoers`)},
		"an attack tool's file":             {3000, file(`C:\Users\bob\Downloads\mimikatz.exe`)},
		"Word writes a program":             {1800, file(`C:\Users\bob\AppData\Local\a.exe`, actor, word)},
		"PowerShell writes a program":       {600, file(`C:\Users\bob\a.dll`, actor, shell)},
		"PowerShell tests its policy":       {0, file(`C:\Users\bob\AppData\Local\Temp\__PSScriptPolicyTest_ab.cd.ps1`, actor, shell)},
		"Word writes a document":            {0, file(`C:\Users\bob\Documents\report.docx`, actor, word)},
		"a mark of the web":                 {0, file(`C:\Users\bob\Downloads\report.pdf:Zone.Identifier`)},
		"a download":                        {0, file(`C:\Users\bob\Downloads\setup.exe`)},
		"a document":                        {0, file(`C:\Users\bob\Documents\how to bake.docx`)},
		"a readme":                          {0, file(`/usr/share/doc/curl/README.txt`)},
		"the directory where it belongs":    {0, file(`C:\Windows\NTDS\ntds.dit`)},
		"the SAM where it belongs":          {0, file(`C:\Windows\System32\config\SAM`)},
		"a system library":                  {0, file(`C:\Windows\System32\kernel32.dll`)},
		"an update":                         {0, file(`C:\Windows\SoftwareDistribution\Download\a.cab`)},
		"a log":                             {0, file(`/var/log/syslog`)},
		"a package's list":                  {0, file(`/var/lib/dpkg/info/curl.list`)},
		"a program of a package":            {0, file(`/usr/bin/curl`)},
		"a configuration":                   {0, file(`/etc/nginx/nginx.conf`)},
		"a lock of the X server":            {0, file(`/tmp/.X11-unix/X0`)},
		"a socket of an agent":              {0, file(`/tmp/ssh-ab12/agent.123`)},
		"shared memory of audio":            {0, file(`/dev/shm/pulse-shm-123`)},
		"a picture of a site":               {0, file(`/var/www/html/logo.png`)},
		"a registry policy file":            {0, file(`C:\Windows\System32\GroupPolicy\Machine\Registry.pol`)},
		"a browser's cache":                 {0, file(`C:\Users\bob\AppData\Local\Google\Chrome\User Data\Default\Cache\f_0001`)},
		"a task of Windows":                 {0, file(`C:\Windows\System32\Tasks\Microsoft\Windows\Defrag\ScheduledDefrag`)},
		"a prefetch file":                   {0, file(`C:\Windows\Prefetch\CMD.EXE-12.pf`)},
		"desktop.ini in the startup folder": {0, file(`C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\desktop.ini`)},
		"a log of the agent":                {0, file(`C:\Program Files (x86)\ossec-agent\ossec.log`)},
		"a lsass mini log of Windows":       {0, file(`C:\Windows\System32\lsass.exe`)},
	})
}

func BenchmarkFiles(b *testing.B) {
	c, a := check.Files(), file(`C:\Windows\SoftwareDistribution\Download\package.cab`)
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(s triage.Signal) { b.Fatal(s.Sentence) })
	}
}
