package estate

import (
	"net/netip"
	"slices"
)

// shelve files the machines: patterns teach the entries they cover, ranges those that lie in them, then every spelling is indexed.
func (e *Estate) shelve(listed, patterns []Asset) {
	e.assets = append(listed, patterns...)
	for i := range patterns {
		e.hostPatterns = append(e.hostPatterns, newPattern(patterns[i].Name, int32(len(listed)+i)))
	}
	for i := range listed {
		if len(patterns) == 0 {
			break
		}
		n := listed[i].names()
		for k := range e.hostPatterns {
			if e.hostPatterns[k].fitsAny(n) {
				e.assets[i].learn(&patterns[k])
			}
		}
	}
	for i := range e.assets {
		e.assets[i].classify()
	}
	e.inherit()
	rank := make([]uint8, len(e.assets))
	for i := range e.assets {
		rank[i] = e.assets[i].rank()
	}
	e.hosts.own = e.domains
	for i := range e.assets {
		e.index(int32(i), i < len(listed), rank[i])
	}
	e.hosts.sort()
	e.cloud.sort()
	e.addresses.sort(rank)
}

func (e *Estate) index(id int32, listed bool, rank uint8) {
	a := &e.assets[id]
	n := names{}
	if listed {
		n = a.names()
	}
	e.hosts.add(id, n, rank)
	var ids names
	for _, c := range a.CloudIDs {
		b := fold(nil, c)
		ids.full, ids.short = append(ids.full, string(b)), append(ids.short, string(tail(b)))
	}
	e.cloud.add(id, ids, rank)
	for _, addr := range a.Addresses {
		e.addresses.add(netip.PrefixFrom(addr, addr.BitLen()), id)
	}
	for _, p := range a.Networks {
		e.addresses.add(p, id)
	}
}

// inherited are the traits that a range hands down. What lowers is not among them: a machine is a scanner when it is listed as one.
const inherited = crownJewel | clinical | exposed

// inherit gives machines what the range around their address says and they do not.
func (e *Estate) inherit() {
	var ranges addresses
	for i := range e.assets {
		for _, p := range e.assets[i].Networks {
			ranges.add(p, int32(i))
		}
	}
	if ranges.table == nil {
		return
	}
	for i := range e.assets {
		a := &e.assets[i]
		for _, addr := range a.Addresses {
			if id, n := ranges.find(addr); n > 0 && int(id) != i {
				a.under(&e.assets[id])
			}
		}
	}
}

func (a *Asset) under(around *Asset) {
	before := *a
	if a.Criticality == Unknown {
		a.Criticality = around.Criticality
	}
	a.Environment = either(a.Environment, around.Environment)
	a.traits |= around.traits & inherited
	if a.Criticality != before.Criticality || a.Environment != before.Environment || a.traits != before.traits {
		a.Place = places(a.Place, around.Place)
	}
}

// enrol files the accounts.
func (e *Estate) enrol(listed, patterns []Account) {
	e.accounts = append(listed, patterns...)
	for i := range patterns {
		e.userPatterns = append(e.userPatterns, newPattern(patterns[i].Name, int32(len(listed)+i)))
	}
	for i := range listed {
		if len(patterns) == 0 {
			break
		}
		n := listed[i].names()
		for k := range e.userPatterns {
			if e.userPatterns[k].fitsAny(n) {
				e.accounts[i].learn(&patterns[k])
			}
		}
	}
	e.users.own, e.users.loose = e.domains, true
	for i := range e.accounts {
		u := &e.accounts[i]
		u.classify()
		n := names{}
		if i < len(listed) {
			n = u.names()
		}
		e.users.add(int32(i), n, u.rank())
	}
	e.users.sort()
}

// cleanDomains spells the estate's domains in one way.
func cleanDomains(list []string) []string {
	var out []string
	for _, d := range list {
		b := fold(nil, d)
		for len(b) > 0 && (b[0] == '.' || b[0] == '*') {
			b = b[1:]
		}
		if len(b) > 0 && b[len(b)-1] == '.' {
			b = b[:len(b)-1]
		}
		if len(b) > 0 {
			out = append(out, string(b))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
