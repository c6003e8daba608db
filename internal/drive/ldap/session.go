package ldap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// session is a connection that is signed in, and what the directory says of itself.
type session struct {
	*ldap.Conn
	set    Settings
	active bool   // Active Directory
	config string // the DN below which it keeps its domains
	self   string // the SID of who is signed in; empty: it does not say
}

// activeDirectory is the capability by which it is known; source: MS-ADTS 3.1.1.3.4.3.
const activeDirectory = "1.2.840.113556.1.4.800"

// with runs f over a connection of its own.
func (d *Directory) with(ctx context.Context, f func(*session) error) error {
	c, err := ldap.DialURL(d.set.URL, ldap.DialWithDialer(&net.Dialer{Timeout: d.set.Timeout}), ldap.DialWithTLSConfig(d.trust))
	if err != nil {
		return fmt.Errorf("reaching the directory: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer func() { stop(); _ = c.Close() }()
	c.SetTimeout(d.set.Timeout)
	if strings.HasPrefix(d.set.URL, "ldap://") && !d.plain {
		if err := c.StartTLS(d.trust); err != nil {
			return fmt.Errorf("beginning TLS: %w", err)
		}
	}
	if err := c.Bind(d.set.BindDN, d.set.Password.Reveal()); err != nil {
		return fmt.Errorf("signing in to the directory as %s: %w", d.set.BindDN, plain(err))
	}
	h := &session{Conn: c, set: d.set}
	if err := h.root(); err != nil {
		return err
	}
	return f(h)
}

// root asks what the directory is. One that does not tell is no Active Directory.
func (h *session) root() error {
	list, err := h.entries("", ldap.ScopeBaseObject, "(objectClass=*)", 1, "supportedCapabilities", "configurationNamingContext", tokens)
	if err != nil && !ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights) {
		return fmt.Errorf("asking the directory what it is: %w", err)
	}
	for _, e := range list {
		for _, oid := range e.GetAttributeValues("supportedCapabilities") {
			h.active = h.active || oid == activeDirectory
		}
		h.config = e.GetAttributeValue("configurationNamingContext")
		if own := e.GetRawAttributeValues(tokens); len(own) > 0 { // the first is who it is, the others are groups
			h.self = sid(own[0])
		}
	}
	return nil
}

// entries searches, and hands over at most so many; of more it hands over those and the error of the size limit.
func (h *session) entries(base string, scope int, filter string, most int, attributes ...string) ([]*ldap.Entry, error) {
	ask := ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, most, 0, false, filter, attributes, nil)
	ask.EnforceSizeLimit = true // Samba hands over all there is
	res, err := h.Search(ask)
	if errors.Is(err, ldap.ErrSizeLimitExceeded) {
		err = ldap.NewError(ldap.LDAPResultSizeLimitExceeded, err)
	}
	if res == nil {
		return nil, plain(err)
	}
	return res.Entries, plain(err)
}

var subcode = regexp.MustCompile(`AcceptSecurityContext error, data ([0-9a-f]+)`)

// reasons say why Active Directory lets nobody in; source: the Win32 error codes, in hexadecimal.
var reasons = map[string]string{
	"525": "there is no such account", "52e": "the password is wrong, or the name", "530": "not at this hour", "531": "not from this machine",
	"532": "the password has expired", "533": "the account is disabled", "701": "the account has expired", "773": "the password has to be changed first", "775": "the account is locked out",
}

// plain puts an answer of a directory into words that say what to do.
func plain(err error) error {
	var answer *ldap.Error
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.ResultCode {
	case ldap.LDAPResultInvalidCredentials:
		if m := subcode.FindStringSubmatch(answer.Error()); m != nil && reasons[m[1]] != "" {
			return errors.New(reasons[m[1]])
		}
	case ldap.LDAPResultStrongAuthRequired:
		return errors.New("it wants TLS: url: ldaps://..., or ca_file beside ldap://")
	case ldap.LDAPResultReferral:
		return fmt.Errorf("another server has it, and the driver follows no referrals: name a writable one in url: %w", err)
	case ldap.LDAPResultInsufficientAccessRights:
		return fmt.Errorf("the account that signs in has no right to: %w", err)
	}
	return err
}
