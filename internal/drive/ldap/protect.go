package ldap

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/seed-959697dd/soc/respond"
)

// mine returns the account of that name, unless it is one that a machine must not disable.
func (h *session) mine(t respond.Target) (*account, error) {
	a, err := h.find(t)
	if err != nil {
		return nil, err
	}
	why, err := h.protected(a)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return nil, respond.RefusalError("protected: " + a.dn + " " + why)
	}
	return a, nil
}

// goesBy tells whether a name can be one of the account's: whole, or without the domain before or behind it.
func (a *account) goesBy(name string) bool {
	if strings.EqualFold(name, a.dn) || a.sid != "" && strings.EqualFold(name, a.sid) {
		return true
	}
	for _, attribute := range []string{"userPrincipalName", "mail"} {
		if has(a.entry, attribute, name) {
			return true
		}
	}
	short := name[strings.LastIndexByte(name, '\\')+1:]
	before, _, _ := strings.Cut(short, "@")
	return has(a.entry, "sAMAccountName", short) || has(a.entry, "sAMAccountName", before) || has(a.entry, "uid", short) || has(a.entry, "uid", before)
}

// builtin are the accounts of every domain, by the last part of their SID; source: MS-DTYP 2.4.2.4.
var builtin = map[string]string{"500": "Administrator", "502": "krbtgt"}

// rulers are the groups whose members Active Directory itself protects, by SID or its last part; source: MS-ADTS 3.1.1.6.1.2.
var rulers = map[string]string{
	"498": "Enterprise Read-only Domain Controllers", "512": "Domain Admins", "516": "Domain Controllers", "518": "Schema Admins", "519": "Enterprise Admins",
	"521": "Read-only Domain Controllers", "526": "Key Admins", "527": "Enterprise Key Admins",
	"S-1-5-32-544": "Administrators", "S-1-5-32-548": "Account Operators", "S-1-5-32-549": "Server Operators",
	"S-1-5-32-550": "Print Operators", "S-1-5-32-551": "Backup Operators", "S-1-5-32-552": "Replicator",
}

// protected says why an account must not be disabled by a machine: a domain without it stands still, or this program does.
func (h *session) protected(a *account) (string, error) {
	if own, err := h.own(a); own || err != nil {
		return "is this program's: it signs in as it", err
	}
	for _, listed := range h.set.Protected {
		if a.goesBy(listed) {
			return "is not to be touched: the configuration lists it", nil
		}
	}
	if !h.active {
		return "", nil
	}
	n, err := a.flags()
	if err != nil {
		return "", err
	}
	name := a.entry.GetAttributeValue("sAMAccountName")
	switch {
	case n&machines != 0 || has(a.entry, "objectClass", "computer") || strings.HasSuffix(name, "$"):
		return "is of a machine, a trust or a managed service, and no person's", nil
	case builtin[last(a.sid)] != "":
		return "is " + builtin[last(a.sid)] + ", without which the domain stands still", nil
	case strings.HasPrefix(strings.ToLower(name), "krbtgt") || has(a.entry, "isCriticalSystemObject", "TRUE"):
		return "is one without which the domain stands still", nil
	}
	return h.rules(a)
}

// rules says of which group of rulers an account is a member, also by way of other groups.
func (h *session) rules(a *account) (string, error) {
	list, err := h.entries(a.dn, ldap.ScopeBaseObject, "(objectClass=*)", 1, tokens)
	if err != nil {
		return "", fmt.Errorf("asking for the groups of %s: %w", a.dn, err)
	}
	if len(list) == 0 || len(list[0].GetRawAttributeValues(tokens)) == 0 { // everybody is in one
		return "", fmt.Errorf("the groups of %s cannot be read, so whether it rules the domain is unknown: let the driver's account read %s", a.dn, tokens)
	}
	for _, raw := range list[0].GetRawAttributeValues(tokens) {
		id := sid(raw)
		group := rulers[id]
		if group == "" && strings.HasPrefix(id, "S-1-5-21-") {
			group = rulers[last(id)]
		}
		if group != "" {
			return "is a member of " + group, nil
		}
	}
	return "", nil
}

func last(sid string) string { return sid[strings.LastIndexByte(sid, '-')+1:] }

// own tells whether the account is the one that is signed in.
func (h *session) own(a *account) (bool, error) {
	if h.self != "" {
		return h.self == a.sid, nil
	}
	if dn, err := ldap.ParseDN(h.set.BindDN); err == nil {
		is, err := ldap.ParseDN(a.dn)
		return err == nil && dn.EqualFold(is), nil
	}
	me, err := h.find(respond.Target{Type: respond.User, Value: h.set.BindDN})
	if err != nil {
		return false, fmt.Errorf("who signs in as %s is unknown: %w", h.set.BindDN, err)
	}
	return me.dn == a.dn, nil
}

// grant is how the one right is given.
const grant = `on a controller: dsacls "OU=Staff,DC=corp,DC=example" /I:S /G "CORP\svc-soc:RPWP;userAccountControl;user"`

// sample is how many people are looked at for what may be done to them.
const sample = 100

// Examine signs in, looks whether the people are there, and whether the account that signs in has the rights it needs. It changes
// nothing. What it returns is for people.
func (d *Directory) Examine(ctx context.Context) (detail string, err error) {
	err = d.with(ctx, func(h *session) error {
		filter := people
		if h.active {
			filter = "(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE)))"
		}
		list, err := h.entries(d.set.BaseDN, ldap.ScopeWholeSubtree, filter, sample, attributes...)
		switch {
		case err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
			return fmt.Errorf("searching below %s: %w", d.set.BaseDN, err)
		case len(list) == 0:
			return fmt.Errorf("no account below %s can be read", d.set.BaseDN)
		case !h.active:
			at, ok, err := h.enforced(&account{})
			if err == nil && !ok {
				err = errors.New(at + " does not enforce locks: pwdLockout is not TRUE")
			}
			detail = "no Active Directory; accounts can be read, locks are enforced; whether they may be written shows when it is done"
			return err
		}
		if _, err := h.rules(read(list[0])); err != nil {
			return err
		}
		may := 0
		for _, e := range list {
			if read(e).may {
				may++
			}
		}
		if may == 0 {
			return fmt.Errorf("%s may not write %s of any of the %d people looked at: %s", d.set.BindDN, control, len(list), grant)
		}
		detail = "Active Directory; may disable " + strconv.Itoa(may) + " of the " + strconv.Itoa(len(list)) + " people looked at"
		return nil
	})
	return detail, err
}
