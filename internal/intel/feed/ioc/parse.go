package ioc

import (
	"fmt"
	"net/netip"
	"strings"
)

// Value is a text that turned out to be something to look up.
type Value struct {
	Type Type
	Text string // in its normal spelling
	Wild bool   // written as *.example.com or .example.com
	Port string // of an address or a name that was written with one
}

// Parse finds out what a text is. Defanged spellings (hxxp, [.], [at]) are read as what they stand for.
func Parse(s string) (Value, error) {
	s = Refang(strings.TrimSpace(s))
	switch {
	case s == "":
		return Value{}, fmt.Errorf("empty")
	case isCVE(s):
		return valueOf(CVE, s)
	case hashType(len(s)) != None && isHex(s):
		return valueOf(hashType(len(s)), s)
	case strings.Contains(s, "://"):
		return valueOf(URL, s)
	case strings.IndexByte(s, '/') >= 0:
		return rangeOrLink(s)
	case strings.IndexByte(s, '@') >= 0:
		return valueOf(Mail, s)
	}
	return hostValue(s)
}

func valueOf(t Type, s string) (Value, error) {
	v, err := t.Normal(s)
	return Value{Type: t, Text: v}, err
}

// rangeOrLink reads 198.51.100.0/24 and, as blocklists write them, example.com/path.
func rangeOrLink(s string) (Value, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		if p.IsSingleIP() {
			return valueOf(IP, p.Addr().String())
		}
		return valueOf(CIDR, s)
	}
	host, rest, _ := strings.Cut(s, "/")
	if v, err := hostValue(host); err != nil || v.Wild || v.Type == IP && isDigits(rest) {
		return Value{}, fmt.Errorf("neither a range of addresses nor a URL: %s", show(s))
	}
	return valueOf(URL, "http://"+s)
}

// hostValue reads an address or a name, either with a port.
func hostValue(s string) (Value, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return valueOf(IP, a.String())
	}
	host, port := splitPort(s)
	if port != "" && isPort(port) {
		v, err := hostValue(strings.Trim(host, "[]"))
		v.Port = port
		return v, err
	}
	v := Value{Type: Domain}
	name := strings.TrimPrefix(s, "*")
	if name, v.Wild = strings.CutPrefix(name, "."); !v.Wild {
		name = s
	}
	var err error
	if v.Text, err = Domain.Normal(name); err != nil {
		return Value{}, fmt.Errorf("no indicator that is known: %s", show(s))
	}
	return v, nil
}

// Refang undoes what people do to links so that nobody clicks on them.
func Refang(s string) string {
	if strings.ContainsAny(s, "[({\\") {
		s = refanger.Replace(s)
	}
	if len(s) > 4 && strings.EqualFold(s[:3], "hxx") && s[3]|0x20 == 'p' {
		s = "http" + s[4:]
	} else if len(s) > 6 && strings.EqualFold(s[:6], "fxp://") {
		s = "ftp" + s[3:]
	}
	return s
}

var refanger = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", `\.`, ".", "[:]", ":", "[://]", "://",
	"[at]", "@", "(at)", "@", "[@]", "@", "[/]", "/")

// Public tells an address that means the same to everybody. The ranges for documentation count as public: no live address lies in
// them, and every example does.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	if !a.Is4() {
		return true
	}
	b := a.As4()
	switch {
	case b[0] == 0, b[0] >= 240, b[0] == 100 && b[1]&0xc0 == 64, b[0] == 198 && b[1]&0xfe == 18, b[0] == 192 && b[1] == 0 && b[2] == 0:
		return false // this network, reserved, carriers' own, benchmarks, protocol assignments: RFC 6890
	}
	return true
}
