package cmd_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/splunk"
)

// splunkFakes are Splunks with Enterprise Security 7 and 8, each with 60 alerts up to now and a process that one of them is about, by the
// variable that holds their address.
func splunkFakes(t *testing.T) map[string]string {
	t.Helper()
	urls := map[string]string{}
	for name, version := range map[string]string{"SPLUNK_URL": "7.3.2", "SPLUNK8_URL": "8.4.0"} {
		s := splunk.New(splunk.Options{Version: version, Token: "splunk-secret-token", User: "soc", Password: "splunk-secret-password", Now: time.Now, NeedsNote: true})
		s.Demo(60)
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		urls[name] = server.URL
	}
	return urls
}
