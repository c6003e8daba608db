package respond

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Facts are what the estate's records say of a target.
type Facts struct {
	Name      string   // as listed
	Role      string   // in small letters with hyphens: domain-controller
	Tags      []string // likewise
	Protected bool     // the records say that no response touches it
	BreakGlass,
	Privileged bool
	Place string // where it is listed: assets.csv:12
}

// Estate answers what is known of a target, and how many of its kind there are. Safe for concurrent use.
type Estate interface {
	// Facts returns what is known; ok is false when no record lists it, which says nothing about its worth.
	Facts(t Target) (f Facts, ok bool)
	// Count is how many hosts or users have the role, in all the estate when role is empty; 0: unknown.
	Count(t TargetType, role string) int
}

// Guard says what is never touched. The zero value protects what every estate must not lose.
type Guard struct {
	Own       []netip.Prefix // the estate's own and its partners' ranges: blocking one locks out oneself
	Domains   []string       // the estate's own names
	Targets   []string       // further ones, spelled as in a plan
	Itself    []string       // names and addresses of the machine that runs this, and of what it talks to
	Reachable []netip.Prefix // documentation ranges that this estate uses for real, as a laboratory does
}

// roles that an estate does not survive losing, and tags that say that people's health, a plant or the last copy hangs on it.
var (
	vital = []string{
		"domain-controller", "dc", "ad-dc", "active-directory", "rodc", "dns", "dns-server", "dhcp", "dhcp-server", "hypervisor", "vcenter", "backup", "backup-server",
		"edr", "edr-server", "siem", "soar", "identity-provider", "adfs", "certificate-authority", "pki", "key-management", "firewall",
	}
	fragile = []string{"clinical", "medical", "medical-device", "patient-care", "plant", "ot", "ics", "scada", "safety", "backup", "backups", "hypervisor", "domain-controller", "tier-0", "tier0"}
)

// reserved are ranges in which no attacker sits, with the words for them. Source: RFC 6890, RFC 1918, RFC 4193, RFC 5737, RFC 3849.
var reserved = []struct {
	prefix netip.Prefix
	is     string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared by a provider's customers"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), documentation},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("198.18.0.0/15"), "for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), documentation},
	{netip.MustParsePrefix("203.0.113.0/24"), documentation},
	{netip.MustParsePrefix("224.0.0.0/3"), "multicast or reserved"},
	{netip.MustParsePrefix("::/127"), "loopback"},
	{netip.MustParsePrefix("fc00::/7"), "private"},
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
	{netip.MustParsePrefix("2001:db8::/32"), documentation},
}

const documentation = "for documentation"

// Refuses says why an action must not touch a tidy target; empty when it may.
func (g *Guard) Refuses(t Target, e Estate) string {
	for _, own := range g.Targets {
		if strings.EqualFold(own, t.Value) {
			return "protected: the configuration lists it"
		}
	}
	for _, own := range g.Itself {
		if strings.EqualFold(own, t.Value) {
			return itself
		}
	}
	switch t.Type {
	case IP:
		if why := g.network(prefix(t.Value)); why != "" {
			return why
		}
	case Domain:
		if why := g.name(t.Value); why != "" {
			return why
		}
	case URL:
		if why := g.page(t.Value); why != "" {
			return why
		}
	case Host, User, Key, File, Process, Mail, Cloud, Service, Registry, Hash, Case, DeskItem:
	}
	if e == nil {
		return ""
	}
	f, ok := e.Facts(t)
	if !ok {
		return ""
	}
	return f.refuses()
}

const itself = "protected: this program needs it to work, and to take things back"

// name says why a domain must not be touched: it is the estate's or this program's, or lies above one that is, or is nobody's own.
func (g *Guard) name(domain string) string {
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain {
		return "protected: " + domain + " is a suffix under which others have their names"
	}
	for _, own := range g.Domains {
		if domain == own || strings.HasSuffix(domain, "."+own) || strings.HasSuffix(own, "."+domain) {
			return "protected: a name of this estate (" + own + ")"
		}
	}
	for _, own := range g.Itself {
		if own = strings.ToLower(own); domain == own || strings.HasSuffix(own, "."+domain) {
			return itself
		}
	}
	return ""
}

// page says why an address of a page must not be touched, by the host that it is on.
func (g *Guard) page(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "protected: it cannot be told whose page it is"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return g.network(netip.PrefixFrom(a, a.BitLen()))
	}
	if slices.ContainsFunc(g.Itself, func(own string) bool { return strings.EqualFold(own, host) }) {
		return itself
	}
	for _, own := range g.Domains {
		if host == own || strings.HasSuffix(host, "."+own) {
			return "protected: a page of this estate (" + own + ")"
		}
	}
	return ""
}

func (g *Guard) network(p netip.Prefix) string {
	for _, own := range g.Own {
		if own.Overlaps(p) {
			return fmt.Sprintf("protected: it belongs to this estate or a partner (%s)", own)
		}
	}
	for _, r := range reserved {
		if !r.prefix.Overlaps(p) {
			continue
		}
		if r.is == documentation && slices.ContainsFunc(g.Reachable, func(q netip.Prefix) bool { return q.Overlaps(p) && q.Bits() <= p.Bits() }) {
			continue
		}
		return fmt.Sprintf("protected: %s is %s", r.prefix, r.is)
	}
	return ""
}

func (f *Facts) refuses() string {
	at := ""
	if f.Place != "" {
		at = " (" + f.Place + ")"
	}
	switch {
	case f.BreakGlass:
		return "protected: a break-glass account" + at
	case f.Protected:
		return "protected: the inventory says so" + at
	case slices.Contains(vital, f.Role):
		return "protected: " + strings.ReplaceAll(f.Role, "-", " ") + at
	}
	for _, tag := range f.Tags {
		if slices.Contains(fragile, tag) {
			return "protected: tagged " + tag + at
		}
	}
	return ""
}
