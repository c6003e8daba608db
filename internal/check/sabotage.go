package check

// securityProducts are services and processes that protect or watch. Names are what the products install.
const securityProducts = "windefend|msmpeng|wdnissvc|<sense>|mssense|securityhealthservice|mpssvc|csfalcon|csagent|falcon-sensor|sentinelagent|" +
	"sentinelone|cbdefense|carbonblack|cylance|sophos|savservice|mcshield|mfemms|mfevtp|symantec|ccsvchst|kaspersky|<avp>|<avp.exe|<ekrn|" +
	"bitdefender|bdservicehost|malwarebytes|mbamservice|trendmicro|ntrtscan|tmlisten|<sysmon|wazuhsvc|ossec|wazuh-agent|osqueryd|" +
	"elastic-agent|elastic-endpoint|winlogbeat|splunkd|tanium|<xagt|cortex|<cyserver|fortiedr|auditd|rsyslog|apparmor|clamav|crowdstrike|taniumclient"

// sabotage is the removal of evidence, protection and the way back.
// Source: ATT&CK T1490 (inhibit recovery), T1562 (impair defences), T1070 (indicator removal), T1485; Microsoft's reference
// of Windows commands and of the Defender PowerShell module; auditd, iptables and systemctl manual pages.
func sabotage() []rule {
	return []rule{
		{3400, "shadow copies are deleted", "vssadmin + <delete> + shadow", ""},
		{3400, "shadow copies are deleted", "shadowcopy + <delete>|.delete(|remove-wmiobject|remove-ciminstance", ""},
		{3000, "the storage of shadow copies is shrunk until they vanish", "vssadmin + resize + shadowstorage", ""},
		{2900, "backups or their catalogue are deleted", "wbadmin + <delete> + catalog|systemstatebackup|<backup", ""},
		{2900, "automatic repair at boot is switched off", "bcdedit + recoveryenabled|ignoreallfailures + <no>|ignoreallfailures", ""},
		{1700, "the boot settings are changed to accept unsigned drivers or safe mode", "bcdedit + testsigning|nointegritychecks|safeboot", ""},
		{3300, "the change journal of a volume is deleted", "fsutil + usn + deletejournal", ""},
		{2600, "a restore of the system is switched off", "disable-computerrestore|systemrestore + disable|delete|disableconfig|disablesr", `disable-computerrestore|systemrestore\S*\s.*(/disable|/delete|disable(config|sr))|(disable|delete).*systemrestore`},
		{3000, "protection by Defender is changed through WMI", "msft_mppreference + <call>|invoke-", ""},
		{1600, "free space is wiped", "<cipher|sdelete", `cipher(\.exe)?"?\s+/w|sdelete(64)?(\.exe)?"?\s.*-(z|c)\b`},
		{3200, "an event log is cleared", "wevtutil + <cl>|clear-log", ""},
		{3100, "an event log is cleared", "clear-eventlog|remove-eventlog|cleareventlog", ""},
		{2500, "an event log is switched off", "wevtutil + <sl>|set-log", `(sl|set-log)\s.*/e:(false|f)\b`},
		{3000, "auditing is switched off", "auditpol + /clear|/remove|:disable", ""},
		{2900, "the event log service is stopped or its settings removed", "<eventlog> + <stop>|stop-service|start= disabled|<taskkill", ""},
		{3200, "protection by Defender is switched off", "set-mppreference|mppreference + -disable|-mapsreporting|-submitsamplesconsent|-enablecontrolledfolderaccess disabled", ""},
		{2400, "a part of the computer is excluded from scanning", "-exclusionpath|-exclusionprocess|-exclusionextension|-exclusionipaddress", ""},
		{3200, "protection by Defender is switched off by policy", "disableantispyware|disableantivirus|disablerealtimemonitoring|disablebehaviormonitoring|disableioavprotection|disableblockatfirstseen|spynetreporting|tamperprotection + <reg>|<reg.exe|-itemproperty", ""},
		{3000, "Defender's definitions are removed", "mpcmdrun + -removedefinitions", ""},
		{2400, "exclusions are written into Defender's settings", `windows defender\exclusions + add>|-itemproperty`, ""},
		{3000, "a security product is stopped, disabled or killed", securityProducts + " + <stop>|stop-service|<taskkill|<delete>|start= disabled|start=disabled|<disable>|set-service|<pkill|<killall|<kill>|stop-process|stopservice|<uninstall>|call uninstall|mask>", `\b(stop|stop-service|delete|disabled?|mask|uninstall)\b|set-service.*disabled|taskkill|pkill|killall|\bkill\b|stop-process`},
		{3000, "a file system filter, which security products use, is unloaded", "<fltmc + unload", ""},
		{2400, "the firewall is switched off", "<netsh + advfirewall|<firewall> + <off>|opmode", `state\s+off|opmode\s+(mode=)?disable`},
		{2400, "the firewall is switched off", "set-netfirewallprofile + false", ""},
		{400, "a firewall rule is added or removed", "<netsh + advfirewall + add>|delete>", ""},
		{2400, "a port of this computer is forwarded to another", "<netsh + portproxy + add>", ""},
		{1600, "a library is added to netsh, which loads it at every start", "<netsh + add> + helper", ""},
		{500, "everyone is given full access", "<icacls|<cacls + everyone:f|everyone:(f)|*s-1-1-0:|/grant everyone", ""},
		{500, "files are hidden as system files", "<attrib + +h + +s", ""},
		{1500, "traces of what ran are deleted", `\prefetch\|consolehost_history|\recent\automaticdestinations + <del>|<erase>|remove-item|<rmdir>|<rd>|<rm>`, ""},
		{1700, "history of PowerShell is switched off or removed", "-historysavestyle savenothing|clear-history|set-psreadlineoption -historysave", ""},
		{1900, "recovery software or databases are stopped in one go", "<taskkill|<net>|stop-service|<sc> + sql|oracle|veeam|backup|exchange + /f>|<stop>|stop-service", `(taskkill.*(sql|oracle|veeam|backup).*(sql|oracle|veeam|exchange)|stop\S*\s+"?\S*veeam)`},

		{3000, "a log is emptied or deleted", "/var/log/|utmp|wtmp|btmp|lastlog + <rm>|<shred|<truncate|/dev/null|<unlink|>/var|> /var", `(\brm\s+(-\w+\s+)*\S*(/var/log/(auth|secure|syslog|messages|audit|wtmp|btmp|lastlog|\*)|[uwb]tmp)|shred\s.*/var/log|truncate\s.*/var/log|/dev/null\s*>\s*/var/(log|run)/|(^|[^>])>\s*/var/log/(auth|secure|syslog|messages|audit|wtmp|btmp|lastlog))`},
		{2500, "the shell's history is removed or sent nowhere", "history|histfile|histsize", `history\s+-(c|w?c)\b|(unset\s+|export\s+)?histfile(=/dev/null|=\s|=$|\s*;|$)|histsize=0|histfilesize=0|(rm|shred|truncate|ln\s+-\w+\s+/dev/null)\s.*\.\w*_history|/dev/null\s*>+\s*\S*_history|>\s*~?/?\S*_history\b`},
		{1500, "the packet filter is emptied or switched off", "<iptables|<ip6tables|<nft>|<ufw>|firewalld", `ip6?tables(-legacy)?\s+(-t\s+\w+\s+)?(-f|--flush|-p\s+\w+\s+accept)\b|nft\s+flush|ufw\s+disable|(stop|disable)\s.*firewalld`},
		{1700, "SELinux or AppArmor is switched off", "<setenforce|selinux=|aa-teardown|aa-disable", `setenforce\s+0|selinux=(disabled|0|permissive)|aa-(teardown|disable)`},
		{2500, "kernel auditing is switched off", "<auditctl", `auditctl\s+-(e\s*0|d)\b`},
		{3100, "a disk is overwritten", "<dd>|<mkfs|<wipefs|<shred|<hdparm", `(dd\s.*(if=/dev/(zero|u?random)).*of=/dev/([sv]d|nvme|xvd|mmcblk|mapper)|wipefs\s+-a|shred\s.*/dev/([sv]d|nvme|xvd)|mkfs\S*\s.*/dev/[sv]da\d?\b.*-f)`},
		{3300, "the whole file system is deleted", "--no-preserve-root|<rm>", `--no-preserve-root|rm\s+-\w*r\w*f?\w*\s+(/\s*$|/\*|/\s*;|/\s+&)`},
		{1300, "a file is made unchangeable, or changeable again", "<chattr", `chattr\s+(-r\s+)?[+-]i\w*\s.*(/etc/|/usr/bin|/bin/|cron|\.ssh|/root|/tmp)`},
		{1200, "file times are set to those of another file", "<touch>", `touch\s+(-\w+\s+)*(-r|--reference|-t\s+\d{8,}|-d\s+['"]?\d)`},
	}
}
