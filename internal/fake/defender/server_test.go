package defender_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/defender"
)

// What was observed and documented, and a client stumbles over: no link, $top clamped, $skip refused beyond 500, comments that repeat.
func TestItBehavesAsDocumented(t *testing.T) {
	t.Parallel()
	fake := defender.Demo(time.Now, 1200, 1)
	s := httptest.NewServer(fake)
	t.Cleanup(s.Close)
	token := ""
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // only read
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {defender.ClientID}, "client_secret": {defender.Secret}, "scope": {"https://graph.microsoft.com/.default"}}
	_, body := ask("POST", "/"+defender.Tenant+"/oauth2/v2.0/token", form.Encode())
	token = gjson.Get(body, "access_token").String()

	if _, body = ask("GET", "/v1.0/security/alerts_v2?$top=2000", ""); gjson.Get(body, "value.#").Int() != 1000 || strings.Contains(body, "nextLink") {
		t.Errorf("%d alerts, a link %v", gjson.Get(body, "value.#").Int(), strings.Contains(body, "nextLink"))
	}
	one := "/v1.0/security/alerts_v2/" + defender.ID(0)
	for _, row := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/v1.0/security/alerts_v2?$skip=501", "", 400, "Skip"},
		{"GET", "/v1.0/security/alerts_v2?$filter=x", "", 400, "Invalid filter"},
		{"GET", "/v1.0/security/incidents?$expand=alerts&$top=1", "", 200, `"evidence"`},
		{"GET", "/v1.0/security/alerts", "", 404, "ResourceNotFound"}, // the older API is gone
		{"PATCH", one, `{"status":"closed"}`, 400, "Invalid value closed"},
		{"PATCH", one, `{"severity":"high","status":"resolved"}`, 200, `"status":"resolved"`},
		{"POST", one + "/comments", `{"@odata.type":"microsoft.graph.security.alertComment","comment":"a"}`, 200, `"a"`},
		{"POST", one + "/comments", `{"@odata.type":"microsoft.graph.security.alertComment","comment":"a"}`, 200, `"a"`},
		{"DELETE", one + "/comments", "", 405, "MethodNotAllowed"},
		{"POST", "/v1.0/security/runHuntingQuery", `{"query":"DeviceProcessEvents | count"}`, 200, `"results":[{"Count":150}]`},
		{"POST", "/v1.0/security/runHuntingQuery", `{"query":"Nothing | count"}`, 400, "SEM0100"},
	} {
		if status, got := ask(row.method, row.path, row.body); status != row.status || !strings.Contains(got, row.want) {
			t.Errorf("%s %s %s: %d %.300s", row.method, row.path, row.body, status, got)
		}
	}
	if got := len(fake.Doc(defender.Alerts, defender.ID(0))["comments"].([]any)); got != 2 {
		t.Errorf("%d comments: the same twice is two", got)
	}
	fake.Door.Revoke()
	if status, _ := ask("GET", one, ""); status != 401 {
		t.Errorf("a token that was revoked: %d", status)
	}
}
