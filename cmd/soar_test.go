package cmd_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

// soarFakes are the platforms that stories hand cases over to, by the variable that holds their address.
func soarFakes(t *testing.T) map[string]string {
	t.Helper()
	phantom := httptest.NewServer(&splunksoar.Server{Token: "splunk-soar-secret", Playbooks: []string{"community/quarantine", "local/it-breaks"}})
	cortex := httptest.NewServer(&xsoar.Server{Version: 8, Key: "xsoar-secret", KeyID: "7", Advanced: true, Now: time.Now, Playbooks: []string{"Quarantine"}})
	acting := httptest.NewServer(&splunksoar.Server{Token: "splunk-soar-secret"}) // its first container is 101
	kibana := httptest.NewServer(elastic.Demo("ZWxhc3RpYy1zZWNyZXQ=", 3, 40, time.Minute, time.Now()))
	containers := httptest.NewServer(splunksoar.Demo("splunk-soar-secret", 3, 40, time.Minute, time.Now()))
	incidents := httptest.NewServer((&xsoar.Server{Version: 6, Key: "xsoar-secret", Now: time.Now}).Demo(3, 40, time.Minute, time.Now()))
	t.Cleanup(kibana.Close)
	t.Cleanup(containers.Close)
	t.Cleanup(incidents.Close)
	t.Cleanup(acting.Close)
	t.Cleanup(phantom.Close)
	t.Cleanup(cortex.Close)
	return map[string]string{"SPLUNKSOAR_URL": phantom.URL, "XSOAR_URL": cortex.URL, "ACTING_URL": acting.URL, "KIBANA_URL": kibana.URL, "CONTAINERS_URL": containers.URL, "INCIDENTS_URL": incidents.URL}
}

func TestHandoverKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	urls := soarFakes(t)
	s.write("soar.token", "splunk-soar-secret\n")
	s.write("soc.yaml", "soar: {phantom: {type: splunksoar, url: \""+urls["SPLUNKSOAR_URL"]+"\", token_file: soar.token, playbooks: [community/quarantine]}}\n")
	const line = "respond handover --config @soc.yaml --by sam --to phantom ../testdata/respond/case.ndjson"
	s.soc(line)
	for range 2 {
		s.soc(line + " --execute --book @book.db --playbook community/quarantine")
	}
	s.soc("audit verify --book @book.db")
	s.saw("handover")
}

func TestDoctorLooksAtWhatAResponseWouldUse(t *testing.T) {
	t.Parallel()
	urls := soarFakes(t)
	o := &office{t, t.TempDir()}
	o.write("token", "splunk-soar-secret")
	o.write("wrong", "another")
	o.write("soc.yaml", `
soar:
  phantom: {type: splunksoar, url: "`+urls["SPLUNKSOAR_URL"]+`", token_file: token}
  locked: {type: splunksoar, url: "`+urls["SPLUNKSOAR_URL"]+`", token_file: wrong}
  older: {type: xsoar, url: "`+urls["XSOAR_URL"]+`", version: 6, token_file: wrong}
drivers:
  edge: {type: blocklist, path: block.txt, actions: [block-ip]}
  hand: {type: exec, command: [isolate, "{target}"], actions: [isolate-host]}
  ticket: {type: splunksoar, soar: phantom, incident: 101, command: [block ip, fw1, 12, "ip={target}"], actions: [block-ip]}
notify:
  night: {type: mail, server: "127.0.0.1:25", from: soc@corp.example, to: [night@corp.example], on: [escalate], quiet: 22:00-06:00}
  chat: {type: slack, url_env: NOBODY_SET_THIS, on: [escalate]}
`)
	out, errs, status := o.soc("doctor", "--json")
	if status != 0 {
		t.Fatal(errs)
	}
	for _, want := range []string{
		`"name":"soar phantom","ok":true,"detail":"Splunk SOAR 6.4.1.361 answers"`, `"name":"soar locked","ok":false`, `"name":"soar older","ok":false`,
		`"name":"driver edge","ok":true`, `"name":"driver hand","ok":false`, `"name":"driver ticket","ok":false`, "left to people", `"name":"notify night","ok":true`, `"name":"notify chat","ok":false`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
	for _, secret := range []string{"splunk-soar-secret", "another"} {
		if strings.Contains(out+errs, secret) {
			t.Errorf("a secret is shown: %s", out)
		}
	}
	check(t, shipped(t), "doctor", out)
}
