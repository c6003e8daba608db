package respond

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TargetType is the kind of thing an action is aimed at.
type TargetType string

// The types of targets.
const (
	IP       TargetType = "ip"
	Domain   TargetType = "domain"
	URL      TargetType = "url"
	Hash     TargetType = "hash"
	Host     TargetType = "host"
	User     TargetType = "user"
	Key      TargetType = "access_key"
	File     TargetType = "file"
	Process  TargetType = "process"
	Mail     TargetType = "mail"
	Cloud    TargetType = "cloud"
	Service  TargetType = "service"
	Registry TargetType = "registry"
	Case     TargetType = "case"
	DeskItem TargetType = "item" // of a system in which people work: SOURCE/ITEM; no plan aims at one
)

// Target is one thing, named in full. There is no target that means several.
type Target struct {
	Type  TargetType
	Value string
}

// ErrEmptyTarget means that an action names nothing, or everything.
var ErrEmptyTarget = errors.New("names no single target")

// maxTarget bounds a target's value in bytes.
const maxTarget = 1024

var (
	domainName = regexp.MustCompile(`^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	hashValue  = regexp.MustCompile(`^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$`)
)

// Tidy returns the target in its one spelling, or why it is none: empty, a wildcard, not of its type, with a character that a
// terminal or another program could obey.
func (t Target) Tidy() (Target, error) {
	v := strings.TrimSpace(t.Value)
	if v == "" || strings.ContainsAny(v, "*?") && t.Type != URL || strings.EqualFold(v, "any") || strings.EqualFold(v, "all") {
		return t, fmt.Errorf("%q: %w", t.Value, ErrEmptyTarget)
	}
	if len(v) > maxTarget || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return t, fmt.Errorf("the %s has characters that nobody can see, or more than %d bytes", t.Type, maxTarget)
	}
	var err error
	switch t.Type {
	case IP:
		v, err = tidyAddress(v)
	case Domain:
		v = hostName(v)
		if !domainName.MatchString(v) || len(v) > 253 {
			err = fmt.Errorf("%q is no full domain name", t.Value)
		}
	case Hash:
		v = strings.ToLower(v)
		if !hashValue.MatchString(v) {
			err = fmt.Errorf("%q is no MD5, SHA-1, SHA-256 or SHA-512", t.Value)
		}
	case URL:
		if u, bad := url.Parse(v); bad != nil || u.Scheme != "http" && u.Scheme != "https" {
			err = fmt.Errorf("%q is no address of a page", t.Value)
		} else {
			_, err = pageHost(v)
		}
	case Host, User, Key, File, Process, Mail, Cloud, Service, Registry, Case:
	case DeskItem:
		err = fmt.Errorf("%q is written back to, and is no target of a plan", t.Value)
	default:
		err = fmt.Errorf("%q is no type of target", t.Type)
	}
	return Target{t.Type, v}, err
}

// tidyAddress reads an address, or a prefix up to /24 or, of IPv6, /64.
func tidyAddress(v string) (string, error) {
	if addr, err := netip.ParseAddr(v); err == nil {
		return addr.Unmap().WithZone("").String(), nil
	}
	p, err := netip.ParsePrefix(v)
	if err != nil {
		return v, fmt.Errorf("%q is no address", v)
	}
	if p.Addr().Is4In6() {
		return v, fmt.Errorf("%s: a range of IPv4 is written as one", p)
	}
	if p.Addr().Is4() && p.Bits() < 24 || p.Addr().Is6() && p.Bits() < 64 {
		return v, fmt.Errorf("%s: a prefix wider than /24 (IPv6: /64) is no single target: %w", p, ErrEmptyTarget)
	}
	return spellBlock(p.Masked()), nil
}

// prefix is the range behind an address or prefix in its one spelling.
func prefix(v string) netip.Prefix {
	if p, err := netip.ParsePrefix(v); err == nil {
		return p
	}
	a, err := netip.ParseAddr(v)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen())
}
