package check

// faint is the weight of a single question about a system. Asked alone it means next to nothing.
const faint = 150

// recon are questions about a system and its surroundings. One is ordinary; several in one line are not.
// Source: ATT&CK T1033, T1082, T1016, T1049, T1057, T1069, T1087, T1135, T1482, T1018; red teams' published procedures.
func recon() []rule {
	return []rule{
		{faint, "whoami", "<whoami>", ""},
		{faint, "ipconfig", "<ipconfig + /all", ""},
		{faint, "systeminfo", "<systeminfo>", ""},
		{faint, "tasklist", "<tasklist>", ""},
		{faint, "netstat", "<netstat>", ""},
		{faint, "net user", "<net>|<net1>|<net.exe|<net1.exe + <user>|<users> + !/add|/domain|/active", `\bnet1?(\.exe)?"?\s+users?\b`},
		{faint, "net localgroup", "localgroup + <net>|<net1> + !/add", ""},
		{faint, "net view or share", "<net>|<net1> + <view>|<share>|<session>|<accounts>|<config>|<start> + !<stop>|/delete", `\bnet1?(\.exe)?"?\s+(view|share|session|accounts|config)\b`},
		{faint, "arp or route", "<arp>|<route>", `\b(arp(\.exe)?\s+[-/]a|route(\.exe)?\s+print)\b`},
		{faint, "who is signed in", "<quser|<qwinsta|<query> user|<query> session", ""},
		{faint, "the hotfixes", "<qfe>|get-hotfix", ""},
		{faint, "id and uname", "<uname>|<lsb_release|/etc/os-release|/etc/issue|/proc/version", `\buname\s+-\w*a|cat\s+/(etc/(\*|os-|issue|lsb)|proc/version)`},
		{faint, "id", "<id>", `(^|[;&|]\s*)id(\s*$|\s*[;&|])`},
		{faint, "network of a Unix machine", "<ifconfig>|<ip>|/etc/hosts|/etc/resolv.conf", `(^|[;&|]\s*)(ifconfig|ip\s+(a|addr|r|route))\b|cat\s+/etc/(hosts|resolv\.conf)`},
		{faint, "processes and crontab", "<ps>|<crontab -l|<lsof>|<ss>", `(^|[;&|]\s*)(ps\s+-?(aux|ef)|crontab\s+-l|lsof\s+-i|ss\s+-\w*[ltn])`},
		{500, "asks for its own privileges", "<whoami + /priv|/all|/groups", ""},
		{1100, "asks for domain controllers or trusts", "<nltest + /dclist|/domain_trusts|/trusted_domains|/dsgetdc|/all_trusts", ""},
		{800, "asks the directory for its objects", "<dsquery|<dsget|<csvde|<ldifde|get-adcomputer|get-adtrust|get-addomaincontroller|dsacls + computer|group|user|-filter|server|trust|<-f>|subnet|domain", ""},
		{1000, "asks who the domain's administrators are", `domain admins|enterprise admins|domain controllers|exchange trusted subsystem|\domänen-admins + <net>|<net1>|get-adgroupmember|<net.exe + !/add|add-adgroupmember`, ""},
		{600, "asks for all accounts of the domain", "<net>|<net1> + <user>|<users>|<group>|<accounts>|<view> + /domain|/dom + !/add|domain admins", ""},
		{700, "asks for service principal names", "<setspn + -q|/q|-t>", ""},
		{500, "asks for domain-wide settings or policies", "<gpresult + /z|/v|/h|/r + !sccm", ""},
	}
}
