package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/defender"
	"github.com/seed-959697dd/soc/internal/fake/sentinel"
)

// microsoftFakes are the services that stories pull from, by the variable that holds their address.
func microsoftFakes(t *testing.T) map[string]string {
	t.Helper()
	reader := defender.Demo(time.Now, 3, 1)
	reader.Door.Roles = []string{"SecurityAlert.Read.All"}
	urls := map[string]string{}
	for name, h := range map[string]http.Handler{
		"SENTINEL_URL": sentinel.Demo(time.Now, 60, 1), "DEFENDER_URL": defender.Demo(time.Now, 1500, 1), "LIMITED_URL": reader,
		"DESK_SENTINEL_URL": sentinel.Demo(time.Now, 1, 1), "DESK_DEFENDER_URL": defender.Demo(time.Now, 1, 1),
	} {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		urls[name] = s.URL
	}
	return urls
}
