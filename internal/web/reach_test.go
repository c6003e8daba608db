package web_test

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/web"
)

// TestWhetherAServiceIsThere, and how far its clock is off. A refusal is an answer.
func TestWhetherAServiceIsThere(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(off time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", noon.Add(off).Format(http.TimeFormat))
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		clock  string
		fine   bool
	}{
		"the same time":  {at(0), "agrees", true},
		"a second apart": {at(-time.Second), "agrees", true},
		"a bit ahead":    {at(20 * time.Second), "20s ahead", true},
		"far ahead":      {at(5 * time.Minute), "5m0s ahead", false},
		"far behind":     {at(-2 * time.Hour), "2h0m0s behind", false},
		"without a time": {func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }, "does not say", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, ok := client(t, c.answer, nil).Reach(t.Context(), web.Request{}, func() time.Time { return noon })
			if !ok || len(found) != 2 || found[0].Name != "reach" || !found[0].OK || found[1].Name != "clock" {
				t.Fatalf("%v %+v", ok, found)
			}
			if f := found[1]; f.OK != c.fine || !strings.Contains(f.Detail, c.clock) || (f.Hint == "") != c.fine {
				t.Errorf("%+v", f)
			}
		})
	}
}

// TestWhyAServiceIsNotReached names what is in the way, and what to do about it.
func TestWhyAServiceIsNotReached(t *testing.T) {
	t.Parallel()
	serve := func(change func(*tls.Config)) (srv *httptest.Server, ca string) {
		srv = httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		change(srv.TLS)
		srv.StartTLS()
		t.Cleanup(srv.Close)
		ca = filepath.Join(t.TempDir(), "ca.pem")
		write(t, ca, "CERTIFICATE", srv.Certificate().Raw)
		return srv, ca
	}
	srv, ca := serve(func(*tls.Config) {})
	misnamed := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	for name, c := range map[string]struct {
		set         web.Settings
		now         time.Time
		last        string
		fine        bool
		detail, how string
	}{
		"nobody is there":    {web.Settings{BaseURL: "http://" + closed(t)}, time.Now(), "reach", false, "refused", "curl -sv http://127.0.0.1:"},
		"a stranger":         {web.Settings{BaseURL: srv.URL}, time.Now(), "tls", false, "unknown authority", "openssl s_client -showcerts -connect 127.0.0.1:"},
		"another name":       {web.Settings{BaseURL: misnamed, CAFile: ca}, time.Now(), "tls", false, "certificate", "example.com"},
		"trusted":            {web.Settings{BaseURL: srv.URL, CAFile: ca}, time.Now(), "tls", true, "trusted, until 20", ""},
		"trusted a bit more": {web.Settings{BaseURL: srv.URL, CAFile: ca}, srv.Certificate().NotAfter.AddDate(0, 0, -3), "tls", false, "trusted, until 20", "renew"},
	} {
		cl, err := web.New(c.set)
		if err != nil {
			t.Fatal(err)
		}
		found, _ := cl.Reach(t.Context(), web.Request{}, func() time.Time { return c.now })
		var f web.Finding
		for _, f = range found {
			if f.Name == c.last {
				break
			}
		}
		if f.Name != c.last || f.OK != c.fine || !strings.Contains(f.Detail, c.detail) || !strings.Contains(f.Hint, c.how) {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// TestAServiceThatSendsElsewhere is not reached: whoever answers there was not named.
func TestAServiceThatSendsElsewhere(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	}, nil)
	found, ok := c.Reach(t.Context(), web.Request{}, time.Now)
	if ok || len(found) != 1 || found[0].OK || !strings.Contains(found[0].Detail, "elsewhere.example") {
		t.Errorf("%v %+v", ok, found)
	}
}
