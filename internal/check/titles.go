package check

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What the name of a detection says. The engineer who wrote the rule chose its words, so they carry what he meant; an
// attacker may have been quoted in them, so words that lower count only where the format declares the field's text the
// product's own.
//
// Source: naming of the Emerging Threats and Snort rule sets (classtypes of classification.config), the Wazuh, Sigma,
// Elastic and Microsoft Defender rule catalogues' vocabulary, ATT&CK tactic and technique names.

type titles struct{ reader *titleReader }

// Titles reads rule names, titles, categories and threat names.
func Titles() triage.Check { return titles{newTitleReader()} }

func (titles) Name() string { return "titles" }

func (c titles) Check(a *alert.Alert, note func(triage.Signal)) {
	var seen [4]string
	n := 0
	for i := range a.Fields {
		f := &a.Fields[i]
		switch f.Slot {
		case alert.SlotTitle, alert.SlotRuleName, alert.SlotCategory:
		default:
			continue
		}
		if f.Value == seen[0] || f.Value == seen[1] || f.Value == seen[2] || f.Value == seen[3] {
			continue
		}
		seen[n%len(seen)] = f.Value
		n++
		r := c.reader.read(f.Value)
		w, hit := r.worst, r.raised
		if f.Trust > alert.Attacker {
			w = r.sum()
			if w <= 0 {
				hit = r.lowered
			}
		}
		if w != 0 && hit.phrase >= 0 {
			note(triage.Note("titles", triage.Detection, w, c.reader.lexicon().phrases[hit.phrase].says, f.Value[hit.start:hit.end], f))
		}
	}
}

// titleReading is what a title says, by offsets: it is kept in a memory and must not keep the title alive.
type titleReading struct {
	worst   triage.Weight // of the words that raise
	least   triage.Weight // of the words that lower
	excuse  bool          // a word that turns the others' meaning: an update about malware is no malware
	raised  textHit
	lowered textHit
}

// sum is the reading of a title whose words are the product's own.
func (r titleReading) sum() triage.Weight {
	switch {
	case r.excuse:
		return r.least
	case r.worst >= 1000:
		return r.worst // a grave word is not talked away by a mild one
	}
	return r.worst + r.least
}

// A textHit is one phrase of a list at a place of a text.
type textHit struct{ phrase, start, end int }

type titleReader struct {
	lexicon func() *titleWords
	memo    *memory[titleReading]
}

type titleWords struct {
	finder  *finder
	phrases []titlePhrase
}

type titlePhrase struct {
	*titleGroup
	length      int
	front, back bool // must stand at the beginning or the end of a word
}

func newTitleReader() *titleReader {
	return &titleReader{sync.OnceValue(newTitleWords), newMemory[titleReading]()}
}

func newTitleWords() *titleWords {
	t := &titleWords{}
	var words []string
	for _, group := range titleLexicon() {
		for p := range strings.SplitSeq(group.words, "|") {
			word := strings.Trim(p, " ")
			forms := []string{word}
			if joined := strings.ReplaceAll(word, " ", ""); len(joined) > 8 && joined != word {
				forms = append(forms, joined)
			}
			for _, form := range forms {
				words = append(words, form)
				t.phrases = append(t.phrases, titlePhrase{&group, len(form), strings.HasPrefix(p, " "), strings.HasSuffix(p, " ")})
			}
		}
	}
	t.finder = newFinder(plainWords(words))
	return t
}

// read weighs a title. Several words that raise add a little to the strongest.
func (r *titleReader) read(s string) titleReading { return r.memo.get(s, r.weigh) }

// hits are the phrases of a title by where they end, the longest first.
func (t *titleWords) hits(s string) []textHit {
	var room [16]textHit
	hits := room[:0]
	t.finder.each(blankSeparated(s), func(id, end int) {
		if p := &t.phrases[id]; p.front && !wordEdge(s, end-p.length) || p.back && !wordEdge(s, end) {
			return
		}
		hits = append(hits, textHit{id, end - t.phrases[id].length, end})
	})
	slices.SortFunc(hits, func(a, b textHit) int {
		return cmp.Or(a.end-b.end, a.start-b.start, a.phrase-b.phrase)
	})
	return hits
}

func (r *titleReader) weigh(s string) titleReading {
	words := r.lexicon()
	t := titleReading{raised: textHit{phrase: -1}, lowered: textHit{phrase: -1}}
	best, more := triage.Weight(0), triage.Weight(0)
	for _, h := range words.hits(s) {
		p := &words.phrases[h.phrase]
		switch w := p.weight; {
		case w > best:
			more += best / 8
			best, t.raised = w, h
		case w > 0:
			more += w / 8
		case w < t.least || t.lowered.phrase < 0:
			t.least, t.lowered = w, h
		}
		t.excuse = t.excuse || p.excuse
	}
	t.worst = best + min(more, 500)
	return t
}

// blankSeparated writes brute-force and brute_force with a blank; every byte stays in its place.
func blankSeparated(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch c {
		case '_', '-', '\t', '\n', '\r', '+':
			b[i] = ' '
		}
	}
	return string(b)
}

// wordEdge tells whether a word may begin or end between s[i-1] and s[i].
func wordEdge(s string, i int) bool {
	return i == 0 || i == len(s) || !isAlnum(s[i-1]) || !isAlnum(s[i]) || s[i-1]-'a' <= 25 && s[i]-'A' <= 25
}

func isAlnum(c byte) bool { return c|0x20-'a' <= 25 || c-'0' <= 9 }

// A titleGroup is a set of phrases, separated by bars, that say the same about an alert. Blanks at their ends ask for
// the edge of a word.
type titleGroup struct {
	weight triage.Weight
	excuse bool
	says   string
	words  string
}

func titleLexicon() []titleGroup {
	return []titleGroup{
		{3000, false, "a trap that nobody has reason to touch was touched", "honeypot|honeytoken|honey token|honeyfile|canary token|canary triggered|decoy"},
		{2500, false, "the detection names a tool of intruders", "mimikatz|cobalt strike|cobaltstrike|meterpreter|metasploit|powershell empire|brute ratel|bruteratel| sliver |havoc c2|sharphound|bloodhound|rubeus|lazagne|impacket|secretsdump|crackmapexec|netexec|winpeas|linpeas|powersploit|powerview|evil winrm|responder poison|nanodump|sharpup|seatbelt|pypykatz|wmiexec|smbexec|njrat|asyncrat|quasar rat|remcos|agent tesla|icedid|qakbot|emotet|trickbot|lockbit|blackcat|redline stealer|lumma"},
		{2500, false, "the detection names an attack on the directory's credentials", "dcsync|dcshadow|golden ticket|silver ticket|kerberoast|as rep roast|asrep roast|pass the hash|pass the ticket|overpass the hash|skeleton key|ntds.dit|ntlm relay|directory replication service|zerologon|petitpotam|printnightmare|nopac"},
		{2400, false, "the detection speaks of ransom or destruction", "ransomware|ransom note|shadow cop|volume shadow|wiper|mass encryption|mass file encryption|mass deletion|inhibit system recovery"},
		{2200, false, "the detection speaks of a foreign shell", "web shell|reverse shell|bind shell|shell spawned|spawned a shell|spawned shell|spawning shell|interactive shell from|hands on keyboard|remote shell"},
		{2000, false, "the detection speaks of stolen credentials", "credential dump|credential theft|credential access|credential steal|credentials dump|stolen credential|leaked credential|compromised credential|dumping| lsass| sam dump|password dump|infostealer|stealer|keylog"},
		{2000, false, "the detection says that an attack succeeded", "successful administrator privilege gain|successful admin|successful exploit|successful user privilege gain|successful brute|success after|compromised host|compromised account|account compromise|host compromise|system compromise|business email compromise|account takeover|confirmed breach|breakout|sandbox escape|container escape"},
		{1900, false, "the detection speaks of control from outside", "command and control|command & control| c2 |/c2 | c2c | cnc | beacon|botnet|backdoor|remote access trojan| rat |domain generation algorithm|dns tunnel|dns exfil|icmp tunnel"},
		{1900, false, "the detection speaks of code inside another process", "process injection|code injection|dll injection|injected|hollowing|process herpaderping|doppelganging|reflective load|createremotethread|remote thread|dll side load|sideload|dll hijack|shellcode|rootkit|bootkit"},
		{1800, false, "the detection speaks of data leaving", "exfiltrat|data theft|data leak to|mass download|data staging|data destruction"},
		{1800, false, "the detection speaks of an intruder moving or rising", "lateral movement|privilege escalation|elevation of privilege|token theft|token impersonation|uac bypass|bypass uac|amsi bypass|applocker bypass|exploit kit|drive by|watering hole"},
		{1800, false, "the detection speaks of defences being switched off", "tamper|log cleared|logs cleared|audit log was cleared|event log clear|clearing of|security tool disabled|disabled security|defender disabled|antivirus disabled|real time protection disabled|protection was disabled|protection turned off|firewall disabled|logging disabled|logging was disabled|audit disabled|trail deleted|impair|defense evasion|timestomp"},
		{1700, false, "the detection names an attack on a known hole", "log4shell|log4j|shellshock|eternalblue|heartbleed|spring4shell|proxyshell|proxylogon|follina|remote code execution| rce |deserializ|zero day| 0 day|dirty pipe|dirty cow|pwnkit|jndi|ognl injection"},
		{1500, false, "the detection names malware", "trojan| worm |ransom|virus detected|virus found|infected|malware|maldoc|dropper|downloader|loader activity|spyware|crypto miner|cryptominer|coin miner|coinminer|cryptojack|cryptocurrency mining|crypto currency mining|coinhive|xmrig|monero|stratum|malicious"},
		{1400, false, "the detection names an attack on a web application", "sql injection|sqli|cross site scripting| xss |path traversal|directory traversal|command injection|code execution| lfi | rfi |local file inclusion|remote file inclusion|xml external entity| xxe | ssrf |server side request forgery|template injection|web attack|web application attack|web exploit|webattack|file inclusion|arbitrary file|file upload attack"},
		{1300, false, "the detection speaks of deception of people", "phish|spoof|impersonat|credential harvest|social engineering|lookalike|typosquat|homoglyph|consent grant|illicit consent"},
		{1300, false, "the detection speaks of guessing many passwords", "password spray|credential stuffing|mfa fatigue|mfa bombing|impossible travel|atypical travel|password guessing|brute force|multiple authentication failures followed by"},
		{1100, false, "the detection speaks of an exploit", "exploit|overflow|attempted administrator privilege gain|attempted admin|attempted user privilege gain|attempted user|unsuccessful user privilege gain|executable code was detected|shell code|heap spray|use after free"},
		{1100, false, "the detection speaks of an attacker's ground being prepared", "persistence|new admin|administrator added|added to administrators|added to admin|added to domain admins|added to privileged|privileged group|global administrator|root certificate installed|startup folder|run key|autorun|wmi subscription|wmi event subscription|rogue|unauthorized|unauthorised"},
		{1000, false, "the detection speaks of hidden commands", "encoded command|encoded powershell|base64|obfuscat|suspicious powershell|malicious powershell|suspicious command|suspicious script|abnormal parent|unusual parent|suspicious parent|living off the land|lolbin|lolbas|masquerad|renamed system|renamed binary|renamed executable|double extension|download cradle|suspicious download|executable drop"},
		{900, false, "the detection names the tool of a scanner", "nmap|nikto|sqlmap|gobuster|dirbuster|dirb |wfuzz|masscan|zgrab|nuclei|acunetix|nessus|openvas|hydra|wpscan|zmeu|feroxbuster|ffuf|vulnerability scanner"},
		{900, false, "the detection names something reached that is closed to visitors", "suspicious url|forbidden directory|forbidden file|forbidden access|restricted file|sensitive file|hidden file access|backup file access|configuration file access"},
		{800, false, "the detection shows the trace of a scanner", "multiple web server 4|multiple web server 5|multiple 400|multiple 403|multiple 404|multiple 500|many 404|high number of 404|error codes from same source|port scan|portscan|port sweep|host sweep|network sweep|address sweep|network scan|scanning|reconnaissance|enumeration| recon |fuzzing|directory brute|information leak"},
		{800, false, "the detection names an anonymity network", " tor |tor exit|onion|anonymizer|anonymous proxy|open proxy"},
		{700, false, "the detection shows malformed traffic as scanners make it", "no server welcome message|smtp invalid reply|invalid sslv2 header|invalid banner|invalid protocol version|insecure connection attempt|did not receive identification"},
		{700, false, "the detection speaks of something made to last or to run", "scheduled task|new service was|service was installed|new service installed|service creation|remote service|psexec|wmic|rundll32|regsvr32|mshta|certutil|bitsadmin|cron job|crontab modified|authorized keys|setuid|ld preload"},
		{700, false, "the detection names unwanted software", "adware| pup | pua |potentially unwanted|riskware|hacktool|hack tool|greyware"},
		{600, false, "the detection speaks of an attack", "attack|intrusion|hacking|weaponi|adversary|threat actor|denial of service| ddos | dos |flood| cve |compromise|known bad|blacklisted|blocklisted|malformed|public exposure|publicly exposed|publicly accessible|exposed to the internet|made public|potentially bad|injection"},
		{500, false, "the detection calls it suspicious", "suspicious|suspected|abnormal|web server 400|policy violation|external ip lookup|retrieving external ip|changed uid|login by a default|default credential|risky sign"},
		{300, false, "the detection calls it unusual", "unusual|anomal| rare |unexpected|uncommon|unfamiliar|never seen|first time user|web server 500|high entropy|outlier"},
		{1700, false, "the rule set files it under malware", " et malware| et trojan| etpro malware| etpro trojan| et cnc| et mobile malware| et worm| et coinminer| etpro coinminer|malware cnc|malware backdoor"},
		{1300, false, "the rule set files it under attacks", " et exploit| etpro exploit| et attack response| etpro attack response| gpl attack response| et current events| et phishing| etpro phishing| et shellcode| gpl shellcode| gpl exploit| et exploit kit|server webapp|exploit kit|indicator compromise"},
		{1000, false, "the rule set files it under attacks on web servers", " et web server| et web specific apps| etpro web server| etpro web specific apps| gpl web server| et web client| et sql"},
		{700, false, "the rule set files it under scans", " et scan| etpro scan| gpl scan| et dos| et tor| et adware pup| gpl sql| gpl rpc"},
		{250, false, "the rule set files it under hints", " et hunting| etpro hunting| et dns| et drop| et cins| et 3coresec| et compromised| et user agents| et info| etpro info| et dyn dns| query for suspicious"},
		{-250, false, "the rule set files it under house rules", " et policy| etpro policy| et games| et chat| et p2p| gpl icmp| gpl misc|corporate privacy violation|misc activity"},
		{-400, false, "the decoder complains about a stream, which networks do all day", "suricata stream|suricata tls|suricata http|suricata dns|suricata smtp|suricata ssh|suricata quic|suricata ipv4|suricata ipv6|suricata udp|suricata tcp|suricata applayer|suricata smb|suricata decoder|protocol command decode|unknown traffic|invalid record|invalid handshake|decompression failed|unable to match response"},
		{-450, false, "a detector that learns saw a value it had not learned", "unusual occurrence frequenc|deviates from average|out of expected range|new event type|parameter combination|new status code|new characters in|new request method|new query record|new ip address in|high entropy in"},
		{-700, false, "an ordinary session", "session opened|session closed|session ended|authentication success|logon success|login success|successful logon|successful login|successfully logged on|logged off|logoff|log off|logged out|accepted publickey|kerberos service ticket was requested|sign in success|sudo to root executed"},
		{-700, false, "ordinary operation", "service started|service entered|agent started|agent stopped|agent disconnected|agent connected|server started|heartbeat|keepalive|keep alive|license|licence|disk space|disk usage|certificate expir|time sync|clock sync|time service|dhcp|group policy|screensaver|screen saver|workstation locked|workstation unlocked|backup completed|backup succeeded|job completed|health check|log rotat|selinux permission check|print job|interface up|interface down|link state|battery|temperature"},
		{-100, false, "a file changed, as files do", "integrity checksum changed|file added to the system|file modified"},
		{-900, true, "ordinary upkeep, or nothing was found", "database update|signature update|signatures update|signature database|definition update|definitions updated|definitions were updated|pattern update|rule updated|rules updated|software update|windows update|update installed|installed an update|package management|apt user agent|new dpkg|dpkg package|package installed|rpm package|new yum|yum package|scan completed|scan started|scan finished|scheduled scan|full scan|quick scan|no threats found|no threats detected|no threat found|no malware found|no malware detected|not malicious|not suspicious|training completed"},
		{-900, true, "a finding about the configuration, not an event", "affects |vulnerability assessment|vulnerability detected|vulnerabilities detected|vulnerability scan result|vulnerable package|vulnerable software|vulnerable version|missing patch|cis benchmark| cis microsoft| cis ubuntu| cis red hat| cis distribution| sca |sca summary|benchmark|compliance check|configuration assessment|hardening|policy monitoring|rootcheck"},
		{-1200, true, "the detection says that this is an exercise", "phishing simulation|simulated phishing|attack simulation training|test alert|test message|sample alert|sample finding"},
	}
}
