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
