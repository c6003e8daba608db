package check

import "github.com/seed-959697dd/soc/triage"

// The words of the names of detections.
// Source: as in titles.go: the vocabulary of the rule sets named there.

// A titleGroup is a set of phrases, separated by bars, that say the same about an alert. Blanks at their ends ask for
// the edge of a word.
type titleGroup struct {
	weight triage.Weight
	role   titleRole
	says   string
	words  string
}

// attackFiled is what a rule set's shelf for attacks weighs at least.
const attackFiled = 1300

// titleRole is what the phrases of a group do in a title.
type titleRole uint8

const (
	statement titleRole = iota // says what happened
	filing                     // names the shelf of a rule set on which the rule stands
	excuse                     // turns the others' meaning
	hedge                      // doubts them
)

func titleLexicon() []titleGroup {
	return []titleGroup{
		{3000, statement, "a trap that nobody has reason to touch was touched", "honeypot|honeytoken|honey token|honeyfile|canary token|canary triggered|decoy"},
		{2500, statement, "the detection names a tool of intruders", "mimikatz|cobalt strike|cobaltstrike|meterpreter|metasploit|powershell empire|brute ratel|bruteratel| sliver |havoc c2|sharphound|bloodhound|rubeus|lazagne|impacket|secretsdump|crackmapexec|netexec|winpeas|linpeas|powersploit|powerview|evil winrm|responder poison|nanodump|sharpup|seatbelt|pypykatz|wmiexec|smbexec|njrat|asyncrat|quasar rat|remcos|agent tesla|icedid|qakbot| emotet|trickbot|lockbit|blackcat|redline stealer|lumma"},
		{2500, statement, "the detection names an attack on the directory's credentials", "dcsync|dcshadow|golden ticket|silver ticket|kerberoast|as rep roast|asrep roast|pass the hash|pass the ticket|overpass the hash|skeleton key|ntds.dit|ntlm relay|directory replication service|zerologon|petitpotam|printnightmare|nopac"},
		{2400, statement, "the detection speaks of ransom or destruction", "ransomware|ransom note|shadow cop|volume shadow|wiper|mass encryption|mass file encryption|mass deletion|inhibit system recovery"},
		{2200, statement, "the detection speaks of a foreign shell", "web shell|reverse shell|bind shell|shell spawned|spawned a shell|spawned shell|spawning shell|interactive shell from|hands on keyboard|remote shell"},
		{2000, statement, "the detection speaks of stolen credentials", "credential dump|credential theft|credential access|credential steal|credentials dump|stolen credential|leaked credential|compromised credential|dumping| lsass| sam dump|password dump|infostealer|stealer|keylog"},
		{2000, statement, "the detection says that an attack succeeded", "successful administrator privilege gain|successful admin|successful exploit|successful user privilege gain|successful brute|success after|check returned root|followed by a success|followed by success|compromised host|compromised account|account compromise|host compromise|system compromise|business email compromise|account takeover|confirmed breach|breakout|sandbox escape|container escape"},
		{1900, statement, "the detection speaks of control from outside", "command and control|command & control| c2 |/c2 | c2c | cnc | beacon|botnet|backdoor|remote access trojan| rat |domain generation algorithm|dns tunnel|reverse tunnel|dns exfil|icmp tunnel"},
		{1900, statement, "the detection speaks of code inside another process", "process injection|code injection|dll injection|injected|hollowing|process herpaderping|doppelganging|reflective load|createremotethread|remote thread|dll side load|sideload|dll hijack|shellcode|rootkit|bootkit"},
		{1800, statement, "the detection speaks of data leaving", "exfiltrat|data theft|data leak to|mass download|data staging|data destruction"},
		{1800, statement, "the detection speaks of an intruder moving or rising", "lateral movement|privilege escalation|elevation of privilege|token theft|token impersonation|uac bypass|bypass uac|amsi bypass|applocker bypass|exploit kit|drive by|watering hole"},
		{1800, statement, "the detection speaks of defences being switched off", "tamper|clearing of|security tool disabled|real time protection is disabled|protection disabled|disabled security|defender disabled|antivirus disabled|real time protection disabled|protection was disabled|protection turned off|firewall disabled|logging disabled|logging was disabled|audit disabled|trail deleted|impair|defense evasion|timestomp"},
		{2100, statement, "the detection says that a log was cleared", "log cleared|logs cleared|log was cleared|event log clear|log file was cleared|log file cleared"},
		{1700, statement, "the detection names an attack on a known hole", "log4shell|log4j|shellshock|eternalblue|heartbleed|spring4shell|proxyshell|proxylogon|follina|remote code execution| rce |deserializ|zero day| 0 day|dirty pipe|dirty cow|pwnkit|jndi|ognl injection"},
		{1600, statement, "the detection speaks of a program put where remote tools put theirs", "windows root path|windows root folder|windows admin share|administrative share|admin$"},
		{1500, statement, "the detection names malware", "trojan| worm |ransom|virus detected|virus found|infected|malware|maldoc|dropper|downloader|loader activity|spyware|crypto miner|cryptominer|coin miner|coinminer|cryptojack|cryptocurrency mining|crypto currency mining|coinhive|xmrig|monero|stratum"},
		{1500, statement, "the detection calls something malicious", "malicious"},
		{1400, statement, "the detection names an attack on a web application", "sql injection|sqli|cross site scripting| xss |path traversal|directory traversal|command injection|code execution| lfi | rfi |local file inclusion|remote file inclusion|xml external entity| xxe | ssrf |server side request forgery|template injection|web attack|web application attack|cgi bin vulnerability|null termination|web exploit|webattack|file inclusion|arbitrary file|file upload attack"},
		{1300, statement, "the detection speaks of deception of people", "phish|spoof|impersonat|credential harvest|social engineering|lookalike|typosquat|homoglyph|consent grant|illicit consent"},
		{1300, statement, "the detection speaks of guessing many passwords", "multiple authentication failure|multiple failed login|multiple failed logon|multiple logon failure|multiple windows logon failure|multiple login failure|multiple login error|multiple access attempts|authentication attempts exceeded|missed the password more than|many failed login|repeated login failure|authentication failures |password spray|credential stuffing|mfa fatigue|mfa bombing|impossible travel|atypical travel|password guessing|brute force|multiple authentication failures followed by"},
		{1100, statement, "the detection speaks of an exploit", "exploit|overflow|attempted administrator privilege gain|attempted admin|attempted user privilege gain|attempted user|unsuccessful user privilege gain|executable code was detected|shell code|heap spray|use after free"},
		{1100, statement, "the detection speaks of an attacker's ground being prepared", "persistence|new admin|administrator added|added to administrators|administrators group changed|application compatibility database|next logon|added to admin|added to domain admins|added to privileged|privileged group|global administrator|root certificate installed|startup folder|run key|autorun|wmi subscription|wmi event subscription|rogue|unauthorized|unauthorised"},
		{1000, statement, "the detection speaks of hidden commands", "encoded command|encoded powershell|base64|obfuscat|suspicious powershell|malicious powershell|suspicious command|suspicious windows cmd|abnormal process|unmanaged powershell|from suspicious location|suspicious location|suspicious script|abnormal parent|unusual parent|suspicious parent|living off the land|lolbin|lolbas|masquerad|renamed system|renamed binary|renamed executable|double extension|download cradle|suspicious download|executable drop"},
		{1500, statement, "the detection names the tool of an attacker who looks for holes", "nmap|nikto|sqlmap|gobuster|dirbuster|dirb |wfuzz|masscan|hydra|wpscan|zmeu|feroxbuster|ffuf"},
		{900, statement, "the detection names the tool of a scanner", "zgrab|nuclei|acunetix|nessus|openvas|vulnerability scanner"},
		{900, statement, "the detection names something reached that is closed to visitors", "suspicious url|forbidden directory|forbidden file|forbidden access|restricted file|sensitive file|hidden file access|backup file access|configuration file access"},
		{1200, statement, "the detection shows the trace of a scanner", "web scan |multiple web server 4|multiple web server error|multiple web server 5|multiple 400|multiple 403|multiple 404|multiple 500|many 404|high number of 404|error codes from same source|port scan|portscan|port sweep|host sweep|network sweep|address sweep|network scan|scanning|reconnaissance|enumeration| recon |fuzzing|directory brute|information leak"},
		{800, statement, "the detection names an anonymity network", " tor |tor exit|onion|anonymizer|anonymous proxy|open proxy"},
		{700, statement, "the detection shows malformed traffic as scanners make it", "no server welcome message|smtp invalid reply|invalid sslv2 header|invalid banner|invalid protocol version|insecure connection attempt|did not receive identification"},
		{700, statement, "the detection speaks of something made to last or to run", "scheduled task|new service was|service was installed|new service installed|service creation|remote service|psexec|wmic|rundll32|regsvr32|mshta|certutil|bitsadmin|cron job|crontab modified|authorized keys|setuid|ld preload"},
		{700, statement, "the detection names unwanted software", "adware| pup | pua |potentially unwanted|riskware|hacktool|hack tool|greyware"},
		{600, statement, "the detection speaks of an attack", "attack|intrusion|hacking|weaponi|adversary|threat actor|denial of service| ddos | dos |flood| cve |compromise|known bad|blacklisted|blocklisted|malformed|public exposure|publicly exposed|publicly accessible|exposed to the internet|made public|potentially bad|injection"},
		{500, statement, "the detection calls it suspicious", "suspicious|suspected|abnormal|web server 400|policy violation|external ip lookup|retrieving external ip|changed uid|login by a default|default credential|risky sign"},
		{300, statement, "the detection calls it unusual", "unusual|anomal| rare |unexpected|uncommon|unfamiliar|never seen|first time user|web server 500|high entropy|outlier"},
		{2200, filing, "the rule set files it under malware", " et malware| et trojan| etpro malware| etpro trojan| et cnc| et mobile malware| et worm| et coinminer| etpro coinminer|malware cnc|malware backdoor"},
		{1600, filing, "the rule set files it under attacks", " et exploit| etpro exploit| et attack response| etpro attack response| gpl attack response| et current events| et phishing| etpro phishing| et shellcode| gpl shellcode| gpl exploit| et exploit kit|server webapp|exploit kit|indicator compromise"},
		{1300, filing, "the rule set files it under attacks on web servers", " et web server| et web specific apps| etpro web server| etpro web specific apps| et web client| et sql"},
		{1300, filing, "the rule set files it under scans", " et scan| etpro scan| gpl scan"},
		{700, filing, "the rule set files it under nuisances", " et dos| et tor| et adware pup| gpl sql| gpl rpc| gpl web server"},
		{600, filing, "the rule set files it under what hunters look at", " et hunting| etpro hunting"},
		{250, filing, "the rule set files it under hints", " et dns| et drop| et cins| et 3coresec| et compromised| et user agents| et info| etpro info| et dyn dns| query for suspicious"},
		{-250, filing, "the rule set files it under house rules", " et policy| etpro policy| et games| et chat| et p2p| gpl icmp| gpl misc|corporate privacy violation|misc activity"},
		{-400, statement, "the decoder complains about a stream, which networks do all day", "suricata stream|suricata tls|suricata http|suricata dns|suricata smtp|suricata ssh|suricata quic|suricata ipv4|suricata ipv6|suricata udp|suricata tcp|suricata applayer|suricata smb|suricata decoder|protocol command decode|unknown traffic|invalid record|invalid handshake|decompression failed|unable to match response"},
		{-450, statement, "a detector that learns saw a value it had not learned", "unusual occurrence frequenc|deviates from average|out of expected range|new event type|parameter combination|new status code|new characters in|new request method|new query record|new ip address in|high entropy in"},
		{-700, statement, "an ordinary session", "session opened|session closed|session ended|authentication success|logon success|login success|successful logon|successful login|successfully logged on|logged off|logoff|log off|logged out|accepted publickey|kerberos service ticket was requested|sign in success|sudo to root executed"},
		{-700, statement, "ordinary operation", "service started|service entered|agent started|agent stopped|agent disconnected|agent connected|server started|heartbeat|keepalive|keep alive|license|licence|disk space|disk usage|certificate expir|time sync|clock sync|time service|dhcp|group policy|event queue|promiscuous|notification subscriber|was unavailable to handle|startup type was changed|configuration changed|application error event|system error|requested to install|half configured|recovery steps|screensaver|screen saver|workstation locked|workstation unlocked|backup completed|backup succeeded|job completed|health check|log rotat|selinux permission check|print job|interface up|interface down|link state|battery|temperature"},
		{-100, statement, "a file changed, as files do", "integrity checksum changed|file added to the system|file modified"},
		{-900, excuse, "ordinary upkeep, or nothing was found", "no positives found|no records in|request rate limit|database update|signature update|signatures update|signature database|definition update|definitions updated|definitions were updated|pattern update|rule updated|rules updated|software update|windows update|update installed|installed an update|package management|apt user agent|new dpkg|dpkg package|package installed|rpm package|new yum|yum package|scan completed|scan started|scan finished|scheduled scan|full scan|quick scan|no threats found|no threats detected|no threat found|no malware found|no malware detected|not malicious|not suspicious|training completed"},
		{-900, excuse, "a finding about the configuration, not an event", "affects |vulnerability assessment|vulnerability detected|vulnerabilities detected|vulnerability scan result|vulnerable package|vulnerable software|vulnerable version|missing patch|cis benchmark| cis microsoft| cis ubuntu| cis red hat| cis distribution| sca |sca summary|benchmark|compliance check|configuration assessment|hardening|policy monitoring|rootcheck"},
		{0, hedge, "the detection says that it may be nothing", " may be | may indicate| may allow| might | could | possible | possibly | potential | can be used| commonly used| often used| likely "},
		{-1200, excuse, "the detection says that this is an exercise", "phishing simulation|simulated phishing|attack simulation training|test alert|test message|sample alert|sample finding"},
	}
}
