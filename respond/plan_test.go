package respond_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
)

var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// hands offers every action by one driver on targets that are as they should be.
func hands(string, respond.Target) (respond.Hand, bool) { return respond.Hand{Driver: "d"}, true }

// estate lists what a test needs by name.
type estate struct {
	facts  map[string]respond.Facts
	counts map[string]int
}

func (e estate) Facts(t respond.Target) (respond.Facts, bool) {
	f, ok := e.facts[t.Value]
	return f, ok
}

// Touches reads the names of what is listed as addresses and as blocks of them.
func (e estate) Touches(t respond.Target) (list []respond.Facts) {
	if f, ok := e.facts[t.Value]; ok {
		return []respond.Facts{f}
	}
	block, err := netip.ParsePrefix(t.Value)
	if err != nil {
		return nil
	}
	for name, f := range e.facts {
		if a, err := netip.ParseAddr(name); err == nil && block.Contains(a) {
			f.Name = a.String()
			list = append(list, f)
		}
	}
	return list
}

func (e estate) Count(t respond.TargetType, role string) int { return e.counts[string(t)+role] }

func want(action string, typ respond.TargetType, values ...string) (list []respond.Want) {
	for _, v := range values {
		list = append(list, respond.Want{Action: action, Target: respond.Target{Type: typ, Value: v}, Why: "a test", Cites: []string{"alert a"}})
	}
	return list
}

func propose(set respond.Settings, wants ...[]respond.Want) respond.Plan {
	s := respond.Situation{Case: "c-1", CaseDigest: "sha256:00", Alerts: []string{"a"}}
	for _, w := range wants {
		s.Wants = append(s.Wants, w...)
	}
	set.Author, set.Now = "ann", noon
	if set.Hands == nil {
		set.Hands = hands
	}
	return respond.Propose(s, set)
}

// An empty selector once meant "everything".
func TestEmptyTarget(t *testing.T) {
	t.Parallel()
	for typ, values := range map[respond.TargetType][]string{
		respond.Host:   {"", " ", "*", "ws-*", "any", "ALL", "ws-1\x00", "ws-\u202e1"},
		respond.IP:     {"", "*", "0.0.0.0/0", "9.9.0.0/16", "::/0", "9.9.9.9-9.9.9.20", "nine"},
		respond.Domain: {"", "*", "com", "*.example.net", ".", "a b.example.net"},
		respond.User:   {"", "*", "any"},
		respond.Hash:   {"", "*", "abc", strings.Repeat("g", 64)},
		respond.URL:    {"", "/", "javascript:alert(1)", "http://"},
		"planet":       {"earth"},
	} {
		action := map[respond.TargetType]string{respond.Host: "isolate-host", respond.IP: "block-ip", respond.Domain: "block-domain", respond.User: "disable-account", respond.Hash: "block-hash", respond.URL: "block-url", "planet": "isolate-host"}[typ]
		p := propose(respond.Settings{}, want(action, typ, values...))
		if len(p.Items) != 0 {
			t.Errorf("%s: %+v", typ, p.Items)
		}
		if len(p.Refused) == 0 {
			t.Errorf("%s: nothing is refused", typ)
		}
	}
}

func TestWhatIsProtectedIsRefused(t *testing.T) {
	t.Parallel()
	set := respond.Settings{
		Estate: estate{facts: map[string]respond.Facts{
			"dc-01": {Role: "domain-controller", Place: "assets.csv:2"}, "pump-1": {Tags: []string{"plant"}}, "emergency": {BreakGlass: true, Privileged: true}, "jewel": {Protected: true},
		}},
		Guard: respond.Guard{Own: []netip.Prefix{netip.MustParsePrefix("9.8.0.0/16")}, Domains: []string{"corp.example"}, Targets: []string{"8.8.8.8"}, Itself: []string{"soc-1", "siem.vendor.test"}},
	}
	p := propose(set,
		want("isolate-host", respond.Host, "dc-01", "pump-1", "jewel", "soc-1", "SOC-1"),
		want("disable-account", respond.User, "emergency"),
		want("block-ip", respond.IP, "9.8.7.6", "8.8.8.8", "127.0.0.1", "169.254.1.1", "10.1.2.3", "192.168.0.0/24", "203.0.113.9", "::1", "fe80::1", "::ffff:10.0.0.1", "::ffff:9.8.0.0/120", "fd00::1", "2001:db8::1"),
		want("block-domain", respond.Domain, "www.corp.example", "corp.example", "co.uk", "vendor.test", "siem.vendor.test"),
		want("block-url", respond.URL, "https://portal.corp.example/login", "http://10.0.0.5/x", "http://siem.vendor.test/", "http://[::ffff:127.0.0.1]/"),
		want("format-disk", respond.Host, "ws-1"), want("block-ip", respond.Host, "ws-1"))
	if len(p.Items) != 0 {
		t.Errorf("in the plan: %+v", p.Items)
	}
	if len(p.Refused) != 5+1+13+5+4+2 {
		t.Errorf("%d refused: %+v", len(p.Refused), p.Refused)
	}
	for _, r := range p.Refused {
		if r.Because == "" {
			t.Errorf("%s %s: without a reason", r.Action, r.Target.Value)
		}
	}
}

// One mistyped number once took too much away.
func TestCapacityFloor(t *testing.T) {
	t.Parallel()
	web := respond.Facts{Role: "web-server"}
	set := respond.Settings{Estate: estate{
		facts:  map[string]respond.Facts{"web-1": web, "web-2": web, "web-3": web, "web-4": web},
		counts: map[string]int{"host": 1000, "hostweb-server": 4},
	}}
	p := propose(set, want("isolate-host", respond.Host, "web-1", "web-2", "web-3", "web-4"))
	if len(p.Items) != 2 || len(p.Refused) != 2 || !strings.HasPrefix(p.Refused[0].Because, "floor: ") {
		t.Errorf("%d isolated, %+v", len(p.Items), p.Refused)
	}
	var many []string
	for i := range 60 {
		many = append(many, "ws-"+string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	if p := propose(respond.Settings{}, want("isolate-host", respond.Host, many...)); len(p.Items) != 3 {
		t.Errorf("%d of an unknown number of hosts", len(p.Items))
	}
	if p := propose(set, want("isolate-host", respond.Host, many...)); len(p.Items) != 20 {
		t.Errorf("%d in one plan", len(p.Items))
	}
	set.Estate = estate{counts: map[string]int{"user": 100}}
	if p := propose(set, want("revoke-sessions", respond.User, many...)); len(p.Items) != 5 {
		t.Errorf("%d of 100 users", len(p.Items))
	}
}

// An attacker once made the responder disable every identity, the administrators included.
func TestWeaponised(t *testing.T) {
	t.Parallel()
	admin := respond.Facts{Privileged: true}
	set := respond.Settings{Estate: estate{facts: map[string]respond.Facts{"adm-1": admin, "adm-2": admin}, counts: map[string]int{"user": 1000}}}
	p := propose(set, want("disable-account", respond.User, "adm-1", "adm-2"))
	if len(p.Items) != 1 || p.Items[0].Needs != respond.Two {
		t.Errorf("%+v", p.Items)
	}
}

// A backup job once looked like lateral movement.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	set := respond.Settings{Windows: []respond.Window{{From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Name: "patch day", Covers: func(t respond.Target) bool { return t.Value == "ws-1" }}}}
	p := propose(set, want("isolate-host", respond.Host, "ws-1", "ws-2"))
	if len(p.Items) != 1 || p.Items[0].Target.Value != "ws-2" || len(p.Refused) != 1 || !strings.Contains(p.Refused[0].Because, "patch day") {
		t.Errorf("%+v, %+v", p.Items, p.Refused)
	}
}

func TestAPlanReadsBackAndTellsEveryByteThatChanged(t *testing.T) {
	t.Parallel()
	p := propose(respond.Settings{}, want("block-ip", respond.IP, "9.9.9.9"), want("kill-process", respond.Process, `C:\a "b".exe`), want("isolate-host", respond.Host, "ws-1", "*"))
	doc := p.AppendJSON(nil)
	q, err := respond.ReadPlan(doc)
	if err != nil || string(q.AppendJSON(nil)) != string(doc) {
		t.Fatalf("%v\n%s\n%s", err, doc, q.AppendJSON(nil))
	}
	for i := range doc {
		for _, c := range []byte{doc[i] ^ 1, doc[i] ^ 0x20} {
			bad := append([]byte(nil), doc...)
			bad[i] = c
			q, err := respond.ReadPlan(bad)
			if err == nil && string(q.AppendJSON(nil)) != string(doc) {
				t.Fatalf("byte %d: %q is taken for %q", i, bad[max(0, i-20):min(len(bad), i+20)], doc[max(0, i-20):min(len(doc), i+20)])
			}
		}
	}
}

func TestThePlanDoesNotDependOnTheOrderOfItsReasons(t *testing.T) {
	t.Parallel()
	a, b, c := want("block-ip", respond.IP, "9.9.9.9", "9.9.9.10"), want("isolate-host", respond.Host, "ws-1", "dc*"), want("rebuild", respond.Host, "ws-1")
	p, q := propose(respond.Settings{}, a, b, c), propose(respond.Settings{}, c, b, a)
	if p.Digest != q.Digest {
		t.Errorf("%s\n%s", p.AppendJSON(nil), q.AppendJSON(nil))
	}
}

func TestWhatNobodyCanUndoIsATask(t *testing.T) {
	t.Parallel()
	for name, a := range respond.Catalogue() {
		p := propose(respond.Settings{}, want(name, a.Targets[0], map[respond.TargetType]string{respond.IP: "9.9.9.9", respond.Domain: "evil.test", respond.URL: "http://evil.test/", respond.Hash: strings.Repeat("a", 64)}[a.Targets[0]]+map[bool]string{true: "x"}[a.Targets[0] != respond.IP && a.Targets[0] != respond.Domain && a.Targets[0] != respond.URL && a.Targets[0] != respond.Hash]))
		if len(p.Items) != 1 {
			t.Fatalf("%s: %+v", name, p.Refused)
		}
		switch i := p.Items[0]; {
		case a.Class == respond.Task && (i.Driver != "" || len(i.Steps) == 0), a.Class == respond.Reversible && (i.Inverse == "" || i.Driver == ""), a.Risk == "":
			t.Errorf("%+v", i)
		}
	}
}

// What an action can break is said in one place: for every action, and for no other.
func TestEveryActionHasItsRisk(t *testing.T) {
	t.Parallel()
	for name, a := range respond.Catalogue() {
		if a.Risk == "" || a.Risk != investigate.Risk(name) {
			t.Errorf("%s: %q", name, a.Risk)
		}
	}
	if why := investigate.Risk("wipe"); why != "" {
		t.Error(why)
	}
}

// An address that a case calls one of the inside is never blocked, and every other is one to block.
func TestInsideAndProtectedAreOneTable(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.31.255.255", "192.0.0.8", "192.168.1.1", "198.19.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fd00::1", "fe80::1", "ff02::1"} {
		if !investigate.Inside(a) || (&respond.Guard{}).Refuses(respond.Target{Type: respond.IP, Value: a}, nil) == "" {
			t.Error(a)
		}
	}
	for _, a := range []string{"1.1.1.1", "9.9.9.9", "100.128.0.1", "172.32.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111"} {
		if investigate.Inside(a) || (&respond.Guard{}).Refuses(respond.Target{Type: respond.IP, Value: a}, nil) != "" {
			t.Error(a)
		}
	}
	for _, a := range []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"} { // of others, and of nobody
		if investigate.Inside(a) || (&respond.Guard{}).Refuses(respond.Target{Type: respond.IP, Value: a}, nil) == "" {
			t.Error(a)
		}
	}
}

// Who blocks a block of addresses blocks each of them.
func TestAProtectedAddressIsNotBlockedAmongOthers(t *testing.T) {
	t.Parallel()
	e := estate{facts: map[string]respond.Facts{"6.6.6.200": {Role: "dns", Place: "assets.csv:3"}, "6.6.5.1": {Role: "workstation"}, "2606:4700::53": {Role: "dns"}}}
	for value, want := range map[string]string{
		"6.6.6.0/24": "protected: dns (assets.csv:3), at 6.6.6.200", "6.6.6.0/25": "", "6.6.5.0/24": "", "2606:4700::/64": "protected: dns, at 2606:4700::53", "2606:4700::/123": "",
		"64:ff9b::606:6c8": "protected: dns (assets.csv:3), which it stands for as 6.6.6.200", "64:ff9b::606:600/120": "protected: dns (assets.csv:3), at 6.6.6.200, which it stands for as 6.6.6.0/24",
		"2002:606:6c8::/64": "protected: dns (assets.csv:3), which it stands for as 6.6.6.200", "64:ff9b::808:808": "", "nothing": "protected: it cannot be told whose address it is",
	} {
		if why := (&respond.Guard{}).Refuses(respond.Target{Type: respond.IP, Value: value}, e); why != want {
			t.Errorf("%s: %q", value, why)
		}
	}
	g := respond.Guard{Targets: []string{"9.9.9.9", "8.8.8.0/24"}, Itself: []string{"7.7.7.7", "host"}}
	for value, want := range map[string]bool{"9.9.9.0/24": true, "9.9.9.9": true, "9.9.9.8": false, "8.8.8.8": true, "8.8.8.128/25": true, "7.7.7.0/28": true, "7.7.7.16/28": false} {
		if why := g.Refuses(respond.Target{Type: respond.IP, Value: value}, nil); (why != "") != want {
			t.Errorf("%s: %q", value, why)
		}
	}
}

// What is protected is protected however it is spelled, and what only resembles it is not.
func TestWhatIsProtectedIsSoInEverySpelling(t *testing.T) {
	t.Parallel()
	g := respond.Guard{
		Domains: []string{"corp.example", "b\u00fccher.example"}, Targets: []string{"vpn.vendor.test", "svc-backup", `CORP\krb`, "WS-9.corp.example", "S-1-5-21-1-2-3-1105"},
		Itself: []string{"soc-1", "api.vendor.test", "7.7.7.7"},
	}
	for typ, values := range map[respond.TargetType]map[string]bool{
		respond.Host: {
			"SOC-1": true, "soc-1.corp.example.": true, `CORP\SOC-1$`: true, "soc-1$@CORP.EXAMPLE": true, "soc-10": false, "soc": false, "7.7.7.7": true, "::ffff:7.7.7.7": true,
			"ws-9": true, `CORP\ws-9`: true, "ws-9.other.test": false,
		},
		respond.User: {
			`CORP\svc-backup`: true, "SVC-Backup@corp.example": true, "svc-backup2": false, "krb": true, "krb@corp.example": true, `LAB\krb`: false, "s-1-5-21-1-2-3-1105": true,
			"S-1-5-18": true, `NT AUTHORITY\SYSTEM`: true, "S-1-5-21-1-2-3-502": true, `CORP\krbtgt`: true, "S-1-5-32-544": true, "S-1-5-21-1-2-3-512": true, "S-1-5-21-1-2-3-500": false,
			"S-1-5-21-1-2-3-1106": false, "S-1-12-1-1-2-3-4": false, "ann.root": false,
		},
		respond.Domain: {
			"vpn.vendor.test.": true, "a.VPN.vendor.test": true, "vendor.test": true, "xvpn.vendor.test": false, "b\u00dccher.example": true, "www.xn--bcher-kva.example": true, "api.vendor.test": true,
			"evil.api.vendor.test": false, "corp.example.evil.net": false, "xcorp.example": false,
		},
		respond.URL: {
			"https://a:b@vpn.vendor.test:443/": true, "http://corp.example:x@evil.net/": false, "HTTPS://CORP.EXAMPLE.:443": true, "http://evil.net/corp.example": false, "http://\uff17.7.7.7/": true,
			"http://7.7.7.7:80/": true, "http://[::ffff:7.7.7.7]/": true, "http://[64:ff9b::707:707]/": true, "http://117901063/": true, "http://0x7.7.7.7/": true, "http://7.7.1799/": true,
			"http://intranet/": true, "http://*/": true, "http://8.8.8.8/": false, "http://evil_1.test/": false,
		},
	} {
		for value, want := range values {
			target, err := respond.Target{Type: typ, Value: value}.Tidy()
			if refused := err != nil || g.Refuses(target, nil) != ""; refused != want {
				t.Errorf("%s %s: refused %t (%v)", typ, value, refused, err)
			}
		}
	}
}
