package main

import (
	"time"

	"github.com/seed-959697dd/soc/internal/fake/splunk"
)

// splunkES is Splunk with Enterprise Security 7: ten thousand notables of the last days, and logs around the latest.
func splunkES(url string, now func() time.Time) Tenant {
	s := splunk.New(splunk.Options{Version: "7.3.2", Token: "demo-splunk-token", Now: now})
	s.Demo(10_000)
	yaml, env := s.Config(url)
	return Tenant{
		Handler: s, Config: yaml, Env: env,
		Try: []string{
			"soc --config soc.yaml doctor", "soc --config soc.yaml triage --from splunk --since 2h", "soc --config soc.yaml triage --from splunk --since 30m --write-back",
		},
	}
}
