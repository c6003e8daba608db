package estate

import (
	"net/netip"
	"strings"
)

// Criticality is how much the loss of a machine or account would hurt. The zero value is that nobody said.
type Criticality uint8

// The levels.
const (
	Unknown Criticality = iota
	Low
	Medium
	High
	Critical
)

var criticalityNames = [...]string{"unknown", "low", "medium", "high", "critical"}

func (c Criticality) String() string { return criticalityNames[c] }

// Answer is how well a look-up was answered. The zero value is that nothing is known.
type Answer uint8

// The answers.
const (
	Unlisted  Answer = iota // no inventory lists it; that says nothing about its worth
	Listed                  // one entry
	Ambiguous               // several entries fit; the one that matters most was returned
)

func answer(n int) Answer { return Answer(min(n, int(Ambiguous))) }

// Asset is a machine or a range of addresses, as the inventories list it. Do not write to its lists.
type Asset struct {
	Name        string // of a pattern the pattern, of a range without a name the range
	FQDN        string
	Aliases     []string
	Addresses   []netip.Addr
	Networks    []netip.Prefix
	CloudIDs    []string
	Criticality Criticality
	Role        string // in small letters with hyphens: domain-controller
	Environment string // likewise: production, test
	Owner       string
	Tags        []string // likewise
	Protected   bool     // no response ever touches it
	Place       string   // where it is listed: assets.csv:12

	traits traits
}

// Account is a person's or a program's account, as the inventories list it. Do not write to its lists.
type Account struct {
	Name        string
	Domain      string // NetBIOS or DNS, as listed
	UPN         string
	SID         string
	DN          string
	Mail        []string
	Aliases     []string
	Criticality Criticality
	Department  string
	Owner       string
	Tags        []string
	Privileged  bool
	Service     bool
	BreakGlass  bool // for emergencies only; no response ever touches it
	VIP         bool
	Place       string

	traits traits
}

// isRange tells a range of addresses from a machine.
func (a *Asset) isRange() bool { return len(a.Networks) > 0 && len(a.Addresses) == 0 && a.FQDN == "" }

// crucial tells what the estate could not bear to lose.
func (a *Asset) crucial() bool { return a.Criticality == Critical || a.traits&crownJewel != 0 }

func (u *Account) crucial() bool { return u.Criticality == Critical || u.traits&crownJewel != 0 }

// rank orders the entries that share a name by how much they matter.
func (a *Asset) rank() uint8 {
	r := uint8(a.Criticality) << 3
	if a.traits&crownJewel != 0 {
		r = uint8(Critical)<<3 | 4
	}
	if a.traits&domainController != 0 {
		r |= 2
	}
	if a.traits&tierZero != 0 {
		r |= 1
	}
	return r
}

func (u *Account) rank() uint8 {
	r := uint8(u.Criticality) << 2
	for i, has := range [...]bool{u.VIP, u.Service, u.traits&crownJewel != 0, u.Privileged, u.BreakGlass} {
		if has {
			r |= 1 << (i + 3)
		}
	}
	return r
}

// fill completes an entry from another one about the same thing: what is empty is taken over, lists are joined, and of two levels the
// higher counts.
func (a *Asset) fill(b *Asset) {
	if a.Name == "" {
		a.Name = b.Name
	}
	switch {
	case a.FQDN == "":
		a.FQDN = b.FQDN
	case b.FQDN != "" && !strings.EqualFold(a.FQDN, b.FQDN):
		a.Aliases = union(a.Aliases, []string{b.FQDN})
	}
	a.Aliases = union(a.Aliases, b.Aliases)
	a.Addresses = union(a.Addresses, b.Addresses)
	a.Networks = union(a.Networks, b.Networks)
	a.CloudIDs = union(a.CloudIDs, b.CloudIDs)
	a.learn(b)
}

// learn takes over what b says about worth and use, but not its names.
func (a *Asset) learn(b *Asset) {
	a.Criticality = max(a.Criticality, b.Criticality)
	a.Role = either(a.Role, b.Role)
	a.Environment = either(a.Environment, b.Environment)
	a.Owner = either(a.Owner, b.Owner)
	a.Tags = union(a.Tags, b.Tags)
	a.Protected = a.Protected || b.Protected
	a.Place = places(a.Place, b.Place)
}

func (u *Account) fill(b *Account) {
	u.Name, u.Domain = either(u.Name, b.Name), either(u.Domain, b.Domain)
	u.UPN, u.SID, u.DN = either(u.UPN, b.UPN), either(u.SID, b.SID), either(u.DN, b.DN)
	u.Mail, u.Aliases = union(u.Mail, b.Mail), union(u.Aliases, b.Aliases)
	u.learn(b)
}

func (u *Account) learn(b *Account) {
	u.Criticality = max(u.Criticality, b.Criticality)
	u.Department, u.Owner = either(u.Department, b.Department), either(u.Owner, b.Owner)
	u.Tags = union(u.Tags, b.Tags)
	u.Privileged, u.Service = u.Privileged || b.Privileged, u.Service || b.Service
	u.BreakGlass, u.VIP = u.BreakGlass || b.BreakGlass, u.VIP || b.VIP
	u.Place = places(u.Place, b.Place)
}

func either(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// maxJoined bounds the lists of one entry, and how far joining them looks.
const maxJoined = 1024

// union appends the values of more that list lacks, to a list of its own.
func union[T comparable](list, more []T) []T {
	list = list[:len(list):len(list)]
	for _, v := range more {
		known := len(list) >= maxJoined
		for _, w := range list {
			known = known || v == w
		}
		if !known {
			list = append(list, v)
		}
	}
	return list
}

// places joins two places; a third says no more.
func places(a, b string) string {
	switch {
	case b == "" || a == b || strings.Contains(a, ", "):
		return a
	case a == "":
		return b
	}
	b, _, _ = strings.Cut(b, ", ")
	return a + ", " + b
}
