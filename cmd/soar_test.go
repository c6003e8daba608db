package cmd_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

// soarFakes are the platforms that stories hand cases over to, by the variable that holds their address.
func soarFakes(t *testing.T) map[string]string {
	t.Helper()
	phantom := httptest.NewServer(&splunksoar.Server{Token: "splunk-soar-secret", Playbooks: []string{"community/quarantine", "local/it-breaks"}})
	cortex := httptest.NewServer(&xsoar.Server{Version: 8, Key: "xsoar-secret", KeyID: "7", Advanced: true, Now: time.Now, Playbooks: []string{"Quarantine"}})
	t.Cleanup(phantom.Close)
	t.Cleanup(cortex.Close)
	return map[string]string{"SPLUNKSOAR_URL": phantom.URL, "XSOAR_URL": cortex.URL}
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
