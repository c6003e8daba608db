package ldap_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/ldap"
	"github.com/seed-959697dd/soc/internal/real/slapd"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

func directory(t *testing.T, lockout string) (*ldap.Directory, string) {
	t.Helper()
	address := slapd.Serve(t, lockout, os.Getenv("SOC_REQUIRE_REAL") != "")
	d, err := ldap.New(ldap.Settings{URL: "ldap://" + address, BindDN: slapd.Admin, Password: web.NewSecret(slapd.Password), BaseDN: slapd.Base})
	if err != nil {
		t.Fatal(err)
	}
	return d, address
}

func TestALockedAccountCannotSignInUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	d, address := directory(t, "TRUE")
	for _, name := range []string{"alice", `EXAMPLE\alice`, "alice@example.test"} {
		target := respond.Target{Type: respond.User, Value: name}
		before, err := d.Probe(t.Context(), "disable-account", target)
		if err != nil || before.Done || !slapd.SignsIn(t, address) {
			t.Fatal(before, err)
		}
		order := respond.Order{Action: "disable-account", Target: target, Image: before.Image}
		for range 2 {
			if err := d.Do(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		if s, err := d.Probe(t.Context(), "disable-account", target); err != nil || !s.Done || slapd.SignsIn(t, address) {
			t.Fatal(s, err)
		}
		for range 2 {
			if err := d.Undo(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		if after, err := d.Probe(t.Context(), "disable-account", target); err != nil || after.Digest() != before.Digest() || !slapd.SignsIn(t, address) {
			t.Fatal(after, err)
		}
	}
}

// The server takes the lock, the account stays open: what the driver says and what is true are two things.
func TestALockThatNobodyEnforcesIsNotDone(t *testing.T) {
	t.Parallel()
	d, address := directory(t, "FALSE")
	target := respond.Target{Type: respond.User, Value: "alice"}
	if err := d.Do(t.Context(), respond.Order{Action: "disable-account", Target: target}); err != nil {
		t.Fatal(err)
	}
	s, err := d.Probe(t.Context(), "disable-account", target)
	if err != nil || s.Done || !strings.Contains(s.Detail, "does not enforce it") {
		t.Error(s, err)
	}
	if !slapd.SignsIn(t, address) {
		t.Error("the account is closed after all")
	}
}

// Active Directory's attribute, kept by another server: one flag is set and taken back, the others stay.
func TestActiveDirectorysFlag(t *testing.T) {
	t.Parallel()
	d, _ := directory(t, "TRUE")
	target := respond.Target{Type: respond.User, Value: `CORP\bob`}
	before, err := d.Probe(t.Context(), "disable-account", target)
	if err != nil || before.Done || !strings.HasPrefix(before.Image, "66048 ") {
		t.Fatal(before, err)
	}
	order := respond.Order{Action: "disable-account", Target: target, Image: before.Image}
	if err := d.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Probe(t.Context(), "disable-account", target); err != nil || !s.Done || !strings.HasPrefix(s.Image, "66050 ") {
		t.Error(s, err)
	}
	if err := d.Undo(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Probe(t.Context(), "disable-account", target); err != nil || s.Digest() != before.Digest() {
		t.Error(s, err)
	}
}

func TestOnlyOneAccountIsMeant(t *testing.T) {
	t.Parallel()
	d, _ := directory(t, "TRUE")
	for name, want := range map[string]string{
		"twin": "more than one account", "nobody": "no account", "*": "no account", "alice)(uid=*": "no account", "al*": "no account",
	} {
		err := d.Do(t.Context(), respond.Order{Action: "disable-account", Target: respond.Target{Type: respond.User, Value: name}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestADirectoryElsewhereIsNotAskedInTheClear(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://x", "ldap://", "x"} {
		if _, err := ldap.New(ldap.Settings{URL: url, BindDN: "a", BaseDN: "b"}); err == nil {
			t.Error(url)
		}
	}
}

// memory is a ledger that forgets.
type memory struct{ steps []respond.Step }

func (m *memory) Begin(_ context.Context, s *respond.Step, _ time.Time, _ respond.Room) error {
	m.steps = append(m.steps, *s)
	return nil
}

func (m *memory) Advance(_ context.Context, s *respond.Step) error {
	m.steps[len(m.steps)-1] = *s
	return nil
}

func (m *memory) Settle(ctx context.Context, s *respond.Step, _ respond.Stage) error {
	return m.Advance(ctx, s)
}

func (m *memory) Steps(context.Context, string) ([]respond.Step, error) { return m.steps, nil }
func (m *memory) Step(_ context.Context, key string) (*respond.Step, error) {
	for i := range m.steps {
		if m.steps[i].Key == key {
			return &m.steps[i], nil
		}
	}
	return nil, nil
}
func (m *memory) Since(context.Context, time.Time) (int, error) { return 0, nil }

// From a plan to a receipt: a lock that holds is done and can be undone, one that nobody enforces is unverified.
func TestThePlanTellsTheTruth(t *testing.T) {
	t.Parallel()
	for lockout, want := range map[string]respond.Outcome{"TRUE": respond.Done, "FALSE": respond.Unverified} {
		d, address := directory(t, lockout)
		now := time.Now()
		p := respond.Propose(respond.Situation{Case: "c-1", Wants: []respond.Want{{Action: "disable-account", Target: respond.Target{Type: respond.User, Value: "alice"}, Why: "a test"}}},
			respond.Settings{Author: "ann", Now: now, Hands: func(action string, target respond.Target) (respond.Hand, bool) {
				s, err := d.Probe(t.Context(), action, target)
				return respond.Hand{Driver: "d", State: s, Err: err}, true
			}})
		crew := respond.Crew{Drivers: map[string]respond.Driver{"d": d}, Ledger: &memory{}, Now: func() time.Time { return now }}
		list, err := crew.Apply(t.Context(), &p)
		if err != nil || len(list) != 1 || list[0].Outcome != want {
			t.Fatalf("pwdLockout %s: %v %+v", lockout, err, list)
		}
		if slapd.SignsIn(t, address) == (want == respond.Done) {
			t.Errorf("pwdLockout %s: %s, and signing in says otherwise", lockout, want)
		}
		back, err := crew.Undo(t.Context(), func(*respond.Step) bool { return true })
		if err != nil || len(back) != 1 || back[0].Outcome != respond.Undone || !slapd.SignsIn(t, address) {
			t.Errorf("pwdLockout %s: %v %+v", lockout, err, back)
		}
	}
}
