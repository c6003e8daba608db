package alert

import (
	"net/netip"
	"strings"
)

// junk tells the words with which products say "nothing here".
func junk(s string) bool {
	switch len(s) {
	case 0:
		return true
	case 1:
		return s == "-" || s == "*" || s == "?" || s == " "
	case 2:
		return s == "::" || s == "--" || s == "[]" || s == "{}"
	case 3:
		return strings.EqualFold(s, "n/a") || strings.EqualFold(s, "nil")
	case 4:
		return strings.EqualFold(s, "none") || strings.EqualFold(s, "null")
	case 7:
		return s == "0.0.0.0" || strings.EqualFold(s, "unknown") || s == "(empty)" || s == "(null)"
	case 9:
		return strings.EqualFold(s, "undefined") || s == "[unknown]" || s == "(unknown)"
	}
	return strings.TrimSpace(s) == ""
}

// normalise brings a value into its slot's shape. It may move the value to another slot (a host name that is an
// address) and refuses what cannot be what the slot says.
func normalise(slot Slot, v string) (Slot, string, bool) {
	role, typ := slot.Entity()
	if typ == NoEntity {
		switch slot {
		case SlotTime, SlotSeverity, SlotAction:
			v = strings.TrimSpace(v)
		default: // names and sentences are compared as they were written
		}
		return slot, v, true
	}
	v = strings.TrimSpace(v)
	switch typ {
	case IP:
		return address(role, v)
	case Host:
		v = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(v, `\\`), `\\`), ".$")
		if _, err := netip.ParseAddr(v); err == nil {
			return address(role, v)
		}
		return slot, v, v != "" && !strings.ContainsAny(v, "\n\r")
	case Domain:
		return domain(slot, role, v)
	case Hash:
		v, ok := hash(v)
		return slot, v, ok
	case Mail:
		v, ok := mail(v)
		return slot, v, ok
	case URL:
		if len(v) > 2 && v[0] == '"' && v[len(v)-1] == '"' {
			v = v[1 : len(v)-1]
		}
		return slot, v, len(v) > 1 && !strings.ContainsAny(v, "\n\r")
	case User, File, Process, Command, Registry:
		return slot, unslash(v), v != ""
	case NoEntity, Cloud, Port, entityTypes:
	}
	return slot, v, v != ""
}

// address accepts 192.0.2.1, 192.0.2.1:443, [2001:db8::1]:443, ::ffff:192.0.2.1 and fe80::1%eth0. A name in an
// address's place becomes a host.
func address(role Role, v string) (Slot, string, bool) {
	slot := EntitySlot(role, IP)
	a, err := netip.ParseAddr(v)
	if err != nil {
		if ap, e := netip.ParseAddrPort(v); e == nil {
			a, err = ap.Addr(), nil
		} else if i := strings.IndexAny(v, "/ ,;"); i > 0 {
			a, err = netip.ParseAddr(v[:i])
			v = v[:i]
		} else if len(v) > 2 && v[0] == '[' && v[len(v)-1] == ']' {
			a, err = netip.ParseAddr(v[1 : len(v)-1])
		}
	}
	switch {
	case err != nil:
		if len(v) > 253 || !hasLetter(v) || strings.ContainsAny(v, " \n\t,;|/\\@<>()") {
			return slot, "", false
		}
		return EntitySlot(role, Host), strings.TrimSuffix(v, "."), true
	case a.IsUnspecified():
		return slot, "", false
	case a.Is4() && len(v) <= 15 && !strings.ContainsAny(v, ":/"):
		return slot, v, true
	}
	return slot, a.Unmap().WithZone("").String(), true
}

func hasLetter(s string) bool {
	for i := range len(s) {
		if s[i]|0x20-'a' <= 25 {
			return true
		}
	}
	return false
}

func domain(slot Slot, role Role, v string) (Slot, string, bool) {
	v = strings.TrimSuffix(v, ".")
	if _, err := netip.ParseAddr(v); err == nil {
		return address(role, v)
	}
	if i := strings.LastIndexByte(v, ':'); i > 0 && i+1 < len(v) && strings.Trim(v[i+1:], "0123456789") == "" {
		v = v[:i]
		if _, err := netip.ParseAddr(v); err == nil {
			return address(role, v)
		}
	}
	return slot, v, len(v) > 1 && len(v) <= 253 && !strings.ContainsAny(v, " \n\t/\\<>\"")
}

func hash(v string) (string, bool) {
	if i := strings.LastIndexAny(v, ":="); i >= 0 {
		v = v[i+1:]
	}
	switch len(v) {
	case 32, 40, 56, 64, 96, 128:
	default:
		return "", false
	}
	upper := false
	zero := true
	for i := range len(v) {
		if unhex(v[i]) > 15 {
			return "", false
		}
		upper = upper || v[i]-'A' <= 5
		zero = zero && v[i] == '0'
	}
	if zero {
		return "", false
	}
	if upper {
		v = strings.ToLower(v)
	}
	return v, true
}

func mail(v string) (string, bool) {
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		if j := strings.IndexByte(v[i:], '>'); j > 0 {
			v = v[i+1 : i+j]
		}
	}
	v = strings.TrimPrefix(v, "mailto:")
	return v, isMail(v)
}

func isMail(v string) bool {
	at := strings.LastIndexByte(v, '@')
	return at > 0 && at < len(v)-1 && len(v) <= 320 && strings.IndexByte(v[at:], '.') > 0 && !strings.ContainsAny(v, " \t\n,;<>\"/\\:")
}

// unslash halves doubled backslashes, which some agents write once too often. A UNC path keeps its two at the front.
func unslash(v string) string {
	i := strings.Index(v, `\\`)
	if i < 0 || i == 0 && !strings.Contains(v[2:], `\\`) {
		return v
	}
	if i == 0 && !strings.HasPrefix(v, `\\\\`) {
		return `\\` + strings.ReplaceAll(v[2:], `\\`, `\`)
	}
	return strings.ReplaceAll(v, `\\`, `\`)
}
