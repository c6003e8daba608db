package sentinel_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/sentinel"
)

// user asks the fake as a program would that does not know better.
type user struct {
	t     *testing.T
	url   string
	token string
}

func login(t *testing.T, h http.Handler, scope string) *user {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u := &user{t: t, url: s.URL}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {sentinel.ClientID}, "client_secret": {sentinel.Secret}, "scope": {scope + "/.default"}}
	_, body := u.ask("POST", "/"+sentinel.Tenant+"/oauth2/v2.0/token", form.Encode())
	u.token = gjson.Get(body, "access_token").String()
	return u
}

func (u *user) ask(method, path, body string) (int, string) {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), method, u.url+path, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+u.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

const (
	root    = "/subscriptions/" + sentinel.Subscription + "/resourceGroups/" + sentinel.Group + "/providers/Microsoft.OperationalInsights/workspaces/" + sentinel.Workspace
	list    = root + "/providers/Microsoft.SecurityInsights/incidents"
	version = "?api-version=2024-03-01"
)

// What the documentation says and a client stumbles over.
func TestItBehavesAsDocumented(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fake := sentinel.Demo(func() time.Time { return now }, 5, 1)
	u := login(t, fake, "https://management.azure.com")
	one := list + "/" + sentinel.Name(0)
	_, body := u.ask("GET", one+version, "")
	etag := gjson.Get(body, "etag").String()
	put := func(etag, properties string) string {
		text, _ := json.Marshal(map[string]any{"etag": etag, "properties": json.RawMessage(properties)})
		return string(text)
	}
	const open = `{"title":"a","severity":"High","status":"New"}`
	for _, row := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", list, "", 400, "MissingApiVersionParameter"},
		{"GET", list + "?api-version=1999-01-01", "", 400, "NoRegisteredProviderFound"},
		{"GET", list + version + "&$filter=nonsense", "", 400, "Invalid filter"},
		{"GET", list + version + "&$top=2", "", 200, "nextLink"},
		{"GET", list + "/none" + version, "", 404, "NotFound"},
		{"PUT", one + version, put("", open), 409, "Newer version of resource"},                                                                                                        // no etag
		{"PUT", one + version, put(etag, `{"title":"a","status":"New"}`), 400, "Required property 'severity'"},                                                                         // a part only
		{"PUT", one + version, put(etag, `{"title":"a","severity":"High","status":"Closed"}`), 400, "Invalid classification reason"},                                                   // closed as nothing
		{"PUT", one + version, put(etag, `{"title":"a","severity":"High","status":"Closed","classification":"TruePositive","classificationReason":"InaccurateData"}`), 400, "Invalid"}, // no pair
		{"PUT", one + "/comments/11111111-2222-4333-8444-555555555555" + version, `{"properties":{"message":"x"}}`, 201, "message"},
		{"PUT", one + version, put(etag, open), 409, "Newer version of resource"}, // the comment made a new one
		{"DELETE", one + "/comments/11111111-2222-4333-8444-555555555555" + version, "", 200, ""},
		{"DELETE", one + "/comments/11111111-2222-4333-8444-555555555555" + version, "", 204, ""},
		{"POST", one + "/alerts" + version, "", 200, "systemAlertId"},
		{"POST", one + "/entities" + version, "", 200, `"kind":"Account"`},
		{"POST", "/v1/workspaces/" + sentinel.WorkspaceID + "/query", `{"query":"SecurityEvent | take 1"}`, 401, "InvalidAuthenticationToken"}, // another service's token
	} {
		if status, got := u.ask(row.method, row.path, row.body); status != row.status || !strings.Contains(got, row.want) {
			t.Errorf("%s %s %s: %d %.300s", row.method, row.path, row.body, status, got)
		}
	}
	_, body = u.ask("GET", one+version, "")
	if _, body = u.ask("PUT", one+version, put(gjson.Get(body, "etag").String(), open)); gjson.Get(body, "properties.description").Exists() || gjson.Get(body, "properties.incidentNumber").Int() != 1 {
		t.Errorf("a PUT replaces what may be written and nothing else: %s", body)
	}
	now = now.Add(2 * time.Hour)
	if status, _ := u.ask("GET", one+version, ""); status != 401 {
		t.Errorf("a token that ran out: %d", status)
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	fake := sentinel.Demo(time.Now, 50, 1)
	fake.Rows = 2
	u := login(t, fake, "https://api.loganalytics.io")
	for _, row := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"query":"SecurityEvent | take 1"}`, 200, `"name":"PrimaryResult"`},
		{`{"query":"SecurityEvent | take 5"}`, 200, "PartialError"}, // beside the rows, with status 200
		{`{"query":"Nothing | take 5"}`, 400, "SEM0100"},
		{`{"query":"SecurityEvent | count","timespan":"2001-01-01T00:00:00Z/2001-01-02T00:00:00Z"}`, 200, `"rows":[[0]]`},
	} {
		if status, got := u.ask("POST", "/v1/workspaces/"+sentinel.WorkspaceID+"/query", row.body); status != row.status || !strings.Contains(got, row.want) {
			t.Errorf("%s: %d %.300s", row.body, status, got)
		}
	}
}
