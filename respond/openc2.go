package respond

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/seed-959697dd/soc/internal/wire"
)

// AppendOpenC2 appends an action of the plan as a command of OpenC2 (Language Specification 1.0) on a line of its own: its action, its
// target, how long it is to hold, and the action's key as its id, so that whoever gets it twice does it once. It is false for an action
// or a target of which the language has none: what is done to accounts, mail and services, among others; and for what nobody can take
// back, as to end a process, which is for people to begin.
func (p *Plan) AppendOpenC2(b []byte, i *Item) ([]byte, bool) {
	verb, target := i.openC2()
	if verb == "" {
		return b, false
	}
	b = append(wire.Word(append(b, '{'), "action", verb), `,"target":{`...)
	b = append(append(b, target...), '}')
	b = append(wire.Key(b, "args"), '{')
	b = wire.Word(b, "response_requested", "complete")
	if i.TTL > 0 {
		b = wire.Int(b, "duration", i.TTL.Milliseconds())
	}
	b = wire.Text(append(b, '}'), "command_id", KeyOf(p.Digest, i))
	return append(b, '}', '\n'), true
}

// openC2 is the verb and the member of the target for an action.
func (i *Item) openC2() (verb string, target []byte) {
	v := i.Target.Value
	text := func(name string) []byte { return wire.Text(nil, name, v) }
	in := func(name, member string) []byte {
		return append(wire.Text(append(wire.Key(nil, name), '{'), member, v), '}')
	}
	switch {
	case i.Action == "block-ip" && prefix(v).Addr().Is4():
		v = prefix(v).String()
		return "deny", text("ipv4_net")
	case i.Action == "block-ip":
		v = prefix(v).String()
		return "deny", text("ipv6_net")
	case i.Action == "block-domain":
		return "deny", text("domain_name")
	case i.Action == "block-url" && isASCII(v):
		return "deny", text("uri")
	case i.Action == "block-url":
		return "deny", text("iri")
	case i.Action == "block-hash":
		if kind := map[int]string{32: "md5", 40: "sha1", 64: "sha256"}[len(v)]; kind != "" {
			v = strings.ToUpper(v) // the language writes them as base16, in capitals
			return "deny", append(append(append(wire.Key(nil, "file"), '{'), in("hashes", kind)...), '}')
		}
	case i.Action == "isolate-host" && hostnameForm.MatchString(v):
		return "contain", in("device", "hostname")
	case i.Action == "isolate-host": // CORP\WS-1$ is no name of RFC 1123: one by which an inventory knows it
		return "contain", in("device", "device_id")
	case i.Action == "quarantine-file":
		return "contain", in("file", "path")
	}
	return "", nil
}

// hostnameForm is that of a hostname in OpenC2. Source: RFC 1123.
var hostnameForm = regexp.MustCompile(`^(?i)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$`)

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
