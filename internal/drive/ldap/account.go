package ldap

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// The attributes by which an account is disabled, and what else is read of one.
const (
	control  = "userAccountControl"   // Active Directory; source: MS-ADTS 2.2.16
	locked   = "pwdAccountLockedTime" // the overlay
	policy   = "pwdPolicySubentry"
	computed = "msDS-User-Account-Control-Computed"
	expires  = "accountExpires"
	guid     = "objectGUID"
	uuid     = "entryUUID"
	tokens   = "tokenGroups"
	writable = "allowedAttributesEffective"
)

const (
	disabled  = 0x2             // ADS_UF_ACCOUNTDISABLE
	lockedOut = 0x10            // ADS_UF_LOCKOUT, of the computed flags
	machines  = 0x3800          // ADS_UF_INTERDOMAIN_TRUST_ACCOUNT, WORKSTATION_TRUST_ACCOUNT, SERVER_TRUST_ACCOUNT
	forever   = "000001010000Z" // locked until somebody unlocks it
	absent    = "absent"
)

// account is an entry as far as it matters here.
type account struct {
	dn     string
	active bool   // Active Directory
	value  string // of control or locked; empty: the entry has none
	policy string
	id     string // objectGUID in hexadecimal, or entryUUID; empty: it has none
	sid    string
	may    bool // who is signed in may write control
	entry  *ldap.Entry
}

func read(e *ldap.Entry) *account {
	a := &account{dn: e.DN, value: e.GetAttributeValue(control), policy: e.GetAttributeValue(policy), entry: e}
	if a.active = a.value != "" || has(e, "objectClass", "user"); !a.active {
		a.value = e.GetAttributeValue(locked)
	}
	if a.id = fmt.Sprintf("%x", e.GetRawAttributeValue(guid)); a.id == "" {
		a.id = e.GetAttributeValue(uuid)
	}
	if raw := e.GetRawAttributeValue("objectSid"); len(raw) > 0 {
		a.sid = sid(raw)
	}
	a.may = has(e, writable, control)
	return a
}

// has tells whether an attribute has the value, whatever its case.
func has(e *ldap.Entry, attribute, value string) bool {
	for _, v := range e.GetAttributeValues(attribute) {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

func (a *account) flags() (int, error) {
	n, err := strconv.Atoi(a.value)
	if err != nil {
		return 0, fmt.Errorf("%s of %s cannot be read: it is %q", control, a.dn, a.value)
	}
	return n, nil
}

// image is the value to bring back, and whose it is.
func (a *account) image() string {
	v := a.value
	if v == "" {
		v = absent
	}
	if a.id != "" {
		v += " id=" + a.id
	}
	return v
}

// parse reads an image. Those of earlier versions have no id.
func parse(image string) (value, id string) {
	value, id, _ = strings.Cut(image, " id=")
	return value, id
}

// epoch is 1970 in the time of Windows, in units of 100 ns since 1601; source: MS-DTYP 2.3.3.
const epoch = 116444736000000000

// aside says what else keeps the account from signing in, or will. It ends or begins by itself, so it counts for nothing.
func (a *account) aside() string {
	text := ""
	if n, err := strconv.Atoi(a.entry.GetAttributeValue(computed)); err == nil && n&lockedOut != 0 {
		text += ", locked out by the policy"
	}
	n, err := strconv.ParseInt(a.entry.GetAttributeValue(expires), 10, 64)
	if err == nil && n > 0 && n < 1<<62 { // 0 and the largest number mean never
		text += ", expires " + time.Unix((n-epoch)/1e7, 0).UTC().Format(time.DateOnly)
	}
	return text
}
