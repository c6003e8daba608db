package redact

import (
	"net/netip"
	"slices"
	"strings"
)

func (s *Session) host(v string) {
	v = strings.Trim(v, ". \t")
	if _, err := netip.ParseAddr(v); err == nil {
		return
	}
	if _, err := netip.ParseAddrPort(v); err == nil {
		return
	}
	if strings.ContainsAny(v, "/ ;|=") { // no name of a host, but it stands where one belongs
		s.own.add(v, "host")
		return
	}
	v = strings.TrimPrefix(v, `\\`)
	if i := strings.LastIndexByte(v, '\\'); i >= 0 {
		s.windowsDomain(v[:i])
		v = v[i+1:]
	}
	name, domain, dotted := strings.Cut(v, ".")
	if !dotted {
		s.own.add(strings.TrimSuffix(v, "$"), "host")
		return
	}
	low := strings.ToLower(v)
	if d, ok := under(low, shared[:]); ok && strings.Count(low[:len(low)-len(d)], ".") < 2 && d != "onmicrosoft.com" {
		return // a provider's own name
	} else if ok {
		s.own.add(name, "host")
		return
	}
	if !strings.Contains(domain, ".") {
		domain = v
	} else if len(name) > 2 {
		s.own.add(name, "host")
	}
	s.domain(domain)
}

// domain makes a domain the estate's own, with what lies beside it: corp.example.com makes example.com so too.
func (s *Session) domain(d string) {
	d = strings.ToLower(strings.Trim(d, ". "))
	labels := strings.Split(d, ".")
	n := 2
	if k := len(labels); k > 2 && len(labels[k-1]) == 2 && len(labels[k-2]) <= 3 {
		n = 3 // example.co.uk
	}
	if len(labels) > n {
		labels = labels[len(labels)-n:]
	}
	d = strings.Join(labels, ".")
	if _, ok := under(d, shared[:]); ok || len(labels) < 2 || len(s.own.domains) == maxOwn || !s.r.shapes.dotted.MatchString(d) {
		return
	}
	if !slices.Contains(s.own.domains, d) {
		s.own.domains = append(s.own.domains, d)
		s.own.add(d, "domain")
	}
}

// windowsDomain takes a domain that has no dots, or one that no public DNS answers.
func (s *Session) windowsDomain(v string) {
	v = strings.Trim(v, `. \`)
	if !strings.Contains(v, ".") {
		s.own.add(v, "domain")
		return
	}
	if isInner(strings.ToLower(v)) {
		s.domain(v)
	}
}

func isInner(low string) bool {
	return slices.ContainsFunc(inner[:], func(i string) bool { return strings.HasSuffix(low, i) })
}

func (s *Session) mail(v string, ours bool) {
	local, domain, ok := strings.Cut(v, "@")
	if !ok {
		s.user(v)
		return
	}
	s.own.add(local, "user")
	if ours {
		s.domain(domain)
	} else {
		s.foreign = append(s.foreign, strings.ToLower(domain))
	}
}

func (s *Session) user(v string) {
	v = strings.TrimSpace(v)
	if i := strings.IndexByte(v, '('); i > 0 { // alice(uid=1000)
		v = v[:i]
	}
	if i := strings.LastIndexByte(v, '\\'); i >= 0 {
		s.windowsDomain(v[:i])
		s.domain(v[:i])
		v = v[i+1:]
	}
	if strings.Contains(v, "@") {
		s.mail(v, true)
		return
	}
	if strings.HasPrefix(v, "CN=") || strings.HasPrefix(v, "cn=") {
		for part := range strings.SplitSeq(v, ",") {
			if _, name, ok := strings.Cut(part, "="); ok {
				s.own.add(name, "user")
			}
		}
		return
	}
	if strings.Trim(v, "0123456789-.:") == "" || strings.HasPrefix(v, "S-1-") || len(v) > maxName {
		return
	}
	if machine, ok := strings.CutSuffix(v, "$"); ok {
		s.own.add(machine, "host")
		return
	}
	s.own.add(v, "user")
	if parts := strings.Fields(v); len(parts) == 2 || len(parts) == 3 { // Alice Example
		for _, p := range parts {
			if len(p) >= 4 {
				s.own.add(p, "user")
			}
		}
	}
}
