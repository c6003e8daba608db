package estate

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
)

// Estate is what is known about machines, networks and accounts. It does not change and is safe for concurrent use. A nil or zero
// Estate knows nothing.
type Estate struct {
	assets       []Asset
	accounts     []Account
	hosts        directory
	cloud        directory
	addresses    addresses
	users        directory
	hostPatterns []pattern
	userPatterns []pattern
	windows      []window
	domains      []string
	digest       string
	partial      []string
}

// Host returns the machine of a name, however it is spelled: short, with its domain, CORP\NAME$, a distinguished name, a cloud id or
// ARN, an address. The name of a range's member or of a pattern's is the caller's: the entry is that of the range or pattern.
func (e *Estate) Host(name string) (Asset, Answer) {
	if e == nil {
		return Asset{}, Unlisted
	}
	id, n := e.host(name)
	return pick(e.assets, id, n)
}

// Address returns the machine of an address, else the longest range that holds it.
func (e *Estate) Address(a netip.Addr) (Asset, Answer) {
	if e == nil {
		return Asset{}, Unlisted
	}
	id, n := e.addresses.find(a)
	return pick(e.assets, id, n)
}

// User returns the account of a name, however it is spelled: short, CORP\name, name@domain, a SID, a distinguished name, an ARN.
func (e *Estate) User(name string) (Account, Answer) {
	if e == nil {
		return Account{}, Unlisted
	}
	id, n := e.user(name)
	return pick(e.accounts, id, n)
}

func pick[E any](list []E, id int32, n int) (entry E, a Answer) {
	if n == 0 {
		return entry, Unlisted
	}
	return list[id], answer(n)
}

func (e *Estate) host(name string) (id int32, n int) {
	var mem room
	sp := spellHost(mem[:0], name)
	if isNumeric(name) {
		if a, err := netip.ParseAddr(name); err == nil {
			if id, n = e.addresses.find(a); n > 0 {
				return id, n
			}
			return matching(e.hostPatterns, e.hosts.rank, sp)
		}
	}
	if id, n = e.hosts.find(sp); n > 0 {
		return id, n
	}
	if id, n = e.cloudID(name); n > 0 {
		return id, n
	}
	return matching(e.hostPatterns, e.hosts.rank, sp)
}

// isNumeric rules out, for most names, that they are addresses.
func isNumeric(s string) bool {
	marks := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.' || c == ':':
			marks++
		case c-'0' > 9 && c|0x20-'a' > 5 && c != '%':
			return false
		}
	}
	return marks > 1
}

// cloudID finds a machine by its id in a cloud, or by the tail of an ARN or resource path.
func (e *Estate) cloudID(s string) (id int32, n int) {
	if len(e.cloud.full.at) == 0 {
		return 0, 0
	}
	var mem room
	b := spelled(mem[:0], s)
	if id, n = e.cloud.find(spelling{full: b}); n > 0 {
		return id, n
	}
	return e.cloud.find(spelling{short: tail(b)})
}

func (e *Estate) user(name string) (id int32, n int) {
	var mem room
	sp := spellUser(mem[:0], name)
	if sp.vague && e.isLocal(sp) {
		return first(e.users.full.get(sp.full, new([1]int32)))
	}
	if id, n = e.users.find(sp); n > 0 {
		return id, n
	}
	return matching(e.userPatterns, e.users.rank, sp)
}

// isLocal tells the accounts of one machine and of Windows itself: WS-1\svc-backup is not the domain's svc-backup.
func (e *Estate) isLocal(sp spelling) bool {
	switch string(sp.domain) {
	case ".", "nt authority", "nt service", "builtin", "window manager", "font driver host", "nt virtual machine", "iis apppool":
		return true
	}
	if bytes.IndexByte(sp.full, '\\') < 0 {
		return false
	}
	_, n := e.hosts.find(spelling{full: sp.domain, short: sp.domain})
	return n > 0
}

// Own returns the ranges that are listed and the addresses outside of them, in order.
func (e *Estate) Own() []netip.Prefix {
	if e == nil || e.addresses.table == nil {
		return nil
	}
	var list []netip.Prefix
	for p := range e.addresses.table.AllSorted() {
		if len(list) > 0 && list[len(list)-1].Contains(p.Addr()) {
			continue // a range sorts before what lies in it
		}
		list = append(list, p)
	}
	return list
}

// Domains returns the DNS names under which everything is the estate's own, in small letters.
func (e *Estate) Domains() []string {
	if e == nil {
		return nil
	}
	return slices.Clone(e.domains)
}

// Digest names everything that was read. The same digest gives the same answers.
func (e *Estate) Digest() string {
	if e == nil {
		return ""
	}
	return e.digest
}

// Partial names what was read but could not be used, one sentence each: a gap of class partial.
func (e *Estate) Partial() []string {
	if e == nil {
		return nil
	}
	return slices.Clone(e.partial)
}

// Count is how many machines, or accounts when users is set, the inventories list one by one; with a role, how many machines have it.
// Ranges and patterns are no machines.
func (e *Estate) Count(users bool, role string) (n int) {
	if e == nil {
		return 0
	}
	if users {
		if role == "" {
			n = len(e.accounts)
		}
		return n
	}
	for i := range e.assets {
		a := &e.assets[i]
		if len(a.Networks) == 0 && !strings.ContainsAny(a.Name, "*?") && (role == "" || a.Role == role) {
			n++
		}
	}
	return n
}

// Len is how many machines and ranges, and how many accounts are listed; patterns count as one.
func (e *Estate) Len() (assets, accounts int) {
	if e == nil {
		return 0, 0
	}
	return len(e.assets), len(e.accounts)
}
