package xsoar_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

var listen = flag.String("listen", "", "answer at this address until interrupted")

// By hand it stays until it is interrupted.
func TestByHand(t *testing.T) {
	if *listen == "" {
		t.Skip("only with -listen")
	}
	s := &xsoar.Server{Version: 6, Key: "key", Now: time.Now, Playbooks: []string{"Quarantine"}}
	t.Fatal((&http.Server{Addr: *listen, ReadHeaderTimeout: time.Minute, Handler: s}).ListenAndServe())
}

// What the documentation says and a client stumbles over: a search without a size finds nothing, a command fails within a 200, a closed
// investigation answers 412.
func TestItBehavesAsDocumented(t *testing.T) {
	t.Parallel()
	fake := &xsoar.Server{Version: 6, Key: "k", Now: time.Now}
	s := httptest.NewServer(fake)
	defer s.Close()
	ask := func(path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "k")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // only read
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	for _, row := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/incident", `{"name":"c-1: x","createInvestigation":true}`, 200, `"id":"41"`},
		{"/incidents/search", `{"filter":{"query":"name:*c-1*"}}`, 200, `"data":[]`},
		{"/incidents/search", `{"filter":{"query":"name:*c-1*","size":5}}`, 200, `"id":"41"`},
		{"/entry/execute/sync", `{"investigationId":"41","data":"!none"}`, 200, `"type":4`},
		{"/playbook/run", `{}`, 404, `error`},
	} {
		if status, got := ask(row.path, row.body); status != row.status || !strings.Contains(got, row.want) {
			t.Errorf("%s %s: %d %s", row.path, row.body, status, got)
		}
	}
	fake.Close("41")
	if status, _ := ask("/entry/execute/sync", `{"investigationId":"41","data":"!none"}`); status != 412 {
		t.Errorf("closed: %d", status)
	}
}
