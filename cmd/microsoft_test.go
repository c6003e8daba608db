package cmd_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/defender"
	"github.com/seed-959697dd/soc/internal/fake/sentinel"
)

// microsoftFakes are the services that stories pull from, by the variable that holds their address.
func microsoftFakes(t *testing.T) map[string]string {
	t.Helper()
	law := httptest.NewServer(sentinel.Demo(time.Now, 60, 1))
	xdr := httptest.NewServer(defender.Demo(time.Now, 1500, 1))
	reader := defender.Demo(time.Now, 3, 1)
	reader.Door.Roles = []string{"SecurityAlert.Read.All"}
	limited := httptest.NewServer(reader)
	t.Cleanup(law.Close)
	t.Cleanup(xdr.Close)
	t.Cleanup(limited.Close)
	return map[string]string{"SENTINEL_URL": law.URL, "DEFENDER_URL": xdr.URL, "LIMITED_URL": limited.URL}
}
