package splunk_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/splunk"
)

var listen = flag.String("listen", "", "answer at this address until interrupted")

// By hand it stays until it is interrupted.
func TestByHand(t *testing.T) {
	if *listen == "" {
		t.Skip("only with -listen")
	}
	s := splunk.New(splunk.Options{Token: "token", Now: time.Now})
	s.Stock(1, 10_000, time.Now())
	t.Fatal((&http.Server{Addr: *listen, ReadHeaderTimeout: time.Minute, Handler: s}).ListenAndServe())
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// serve returns how to ask a server of a version something.
func serve(t *testing.T, o splunk.Options) (*splunk.Server, func(method, path string, form url.Values) (int, string)) {
	t.Helper()
	o.Token, o.Now = "token", func() time.Time { return noon }
	fake := splunk.New(o)
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	return fake, func(method, path string, form url.Values) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer token")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // only read
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
}

// What the search language does with what stands in a search: quotes keep pipes, macros and comments from meaning anything, an asterisk
// keeps its meaning, a phrase matches whole words.
func TestSearches(t *testing.T) {
	t.Parallel()
	s, ask := serve(t, splunk.Options{})
	s.Index(
		splunk.Event{Index: "win", Host: "ws-1", Time: noon.Add(-time.Hour), Raw: `{"path":"C:\\Temp\\a.exe","note":"x | delete"}`, Fields: map[string]string{"user": "alice"}},
		splunk.Event{Index: "win", Host: "ws-2", Time: noon.Add(-2 * time.Hour), Raw: "10.0.0.99 said ```hello``` and `notable`"},
	)
	s.Raise(noon.Add(-time.Hour), noon, map[string]any{"rule_name": "r", "dest": "ws-1"})
	for spl, want := range map[string]string{
		`search index=win`:                               "2",
		`search index=win "x | delete"`:                  "1",
		`search "10.0.0.9"`:                              "0",
		`search "10.0.0.9*"`:                             "1",
		`search "C:\\\\Temp"`:                            "1",
		`search "C:\\Temp"`:                              "0",
		"search \"```hello```\"":                         "1",
		"search index=win ```comment | delete```":        "2",
		"search \"`notable`\"":                           "1",
		"search `notable`":                               "1",
		`search host=ws-1 (user="ALICE" OR user=bob)`:    "1",
		`search index=win NOT user=alice`:                "1",
		`search index=win | search host="ws-*" | head 1`: "1",
		`search index=*`:                                 "3",
	} {
		status, got := ask(http.MethodPost, "/services/search/v2/jobs/export", url.Values{"search": {spl + " | stats count"}})
		if status != 200 || !strings.Contains(got, `"count":"`+want+`"`) {
			t.Errorf("%s: %d %s", spl, status, got)
		}
	}
	for spl, want := range map[string]string{
		`search "`: "Unbalanced quotes", "search `none`": "macro", "search ( x": "parentheses", "search x | frobnicate": "Unknown search command 'frobnicate'",
		"search x | | head 1": "Missing a search command", "x": "begins with search", "search [search x]": "Subsearches",
	} {
		if status, got := ask(http.MethodPost, "/services/search/v2/jobs/export", url.Values{"search": {spl}}); status != 400 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", spl, status, got)
		}
	}
	if len(s.Ran()) > 0 {
		t.Error(s.Ran())
	}
	_, _ = ask(http.MethodPost, "/services/search/v2/jobs/export", url.Values{"search": {"search x | delete"}})
	if len(s.Ran()) != 1 {
		t.Error("a command that writes was not noted")
	}
}

// What the documentation says and a client stumbles over.
func TestItBehavesAsDocumented(t *testing.T) {
	t.Parallel()
	s, ask := serve(t, splunk.Options{Version: "8.4.0", NeedsNote: true})
	old := s.Raise(noon.AddDate(0, 0, -3), noon.AddDate(0, 0, -3), map[string]any{"rule_title": "old"})
	s.Stock(1, 300, noon)
	const findings, mission = "/servicesNS/nobody/SplunkEnterpriseSecuritySuite/public/v2/findings", "/servicesNS/nobody/missioncontrol/"
	for _, row := range []struct {
		method, path string
		form         url.Values
		status       int
		want         string
	}{
		{"GET", "/services/apps/local/SplunkEnterpriseSecuritySuite", nil, 200, `"version":"8.4.0"`},
		{"GET", findings + "/" + old, nil, 404, "not found"}, // its day is over
		{"GET", findings + "/" + old + "?earliest=1772000000", nil, 200, `"title":"old"`},
		{"POST", "/services/notable_update", url.Values{"status": {"5"}}, 200, `"success":false`},
		{"POST", "/services/notable_update", url.Values{"ruleUIDs": {old, "none"}, "status": {"5"}}, 200, `"failure_count":1`},
		{"POST", "/services/notable_update", url.Values{"ruleUIDs": {old}, "status": {"17"}}, 200, "invalid status"},
		{"POST", "/services/auth/login", url.Values{"username": {"a"}}, 401, "Login failed"},
		{"GET", "/services/none", nil, 404, "Not Found"},
		{"GET", mission + "public/v2/investigations", nil, 200, "[]"},
	} {
		if status, got := ask(row.method, row.path, row.form); status != row.status || !strings.Contains(strings.ReplaceAll(got, "rule_title", "title"), row.want) {
			t.Errorf("%s %s: %d %s", row.method, row.path, status, got)
		}
	}
	if _, got := ask("GET", findings+"?limit=5000", nil); strings.Count(got, "finding_id") != 100 {
		t.Errorf("%d findings in a list", strings.Count(got, "finding_id"))
	}
	if yaml, env := s.Config("http://127.0.0.1:1"); !strings.Contains(yaml, `version: "8"`) || env["SPLUNK_TOKEN"] != "token" {
		t.Error(yaml, env)
	}
}
