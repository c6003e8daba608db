package sign_test

import (
	"errors"
	"testing"

	"github.com/seed-959697dd/soc/internal/sign"
)

func TestOnlyApproversCount(t *testing.T) {
	t.Parallel()
	alice, bob, eve := key(t, "a"), key(t, "b"), key(t, "e")
	list := sign.Approvers{
		{Name: "alice", Key: alice.Public().String()},
		{Name: "bob", Key: bob.Public().String() + " bob's laptop"},
	}
	if err := list.Check(); err != nil {
		t.Fatal(err)
	}
	payload := []byte("plan sha256:00")
	rows := map[string]struct {
		who  string
		by   sign.Key
		want error
	}{
		"by name":                    {"alice", alice, nil},
		"by key":                     {bob.Public().String(), bob, nil},
		"one in the name of another": {"alice", bob, sign.ErrBadSignature},
		"a stranger by key":          {eve.Public().String(), eve, sign.ErrUntrusted},
		"a stranger by name":         {"eve", eve, sign.ErrUntrusted},
		"a name in other letters":    {"Alice", alice, sign.ErrUntrusted},
		"nobody":                     {"", alice, sign.ErrUntrusted},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := list.Verify(row.who, policyRule, payload, sign.Sign(row.by, policyRule, payload))
			if !errors.Is(err, row.want) {
				t.Errorf("Verify = %v, want %v", err, row.want)
			}
		})
	}
}

func TestTheZeroApproversTrustNobody(t *testing.T) {
	t.Parallel()
	if _, err := sign.Approvers(nil).Find("alice"); !errors.Is(err, sign.ErrUntrusted) {
		t.Errorf("Find = %v", err)
	}
}

func TestCheckFindsListsThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	a, b := key(t, "a").Public().String(), key(t, "b").Public().String()
	for name, list := range map[string]sign.Approvers{
		"no name":           {{Name: " ", Key: a}},
		"no key":            {{Name: "alice"}},
		"one name twice":    {{Name: "alice", Key: a}, {Name: "alice", Key: b}},
		"one key twice":     {{Name: "alice", Key: a}, {Name: "bob", Key: a + " other"}},
		"a key for a name":  {{Name: b, Key: a}},
		"an unreadable key": {{Name: "alice", Key: "soc-ed25519:x"}},
	} {
		if err := list.Check(); err == nil {
			t.Errorf("%s: Check found nothing", name)
		}
	}
	twice := sign.Approvers{{Name: "alice", Key: a}, {Name: "alice", Key: b}}
	if got, err := twice.Find("alice"); !errors.Is(err, sign.ErrUntrusted) {
		t.Errorf("a name of two keys found %v, %v", got, err)
	}
}
