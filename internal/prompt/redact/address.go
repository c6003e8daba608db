package redact

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
)

// Internal addresses become internal addresses. The private /24 networks of RFC 1918 are permuted among themselves and the hosts
// within each: a bijection, so that neighbours stay neighbours and nothing is lost. Other addresses of the estate (RFC 6598, link-local,
// its public networks) go to 100.64.0.0/10 by hash; IPv6 goes to fd00::/8, a /64 to a /64.

// internal tells an address that belongs to the estate.
func (r *Redactor) internal(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsPrivate() || a.IsLinkLocalUnicast() || carrier.Contains(a) ||
		slices.ContainsFunc(r.networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

var carrier = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

func (r *Redactor) address(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		b := a.As16()
		out := [16]byte{0: 0xfd}
		copy(out[1:8], r.mac("net6", string(b[:8])))
		copy(out[8:], r.mac("host6", string(b[:])))
		return netip.AddrFrom16(out).String()
	}
	b := a.As4()
	net := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	host := byte(r.permute("host4 "+strconv.Itoa(int(net)), uint32(b[3]), 4, 256))
	if at, ok := private24(net); ok {
		net = net24(r.permute("net4", at, 9, private24s))
	} else {
		net = 100<<16 | 64<<8 | binary.BigEndian.Uint32(r.mac("net4", string(b[:3])))&0x3fff
	}
	return netip.AddrFrom4([4]byte{byte(net >> 16), byte(net >> 8), byte(net), host}).String()
}

// private24s is how many /24 networks RFC 1918 has.
const private24s = 1<<16 + 1<<12 + 1<<8

// private24 numbers the private /24 networks.
func private24(net uint32) (at uint32, ok bool) {
	switch {
	case net>>16 == 10:
		return net & 0xffff, true
	case net>>12 == 0xac1:
		return 1<<16 + net&0xfff, true
	case net>>8 == 0xc0a8:
		return 1<<16 + 1<<12 + net&0xff, true
	}
	return 0, false
}

func net24(at uint32) uint32 {
	switch {
	case at < 1<<16:
		return 10<<16 | at
	case at < 1<<16+1<<12:
		return 0xac1<<12 | (at - 1<<16)
	}
	return 0xc0a8<<8 | (at - 1<<16 - 1<<12)
}

// permute is a keyed permutation of the numbers below n <= 4^half: a Feistel network of four rounds, walked on until it ends below n.
func (r *Redactor) permute(purpose string, v uint32, half, n uint32) uint32 {
	mask := uint32(1)<<half - 1
	for {
		left, right := v>>half, v&mask
		for round := range 4 {
			f := binary.BigEndian.Uint32(r.mac(purpose+" "+strconv.Itoa(round), strconv.Itoa(int(right))))
			left, right = right, (left^f)&mask
		}
		if v = left<<half | right; v < n {
			return v
		}
	}
}
