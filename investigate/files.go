package investigate

import (
	"net/url"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// sameHash takes in where else the bytes of a file were met.
func (f *follower) sameHash(l *lead, i int, t *trace) {
	if !f.join(i, l.by(), l.why+elsewhere(l, t), l.hop) {
		return
	}
	if t.kind == start && t.actorNode >= 0 {
		f.stakeOut(t.actorNode, stake{why: "which runs the file with " + l.why, hop: l.hop})
	}
}

func elsewhere(l *lead, t *trace) string {
	if t.host == "" || l.host == t.host {
		return ""
	}
	return ", on " + t.host
}

// sameURL takes in who opened an address.
func (f *follower) sameURL(l *lead, i int, t *trace) {
	if f.join(i, l.by(), l.why, l.hop) {
		f.behind(i, t, l, "which opened "+l.why)
		for _, v := range t.values(alert.SlotMailID, messageID) {
			f.want(&lead{fact: fact("mail.id", v, ""), terms: []Term{{Kind: "mail.id", Value: v}}, why: "the message with " + l.why, hop: l.hop + 1, at: t.at})
		}
		f.linked(i, t, l.hop)
		f.fetched(t, l.hop)
		f.ends(t, f.brief(i), l.hop, false)
	}
}

// sameFile takes in who wrote, read or ran a file.
func (f *follower) sameFile(l *lead, i int, t *trace) {
	here := l.host == t.host
	if t.kind == start && fileName(t.actor.image) == l.value() {
		if here && !samePath(l.path, t.actor.image) || !here && installed(t.actor.image) {
			return
		}
		if f.join(i, l.by(), "the file "+l.value()+", "+l.why+", which runs here"+elsewhere(l, t), l.hop) {
			f.stakeOut(t.actorNode, stake{why: "which runs " + l.value() + elsewhere(l, t), hop: l.hop})
		}
		return
	}
	if t.kind == start {
		if l.written && strings.Contains(strings.ToLower(t.a.Text(alert.EntitySlot(alert.Actor, alert.Command))), l.value()) && f.join(i, l.by(), "the file "+l.value()+", "+l.why+", which its command names"+elsewhere(l, t), l.hop) {
			f.stakeOut(t.actorNode, stake{why: "whose command names " + l.value(), hop: l.hop})
		}
		return
	}
	match := false
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		match = match || fileName(path) == l.value() && (!here || samePath(l.path, path))
	}
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.URL), asIs) {
		match = match || l.written && strings.Contains(strings.ToLower(path), "/"+l.value())
	}
	if !match || !f.join(i, l.by(), "the file "+l.value()+", "+l.why+elsewhere(l, t), l.hop) {
		return
	}
	if l.run && t.is(file) {
		f.origin(i, t, l.hop)
	}
	switch {
	case t.kind == web:
		f.asked(l, i, t)
	case l.asked && !l.written && t.kind != start:
		l.written = true // it was made here: whoever asks for it belongs to the case
		f.behind(i, t, l, "which wrote "+l.value())
	case l.run && here && (t.kind == file || t.kind == share) && (l.at.IsZero() || !t.at.After(l.at)):
		f.behind(i, t, l, "which wrote "+l.value())
	}
}

// fetched follows a file that came from where the case leads.
func (f *follower) fetched(t *trace, hop int) {
	if !t.is(file) {
		return
	}
	why := "which was fetched"
	if t.actorNode >= 0 {
		why = "which " + f.called(t.actorNode) + " fetched"
	}
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if runnable(path) {
			f.file(path, t.host, why, hop, t.at, func(l *lead) { l.written = true })
		}
	}
}

// origin follows where a file came from, as its record says.
func (f *follower) origin(i int, t *trace, hop int) {
	for _, v := range t.values(alert.EntitySlot(alert.Target, alert.URL), asIs) {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || everyones(foldName(u.Hostname())) {
			continue
		}
		f.want(&lead{fact: fact("url", v, ""), terms: []Term{{Kind: "url", Value: v}}, why: "the address that is in " + f.brief(i), hop: hop + 1, at: t.at, host: t.host})
	}
}

// asked follows who asked a server of the case for what belongs to it.
func (f *follower) asked(l *lead, i int, t *trace) {
	if !outside(t.source.addr) && !l.written {
		return
	}
	if t.source.addr.IsValid() && l.kind() == "file" && f.succeeded(t) {
		f.address(&lead{fact: fact("ip", t.source.addr.String(), ""), why: "from " + t.source.addr.String() + ", which asked for " + l.value(), hop: l.hop + 1, at: t.at, hostile: true}, t.source.addr)
	}
}

// succeeded tells whether a web request was answered.
func (f *follower) succeeded(t *trace) bool {
	s := t.a.Text(alert.SlotHTTPStatus)
	return s == "" || strings.HasPrefix(s, "2") || strings.HasPrefix(s, "3") || strings.HasPrefix(s, "5")
}

// sameMail takes in what happened to a message.
func (f *follower) sameMail(l *lead, i int, t *trace) {
	if f.join(i, l.by(), l.why, l.hop) {
		f.names(t, "the message", l.hop, true)
	}
}

// wrotePage takes in the file that a server of the case wrote, where it is one that it would run.
func (f *follower) wrotePage(l *lead, i int, t *trace) {
	if !pages(t) || !f.join(i, l.by(), l.why, l.hop) {
		return
	}
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if page(path) {
			f.file(path, t.host, "which a server of the case wrote", l.hop, t.at, func(o *lead) { o.written = true })
		}
	}
}

// runnable tells files that run or are read by what runs, and archives, in which such things come and go.
func runnable(path string) bool {
	name := fileName(path)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return strings.HasPrefix(path, "/tmp/") || strings.HasPrefix(path, "/var/tmp/") || strings.HasPrefix(path, "/dev/shm/")
	}
	switch name[dot+1:] {
	case "exe", "dll", "sys", "scr", "com", "cpl", "ocx", "ps1", "psm1", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "msi", "lnk", "iso", "img", "jar", "py", "pl", "rb", "sh", "php", "phtml",
		"jsp", "jspx", "asp", "aspx", "ashx", "war", "so", "elf", "bin", "docm", "xlsm", "xll", "one", "zip", "rar", "7z", "cab", "gz", "tgz", "dmp", "chm", "sct", "xsl", "inf", "class", "service", "plist":
		return !strings.HasPrefix(name, "__psscriptpolicytest_")
	}
	return false
}

// firstWord is the program of a command line.
func firstWord(command string) string {
	if rest, ok := strings.CutPrefix(command, `"`); ok {
		rest, _, _ = strings.Cut(rest, `"`)
		return rest
	}
	if i := strings.Index(strings.ToLower(command), ".exe"); i > 0 {
		return command[:i+len(".exe")]
	}
	word, _, _ := strings.Cut(command, " ")
	return word
}

func fileOf(image string) string { return image[strings.LastIndexAny(image, `\/`)+1:] }

func samePath(a, b string) bool {
	fold := func(s string) string { return strings.ToLower(strings.ReplaceAll(strings.Trim(s, `"`), `\`, "/")) }
	a, b = fold(a), fold(b)
	return a == b || !strings.Contains(a, "/") && strings.HasSuffix(b, "/"+a) || !strings.Contains(b, "/") && strings.HasSuffix(a, "/"+b)
}

// brought tells whether a process of the case wrote the file.
func (f *follower) brought(host, image string) bool {
	l := f.leads[fact("file", fileName(image), "")]
	return l != nil && l.written && l.host == host && samePath(l.path, image)
}

// file follows a file by its name.
func (f *follower) file(path, host, why string, hop int, at time.Time, mark func(*lead)) {
	name := fileName(path)
	if name == "" {
		return
	}
	l := &lead{fact: fact("file", name, ""), terms: []Term{{Kind: "file", Value: name}}, why: why, hop: hop + 1, at: at, path: path, host: host}
	mark(l)
	f.want(l)
}

func page(path string) bool {
	name := fileName(path)
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "php", "phtml", "php5", "php7", "jsp", "jspx", "asp", "aspx", "ashx", "asmx", "cfm", "war", "cgi":
		return true
	}
	return false
}

// pages tells a record of a file that a web server would run.
func pages(t *trace) bool {
	for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		if page(path) {
			return true
		}
	}
	return false
}
