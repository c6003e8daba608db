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
	"strconv"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// Settings say which directory, and as whom.
type Settings struct {
	URL       string // ldaps://host, or ldap://host, which must begin TLS unless it is this machine and CAFile is empty
	CAFile    string // PEM: the authorities to trust, in place of the system's
	BindDN    string // or, of Active Directory, user@domain or DOMAIN\user
	Password  web.Secret
	BaseDN    string   // the users are searched below it
	PolicyDN  string   // the default password policy, where the overlay has one; empty: searched below BaseDN
	Protected []string // names of accounts that it never touches, in any spelling
	Timeout   time.Duration
}

// Directory is a respond.Driver for disable-account.
type Directory struct {
	set   Settings
	trust *tls.Config
	plain bool // no TLS: only to this machine, and only where no authority is named
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
	return &Directory{set: set, trust: trust, plain: u.Scheme == "ldap" && set.CAFile == "" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())}, nil
}

// Does implements respond.Driver. A directory takes nothing back by itself.
func (d *Directory) Does(action string) (ok, ownTTL bool) { return action == "disable-account", false }

// Probe implements respond.Driver. What is protected, and what the driver has no right to change, is a respond.RefusalError.
func (d *Directory) Probe(ctx context.Context, _ string, t respond.Target) (s respond.State, err error) {
	err = d.with(ctx, func(h *session) error {
		a, err := h.mine(t)
		if err != nil {
			return err
		}
		s, err = h.state(a)
		if err == nil && !s.Done && h.active && !a.may {
			return respond.RefusalError(fmt.Sprintf("%s may not write %s of %s: %s", d.set.BindDN, control, a.dn, grant))
		}
		return err
	})
	return s, err
}

// Follow implements respond.Follower: an account is known again by its objectGUID or entryUUID, whatever it is called by now.
func (d *Directory) Follow(ctx context.Context, o respond.Order) (s respond.State, err error) {
	err = d.with(ctx, func(h *session) error {
		a, err := h.same(o)
		if err != nil {
			return err
		}
		s, err = h.state(a)
		return err
	})
	return s, err
}

// state reads what an account is like.
func (h *session) state(a *account) (s respond.State, err error) {
	s.Image = a.image()
	s.Detail = a.dn + " is enabled" + a.aside()
	switch {
	case a.active:
		n, err := a.flags()
		if err != nil {
			return s, err
		}
		s.Done = n&disabled != 0
	case a.value == forever:
		at, enforced, err := h.enforced(a)
		if err != nil {
			return s, err
		}
		if s.Done = enforced; !enforced {
			s.Detail = a.dn + " is locked, and " + at + " does not enforce it: pwdLockout is not TRUE"
		}
	}
	if s.Done {
		s.Detail = a.dn + " is disabled" + a.aside()
	}
	return s, nil
}

// Do implements respond.Driver.
func (d *Directory) Do(ctx context.Context, o respond.Order) error {
	return d.with(ctx, func(h *session) error {
		a, err := h.mine(o.Target)
		if err != nil {
			return err
		}
		if _, id := parse(o.Image); id != "" && id != a.id {
			return fmt.Errorf("%q is another account than it was when the plan was made", o.Target.Value)
		}
		if !a.active {
			return h.write(a.dn, locked, forever)
		}
		n, err := a.flags()
		if err != nil || n&disabled != 0 {
			return err
		}
		return h.write(a.dn, control, strconv.Itoa(n|disabled))
	})
}

// Undo implements respond.Driver. Of Active Directory's flags only the one that was set is taken back.
func (d *Directory) Undo(ctx context.Context, o respond.Order) error {
	return d.with(ctx, func(h *session) error {
		a, err := h.same(o)
		if err != nil {
			return err
		}
		before, _ := parse(o.Image)
		if !a.active {
			switch {
			case a.value == "" && before == absent:
				return nil
			case before == absent:
				return h.write(a.dn, locked, "")
			}
			return h.write(a.dn, locked, before)
		}
		n, err := a.flags()
		if err != nil || n&disabled == 0 {
			return err
		}
		if was, err := strconv.Atoi(before); err == nil && was&disabled != 0 {
			return nil
		}
		return h.write(a.dn, control, strconv.Itoa(n&^disabled))
	})
}

func (h *session) write(dn, attribute, value string) error {
	m := ldap.NewModifyRequest(dn, nil)
	if value == "" {
		m.Delete(attribute, nil)
	} else {
		m.Replace(attribute, []string{value})
	}
	if err := h.Modify(m); err != nil {
		return fmt.Errorf("writing %s of %s: %w", attribute, dn, plain(err))
	}
	return nil
}
