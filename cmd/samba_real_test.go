package cmd_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/real/samba"
)

// soc doctor asks a real domain controller what the driver's account may do, and says how the right is given where it is missing. It
// prints no password.
func TestRealActiveDirectoryAndTheDoctor(t *testing.T) {
	t.Parallel()
	s := samba.Serve(t, os.Getenv("SOC_REQUIRE_REAL") != "")
	o := &office{t, t.TempDir()}
	o.write("password", samba.Password)
	for bind, want := range map[string]string{
		samba.Service:          "may disable 3 of the",
		"outside@corp.example": `may not write userAccountControl of any`,
		"nobody@corp.example":  "the password is wrong, or the name",
	} {
		o.write("soc.yaml", fmt.Sprintf("drivers: {accounts: {type: ldap, url: \"ldaps://%s\", ca_file: %q, bind_dn: %q, password_file: password, base_dn: %q, actions: [disable-account]}}\n", s.Address, s.CAFile, bind, samba.Base))
		out, errs, _ := o.soc("doctor", "--json")
		if !strings.Contains(out, want) || strings.Contains(out+errs, samba.Password) {
			t.Errorf("%s: %s%s", bind, out, errs)
		}
	}
}
