package triage

import "net/netip"

// Range is a block of addresses that nobody on the internet sits in.
type Range struct {
	Prefix        netip.Prefix
	Is            string // what it is, after "is": private
	Documentation bool   // examples are written with it, where they speak of the internet
}

// reserved is the one table of such blocks. Source: IANA special-purpose address registries (RFC 6890 and its updates).
var reserved = [...]Range{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network", false},
	{netip.MustParsePrefix("10.0.0.0/8"), ownNets, false},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared by a provider's customers", false},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback", false},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local", false},
	{netip.MustParsePrefix("172.16.0.0/12"), ownNets, false},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved", false},
	{netip.MustParsePrefix("192.0.2.0/24"), documentation, true},
	{netip.MustParsePrefix("192.168.0.0/16"), ownNets, false},
	{netip.MustParsePrefix("198.18.0.0/15"), "for benchmarks", false},
	{netip.MustParsePrefix("198.51.100.0/24"), documentation, true},
	{netip.MustParsePrefix("203.0.113.0/24"), documentation, true},
	{netip.MustParsePrefix("224.0.0.0/3"), "multicast or reserved", false},
	{netip.MustParsePrefix("::/127"), "loopback", false},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "for translation within one network", false},
	{netip.MustParsePrefix("100::/64"), "reserved", false},
	{netip.MustParsePrefix("fc00::/7"), ownNets, false},
	{netip.MustParsePrefix("fe80::/10"), "link-local", false},
	{netip.MustParsePrefix("ff00::/8"), "multicast", false},
	{netip.MustParsePrefix("2001:db8::/32"), documentation, true},
	{netip.MustParsePrefix("3fff::/20"), documentation, true},
}

const (
	ownNets       = "private"
	documentation = "for documentation"
)

// Reserved returns the reserved block that a block of addresses has a part in.
func Reserved(p netip.Prefix) (r Range, ok bool) {
	for i := range reserved {
		if reserved[i].Prefix.Overlaps(p) {
			return reserved[i], true
		}
	}
	return Range{}, false
}

// Inside tells an address, not mapped into IPv6, that means something within one network only. Those for documentation stand for others.
func Inside(a netip.Addr) bool {
	r, ok := Reserved(netip.PrefixFrom(a.WithZone(""), a.BitLen()))
	return ok && !r.Documentation
}
