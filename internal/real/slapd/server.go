// Package slapd runs a real OpenLDAP server for a test, on a port and in a directory of its own, with accounts to disable: uid=alice with the
// password wonderland and the mail address alice@example.test, two that are both called twin, and Bob, who has the attribute by which
// Active Directory disables. Nothing of it is left when the test ends.
//
// Without a server the test is skipped, or fails where the caller says that it is required. It is for tests only. Start with Serve;
// SignsIn asks whether the server lets alice in.
package slapd

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Who may write, and below which everything lies.
const (
	Admin    = "cn=admin,dc=example,dc=test"
	Password = "secret"
	Base     = "dc=example,dc=test"
)

const slapdConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/msuser.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile %[1]s/pid
database mdb
suffix dc=example,dc=test
rootdn cn=admin,dc=example,dc=test
rootpw secret
directory %[1]s/db
overlay ppolicy
ppolicy_default cn=default,dc=example,dc=test
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`

const people = `dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
dc: example
o: example

dn: cn=default,dc=example,dc=test
objectClass: pwdPolicy
objectClass: device
cn: default
pwdAttribute: userPassword
pwdLockout: %s

dn: uid=alice,dc=example,dc=test
objectClass: inetOrgPerson
uid: alice
cn: alice
sn: alice
mail: alice@example.test
userPassword: wonderland

dn: uid=twin,dc=example,dc=test
objectClass: inetOrgPerson
uid: twin
cn: twin
sn: twin

dn: cn=twin2,dc=example,dc=test
objectClass: inetOrgPerson
cn: twin2
sn: twin
mail: twin

dn: cn=Bob,dc=example,dc=test
objectClass: user
objectClass: extensibleObject
cn: Bob
sn: Bob
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=person,dc=example,dc=test
sAMAccountName: bob
uid: bob
userAccountControl: 66048
`

// Serve runs a server whose password policy says TRUE or FALSE to whether locks are enforced, and returns its address.
func Serve(t *testing.T, lockout string, required bool) (address string) {
	t.Helper()
	for _, program := range []string{"/usr/sbin/slapd", "/usr/sbin/slapadd"} {
		if _, err := os.Stat(program); err != nil {
			if required {
				t.Fatal("slapd: no " + program)
			}
			t.Skip("slapd: no " + program)
		}
	}
	dir := t.TempDir()
	conf, ldif := filepath.Join(dir, "slapd.conf"), filepath.Join(dir, "people.ldif")
	for name, text := range map[string]string{conf: fmt.Sprintf(slapdConf, dir), ldif: fmt.Sprintf(people, lockout)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("/usr/sbin/slapadd", "-f", conf, "-l", ldif).CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %s", out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command("/usr/sbin/slapd", "-f", conf, "-h", "ldap://"+address, "-d", "0")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for range 1200 { // a minute
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return address
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("slapd does not answer")
	return address
}

// SignsIn tells whether the server lets alice in.
func SignsIn(t *testing.T, address string) bool {
	t.Helper()
	c, err := ldap.DialURL("ldap://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.Bind("uid=alice,"+Base, "wonderland") == nil
}
