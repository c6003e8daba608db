package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/seed-959697dd/soc/internal/drive/ldap"
	"github.com/seed-959697dd/soc/internal/real/samba"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

const disable = "disable-account"

func user(name string) respond.Target { return respond.Target{Type: respond.User, Value: name} }

func controller(t *testing.T) *samba.Server {
	t.Helper()
	return samba.Serve(t, os.Getenv("SOC_REQUIRE_REAL") != "")
}

// domain is a driver that signs in as the service account, which has the one right below Staff.
func domain(t *testing.T, s *samba.Server, change func(*ldap.Settings)) *ldap.Directory {
	t.Helper()
	set := ldap.Settings{URL: "ldaps://" + s.Address, CAFile: s.CAFile, BindDN: samba.Service, Password: web.NewSecret(samba.Password), BaseDN: samba.Base}
	if change != nil {
		change(&set)
	}
	d, err := ldap.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func set(t *testing.T, c *goldap.Conn, dn, attribute, value string) {
	t.Helper()
	m := goldap.NewModifyRequest(dn, nil)
	m.Replace(attribute, []string{value})
	if err := c.Modify(m); err != nil {
		t.Fatal(err)
	}
}

const aliceDN = "CN=alice," + samba.Staff

// One domain for the stories that leave it as they found it: they run one after the other.
func TestActiveDirectory(t *testing.T) {
	t.Parallel()
	s := controller(t)
	d := domain(t, s, nil)
	admin := s.Connect(t)
	flags := func(dn string) string {
		res, err := admin.Search(goldap.NewSearchRequest(dn, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{"userAccountControl"}, nil))
		if err != nil {
			t.Fatal(err)
		}
		return res.Entries[0].GetAttributeValue("userAccountControl")
	}

	t.Run("every spelling of one account", func(t *testing.T) {
		sid := ""
		for line := range strings.Lines(s.Tool(t, "user", "show", "alice", "--attributes=objectSid")) {
			if after, ok := strings.CutPrefix(line, "objectSid: "); ok {
				sid = strings.TrimSpace(after)
			}
		}
		set(t, admin, aliceDN, "userAccountControl", "66048") // a password that does not expire: a flag to keep
		for _, name := range []string{"alice", "ALICE", `CORP\alice`, `corp.example\alice`, "alice@corp.example", "alice@CORP", "alice@mail.example", aliceDN, strings.ToLower(aliceDN), sid} {
			before, err := d.Probe(t.Context(), disable, user(name))
			if err != nil || before.Done || !s.SignsIn(t, "alice") {
				t.Fatal(name, before, err)
			}
			o := respond.Order{Action: disable, Target: user(name), Image: before.Image}
			for range 2 {
				if err := d.Do(t.Context(), o); err != nil {
					t.Fatal(name, err)
				}
			}
			if now, err := d.Probe(t.Context(), disable, user(name)); err != nil || !now.Done || s.SignsIn(t, "alice") || flags(aliceDN) != "66050" {
				t.Fatal(name, now, err, flags(aliceDN))
			}
			for range 2 {
				if err := d.Undo(t.Context(), o); err != nil {
					t.Fatal(name, err)
				}
			}
			if after, err := d.Probe(t.Context(), disable, user(name)); err != nil || after.Digest() != before.Digest() || !s.SignsIn(t, "alice") || flags(aliceDN) != "66048" {
				t.Fatal(name, after, err)
			}
		}
		set(t, admin, aliceDN, "userAccountControl", "512")
	})

	t.Run("a name that is nobody's here", func(t *testing.T) {
		for _, name := range []string{`WS-12\alice`, `OTHER\alice`, `NT AUTHORITY\SYSTEM`, "alice@other.example", "alice@", `\alice`, "*", "al*", "alice)(objectClass=*", `alice\00`, "CN=nobody," + samba.Base, "CN=alice,DC=other,DC=example", "S-1-5-21-1-2-3-500"} {
			if err := d.Do(t.Context(), respond.Order{Action: disable, Target: user(name)}); err == nil || !strings.Contains(err.Error(), "no account") {
				t.Errorf("%q: %v", name, err)
			}
		}
		if !s.SignsIn(t, "alice") {
			t.Error("alice was disabled under somebody else's name")
		}
	})

	t.Run("what is protected", func(t *testing.T) {
		ruler := domain(t, s, func(x *ldap.Settings) { x.BindDN = samba.Admin }) // who has every right
		for name, why := range map[string]string{
			"Administrator": "protected", "krbtgt": "protected", "boss": "Domain Admins", "DC1$": "machine", "ws-12$": "machine", `CORP\DC1$`: "machine",
		} {
			for _, d := range []*ldap.Directory{d, ruler} {
				_, err := d.Probe(t.Context(), disable, user(name))
				var refusal respond.RefusalError
				if !errors.As(err, &refusal) || !strings.Contains(err.Error(), why) {
					t.Errorf("%s: %v", name, err)
				}
				if err := d.Do(t.Context(), respond.Order{Action: disable, Target: user(name)}); !errors.As(err, &refusal) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		listed := domain(t, s, func(x *ldap.Settings) {
			x.Protected = []string{"outside", `CORP\Bob`, "alice@mail.example", "198.51.100.1"}
		})
		for _, name := range []string{"CN=bob," + samba.Staff, "bob@mail.example", "bob", aliceDN, "alice", "CN=outside,CN=Users," + samba.Base} {
			if _, err := listed.Probe(t.Context(), disable, user(name)); err == nil || !strings.Contains(err.Error(), "the configuration lists it") {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, bind := range []string{samba.Service, `CORP\svc-soc`, "CN=svc-soc,CN=Users," + samba.Base} {
			d := domain(t, s, func(x *ldap.Settings) { x.BindDN = bind })
			if _, err := d.Probe(t.Context(), disable, user("svc-soc")); err == nil || !strings.Contains(err.Error(), "signs in as it") {
				t.Errorf("%s: %v", bind, err)
			}
		}
		if !s.SignsIn(t, "boss") || flags("CN=krbtgt,CN=Users,"+samba.Base) != "514" {
			t.Error("something protected was changed")
		}
	})

	t.Run("a right that is missing is known before anybody agrees", func(t *testing.T) {
		if _, err := d.Probe(t.Context(), disable, user("outside")); err == nil || !strings.Contains(err.Error(), "may not write userAccountControl") {
			t.Error(err)
		}
		if detail, err := d.Examine(t.Context()); err != nil || !strings.Contains(detail, "may disable 3 of the") {
			t.Error(detail, err)
		}
		weak := domain(t, s, func(x *ldap.Settings) { x.BindDN = "outside@corp.example" })
		if detail, err := weak.Examine(t.Context()); err == nil || !strings.Contains(err.Error(), "dsacls") {
			t.Error(detail, err)
		}
		wrong := domain(t, s, func(x *ldap.Settings) { x.Password = web.NewSecret("no") })
		if _, err := wrong.Examine(t.Context()); err == nil || !strings.Contains(err.Error(), "the password is wrong") || strings.Contains(err.Error(), "DSID") {
			t.Error(err)
		}
		elsewhere := domain(t, s, func(x *ldap.Settings) { x.BaseDN = "DC=other,DC=example" })
		if _, err := elsewhere.Examine(t.Context()); err == nil {
			t.Error("a base that is not there is fine")
		}
	})

	t.Run("disabled before, locked out, expired", func(t *testing.T) {
		set(t, admin, aliceDN, "userAccountControl", "514")
		before, err := d.Probe(t.Context(), disable, user("alice"))
		if err != nil || !before.Done {
			t.Fatal(before, err)
		}
		if err := d.Undo(t.Context(), respond.Order{Action: disable, Target: user("alice"), Image: before.Image}); err != nil || flags(aliceDN) != "514" {
			t.Error("what was disabled before is enabled", err)
		}
		set(t, admin, aliceDN, "userAccountControl", "512")
		set(t, admin, aliceDN, "accountExpires", "116444736000000000") // 1970
		if now, err := d.Probe(t.Context(), disable, user("alice")); err != nil || now.Done || !strings.Contains(now.Detail, "expires 1970-01-01") {
			t.Error(now, err)
		}
		set(t, admin, aliceDN, "accountExpires", "0")
		set(t, admin, samba.Base, "lockoutThreshold", "2")
		for range 4 {
			c := s.Connect(t)
			_ = c.Bind(`CORP\alice`, "wrong")
		}
		if now, err := d.Probe(t.Context(), disable, user("alice")); err != nil || now.Done || !strings.Contains(now.Detail, "locked out by the policy") {
			t.Error(now, err)
		}
		set(t, admin, aliceDN, "lockoutTime", "0")
		set(t, admin, samba.Base, "lockoutThreshold", "0")
	})

	t.Run("renamed, moved, replaced, deleted in between", func(t *testing.T) {
		s.Tool(t, "user", "create", "carol", samba.Password, "--userou=OU=Staff")
		before, err := d.Probe(t.Context(), disable, user("carol"))
		if err != nil {
			t.Fatal(err)
		}
		o := respond.Order{Action: disable, Target: user("carol"), Image: before.Image}
		if err := d.Do(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if err := admin.ModifyDN(goldap.NewModifyDNRequest("CN=carol,"+samba.Staff, "CN=Carol Smith", true, "")); err != nil {
			t.Fatal(err)
		}
		for attribute, value := range map[string]string{"sAMAccountName": "csmith", "userPrincipalName": "csmith@corp.example"} {
			set(t, admin, "CN=Carol Smith,"+samba.Staff, attribute, value)
		}
		s.Tool(t, "user", "create", "carol", samba.Password, "--userou=OU=Staff") // somebody else of that name
		set(t, admin, "CN=carol,"+samba.Staff, "userAccountControl", "514")
		if now, err := d.Probe(t.Context(), disable, user("carol")); err != nil || now.Digest() == before.Digest() {
			t.Error("another account of that name counts as the same", now, err)
		}
		if now, err := d.Follow(t.Context(), o); err != nil || !now.Done || !strings.Contains(now.Detail, "Carol Smith") {
			t.Error(now, err)
		}
		if err := d.Undo(t.Context(), o); err != nil || !s.SignsIn(t, "csmith") || flags("CN=carol,"+samba.Staff) != "514" {
			t.Error("the account was not taken back, or the other one was", err)
		}
		if now, err := d.Follow(t.Context(), o); err != nil || now.Done {
			t.Error(now, err)
		}
		if err := admin.Del(goldap.NewDelRequest("CN=Carol Smith,"+samba.Staff, nil)); err != nil {
			t.Fatal(err)
		}
		if err := d.Undo(t.Context(), o); err == nil || !strings.Contains(err.Error(), "deleted") {
			t.Error(err)
		}
	})

	t.Run("more than a directory tells at once", func(t *testing.T) {
		for i := range 120 {
			m := goldap.NewAddRequest(fmt.Sprintf("CN=crowd%d,%s", i, samba.Staff), nil)
			m.Attribute("objectClass", []string{"user"})
			m.Attribute("sAMAccountName", []string{fmt.Sprintf("crowd%d", i)})
			m.Attribute("mail", []string{"crowd@mail.example"})
			if err := admin.Add(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Do(t.Context(), respond.Order{Action: disable, Target: user("crowd@mail.example")}); err == nil || !strings.Contains(err.Error(), "more than one account") {
			t.Error(err)
		}
		if now, err := d.Probe(t.Context(), disable, user("crowd119")); err != nil || !now.Done { // without a password it begins disabled
			t.Error(now, err)
		}
		if detail, err := d.Examine(t.Context()); err != nil || !strings.Contains(detail, "of the 100 people") {
			t.Error(detail, err)
		}
	})

	t.Run("TLS", func(t *testing.T) {
		// This machine may be asked in the clear, but Active Directory refuses; with an authority named the driver begins TLS.
		begun := domain(t, s, func(x *ldap.Settings) { x.URL = "ldap://" + s.Address })
		if _, err := begun.Probe(t.Context(), disable, user("alice")); err != nil {
			t.Error(err)
		}
		for _, scheme := range []string{"ldap://", "ldaps://"} {
			stranger := domain(t, s, func(x *ldap.Settings) { x.URL, x.CAFile = scheme+s.Address, "" })
			if _, err := stranger.Probe(t.Context(), disable, user("alice")); err == nil {
				t.Error(scheme + ": a server whom nobody vouches for")
			}
		}
	})

	t.Run("gone in between", func(t *testing.T) { gone(t, s) })
}

// gone is the last story: the controller goes away at the worst moment. Nothing is claimed, and it is taken back once it is there again.
func gone(t *testing.T, s *samba.Server) {
	t.Helper()
	d := domain(t, s, nil)
	now := time.Now()
	p := respond.Propose(respond.Situation{Case: "c-1", Wants: []respond.Want{{Action: disable, Target: user("alice"), Why: "a test"}}},
		respond.Settings{Author: "ann", Now: now, Hands: func(action string, target respond.Target) (respond.Hand, bool) {
			state, err := d.Probe(t.Context(), action, target)
			return respond.Hand{Driver: "d", State: state, Err: err}, true
		}})
	crew := respond.Crew{Drivers: map[string]respond.Driver{"d": leaving{d, s}}, Ledger: &memory{}, Now: func() time.Time { return now }}
	list, err := crew.Apply(t.Context(), &p)
	if err != nil || len(list) != 1 || list[0].Outcome != respond.Unverified {
		t.Fatal(err, list)
	}
	everything := func(*respond.Step) bool { return true }
	if list, err := crew.Undo(t.Context(), everything); err != nil || len(list) != 1 || list[0].Outcome == respond.Undone {
		t.Fatal(err, list)
	}
	s.Start(t)
	if s.SignsIn(t, "alice") {
		t.Fatal("it was not done")
	}
	if list, err := crew.Undo(t.Context(), everything); err != nil || len(list) != 1 || list[0].Outcome != respond.Undone || !s.SignsIn(t, "alice") {
		t.Fatal(err, list)
	}
	s.Freeze(t)
	hasty := domain(t, s, func(x *ldap.Settings) { x.Timeout = time.Second })
	if _, err := hasty.Probe(t.Context(), disable, user("alice")); err == nil {
		t.Error("a controller that answers nothing has a state")
	}
}

// leaving is a directory whose controller ends right after it was told.
type leaving struct {
	*ldap.Directory
	server *samba.Server
}

func (l leaving) Do(ctx context.Context, o respond.Order) error {
	err := l.Directory.Do(ctx, o)
	l.server.Stop()
	return err
}
