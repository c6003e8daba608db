package splunksoar_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/drive/splunksoar"
	"github.com/seed-959697dd/soc/internal/web"
)

// A list that does not heed what it is asked for begins anew with every page: it is an error, and not read and kept for ever.
func TestAnEndlessListOfArtifacts(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&page, `%s{"id":%d,"container":101,"cef":{}}`, strings.Repeat(",", min(i, 1)), i+1)
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		list := `{"id":101,"name":"x","container_update_time":"2026-03-14T09:26:00.000000Z","artifact_update_time":"2026-03-14T09:26:00.000000Z"}`
		if strings.HasSuffix(r.URL.Path, "/artifact") {
			if list = page.String(); asked > 3 {
				list = "" // so that this test ends
			}
			asked++
		}
		_, _ = fmt.Fprintf(w, `{"count":1,"num_pages":1,"data":[%s]}`, list)
	}))
	t.Cleanup(server.Close)
	p, err := splunksoar.New(splunksoar.Settings{URL: server.URL, Token: web.NewSecret("token")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { return nil })
	if err == nil || asked > 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

// The same of containers: whether a page is not heeded, of which all are of one moment, or the time from which on they are wanted.
func TestAnEndlessListOfContainers(t *testing.T) {
	t.Parallel()
	for name, times := range map[string][2]string{
		"of one moment": {"2026-03-14T09:26:00.000000Z", "2026-03-14T09:26:00.000000Z"}, "of two": {"2026-03-14T09:26:00.000000Z", "2026-03-14T09:27:00.000000Z"},
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			list := ""
			if !strings.HasSuffix(r.URL.Path, "/artifact") {
				if asked++; asked > 10 {
					t.Errorf("%s: it asks on and on", name)
					w.WriteHeader(http.StatusTeapot)
					return
				}
				list = fmt.Sprintf(`{"id":101,"name":"x","container_update_time":%q,"artifact_update_time":%[1]q},{"id":102,"name":"x","container_update_time":%q,"artifact_update_time":%[2]q}`, times[0], times[1])
			}
			_, _ = fmt.Fprintf(w, `{"count":2,"num_pages":9,"data":[%s]}`, list)
		}))
		p, err := splunksoar.New(splunksoar.Settings{URL: server.URL, Token: web.NewSecret("token"), Page: 2})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		_, err = p.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
		if err == nil || n > 2 {
			t.Errorf("%s: %d found, asked %d times: %v", name, n, asked, err)
		}
		server.Close()
	}
}
