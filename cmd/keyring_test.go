package cmd_test

import (
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// A secret that is in the keyring of this machine is used and shows nowhere: not in what is printed, not in errors, not in the casebook's
// journal. One that is not there is said to be missing by its name, with what puts it there.
func TestASecretInTheKeyring(t *testing.T) {
	keyring.MockInit()
	if err := keyring.Set("soc", "hook", "keyring-secret"); err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, map[string]any{"siem": night()})
	d.write("soc.yaml", `sources:
  hook: {type: webhook, listen: "127.0.0.1:0", token_keyring: soc/hook}
  gone: {type: webhook, listen: "127.0.0.1:0", signing_key_keyring: soc/gone}
  open: {type: webhook, listen: "0.0.0.0:0", token_keyring: soc/hook}
  siem: {type: splunk, url: "https://siem.corp.example", token_keyring: soc/hook, write_back: true}
models: {far: {provider: openai, url: "http://127.0.0.1:9", model: m, key_keyring: soc/gone}}
`)
	all := d.says("doctor --json", 0, `"name":"source hook auth","ok":true`, `"name":"source gone","ok":false`, "asking the keyring for soc/gone", `"name":"source open","ok":false`)
	for _, line := range []string{"triage --from siem --write-back --execute --json", "triage --from open --follow", "triage --from gone --follow", "doctor --model far", "audit show --json", "status --json"} {
		out, errs, _ := d.soc(line)
		all += out + errs
	}
	if strings.Contains(all, "keyring-secret") {
		t.Errorf("the secret shows in\n%s", all)
	}
}
