package check

import (
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// kind is a set of roles that a program may play in a process tree.
// Source: ATT&CK T1203, T1505.003, T1546.008, T1548.002; LOLBAS; SANS, Hunt Evil; vendors' documentation of their services.
type kind uint32

const (
	office kind = 1 << iota
	equation
	reader
	browser
	webServer
	javaServer
	database
	wmiHost
	winrmHost
	psexecHost
	console
	helper
	htmlHost
	scriptHost
	registrar
	rundll
	serviceControl
	core
	logonHost
	accessibility
	spooler
	elevator
	nameServer
	comHost
	command
	powershell
	unixShell
	loader
	asker
	fetcher
	systemProgram
)

// kindsOfProgram is what programs are, by their lower-case file names.
func kindsOfProgram() map[string]kind {
	kinds := map[string]kind{}
	for _, row := range []struct {
		kind  kind
		names string
	}{
		{office, "winword.exe excel.exe powerpnt.exe outlook.exe msaccess.exe mspub.exe visio.exe onenote.exe onenotem.exe winproj.exe olk.exe wordpad.exe hwp.exe soffice.bin"},
		{equation, "eqnedt32.exe"},
		{reader, "acrord32.exe acrobat.exe foxitreader.exe foxitpdfreader.exe sumatrapdf.exe winrar.exe 7zfm.exe"},
		{browser, "chrome.exe firefox.exe msedge.exe iexplore.exe opera.exe brave.exe microsoftedgecp.exe"},
		{webServer, "w3wp.exe httpd httpd.exe nginx nginx.exe apache2 apache.exe php-cgi php-cgi.exe php-fpm php-fpm7.4 php-fpm8.1 php-fpm8.2 tomcat tomcat8.exe tomcat9.exe tomcat10.exe lighttpd caddy umworkerprocess.exe ws_tomcatservice.exe coldfusion.exe gunicorn uwsgi"},
		{javaServer, "java.exe javaw.exe java"},
		{database, "sqlservr.exe mysqld mysqld.exe postgres postgres.exe oracle.exe redis-server redis-server.exe mongod mongod.exe mariadbd sqlagent.exe"},
		{wmiHost, "wmiprvse.exe"},
		{winrmHost, "wsmprovhost.exe winrshost.exe"},
		{psexecHost, "psexesvc.exe remcomsvc.exe paexec.exe csexecsvc.exe"},
		{console, "mmc.exe"},
		{helper, "msdt.exe hh.exe winhlp32.exe control.exe sdiagnhost.exe"},
		{htmlHost, "mshta.exe"},
		{scriptHost, "wscript.exe cscript.exe"},
		{registrar, "regsvr32.exe"},
		{rundll, "rundll32.exe"},
		{serviceControl, "services.exe"},
		{core, "lsass.exe csrss.exe smss.exe wininit.exe lsaiso.exe"},
		{logonHost, "winlogon.exe logonui.exe"},
		{accessibility, "utilman.exe sethc.exe osk.exe narrator.exe magnify.exe displayswitch.exe atbroker.exe"},
		{spooler, "spoolsv.exe printisolationhost.exe cupsd"},
		{elevator, "fodhelper.exe computerdefaults.exe eventvwr.exe sdclt.exe slui.exe wsreset.exe changepk.exe"},
		{nameServer, "dns.exe searchindexer.exe searchprotocolhost.exe ntoskrnl.exe werfault.exe"},
		{comHost, "dllhost.exe"},
		{command, "cmd.exe"},
		{powershell, "powershell.exe pwsh.exe powershell_ise.exe"},
		{unixShell, "sh bash dash ash zsh ksh csh tcsh busybox sh.exe bash.exe"},
		{loader, "mshta.exe wscript.exe cscript.exe regsvr32.exe certutil.exe bitsadmin.exe msbuild.exe installutil.exe wmic.exe schtasks.exe forfiles.exe regasm.exe regsvcs.exe cmstp.exe msxsl.exe pcalua.exe"},
		{asker, "whoami.exe whoami net.exe net1.exe nltest.exe ipconfig.exe systeminfo.exe quser.exe qwinsta.exe tasklist.exe netstat.exe dsquery.exe hostname.exe id uname ifconfig"},
		{fetcher, "curl curl.exe wget wget.exe nc ncat nc.exe ncat.exe socat tftp.exe ftp.exe python perl"},
		{systemProgram, "svchost.exe lsass.exe csrss.exe services.exe smss.exe wininit.exe winlogon.exe spoolsv.exe taskhostw.exe taskhost.exe dllhost.exe conhost.exe rundll32.exe regsvr32.exe cmd.exe powershell.exe dwm.exe explorer.exe lsaiso.exe userinit.exe mshta.exe wscript.exe cscript.exe certutil.exe runtimebroker.exe sihost.exe ctfmon.exe fontdrvhost.exe wmiprvse.exe logonui.exe taskmgr.exe"},
	} {
		for name := range strings.FieldsSeq(row.names) {
			kinds[name] |= row.kind
		}
	}
	return kinds
}

type lineage struct {
	parent, child kind
	weight        triage.Weight
	says          string
}

// lineages are parents and children that do not belong together; the first that fits counts.
func lineages() []lineage {
	const shell = command | powershell
	const windows = shell | loader | asker | scriptHost | fetcher
	return []lineage{
		{equation, windows | rundll, 3200, "the old equation editor, which has known holes, starts a program"},
		{office, windows | unixShell, 3000, "an Office program starts a shell or script host"},
		{office, rundll, 1500, "an Office program starts rundll32"},
		{reader, powershell | loader | asker, 1700, "a document or archive viewer starts a shell or script host"},
		{reader, command, 900, "a document or archive viewer starts a shell"},
		{browser, powershell | loader, 1300, "a browser starts a shell or script host"},
		{webServer, asker, 2900, "a web server asks about its system"},
		{webServer, shell | loader, 3000, "a web server starts a shell"},
		{webServer, unixShell | fetcher, 1200, "a web server starts a shell or a network program"},
		{javaServer, powershell | asker | loader, 1100, "a Java program starts a shell or asks about its system"},
		{javaServer, command, 500, "a Java program starts a shell"},
		{database, windows, 2600, "a database starts a shell"},
		{database, unixShell, 1300, "a database starts a shell"},
		{wmiHost, loader, 1600, "a program is started through WMI"},
		{wmiHost, shell | asker, 1600, "a shell is started through WMI, as from another computer"},
		{winrmHost, windows, 1400, "a shell is started from another computer (WinRM)"},
		{psexecHost, windows | rundll | unixShell, 2000, "a program is started from another computer (PsExec)"},
		{console, windows, 700, "the management console starts a shell, as its remote use does"},
		{helper, windows, 1900, "a help or diagnosis tool starts a shell"},
		{htmlHost, windows | rundll, 2900, "an HTML application starts a shell"},
		{scriptHost, powershell | loader | asker, 1600, "a script host starts a shell or asks about its system"},
		{scriptHost, command | rundll, 700, "a script host starts a program"},
		{registrar, windows, 2200, "regsvr32 starts a shell"},
		{rundll, shell | asker | loader, 900, "rundll32 starts a shell"},
		{serviceControl, shell | scriptHost | loader, 2600, "a service is a shell"},
		{core, windows | rundll, 2800, "a core process of Windows starts a shell"},
		{accessibility, windows, 3200, "an accessibility tool of the sign-in screen starts a shell"},
		{logonHost, shell, 2500, "the sign-in screen starts a shell"},
		{spooler, windows | rundll, 2000, "the print spooler starts a shell"},
		{spooler, unixShell, 700, "the print spooler starts a shell"},
		{elevator, windows, 3000, "a program that elevates by itself starts a shell (UAC bypass)"},
		{nameServer, windows, 2300, "a service that never starts programs starts a shell"},
		{comHost, windows, 1200, "a COM server starts a shell"},
	}
}

// properParents are the only parents of some programs of Windows.
func properParents() map[string]string {
	return map[string]string{
		"svchost.exe":   "|services.exe|svchost.exe|msmpeng.exe|mrt.exe|",
		"lsass.exe":     "|wininit.exe|winlogon.exe|",
		"services.exe":  "|wininit.exe|winlogon.exe|",
		"lsaiso.exe":    "|wininit.exe|",
		"csrss.exe":     "|smss.exe|",
		"wininit.exe":   "|smss.exe|",
		"winlogon.exe":  "|smss.exe|",
		"smss.exe":      "|smss.exe|system|",
		"spoolsv.exe":   "|services.exe|",
		"taskhostw.exe": "|svchost.exe|services.exe|",
	}
}

// squatted are names that malware imitates with one letter changed.
func squatted() []string {
	return []string{"svchost", "lsass", "csrss", "winlogon", "explorer", "spoolsv", "rundll32", "taskhostw", "dllhost", "conhost", "wininit", "powershell", "chrome", "winword", "regsvr32"}
}

type original struct {
	stem   string // must be part of the name on disk
	weight triage.Weight
}

// renamed are tools that attackers bring or copy under another name, by the name their maker gave them.
func renamed() map[string]original {
	m := map[string]original{
		"psexec.c": {"psexec", 2300}, "psexesvc.exe": {"psexesvc", 2300}, "procdump": {"procdump", 2500}, "procdump.exe": {"procdump", 2500},
		"nircmd.exe": {"nircmd", 1500}, "adfind.exe": {"adfind", 2200}, "plink": {"plink", 2000}, "plink.exe": {"plink", 2000}, "rclone.exe": {"rclone", 2200},
		"mimikatz.exe": {"mimikatz", 3800}, "7z.exe": {"7z", 900}, "7za.exe": {"7z", 900}, "rar.exe": {"rar", 1000}, "anydesk.exe": {"anydesk", 1200},
		"adexplorer.exe": {"adexp", 1700}, "sdelete.exe": {"sdelete", 1700}, "psloggedon.exe": {"psloggedon", 1700}, "net1.exe": {"net", 2000},
	}
	for name := range strings.FieldsSeq("powershell cmd certutil mshta rundll32 regsvr32 wscript cscript wmic net schtasks bitsadmin msbuild installutil reg ntdsutil vssadmin wevtutil esentutl cmstp msxsl") {
		m[name+".exe"] = original{name, 2300}
	}
	return m
}

// places are where programs do not lie, or lie only for a moment.
func places() []rule {
	const document = `pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|txt|rtf|mp4|mp3|csv|html?`
	return []rule{
		{2000, "runs from the recycle bin", `\$recycle.bin\|\recycler\|/.trash/|/.local/share/trash/`, ""},
		{1700, "runs from a folder that holds no programs", `\perflogs\|\windows\fonts\|\windows\debug\|\windows\help\|\windows\media\|\windows\tasks\|\windows\tracing\|\windows\addins\|\system32\spool\drivers\color\|\windows\cursors\|\system32\tasks\|\system volume information\`, ""},
		{1400, "runs from a folder that everybody can write to", `\users\public\|\users\default\|\users\all users\`, `\\users\\(public|default|all users)\\(\w+\\)?[^\\]+$`},
		{1200, "runs from a folder for data, not for programs", `\programdata\|\appdata\roaming\|\appdata\local\`, `\\(programdata|appdata\\roaming|appdata\\local)\\[^\\]+\.(exe|dll|scr|com|bat|cmd|ps1|vbs|js)$`},
		{500, "runs from a folder for temporary files", `\temp\|\tmp\ + !setup|install|update|\is-|.tmp\|dismhost|\cr_|\{|~nsu|_is|redist|upgrade|\nsis|vc_red|onedrive|mpsigstub|mpam|wix|\chocolatey`, `\\te?mp\\.*\.(exe|scr|com|dll|bat|cmd|ps1|vbs|js|hta|tmp)$`},
		{250, "runs from a download folder", `\downloads\|/downloads/ + !setup|install`, ""},
		{1700, "runs from shared memory", "/dev/shm/|/run/shm/", ""},
		{700, "runs from a folder for temporary files", "/tmp/|/var/tmp/ + !/tmp/go-build|/.mount_|/_mei|/pip-|/npm-|/rust|/snap|/cargo", `^(/private)?/(var/)?tmp/`},
		{1500, "runs hidden from a folder for temporary files", "/tmp/.|/shm/. + !/.mount_|/.x11", ""},
		{2000, "runs from memory, without a file", "memfd:|/proc/self/fd/|(deleted)", ""},
		{1500, "runs from another computer's drive", `\\tsclient\|\tsclient\|davwwwroot|@ssl\`, ""},
		{2700, "hides that it is a program behind a second file type", ".pdf|.doc|.xls|.ppt|.jpg|.jpeg|.png|.gif|.txt|.rtf|.mp3|.mp4|.csv|.htm|.zip + .exe|.scr|.com|.pif|.bat|.cmd|.vbs|.js|.hta|.lnk|.ps1", `\.(` + document + `|zip)\s*\.(exe|scr|com|pif|bat|cmd|vbs|jse?|hta|lnk|ps1)$`},
		{1800, "has a file type that programs do not have", ".jpg|.png|.gif|.txt|.log|.pdf|.doc|.dat", `\\[^\\]+\.(jpe?g|png|gif|txt|log|pdf|docx?|dat)$`},
		{3000, "hides its file type by writing it backwards", "\u202e", ""},
		{2300, "has the name of a kernel thread", "kworker|kthreadd|ksoftirqd|kdevtmpfs", `^/.*/\[?(kworker|kthreadd|ksoftirqd|kdevtmpfs)`},
	}
}
