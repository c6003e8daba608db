package cmd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/drive/nftables"
	"github.com/seed-959697dd/soc/internal/real/slapd"
)

// TestRealFirewallFromAlertToRelease goes the whole way on a real firewall: the shipped night is triaged and investigated, a plan made and approved
// by a second person, the intruder's address blocked by the kernel, which lets go when the time is over: a page of the machine can be
// fetched, then it cannot, then it can again. It needs nft, ip, curl and the right to make network namespaces.
func TestRealFirewallFromAlertToRelease(t *testing.T) {
	missing := func(why string) {
		if os.Getenv("SOC_REQUIRE_REAL") != "" {
			t.Fatal("a firewall: " + why)
		}
		t.Skip("a firewall: " + why)
	}
	for _, program := range []string{"nft", "ip", "curl"} {
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
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	page := exec.Command("ip", "netns", "exec", wall, self, "-test.run", "^TestServesAPage$")
	page.Env = append(os.Environ(), "SOC_TEST_PAGE=203.0.113.1:8080")
	if err := page.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = page.Process.Kill(), page.Wait() })
	reaches := func() bool {
		out, err := exec.Command("ip", "netns", "exec", intruder, "curl", "-s", "--max-time", "1", "http://203.0.113.1:8080/").Output()
		return err == nil && string(out) == "open"
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

// TestServesAPage is no test but the page that the one above asks for, in a process of its own.
func TestServesAPage(t *testing.T) {
	at := os.Getenv("SOC_TEST_PAGE")
	if at == "" {
		t.Skip("it serves only when it is asked to")
	}
	server := http.Server{Addr: at, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "open") })}
	t.Fatal(server.ListenAndServe())
}

// TestRealAccountFromAlertToUndo goes the whole way on a real directory: an alert of an account that goes from machine to machine, a plan that two
// others agree to, an account that can no longer sign in, and that can when it is taken back. Where the directory does not enforce
// locks the receipt says that nobody knows, and the account stays open.
func TestRealAccountFromAlertToUndo(t *testing.T) {
	t.Parallel()
	const alert = `{"_id":"l1","_source":{"@timestamp":"2026-03-03T05:00:00Z","rule":{"id":"92650","level":14,"description":"Lateral movement: a service was installed over the network, PsExec was used","mitre":{"id":["T1021.002","T1570"]}},` +
		`"agent":{"name":"srv-7","id":"007"},"data":{"win":{"eventdata":{"targetUserName":"alice","targetDomainName":"EXAMPLE","ipAddress":"10.20.1.9","image":"C:\\Windows\\PSEXESVC.exe"},"system":{"eventID":"4624","computer":"srv-7"}}},"manager":{"name":"wz"},"decoder":{"name":"windows_eventchannel"}}}` + "\n"
	for lockout, want := range map[string]string{"TRUE": `"outcome":"done","verified":true`, "FALSE": `"outcome":"unverified","verified":false`} {
		t.Run("pwdLockout "+lockout, func(t *testing.T) {
			t.Parallel()
			address := slapd.Serve(t, lockout, os.Getenv("SOC_REQUIRE_REAL") != "")
			o := &office{t, t.TempDir()}
			approvers := ""
			for _, name := range []string{"maria", "pat"} {
				key, _, _ := o.soc("respond", "keygen", "--out", filepath.Join(o.dir, name+".key"), "--name", name)
				approvers += "  " + key
			}
			o.write("password", slapd.Password)
			o.write("soc.yaml", fmt.Sprintf("approvers:\n%sdrivers: {accounts: {type: ldap, url: \"ldap://%s\", bind_dn: %q, password_file: password, base_dn: %q, actions: [disable-account]}}\n", approvers, address, slapd.Admin, slapd.Base))
			verdicts, _, _ := o.soc("triage", "--json", o.write("alert.json", alert))
			cases, _, _ := o.soc("investigate", "--json", o.write("verdicts.ndjson", verdicts))
			plan, errs, status := o.soc("respond", "plan", "--json", o.write("case.ndjson", cases))
			id := gjson.Get(plan, "id").Str
			if status != 0 || gjson.Get(plan, `actions.#(action=="disable-account").needs`).Str != "two" {
				t.Fatal(status, errs, plan)
			}
			item := gjson.Get(plan, `actions.#(action=="disable-account").id`).Str
			approve := func(name string) {
				if _, errs, status := o.soc("respond", "approve", id, "--key", filepath.Join(o.dir, name+".key"), "--accept-risk", "disable-account"); status != 0 {
					t.Fatal(errs)
				}
			}
			approve("maria")
			if _, errs, status := o.soc("respond", "apply", id, "--execute"); status != 3 || !strings.Contains(errs, "1 of 2 people have agreed") || !slapd.SignsIn(t, address) {
				t.Fatal(status, errs)
			}
			approve("pat")
			receipts, _, status := o.soc("respond", "apply", id, "--execute", "--json")
			if !strings.Contains(receipts, want) || (status == 0) != (lockout == "TRUE") {
				t.Fatal(status, receipts)
			}
			if open := slapd.SignsIn(t, address); open != (lockout == "FALSE") {
				t.Errorf("alice can sign in: %t", open)
			}
			back, errs, status := o.soc("respond", "undo", id, item, "--json")
			if status != 0 || !strings.Contains(back, `"outcome":"undone","verified":true`) || !slapd.SignsIn(t, address) {
				t.Error(status, errs, back)
			}
		})
	}
}
