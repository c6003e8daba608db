package check

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Who talks to whom: ports that tools of intruders use, services that nobody offers to the internet, places where anybody
// may leave a file, downloads from a bare address. A firewall that turned a stranger away is no news.
//
// Source: ATT&CK T1571, T1090, T1102, T1105, T1567, T1572; default listeners of Metasploit, Cobalt Strike, Tor and the
// Stratum protocol as their manuals give them; LOTS project (sites abused for hosting and tunnelling); RFC 1918, RFC 6890.

type networks struct {
	ports  func() *portTable
	hosts  *ruleset
	names  *nameReader
	titles *titleReader
	slots  *slotTable
}

// portTable are ports that say something when a connection leaves, or when it comes from the internet.
type portTable struct {
	out map[string]rating
	in  map[string]bool
}

// Networks reads addresses, ports, names and URLs.
func Networks() triage.Check { return networksOf(newTables()) }

func networksOf(t *tables) triage.Check {
	return &networks{sync.OnceValue(newPortTable), newRuleset(hostRules), t.names, t.titles, tableOf(placeIn)}
}

func newPortTable() *portTable {
	t := &portTable{map[string]rating{}, map[string]bool{}}
	for _, row := range []struct {
		rating
		ports string
	}{
		{rating{1300, "a port on which tools of intruders listen"}, "4444 1337 31337 4445 5555 6666 50050 12345 54321"},
		{rating{700, "a port that tunnels and panels of intruders like"}, "8888 8889 9999 2222 7777 1234 4433"},
		{rating{900, "a port of chat relays that bots report to"}, "6667 6668 6669 6697"},
		{rating{800, "a port of Tor"}, "9001 9030 9050 9051 9150"},
		{rating{900, "a port of mining pools"}, "3333 14444 14433 45700 7778 5556"},
		{rating{900, "file sharing that leaves the network"}, "445 139"},
		{rating{600, "remote administration that leaves the network"}, "3389 5985 5986 23 2323 135"},
	} {
		for p := range strings.FieldsSeq(row.ports) {
			t.out[p] = row.rating
		}
	}
	for p := range strings.FieldsSeq("3389 445 139 1433 5985 5986 23 2323 5900 3306 5432 6379 9200 27017 2375 10250 135") {
		t.in[p] = true
	}
	return t
}

// What a slot holds for this check, beside nothing.
const (
	link uint8 = iota + 1
	name
)

func placeIn(_ alert.Slot, typ alert.EntityType) uint8 {
	return uint8(bool2int(typ == alert.URL))*link + uint8(bool2int(typ == alert.Domain))*name
}

func (*networks) Name() string { return "network" }

func (c *networks) Check(a *alert.Alert, note func(triage.Signal)) {
	if port := a.First(alert.SlotTargetPort); port != nil {
		c.port(a, port, note)
	}
	c.within(a, note)
	if f := a.First(alert.SlotBytesOut); f != nil && len(f.Value) >= 9 {
		c.volume(a, f, note)
	}
	if !has(a, alert.URL) && !has(a, alert.Domain) {
		return
	}
	told := ""
	for i := range a.Fields {
		f := &a.Fields[i]
		switch c.slots[f.Slot] {
		case link:
			c.link(f, note)
			c.host(f, &told, note)
		case name:
			c.host(f, &told, note)
			if r := c.names.read(f.Value); r.weight != 0 && r.says != told {
				told = r.says
				note(triage.Note("network", triage.Network, r.weight, r.says, "", f))
			}
		}
	}
}

func (c *networks) port(a *alert.Alert, port *alert.Field, note func(triage.Signal)) {
	t := c.ports()
	out, odd := t.out[port.Value]
	if !odd && !t.in[port.Value] {
		return
	}
	from, to := a.First(alert.EntitySlot(alert.Source, alert.IP)), a.First(alert.EntitySlot(alert.Target, alert.IP))
	if to == nil || from == nil {
		return
	}
	switch {
	case odd && isInside(from.Value) && isOutside(to.Value):
		note(triage.Note("network", triage.Network, out.weight, "a connection to the internet on port "+port.Value+": "+out.says, "", port, to))
	case t.in[port.Value] && isOutside(from.Value) && isInside(to.Value) && !a.Action.Stopped():
		note(triage.Note("network", triage.Network, 400, "a connection from the internet to port "+port.Value+", which is not for the internet", "", port, from))
	}
}

// within reads signatures of attacks that come from the inside. Scans and exploits from the internet never end; one
// from within has a machine that sends it.
func (c *networks) within(a *alert.Alert, note func(triage.Signal)) {
	rule := a.First(alert.SlotRuleName)
	if rule == nil {
		return
	}
	name := strings.TrimPrefix(rule.Value, "Suricata: Alert - ")
	if !strings.HasPrefix(name, "ET ") && !strings.HasPrefix(name, "ETPRO ") && !strings.HasPrefix(name, "GPL ") || c.titles.read(rule.Value).filed < attackFiled {
		return
	}
	from, to := a.First(alert.EntitySlot(alert.Source, alert.IP)), a.First(alert.EntitySlot(alert.Target, alert.IP))
	if from != nil && to != nil && from.Value != to.Value && isInside(from.Value) {
		note(triage.Note("network", triage.Network, 1500, "what the rule set files under attacks came from a machine inside", "", rule, from, to))
	}
}

// isOutside tells addresses of the internet. Those reserved for documentation stand for such.
func isOutside(s string) bool {
	ip, err := netip.ParseAddr(s)
	return err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate() && !isShared(ip)
}

// isShared tells 100.64.0.0/10, which providers use inside.
func isShared(ip netip.Addr) bool {
	b := ip.AsSlice()
	return len(b) == 4 && b[0] == 100 && b[1]&0xc0 == 64
}

func isInside(s string) bool {
	ip, err := netip.ParseAddr(s)
	return err == nil && (ip.IsPrivate() || isShared(ip))
}

// volume reads how much left. Backups leave too, so it is a hint only.
func (c *networks) volume(a *alert.Alert, f *alert.Field, note func(triage.Signal)) {
	n, err := strconv.ParseInt(f.Value, 10, 64)
	to := a.First(alert.EntitySlot(alert.Target, alert.IP))
	if err != nil || n < 1<<30 || to == nil || !isOutside(to.Value) {
		return
	}
	w := triage.Weight(400)
	if n >= 10<<30 {
		w = 700
	}
	note(triage.Note("network", triage.Network, w, strconv.FormatInt(n>>30, 10)+" GiB went to an address of the internet", "", f, to))
}

func (c *networks) host(f *alert.Field, told *string, note func(triage.Signal)) {
	c.hosts.match(f.Value, func(m found) {
		if m.says != *told {
			*told = m.says
			note(triage.Note("network", triage.Network, m.weight, m.says, f.Value[m.from:m.to], f))
		}
	})
}

// link reads URLs whose host is an address: programs fetched from there have no name to answer for.
func (c *networks) link(f *alert.Field, note func(triage.Signal)) {
	if !bareAddress(f.Value) {
		return
	}
	_, rest, _ := strings.Cut(f.Value, "://")
	_, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "?")
	if runs(path) {
		note(triage.Note("network", triage.Network, 1500, "a program fetched from a bare address", "", f))
		return
	}
	note(triage.Note("network", triage.Network, 300, "a URL with a bare address in place of a name", "", f))
}

// runs tells names of files that run when opened.
func runs(path string) bool {
	i := strings.LastIndexByte(path, '.')
	if i < 0 || len(path)-i > 6 {
		return false
	}
	switch strings.ToLower(path[i+1:]) {
	case "exe", "dll", "ps1", "psm1", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "hta", "scr", "msi", "lnk", "jar", "sh", "elf", "bin", "iso", "img", "mips", "arm", "arm7", "x86", "apk", "com", "pif", "sct", "xsl":
		return true
	}
	return false
}

func hostRules() []rule {
	return []rule{
		{1800, "a service that catches the calls of tested exploits", "interact.sh|oast.|burpcollaborator.net|dnslog.|ceye.io|requestbin|canarytokens.com", `(?:interact\.sh|\boast\.(?:fun|live|pro|me|site|online)|burpcollaborator\.net|dnslog\.(?:cn|link)|ceye\.io|requestbin|canarytokens\.com)`},
		{1000, "a tunnel that anybody can open", "ngrok|trycloudflare.com|serveo.net|localhost.run|localtunnel|loca.lt|portmap.io|pinggy|playit.gg|devtunnels.ms|localto.net", `(?:ngrok(?:-free)?\.(?:io|app|dev|com)|trycloudflare\.com|serveo\.net|localhost\.run|localtunnel\.me|loca\.lt|portmap\.io|pinggy\.(?:io|link)|playit\.gg|devtunnels\.ms|localto\.net)`},
		{700, "a name that its owner can move within minutes", "duckdns.org|ddns.net|hopto.org|zapto.org|sytes.net|no-ip.|myftp.|servebeer|dynu.|chickenkiller|afraid.org|myvnc.com|redirectme|3utilities|gotdns|dyndns|kozow.com|mooo.com|nsupdate|ydns.eu", ""},
		{1000, "a messenger's or a form's interface that malware reports to", "api.telegram.org/bot|discord.com/api/webhooks|discordapp.com/api/webhooks|webhook.site|pipedream.net|hooks.slack.com", ""},
		{800, "a place where anybody may leave a text or a file", "pastebin.com/raw|paste.ee/r|pastebin.pl|rentry.co|ghostbin|hastebin|transfer.sh|temp.sh|file.io|anonfiles|gofile.io|bashupload|catbox.moe|0x0.st|termbin|sendspace|ufile.io|oshi.at|cdn.discordapp.com/attachments|media.discordapp.net|mega.nz|filebin.net|paste.rs|dpaste", `(?:^|[/.])(?:pastebin\.com/raw|paste\.ee/r|pastebin\.pl|rentry\.co|ghostbin|hastebin|transfer\.sh|temp\.sh|file\.io|anonfiles|gofile\.io|bashupload|(?:files\.)?catbox\.moe|0x0\.st|termbin|sendspace|ufile\.io|oshi\.at|cdn\.discordapp\.com/attachments|media\.discordapp\.net|mega\.nz|filebin\.net|paste\.rs|dpaste)`},
		{700, "a program fetched from a public code store", "raw.githubusercontent.com|gist.githubusercontent.com|bitbucket.org|gitlab.com", `(?:raw\.githubusercontent\.com|gist\.githubusercontent\.com|bitbucket\.org/.*/(?:raw|downloads)|gitlab\.com/.*/raw)/\S*\.(?:exe|ps1|dll|bat|hta|vbs|sh|bin|scr)\b`},
		{900, "a mining pool", "minexmr|nanopool|supportxmr|hashvault|moneroocean|2miners|f2pool|nicehash|ethermine|xmrpool|c3pool|unmineable|stratum+tcp", ""},
		{1000, "a gateway to Tor", ".onion.|.onion/|onion.to|tor2web|onion.ly|onion.ws", `\.onion(?:[./:]|$)|\bonion\.(?:to|ly|ws|pet)|tor2web`},
		{900, "a service that logs who follows a link", "iplogger|grabify|2no.co|yip.su|ipgrabber|blasze", ""},
		{300, "a service that tells its caller's address", "api.ipify.org|ipinfo.io|icanhazip|ifconfig.me|checkip.|ip-api.com|ipecho.net|myexternalip|whatismyip|ident.me", ""},
	}
}
