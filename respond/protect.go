package respond

import (
	"cmp"
	"fmt"
	"net/netip"
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
	// Touches returns what is known of everything listed that an action on the target may reach: each entry that its name may mean,
	// each that lies in a block of addresses, and each range around it. Nil: no record lists any.
	Touches(t Target) []Facts
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
	if slices.ContainsFunc(g.Targets, func(own string) bool { return isSame(t, own) || isBelow(t, own) }) {
		return "protected: the configuration lists it"
	}
	if slices.ContainsFunc(g.Itself, func(own string) bool { return isSame(t, own) }) {
		return itself
	}
	why := ""
	switch t.Type {
	case IP:
		return g.network(t.Value, e)
	case Domain:
		why = g.name(t.Value)
	case URL:
		return g.page(t.Value, e)
	case User:
		why = builtIn(t.Value)
	case Host, Key, File, Process, Mail, Cloud, Service, Registry, Hash, Case, DeskItem:
	}
	return cmp.Or(why, reached(t, e))
}

// reached says why something listed that an action on the target would reach must not be touched.
func reached(t Target, e Estate) string {
	if e == nil {
		return ""
	}
	for _, f := range e.Touches(t) {
		if why := f.refuses(); why != "" {
			if f.Name != "" && t.Type == IP {
				why += ", at " + f.Name
			}
			return why
		}
	}
	return ""
}

const itself = "protected: this program needs it to work, and to take things back"

// name says why a domain must not be touched: it is the estate's, or lies above one that is, or is nobody's own.
func (g *Guard) name(domain string) string {
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain {
		return "protected: " + domain + " is a suffix under which others have their names"
	}
	for _, own := range g.Domains {
		if own = hostName(own); domain == own || isUnder(domain, own) || isUnder(own, domain) {
			return "protected: a name of this estate (" + own + ")"
		}
	}
	return ""
}

// page says why an address of a page must not be touched, by the host that it is on.
func (g *Guard) page(text string, e Estate) string {
	host, err := pageHost(text)
	if err != nil {
		return "protected: it cannot be told whose page it is"
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return g.network(host, e)
	}
	for _, own := range g.Domains {
		if own = hostName(own); host == own || isUnder(host, own) {
			return "protected: a page of this estate (" + own + ")"
		}
	}
	return ""
}

// network says why a block of addresses must not be touched, by every block that it stands for.
func (g *Guard) network(value string, e Estate) string {
	blocks := standsFor(prefix(value))
	if len(blocks) == 0 {
		return "protected: it cannot be told whose address it is"
	}
	for _, p := range blocks {
		why := cmp.Or(g.owned(p), g.reserved(p), reached(Target{IP, spellBlock(p)}, e))
		if why == "" {
			continue
		}
		if p != blocks[0] {
			why += ", which it stands for as " + spellBlock(p)
		}
		return why
	}
	return ""
}

func (g *Guard) owned(p netip.Prefix) string {
	for _, own := range g.Own {
		if own.Overlaps(p) {
			return fmt.Sprintf("protected: it belongs to this estate or a partner (%s)", own)
		}
	}
	return ""
}

func (g *Guard) reserved(p netip.Prefix) string {
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
