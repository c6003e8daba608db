package check

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// files judges files by their names and places: lures, dropped programs, web shells, ransom notes, stolen stores.
// Source: ATT&CK T1204.002, T1505.003, T1486, T1003, T1547.001, T1564.004, T1566.001; EICAR's test file; SigmaHQ's
// taxonomy of file events.
type files struct {
	set   *ruleset
	tools *ruleset
	kinds func() map[string]kind
}

// Files returns the check of files.
func Files() triage.Check { return filesOf(newTables()) }

func filesOf(t *tables) triage.Check { return &files{newRuleset(paths), t.tools, t.kinds} }

func (c *files) Name() string { return "files" }

func (c *files) Check(a *alert.Alert, note func(triage.Signal)) {
	last := ""
	for f := range a.Entities(alert.File) {
		if f.Value == last {
			continue
		}
		last = f.Value
		c.set.match(f.Value, func(h found) { c.note(note, h.weight, h.says, f.Value[h.from:h.to], f) })
		name := base(f.Value)
		c.tools.match(name, func(h found) { c.note(note, h.weight, "is named like "+h.says, name[h.from:h.to], f) })
		if p := a.First(alert.EntitySlot(alert.Actor, alert.Process)); p != nil {
			c.dropped(p, f, note)
		}
	}
}

// dropped judges a program or script by who wrote it.
func (c *files) dropped(by, f *alert.Field, note func(triage.Signal)) {
	kind := c.kinds()[lowerBase(by.Value)]
	if kind&(office|equation|reader|scriptHost|htmlHost|powershell|webServer|database|loader) == 0 || by.Value == f.Value {
		return
	}
	name := lowerBase(f.Value)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || strings.HasPrefix(name, "__psscriptpolicytest_") {
		return
	}
	weight := triage.Weight(0)
	switch name[dot:] {
	case ".exe", ".dll", ".scr", ".hta", ".vbs", ".jse", ".vbe", ".wsf", ".bat", ".cmd", ".ps1", ".cpl", ".xll":
		weight = 700
	}
	switch {
	case weight == 0:
		return
	case kind&(office|equation|htmlHost) != 0:
		weight = 1900
	case kind&(database|webServer|loader) != 0:
		weight = 1300
	}
	c.note(note, weight, base(by.Value)+" wrote a program or script", base(f.Value), f, by)
}

func (c *files) note(note func(triage.Signal), w triage.Weight, sentence, part string, fields ...*alert.Field) {
	note(triage.Note(c.Name(), triage.FileSystem, w, sentence, part, fields...))
}

// paths are the rules over one path.
// Source: as above; the names of ransom notes and extensions follow public incident write-ups.
func paths() []rule {
	const document = `pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|txt|rtf|mp4|mp3|csv|html?`
	const program = `exe|scr|com|pif|bat|cmd|vbs|vbe|jse?|wsf|hta|ps1|dll|cpl|msi`
	const served = `php\d?|phtml|phar|jspx?|aspx?|ashx|asmx|cfm|war`
	return []rule{
		{900, "is the EICAR test file, which is harmless and made for testing scanners", "eicar", ""},
		{2500, "has the name of a ransom note", "decrypt|restore|recover|ransom|unlock|how_to_|how to |!readme", `[^\\/]*(how.{0,5}to.{0,4}(decrypt|restore|recover|unlock|back)|(restore|recover|decrypt|unlock).{0,6}(my|your|files?|data|instruct|info)|ransom.?note|readme.{0,5}(decrypt|restore|ransom)|!readme!)[^\\/]*\.(txt|html?|hta|rtf|bmp)$`},
		{1700, "has an extension that ransomware gives to encrypted files", ".lockbit|.conti|.ryuk|.ryk|.wncry|.wcry|.locky|.zepto|.cerber|.encrypted|.crypted|.locked|.akira|.blackcat|.phobos|.dharma|.djvu|.clop|.cl0p|.rhysida|.basta|.makop|.eking|.sodinokibi|.qilin|.babyk|.medusa|.blacksuit|.lockxx|.ransom", `\.(lockbit\d?|conti|ryuk|ryk|wncryt?|wcry|locky|zepto|cerber\d?|encrypted|crypted|locked|akira|blackcat|phobos|dharma|djvu|cl[o0]p|rhysida|basta|makop|eking|sodinokibi|qilin|babyk|medusa|blacksuit|ransom)$`},
		{2700, "hides that it is a program behind a second file type", ".pdf|.doc|.xls|.ppt|.jpg|.jpeg|.png|.gif|.txt|.rtf|.mp3|.mp4|.csv|.htm|.zip + .exe|.scr|.com|.pif|.bat|.cmd|.vbs|.js|.hta|.lnk|.ps1|.wsf", `\.(` + document + `)\s*\.(exe|scr|com|pif|bat|cmd|vbs|vbe|jse?|wsf|hta|lnk|ps1)$`},
		{3000, "hides its file type by writing it backwards", "\u202e", ""},
		{1300, "is put where it starts at sign-in", `\programs\startup\ + !desktop.ini`, `\\programs\\startup\\[^\\]+$`},
		{2300, "is a web page program in a folder for uploads, pictures or caches", ".php|.phtml|.phar|.jsp|.asp|.ashx|.cfm", `[/\\](uploads?|images?|img|files|media|avatars?|attachments|temp|tmp|fonts|css|cache)[/\\]([^/\\]+[/\\])*[^/\\]+\.(` + served + `)$`},
		{2500, "has the name of a web shell", ".php|.phtml|.jsp|.asp|.ashx", `[/\\](c99|r57|b374k|wso\d*|shell\d*|cmd(asp|jsp)?|web_?shell|weevely|alfa\w{0,6}|indoxploit|caidao|up1oad|antak|regeorg|tunnel|chopper|behinder|godzilla|mini_?shell|backdoor|simple-backdoor|adminer-shell)\.(` + served + `)$`},
		{2000, "is a web page program with a picture's name", ".php|.jsp|.asp", `\.(jpe?g|png|gif|ico)\.(` + served + `)$|\.(php\d?|jsp|aspx?)\.(jpe?g|png|gif)$`},
		{1900, "is a page in a place of Exchange or IIS where attackers leave web shells", `\owa\auth\|\aspnet_client\|\ecp\auth\|\oab\ + .asp|.ashx|.js`, `\\(auth|aspnet_client|oab)\\[^\\]*(\\[^\\]*)*\.(aspx?|ashx|jsp)$`},
		{400, "is a web page program", `\inetpub\wwwroot\|/var/www/|/htdocs/|\htdocs\|/webapps/|/public_html/ + .php|.jsp|.asp|.phtml|.war`, `\.(` + served + `)$`},
		{1200, "is a program or script in a folder that everybody can write to", `\users\public\|\perflogs\|\users\default\|\$recycle.bin\`, `\\(public|perflogs|default|\$recycle\.bin)\\(.*\\)?[^\\]+\.(` + program + `)$`},
		{400, "is a script in a folder for temporary files", `\temp\|\tmp\ + !__psscriptpolicytest_|setup|install|update|\is-`, `\\te?mp\\([^\\]+\\)?[^\\]+\.(vbs|vbe|jse?|wsf|hta|ps1|bat|cmd|scr)$`},
		{1300, "is a script or program that came by mail or download and that nobody sends", `\downloads\|\content.outlook\|\inetcache\|\temp\7z|\temp\rar$|\temp\temp1_`, `\.(hta|jse?|vbs|vbe|wsf|scr|chm|xll|wll|cpl|pif|ppam|lnk|url|one|search-ms|library-ms)$`},
		{900, "is a disk image that came by mail or download, which hides where its content is from", `\downloads\|\content.outlook\|\inetcache\`, `\.(iso|img|vhdx?)$`},
		{900, "is in shared memory", "/dev/shm/ + !/pulse-shm|/sem.|/postgresql|/psm2|/lttng|/pym", `/dev/shm/[^/]+\.?(sh|py|pl|elf|so|bin)?$`},
		{500, "is a script or program in a folder for temporary files", "/tmp/|/var/tmp/", `/tmp/([^/]+/)?[^/]+\.(sh|elf|so|pl|php|x86|mips|arm\d?)$`},
		{900, "is hidden in a folder for temporary files", "/tmp/.|/shm/. + !/.x11|/.ice-|/.mount_|/.com.|/.org.|/.font|/.xim|/.test-|/.vscode|/.dotnet|/.net|/.s.pgsql|/.x0|/.x1|/.ansible|/.npm", ""},
		{2500, "is a copy of the directory database", "ntds.dit + !\\windows\\ntds\\ntds.dit", ""},
		{2300, "is a copy of the registry's stores of passwords", `\sam|\security|\system|/sam|.hiv`, `[\\/](temp|tmp|public|perflogs|programdata|downloads|desktop)[\\/]([^\\/]+[\\/])?(sam|security|system)(\.(hive?|save|bak|old|txt|dat))?$`},
		{3200, "is a dump of LSASS", "lsass", `lsass[^\\/]*\.(dmp|mdmp|zip|rar|7z|gz|txt|bin|log)$`},
		{2800, "is a stolen Kerberos ticket", ".kirbi|.ccache", `\.(kirbi|ccache)$`},
		{2300, "is the service of a tool for remote execution", `\psexesvc|\remcomsvc|\paexec|\csexecsvc|\winexesvc`, ""},
		{2800, "is where wmiexec or smbexec leave their output", `\__output|\windows\__1|admin$\__1`, ""},
		{2000, "is a program in an alternate data stream", ".exe|.dll|.ps1|.vbs|.js|.bat|.hta + :", `[\\/][^\\/:]+\.\w{1,5}:[^\\/:]+\.(exe|dll|ps1|vbs|js|bat|hta)$`},

		{1700, "decides who may sign in with a key", "authorized_keys", `authorized_keys\d?$`},
		{3200, "loads a library into every program", "/etc/ld.so.preload", ""},
		{900, "decides who may become root", "/etc/sudoers|/etc/pam.d/|/pam_", `/etc/sudoers(\.d/[^/]+)?$|/etc/pam\.d/|/security/pam_\w+\.so$`},
		{600, "starts jobs on a timetable", "/var/spool/cron/|/etc/cron.d/|/etc/crontab", `(/var/spool/cron/\S+|/etc/cron\.d/[^/]+|/etc/crontab)$`},
		{600, "holds accounts or their passwords", "/etc/passwd|/etc/shadow", `/etc/(passwd|shadow)$`},
		{300, "starts at boot or sign-in", "/etc/rc.local|/.bashrc|/.bash_profile|/.profile|/etc/profile.d/|/launchagents/|/launchdaemons/|/etc/update-motd.d/|/.config/autostart/", ""},
		{700, "decides which name leads where", `\drivers\etc\hosts|/etc/hosts`, `(\\drivers\\etc\\hosts|^/etc/hosts)$`},
		{500, "starts jobs on a timetable (old format)", `\windows\tasks\ + .job`, ""},
	}
}
