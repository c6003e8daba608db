package alert

import (
	"net/netip"
	"strings"
)

// Indicator is a value that can be looked up in threat intelligence or searched for elsewhere. Type is ip, domain, url, md5,
// sha1, sha256, sha512, mail or cve.
type Indicator struct {
	Type  string
	Value string
	Path  Path
}

// Indicators derives the alert's indicators from its fields, each value once, in order of appearance. Addresses that mean
// nothing outside their own network (private, loopback, link-local) are entities only.
func (a *Alert) Indicators() []Indicator { return a.appendTo(nil) }

func (a *Alert) appendTo(list []Indicator) []Indicator {
	for i := range a.Fields {
		f := &a.Fields[i]
		typ := indicatorType(f)
		if typ == "" {
			continue
		}
		dup := false
		for j := range list {
			dup = dup || list[j].Value == f.Value
		}
		if !dup {
			list = append(list, Indicator{typ, f.Value, f.Path})
		}
	}
	return list
}

func indicatorType(f *Field) string {
	if f.Slot == SlotCVE {
		return "cve"
	}
	switch _, typ := f.Slot.Entity(); typ {
	case IP:
		if a, err := netip.ParseAddr(f.Value); err == nil && a.IsGlobalUnicast() && !a.IsPrivate() {
			return "ip"
		}
	case Domain:
		if strings.IndexByte(f.Value, '.') > 0 {
			return "domain"
		}
	case URL:
		if strings.Contains(f.Value, "://") {
			return "url"
		}
	case Mail:
		return "mail"
	case Hash:
		switch len(f.Value) {
		case 32:
			return "md5"
		case 40:
			return "sha1"
		case 64:
			return "sha256"
		case 128:
			return "sha512"
		}
	case NoEntity, Host, User, File, Process, Command, Cloud, Registry, Port, entityTypes:
	}
	return ""
}
