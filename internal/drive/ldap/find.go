package ldap

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/seed-959697dd/soc/respond"
)

const people = "(|(objectClass=person)(objectClass=account)(objectClass=posixAccount))"

var attributes = []string{
	"objectClass", "sAMAccountName", "userPrincipalName", "mail", "uid", "objectSid", "isCriticalSystemObject",
	control, locked, policy, computed, expires, guid, uuid, writable,
}

// find returns the one account of that name: as it signs in, with its domain before or behind it, its mail address, its DN or its SID.
// None and several are errors.
func (h *session) find(t respond.Target) (*account, error) {
	if t.Type != respond.User {
		return nil, fmt.Errorf("a %s is no account", t.Type)
	}
	none := fmt.Errorf("no account is called %q", t.Value)
	if dn, err := ldap.ParseDN(t.Value); err == nil && strings.Contains(t.Value, "=") {
		base, err := ldap.ParseDN(h.set.BaseDN)
		if err != nil || !base.AncestorOfFold(dn) {
			return nil, fmt.Errorf("no account below %s is called %q", h.set.BaseDN, t.Value)
		}
		return h.one(t.Value, ldap.ScopeBaseObject, "", none)
	}
	if raw := unsid(t.Value); raw != nil {
		return h.one(h.set.BaseDN, ldap.ScopeWholeSubtree, "(objectSid="+bytes(raw)+")", none)
	}
	name, within := t.Value, ""
	if at := strings.LastIndexByte(name, '\\'); at >= 0 {
		domain := name[:at]
		name = name[at+1:]
		var err error
		if within, err = h.domain(domain); err != nil {
			return nil, err
		}
		if h.active && within == "" {
			return nil, fmt.Errorf("no account is called %q here: %q is no domain of this directory, but of one machine or another forest", t.Value, domain)
		}
	}
	filter := ""
	for _, attribute := range []string{"sAMAccountName", "userPrincipalName", "uid", "mail"} {
		filter += "(" + attribute + "=" + ldap.EscapeFilter(name) + ")"
	}
	if short, suffix, ok := strings.Cut(name, "@"); ok && h.active { // a name that every account of a domain has, whatever its userPrincipalName
		root, err := h.domain(suffix)
		if err != nil {
			return nil, err
		}
		if root != "" && strings.HasSuffix(strings.ToLower(h.set.BaseDN), strings.ToLower(root)) {
			filter += "(sAMAccountName=" + ldap.EscapeFilter(short) + ")"
		}
	}
	a, err := h.one(h.set.BaseDN, ldap.ScopeWholeSubtree, "(|"+filter+")", none)
	if err == nil && within != "" && !strings.HasSuffix(strings.ToLower(a.dn), strings.ToLower(","+within)) {
		return nil, none
	}
	return a, err
}

// one returns the only account that a filter fits.
func (h *session) one(base string, scope int, filter string, none error) (*account, error) {
	list, err := h.entries(base, scope, "(&"+people+filter+")", 2, attributes...)
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) && scope == ldap.ScopeBaseObject:
		return nil, none
	case err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return nil, fmt.Errorf("searching for the account: %w", err)
	case err != nil || len(list) > 1:
		return nil, errors.New("more than one account is" + strings.TrimPrefix(none.Error(), "no account is"))
	case len(list) == 0:
		return nil, none
	}
	return read(list[0]), nil
}

// domain is the DN of the domain of Active Directory that has the short or the long name; empty: none.
func (h *session) domain(name string) (string, error) {
	if !h.active || name == "" {
		return "", nil
	}
	v := ldap.EscapeFilter(name)
	list, err := h.entries("CN=Partitions,"+h.config, ldap.ScopeSingleLevel, "(&(nETBIOSName=*)(|(nETBIOSName="+v+")(dnsRoot="+v+")))", 2, "nCName")
	if err != nil {
		return "", fmt.Errorf("asking which domains there are: %w", err)
	}
	if len(list) != 1 {
		return "", nil
	}
	return list[0].GetAttributeValue("nCName"), nil
}

// same returns the account that an order was about, whatever it is called by now.
func (h *session) same(o respond.Order) (*account, error) {
	_, id := parse(o.Image)
	if id == "" {
		return h.find(o.Target)
	}
	none := fmt.Errorf("the account that was called %q is not below %s any more: it was deleted or moved away", o.Target.Value, h.set.BaseDN)
	raw, err := hex.DecodeString(id)
	if err != nil { // an entryUUID has hyphens
		return h.one(h.set.BaseDN, ldap.ScopeWholeSubtree, "("+uuid+"="+ldap.EscapeFilter(id)+")", none)
	}
	return h.one(h.set.BaseDN, ldap.ScopeWholeSubtree, "("+guid+"="+bytes(raw)+")", none)
}

// bytes writes octets as a filter has them; source: RFC 4515 section 3.
func bytes(raw []byte) string {
	text := ""
	for _, b := range raw {
		text += fmt.Sprintf(`\%02x`, b)
	}
	return text
}

// sid writes an identifier as people know it; source: MS-DTYP 2.4.2. Empty: it is none.
func sid(raw []byte) string {
	if len(raw) < 8 || len(raw) != 8+4*int(raw[1]) {
		return ""
	}
	var authority [8]byte
	copy(authority[2:], raw[2:8])
	text := fmt.Sprintf("S-%d-%d", raw[0], binary.BigEndian.Uint64(authority[:]))
	for at := 8; at < len(raw); at += 4 {
		text += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(raw[at:])), 10)
	}
	return text
}

var domainSID = regexp.MustCompile(`(?i)^S-1-5-21(?:-[0-9]{1,10}){4}$`)

// unsid reads the identifier of an account of a domain; nil: it is none.
func unsid(text string) []byte {
	if !domainSID.MatchString(text) {
		return nil
	}
	parts := strings.Split(text, "-")[3:]
	raw := []byte{1, byte(len(parts)), 0, 0, 0, 0, 0, 5}
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil
		}
		raw = binary.LittleEndian.AppendUint32(raw, uint32(n))
	}
	return raw
}
