package respond_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/respond"
)

// spellHost and spellUser write a name in one of the ways in which alerts do.
func spellHost(r *rand.Rand, name string) string {
	return []string{name, strings.ToUpper(name), `CORP\` + strings.ToUpper(name) + "$", name + ".corp.example.", name + ".Corp.Example"}[r.IntN(5)]
}

func spellUser(r *rand.Rand, name string) string {
	return []string{name, strings.ToUpper(name), `CORP\` + name, name + "@corp.example", name + "@CORP.EXAMPLE"}[r.IntN(5)]
}

// disguise is what must not be touched, in all the spellings that an attacker knows.
type disguise struct{ addresses, domains, pages []string }

// disguised are the spellings of what the lab protects.
func disguised() (d disguise) {
	d.addresses = []string{"0.0.0.0/0", "*", "", "::/0", "64:ff9b::/64", "::ffff:9.8.0.0/120", "fe80::1%eth0", "FE80::1", "64:ff9b:1::9.9.8.8"}
	for _, text := range []string{"9.8.1.1", "9.9.9.9", "7.7.7.7", "6.6.6.200", "10.0.0.1", "127.0.0.1", "192.168.3.4", "169.254.169.254"} {
		a := netip.MustParseAddr(text)
		b := a.As4()
		d.addresses = append(d.addresses, text, "::ffff:"+text, fmt.Sprintf("::FFFF:%02x%02x:%02x%02x", b[0], b[1], b[2], b[3]), "::ffff:"+text+"%eth0", "64:ff9b::"+text, "::"+text,
			fmt.Sprintf("2002:%02x%02x:%02x%02x::1", b[0], b[1], b[2], b[3]), fmt.Sprintf("2002:%02x%02x:%02x%02x::/64", b[0], b[1], b[2], b[3]))
		for bits := 24; bits <= 32; bits++ {
			d.addresses = append(d.addresses, fmt.Sprintf("%s/%d", text, bits), fmt.Sprintf("64:ff9b::%s/%d", text, bits+96))
		}
		d.pages = append(d.pages, "http://"+text+"/", "HTTP://evil.test@"+text+":80/", "https://[::ffff:"+text+"]:443/", "http://[64:ff9b::"+text+"]/",
			fmt.Sprintf("http://%d/", uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3])), fmt.Sprintf("http://0x%02x.%d.%d.%d/", b[0], b[1], b[2], b[3]), fmt.Sprintf("http://%04o.%d.%d/", b[0], b[1], uint32(b[2])<<8|uint32(b[3])))
	}
	for _, text := range []string{"2606:4700:9:1::1", "2606:4700:7::7", "2606:4700:1:2::53", "::1", "fd00::5", "2001:db8::1"} {
		d.addresses = append(d.addresses, text, strings.ToUpper(text), text+"%eth0")
		for bits := 64; bits <= 128; bits += 4 {
			d.addresses = append(d.addresses, fmt.Sprintf("%s/%d", text, bits))
		}
		d.pages = append(d.pages, "http://["+text+"]/", "http://["+strings.ToUpper(text)+"]:8443/x", "http://["+text+"%25eth0]/")
	}
	d.domains = []string{"*", "com", "co.uk", "example", "vendor.test", "*.corp.example"}
	for _, name := range []string{"corp.example", "www.corp.example", "b\u00fccher.example", "xn--bcher-kva.example", "WWW.B\u00dcCHER.example", "vpn.vendor.test", "a.vpn.vendor.test", "siem.vendor.test", "\uff43orp.example", "corp\u3002example"} {
		d.domains = append(d.domains, name, name+".", strings.ToUpper(name), " "+name)
		d.pages = append(d.pages, "http://"+name+"/", "https://"+name+".:443/a?b#c", "HTTP://user:evil.test@"+strings.ToUpper(name)+":8080", "http://"+name+":80/", "http://"+name+"#@evil.test/")
	}
	d.pages = append(d.pages, "http://*/", "http://*.corp.example/", "http://intranet/", "//corp.example/", "http://evil.test\\@corp.example/", "http://corp%2eexample/", "ftp://corp.example/")
	return d
}

// tidy are the spellings that mean one target, as a plan would have them.
func (d *disguise) tidy() map[respond.Target]bool {
	all := map[respond.Target]bool{}
	for kind, list := range map[respond.TargetType][]string{respond.IP: d.addresses, respond.Domain: d.domains, respond.URL: d.pages} {
		for _, value := range list {
			if t, err := (respond.Target{Type: kind, Value: value}).Tidy(); err == nil {
				all[t] = true
			}
		}
	}
	return all
}
