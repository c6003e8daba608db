package nftables_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/nftables"
	"github.com/seed-959697dd/soc/respond"
)

// namespace makes a network namespace with the driver's rules in it. Without nft, ip and the right to use them the test is skipped, or fails
// where SOC_REQUIRE_REAL says that they are there.
func namespace(t *testing.T) (*nftables.Firewall, string) {
	t.Helper()
	missing := func(why string) {
		if os.Getenv("SOC_REQUIRE_REAL") != "" {
			t.Fatal("nftables: " + why)
		}
		t.Skip("nftables: " + why)
	}
	for _, program := range []string{"nft", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			missing("no " + program)
		}
	}
	name := fmt.Sprintf("soc-%d-%s", os.Getpid(), strings.ToLower(t.Name()[len("Test"):][:8]))
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		missing("no network namespace: " + string(out))
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	f, err := nftables.New(nftables.Settings{Namespace: name, Path: os.Getenv("PATH"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	load := exec.Command("ip", "netns", "exec", name, "nft", "-f", "-")
	load.Stdin = strings.NewReader(f.Rules())
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("the rules do not load: %s", out)
	}
	return f, name
}

func TestBlockedByTheKernelAndReleased(t *testing.T) {
	f, name := namespace(t)
	for _, c := range []struct{ block, ping string }{{"127.0.0.2", "127.0.0.2"}, {"127.0.3.0/24", "127.0.3.9"}} {
		target := respond.Target{Type: respond.IP, Value: c.block}
		order := respond.Order{Action: "block-ip", Target: target, Until: time.Now().Add(time.Hour)}
		before, err := f.Probe(t.Context(), "block-ip", target)
		if err != nil || before.Done {
			t.Fatal(before, err)
		}
		if err := exec.Command("ip", "netns", "exec", name, "ip", "link", "set", "lo", "up").Run(); err != nil {
			t.Fatal(err)
		}
		if !reaches(name, c.ping) {
			t.Fatalf("%s cannot be reached to begin with", c.ping)
		}
		for range 2 {
			if err := f.Do(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		if s, err := f.Probe(t.Context(), "block-ip", target); err != nil || !s.Done || !strings.Contains(s.Detail, "another") {
			t.Fatal(s, err)
		}
		if reaches(name, c.ping) {
			t.Errorf("%s is blocked and can be reached", c.block)
		}
		for range 2 {
			if err := f.Undo(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		if after, err := f.Probe(t.Context(), "block-ip", target); err != nil || after.Digest() != before.Digest() {
			t.Error(after, err)
		}
		if !reaches(name, c.ping) {
			t.Errorf("%s is released and cannot be reached", c.block)
		}
	}
}

func reaches(namespace, address string) bool {
	return exec.Command("ip", "netns", "exec", namespace, "bash", "-c", "exec 3<>/dev/udp/"+address+"/9 && echo x >&3").Run() == nil
}

// The kernel lets go by itself when the time is over.
func TestTheTimeIsOver(t *testing.T) {
	f, _ := namespace(t)
	target := respond.Target{Type: respond.IP, Value: "2001:db8::9"}
	if err := f.Do(t.Context(), respond.Order{Target: target, Until: time.Now().Add(5 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		s, err := f.Probe(t.Context(), "block-ip", target)
		if err != nil {
			t.Fatal(err)
		}
		if !s.Done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it stays in the set")
		}
	}
}

func TestNothingButAnAddressReachesTheCommandLine(t *testing.T) {
	t.Parallel()
	f, err := nftables.New(nftables.Settings{Now: time.Now, Path: "/nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"1.2.3.4 }; flush ruleset; {", "", "*", "-f", "host.example"} {
		if err := f.Do(t.Context(), respond.Order{Target: respond.Target{Type: respond.IP, Value: v}}); err == nil || !strings.Contains(err.Error(), "is no address") {
			t.Errorf("%q: %v", v, err)
		}
	}
	for _, set := range []nftables.Settings{{Table: "a; b"}, {Set: "x y"}, {Namespace: "../x"}} {
		if _, err := nftables.New(set); err == nil {
			t.Errorf("%+v", set)
		}
	}
}

// What somebody else does to the firewall in between is seen for what it is.
func TestOthersChangeTheFirewall(t *testing.T) {
	f, name := namespace(t)
	nft := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", append([]string{"netns", "exec", name, "nft"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("nft %s: %s", args, out)
		}
	}
	one := respond.Target{Type: respond.IP, Value: "203.0.113.77"}
	order := respond.Order{Action: "block-ip", Target: one, Until: time.Now().Add(time.Hour), Image: "absent"}
	look := func(want bool, says string) {
		t.Helper()
		if s, err := f.Probe(t.Context(), "block-ip", one); err != nil || s.Done != want || !strings.Contains(s.Detail, says) {
			t.Error(s, err)
		}
	}
	for _, wide := range []string{"203.0.113.0/24", "203.0.113.70-203.0.113.80"} {
		nft("add", "element", "inet", "soc", "blocked", "{ "+wide+" }")
		look(true, "as a part of")
		if err := f.Do(t.Context(), order); err != nil {
			t.Error("it is blocked already:", err)
		}
		if err := f.Undo(t.Context(), order); err == nil || !strings.Contains(err.Error(), "stays") {
			t.Error("somebody else's range:", err)
		}
		look(true, "as a part of")
		nft("delete", "element", "inet", "soc", "blocked", "{ "+wide+" }")
	}
	nft("add", "element", "inet", "soc", "blocked6", "{ 2001:db8::/48 }")
	for v, want := range map[string]bool{"2001:db8::9": true, "2001:db8:0:7::/64": true, "2001:db8:1::9": false} {
		if s, err := f.Probe(t.Context(), "block-ip", respond.Target{Type: respond.IP, Value: v}); err != nil || s.Done != want {
			t.Error(v, s, err)
		}
	}
	if err := f.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	look(true, "in set")
	nft("flush", "chain", "inet", "soc", "blocked_in")
	nft("flush", "chain", "inet", "soc", "blocked_out")
	look(false, "no rule")
	nft("flush", "ruleset")
	if _, err := f.Probe(t.Context(), "block-ip", one); err == nil {
		t.Error("a table that is gone can be blocked in")
	}
	if err := f.Undo(t.Context(), order); err != nil {
		t.Error("nothing is left to take back:", err)
	}
	if s, err := f.Follow(t.Context(), order); err != nil || s.Done {
		t.Error(s, err)
	}
}
