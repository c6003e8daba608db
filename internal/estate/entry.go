package estate

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// reader makes entries of the rows of one file.
type reader struct {
	*sheet
	*layout
	nameless      int // rows that name nothing
	firstNameless int // the line of the first
}

func newReader(s *sheet, l *layout) *reader {
	s.naming = l.naming()
	return &reader{sheet: s, layout: l}
}

// read calls yield for every row that names something.
func (r *reader) read(yield func(*row) (bool, error)) error {
	err := r.rows(func(row *row) error {
		r.settle(r.sheet)
		named, err := yield(row)
		if err == nil && !named {
			if r.nameless == 0 {
				r.firstNameless = row.line
			}
			r.nameless++
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := r.complete(r.sheet); err != nil {
		return err
	}
	if r.nameless == r.count {
		return r.fault(0, "", "no column holds names or addresses: say which with columns: {name: ...}"+listed(slices.Collect(maps.Values(r.columns))))
	}
	return nil
}

// at is where a row stands, for receipts.
func (r *reader) at(row *row) string { return r.name + ":" + strconv.Itoa(row.line) }

// wrong blames a value.
func (r *reader) wrong(row *row, column string, err error) error {
	return r.fault(row.line, r.columns[column], err.Error())
}

// host reads a row of an inventory. named is false when it names nothing.
func (r *reader) host(row *row, v HostValues) (a Asset, named bool, err error) {
	a.Name, _ = r.one(row, fName)
	a.FQDN, _ = r.one(row, fFQDN)
	if domain, _ := r.one(row, fDomain); a.FQDN == "" && a.Name != "" && strings.Contains(domain, ".") && !strings.Contains(a.Name, ".") {
		a.FQDN = strings.TrimSuffix(a.Name, "$") + "." + domain
	}
	a.Aliases, a.CloudIDs = r.list(row, fAliases), r.list(row, fCloudID)
	if err := r.places(row, &a); err != nil {
		return a, false, err
	}
	a.Role, _ = r.one(row, fRole)
	a.Role = word(a.Role, v.Role)
	a.Environment, _ = r.one(row, fEnvironment)
	a.Environment = word(a.Environment, v.Environment)
	a.Owner, _ = r.one(row, fOwner)
	a.Tags = tidyAll(r.list(row, fTags))
	a.Place = r.at(row)
	value, column := r.one(row, fCriticality)
	if a.Criticality, err = criticality(value, v.Criticality); err != nil {
		return a, false, r.wrong(row, column, err)
	}
	if a.Protected, err = r.truth(row, fProtected, "protected", v.Protected); err != nil {
		return a, false, err
	}
	return a, a.Name != "" || a.FQDN != "" || len(a.Addresses)+len(a.Networks)+len(a.CloudIDs) > 0, nil
}

// places reads addresses and ranges.
func (r *reader) places(row *row, a *Asset) error {
	err := r.each(row, fAddress, ",;|\n\t ", func(v, column string) error {
		p, ok, err := place(v)
		if err != nil {
			return r.wrong(row, column, err)
		}
		if ok {
			a.put(p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.each(row, fCIDR, ",;|\n\t ", func(v, column string) error {
		p, err := network(v)
		if err != nil {
			return r.wrong(row, column, err)
		}
		a.Networks = union(a.Networks, []netip.Prefix{p})
		return nil
	})
}

// put files an address under addresses and a range under networks.
func (a *Asset) put(p netip.Prefix) {
	if p.IsSingleIP() {
		a.Addresses = union(a.Addresses, []netip.Addr{p.Addr()})
		return
	}
	a.Networks = union(a.Networks, []netip.Prefix{p})
}

// user reads a row of an export of accounts.
func (r *reader) user(row *row, v UserValues) (u Account, named bool, err error) {
	u.Name, _ = r.one(row, fName)
	u.Domain, _ = r.one(row, fDomain)
	u.UPN, _ = r.one(row, fUPN)
	u.SID, _ = r.one(row, fSID)
	u.DN, _ = r.one(row, fDN)
	u.Mail, u.Aliases = r.list(row, fMail), r.list(row, fAliases)
	u.Department, _ = r.one(row, fDepartment)
	u.Owner, _ = r.one(row, fOwner)
	u.Tags = tidyAll(r.list(row, fTags))
	u.Place = r.at(row)
	value, column := r.one(row, fCriticality)
	if u.Criticality, err = criticality(value, v.Criticality); err != nil {
		return u, false, r.wrong(row, column, err)
	}
	for _, b := range [...]struct {
		to     *bool
		f      field
		key    string
		values map[string]bool
	}{
		{&u.Privileged, fPrivileged, "privileged", v.Privileged},
		{&u.Service, fService, "service", v.Service},
		{&u.BreakGlass, fBreakGlass, "break_glass", v.BreakGlass},
		{&u.VIP, fVIP, "vip", v.VIP},
	} {
		if *b.to, err = r.truth(row, b.f, b.key, b.values); err != nil {
			return u, false, err
		}
	}
	return u, u.Name != "" || u.UPN != "" || u.SID != "" || u.DN != "" || len(u.Mail)+len(u.Aliases) > 0, nil
}

func (r *reader) truth(row *row, f field, key string, values map[string]bool) (bool, error) {
	value, column := r.one(row, f)
	yes, err := truth(key, value, values)
	if err != nil {
		return false, r.wrong(row, column, err)
	}
	return yes, nil
}

func word(s string, values map[string]string) string {
	if v, ok := lookFold(values, s); ok {
		s = v
	}
	return tidy(s)
}

func tidyAll(tags []string) []string {
	var list []string
	for _, t := range tags {
		list = union(list, []string{tidy(t)})
	}
	return list
}
