package redact

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// stand returns what stands for a value, and remembers it.
func (s *Session) stand(kind, v string) string {
	var p string
	switch kind {
	case "ip":
		a, err := netip.ParseAddr(v)
		if err != nil {
			return s.stand("name", v)
		}
		p = s.r.address(a)
		if a.String() != v { // 10.0.0.1 may be written as ::ffff:a00:1
			p += "x" + s.r.tag("spelling", v)[:4]
		}
	case "encoded":
		p = s.recode(v)
	case "sid":
		p = v[:len("S-1-5-21")]
		sum := s.r.mac("sid", v[len("S-1-5-21"):])
		for i := range 3 {
			p += fmt.Sprintf("-%d", binary.BigEndian.Uint32(sum[4*i:]))
		}
	case "mail":
		local, domain, _ := strings.Cut(v, "@")
		p = s.stand("user", local) + "@" + s.mailDomain(domain)
	case "fqdn":
		p = s.fqdn(v)
	case "domain":
		if p = "dom-" + s.r.tag("domain", v); strings.Contains(v, ".") {
			p += ".internal"
		}
	default:
		p = kind + "-" + s.r.tag(kind, v)
	}
	if was, known := s.table[p]; known && was != v && s.err == nil {
		s.err = fmt.Errorf("redaction: two values have one replacement, %s", p)
	}
	s.table[p], s.back = v, nil
	return p
}

// mailDomain keeps the domain of a sender who is not of the estate, and those that everybody has: they are evidence.
func (s *Session) mailDomain(d string) string {
	low := strings.ToLower(d)
	if _, ours := under(low, s.own.domains); !ours {
		if slices.Contains(s.foreign, low) {
			return d
		}
		if _, ok := under(low, shared[:]); ok {
			return d
		}
		return s.stand("domain", d)
	}
	return s.fqdn(d)
}

// fqdn replaces a name under a domain of the estate label by label, so that the short name and the domain are seen to be the same.
func (s *Session) fqdn(v string) string {
	low := strings.ToLower(v)
	d, ok := under(low, s.own.domains)
	if !ok { // printer.site.local
		labels := strings.Split(low, ".")
		d = strings.Join(labels[max(0, len(labels)-2):], ".")
	}
	cut := len(v) - len(d)
	var b strings.Builder
	for label := range strings.SplitSeq(strings.TrimSuffix(v[:cut], "."), ".") {
		if label != "" {
			b.WriteString(s.stand("host", label))
			b.WriteByte('.')
		}
	}
	return b.String() + s.stand("domain", v[cut:])
}
