package respond_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/respond"
)

// lab is an estate as an attacker would like to see it taken apart by its own responder.
type lab struct {
	facts     map[string]respond.Facts
	addresses map[netip.Addr]respond.Facts // outside of its own ranges
}

func newLab() lab {
	l := lab{facts: map[string]respond.Facts{}, addresses: map[netip.Addr]respond.Facts{
		netip.MustParseAddr("6.6.6.200"): {Role: "dns", Name: "ns-1"}, netip.MustParseAddr("2606:4700:1:2::53"): {Protected: true, Name: "ns-2"}, netip.MustParseAddr("6.6.7.1"): {Role: "workstation"},
	}}
	roles := []string{"workstation", "web-server", "db-server", "domain-controller", "dns", "backup", "hypervisor", "siem", ""}
	for i := range 400 {
		l.facts[fmt.Sprintf("h-%d", i)] = respond.Facts{Role: roles[i%len(roles)], Tags: map[bool][]string{true: {"clinical"}}[i%37 == 0]}
	}
	for i := range 300 {
		l.facts[fmt.Sprintf("u-%d", i)] = respond.Facts{Privileged: i%20 == 0, BreakGlass: i%100 == 0}
	}
	return l
}

func (l lab) Facts(t respond.Target) (respond.Facts, bool) {
	f, ok := l.facts[plainName(t)]
	return f, ok
}

// Touches finds a machine or account in the spellings that worst uses, and what lies in a block of addresses.
func (l lab) Touches(t respond.Target) (list []respond.Facts) {
	if p, err := netip.ParsePrefix(t.Value); err == nil {
		return l.within(p)
	}
	if a, err := netip.ParseAddr(t.Value); err == nil {
		return l.within(netip.PrefixFrom(a, a.BitLen()))
	}
	if f, ok := l.facts[plainName(t)]; ok {
		list = append(list, f)
	}
	return list
}

func (l lab) within(p netip.Prefix) (list []respond.Facts) {
	for a, f := range l.addresses {
		if p.Contains(a) {
			list = append(list, f)
		}
	}
	return list
}

// plainName is the name that a spelling of the lab stands for.
func plainName(t respond.Target) string {
	name := strings.ToLower(t.Value)
	name = name[strings.LastIndexByte(name, '\\')+1:]
	name, _, _ = strings.Cut(name, "@")
	if t.Type == respond.Host {
		name, _, _ = strings.Cut(name, ".")
	}
	return strings.TrimSuffix(name, "$")
}

func (l lab) Count(t respond.TargetType, role string) (n int) {
	prefix := map[respond.TargetType]string{respond.Host: "h-", respond.User: "u-"}[t]
	for name, f := range l.facts {
		if prefix != "" && name[:2] == prefix && (role == "" || f.Role == role) {
			n++
		}
	}
	return n
}

// An attacker writes the alerts: 100,000 wants of the worst kind, in plans of any size, all approved. Nothing protected is touched and no
// cap is passed.
func TestTheMostHarmThatAlertsCanAskFor(t *testing.T) {
	t.Parallel()
	l := newLab()
	r := rand.New(rand.NewPCG(7, 11))
	w := newWorld()
	guard := respond.Guard{
		Own:     []netip.Prefix{netip.MustParsePrefix("9.8.0.0/16"), netip.MustParsePrefix("2606:4700:9::/48")},
		Domains: []string{"corp.example", "b\u00fccher.example"},
		Targets: []string{"vpn.vendor.test", "9.9.9.9", "u-7", `CORP\h-2`},
		Itself:  []string{"h-1", "siem.vendor.test", "7.7.7.7", "2606:4700:7::7"},
	}
	crew := w.crew()
	crew.Guard, crew.Estate, crew.Limits = guard, l, respond.Limits{PerHour: 1 << 30}
	disguises := disguised()
	forbidden := disguises.tidy()
	worst := func() respond.Want {
		host, user := spellHost(r, fmt.Sprintf("h-%d", r.IntN(400))), spellUser(r, fmt.Sprintf("u-%d", r.IntN(300)))
		address := netip.AddrFrom4([4]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))}).String()
		list := []respond.Want{
			{Action: "isolate-host", Target: respond.Target{Type: respond.Host, Value: host}},
			{Action: "disable-account", Target: respond.Target{Type: respond.User, Value: user}},
			{Action: "revoke-sessions", Target: respond.Target{Type: respond.User, Value: user}},
			{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: address}},
			{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: address + "/" + fmt.Sprint(r.IntN(33))}},
			{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: disguises.addresses[r.IntN(len(disguises.addresses))]}},
			{Action: "block-domain", Target: respond.Target{Type: respond.Domain, Value: disguises.domains[r.IntN(len(disguises.domains))]}},
			{Action: "block-domain", Target: respond.Target{Type: respond.Domain, Value: fmt.Sprintf("evil-%d.test", r.IntN(9))}},
			{Action: "block-url", Target: respond.Target{Type: respond.URL, Value: disguises.pages[r.IntN(len(disguises.pages))]}},
			{Action: "block-url", Target: respond.Target{Type: respond.URL, Value: fmt.Sprintf("http://corp.example@evil-%d.test:80/", r.IntN(9))}},
			{Action: []string{"wipe", "kill-process", "rebuild", "ISOLATE-HOST"}[r.IntN(4)], Target: respond.Target{Type: respond.Host, Value: host}},
		}
		return list[r.IntN(len(list))]
	}
	set := respond.Settings{Author: "ann", Now: noon, Guard: guard, Estate: l, Hands: func(_ string, t respond.Target) (respond.Hand, bool) {
		return respond.Hand{Driver: "d", State: respond.State{Done: w.inForce[t.Value], Image: "image of " + t.Value}}, true
	}}
	for tries := 0; tries < 100_000; {
		s := respond.Situation{Case: "c-1"}
		for range 1 + r.IntN(400) {
			s.Wants = append(s.Wants, worst())
			tries++
		}
		p := respond.Propose(s, set)
		for i := range p.Items {
			if forbidden[p.Items[i].Target] {
				t.Fatalf("%+v is in a plan", p.Items[i].Target)
			}
		}
		if _, err := crew.Apply(t.Context(), &p); err != nil {
			t.Fatal(err)
		}
	}
	hosts, users, privileged, strangers, roles := 0, 0, 0, 0, map[string]int{}
	taken := map[string]bool{} // sessions that were ended come back by themselves
	for _, s := range w.steps {
		taken[s.Item.Target.Value] = taken[s.Item.Target.Value] || s.Stage != respond.Ended
	}
	for target, on := range w.inForce {
		name := plainName(respond.Target{Type: respond.Host, Value: target})
		f, listed := l.facts[name]
		switch {
		case !on:
		case strings.Contains(target, "evil-"):
			strangers++
		case f.BreakGlass, f.Protected, name == "h-1", name == "h-2", name == "u-7", slices.Contains(f.Tags, "clinical"), slices.Contains([]string{"domain-controller", "dns", "backup", "hypervisor", "siem"}, f.Role):
			t.Errorf("%s is touched: %+v", target, f)
		case listed && name[0] == 'h':
			hosts++
			roles[f.Role]++
		case listed && taken[target]:
			users++
			if f.Privileged {
				privileged++
			}
		}
		if p, err := netip.ParsePrefix(target); err == nil && p.Bits() < 24 {
			t.Errorf("%s is blocked", target)
		}
		if a, err := netip.ParseAddr(target); err == nil && (a.IsPrivate() || a.IsLoopback() || guard.Own[0].Contains(a)) {
			t.Errorf("%s is blocked", target)
		}
	}
	if strangers != 18 {
		t.Errorf("of 9 names and 9 pages of strangers %d are blocked", strangers)
	}
	if hosts == 0 || hosts > 20 || users == 0 || users > 15 || privileged > 1 {
		t.Errorf("%d of 400 hosts, %d of 300 users, %d privileged are taken away", hosts, users, privileged)
	}
	for role, n := range roles {
		if role != "" && n > l.Count(respond.Host, role)/2 {
			t.Errorf("%d of the role %s", n, role)
		}
	}
}
