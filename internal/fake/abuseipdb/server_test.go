package abuseipdb_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/abuseipdb"
)

// TestTheServiceAsDocumented: the statuses, headers and bodies that its documentation names.
func TestTheServiceAsDocumented(t *testing.T) {
	t.Parallel()
	s := &abuseipdb.Server{Key: "k", Quota: 3, Now: func() time.Time { return time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC) }, Reports: map[string]abuseipdb.Report{
		"203.0.113.9": {Score: 97, Reports: 132, Users: 41, Usage: "Commercial", Last: time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)},
	}}
	for _, c := range []struct {
		name, method, target, key, accept string
		status                            int
		header                            http.Header
		body                              string
	}{
		{"another endpoint", "GET", "/api/v2/nothing", "k", "application/json", 404, nil, `"status":404`},
		{"another method", "POST", "/api/v2/check", "k", "application/json", 405, nil, `"status":405`},
		{"a wrong key", "GET", "/api/v2/check?ipAddress=203.0.113.9", "x", "application/json", 401, nil, `{"errors":[{"detail":"Authentication failed.`},
		{"a known address", "GET", "/api/v2/check?ipAddress=203.0.113.9", "k", "application/json", 200, http.Header{"X-Ratelimit-Limit": {"3"}, "X-Ratelimit-Remaining": {"2"}}, `"lastReportedAt":"2026-11-20T01:02:03+00:00","numDistinctUsers":41,"totalReports":132`},
		{"an unknown address", "GET", "/api/v2/check?ipAddress=2001:db8::1&maxAgeInDays=365", "k", "application/json", 200, nil, `{"data":{"abuseConfidenceScore":0,`},
		{"no address", "GET", "/api/v2/check?ipAddress=example.com", "k", "application/json", 422, nil, `"source":{"parameter":"ipAddress"}`},
		{"the quota is over", "GET", "/api/v2/check?ipAddress=203.0.113.9", "k", "application/json", 429, http.Header{"Retry-After": {"7200"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1795478400"}}, `"status":429`},
		{"as a page", "GET", "/api/v2/check?ipAddress=203.0.113.9", "k", "", 429, http.Header{"Content-Type": {"text/html; charset=UTF-8"}}, "<!DOCTYPE html>"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, nil)
		r.Header.Set("Key", c.key)
		r.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		for name, want := range c.header {
			if got := w.Header().Get(name); got != want[0] {
				t.Errorf("%s: %s is %q", c.name, name, got)
			}
		}
	}
}
