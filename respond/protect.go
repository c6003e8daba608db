package respond

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/seed-959697dd/soc/triage"
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

// Refuses says why an action must not touch a tidy target; empty when it may.
func (g *Guard) Refuses(t Target, e Estate) string {
	for _, own := range g.Targets {
		if strings.EqualFold(own, t.Value) || t.Type == IP && holds(t.Value, own) || t.Type == User && sameAccount(t.Value, own) {
			return "protected: the configuration lists it"
		}
	}
	for _, own := range g.Itself {
		if strings.EqualFold(own, t.Value) || t.Type == IP && holds(t.Value, own) {
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
	if f, ok := e.Facts(t); ok {
		return f.refuses()
	}
	if t.Type == IP {
		return among(prefix(t.Value), e)
	}
	return ""
}

// among says why one of a block's addresses must not be touched. Of IPv6 a block has more addresses than can be asked about.
func among(p netip.Prefix, e Estate) string {
	if !p.Addr().Is4() || p.IsSingleIP() {
		return ""
	}
	for a := p.Masked().Addr(); p.Contains(a); a = a.Next() {
		if f, ok := e.Facts(Target{IP, a.String()}); ok {
			if why := f.refuses(); why != "" {
				return why + ", at " + a.String()
			}
		}
	}
	return ""
}

// sameAccount tells whether two spellings can be of one account: the name alone, DOMAIN\name, name@domain. Those of two domains in one
// form are two.
func sameAccount(a, b string) bool {
	short := func(v string) (name, domain string, at bool) {
		if i := strings.LastIndexByte(v, '\\'); i >= 0 {
			return v[i+1:], v[:i], false
		}
		name, domain, at = strings.Cut(v, "@")
		return name, domain, at
	}
	name, domain, at := short(a)
	other, its, mail := short(b)
	return name != "" && strings.EqualFold(name, other) && (domain == "" || its == "" || at != mail || strings.EqualFold(domain, its))
}

// holds tells whether a block of addresses has a part in another, or in an address.
func holds(block, other string) bool {
	p := prefix(other)
	return p.IsValid() && prefix(block).Overlaps(p)
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
	r, ok := triage.Reserved(p)
	if !ok || r.Documentation && slices.ContainsFunc(g.Reachable, func(q netip.Prefix) bool { return q.Overlaps(p) && q.Bits() <= p.Bits() }) {
		return ""
	}
	return fmt.Sprintf("protected: %s is %s", r.Prefix, r.Is)
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
