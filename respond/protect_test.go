package respond_test

import (
	"testing"

	"github.com/seed-959697dd/soc/respond"
)

// A name on the list of what is protected holds for every spelling of the account; of another domain only where the list names one.
func TestAProtectedAccountIsSoInEverySpelling(t *testing.T) {
	t.Parallel()
	g := respond.Guard{Targets: []string{"ceo", `CORP\cfo`, "cto@corp.example"}}
	for name, protected := range map[string]bool{
		"ceo": true, `CORP\CEO`: true, "ceo@corp.example": true, "ceo2": false, `CORP\cfo`: true, "cfo": true, "cfo@corp.example": true,
		`OTHER\cfo`: false, "CTO": true, `CORP\cto`: true, "cto@other.example": false, "": false,
	} {
		if got := g.Refuses(respond.Target{Type: respond.User, Value: name}, nil) != ""; got != protected {
			t.Errorf("%q: %t", name, got)
		}
	}
}
