package crowdsec_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/crowdsec"
	"github.com/seed-959697dd/soc/internal/web"
)

const conf = `common: {daemonize: false, log_media: stdout, log_level: error, working_dir: %[1]s}
config_paths: {config_dir: %[1]s, data_dir: %[1]s, simulation_path: %[1]s/simulation.yaml, hub_dir: %[1]s, index_path: %[1]s/index.json}
db_config: {type: sqlite, db_path: %[1]s/cs.db}
api:
  client: {credentials_path: %[1]s/credentials.yaml}
  server: {log_level: error, listen_uri: %[2]s, profiles_path: %[1]s/profiles.yaml}
prometheus: {enabled: false}
`

// TestTheRealOne does the same against CrowdSec's own local API, on loopback, with a database of the test's own.
func TestTheRealOne(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"crowdsec", "cscli"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("SOC_REQUIRE_REAL") != "" {
				t.Fatal("crowdsec: no " + program)
			}
			t.Skip("crowdsec: no " + program)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, dir := l.Addr().String(), t.TempDir()
	_ = l.Close() // so that crowdsec can have it
	for name, text := range map[string]string{
		"config.yaml": fmt.Sprintf(conf, dir, address), "simulation.yaml": "simulation: false\n", "credentials.yaml": "url: http://" + address + "/\nlogin: soc\npassword: " + password + "\n",
		"profiles.yaml": "name: none\nfilters: [\"false\"]\ndecisions: [{type: ban, duration: 4h}]\non_success: break\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "config.yaml")
	if out, err := exec.Command("cscli", "-c", file, "machines", "add", "soc", "--password", password, "--force", "-f", filepath.Join(dir, "credentials.yaml")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := exec.Command("crowdsec", "-c", file, "-no-cs")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		up, err := net.Dial("tcp", address)
		if err == nil {
			_ = up.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not come up")
		}
	}
	a, err := crowdsec.New(crowdsec.Settings{URL: "http://" + address, Password: web.NewSecret(password), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, a, time.Now())
}
