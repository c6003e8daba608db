package estate

import (
	"net/netip"
	"slices"
	"strings"
)

// What a response to a name or an address may reach. A look-up answers with the entry that matters most; who must not harm any asks here
// for all.

// Hosts returns every machine that a name may mean, however it is spelled, and the ranges that they lie in.
func (e *Estate) Hosts(name string) []Asset {
	if e == nil {
		return nil
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return e.Within(netip.PrefixFrom(a, a.BitLen()))
	}
	var mem room
	ids := e.hosts.all(spellHost(mem[:0], name))
	if id, n := e.host(name); n > 0 {
		ids = append(ids, id)
	}
	for _, id := range slices.Clone(ids) {
		for _, a := range e.assets[id].Addresses {
			ids = append(ids, e.addresses.within(netip.PrefixFrom(a, a.BitLen()))...)
		}
	}
	return entries(e.assets, ids)
}

// Users returns every account that a name may mean, however it is spelled.
func (e *Estate) Users(name string) []Account {
	if e == nil {
		return nil
	}
	var mem room
	sp := spellUser(mem[:0], name)
	var ids []int32
	if !sp.vague || !e.isLocal(sp) {
		ids = e.users.all(sp)
	}
	if id, n := e.user(name); n > 0 {
		ids = append(ids, id)
	}
	return entries(e.accounts, ids)
}

// Within returns the machines and ranges that lie in a block of addresses, and the ranges around it.
func (e *Estate) Within(p netip.Prefix) []Asset {
	if e == nil {
		return nil
	}
	return entries(e.assets, e.addresses.within(p))
}

// Outside returns the DNS names of listed machines that lie under none of Domains, in small letters, each once.
func (e *Estate) Outside() (list []string) {
	if e == nil {
		return nil
	}
	for i := range e.assets {
		a := &e.assets[i]
		for _, name := range append([]string{a.Name, a.FQDN}, a.Aliases...) {
			name = strings.TrimSuffix(string(fold(nil, name)), ".")
			if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") || strings.ContainsAny(name, "*?/\\@:= ") {
				continue
			}
			if !slices.ContainsFunc(e.domains, func(own string) bool { return name == own || below(name, own) }) {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// entries are those of the ids, each once.
func entries[E any](from []E, ids []int32) (list []E) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids {
		list = append(list, from[id])
	}
	return list
}

// all returns the entries that a spelling may mean. It is find without its choice.
func (d *directory) all(sp spelling) (ids []int32) {
	var one, other [1]int32
	short := d.short.get(sp.short, &one)
	ids = append(ids, d.full.get(sp.full, &other)...)
	for _, id := range short {
		if len(sp.domain) == 0 || d.in(id, sp.domain) {
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) > 0:
	case sp.vague:
		ids = append(ids, short...)
	case d.isOwn(sp.domain):
		ids = append(ids, d.plain.get(sp.short, &one)...)
	}
	return ids
}

// within returns the entries of a block, of what lies in it, and of what is around it.
func (t *addresses) within(p netip.Prefix) (ids []int32) {
	if t.table == nil || !p.IsValid() {
		return nil
	}
	if a := p.Addr().WithZone(""); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	take := func(at int32) {
		if at >= 0 {
			ids = append(ids, at)
		} else {
			ids = append(ids, t.lists[^at]...)
		}
	}
	for _, at := range t.table.Supernets(p.Masked()) {
		take(at)
	}
	for _, at := range t.table.Subnets(p.Masked()) {
		take(at)
	}
	return ids
}
