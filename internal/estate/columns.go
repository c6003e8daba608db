package estate

import (
	"maps"
	"slices"
	"strings"
)

// field is something that an inventory says about an entry.
type field uint8

const (
	fName field = iota
	fFQDN
	fDomain
	fAliases
	fAddress
	fCIDR
	fCloudID
	fCriticality
	fRole
	fEnvironment
	fOwner
	fTags
	fProtected
	fUPN
	fSID
	fDN
	fMail
	fDepartment
	fPrivileged
	fService
	fBreakGlass
	fVIP
	fields
)

// layout says in which columns of a file each field stands.
type layout struct {
	declared [fields][]string // as the configuration spells them
	common   [fields][]string // tidy names that are usual for it, best first
	plan     [fields][]string // tidy names that the file has, as far as it has been read
	known    int              // how many columns the plan knows
}

// hostLayout knows the usual columns of inventories: Active Directory, Defender, Splunk's asset lookups, cloud and CMDB exports.
func hostLayout(c HostColumns) *layout {
	l := &layout{declared: [fields][]string{
		fName: c.Name, fFQDN: c.FQDN, fDomain: c.Domain, fAliases: c.Aliases, fAddress: c.Address, fCIDR: c.CIDR, fCloudID: c.CloudID,
		fCriticality: c.Criticality, fRole: c.Role, fEnvironment: c.Environment, fOwner: c.Owner, fTags: c.Tags, fProtected: c.Protected,
	}}
	l.usual(map[field]string{
		fName:        "hostname computername devicename machinename servername assetname host nthost netbiosname samaccountname computer device machine server vmname name",
		fFQDN:        "fqdn dnshostname dnsname dns fullyqualifieddomainname fullname devicednsname",
		fDomain:      "domain domainname dnsdomain addomain",
		fAliases:     "aliases alias altnames othernames cname",
		fAddress:     "ip ips ipaddress ipaddresses ipaddr ipv4 ipv4address ipv6 ipv6address address addresses primaryip privateip privateipaddress publicip publicipaddress managementip mgmtip lastipaddress",
		fCIDR:        "cidr subnet",
		fCloudID:     "cloudid instanceid resourceid arn vmid azureresourceid",
		fCriticality: "criticality businesscriticality assetcriticality criticalitylevel importance priority",
		fRole:        "role serverrole assetrole function purpose",
		fEnvironment: "environment env stage",
		fOwner:       "owner businessowner ownedby responsible managedby contact",
		fTags:        "tags tag labels category categories",
		fProtected:   "protected donottouch",
	})
	return l
}

// userLayout knows the usual columns of exports of accounts: Active Directory, Entra ID, Splunk's identity lookups.
func userLayout(c UserColumns) *layout {
	l := &layout{declared: [fields][]string{
		fName: c.Name, fDomain: c.Domain, fUPN: c.UPN, fSID: c.SID, fDN: c.DN, fMail: c.Mail, fAliases: c.Aliases, fCriticality: c.Criticality,
		fDepartment: c.Department, fOwner: c.Owner, fTags: c.Tags, fPrivileged: c.Privileged, fService: c.Service, fBreakGlass: c.BreakGlass, fVIP: c.VIP,
	}}
	l.usual(map[field]string{
		fName:        "samaccountname account accountname username user login logonname loginname userid identity uid name",
		fDomain:      "domain domainname ntdomain netbiosdomain",
		fUPN:         "userprincipalname upn",
		fSID:         "sid objectsid onpremisessecurityidentifier",
		fDN:          "distinguishedname dn",
		fMail:        "mail email emailaddress mailaddress",
		fAliases:     "aliases alias nick othernames proxyaddresses",
		fCriticality: "criticality importance priority",
		fDepartment:  "department dept bunit businessunit",
		fOwner:       "owner manager managedby",
		fTags:        "tags tag labels category watchlist",
		fPrivileged:  "privileged isprivileged admin isadmin admincount",
		fService:     "service serviceaccount isserviceaccount isservice",
		fBreakGlass:  "breakglass isbreakglass emergencyaccess",
		fVIP:         "vip isvip",
	})
	return l
}

func (l *layout) usual(words map[field]string) {
	for f, w := range words {
		l.common[f] = strings.Fields(w)
	}
}

// naming are the columns that identify an entry and are no one else's.
func (l *layout) naming() map[string]bool {
	m := map[string]bool{}
	for _, f := range [...]field{fFQDN, fAddress, fCIDR, fCloudID, fUPN, fSID, fDN, fMail} {
		for _, c := range append(slices.Clone(l.common[f]), l.declared[f]...) {
			m[tidyColumn(c)] = true
		}
	}
	return m
}

// settle renews the plan when the file has shown a column that was not known.
func (l *layout) settle(s *sheet) {
	if l.known == len(s.columns) {
		return
	}
	l.known = len(s.columns)
	for f := range l.plan {
		want := l.common[f]
		if len(l.declared[f]) > 0 {
			want = l.declared[f]
		}
		l.plan[f] = nil
		for _, c := range want {
			if _, ok := s.columns[tidyColumn(c)]; ok {
				l.plan[f] = append(l.plan[f], tidyColumn(c))
			}
		}
	}
}

// complete refuses a file that lacks a column which the configuration names.
func (l *layout) complete(s *sheet) error {
	for _, list := range l.declared {
		for _, c := range list {
			if _, ok := s.columns[tidyColumn(c)]; !ok {
				return s.fault(0, "", "no column \""+brief(c)+"\""+suggest(c, slices.Collect(maps.Values(s.columns))))
			}
		}
	}
	return nil
}

// one is the first value of a field, and the column it stands in.
func (l *layout) one(r *row, f field) (value, column string) {
	for _, c := range l.plan[f] {
		for _, v := range r.cells[c] {
			if v = strings.TrimSpace(v); !blank(v) {
				return strings.Clone(v), c
			}
		}
	}
	return "", ""
}

// each calls yield for every value of a field; a cell may hold several, parted by any byte of seps.
func (l *layout) each(r *row, f field, seps string, yield func(value, column string) error) error {
	for _, c := range l.plan[f] {
		for _, v := range r.cells[c] {
			for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return strings.ContainsRune(seps, r) }) {
				if part = strings.TrimSpace(part); !blank(part) {
					if err := yield(strings.Clone(part), c); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func (l *layout) list(r *row, f field) (list []string) {
	_ = l.each(r, f, ",;|\n", func(v, _ string) error { // never fails: the function below does not
		list = union(list, []string{v})
		return nil
	})
	return list
}

// blank tells what people and programs write where they know nothing.
func blank(s string) bool {
	switch strings.ToLower(s) {
	case "", "-", "--", "n/a", "na", "none", "null", "nil", "unknown", "?", "dhcp", "tbd", "not available":
		return true
	}
	return false
}
