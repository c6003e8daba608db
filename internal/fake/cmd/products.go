package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/abuseipdb"
	"github.com/seed-959697dd/soc/internal/fake/crowdsec"
	"github.com/seed-959697dd/soc/internal/fake/defender"
	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/fake/sentinel"
	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

// Tenant is a product with something in it, and how soc is set up to use it.
type Tenant struct {
	Handler http.Handler
	Config  string            // the blocks of soc.yaml, ending in a newline
	Env     map[string]string // what they name
	Try     []string          // commands worth trying
}

// products opens tenants by the name of their product: each is told the address at which it will answer, and the time.
func products() map[string]func(url string, now func() time.Time) Tenant {
	return map[string]func(string, func() time.Time) Tenant{
		"abuseipdb":  abuse,
		"crowdsec":   crowd,
		"elastic":    kibana,
		"splunk":     splunkES,
		"defender":   xdr,
		"ollama":     ollama,
		"sentinel":   workspace,
		"splunksoar": phantom,
		"xsoar":      cortex,
	}
}

func abuse(url string, now func() time.Time) Tenant {
	reports := map[string]abuseipdb.Report{"198.51.100.77": {Score: 100, Reports: 250, Users: 40, Last: now().Add(-time.Hour)}}
	return Tenant{
		Handler: &abuseipdb.Server{Key: "demo-key", Quota: 1000, Now: now, Reports: reports},
		Config:  fmt.Sprintf("intel:\n  abuse: {type: abuseipdb, url: %q, key_env: ABUSEIPDB_KEY}\n", url),
		Env:     map[string]string{"ABUSEIPDB_KEY": "demo-key"},
		Try:     []string{"soc --config soc.yaml triage testdata/demo"},
	}
}

func crowd(url string, now func() time.Time) Tenant {
	return Tenant{
		Handler: &crowdsec.Server{Machine: "soc", Password: "demo-password", Now: now},
		Config:  fmt.Sprintf("drivers:\n  edge: {type: crowdsec, url: %q, user: soc, password_env: CROWDSEC_PASSWORD, actions: [block-ip], ttl: 4h}\n", url),
		Env:     map[string]string{"CROWDSEC_PASSWORD": "demo-password"},
		Try:     []string{"soc --config soc.yaml doctor"},
	}
}

func ollama(url string, _ func() time.Time) Tenant {
	return Tenant{
		Handler: &llm.Server{Model: "demo", Context: 8192},
		Config:  fmt.Sprintf("models:\n  local: {provider: ollama, url: %q, model: demo}\n", url),
		Try:     []string{"soc --config soc.yaml triage --model local testdata/demo"},
	}
}

// demoAlerts is how many a tenant has: more than any of the products lets one look into at once.
const demoAlerts = 10_500

func kibana(url string, now func() time.Time) Tenant {
	const key = "ZGVtbzpkZW1vLWtleQ=="
	s := elastic.Demo(key, 1, demoAlerts, 30*time.Second, now())
	s.Now = now
	return Tenant{
		Handler: s,
		Config:  fmt.Sprintf("sources:\n  elastic: {type: elastic, url: %q, elasticsearch_url: %q, token_env: ELASTIC_API_KEY, write_back: true}\n", url, url),
		Env:     map[string]string{"ELASTIC_API_KEY": key},
		Try:     []string{"soc --config soc.yaml doctor", "soc --config soc.yaml triage --from elastic --since 1h"},
	}
}

func phantom(url string, now func() time.Time) Tenant {
	s := splunksoar.Demo("demo-token", 1, demoAlerts, 30*time.Second, now())
	s.Now = now
	return Tenant{
		Handler: s,
		Config: fmt.Sprintf("soar:\n  phantom: {type: splunksoar, url: %q, token_env: SPLUNKSOAR_TOKEN, playbooks: [community/quarantine]}\n", url) +
			"sources:\n  containers: {type: splunksoar, soar: phantom, write_back: true}\n",
		Env: map[string]string{"SPLUNKSOAR_TOKEN": "demo-token"},
		Try: []string{"soc --config soc.yaml triage --from containers --since 1h", "soc --config soc.yaml respond handover --to phantom CASE"},
	}
}

func cortex(url string, now func() time.Time) Tenant {
	s := &xsoar.Server{Version: 8, Key: "demo-key", KeyID: "7", Advanced: true, Now: now, Playbooks: []string{"Quarantine"}}
	return Tenant{
		Handler: s.Demo(1, demoAlerts, 30*time.Second, now()),
		Config: fmt.Sprintf("soar:\n  cortex: {type: xsoar, url: %q, version: 8, token_env: XSOAR_KEY, key_id: \"7\", key_type: advanced, playbooks: [Quarantine]}\n", url+"/xsoar") +
			"sources:\n  incidents: {type: xsoar, soar: cortex, write_back: true}\n",
		Env: map[string]string{"XSOAR_KEY": "demo-key"},
		Try: []string{"soc --config soc.yaml triage --from incidents --since 1h", "soc --config soc.yaml respond handover --to cortex CASE"},
	}
}

func workspace(url string, now func() time.Time) Tenant {
	return Tenant{
		Handler: sentinel.Demo(now, 300, 1),
		Config: fmt.Sprintf("sources:\n  law: {type: sentinel, url: %q, tenant: %s, client_id: %s, client_secret_env: SENTINEL_SECRET, subscription: %s, resource_group: %s, workspace: %s, workspace_id: %s, write_back: true}\n",
			url, sentinel.Tenant, sentinel.ClientID, sentinel.Subscription, sentinel.Group, sentinel.Workspace, sentinel.WorkspaceID),
		Env: map[string]string{"SENTINEL_SECRET": sentinel.Secret},
		Try: []string{"soc --config soc.yaml doctor", "soc --config soc.yaml triage --from law --since 3d"},
	}
}

func xdr(url string, now func() time.Time) Tenant {
	return Tenant{
		Handler: defender.Demo(now, 1500, 1),
		Config:  fmt.Sprintf("sources:\n  xdr: {type: defender, url: %q, tenant: %s, client_id: %s, client_secret_env: DEFENDER_SECRET, write_back: true}\n", url, defender.Tenant, defender.ClientID),
		Env:     map[string]string{"DEFENDER_SECRET": defender.Secret},
		Try:     []string{"soc --config soc.yaml doctor", "soc --config soc.yaml triage --from xdr --since 3d"},
	}
}
