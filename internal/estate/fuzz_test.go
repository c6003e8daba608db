package estate_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/estate"
	"github.com/seed-959697dd/soc/triage"
)

// FuzzSpelling holds look-ups to their law: whatever a listed name is, its other spellings find it, and nothing panics.
func FuzzSpelling(f *testing.F) {
	for _, s := range []string{"dc-01", "ws-01.corp.example.com", `CORP\WS-1$`, "MÜNCHEN-1", "ΣΊΣΥΦΟΣ", "ß", "10.0.0.1", "a b", "i-0a1b", "CN=a,DC=b", "S-1-5-18", ".", "K"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		e, err := estate.Load(estate.Settings{Hosts: []estate.Host{{Name: name}}})
		u, err2 := estate.Load(estate.Settings{Users: []estate.User{{Name: name}}}) // beside a machine CORP, CORP\CORP would be its own
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		e.Host(name)
		u.User(name)
		if !plain(name) {
			return
		}
		upper, lower := strings.ToUpper(name), strings.ToLower(name)
		for _, s := range []string{name, upper, lower, name + ".", name + "$", upper + "$", `CORP\` + name + "$", name + ".corp.example.com", "CN=" + name + ",OU=x,DC=corp,DC=example,DC=com"} {
			if _, answer := e.Host(s); answer != estate.Listed {
				t.Errorf("machine %q is not found as %q", name, s)
			}
		}
		for _, s := range []string{name, upper, lower, `CORP\` + name, `corp.example.com\` + upper, name + "@corp.example.com", lower + "@CORP.EXAMPLE.COM", "CN=" + name + ",DC=corp,DC=example,DC=com"} {
			if _, answer := u.User(s); answer != estate.Listed {
				t.Errorf("account %q is not found as %q", name, s)
			}
		}
	})
}

// plain tells a name that is one label: what it holds is no part of any way to spell one.
func plain(s string) bool {
	return s != "" && len(s) < 64 && utf8.ValidString(s) && !strings.ContainsAny(s, "*.\\@$,=:/()\"'%") && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) && !strings.HasPrefix(strings.ToLower(s), "s-1-")
}

// FuzzInventory holds reading to what it owes whatever a file holds: no panic, an answer for each entry it took, the same digest twice.
func FuzzInventory(f *testing.F) {
	for _, s := range []string{
		"hostname,ip\na,10.0.0.1\n", "a;b\n\"", `[{"hostname":"a","ip":["10.0.0.1"]}]`, `{"x":[{"name":"a"}]}`, "{\"name\":\"a\"}\n{", "[[]]", "\xff\xfea\x00", "<", "ip\n::/0", "cidr\n10.0.0.0/33",
		`{"a":{"a":{"a":{"a":[{"name":1e9}]}}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := file(t, "f", string(text))
		s := estate.Settings{Assets: []estate.HostFile{{Path: path}}, Identities: []estate.UserFile{{Path: path}}}
		e, err := estate.Load(s)
		if err != nil && strings.ContainsAny(err.Error(), "\x00\x1b\r\n") {
			t.Errorf("an error that is not one line: %q", err)
		}
		again, _ := estate.Load(s)
		if e.Digest() != again.Digest() {
			t.Error("the digest changed")
		}
		for _, p := range e.Own() {
			if _, answer := e.Address(p.Addr()); answer == estate.Unlisted {
				t.Errorf("%s is owned and not listed", p)
			}
		}
		a := said(alert.Attacker, targetHost, string(text), actorUser, string(text), targetIP, "10.0.0.1", alert.SlotLogonType, "2")
		e.Check().Check(a, func(s triage.Signal) {
			if s.Weight <= 0 {
				t.Errorf("%+v", s)
			}
		})
	})
}
