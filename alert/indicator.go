package alert

import (
	"slices"
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
		if !looked.has(f.Slot) {
			continue
		}
		typ := indicatorType(f)
		if typ == "" {
			continue
		}
		if !slices.ContainsFunc(list, func(in Indicator) bool { return in.Value == f.Value }) {
			list = append(list, Indicator{typ, f.Value, f.Path})
		}
	}
	return list
}

// public tells an address that means the same to everybody.
func public(v string) bool {
	if a, ok := ipv4(v); ok {
		switch {
		case a == 0, a == 1<<32-1, a>>24 == 127, a>>28 == 0xe, a>>16 == 0xa9fe: // none, all, loopback, multicast, link-local
			return false
		}
		return a>>24 != 10 && a>>20 != 0xac1 && a>>16 != 0xc0a8
	}
	a, ok := parseAddr(v)
	return ok && a.IsGlobalUnicast() && !a.IsPrivate()
}

// looked are the slots whose values may be indicators.
var looked = lookedSlots()

func lookedSlots() (set slotSet) {
	set.add(SlotCVE)
	for s := range 256 {
		switch _, typ := Slot(s).Entity(); typ {
		case IP, Domain, URL, Mail, Hash:
			set.add(Slot(s))
		case NoEntity, Host, User, File, Process, Command, Cloud, Registry, Port, entityTypes:
		}
	}
	return set
}

func indicatorType(f *Field) string {
	if f.Slot == SlotCVE {
		return "cve"
	}
	switch _, typ := f.Slot.Entity(); typ {
	case IP:
		if public(f.Value) {
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
