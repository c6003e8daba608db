package crowdsec_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/crowdsec"
)

// What the real one does and a client stumbles over: null for none, durations that count from stop_at, a user agent that is a password.
func TestItBehavesAsTheRealOne(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 3, 4, 0, 0, 0, time.UTC)
	s := httptest.NewServer(&crowdsec.Server{Machine: "m", Password: "p", Now: func() time.Time { return now }})
	defer s.Close()
	ask := func(method, path, agent, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", agent)
		req.Header.Set("Authorization", "Bearer token-1")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // only read
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	const login = `{"machine_id":"m","password":"p"}`
	const ban = `[{"scenario":"x","scenario_hash":"","scenario_version":"","message":"","events_count":1,"start_at":"2026-03-03T03:00:00Z","stop_at":"2026-03-03T03:00:00Z","capacity":0,"leakspeed":"0","simulated":false,"events":[],"source":{},` +
		`"decisions":[{"duration":"2h","origin":"soc","scenario":"x","scope":"Ip","type":"ban","value":"203.0.113.9"}]}]`
	for _, row := range [][5]string{
		{"POST", "/v1/watchers/login", "soc", login, "incorrect Username or Password"},
		{"GET", "/v1/alerts", "soc/1", "", "token is expired"},
		{"POST", "/v1/watchers/login", "soc/1", login, `"token":"token-1"`},
		{"GET", "/v1/alerts?scope=Ip&value=203.0.113.9", "soc/1", "", "null"},
		{"POST", "/v1/alerts", "soc/1", `[{"scenario":"x"}]`, "stop_at in body is required"},
		{"POST", "/v1/alerts", "soc/1", ban, `["1"]`},
		{"GET", "/v1/alerts?scope=Ip&value=203.0.113.9", "soc/1", "", `"duration":"1h0m0s"`},
		{"DELETE", "/v1/decisions/1", "soc/1", "", `"nbDeleted":"1"`},
		{"GET", "/v1/alerts?scope=Ip&value=203.0.113.9", "soc/1", "", "null"},
	} {
		if got := ask(row[0], row[1], row[2], row[3]); !strings.Contains(got, row[4]) {
			t.Errorf("%s %s: %s", row[0], row[1], got)
		}
	}
}
