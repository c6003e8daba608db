package check

import (
	"net/url"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What a web request asks for. Words alone say nothing (people search for "select a seat in Union Square"); the rows
// want the structure that a statement, a tag or a path has to have in order to work.
//
// Source: OWASP Web Security Testing Guide and the classes of the OWASP Core Rule Set, PortSwigger research on template
// injection, CVE-2014-6271 (Shellshock), CVE-2021-44228 (Log4Shell), CVE-2017-9841, CVE-2021-3129, CVE-2019-2725,
// CVE-2021-34473, CVE-2018-13379, ATT&CK T1190, T1505.003, T1595, T1552.005, agent names from the tools' own manuals.

type webRequests struct {
	reader *webReader
	agents *ruleset
	quiet  *memory[bool] // of user agents that say nothing
	slots  *slotTable
}

// WebRequests reads URLs, referrers, user agents and access log lines.
func WebRequests() triage.Check { return webRequestsOf(newTables()) }

func webRequestsOf(t *tables) triage.Check {
	return &webRequests{t.web, newRuleset(agentRules), newMemory[bool](), tableOf(requestIn)}
}

func (*webRequests) Name() string { return "web" }

// requestIn tells the slots in which requests stand.
func requestIn(s alert.Slot, typ alert.EntityType) uint8 {
	return uint8(bool2int(typ == alert.URL || s == alert.SlotUserAgent || s == alert.SlotReferrer || s == alert.SlotMessage))
}

func (c *webRequests) Check(a *alert.Alert, note func(triage.Signal)) {
	if a.First(alert.SlotUserAgent) == nil && a.First(alert.SlotReferrer) == nil && a.First(alert.SlotMessage) == nil && !has(a, alert.URL) {
		return
	}
	var said agentsAndRules
	for i := range a.Fields {
		f := &a.Fields[i]
		if c.slots[f.Slot] == 0 {
			continue
		}
		switch f.Slot {
		case alert.SlotUserAgent:
			if c.quiet.get(f.Value, c.isQuiet) {
				continue
			}
			c.agent(f, &said, note)
			c.request(f, &said, note)
		case alert.SlotReferrer:
			c.request(f, &said, note)
		case alert.SlotMessage:
			if strings.Contains(f.Value, " HTTP/") {
				c.request(f, &said, note)
			}
		default:
			c.request(f, &said, note)
		}
	}
}

// agentsAndRules are what was said of an alert: the rules of requests by their place from the front, those of agents from the back.
type agentsAndRules [2]uint64

// first tells whether it is said for the first time.
func (said *agentsAndRules) first(i int) bool {
	bit := uint64(1) << (i & 63)
	before := said[i>>6]
	said[i>>6] |= bit
	return before&bit == 0
}

func (c *webRequests) isQuiet(agent string) bool {
	return c.agents.silent(agent) && c.reader.read(agent).weight == 0
}

func (c *webRequests) request(f *alert.Field, said *agentsAndRules, note func(triage.Signal)) {
	r := c.reader.read(f.Value)
	if r.weight == 0 || !said.first(r.index) {
		return
	}
	says := r.says
	if r.twice {
		says += ", written in an encoding of an encoding"
	}
	note(triage.Note("web", triage.Web, r.weight, says, f.Value[r.from:r.to], f))
}

func (c *webRequests) agent(f *alert.Field, said *agentsAndRules, note func(triage.Signal)) {
	c.agents.match(f.Value, func(m found) {
		if said.first(127 - m.index) {
			note(triage.Note("web", triage.Web, m.weight, m.says, f.Value[m.from:m.to], f))
		}
	})
}

type webReader struct {
	rules *ruleset
}

// webReading is the gravest thing found in a request; from and to are offsets in the text as written.
type webReading struct {
	weight   triage.Weight
	says     string
	index    int
	from, to int
	twice    bool
}

func newWebReader() *webReader {
	return &webReader{newRuleset(webRules)}
}

// maxRequest bounds how much of a request is read, in bytes: what does not fit there does not fit a server's line either.
const maxRequest = 8192

func (r *webReader) read(s string) webReading {
	s = s[:min(len(s), maxRequest)]
	best := r.gravest(s)
	for layer := 1; layer <= 2; layer++ {
		next := decodedRequest(s)
		if next == s {
			break
		}
		if m := r.gravest(next); m.weight > best.weight {
			best = m
			best.from, best.to, best.twice = 0, len(s), layer == 2
		}
		s = next
	}
	return best
}

func (r *webReader) gravest(s string) (best webReading) {
	r.rules.match(s, func(m found) {
		if m.weight > best.weight {
			best = webReading{weight: m.weight, says: m.says, index: m.index, from: m.from, to: m.to}
		}
	})
	return best
}

// decodedRequest takes one layer of percent encoding off; broken escapes stay as they are.
func decodedRequest(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 && !strings.Contains(s, "/**/") {
		return s
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "/**/", " "), "+", " ")
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func agentRules() []rule {
	return []rule{
		{1800, "the client calls itself a tool for breaking into web applications", "sqlmap|nikto|havij|commix|xsser|w3af|arachni|metasploit|zmeu|jorgee|morfeus|muieblackcat|fimap|bsqlbf", ""},
		{1400, "the client calls itself a scanner", "gobuster|dirbuster|feroxbuster|wfuzz|ffuf|fuzz faster|<hydra|masscan|zgrab|nuclei|nmap scripting engine|wpscan|whatweb|skipfish|dirsearch|owasp zap|zaproxy|acunetix|netsparker|httpx - open|katana", ""},
		{500, "the client calls itself a vulnerability scanner, which may be approved", "nessus|openvas|qualys|rapid7|nexpose|censysinspect|expanse|shodan", ""},
		{700, "the client calls itself PowerShell", "windowspowershell/", ""},
	}
}

func webRules() []rule {
	const command = `(?:wget|curl|whoami|uname|cat|ifconfig|ipconfig|chmod|busybox|netcat|nc|nslookup|ping|powershell|cmd\.exe|bash|sh|python\d?|perl|sleep|id|ls|type|net\s+user|tftp)`
	return []rule{
		{2400, "a request that makes a logging library load code (Log4Shell)", "${jndi|${${|${lower:|${upper:|${::-|${env:|jndi:ldap|jndi:rmi|jndi:dns", `\$\{\s*jndi\s*:|\$\{[^}]*\$\{\s*(?:lower|upper|::-|env|sys|date)|\$\{(?:lower|upper|::-|env:)[^}]*\}[^}]*\$\{|jndi:(?:ldaps?|rmi|dns|iiop|corba|nds|http)://`},
		{2400, "a function definition where a shell would run what follows (Shellshock)", "() {|(){", `\(\)\s*\{\s*[:;_]`},
		{1700, "a SQL statement appended to a parameter", "<union + select", `union[\s(]+(?:(?:all|distinct)[\s(]+)?select\b.*(?:,|from|null|\d|@@|\()`},
		{1500, "a condition that closes a string of a SQL statement", "' or|\" or|'or|' and|\" and|') or|\") or|') and", `['"]\s*\)*\s*(?:or|and|\|\||&&)\s*\(*\s*['"]?[\w@]+['"]?\s*(?:=|like\b|<|>|is\s+(?:not\s+)?null)`},
		{1500, "a condition that is always true", "or 1=|or 1 =|and 1=|and 1 =|or 2=|and 2=", `[\s'")=]\s*\b(?:or|and)\s+(\d+)\s*=\s*\d+`},
		{1700, "a function or table that only an injected SQL statement uses", "sleep(|benchmark(|waitfor delay|pg_sleep(|dbms_pipe|extractvalue(|updatexml(|xp_cmdshell|information_schema|load_file(|into outfile|into dumpfile|@@version|sys.databases", `(?:['");\s(,]|\b(?:and|or|select)\b.*)(?:sleep|benchmark|pg_sleep|extractvalue|updatexml|load_file)\s*\(|waitfor\s+delay|dbms_pipe\.|xp_cmdshell|information_schema\.|into\s+(?:out|dump)file|@@version`},
		{1500, "a second SQL statement behind the first", "drop table|insert into|delete from|truncate table|alter table|create user|exec master", `['";)]\s*;?\s*(?:drop\s+table|insert\s+into|delete\s+from|truncate\s+table|alter\s+table|create\s+user|exec\s+master)`},
		{1500, "script code in a request", "<script|javascript:|onerror|onload|onmouseover|onfocus|ontoggle|document.cookie|<iframe|srcdoc", `<\s*(?:script|iframe|object|embed)\b|<\s*\w+\b[^>]*\bon(?:error|load|mouseover|focus|toggle|click|start)\s*=|["'>]\s*on(?:error|load|mouseover|focus)\s*=|document\.cookie|[=(]\s*javascript:\s*\w+`},
		{1500, "a path that climbs out of its folder", `../|..\|..;/`, `(?:\.\.[/\\;]+){3,}|(?:\.\.[/\\;]+)+(?:etc|windows|winnt|boot\.ini|proc|web-inf|usr|var|bin|home|root)\b`},
		{1700, "a file of the system asked for through the web", "/etc/passwd|/etc/shadow|/proc/self/|win.ini|boot.ini|/windows/system32|web-inf/web.xml|/root/.ssh|/.ssh/id_", ""},
		{1700, "a stream wrapper where a file name belongs", "php://|expect://|phar://|zip://|glob://|=data:|=file:///", `php://(?:input|filter|fd)|=\s*(?:expect|phar|zip|glob)://|=data:text/\w+[;,].*(?:<\?|base64)|=file:///`},
		{1100, "a script of another host where a file name belongs", "=http://|=https://|=ftp://", `=(?:https?|ftp)://\d+\.\d+\.\d+\.\d+[^&\s]*\.(?:txt|php|inc|phtml|sh|pl|py|jsp|dtd|xml)\b`},
		{1800, "a shell command in a request", "$(|wget|curl|whoami|uname|cat |/bin/|ifconfig|ipconfig|chmod|busybox|netcat|nslookup|powershell|cmd.exe|;id|ping |sleep |nc -|${ifs}|net user|;ls", "(?:[;|`\\n]|&&|\\$\\()\\s*" + command + `(?:\s|\$\{ifs\}|$|[;|)` + "`" + `])|\$\{ifs\}|[;|]\s*/bin/\w+|/bin/(?:ba|da|z)?sh\b|=\s*(?:whoami|cat\s+/\w+|cmd\.exe|powershell)\b`},
		{1600, "an expression for a template engine", "{{|${|<%=|#{|__class__|t(java", `\{\{\s*['"\d]+\s*\*\s*['"\d]+\s*\}\}|\{\{.*(?:__class__|__globals__|lipsum|cycler|self\._|request\.application|config\.)|[$#]\{\s*\d+\s*\*\s*\d+\s*\}|<%=\s*\d+\s*\*|t\(java\.lang`},
		{2000, "a server asked to fetch the credentials of its cloud", "169.254.169.254|metadata.google.internal|100.100.100.200|fd00:ec2::254|2852039166", `[?&][\w.\[\]-]+=\s*(?:https?:)?(?://)?[^&\s]*(?:169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|fd00:ec2::254|2852039166)`},
		{1100, "a server asked to fetch from itself", "=http://127.|=http://localhost|=http://0.0.0.0|=http://[::1]|=gopher://|=dict://|=https://127.|=https://localhost", `[?&][\w.-]+=(?:https?://(?:127\.|localhost\b|0\.0\.0\.0|\[::1\])[^&\s]*(?::\d+|admin|internal|secret)|gopher://|dict://)`},
		{2500, "the name of a web shell", "/c99|/r57|/wso.php|b374k|/shell.|/webshell|/cmd.php|/cmd.jsp|/cmd.asp|indoxploit|weevely|/alfa.php|/antsword|/chopper.|godzilla.", `/(?:c99|r57|wso|b374k|shell|webshell|cmd|alfa|antsword|chopper|godzilla|indoxploit|weevely)[\w-]*\.(?:php\d?|phtml|jspx?|aspx?|ashx|cfm)\b`},
		{2700, "a script that is handed a command", "cmd=|exec=|command=|?c=|&c=|shell=|execute=|run=", `\.(?:php\d?|phtml|jspx?|aspx?|ashx|cgi|pl|cfm)\b[^\s]*[?&](?:cmd|exec|command|c|shell|execute|run)=[^&\s]*(?:whoami|\bid\b|\bls\b|\bcat\b|\bdir\b|uname|ipconfig|ifconfig|wget|curl|powershell|/bin/|net(?:\s|%20)user|\bpwd\b)`},
		{1300, "a script run from a folder for uploads", "/upload|/files/|/images/|/media/|/tmp/|/cache/|/avatars/|/attachments/", `/(?:uploads?|files|images|media|tmp|cache|avatars?|attachments?)/[^?#\s]*\.(?:php\d?|phtml|jspx?|aspx?|ashx)\b`},
		{1700, "the address of a known hole", "eval-stdin.php|_ignition/execute-solution|/gponform/diag|/boaform/|/hnap1|setup.cgi?next_file|/wls-wsat/|/_async/asyncresponse|autodiscover.json?@|fgt_lang?lang=|class.module.classloader|/securityrealm/user/admin|%{(#|jmxinvokerservlet|/cgi-bin/.%2e|/dana-na/../|/druid/indexer/v1/sampler|/nacos/v1/auth|/solr/admin/cores?|/actuator/gateway/routes|think\\app/invokefunction|/api/jsonws/invoke|/goform/|/cgi-bin/luci/;", ""},
		{1000, "a file asked for that is not meant for visitors", "/.env|/.git/config|/.git/head|/.git/index|/.svn/entries|/.aws/credentials|/.ssh/|/.htpasswd|wp-config.php|/web.config|/id_rsa|/backup.sql|/dump.sql|/database.sql|/phpinfo.php|/actuator/env|/actuator/heapdump|/.npmrc|/.bash_history|/.docker/config|/server-status|/.ds_store|/config.php.bak|/.vscode/sftp", `(?:/\.env(?:$|[.?\s"])|/\.git/|/\.svn/|/\.aws/|/\.ssh/|/\.htpasswd|wp-config\.php|/web\.config|/id_rsa|\.sql(?:$|[.?\s"])|/phpinfo\.php|/actuator/|/\.npmrc|/\.bash_history|/\.docker/|/server-status|/\.ds_store|config\.php\.bak|/\.vscode/)`},
		{500, "the address of an administrator's page, as scanners try them", "/phpmyadmin|/pma/|/manager/html|/solr/admin|/jmx-console|/adminer.php|/cgi-bin/test|/jenkins/script|/console/login/loginform.jsp|/xmlrpc.php|/hudson/script|/dbadmin|/mysqladmin", ""},
		{1700, "a serialised object, as exploits send them", "ro0ab|aced0005|aaeaaad/////|__import__|!!python/|o:8:|o:9:|o:1", `[=:\s]ro0ab[a-z0-9+/]{8}|aced0005|aaeaaad/////|__import__\s*\(|!!python/object|[=;{]o:\d+:"\w+":\d+:\{`},
		{1200, "a header injected into the answer", "set-cookie|location:|content-length", `\r\n\s*(?:set-cookie|location|content-length)\s*:`},
	}
}
