package ioc

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// maxValue bounds a value in bytes; longer ones are no indicators but cargo.
const maxValue = 4096

// Normal returns the one spelling of a value of this type. A value that has it already is returned as it is, without a copy.
func (t Type) Normal(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", errors.New("empty")
	case len(s) > maxValue:
		return "", fmt.Errorf("longer than %d bytes", maxValue)
	case t == IP:
		return address(s)
	case t == CIDR:
		return prefix(s)
	case t == Domain:
		return domain(s)
	case t == URL:
		return link(s)
	case t == Mail:
		return mail(s)
	case t == CVE:
		return cve(s)
	case t.Hash():
		if hashType(len(s)) != t || !isHex(s) {
			return "", fmt.Errorf("no %s: %s", t, show(s))
		}
		return strings.ToLower(s), nil
	}
	return s, nil
}

func address(s string) (string, error) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", fmt.Errorf("no address: %s", show(s))
	}
	if a.Is4() {
		return s, nil // it has one spelling only: ParseAddr refuses leading zeros
	}
	return a.Unmap().WithZone("").String(), nil
}

func prefix(s string) (string, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return "", fmt.Errorf("no range of addresses: %s", show(s))
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked().String(), nil
}

// domain accepts names of two labels and more, with the underscores that DNS knows and registrars do not.
func domain(s string) (string, error) {
	s = strings.TrimSuffix(s, ".")
	if !ascii(s) {
		a, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", fmt.Errorf("no domain: %s", show(s))
		}
		s = a
	}
	s = strings.ToLower(s)
	if !isDomain(s) {
		return "", fmt.Errorf("no domain: %s", show(s))
	}
	return s, nil
}

func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	label, dots, digits := 0, 0, true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label, digits = 0, true
			dots++
			continue
		case c-'a' <= 25, c == '-', c == '_':
			digits = false
		case c-'0' > 9:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return dots > 0 && label > 0 && !digits // no top-level domain is a number
}

func mail(s string) (string, error) {
	s = strings.TrimPrefix(s, "mailto:")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > 320 || strings.ContainsAny(s[:at], " \t<>,;\"/\\@") {
		return "", fmt.Errorf("no mail address: %s", show(s))
	}
	host, err := domain(s[at+1:])
	if err != nil {
		return "", fmt.Errorf("no mail address: %s", show(s))
	}
	if host == s[at+1:] {
		return strings.ToLower(s), nil
	}
	return strings.ToLower(s[:at+1]) + host, nil
}

func cve(s string) (string, error) {
	if !isCVE(s) {
		return "", fmt.Errorf("no CVE: %s", show(s))
	}
	return strings.ToUpper(s), nil
}

// isCVE knows CVE-YYYY-N with four digits or more.
func isCVE(s string) bool {
	return len(s) >= 13 && len(s) <= 24 && strings.EqualFold(s[:4], "CVE-") && s[8] == '-' && isDigits(s[4:8]) && isDigits(s[9:])
}

func hashType(n int) Type {
	switch n {
	case 32:
		return MD5
	case 40:
		return SHA1
	case 64:
		return SHA256
	case 128:
		return SHA512
	}
	return None
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && c|0x20-'a' > 5 {
			return false
		}
	}
	return true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// show is a value as messages name it.
func show(s string) string { return fmt.Sprintf("%q", Cut(s, 60)) }
