// Package ldap disables and enables accounts in a directory: Active Directory by userAccountControl, others by the lock of the password
// policy overlay (pwdAccountLockedTime, draft-behera-ldap-password-policy). It needs an account that may read the users and write that
// one attribute of theirs, and nothing else.
//
// It changes no password, no group and no other attribute, and asks only the directory that it is given. Start with New.
package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// Settings say which directory, and as whom.
type Settings struct {
	URL      string // ldaps://host, or ldap://host, which must begin TLS unless it is this machine
	CAFile   string // PEM: the authorities to trust, in place of the system's
	BindDN   string
	Password web.Secret
	BaseDN   string // the users are searched below it
	PolicyDN string // the default password policy, where the overlay has one; empty: searched below BaseDN
	Timeout  time.Duration
}

// Directory is a respond.Driver for disable-account.
type Directory struct {
	set   Settings
	trust *tls.Config
	plain bool // no TLS: only to this machine
}

// New returns a driver, or what is wrong with the settings.
func New(set Settings) (*Directory, error) {
	u, err := url.Parse(set.URL)
	if err != nil || u.Host == "" || u.Scheme != "ldap" && u.Scheme != "ldaps" {
		return nil, fmt.Errorf("%q is no address of a directory: ldaps://host", set.URL)
	}
	if set.BaseDN == "" || set.BindDN == "" {
		return nil, errors.New("a directory needs base_dn and bind_dn")
	}
	if set.Timeout <= 0 {
		set.Timeout = 30 * time.Second
	}
	trust, err := web.Trust(set.CAFile)
	if err != nil {
		return nil, err
	}
	trust.ServerName = u.Hostname()
	ip := net.ParseIP(u.Hostname())
	return &Directory{set: set, trust: trust, plain: u.Scheme == "ldap" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())}, nil
}

// Does implements respond.Driver. A directory takes nothing back by itself.
func (d *Directory) Does(action string) (ok, ownTTL bool) { return action == "disable-account", false }

// The attributes by which an account is disabled.
const (
	control = "userAccountControl"   // Active Directory; source: MS-ADTS 2.2.16
	locked  = "pwdAccountLockedTime" // the overlay
	policy  = "pwdPolicySubentry"
)

const (
	disabled = 0x2             // ADS_UF_ACCOUNTDISABLE
	forever  = "000001010000Z" // locked until somebody unlocks it
	absent   = "absent"
)

// account is an entry as far as it matters here.
type account struct {
	dn     string
	active bool   // Active Directory
	value  string // of control or locked; empty: the entry has none
	policy string
}

// Probe implements respond.Driver.
func (d *Directory) Probe(ctx context.Context, _ string, t respond.Target) (s respond.State, err error) {
	err = d.with(ctx, t, func(c *ldap.Conn, a *account) error {
		s.Image = a.value
		if a.value == "" {
			s.Image = absent
		}
		s.Detail = a.dn + " is enabled"
		switch {
		case a.active:
			n, err := strconv.Atoi(a.value)
			if err != nil {
				return fmt.Errorf("%s: %s is %q", a.dn, control, a.value)
			}
			s.Done = n&disabled != 0
		case a.value == forever:
			at, enforced, err := d.enforced(c, a)
			if err != nil {
				return err
			}
			if s.Done = enforced; !enforced {
				s.Detail = a.dn + " is locked, and " + at + " does not enforce it: pwdLockout is not TRUE"
			}
		}
		if s.Done {
			s.Detail = a.dn + " is disabled"
		}
		return nil
	})
	return s, err
}

// enforced tells whether the password policy that holds for the account heeds locks. One that does not leaves the account open,
// though the server took the lock.
func (d *Directory) enforced(c *ldap.Conn, a *account) (at string, ok bool, err error) {
	base, scope, filter := d.set.BaseDN, ldap.ScopeWholeSubtree, "(objectClass=pwdPolicy)"
	if dn := a.policy; dn != "" {
		base, scope = dn, ldap.ScopeBaseObject
	} else if d.set.PolicyDN != "" {
		base, scope = d.set.PolicyDN, ldap.ScopeBaseObject
	}
	res, err := c.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 100, 0, false, filter, []string{"pwdLockout"}, nil))
	if err != nil {
		return "", false, fmt.Errorf("reading the password policy: %w", err)
	}
	if len(res.Entries) == 0 {
		return "no password policy that can be read", false, nil
	}
	for _, e := range res.Entries { // of several, nobody knows which is the default: all have to
		if !strings.EqualFold(e.GetAttributeValue("pwdLockout"), "TRUE") {
			return "the password policy " + e.DN, false, nil
		}
	}
	return "", true, nil
}

// Do implements respond.Driver.
func (d *Directory) Do(ctx context.Context, o respond.Order) error {
	return d.with(ctx, o.Target, func(c *ldap.Conn, a *account) error {
		if !a.active {
			return d.write(c, a.dn, locked, forever)
		}
		n, err := strconv.Atoi(a.value)
		if err != nil {
			return fmt.Errorf("%s: %s is %q", a.dn, control, a.value)
		}
		return d.write(c, a.dn, control, strconv.Itoa(n|disabled))
	})
}

// Undo implements respond.Driver. Of Active Directory's flags only the one that was set is taken back.
func (d *Directory) Undo(ctx context.Context, o respond.Order) error {
	return d.with(ctx, o.Target, func(c *ldap.Conn, a *account) error {
		if a.active {
			n, err := strconv.Atoi(a.value)
			if err != nil {
				return fmt.Errorf("%s: %s is %q", a.dn, control, a.value)
			}
			if was, err := strconv.Atoi(o.Image); err == nil && was&disabled != 0 {
				return nil
			}
			return d.write(c, a.dn, control, strconv.Itoa(n&^disabled))
		}
		switch {
		case a.value == "" && o.Image == absent:
			return nil
		case o.Image == absent:
			return d.write(c, a.dn, locked, "")
		}
		return d.write(c, a.dn, locked, o.Image)
	})
}

func (d *Directory) write(c *ldap.Conn, dn, attribute, value string) error {
	m := ldap.NewModifyRequest(dn, nil)
	if value == "" {
		m.Delete(attribute, nil)
	} else {
		m.Replace(attribute, []string{value})
	}
	if err := c.Modify(m); err != nil {
		return fmt.Errorf("writing %s of %s: %w", attribute, dn, err)
	}
	return nil
}

// with finds the account and runs f over a connection of its own.
func (d *Directory) with(ctx context.Context, t respond.Target, f func(*ldap.Conn, *account) error) error {
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
		return fmt.Errorf("signing in to the directory as %s: %w", d.set.BindDN, err)
	}
	a, err := d.find(c, t)
	if err != nil {
		return err
	}
	return f(c, a)
}

// find returns the one account of that name. None and several are errors.
func (d *Directory) find(c *ldap.Conn, t respond.Target) (*account, error) {
	if t.Type != respond.User {
		return nil, fmt.Errorf("a %s is no account", t.Type)
	}
	name := t.Value[strings.LastIndexByte(t.Value, '\\')+1:]
	var filter strings.Builder
	for _, attribute := range []string{"sAMAccountName", "userPrincipalName", "uid", "mail"} {
		fmt.Fprintf(&filter, "(%s=%s)", attribute, ldap.EscapeFilter(name))
	}
	res, err := c.Search(ldap.NewSearchRequest(d.set.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, 0, false,
		"(&(|(objectClass=person)(objectClass=account)(objectClass=posixAccount))(|"+filter.String()+"))", []string{"objectClass", control, locked, policy}, nil))
	if err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		return nil, fmt.Errorf("searching for the account: %w", err)
	}
	switch {
	case err != nil || len(res.Entries) > 1:
		return nil, fmt.Errorf("more than one account is called %q", t.Value)
	case len(res.Entries) == 0:
		return nil, fmt.Errorf("no account is called %q", t.Value)
	}
	e := res.Entries[0]
	a := &account{dn: e.DN, value: e.GetAttributeValue(control), policy: e.GetAttributeValue(policy)}
	if a.active = a.value != "" || slices.ContainsFunc(e.GetAttributeValues("objectClass"), func(s string) bool { return strings.EqualFold(s, "user") }); !a.active {
		a.value = e.GetAttributeValue(locked)
	}
	return a, nil
}
