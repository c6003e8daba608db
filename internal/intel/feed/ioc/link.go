package ioc

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Links are compared without what does not change where they lead: the case of scheme and host, a default port, who signs in,
// the part behind #. The path stays as it is, an empty one is /.

// link returns the normal spelling of a URL.
func link(s string) (string, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !isScheme(scheme) || unfit(s) {
		return "", fmt.Errorf("no URL: %s", show(s))
	}
	path := ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest, path = rest[:i], rest[i:]
	}
	path, _, _ = strings.Cut(path, "#")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	host, port := splitPort(rest)
	scheme = strings.ToLower(scheme)
	host, err := linkHost(host)
	if err != nil || port != "" && !isPort(port) {
		return "", fmt.Errorf("no URL: %s", show(s))
	}
	if port == defaultPort(scheme) {
		port = ""
	}
	return assemble(s, scheme, host, port, path), nil
}

// assemble joins the parts of a URL, or returns s itself when that is what they make.
func assemble(s, scheme, host, port, path string) string {
	if port != "" {
		port = ":" + port
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if at := len(scheme) + 3; len(s) == at+len(host)+len(port)+len(path) && s[:len(scheme)] == scheme && s[at:at+len(host)] == host && strings.HasSuffix(s, path) {
		return s
	}
	return scheme + "://" + host + port + path
}

// linkHost is the host of a URL: an address, in brackets where it has colons, or a name, which may be of one label.
func linkHost(host string) (string, error) {
	if bare, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(bare, "]")
	}
	if maybeAddress(host) {
		if a, err := netip.ParseAddr(host); err == nil {
			if a = a.Unmap().WithZone(""); a.Is6() {
				return "[" + a.String() + "]", nil
			}
			if len(host) <= 15 && strings.IndexByte(host, ':') < 0 {
				return host, nil
			}
			return a.String(), nil
		}
	}
	if strings.IndexByte(host, '.') < 0 {
		host = strings.ToLower(host)
		if isDomain(host + ".a") {
			return host, nil
		}
	}
	return domain(host)
}

// maybeAddress rules out most names: an error of netip costs an allocation.
func maybeAddress(s string) bool {
	return s != "" && (strings.IndexByte(s, ':') >= 0 || s[len(s)-1]-'0' <= 9 && s[0]-'0' <= 9)
}

func splitPort(s string) (host, port string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.HasSuffix(s, "]") || strings.IndexByte(s, ':') != i && s[0] != '[' {
		return s, ""
	}
	return s[:i], s[i+1:]
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil && s[0] != '+'
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	case "ftp":
		return "21"
	}
	return ""
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; c|0x20-'a' > 25 && (i == 0 || c-'0' > 9 && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= 16
}

func unfit(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// HostOf returns the type and the value of the host of a URL in its normal spelling; None when the host has but one label.
func HostOf(normal string) (Type, string) {
	_, rest, ok := strings.Cut(normal, "://")
	if !ok {
		return None, ""
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest = rest[:i]
	}
	host, _ := splitPort(rest)
	if bare, ok := strings.CutPrefix(host, "["); ok {
		return IP, strings.TrimSuffix(bare, "]")
	}
	if maybeAddress(host) {
		if _, err := netip.ParseAddr(host); err == nil {
			return IP, host
		}
	}
	if strings.IndexByte(host, '.') < 0 {
		return None, ""
	}
	return Domain, host
}

// Within returns the type and the value of the host that is part of a value in its normal spelling: a URL's, a mail address's; None for
// the others.
func Within(t Type, normal string) (Type, string) {
	if t == URL {
		return HostOf(normal)
	}
	if t == Mail {
		return Domain, normal[strings.LastIndexByte(normal, '@')+1:]
	}
	return None, ""
}

// Bare tells a URL, in its normal spelling, that names a host and nothing on it.
func Bare(normal string) bool {
	_, rest, _ := strings.Cut(normal, "://")
	return strings.IndexByte(rest, '/') == len(rest)-1
}
