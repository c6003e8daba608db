package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/nftables"
)

// TestRealFirewallFromAlertToRelease goes the whole way on a real firewall: the shipped night is triaged and investigated, a plan made and approved
// by a second person, the intruder's address blocked by the kernel, which lets go when the time is over. It needs nft, ip, ping and
// the right to make network namespaces.
func TestRealFirewallFromAlertToRelease(t *testing.T) {
	missing := func(why string) {
		if os.Getenv("SOC_REQUIRE_REAL") != "" {
			t.Fatal("a firewall: " + why)
		}
		t.Skip("a firewall: " + why)
	}
	for _, program := range []string{"nft", "ip", "ping"} {
		if _, err := exec.LookPath(program); err != nil {
			missing("no " + program)
		}
	}
	ip := func(args ...string) error { return exec.Command("ip", args...).Run() }
	const address = "203.0.113.77"
	wall, intruder := fmt.Sprintf("soc-wall-%d", os.Getpid()), fmt.Sprintf("soc-intruder-%d", os.Getpid())
	t.Cleanup(func() { _, _ = ip("netns", "del", wall), ip("netns", "del", intruder) })
	if err := ip("netns", "add", wall); err != nil {
		missing("no network namespaces")
	}
	for _, line := range []string{
		"netns add " + intruder,
		"-n " + wall + " link add vwall type veth peer name vintr netns " + intruder,
		"-n " + wall + " addr add 203.0.113.1/24 dev vwall", "-n " + wall + " link set vwall up",
		"-n " + intruder + " addr add " + address + "/24 dev vintr", "-n " + intruder + " link set vintr up",
	} {
		if err := ip(strings.Fields(line)...); err != nil {
			t.Fatalf("ip %s: %v", line, err)
		}
	}
	firewall, err := nftables.New(nftables.Settings{Namespace: wall})
	if err != nil {
		t.Fatal(err)
	}
	load := exec.Command("ip", "netns", "exec", wall, "nft", "-f", "-")
	load.Stdin = strings.NewReader(firewall.Rules())
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	reaches := func() bool {
		return ip("netns", "exec", intruder, "ping", "-c", "1", "-W", "1", "203.0.113.1") == nil
	}
	for deadline := time.Now().Add(time.Minute); !reaches(); { // the links come up in their own time
		if time.Now().After(deadline) {
			t.Fatal("the intruder cannot reach the machine to begin with")
		}
	}

	dir := t.TempDir()
	do := func(stdin string, args ...string) string {
		t.Helper()
		out, errs, status := run(t, stdin, args...)
		if status != 0 {
			t.Fatalf("soc %s: status %d: %s", strings.Join(args, " "), status, errs)
		}
		return out
	}
	var key struct{ Key string }
	if err := json.Unmarshal([]byte(do("", "respond", "keygen", "--json", "--name", "maria", "--out", filepath.Join(dir, "maria.key"))), &key); err != nil {
		t.Fatal(err)
	}
	config, book := filepath.Join(dir, "soc.yaml"), filepath.Join(dir, "book.db")
	text := fmt.Sprintf("approvers: [{name: maria, key: %q}]\nrespond: {laboratory: [203.0.113.0/24]}\ndrivers: {wall: {type: nftables, namespace: %s, ttl: 20s, actions: [block-ip]}}\n", key.Key, wall)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	verdicts := do("", "triage", "--no-book", "--json", demo)
	cases := do(verdicts, "investigate", "--no-book", "--json")
	var name string
	for line := range strings.Lines(do(cases, "respond", "plan", "--config", config, "--book", book, "--by", "sam", "--json")) {
		var plan struct {
			ID      string
			Actions []struct {
				Action, Driver string
				Target         struct{ Value string }
			}
		}
		if err := json.Unmarshal([]byte(line), &plan); err != nil {
			t.Fatal(err)
		}
		for _, a := range plan.Actions {
			if a.Action == "block-ip" && a.Driver == "wall" && a.Target.Value == address && name == "" {
				name = plan.ID
			}
		}
	}
	if name == "" {
		t.Fatal("no plan blocks the intruder")
	}
	do("", "respond", "approve", "--config", config, "--book", book, "--key", filepath.Join(dir, "maria.key"), "--accept-risk", "block-ip", name)
	receipts := do("", "respond", "apply", "--config", config, "--book", book, "--execute", "--json", name)
	if !strings.Contains(receipts, `"outcome":"done","verified":true`) {
		t.Fatal(receipts)
	}
	if reaches() {
		t.Error("the intruder is blocked and reaches the machine")
	}
	for deadline := time.Now().Add(3 * time.Minute); !reaches(); {
		if time.Now().After(deadline) {
			t.Fatal("the time is over and the intruder is still blocked")
		}
	}
}
