package render

import (
	"net/netip"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// observableType is how OCSF numbers the kinds of things that were seen.
func observableType(entity string) (id int64, caption string) {
	switch entity {
	case "host", "domain":
		return 1, "Hostname"
	case "ip":
		return 2, "IP Address"
	case "user":
		return 4, "User Name"
	case "mail":
		return 5, "Email Address"
	case "url":
		return 6, "URL String"
	case "hash":
		return 8, "Hash"
	case "process":
		return 9, "Process Name"
	case "cloud":
		return 10, "Resource UID"
	case "port":
		return 11, "Port"
	case "process_command":
		return 13, "Command Line"
	case "file":
		return 45, "File Path"
	}
	return 99, entity
}

func appendObservables(b []byte, v *triage.Verdict, d *document) []byte {
	if len(d.Entities) == 0 {
		return b
	}
	b = append(wire.Key(b, "observables"), '[')
	for i := range d.Entities {
		e := &d.Entities[i]
		id, caption := observableType(e.Type)
		b = append(wire.Comma(b), '{')
		b = wire.Text(b, "name", e.Path)
		b = wire.Text(wire.Int(b, "type_id", id), "type", caption)
		b = wire.Text(b, "value", e.Value)
		b = append(wire.Text(b, "event_uid", v.ID), '}')
	}
	return append(b, ']')
}

// appendEvidences is the member with the strongest evidence, and who was in it.
func appendEvidences(b []byte, v *triage.Verdict, d *document) []byte {
	b = append(wire.Key(b, "evidences"), '[', '{')
	b = wire.Text(b, "uid", d.ID)
	b = append(wire.Key(b, "data"), v.Alert...)
	b = appendEndpoint(b, "src_endpoint", d.find("ip", "source"), d.find("host", "source"))
	b = appendEndpoint(b, "dst_endpoint", d.find("ip", "target"), d.find("host", "target"))
	if user := d.user(); user != "" {
		b = append(wire.Text(append(wire.Key(b, "user"), '{'), "name", user), '}')
	}
	return append(b, '}', ']')
}

// appendEndpoint appends one side of a connection; what is no address does not pass for one.
func appendEndpoint(b []byte, name, ip, host string) []byte {
	if _, err := netip.ParseAddr(ip); err != nil {
		ip = ""
	}
	if ip == "" && host == "" {
		return b
	}
	b = append(wire.Key(b, name), '{')
	b = wire.Text(b, "ip", ip)
	return append(wire.Text(b, "hostname", host), '}')
}
