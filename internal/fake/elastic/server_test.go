package elastic_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/elastic"
)

// What the documentation, and the routes' own code, say and a client stumbles over.
func TestItBehavesAsDocumented(t *testing.T) {
	t.Parallel()
	s := elastic.Demo("a2V5", 1, 1_200, time.Second, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	s.Version = "8.19.0"
	id := s.Alerts()[0]
	all := `"params":[{"from":"2026-03-01T00:00:00.000Z"},{"to":"2026-03-03T00:00:00.000Z"}]`
	for name, row := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"a write without kbn-xsrf":        {"POST!", "/api/detection_engine/signals/search", `{}`, 400, "kbn-xsrf"},
		"a window that is too large":      {"POST", "/api/detection_engine/signals/search", `{"size":10001,"query":{"match_all":{}}}`, 400, "window is too large"},
		"a space that is not there":       {"GET", "/s/night/api/status", "", 404, "Not Found"},
		"search_after is dropped":         {"POST", "/api/detection_engine/signals/search", `{"size":1,"query":{"match_all":{}},"sort":[{"@timestamp":"asc"}],"search_after":["2026-03-01T23:59:00.000Z"]}`, 200, id},
		"a reason before 9.2":             {"POST", "/api/detection_engine/signals/status", `{"signal_ids":["` + id + `"],"status":"closed","reason":"other"}`, 400, "reason"},
		"a case of another shape":         {"POST", "/api/cases", `{"title":"x"}`, 400, "required"},
		"a case that is not there":        {"PATCH", "/api/cases", `{"cases":[{"id":"x","version":"y","status":"closed"}]}`, 404, "do not exist"},
		"text spliced into a query":       {"POST", "/_query", `{"query":"FROM logs-* | WHERE user.name == \"x\" | LIMIT 1",` + all + `}`, 400, "mismatched input"},
		"a parameter that is not bound":   {"POST", "/_query", `{"query":"FROM logs-* | WHERE @timestamp >= TO_DATETIME(?from) AND @timestamp <= TO_DATETIME(?to) | LIMIT 1"}`, 400, "Unknown query parameter"},
		"an index that is not there":      {"POST", "/_query", `{"query":"FROM nothing-* | LIMIT 1"}`, 400, "Unknown index"},
		"an error of Elasticsearch":       {"GET", "/_nothing", "", 400, `"root_cause"`},
		"a query that nobody asked":       {"GET", "/_query/async/none", "", 404, "resource_not_found"},
		"the version, as Kibana says it":  {"GET", "/api/status", "", 200, `"number":"8.19.0"`},
		"the rights, as Kibana says them": {"GET", "/api/detection_engine/privileges", "", 200, `".alerts-security.alerts-default":{"maintenance":true`},
	} {
		method, careless := strings.CutSuffix(row.method, "!")
		req := httptest.NewRequestWithContext(t.Context(), method, row.path, strings.NewReader(row.body))
		req.Header.Set("Authorization", "ApiKey a2V5")
		if !careless {
			req.Header.Set("kbn-xsrf", "true")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.want) {
			t.Errorf("%s: %d %.300s", name, w.Code, w.Body)
		}
	}
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/_query", strings.NewReader(`{"query":"FROM logs-* METADATA _id, _index, _source | SORT @timestamp ASC"}`))
	req.Header.Set("Authorization", "ApiKey a2V5")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	if n := strings.Count(w.Body.String(), `"log-`); n != 1_000 { // trap: without LIMIT there are 1,000 rows
		t.Errorf("%d rows without LIMIT", n)
	}
}
