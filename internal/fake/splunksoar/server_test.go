package splunksoar_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
)

var listen = flag.String("listen", "", "answer at this address until interrupted")

// By hand it stays until it is interrupted.
func TestByHand(t *testing.T) {
	if *listen == "" {
		t.Skip("only with -listen")
	}
	t.Fatal((&http.Server{Addr: *listen, ReadHeaderTimeout: time.Minute, Handler: &splunksoar.Server{Token: "token", Playbooks: []string{"community/quarantine"}}}).ListenAndServe())
}

// What the documentation says and a client stumbles over: the source id is unique, a text in a filter has quotes, an update replaces the CEF.
func TestItBehavesAsDocumented(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(&splunksoar.Server{Token: "k"})
	defer s.Close()
	ask := func(method, path, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("ph-auth-token", "k")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // only read
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	const container = `{"name":"n","label":"events","severity":"high","source_data_identifier":"c-1","artifacts":[{"name":"a","cef":{"x":"1","y":"2"}}]}`
	for _, row := range [][4]string{
		{"POST", "/rest/container", container, `"new_artifact_ids":[102]`},
		{"POST", "/rest/container", container, `"existing_container_id":101,"failed":true`},
		{"GET", `/rest/container?_filter_source_data_identifier="c-1"`, "", `"count":1`},
		{"GET", `/rest/container?_filter_source_data_identifier=c-1`, "", `"failed":true`},
		{"POST", "/rest/artifact/102", `{"cef":{"x":"3"}}`, `"success":true`},
		{"GET", "/rest/artifact/102", "", `"cef":{"x":"3"}`},
		{"POST", "/rest/playbook_run", `{"container_id":101,"playbook_id":"none"}`, `"failed":true`},
	} {
		if got := ask(row[0], row[1], row[2]); !strings.Contains(got, row[3]) {
			t.Errorf("%s %s: %s", row[0], row[1], got)
		}
	}
}
