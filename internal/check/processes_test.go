package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func process(path string, more ...any) *alert.Alert {
	return with(alert.EntitySlot(alert.Actor, alert.Process), path, more...)
}

func child(parent, path string) *alert.Alert { return process(path, alert.SlotParent, parent) }

func asAccount(user string, a *alert.Alert) *alert.Alert {
	add(a, alert.EntitySlot(alert.Actor, alert.User), user)
	return a
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	const sys = `C:\Windows\System32\`
	weighs(t, check.Processes(), map[string]weighed{
		"Word starts PowerShell":             {2200, child(`C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE`, sys+`WindowsPowerShell\v1.0\powershell.exe`)},
		"the equation editor starts cmd":     {3000, child(`C:\Program Files\Common Files\EQNEDT32.EXE`, sys+`cmd.exe`)},
		"a PDF reader starts PowerShell":     {1500, child(`C:\Program Files\Adobe\AcroRd32.exe`, sys+`powershell.exe`)},
		"a service asks who it is":           {2300, asAccount(`NT AUTHORITY\SYSTEM`, process(sys+`whoami.exe`))},
		"a person asks who they are":         {0, asAccount(`EXAMPLE\bob`, process(sys+`whoami.exe`))},
		"a service looks at its network":     {0, asAccount(`NT AUTHORITY\SYSTEM`, process(sys+`ipconfig.exe`))},
		"IIS starts cmd":                     {1800, child(sys+`inetsrv\w3wp.exe`, sys+`cmd.exe`)},
		"IIS starts whoami":                  {2000, child(sys+`inetsrv\w3wp.exe`, sys+`whoami.exe`)},
		"nginx starts sh":                    {1000, child(`/usr/sbin/nginx`, `/bin/sh`)},
		"SQL Server starts cmd":              {1900, child(`C:\Program Files\Microsoft SQL Server\sqlservr.exe`, sys+`cmd.exe`)},
		"services starts cmd":                {1900, child(sys+`services.exe`, sys+`cmd.exe`)},
		"LSASS starts cmd":                   {2700, child(sys+`lsass.exe`, sys+`cmd.exe`)},
		"sticky keys start cmd":              {3000, child(sys+`sethc.exe`, sys+`cmd.exe`)},
		"fodhelper starts cmd":               {2500, child(sys+`fodhelper.exe`, sys+`cmd.exe`)},
		"mshta starts PowerShell":            {2200, child(sys+`mshta.exe`, sys+`powershell.exe`)},
		"svchost with Explorer as parent":    {2200, child(`C:\Windows\explorer.exe`, sys+`svchost.exe`)},
		"svchost from a user's folder":       {2400, process(`C:\Users\bob\AppData\svchost.exe`)},
		"a name with one letter wrong":       {1900, process(`C:\Windows\scvhost.exe`)},
		"a name with a digit for a letter":   {1900, process(`C:\Windows\System32\svch0st.exe`)},
		"a program in the recycle bin":       {1900, process(`C:\$Recycle.Bin\a.exe`)},
		"a program in PerfLogs":              {1600, process(`C:\PerfLogs\a.exe`)},
		"a program in Public":                {1300, process(`C:\Users\Public\a.exe`)},
		"a program in shared memory":         {1600, process(`/dev/shm/x`)},
		"a program without a file":           {1900, process(`/memfd:a (deleted)`)},
		"a picture that runs":                {1700, process(`C:\Users\bob\photo.jpg`)},
		"a program with two types":           {2500, process(`C:\Users\bob\invoice.pdf.exe`)},
		"a kernel thread with a file":        {2200, process(`/tmp/kworker`)},
		"an attack tool":                     {3000, process(`C:\x\mimikatz.exe`)},
		"PsExec under another name":          {2200, process(`C:\x\tool.exe`, alert.SlotOriginalName, "psexec.c")},
		"PowerShell under another name":      {2200, process(`C:\x\notepad.exe`, alert.SlotOriginalName, "PowerShell.EXE")},
		"an unsigned program in Public":      {1500, process(`C:\Users\Public\a.exe`, alert.SlotSignature, "Unsigned")},
		"WMI starts PowerShell":              {900, child(sys+`wbem\WmiPrvSE.exe`, sys+`powershell.exe`)},
		"Explorer starts cmd":                {0, child(`C:\Windows\explorer.exe`, sys+`cmd.exe`)},
		"Explorer starts Word":               {0, child(`C:\Windows\explorer.exe`, `C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE`)},
		"Word starts the print helper":       {0, child(`C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE`, `C:\Windows\splwow64.exe`)},
		"Outlook starts a browser":           {0, child(`C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE`, `C:\Program Files\Google\Chrome\Application\chrome.exe`)},
		"services starts svchost":            {0, child(sys+`services.exe`, sys+`svchost.exe`)},
		"services starts msiexec":            {0, child(sys+`services.exe`, sys+`msiexec.exe`)},
		"svchost starts a task":              {0, child(sys+`svchost.exe`, sys+`taskhostw.exe`)},
		"svchost starts WMI":                 {0, child(sys+`svchost.exe`, sys+`wbem\WmiPrvSE.exe`)},
		"wininit starts LSASS":               {0, child(sys+`wininit.exe`, sys+`lsass.exe`)},
		"smss starts csrss":                  {0, child(sys+`smss.exe`, sys+`csrss.exe`)},
		"csrss without a known parent":       {0, child(`-`, sys+`csrss.exe`)},
		"Chrome starts Chrome":               {0, child(`C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Program Files\Google\Chrome\Application\chrome.exe`)},
		"Chrome starts a native host by cmd": {0, child(`C:\Program Files\Google\Chrome\Application\chrome.exe`, sys+`cmd.exe`)},
		"cron starts sh":                     {0, child(`/usr/sbin/cron`, `/bin/sh`)},
		"sshd starts bash":                   {0, child(`/usr/sbin/sshd`, `/bin/bash`)},
		"node starts sh":                     {0, child(`/usr/bin/node`, `/bin/sh`)},
		"bash starts ls":                     {0, child(`/bin/bash`, `/bin/ls`)},
		"a 32-bit system program":            {0, process(`C:\Windows\SysWOW64\cmd.exe`)},
		"Explorer in its place":              {0, process(`C:\Windows\explorer.exe`)},
		"a system program without a path":    {0, process(`svchost.exe`)},
		"Defender":                           {0, process(`C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MsMpEng.exe`)},
		"an installer's helper in Temp":      {0, process(`C:\Users\bob\AppData\Local\Temp\is-AB12C.tmp\setup.tmp`)},
		"Chrome's updater in Temp":           {0, process(`C:\Users\bob\AppData\Local\Temp\CR_1234A.tmp\setup.exe`)},
		"DISM in Temp":                       {0, process(`C:\Windows\Temp\A1B2\DismHost.exe`)},
		"Teams in the user's profile":        {0, process(`C:\Users\bob\AppData\Local\Microsoft\Teams\current\Teams.exe`)},
		"Zoom in the user's profile":         {0, process(`C:\Users\bob\AppData\Roaming\Zoom\bin\Zoom.exe`)},
		"a Go test":                          {0, process(`/tmp/go-build123/b001/exe/main`)},
		"a package manager":                  {0, process(`/usr/bin/dpkg`)},
		"PowerShell under its name":          {0, process(sys+`WindowsPowerShell\v1.0\powershell.exe`, alert.SlotOriginalName, "PowerShell.EXE")},
		"a service of a third party":         {0, process(`C:\Program Files\Vendor\service.exe`)},
	})
}

func BenchmarkProcesses(b *testing.B) {
	c, a := check.Processes(), child(`C:\Windows\System32\services.exe`, `C:\Windows\System32\svchost.exe`)
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(s triage.Signal) { b.Fatal(s.Sentence) })
	}
}
