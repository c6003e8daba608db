package estate

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// criticality reads a level. values translate the words of one file.
func criticality(s string, values map[string]string) (Criticality, error) {
	if v, ok := lookFold(values, s); ok {
		s = v
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "unknown", "undefined", "unclassified":
		return Unknown, nil
	case "low", "very low", "minor", "informational":
		return Low, nil
	case "medium", "moderate", "normal":
		return Medium, nil
	case "high", "major":
		return High, nil
	case "critical", "very high", "mission critical", "mission-critical":
		return Critical, nil
	}
	return Unknown, fmt.Errorf("%q is none of low, medium, high, critical%s", brief(s), orMap("criticality", s, criticalityNames[:]))
}

// orMap suggests the nearest known word, or how to translate one that is like none.
func orMap(key, s string, known []string) string {
	if near := suggest(strings.ToLower(s), known); strings.HasPrefix(near, " (nearest") {
		return near
	}
	return fmt.Sprintf(": translate it with values: {%s: {%q: ...}}", key, brief(s))
}

// truth reads a yes or no.
func truth(key, s string, values map[string]bool) (bool, error) {
	if v, ok := lookFold(values, s); ok {
		return v, nil
	}
	switch strings.ToLower(s) {
	case "true", "yes", "y", "1", "x", "t", "on":
		return true, nil
	case "", "false", "no", "n", "0", "f", "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no%s", brief(s), orMap(key, s, []string{"true", "false", "yes"}))
}

// lookFold looks a word up whatever its case. Of keys that differ only in case the first in order counts.
func lookFold[V any](m map[string]V, word string) (v V, ok bool) {
	if v, ok = m[word]; ok || len(m) == 0 {
		return v, ok
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(k, word) {
			return m[k], true
		}
	}
	return v, false
}

var (
	errAddress = errors.New("is no address like 10.1.2.3 and no range like 10.1.2.0/24")
	errAll     = errors.New("covers every address")
)

// place reads an address or a range. An interface with its mask, 10.1.2.3/24, is the address; what every machine has (loopback,
// link-local) or none (multicast, unspecified) is no answer: ok is false.
func place(s string) (p netip.Prefix, ok bool, err error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = canonical(a)
		return netip.PrefixFrom(a, a.BitLen()), a.IsGlobalUnicast(), nil
	}
	p, err = netip.ParsePrefix(s)
	if err != nil {
		return p, false, fmt.Errorf("%q %w", brief(s), errAddress)
	}
	a, bits := p.Addr(), p.Bits()
	if a.Is4In6() && bits >= 96 {
		a, bits = a.Unmap(), bits-96
	}
	switch {
	case bits == 0:
		return p, false, fmt.Errorf("%q %w", brief(s), errAll)
	case netip.PrefixFrom(a, bits).Masked().Addr() != a:
		return netip.PrefixFrom(a, a.BitLen()), a.IsGlobalUnicast(), nil
	}
	return netip.PrefixFrom(a, bits), a.IsGlobalUnicast() || bits < a.BitLen() && !a.IsLoopback() && !a.IsMulticast(), nil
}

// network reads a range, whose bits beyond the mask do not count.
func network(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		q, _, err := place(s)
		return q, err
	}
	if p.Bits() == 0 {
		return p, fmt.Errorf("%q %w", brief(s), errAll)
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// canonical is the one form of an address: no zone, no IPv4 inside IPv6.
func canonical(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
