package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// What a service knows today nobody knew when the alerts came: learning asks none, with --suggest neither. Triage does.
func TestLearningAsksNoService(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"data":{"ipAddress":"` + r.URL.Query().Get("ipAddress") + `","abuseConfidenceScore":100,"totalReports":900}}`))
	}))
	t.Cleanup(service.Close)
	dir := t.TempDir()
	key, conf := filepath.Join(dir, "key"), filepath.Join(dir, "soc-online.yaml")
	for file, text := range map[string]string{
		key:  "0123456789abcdef",
		conf: "intel: {reputation: {type: abuseipdb, url: '" + service.URL + "', key_file: '" + key + "'}}\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const decisions = "../testdata/precedent/decisions.ndjson"
	plain, online := filepath.Join(dir, "plain.json"), filepath.Join(dir, "online.json")
	for _, line := range []string{
		"learn --decisions " + decisions + " --alerts " + demo + " --out " + plain,
		"learn --decisions " + decisions + " --alerts " + demo + " --config " + conf + " --out " + online,
		"learn --suggest --decisions " + decisions + " --alerts " + demo + " --config " + conf,
	} {
		if _, errs, status := run(t, "", strings.Fields(line)...); status != 0 {
			t.Fatalf("soc %s: status %d: %s", line, status, errs)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("learning asked the service %d times", n)
	}
	one, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile(online); err != nil || string(one) != string(two) {
		t.Errorf("a configured service changed what was learned: %v", err)
	}
	if _, errs, status := run(t, "", "triage", "--no-book", "--config", conf, demo); status != 0 || asked.Load() == 0 {
		t.Errorf("triage: status %d, %d questions: the test would notice nothing: %s", status, asked.Load(), errs)
	}
}
