package report

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/wire"
)

// property is a field of an observable; those that contribute to its id are all that it has.
type property struct{ name, value string }

// observable writes a value as a cyber-observable object and returns the ids that stand for it; nothing where STIX has no name for such a
// value.
func (w *writing) observable(kind, value string) []string {
	value = strings.ToValidUTF8(value, "\ufffd")
	if value == "" {
		return nil
	}
	switch kind {
	case "ip":
		a, err := netip.ParseAddr(value)
		switch {
		case err != nil:
			return nil
		case a.Is4():
			return w.observe("ipv4-addr", property{"value", value})
		}
		return w.observe("ipv6-addr", property{"value", value})
	case "domain":
		return w.observe("domain-name", property{"value", value})
	case "url":
		if !strings.Contains(value, "://") {
			return nil
		}
		return w.observe("url", property{"value", value})
	case "mail":
		if !strings.Contains(value, "@") {
			return nil
		}
		return w.observe("email-addr", property{"value", value})
	case "user":
		return w.observe("user-account", property{"account_login", value})
	case "registry":
		return w.observe("windows-registry-key", property{"key", value})
	case "file", "process":
		return w.file(value)
	case "hash", "md5", "sha1", "sha256", "sha512":
		name := map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}[len(value)]
		if name == "" || strings.Trim(strings.ToLower(value), "0123456789abcdef") != "" {
			return nil
		}
		return w.observe("file", property{"hashes", fmt.Sprintf("{%s:%s}", canonical(name), canonical(value))})
	}
	return nil
}

// file is a file by its path: its name, and the directory it lies in.
func (w *writing) file(path string) []string {
	at := strings.LastIndexAny(path, `\/`)
	name := path[at+1:]
	if name == "" {
		return nil
	}
	properties := []property{{"name", name}}
	var ids []string
	if at > 0 {
		ids = w.observe("directory", property{"path", path[:at]})
		properties = append(properties, property{"parent_directory_ref", ids[0]})
	}
	return append(w.observe("file", properties...), ids...)
}

// observe writes an observable. Its id is made of its properties, in the order of their names, as canonical JSON. Source: STIX 2.1, section
// 2.9; RFC 8785.
func (w *writing) observe(kind string, list ...property) []string {
	var name strings.Builder
	for i, p := range list {
		name.WriteByte("{,"[min(i, 1)])
		value := canonical(p.value)
		if p.name == "hashes" {
			value = p.value
		}
		name.WriteString(canonical(p.name) + ":" + value)
	}
	id := kind + "--" + uuid5(observables, name.String()+"}")
	if o, fresh := w.object(w.b, kind, id, time.Time{}); fresh {
		for _, p := range list {
			if p.name == "hashes" {
				o = append(wire.Key(o, p.name), p.value...)
			} else {
				o = wire.Text(o, p.name, p.value)
			}
		}
		w.b = append(o, '}')
	}
	return []string{w.ref(id)}
}

// canonical is a JSON string as RFC 8785 writes it: nothing is escaped that need not be.
func canonical(s string) string {
	b := []byte{'"'}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= 0x20:
			b = utf8.AppendRune(b, r)
		case strings.ContainsRune("\b\t\n\f\r", r):
			b = append(b, '\\', map[rune]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}[r])
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return string(append(b, '"'))
}
