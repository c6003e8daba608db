package redact_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt/redact"
)

func redactor(t testing.TB) *redact.Redactor {
	t.Helper()
	r, err := redact.New(redact.Settings{
		Key: []byte("a key of thirty-two bytes, or so"), Domains: []string{"example.org"},
		Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func field(slot alert.Slot, value string) alert.Field {
	return alert.Field{Slot: slot, Path: "a.b", Value: value}
}

var (
	targetHost = alert.EntitySlot(alert.Target, alert.Host)
	actorUser  = alert.EntitySlot(alert.Actor, alert.User)
	sourceMail = alert.EntitySlot(alert.Source, alert.Mail)
	targetMail = alert.EntitySlot(alert.Target, alert.Mail)
)

func TestNamesAreReplacedWhereverTheyStand(t *testing.T) {
	t.Parallel()
	r := redactor(t)
	fields := []alert.Field{
		field(targetHost, "FIN-WS-42.corp.example.net"), field(actorUser, `FINANCE\alice`), field(targetMail, "bob.b@example.net"),
		field(sourceMail, "billing@evil.example.com"),
		{Path: "x.hostname", Value: "srv07"},
		{Path: "x.displayName", Value: "Carol Exemplar"},
	}
	never := []string{"alice", "fin-ws-42", "finance", "example.net", "bob.b", "srv07", "carol", "exemplar", "dave", "10.20.30.40", "198.51.100.9", "example.org", "fd00:1::5", "erin"}
	session := r.Begin(fields)
	for _, text := range []string{
		`C:\Users\alice\a.exe`, `FINANCE\Alice`, `ALICE logged on to fin-ws-42`, `\\FIN-WS-42.CORP.EXAMPLE.NET\c$`, `FIN-WS-42$`, `http://intra.example.net/x`,
		`user%3Dalice%40example.net`, `{\"u\":\"alice\",\n\"h\":\"srv07\"}`, `first\nalice`, `\u003calice\u003e`, `mail from bob.b@example.net`, `Hello Carol Exemplar`,
		`/home/dave/.ssh/id_rsa`, `dave was here`, `10.20.30.40:443`, `[fd00:1::5]:80`, `https://198.51.100.9/a`, `wiki.example.org`, `Failed password for erin from 192.0.2.1 port 22`,
	} {
		session = r.Begin(append(fields, alert.Field{Path: "m", Value: "/home/dave/x"}, alert.Field{Path: "m", Value: text}))
		got := session.Text(text)
		for _, n := range never {
			if strings.Contains(strings.ToLower(got), n) {
				t.Errorf("%q: %s stays in %q", text, n, got)
			}
		}
		if back := session.Restore(got); back != text {
			t.Errorf("%q came back as %q by way of %q", text, back, got)
		}
		if err := session.Residue([]string{got}); err != nil {
			t.Errorf("%q: %v", got, err)
		}
		if err := session.Residue([]string{text}); !errors.Is(err, redact.ErrResidue) && !strings.Contains(text, "home") && !strings.Contains(text, "dave") &&
			!strings.Contains(text, "erin") && !strings.Contains(text, "srv07") && !strings.Contains(text, "Carol") {
			t.Errorf("%q would leave as it is: %v", text, err)
		}
	}
	if got := session.Text("From: billing@evil.example.com"); !strings.HasSuffix(got, "@evil.example.com") {
		t.Errorf("the domain of a sender from outside is evidence, and went: %q", got)
	}
	for _, builtin := range []string{`NT AUTHORITY\SYSTEM`, "Administrator", "root", "www-data"} {
		if got := r.Begin([]alert.Field{field(actorUser, builtin)}).Text(builtin); got != builtin {
			t.Errorf("%q identifies nobody, and became %q", builtin, got)
		}
	}
}

func TestOneValueHasOnePseudonym(t *testing.T) {
	t.Parallel()
	r := redactor(t)
	fields := []alert.Field{field(targetHost, "ws12.corp.local"), field(actorUser, "alice")}
	a, b := r.Begin(fields), r.Begin(append(fields, field(actorUser, "zoe"), field(targetHost, "10.1.1.1")))
	for _, text := range []string{"alice", "ws12", "ws12.corp.local", "10.1.2.3", "alice@example.org", "S-1-5-21-1-2-3-1104"} {
		if x, y := a.Text(text), b.Text(text); x != y || x == text {
			t.Errorf("%q is %q in one alert and %q in the next", text, x, y)
		}
	}
	if full, short := a.Text("ws12.corp.local"), a.Text("ws12"); !strings.HasPrefix(full, short+".") {
		t.Errorf("%q and %q do not look like one host", full, short)
	}
	if got := a.Text("S-1-5-21-1-2-3-500"); !strings.HasPrefix(got, "S-1-5-21-") || !strings.HasSuffix(got, "-500") {
		t.Errorf("the SID of an administrator became %q", got)
	}
	other, err := redact.New(redact.Settings{Key: []byte("another key of the same length ..")})
	if err != nil {
		t.Fatal(err)
	}
	if x, y := a.Text("alice"), other.Begin(fields).Text("alice"); x == y || r.Fingerprint() == other.Fingerprint() {
		t.Errorf("two keys make one pseudonym %q", x)
	}
}

func TestAddressesKeepTheirRelations(t *testing.T) {
	t.Parallel()
	s := redactor(t).Begin(nil)
	for _, net := range []string{"10.0.7", "172.20.3", "192.168.1", "100.64.9", "198.51.100"} {
		seen := map[string]bool{}
		first := netip.MustParseAddr(s.Text(net + ".0"))
		for host := range 256 {
			got := netip.MustParseAddr(s.Text(fmt.Sprintf("%s.%d", net, host)))
			if p, _ := first.Prefix(24); !p.Contains(got) {
				t.Fatalf("%s.%d is %s, away from its neighbour %s", net, host, got, first)
			}
			seen[got.String()] = true
		}
		if len(seen) != 256 {
			t.Errorf("%s has %d different hosts", net, len(seen))
		}
	}
	nets := map[string]bool{}
	for i := range 2000 {
		was := fmt.Sprintf("10.%d.%d.5", i/256, i%256)
		got := netip.MustParseAddr(s.Text(was))
		if !got.IsPrivate() {
			t.Fatalf("%s became %s, which is public", was, got)
		}
		p, _ := got.Prefix(24)
		nets[p.String()] = true
	}
	if len(nets) != 2000 {
		t.Errorf("2000 networks became %d", len(nets))
	}
	a, b := netip.MustParseAddr(s.Text("fd00:1::1")), netip.MustParseAddr(s.Text("fd00:1::2"))
	if p, _ := a.Prefix(64); !p.Contains(b) || a == b || !a.IsPrivate() {
		t.Errorf("neighbours became %s and %s", a, b)
	}
	for _, public := range []string{"203.0.113.9", "192.0.2.1", "2001:db8::1", "127.0.0.1", "::1"} {
		if got := s.Text(public); got != public {
			t.Errorf("%s is not the estate's, and became %s", public, got)
		}
	}
}

func TestEncodedTextIsRedactedInside(t *testing.T) {
	t.Parallel()
	wide := func(s string) string {
		var b []byte
		for _, c := range []byte(s) {
			b = append(b, c, 0)
		}
		return base64.StdEncoding.EncodeToString(b)
	}
	plain := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	command := `net use \\srv\c$ /user:corp\alice Winter-2026-x; ping 10.1.2.3`
	for name, text := range map[string]string{
		"powershell": "powershell -enc " + wide(command), "echo": "echo " + plain(command) + " | base64 -d | sh", "twice": "x " + plain("sh -c "+plain(command)),
	} {
		s := redactor(t).Begin([]alert.Field{field(actorUser, "alice"), {Path: "m", Value: text}})
		got := s.Text(text)
		if s.Restore(got) != text || got == text {
			t.Errorf("%s: %q is %q", name, text, got)
		}
		if err := s.Residue([]string{got}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Residue([]string{text}); !errors.Is(err, redact.ErrResidue) {
			t.Errorf("%s would leave as it is: %v", name, err)
		}
		inner := got
		for range 2 {
			for word := range strings.FieldsSeq(inner) {
				if raw, err := base64.StdEncoding.DecodeString(word); err == nil && len(raw) > 30 {
					inner = strings.ReplaceAll(string(raw), "\x00", "")
				}
			}
		}
		if strings.Contains(inner, "alice") || strings.Contains(inner, "Winter") || strings.Contains(inner, "10.1.2.3") || !strings.Contains(inner, "net use") {
			t.Errorf("%s: decoded it reads %q", name, inner)
		}
	}
	for _, text := range []string{"powershell -enc " + wide("Get-Process | Out-File C:\\x"), "9dd4e461268c8034f5c8564e155c67a6", "Microsoft-Windows-Sysmon/Operational"} {
		if got := redactor(t).Begin(nil).Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestShortKey(t *testing.T) {
	t.Parallel()
	if _, err := redact.New(redact.Settings{Key: []byte("short")}); err == nil {
		t.Error("a key of five bytes was taken")
	}
}

func TestTooManyNamesAreNotSent(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "/home/user%d/ ", i)
	}
	s := redactor(t).Begin([]alert.Field{{Path: "m", Value: b.String()}})
	if err := s.Residue(nil); !errors.Is(err, redact.ErrResidue) {
		t.Errorf("3000 users in one alert: %v", err)
	}
}

// FuzzText holds redaction to its laws: what was replaced comes back, and a text once redacted holds nothing that Residue knows.
func FuzzText(f *testing.F) {
	for _, s := range secrets(rand.New(rand.NewPCG(3, 4))) {
		f.Add(s[0])
	}
	for _, s := range []string{"alice@10.1.2.3", `\\ws12\c$`, "fe80::1%eth0", "a@b@c.de", "::ffff:10.0.0.1", "10.0.0.1.in-addr.arpa", "ws12ws12", "ALICE.corp.local", "cABpAG4AZwAgADEAMAAuADEALgAyAC4AMwA=", "YWxpY2VAMTAuMS4yLjMgYWxpY2U="} {
		f.Add(s)
	}
	r := redactor(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		s := r.Begin([]alert.Field{field(targetHost, "ws12"), field(actorUser, "alice"), {Path: "m", Value: text}})
		got := s.Text(text)
		if back := s.Restore(got); back != text && s.Err() == nil {
			t.Errorf("%q came back as %q by way of %q", text, back, got)
		}
		for word := range strings.FieldsSeq(strings.ToLower(got)) {
			a, err := netip.ParseAddr(word)
			if word == "alice" || word == "ws12" || err == nil && a.Is4() && a.IsPrivate() && s.Restore(word) == word {
				t.Errorf("%q stays in %q", word, got)
			}
		}
	})
}

// TestSlotsAreReplacedWhole, wherever their values stand, and read back.
func TestSlotsAreReplacedWhole(t *testing.T) {
	t.Parallel()
	slot, ok := alert.SlotOf("actor.command")
	if !ok {
		t.Fatal("no such slot")
	}
	fields := []alert.Field{
		{Path: "process.command_line", Slot: slot, Value: "cmd.exe /c nightly"},
		{Path: "message", Value: "ran cmd.exe /c nightly at night"},
	}
	key := []byte("a key of thirty-two bytes, or so")
	plain, err := redact.New(redact.Settings{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	r, err := redact.New(redact.Settings{Key: key, Slots: []alert.Slot{slot}})
	if err != nil {
		t.Fatal(err)
	}
	if plain.Fingerprint() == r.Fingerprint() {
		t.Error("what is replaced is no part of the fingerprint")
	}
	s := r.Begin(fields)
	one, two := s.Value(fields[0].Path, fields[0].Value), s.Value(fields[1].Path, fields[1].Value)
	if strings.Contains(one+two, "nightly") || !strings.Contains(two, one) || !strings.HasPrefix(two, "ran ") {
		t.Errorf("%q, %q", one, two)
	}
	if s.Restore(two) != fields[1].Value || s.Residue([]string{one, two}) != nil {
		t.Errorf("%q", s.Restore(two))
	}
	if err := s.Residue([]string{fields[1].Value}); err == nil {
		t.Error("what is left is not found")
	}
}
