package investigate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// follower finds out which of the records at hand belong to which case.
type follower struct {
	pool      *pool
	budget    Budget
	counts    map[string]int64 // records that met what was asked for, by fact
	traces    []*trace
	processes *processes
	index     map[string][]int // traces, by fact
	machines  map[string]int   // how many have a fact
	clocks    []Skew

	*trail
}

// run follows every trail through the records, from its alerts on, and returns what is to be asked for next: the strongest case's
// values first.
func (f *follower) run(trails []*trail) []*lead {
	var wanted []*lead
	for _, t := range trails {
		f.trail = t
		f.reset()
		for _, s := range t.seeds {
			f.begin(s)
		}
		for len(f.queue)+len(f.open) > 0 {
			if len(f.queue) > 0 {
				n := f.queue[0]
				f.queue = f.queue[1:]
				f.process(n)
				continue
			}
			l := f.open[0]
			f.open = f.open[1:]
			f.lead(l)
		}
		list := make([]*lead, 0, len(f.leads))
		for _, l := range f.leads {
			list = append(list, l)
		}
		slices.SortFunc(list, (*lead).compare)
		wanted = append(wanted, list...)
	}
	return wanted
}

// join takes a record into the case; false when it cannot belong or belongs already.
func (f *follower) join(i int, by, why string, hop int) bool {
	if _, met := f.ties[i]; met || f.traces[i].seed || len(f.ties) >= 4*f.budget.Events {
		return false
	}
	f.ties[i] = tie{by, why, hop}
	f.order = append(f.order, i)
	for _, r := range f.traces[i].values(alert.SlotRequest, asIs) {
		f.want(&lead{fact: fact("request", r, ""), terms: []Term{{Kind: "request", Value: r}}, why: "the same event or request as " + f.brief(i), hop: hop + 1, at: f.traces[i].at, host: f.traces[i].host})
	}
	return true
}

// brief is a record in few words, for the reason of another.
func (f *follower) brief(i int) string {
	t := f.traces[i]
	who := t.common
	if t.actorNode >= 0 {
		who = f.called(t.actorNode)
	}
	switch {
	case t.kind == call:
		return "a call of " + operation(t.a)
	case who == "":
		return "a record of a " + t.kind.noun()
	case t.kind == file:
		return "a file that " + who + " wrote"
	}
	return "a " + t.kind.noun() + " of " + who
}

// stakeOut takes a process into the case.
func (f *follower) stakeOut(n int, s stake) {
	if n < 0 {
		return
	}
	if old, met := f.stakes[n]; met {
		if old.widen(&s) {
			f.queue = append(f.queue, n)
		}
		return
	}
	f.stakes[n] = &s
	f.queue = append(f.queue, n)
	f.ask(n, s)
}

// ask wants the records that name a process.
func (f *follower) ask(n int, s stake) {
	p := &f.processes.nodes[n]
	at := cmp.Or(p.from, s.from)
	if p.key != "" {
		f.want(&lead{fact: fact("process.key", p.key, ""), terms: []Term{{Kind: "process.key", Value: p.key}}, why: s.why, hop: s.hop + 1, at: at})
	}
	if p.id == "" {
		return
	}
	l := &lead{fact: fact("process.id", p.id, p.host), why: s.why, hop: s.hop + 1, at: at}
	id, err := strconv.ParseUint(p.id, 10, 64)
	if err == nil && (p.key != "" || strings.Contains(p.image, `\`)) { // Windows' own log writes it so
		l.terms = append(l.terms, Term{Kind: "process.id", Value: "0x" + strconv.FormatUint(id, 16), Host: p.host})
	}
	switch {
	case p.host == "": // a log that does not say whose it is; of the kind that writes names before values
		l.terms = []Term{{Kind: "process.id", Value: "pid=" + p.id}, {Kind: "process.id", Value: "ppid=" + p.id}}
	case p.key == "":
		l.terms = append(l.terms, Term{Kind: "process.id", Value: p.id, Host: p.host})
	}
	f.want(l)
}

// want follows a value, unless it is followed already.
func (f *follower) want(l *lead) {
	if strings.HasPrefix(l.fact, string(l.kind())+"\x00\x00") {
		return
	}
	if old, met := f.leads[l.fact]; met {
		old.times = append(old.times, l.times...)
		old.hostile, old.written, old.run = old.hostile || l.hostile, old.written || l.written, old.run || l.run
		return
	}
	if len(f.leads) >= 4*f.budget.Terms {
		f.shelved["values to follow beyond what one case may have"]++
		return
	}
	f.leads[l.fact] = l
	f.open = append(f.open, l)
}

// called is what a process is called in reasons.
func (f *follower) called(n int) string {
	p := &f.processes.nodes[n]
	name := p.image[strings.LastIndexAny(p.image, `\/`)+1:]
	if name == "" {
		name = "process"
	}
	if p.id != "" {
		name += " (" + p.id + ")"
	}
	return name
}

// process looks at what a process of the case did, at what it started and at who started it.
func (f *follower) process(n int) {
	s := f.stakes[n]
	p := &f.processes.nodes[n]
	for _, i := range p.created {
		if (s.to.IsZero() || s.covers(f.traces[i].at)) && f.join(i, "tree", "the process tree: "+f.called(n)+", "+s.why, s.hop) {
			f.learn(i, s.hop)
			f.named(i, n, s)
		}
	}
	f.image(n, s)
	taken := 0
	for _, i := range p.acts {
		t := f.traces[i]
		if !s.covers(t.at) || s.out && !t.is(network, dns, inject, access) {
			continue
		}
		if taken++; taken > maxPerNode {
			f.shelved["records of "+f.called(n)]++
			continue
		}
		if f.join(i, "tree", "the process tree: done by "+f.called(n)+", "+s.why, s.hop) {
			f.learn(i, s.hop)
		}
	}
	for _, c := range p.children {
		child := &f.processes.nodes[c]
		if !s.covers(child.from) {
			continue
		}
		f.stakeOut(c, stake{why: "started by " + f.called(n), hop: s.hop + 1})
	}
	if s.from.IsZero() {
		f.up(n, s)
	}
}

// up looks at who started a process of the case. Ordinary programs end the way up: their other children have nothing to do with it.
func (f *follower) up(n int, s *stake) {
	p := &f.processes.nodes[n]
	if p.parent < 0 {
		return
	}
	up := &f.processes.nodes[p.parent]
	image := cmp.Or(up.image, p.said)
	if image == "" { // who it is stands in its records
		f.ask(p.parent, stake{why: "which perhaps started " + f.called(n), hop: s.hop})
		return
	}
	switch stationed(image) {
	case tool:
		f.stakeOut(p.parent, stake{why: "which started " + f.called(n), hop: s.hop + 1})
	case desk:
		f.ask(p.parent, stake{why: "which started " + f.called(n), hop: s.hop})
		for _, i := range up.created {
			f.join(i, "tree", "the process tree: "+f.called(p.parent)+", which started "+f.called(n), s.hop+1)
		}
	case server:
		f.served(p.parent, "a server that started "+f.called(n), s.hop, p.from)
	case session:
	}
}

// served takes what else a server started into the case, and what it wrote that it would run.
func (f *follower) served(n int, why string, hop int, at time.Time) {
	if f.servers[n] {
		return
	}
	f.servers[n] = true
	f.ask(n, stake{why: why, hop: hop})
	p := &f.processes.nodes[n]
	for _, c := range p.children {
		other := &f.processes.nodes[c]
		if (at.IsZero() || other.from.IsZero() || near(at, other.from, served)) && stationed(other.image) == tool {
			f.stakeOut(c, stake{why: "started by " + f.called(n) + ", " + why, hop: hop + 1})
		}
	}
	for _, i := range p.acts[:min(len(p.acts), maxPerNode)] {
		t := f.traces[i]
		if !at.IsZero() && !near(at, t.at, served) {
			continue
		}
		if t.kind == file && pages(t) && f.join(i, "tree", "written by "+f.called(n)+", "+why, hop+1) {
			f.learn(i, hop+1)
		}
		for _, r := range t.values(alert.SlotRequest, asIs) {
			f.want(&lead{fact: fact("request", r, ""), terms: []Term{{Kind: "request", Value: r}}, why: "written by " + f.called(n) + ", " + why, hop: hop + 1, at: t.at, host: t.host, pages: true})
		}
	}
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

func page(path string) bool {
	name := fileName(path)
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "php", "phtml", "php5", "php7", "jsp", "jspx", "asp", "aspx", "ashx", "asmx", "cfm", "war", "cgi":
		return true
	}
	return false
}

// named follows the files that a process of the case was started with: a document, a script, a library.
func (f *follower) named(i, n int, s *stake) {
	t := f.traces[i]
	for _, path := range inCommand(t.a.Text(alert.EntitySlot(alert.Actor, alert.Command))) {
		if fileName(path) != fileName(t.actor.image) && !installed(path) {
			f.file(path, t.host, "with which "+f.called(n)+" was started", s.hop, t.at, func(l *lead) { l.run = true })
		}
	}
}

// image follows a program that is nobody else's: where else it ran, and who brought it.
func (f *follower) image(n int, s *stake) {
	p := &f.processes.nodes[n]
	if p.image == "" || stationed(p.image) != tool {
		return
	}
	brought := f.brought(p.host, p.image)
	if installed(p.image) && !brought {
		return
	}
	f.file(p.image, p.host, "the program of "+f.called(n), s.hop, p.from, func(l *lead) { l.run, l.written = true, brought })
	for _, i := range p.created {
		for _, h := range f.traces[i].values(alert.EntitySlot(alert.Related, alert.Hash), strings.ToLower) {
			f.want(&lead{fact: fact("hash", h, ""), terms: []Term{{Kind: "hash", Value: h}}, why: "the hash of " + fileOf(p.image) + ", which ran in the case", hop: s.hop + 1, at: p.from, host: p.host})
		}
	}
}

func fileOf(image string) string { return image[strings.LastIndexAny(image, `\/`)+1:] }

// brought tells whether a process of the case wrote the file.
func (f *follower) brought(host, image string) bool {
	l := f.leads[fact("file", fileName(image), "")]
	return l != nil && l.written && l.host == host && samePath(l.path, image)
}

func samePath(a, b string) bool {
	fold := func(s string) string { return strings.ToLower(strings.ReplaceAll(strings.Trim(s, `"`), `\`, "/")) }
	a, b = fold(a), fold(b)
	return a == b || !strings.Contains(a, "/") && strings.HasSuffix(b, "/"+a) || !strings.Contains(b, "/") && strings.HasSuffix(a, "/"+b)
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

// begin starts from an alert.
func (f *follower) begin(s *trace) {
	name := "the alert " + briefID(s.a.ID)
	if len(f.seeds) == 1 {
		name = "the alert"
	}
	root := stake{why: "which " + name + " names"}
	switch {
	case s.actorNode >= 0 && (stationed(s.actor.image) == tool || s.kind == start):
		f.stakeOut(s.actorNode, root)
	case s.actorNode >= 0 && !s.at.IsZero(): // it does much for others: what it did then
		root.from, root.to = s.at.Add(-sameDeed), s.at.Add(sameDeed)
		f.stakeOut(s.actorNode, root)
	case s.actorNode < 0 && s.actor.image != "" && s.host != "":
		f.unkeyed(s, name)
	}
	if s.kind == inject {
		f.stakeOut(s.targetNode, stake{why: "into which something was injected, as " + name + " says", from: s.at})
	}
	f.values(s, name, 0, true)
	if f.signIns {
		f.accounts(s, name)
	}
}

// accounts follows where the accounts of an alert sign in.
func (f *follower) accounts(s *trace, name string) {
	for _, slot := range [...]alert.Slot{alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User)} {
		for _, u := range s.values(slot, foldUser) {
			if len(u) > 2 && !strings.HasSuffix(u, "$") && !everybody(u) {
				f.want(&lead{fact: fact("user", u, ""), terms: []Term{{Kind: "user", Value: u}}, why: "of " + u + ", whom " + name + " names", hop: 1, at: s.at, host: s.host, logons: true})
			}
		}
	}
}

// everybody tells accounts that are no person's.
func everybody(user string) bool {
	switch user {
	case "system", "local service", "network service", "root", "anonymous logon", "administrator", "admin", "nobody", "www-data", "unknown", "somebody":
		return true
	}
	return false
}

// unkeyed follows a program that an alert names without a key.
func (f *follower) unkeyed(s *trace, name string) {
	f.want(&lead{fact: fact("process", program(s.actor.image), s.host), terms: []Term{{Kind: "process", Value: fileOf(s.actor.image), Host: s.host}}, why: "which " + name + " names", at: s.at, host: s.host, path: s.a.Text(alert.EntitySlot(alert.Actor, alert.Command))})
}

func briefID(id string) string {
	if d, ok := strings.CutPrefix(id, "sha256:"); ok && len(d) > 12 {
		return "sha256:" + d[:12]
	}
	return id
}

// learn follows what a record of a process of the case names.
func (f *follower) learn(i, hop int) {
	t := f.traces[i]
	f.values(t, f.brief(i), hop, false)
	switch {
	case t.is(inject):
		if t.targetNode >= 0 && t.targetNode != t.actorNode {
			in := stake{why: "into which " + f.called(t.actorNode) + " injected", hop: hop + 1, from: t.at}
			if stationed(f.processes.nodes[t.targetNode].image) != tool { // it does much besides
				in.to, in.out = t.at.Add(sameFlow), true
			}
			f.stakeOut(t.targetNode, in)
		}
	case t.is(file, share):
		for _, path := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
			if runnable(path) {
				f.file(path, t.host, "which "+f.called(t.actorNode)+" wrote", hop, t.at, func(l *lead) { l.written = true })
			}
		}
	case t.is(service, task):
		for _, c := range t.values(alert.EntitySlot(alert.Target, alert.Command), asIs) {
			if path := firstWord(c); stationed(path) == tool && !installed(path) {
				f.file(path, t.host, "the program of "+f.brief(i)+" that was made", hop, t.at, func(l *lead) { l.written = true })
			}
		}
	}
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

// common tells a value that too many have.
func (f *follower) common(l *lead) bool {
	switch l.kind() {
	case "ip", "domain", "file", "hash", "url", "user", "process":
	default:
		return false
	}
	if l.hostile {
		return false
	}
	if f.counts[l.fact] > int64(f.budget.PerTerm) {
		return true
	}
	n, met := f.machines[l.fact]
	if !met {
		hosts := map[string]bool{}
		for _, i := range f.index[l.fact] {
			hosts[f.traces[i].host] = true
		}
		n = len(hosts)
		f.machines[l.fact] = n
	}
	return n > maxHosts
}
