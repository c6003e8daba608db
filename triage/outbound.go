package triage

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// question is an indicator as others may be told it, and the field that it was read off.
type question struct {
	alert.Indicator
	field *alert.Field
}

// outbound returns the indicators of an alert that may leave the estate, those of trusted fields first: when only some are asked
// about, what an attacker wrote does not crowd out what a product saw.
func (s *DeskSettings) outbound(a *alert.Alert) []question {
	var list []question
	for _, in := range a.Indicators() {
		value, ok := s.leaves(in)
		at := slices.IndexFunc(a.Fields, func(f alert.Field) bool { return f.Path == in.Path && f.Value == in.Value })
		if ok && at >= 0 {
			list = append(list, question{alert.Indicator{Type: in.Type, Value: value, Path: in.Path}, &a.Fields[at]})
		}
	}
	slices.SortStableFunc(list, func(x, y question) int { return int(y.field.Trust) - int(x.field.Trust) })
	return list
}

// leaves checks a value against its type, strictly, and returns it in the form in which it is asked about: a copy, which outlives the
// alert. What is the estate's own or means nothing outside does not leave, nor does what only looks like an indicator.
// An internationalised name is asked about in its xn-- form only.
func (s *DeskSettings) leaves(in alert.Indicator) (string, bool) {
	switch in.Type {
	case "ip":
		return s.address(in.Value)
	case "domain":
		return s.domain(in.Value)
	case "url":
		return s.link(in.Value)
	case "mail":
		user, host, ok := strings.Cut(in.Value, "@")
		host, public := s.domain(host)
		return user + "@" + host, ok && public && user != "" && !strings.ContainsFunc(user, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	case "md5", "sha1", "sha256", "sha512":
		v := strings.ToLower(in.Value)
		return strings.Clone(v), strings.Trim(v, "0123456789abcdef") == ""
	case "cve":
		v := strings.ToUpper(in.Value)
		return strings.Clone(v), strings.HasPrefix(v, "CVE-") && strings.Trim(v[4:], "0123456789-") == ""
	}
	return "", false
}

func (s *DeskSettings) address(v string) (string, bool) {
	a, err := netip.ParseAddr(v)
	if err != nil || a.Zone() != "" {
		return "", false
	}
	a = a.Unmap()
	inside := func(p netip.Prefix) bool { return p.Contains(a) }
	if a.Is6() && !global6.Contains(a) || Inside(a) || slices.ContainsFunc(tunnels, inside) || slices.ContainsFunc(s.Own, inside) {
		return "", false
	}
	return a.String(), true
}

// global6 is where IPv6 is routed at all, tunnels hold IPv4 addresses. Source: IANA IPv6 address space.
var (
	global6 = netip.MustParsePrefix("2000::/3")
	tunnels = []netip.Prefix{netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2002::/16")}
)

// inner are the last labels of names that no public DNS answers. Source: RFC 6761, 6762, 8375, ICANN's name collision reports.
var inner = []string{"local", "localhost", "localdomain", "lan", "internal", "intranet", "corp", "home", "private", "arpa", "invalid"}

func (s *DeskSettings) domain(v string) (string, bool) {
	v = strings.ToLower(strings.TrimSuffix(v, "."))
	dot := strings.LastIndexByte(v, '.')
	if dot <= 0 || len(v) > 253 || slices.Contains(inner, v[dot+1:]) || strings.Trim(v[dot+1:], "0123456789") == "" {
		return "", false
	}
	for label := range strings.SplitSeq(v, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	for _, own := range s.OwnDomains {
		own = strings.ToLower(strings.Trim(own, "."))
		if v == own || strings.HasSuffix(v, "."+own) {
			return "", false
		}
	}
	return strings.Clone(v), true
}

// link lets a URL leave when its host may, without what stands after #. One with a user or password stays.
func (s *DeskSettings) link(v string) (string, bool) {
	u, err := url.Parse(v)
	if err != nil || u.User != nil || u.Host == "" {
		return "", false
	}
	if _, ok := s.address(u.Hostname()); !ok {
		if _, ok = s.domain(u.Hostname()); !ok {
			return "", false
		}
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), true
}
