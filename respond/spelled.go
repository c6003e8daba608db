package respond

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Whoever writes an alert chooses how a target is spelled. What is protected is protected in every spelling of it.

// isSame tells whether a target is, or holds, what a list of protected things calls own.
func isSame(t Target, own string) bool {
	if strings.EqualFold(own, t.Value) {
		return true
	}
	switch t.Type {
	case IP:
		return holds(t.Value, own)
	case Host, Cloud, Service:
		return holds(t.Value, own) || isSameHost(t.Value, own)
	case User:
		return isSameUser(t.Value, own)
	case Domain:
		own = hostName(own)
		return t.Value == own || isUnder(own, t.Value)
	case URL:
		host, err := pageHost(t.Value)
		return err == nil && (host == hostName(own) || holds(host, own))
	case Hash, Key, File, Process, Mail, Registry, Case, DeskItem:
	}
	return false
}

// isBelow tells whether a domain, or the host of a page, lies under own.
func isBelow(t Target, own string) bool {
	own = hostName(own)
	switch t.Type {
	case Domain:
		return isUnder(t.Value, own)
	case URL:
		host, err := pageHost(t.Value)
		return err == nil && isUnder(host, own)
	case IP, Hash, Host, User, Key, File, Process, Mail, Cloud, Service, Registry, Case, DeskItem:
	}
	return false
}

// isUnder tells whether one name lies under another that is no single label.
func isUnder(name, parent string) bool {
	return strings.Contains(parent, ".") && strings.HasSuffix(name, "."+parent)
}

// hostName is a host's name in its one spelling: small letters, no dot at its end, of letters beyond ASCII their Punycode.
func hostName(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		if ascii, err := idna.Lookup.ToASCII(s); err == nil {
			s = ascii
		}
	}
	return strings.TrimSuffix(strings.ToLower(s), ".")
}

// pageHost is the host of a page's address: an IP address or a full name. It is an error when browsers would read it as another one
// than this program does (http://2130706433/ is 127.0.0.1), or when it is a pattern or a name of the inside.
func pageHost(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%q is no address of a page: %w", text, err)
	}
	host := hostName(u.Hostname())
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().WithZone("").String(), nil
	}
	if !domainName.MatchString(host) || len(host) > 253 {
		return "", fmt.Errorf("%q is on no host with an address or a full name", text)
	}
	return host, nil
}

// login is a name without its domain, and the domain, both in small letters.
type login struct{ name, domain string }

// isSameHost compares names of machines: WS-1, ws-1.corp.example., CORP\WS-1$, WS-1$@CORP.EXAMPLE.
func isSameHost(a, b string) bool {
	x, y := splitHost(a), splitHost(b)
	return x.name != "" && x.name == y.name && isNear(x.domain, y.domain)
}

// isSameUser compares names of accounts: ann, CORP\ann, ann@corp.example.
func isSameUser(a, b string) bool {
	x, y := splitUser(a), splitUser(b)
	return x.name != "" && x.name == y.name && isNear(x.domain, y.domain)
}

func splitUser(s string) login {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.LastIndexByte(s, '\\'); i >= 0 {
		return login{s[i+1:], strings.Trim(s[:i], `\`)}
	}
	name, domain, _ := strings.Cut(s, "@")
	return login{name, strings.TrimSuffix(domain, ".")}
}

func splitHost(s string) login {
	h := splitUser(s)
	h.name = strings.TrimSuffix(h.name, ".")
	if name, domain, ok := strings.Cut(h.name, "."); ok {
		h = login{name, domain}
	}
	h.name = strings.TrimSuffix(h.name, "$")
	return h
}

// isNear tells whether two domains may be one place. None may be any, and a NetBIOS name need not resemble the DNS name.
func isNear(a, b string) bool {
	if a == "" || b == "" || a == b || strings.Contains(a, ".") != strings.Contains(b, ".") {
		return true
	}
	return isUnder(a, b) || isUnder(b, a)
}

// nobodys are accounts of systems, without which nothing runs.
var nobodys = []string{"system", "local service", "network service", "anonymous logon", "krbtgt", "root"}

// builtIn says that an account is a system's own, or a group. Source: Microsoft, well-known security identifiers.
func builtIn(name string) string {
	u := splitUser(name)
	where := []string{"nt authority", "nt service", "builtin", "window manager", "font driver host", "nt virtual machine", "iis apppool"}
	const why = "protected: an account of the system itself"
	if slices.Contains(nobodys, u.name) || slices.Contains(where, u.domain) {
		return why
	}
	sid, ok := strings.CutPrefix(u.name, "s-1-")
	if !ok || strings.HasPrefix(sid, "12-1-") { // Entra ID's
		return ""
	}
	last := sid[strings.LastIndexByte(sid, '-')+1:]
	rid, err := strconv.ParseUint(last, 10, 32)
	const firstOfPeople = 1000
	of := []uint64{500, 501, 503, 504} // Administrator, Guest and two more that people use
	if err != nil || !strings.HasPrefix(sid, "5-21-") || rid < firstOfPeople && !slices.Contains(of, rid) {
		return why
	}
	return ""
}

// embeds are the blocks of IPv6 whose addresses stand for one of IPv4, and after how many bits it begins. Sources: RFC 4291, RFC 6052,
// RFC 3056.
var embeds = []struct {
	around netip.Prefix
	after  int
}{
	{netip.MustParsePrefix("::ffff:0:0/96"), 96},
	{netip.MustParsePrefix("::/96"), 96},
	{netip.MustParsePrefix("64:ff9b::/96"), 96},
	{netip.MustParsePrefix("2002::/16"), 16},
}

// standsFor is a block and the blocks of IPv4 that it stands for: who blocks 64:ff9b::a00:1 blocks 10.0.0.1 for some.
func standsFor(p netip.Prefix) []netip.Prefix {
	if !p.IsValid() {
		return nil
	}
	list := []netip.Prefix{p}
	if p.Addr().Is4() {
		return list
	}
	for _, e := range embeds {
		if !p.Overlaps(e.around) {
			continue
		}
		b := p.Masked().Addr().As16()
		at := e.after / 8
		bits := max(0, min(32, p.Bits()-e.after))
		list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte(b[at:at+4])), bits).Masked())
	}
	return list
}

// spellBlock is an address, or a block of several.
func spellBlock(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// holds tells whether a block of addresses, or an address, has a part in another, whatever it stands for.
func holds(block, other string) bool {
	q := prefix(other)
	return q.IsValid() && slices.ContainsFunc(standsFor(prefix(block)), q.Overlaps)
}
