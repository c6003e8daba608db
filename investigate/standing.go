package investigate

import (
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// Standing is why a value is none to block or to share. The zero value has no reason against it.
type Standing string

// The standings of an indicator.
const (
	Own     Standing = "own"            // the estate's own network, domain or mail address
	Private Standing = "private"        // an address that means something within one network only
	Listed  Standing = "warning-listed" // known to be no evidence: a public resolver, a large web site
)

// Stand gives every indicator its standing. known tells what the caller knows of the estate and of warning lists; nil: nothing. Call
// it before Conclude.
func (k *Case) Stand(known func(kind, value string) Standing) {
	for i := range k.Indicators {
		n := &k.Indicators[i]
		n.Standing = inherent(n.Type, n.Value)
		if n.Standing == "" && known != nil {
			n.Standing = known(n.Type, n.Value)
		}
	}
}

// HostOf is the host that an indicator is or leads to, in small letters; empty for those without one.
func HostOf(kind, value string) string {
	host := ""
	switch kind {
	case "ip", "domain":
		host = value
	case "mail":
		host = value[strings.LastIndexByte(value, '@')+1:]
	case "url":
		_, host, _ = strings.Cut(value, "://")
		host = host[:strings.IndexAny(host+"/", `/?#\`)]
		host = host[strings.LastIndexByte(host, '@')+1:]
		if bracketed, ok := strings.CutPrefix(host, "["); ok {
			host, _, _ = strings.Cut(bracketed, "]")
		} else {
			host, _, _ = strings.Cut(host, ":")
		}
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// inherent is the standing that a value has everywhere. Source: RFC 6762, RFC 8375; of addresses triage.Inside.
func inherent(kind, value string) Standing {
	host := HostOf(kind, value)
	if a, err := netip.ParseAddr(host); err == nil {
		if triage.Inside(a.Unmap()) {
			return Private
		}
		return ""
	}
	for _, top := range [...]string{"local", "localhost", "internal", "lan", "home.arpa", "in-addr.arpa", "ip6.arpa"} {
		if host == top || strings.HasSuffix(host, "."+top) {
			return Private
		}
	}
	return ""
}

// Inside tells an address that means something within one network only.
func Inside(ip string) bool { return inherent("ip", ip) == Private }
