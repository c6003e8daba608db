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
		return strings.EqualFold(s, "n/a") || strings.EqualFold(s, "nil") || s == `-\-`
	case 4:
		return strings.EqualFold(s, "none") || strings.EqualFold(s, "null")
	case 7:
		return s == "0.0.0.0" || strings.EqualFold(s, "unknown") || s == "(empty)" || s == "(null)"
	case 9:
		return strings.EqualFold(s, "undefined") || s == "[unknown]" || s == "(unknown)"
	}
	return (s[0] <= ' ' || s[0] >= 0x80) && strings.TrimSpace(s) == ""
}

// normalise brings a value into its slot's shape. It may move the value to another slot (a host name that is an
// address) and refuses what cannot be what the slot says. What it has to rewrite it writes into room's chunk.
func normalise(slot Slot, v string, room *tape) (Slot, string, bool) {
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
		v = strings.TrimPrefix(strings.TrimPrefix(v, `\\`), `\\`)
		for v != "" && (v[0] == '.' || v[0] == '$') {
			v = v[1:]
		}
		for v != "" && (v[len(v)-1] == '.' || v[len(v)-1] == '$') {
			v = v[:len(v)-1]
		}
		if _, ok := parseAddr(v); ok {
			return address(role, v)
		}
		v = firstLine(v)
		return slot, v, v != ""
	case Domain:
		if s, d, ok := domain(slot, role, v); ok {
			return s, d, ok
		}
		return domain(slot, role, firstWord(v, "."))
	case Hash:
		if h, ok := hash(v); ok {
			return slot, h, ok
		}
		v, ok := hash(firstWord(v, ""))
		return slot, v, ok
	case Mail:
		if m, ok := mail(v); ok {
			return slot, m, ok
		}
		v, ok := mail(firstWord(v, "@"))
		return slot, v, ok
	case URL:
		if len(v) > 2 && v[0] == '"' && v[len(v)-1] == '"' {
			v = v[1 : len(v)-1]
		}
		v = firstLine(v)
		return slot, v, len(v) > 1
	case User:
		return slot, unslash(v, room), v != "" && v != unset
	case File, Process, Command, Registry:
		return slot, unslash(v, room), v != ""
	case NoEntity, Cloud, Port, entityTypes:
	}
	return slot, v, v != ""
}

// unset is (uid_t)-1: Linux audit's word for nobody.
const unset = "4294967295"

// firstLine is what stands before a line break. Who can write into a field must not make a value vanish by writing on behind it.
func firstLine(v string) string {
	if i := strings.IndexAny(v, "\r\n"); i >= 0 {
		return strings.TrimSpace(v[:i])
	}
	return v
}

// firstWord is what stands before white space, when that is not all and holds what the word must; else nothing.
func firstWord(v, must string) string {
	i := strings.IndexAny(v, " \t\r\n")
	if i <= 0 || !strings.Contains(v[:i], must) {
		return ""
	}
	return v[:i]
}

// address accepts 192.0.2.1, 192.0.2.1:443, [2001:db8::1]:443, ::ffff:192.0.2.1 and fe80::1%eth0. A name in an
// address's place becomes a host.
func address(role Role, v string) (Slot, string, bool) {
	slot := EntitySlot(role, IP)
	if addr, ok := ipv4(v); ok {
		return slot, v, addr != 0
	}
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

// ipv4 reads an address as it is written everywhere: four numbers up to 255 without leading zeros.
func ipv4(v string) (addr uint32, ok bool) {
	if len(v) < 7 || len(v) > 15 {
		return 0, false
	}
	dots, n, digits := 0, uint32(0), 0
	for i := range len(v) {
		switch c := v[i]; {
		case c == '.':
			if dots++; digits == 0 || dots > 3 {
				return 0, false
			}
			addr = addr<<8 | n
			n, digits = 0, 0
		case c-'0' > 9 || digits > 0 && n == 0:
			return 0, false
		default:
			n = 10*n + uint32(c-'0')
			if digits++; n > 255 {
				return 0, false
			}
		}
	}
	return addr<<8 | n, dots == 3 && digits > 0
}

// mayBeAddress rules out most names: netip's errors cost an allocation.
func mayBeAddress(v string) bool {
	return v != "" && (strings.IndexByte(v, ':') >= 0 || v[len(v)-1]-'0' <= 9 && v[0]-'0' <= 9)
}

func parseAddr(v string) (netip.Addr, bool) {
	if !mayBeAddress(v) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(v)
	return a, err == nil
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
	if _, ok := parseAddr(v); ok {
		return address(role, v)
	}
	if i := strings.LastIndexByte(v, ':'); i > 0 && i+1 < len(v) && strings.Trim(v[i+1:], "0123456789") == "" {
		v = v[:i]
		if _, ok := parseAddr(v); ok {
			return address(role, v)
		}
	}
	return slot, v, len(v) > 1 && len(v) <= 253 && !strings.ContainsAny(v, " \n\t/\\<>\"")
}

func hash(v string) (string, bool) {
	from := len(v)
	for from > 0 && v[from-1] != ':' && v[from-1] != '=' {
		from--
	}
	v = v[from:]
	switch len(v) {
	case 32, 40, 56, 64, 96, 128:
	default:
		return "", false
	}
	all := byte(0)
	for i := range len(v) {
		all |= hexKinds[v[i]]
	}
	if all == zeroHex || all&notHex != 0 {
		return "", false
	}
	if all&upperHex != 0 {
		v = strings.ToLower(v)
	}
	return v, true
}

// What a byte is to a hash.
const (
	zeroHex = 1 << iota
	otherHex
	upperHex
	notHex
)

var hexKinds = hexTable()

func hexTable() (list [256]byte) {
	for i := range list {
		switch c := byte(i); {
		case unhex(c) > 15:
			list[i] = notHex
		case c-'A' <= 5:
			list[i] = upperHex
		case c == '0':
			list[i] = zeroHex
		default:
			list[i] = otherHex
		}
	}
	return list
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
func unslash(v string, room *tape) string {
	i := doubled(v, 0)
	if i < 0 || i == 0 && doubled(v, 2) < 0 {
		return v
	}
	room.reserve(len(v))
	from := len(room.chunk)
	b := room.chunk
	if i == 0 && !strings.HasPrefix(v, `\\\\`) {
		b, v = append(b, `\\`...), v[2:]
	}
	for at := 0; ; {
		i := doubled(v, at)
		if i < 0 {
			room.chunk = append(b, v[at:]...)
			return asString(room.chunk[from:])
		}
		b = append(b, v[at:i+1]...)
		at = i + 2
	}
}

// doubled is the index of the first two backslashes from i on, -1 when there are none.
func doubled(v string, i int) int {
	for i < len(v) {
		n := strings.IndexByte(v[i:], '\\')
		if n < 0 || i+n+1 >= len(v) {
			return -1
		}
		if i += n; v[i+1] == '\\' {
			return i
		}
		i += 2
	}
	return -1
}
