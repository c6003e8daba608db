package estate_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/estate"
	"github.com/seed-959697dd/soc/triage"
)

// large is an estate of n machines, n accounts and n/10 ranges.
func large(tb testing.TB, n int) *estate.Estate {
	tb.Helper()
	var hosts, users, nets strings.Builder
	hosts.WriteString("hostname,fqdn,ip,criticality\n")
	users.WriteString("samaccountname,userprincipalname,sid\n")
	nets.WriteString("cidr,name\n")
	for i := range n {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		fmt.Fprintf(&hosts, "srv-%d,srv-%d.corp.example.com,%s,medium\n", i, i, a)
		fmt.Fprintf(&users, "user%d,user%d@corp.example.com,S-1-5-21-1-2-3-%d\n", i, i, i)
		if i%10 == 0 {
			fmt.Fprintf(&nets, "100.%d.%d.0/28,net-%d\n", 64+i>>8&63, i&255, i)
		}
	}
	e, err := estate.Load(estate.Settings{
		Assets:     []estate.HostFile{{Path: file(tb, "hosts.csv", hosts.String())}, {Path: file(tb, "nets.csv", nets.String())}},
		Identities: []estate.UserFile{{Path: file(tb, "users.csv", users.String())}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func TestLookUpsDoNotAllocate(t *testing.T) {
	e := large(t, 1000)
	in, out := netip.MustParseAddr("10.0.1.7"), netip.MustParseAddr("203.0.113.9")
	for name, look := range map[string]func(){
		"host": func() {
			e.Host("SRV-77")
			e.Host("SRV-77.Corp.Example.com.")
			e.Host(`CORP\SRV-77$`)
			e.Host("nobody.example.net")
		},
		"user": func() {
			e.User("User77")
			e.User(`CORP\User77`)
			e.User("USER77@CORP.example.com")
			e.User("S-1-5-21-1-2-3-77")
			e.User("nobody")
		},
		"address": func() { e.Address(in); e.Address(out) },
		"names":   func() { e.Host("10.0.1.7"); e.Host("CN=SRV-77,OU=Servers,DC=corp,DC=example,DC=com") },
	} {
		if n := testing.AllocsPerRun(100, look); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkLookUp(b *testing.B) {
	e := large(b, 100_000)
	hosts, fqdns, users, upns := make([]string, 4096), make([]string, 4096), make([]string, 4096), make([]string, 4096)
	inside, outside := make([]netip.Addr, 4096), make([]netip.Addr, 4096)
	for i := range hosts {
		k := i * 24
		hosts[i], fqdns[i] = fmt.Sprintf("SRV-%d", k), fmt.Sprintf("srv-%d.Corp.Example.com", k)
		users[i], upns[i] = fmt.Sprintf(`CORP\User%d`, k), fmt.Sprintf("user%d@CORP.EXAMPLE.COM", k)
		inside[i], outside[i] = netip.AddrFrom4([4]byte{10, byte(k >> 16), byte(k >> 8), byte(k)}), netip.AddrFrom4([4]byte{203, 0, byte(k >> 8), byte(k)})
	}
	for _, row := range []struct {
		name string
		look func(i int) estate.Answer
		want estate.Answer
	}{
		{"host/short", func(i int) estate.Answer { _, a := e.Host(hosts[i]); return a }, estate.Listed},
		{"host/fqdn", func(i int) estate.Answer { _, a := e.Host(fqdns[i]); return a }, estate.Listed},
		{"host/stranger", func(i int) estate.Answer { _, a := e.Host(users[i]); return a }, estate.Unlisted},
		{"user/netbios", func(i int) estate.Answer { _, a := e.User(users[i]); return a }, estate.Listed},
		{"user/upn", func(i int) estate.Answer { _, a := e.User(upns[i]); return a }, estate.Listed},
		{"address/host", func(i int) estate.Answer { _, a := e.Address(inside[i]); return a }, estate.Listed},
		{"address/stranger", func(i int) estate.Answer { _, a := e.Address(outside[i]); return a }, estate.Unlisted},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if row.look(i&4095) != row.want {
					b.Fatal(i)
				}
				i++
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	e := large(b, 100_000)
	check := e.Check()
	a := said(alert.Sensor, alert.SlotRuleName, "ET INFO something", targetHost, "srv-77.corp.example.com", targetIP, "10.0.1.7", sourceIP, "203.0.113.9",
		actorUser, `CORP\user77`, targetUser, "nobody", alert.SlotTime, "2026-03-03T02:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		check.Check(a, func(triage.Signal) { b.Fatal("nothing is to be said") })
	}
}
