package baseline

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/seed-959697dd/soc/alert"
)

// maxText bounds a name or value in bytes; of a longer one the beginning counts.
const maxText = 256

func cut(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// hours are the values of that dimension.
var hours = [24]string{
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23",
}

// userName is the name under which a user is known: lower case, DOMAIN\alice is alice. alice@corp.example keeps its domain, because
// a guest of the same name in a tenant is somebody else. Of user:password, as sensors read it off Basic authentication, nobody keeps
// the password. It is empty for accounts that every machine has and for machines: what they do says nothing about anybody.
func userName(v string) string {
	v = strings.ToLower(v[strings.LastIndexByte(v, '\\')+1:])
	if first, _, ok := strings.Cut(v, ":"); ok && !scheme(first) {
		v = first
	}
	switch v {
	case "system", "local service", "network service", "anonymous logon", "iusr", "s-1-5-18", "s-1-5-19", "s-1-5-20", "s-1-5-7", "s-1-0-0":
		return ""
	}
	if strings.HasSuffix(v, "$") || strings.Contains(v, "$@") || strings.HasPrefix(v, "dwm-") || strings.HasPrefix(v, "umfd-") {
		return ""
	}
	return v
}

// scheme tells the words before the colon of names that are written with one.
func scheme(word string) bool {
	switch word {
	case "system", "serviceaccount", "user", "group", "principal", "principalset", "arn", "spiffe", "urn", "deleted":
		return true // Kubernetes, Google Cloud, AWS
	}
	return false
}

// hostName is the short name of a host in lower case, or its address: products disagree about the domain, estates seldom have two
// hosts of one short name.
func hostName(v string) string {
	v = strings.ToLower(v)
	if i := strings.IndexByte(v, '.'); i > 0 {
		if _, err := netip.ParseAddr(v); err != nil {
			v = v[:i]
		}
	}
	return strings.TrimSuffix(v, "$")
}

func networkOf(a netip.Addr) netip.Prefix {
	bits := 24
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits) // a whole address has that many bits
	return p
}

// split cuts a path in lower case behind the last separator.
func split(path string) (folder, base string) {
	path = strings.ToLower(strings.Trim(path, "\" "))
	i := strings.LastIndexAny(path, `\/`) + 1
	return path[:i], path[i:]
}

// fold makes one of the folders that differ by user, version or chance: what follows users\ or /home/ becomes *, every number and
// every name that is long and hexadecimal becomes #. Disks by their device's name, as kernels tell them, are taken for c:.
func fold(folder string) string {
	folder = strings.TrimPrefix(strings.TrimPrefix(folder, `\\?\`), `\??\`)
	if rest, ok := strings.CutPrefix(folder, `\device\harddiskvolume`); ok {
		folder = "c:" + strings.TrimLeft(rest, "0123456789")
	}
	b := make([]byte, 0, len(folder))
	home := false
	for folder != "" {
		i := strings.IndexAny(folder, `\/`) + 1
		if i == 0 {
			i = len(folder) + 1
			folder += `\`
		}
		name, end := folder[:i-1], folder[i-1]
		switch {
		case home && name != "":
			b = append(b, '*')
		case hexadecimal(strings.Trim(name, "{}")):
			b = append(b, '#')
		default:
			b = foldNumbers(b, name)
		}
		home = name == "users" || name == "home" || name == "documents and settings"
		b = append(b, end)
		folder = folder[i:]
	}
	return string(b)
}

func hexadecimal(name string) bool {
	return len(name) >= 8 && strings.Trim(name, "0123456789abcdef-_") == "" && strings.ContainsAny(name, "0123456789")
}

func foldNumbers(b []byte, name string) []byte {
	for i := range len(name) {
		digit := name[i]-'0' <= 9
		if digit && i > 0 && name[i-1]-'0' <= 9 {
			continue
		}
		if digit {
			b = append(b, '#')
			continue
		}
		b = append(b, name[i])
	}
	return b
}

// regionName is a region as its cloud calls it: East US is eastus, and a zone of a region is the region.
func regionName(v string) string {
	v = strings.ReplaceAll(strings.ToLower(v), " ", "")
	if n := len(v); n > 2 && v[n-1]-'a' < 26 {
		if zone := strings.TrimSuffix(v[:n-1], "-"); zone[len(zone)-1]-'0' <= 9 { // us-east-1a, us-central1-a
			return zone
		}
	}
	return v
}

// outside is the place outside that an alert's traffic went to: the registrable part of a name, else an address.
func outside(a *alert.Alert) (*alert.Field, dimension, string) {
	for _, s := range [...]alert.Slot{alert.SlotQuery, alert.EntitySlot(alert.Target, alert.Domain), alert.EntitySlot(alert.Target, alert.URL)} {
		if f := a.First(s); f != nil {
			name := f.Value
			if _, rest, ok := strings.Cut(name, "://"); ok {
				name = rest
			}
			if i := strings.IndexAny(name, "/:?#"); i >= 0 {
				name = name[:i]
			}
			if d := registrable(name); d != "" {
				return f, domain, d
			}
		}
	}
	if f := a.First(alert.EntitySlot(alert.Target, alert.IP)); f != nil && public(f.Value) {
		return f, remote, f.Value
	}
	return nil, 0, ""
}

// registrable is the part of a name that somebody registered: example.com of www.example.com. It is empty for names that only
// mean something inside, and for addresses.
// Source: the public suffix list; RFC 6762 and RFC 8375 for local names.
func registrable(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch last {
	case name, "", "local", "localdomain", "localhost", "lan", "internal", "intranet", "corp", "home", "arpa":
		return ""
	}
	if last[0]-'0' <= 9 {
		return ""
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return ""
	}
	return d
}

// public tells an address that belongs to somebody outside, as far as the address tells.
func public(v string) bool {
	a, err := netip.ParseAddr(v)
	return err == nil && a.IsGlobalUnicast() && !a.IsPrivate()
}
