package ldap

import (
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// enforced tells whether the password policy that holds for the account heeds locks. One that does not leaves the account open,
// though the server took the lock.
func (h *session) enforced(a *account) (at string, ok bool, err error) {
	base, scope, filter := h.set.BaseDN, ldap.ScopeWholeSubtree, "(objectClass=pwdPolicy)"
	if dn := a.policy; dn != "" {
		base, scope = dn, ldap.ScopeBaseObject
	} else if h.set.PolicyDN != "" {
		base, scope = h.set.PolicyDN, ldap.ScopeBaseObject
	}
	res, err := h.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 100, 0, false, filter, []string{"pwdLockout"}, nil))
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
