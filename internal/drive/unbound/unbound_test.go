package unbound_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/seed-959697dd/soc/internal/drive/unbound"
	"github.com/seed-959697dd/soc/respond"
)

const conf = `server:
  interface: 127.0.0.1
  port: %[1]d
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "%[2]s"
  pidfile: "%[2]s/u.pid"
  use-syslog: no
  logfile: "%[2]s/u.log"
  module-config: "respip validator iterator"
  do-not-query-localhost: no
  local-zone: "evil.example." transparent
  local-data: "c2.evil.example. A 127.0.0.66"
  local-zone: "corp.example." static
  local-data: "www.corp.example. A 127.0.0.10"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@%[3]d
remote-control:
  control-enable: yes
  control-interface: %[2]s/ctl.sock
  control-use-cert: no
rpz:
  name: rpz.soc
  zonefile: %[2]s/rpz.zone
`

// server starts a resolver of the test's own on loopback. Without unbound the test is skipped, or fails where SOC_REQUIRE_REAL says that it
// is there.
func server(t *testing.T) (set unbound.Settings) {
	t.Helper()
	for _, program := range []string{"unbound", "unbound-control"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("SOC_REQUIRE_REAL") != "" {
				t.Fatal("unbound: no " + program)
			}
			t.Skip("unbound: no " + program)
		}
	}
	dir, err := os.MkdirTemp("", "soc-unbound-") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.LocalAddr().(*net.UDPAddr).Port
	_ = l.Close() // so that unbound can have it
	file := filepath.Join(dir, "unbound.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, conf, port, dir, outside(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rpz.zone"), []byte("$ORIGIN rpz.soc.\n$TTL 60\n@ SOA localhost. root.localhost. 7 3600 600 86400 60\n@ NS localhost.\n; by hand\nother.example CNAME .\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("unbound", "-d", "-c", file)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	set = unbound.Settings{Actions: []string{"block-domain"}, ConfigFile: file, Path: os.Getenv("PATH"), Server: fmt.Sprintf("127.0.0.1:%d", port)}
	for deadline := time.Now().Add(time.Minute); exec.Command("unbound-control", "-c", file, "status").Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "u.log"))
			t.Fatalf("it does not come up: %s", log)
		}
	}
	return set
}

// outside is the rest of the world's DNS, in which every name has one address. It returns the port.
func outside(t *testing.T) int {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		b := make([]byte, 4096)
		for {
			n, from, err := l.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Header.Response, m.Header.RecursionAvailable, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 67}}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = l.WriteTo(out, from)
			}
		}
	}()
	return l.LocalAddr().(*net.UDPAddr).Port
}

// answer is what the resolver says of a name.
func answer(t *testing.T, set unbound.Settings, name string) string {
	t.Helper()
	own := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, set.Server)
	}}
	found, err := own.LookupHost(t.Context(), name+".")
	var e *net.DNSError
	switch {
	case errors.As(err, &e) && e.IsNotFound:
		return "none"
	case err != nil:
		return err.Error()
	}
	return strings.Join(found, " ")
}

func TestANameIsTakenAwayAndComesBack(t *testing.T) {
	t.Parallel()
	local := server(t)
	zone := filepath.Join(filepath.Dir(local.ConfigFile), "rpz.zone")
	policy := local
	policy.Zone, policy.ZoneFile = "rpz.soc", zone
	sink := policy
	sink.Actions, sink.Sinkhole = []string{"sinkhole-domain"}, "127.0.0.99"
	for _, row := range []struct {
		name, target, asked, before, during string
		set                                 unbound.Settings
	}{
		{"a local zone", "c2.evil.example", "c2.evil.example", "127.0.0.66", "none", local},
		{"a local zone in place of another", "evil.example", "c2.evil.example", "127.0.0.66", "none", local},
		{"a policy zone", "c2.bad.example", "c2.bad.example", "127.0.0.67", "none", policy},
		{"all below a name", "bad.example", "c2.bad.example", "127.0.0.67", "none", policy},
		{"a sinkhole", "c2.bad.example", "c2.bad.example", "127.0.0.67", "127.0.0.99", sink},
	} {
		d, err := unbound.New(row.set)
		if err != nil {
			t.Fatal(row.name, err)
		}
		action, target := row.set.Actions[0], respond.Target{Type: respond.Domain, Value: row.target}
		before, err := d.Probe(t.Context(), action, target)
		if err != nil || before.Done {
			t.Fatal(row.name, before, err)
		}
		order := respond.Order{Action: action, Target: target, Image: before.Image}
		if got := answer(t, row.set, row.asked); got != row.before {
			t.Fatalf("%s: %s is %s to begin with", row.name, row.asked, got)
		}
		for range 2 {
			if err := d.Do(t.Context(), order); err != nil {
				t.Fatal(row.name, err)
			}
		}
		if got := answer(t, row.set, row.asked); got != row.during {
			t.Errorf("%s: while it is taken away %s is %s", row.name, row.asked, got)
		}
		if s, err := d.Probe(t.Context(), action, target); err != nil || !s.Done {
			t.Error(row.name, s, err)
		}
		if got := answer(t, row.set, "www.corp.example"); got != "127.0.0.10" {
			t.Errorf("%s: another name is %s", row.name, got)
		}
		for range 2 {
			if err := d.Undo(t.Context(), order); err != nil {
				t.Fatal(row.name, err)
			}
		}
		if after, err := d.Probe(t.Context(), action, target); err != nil || after.Digest() != before.Digest() {
			t.Error(row.name, after, err)
		}
		if got := answer(t, row.set, row.asked); got != row.before {
			t.Errorf("%s: afterwards %s is %s", row.name, row.asked, got)
		}
	}
	text, err := os.ReadFile(zone)
	if err != nil || !strings.Contains(string(text), "; by hand\nother.example CNAME .\n") || strings.Contains(string(text), "c2") || strings.Contains(string(text), "localhost. 7 ") {
		t.Errorf("%s %v", text, err)
	}
}

// What stands in the file and is not answered is not in force: a zone that unbound was never told of.
func TestAFileIsNotAResolver(t *testing.T) {
	t.Parallel()
	set := server(t)
	set.Zone, set.ZoneFile = "other.soc", filepath.Join(filepath.Dir(set.ConfigFile), "other.zone")
	behind := set.ZoneFile + ".behind" // a link stays one
	if err := errors.Join(os.WriteFile(behind, nil, 0o600), os.Symlink(behind, set.ZoneFile)); err != nil {
		t.Fatal(err)
	}
	d, err := unbound.New(set)
	if err != nil {
		t.Fatal(err)
	}
	order := respond.Order{Action: "block-domain", Target: respond.Target{Type: respond.Domain, Value: "c2.evil.example"}}
	if err := d.Do(t.Context(), order); err == nil || !strings.Contains(err.Error(), "auth_zone_reload") {
		t.Errorf("a reload of nothing: %v", err)
	}
	if s, err := d.Probe(t.Context(), "block-domain", order.Target); err != nil || s.Done {
		t.Error(s, err)
	}
	if text, err := os.ReadFile(behind); err != nil || !strings.Contains(string(text), "c2.evil.example CNAME .") {
		t.Errorf("%q %v", text, err)
	}
}

func TestNothingButANameReachesTheResolver(t *testing.T) {
	t.Parallel()
	d, err := unbound.New(unbound.Settings{Actions: []string{"block-domain"}, Path: "/nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"", "*", ".", "com", "-c /etc/passwd", "evil.example always_transparent", "evil.example\n* CNAME .", "evil.example;", "$INCLUDE /etc/passwd"} {
		o := respond.Order{Action: "block-domain", Target: respond.Target{Type: respond.Domain, Value: v}}
		if err := d.Do(t.Context(), o); err == nil || strings.Contains(err.Error(), "unbound-control") {
			t.Errorf("%q: %v", v, err)
		}
	}
	if err := d.Undo(t.Context(), respond.Order{Target: respond.Target{Type: respond.Domain, Value: "evil.example"}, Image: "static; x"}); err == nil || strings.Contains(err.Error(), "unbound-control") {
		t.Error(err)
	}
	for name, set := range map[string]unbound.Settings{
		"another action": {Actions: []string{"block-ip"}}, "a file without a zone": {ZoneFile: "x"}, "a zone that cannot be seen": {Zone: "rpz.soc", ZoneFile: "x"},
		"a sinkhole without an address": {Actions: []string{"sinkhole-domain"}, Zone: "rpz.soc", ZoneFile: "x", Server: "127.0.0.1:53"}, "a zone with a space": {Zone: "a b", ZoneFile: "x", Server: "127.0.0.1:53"},
	} {
		if _, err := unbound.New(set); err == nil {
			t.Error(name)
		}
	}
}

// What somebody else wrote in between is not taken back, half of what was written is not in force, and a resolver that was started
// anew has forgotten local zones.
func TestOthersChangeTheResolver(t *testing.T) {
	t.Parallel()
	set := server(t)
	control := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("unbound-control", append([]string{"-c", set.ConfigFile}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s", out)
		}
		return string(out)
	}
	d, err := unbound.New(set)
	if err != nil {
		t.Fatal(err)
	}
	target := respond.Target{Type: respond.Domain, Value: "c2.bad.example"}
	order := respond.Order{Action: "block-domain", Target: target, Image: "absent"}
	if err := d.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	control("local_zone", target.Value, "always_refuse")
	if err := d.Undo(t.Context(), order); err != nil || !strings.Contains(control("list_local_zones"), "c2.bad.example. always_refuse") {
		t.Error("the zone of somebody else is gone", err)
	}
	control("local_zone_remove", target.Value)
	if err := d.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	control("reload") // as good as a start
	if s, err := d.Probe(t.Context(), "block-domain", target); err != nil || s.Done {
		t.Error(s, err)
	}
	if err := d.Undo(t.Context(), order); err != nil {
		t.Error(err)
	}

	set.Zone, set.ZoneFile = "rpz.soc", filepath.Join(filepath.Dir(set.ConfigFile), "rpz.zone")
	if d, err = unbound.New(set); err != nil {
		t.Fatal(err)
	}
	if err := d.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(set.ZoneFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(set.ZoneFile, []byte(strings.ReplaceAll(string(text), "*.c2.bad.example CNAME .\n", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	control("auth_zone_reload", "rpz.soc")
	if s, err := d.Probe(t.Context(), "block-domain", target); err != nil || s.Done || !strings.Contains(s.Detail, "below it") {
		t.Error("all below the name is open", s, err)
	}
	if err := d.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Probe(t.Context(), "block-domain", target); err != nil || !s.Done {
		t.Error(s, err)
	}
}
