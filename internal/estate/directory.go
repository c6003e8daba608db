package estate

import (
	"bytes"
	"slices"
	"strings"
)

// names are what one entry is found by, folded.
type names struct {
	full    []string // whole spellings: FQDN, CORP\ann, ann@corp.example, a SID
	short   []string // without a domain
	domains []string
	main    string   // the short name that matters most
	same    []string // identities: two entries that share one are about the same thing
}

// add takes in one spelling.
func (n *names) add(sp spelling) {
	if len(sp.full) > 0 && (len(sp.domain) > 0 || len(sp.short) == 0 || !bytes.Equal(sp.full, sp.short)) {
		n.full = append(n.full, string(sp.full))
	}
	if len(sp.short) > 0 {
		n.short = append(n.short, string(sp.short))
	}
	if len(sp.domain) > 0 {
		n.domains = append(n.domains, string(sp.domain))
	}
}

// postings find entries by key. A number from 0 on is an entry, one below is the complement of a list's.
type postings struct {
	at    map[string]int32
	lists [][]int32
}

// add must be called with ids that never fall.
func (p *postings) add(key string, id int32) {
	if p.at == nil {
		p.at = map[string]int32{}
	}
	at, ok := p.at[key]
	switch {
	case !ok:
		p.at[key] = id
	case at == id:
	case at >= 0:
		p.lists = append(p.lists, []int32{at, id})
		p.at[key] = int32(^(len(p.lists) - 1))
	default:
		if l := &p.lists[^at]; (*l)[len(*l)-1] != id {
			*l = append(*l, id)
		}
	}
}

// get returns the entries under a key, in one when there is but one.
func (p *postings) get(key []byte, one *[1]int32) []int32 {
	at, ok := p.at[string(key)]
	switch {
	case !ok:
		return nil
	case at >= 0:
		one[0] = at
		return one[:]
	}
	return p.lists[^at]
}

// sort puts the entry that matters most first.
func (p *postings) sort(rank []uint8) {
	for _, l := range p.lists {
		slices.SortStableFunc(l, func(a, b int32) int { return int(rank[b]) - int(rank[a]) })
	}
}

// directory finds entries by any spelling of their names. It does not change once built.
type directory struct {
	full, short postings
	plain       postings // short names of entries that know no DNS domain
	domains     [][]string
	rank        []uint8
	loose       bool     // a domain's parent and child are the same place: accounts, not machines
	own         []string // the estate's domains
}

func (d *directory) add(id int32, n names, rank uint8) {
	for _, k := range n.full {
		d.full.add(k, id)
	}
	dns := slices.ContainsFunc(n.domains, func(s string) bool { return strings.Contains(s, ".") })
	for _, k := range n.short {
		d.short.add(k, id)
		if !dns {
			d.plain.add(k, id)
		}
	}
	for len(d.domains) <= int(id) {
		d.domains, d.rank = append(d.domains, nil), append(d.rank, 0)
	}
	d.domains[id], d.rank[id] = n.domains, rank
}

func (d *directory) sort() {
	for _, p := range [...]*postings{&d.full, &d.short, &d.plain} {
		p.sort(d.rank)
	}
}

// find returns the entry that fits a spelling, and how many do. Of several it is the one that matters most.
func (d *directory) find(sp spelling) (id int32, n int) {
	var one [1]int32
	if len(sp.full) != len(sp.short) { // a name that is all short is not among the whole ones
		if l := d.full.get(sp.full, &one); l != nil {
			return l[0], len(l)
		}
	}
	switch {
	case len(sp.short) == 0:
		return 0, 0
	case len(sp.domain) == 0:
		return first(d.short.get(sp.short, &one))
	}
	for _, c := range d.short.get(sp.short, &one) {
		if d.in(c, sp.domain) {
			if n == 0 {
				id = c
			}
			n++
		}
	}
	switch {
	case n > 0:
		return id, n
	case sp.vague:
		return first(d.short.get(sp.short, &one)) // the estate's NetBIOS name need not resemble its DNS name
	case d.isOwn(sp.domain):
		return first(d.plain.get(sp.short, &one))
	}
	return 0, 0
}

func first(l []int32) (id int32, n int) {
	if len(l) == 0 {
		return 0, 0
	}
	return l[0], len(l)
}

// in tells whether an entry is known to be of a domain.
func (d *directory) in(id int32, domain []byte) bool {
	for _, own := range d.domains[id] {
		if alike(own, domain, d.loose) {
			return true
		}
	}
	return false
}

// isOwn tells whether the estate may have the domain: while none is declared, any.
func (d *directory) isOwn(domain []byte) bool {
	for _, own := range d.own {
		if own == string(domain) || below(string(domain), own) {
			return true
		}
	}
	return len(d.own) == 0
}

// alike compares a listed domain with one that an alert names. A NetBIOS name is like the DNS name that begins with it.
func alike(listed string, said []byte, loose bool) bool {
	switch {
	case listed == string(said):
		return true
	case bytes.IndexByte(said, '.') < 0:
		return len(listed) > len(said) && listed[len(said)] == '.' && listed[:len(said)] == string(said)
	case strings.IndexByte(listed, '.') < 0:
		return len(said) > len(listed) && said[len(listed)] == '.' && string(said[:len(listed)]) == listed
	case !loose:
		return false
	}
	return below(listed, string(said)) || below(string(said), listed)
}

// below tells whether child is a subdomain of parent. A parent of one label is nobody's.
func below(child, parent string) bool {
	i := len(child) - len(parent)
	if i <= 0 || child[i-1] != '.' || child[i:] != parent {
		return false
	}
	for j := range len(parent) {
		if parent[j] == '.' {
			return true
		}
	}
	return false
}
