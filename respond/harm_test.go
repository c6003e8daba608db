package respond_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/respond"
)

// lab is an estate as an attacker would like to see it taken apart by its own responder.
type lab struct{ facts map[string]respond.Facts }

func newLab() lab {
	l := lab{facts: map[string]respond.Facts{}}
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
	f, ok := l.facts[t.Value]
	return f, ok
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
	guard := respond.Guard{Own: []netip.Prefix{netip.MustParsePrefix("9.8.0.0/16")}, Domains: []string{"corp.example"}, Itself: []string{"h-1"}}
	crew := w.crew()
	crew.Guard, crew.Estate, crew.Limits = guard, l, respond.Limits{PerHour: 1 << 30}
	worst := func() respond.Want {
		host, user := fmt.Sprintf("h-%d", r.IntN(400)), fmt.Sprintf("u-%d", r.IntN(300))
		address := netip.AddrFrom4([4]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))}).String()
		list := []respond.Want{
			{Action: "isolate-host", Target: respond.Target{Type: respond.Host, Value: host}},
			{Action: "disable-account", Target: respond.Target{Type: respond.User, Value: user}},
			{Action: "revoke-sessions", Target: respond.Target{Type: respond.User, Value: user}},
			{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: address}},
			{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: address + "/" + fmt.Sprint(r.IntN(33))}},
			{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: []string{"9.8.1.1", "10.0.0.1", "127.0.0.1", "0.0.0.0/0", "*", ""}[r.IntN(6)]}},
			{Action: "block-domain", Target: respond.Target{Type: respond.Domain, Value: []string{"corp.example", "www.corp.example", "example", "evil.test", "*"}[r.IntN(5)]}},
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
		if _, err := crew.Apply(t.Context(), &p); err != nil {
			t.Fatal(err)
		}
	}
	hosts, users, privileged, roles := 0, 0, 0, map[string]int{}
	taken := map[string]bool{} // sessions that were ended come back by themselves
	for _, s := range w.steps {
		taken[s.Item.Target.Value] = taken[s.Item.Target.Value] || s.Stage != respond.Ended
	}
	for target, on := range w.inForce {
		f, listed := l.facts[target]
		switch {
		case !on:
		case f.BreakGlass, f.Protected, target == "h-1", slices.Contains(f.Tags, "clinical"), slices.Contains([]string{"domain-controller", "dns", "backup", "hypervisor", "siem"}, f.Role):
			t.Errorf("%s is touched: %+v", target, f)
		case listed && target[0] == 'h':
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
	if hosts == 0 || hosts > 20 || users == 0 || users > 15 || privileged > 1 {
		t.Errorf("%d of 400 hosts, %d of 300 users, %d privileged are taken away", hosts, users, privileged)
	}
	for role, n := range roles {
		if role != "" && n > l.Count(respond.Host, role)/2 {
			t.Errorf("%d of the role %s", n, role)
		}
	}
}
