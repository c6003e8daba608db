package web_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/web"
)

// TestSettingsThatAreRefused, and that what they hold is not shown.
func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	with := []web.Header{{Name: "Key", Value: web.NewSecret(key)}}
	for want, s := range map[string]web.Settings{
		"not of the form https://host/path":       {BaseURL: "siem.example.com"},
		"the address is not of the form":          {BaseURL: "file:///etc/passwd"},
		"the address is no URL":                   {BaseURL: "https://u:" + key + "@siem.example.com:port"},
		"holds a user or password":                {BaseURL: "https://u:s3cret@siem.example.com"},
		"has a query or a fragment":               {BaseURL: "https://siem.example.com/?key=" + key},
		"the proxy holds a user":                  {BaseURL: "https://siem.example.com", Proxy: "http://u:s3cret@proxy.example.com"},
		"not sent to siem.example.com over plain": {BaseURL: "http://siem.example.com", Secrets: with},
		"holds no certificate in PEM form":        {BaseURL: "https://siem.example.com", CAFile: notes},
		"reading the authorities to trust":        {BaseURL: "https://siem.example.com", CAFile: notes + "x"},
		"needs both":                              {BaseURL: "https://siem.example.com", CertFile: notes},
		"reading the client certificate":          {BaseURL: "https://siem.example.com", CertFile: notes, KeyFile: notes},
	} {
		if _, err := web.New(s); err == nil || !strings.Contains(err.Error(), want) || leaks(err.Error()) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", want, err)
		}
	}
	for _, base := range []string{"http://127.0.0.1:11434", "http://[::1]:11434", "http://localhost:11434", "https://siem.example.com"} {
		if _, err := web.New(web.Settings{BaseURL: base, Secrets: with}); err != nil {
			t.Error(err)
		}
	}
	c, err := web.New(web.Settings{BaseURL: "http://siem.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), web.Request{Secrets: with}); err == nil || !strings.Contains(err.Error(), "plain http") {
		t.Errorf("a request's own key: %v", err)
	}
}

// TestWhomTLSBelieves: an unknown authority and old versions are refused, the estate's own authority and the client's certificate work.
func TestWhomTLSBelieves(t *testing.T) {
	t.Parallel()
	serve := func(change func(*tls.Config)) (srv *httptest.Server, ca string) {
		srv = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Issuer.Organization[0])
		}))
		srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		srv.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
		change(srv.TLS)
		srv.StartTLS()
		t.Cleanup(srv.Close)
		ca = filepath.Join(t.TempDir(), "ca.pem")
		write(t, ca, "CERTIFICATE", srv.Certificate().Raw)
		return srv, ca
	}
	srv, ca := serve(func(*tls.Config) {})
	old, oldCA := serve(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	keyFile := filepath.Join(t.TempDir(), "key.pem")
	der, err := x509.MarshalPKCS8PrivateKey(srv.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, keyFile, "PRIVATE KEY", der)
	for name, c := range map[string]struct {
		set  web.Settings
		want string
	}{
		"nobody vouches for it":     {web.Settings{BaseURL: srv.URL}, "certificate"},
		"old versions only":         {web.Settings{BaseURL: old.URL, CAFile: oldCA, CertFile: ca, KeyFile: keyFile}, "protocol version"},
		"no certificate of our own": {web.Settings{BaseURL: srv.URL, CAFile: ca}, "certificate required"},
		"all is well":               {web.Settings{BaseURL: srv.URL, CAFile: ca, CertFile: ca, KeyFile: keyFile}, ""},
	} {
		cl, err := web.New(c.set)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := cl.Do(t.Context(), web.Request{})
		if c.want == "" && (err != nil || string(resp.Body) != "Acme Co") {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTheProxyComesFromTheSettings: the request arrives there, for a host that nobody looks up.
func TestTheProxyComesFromTheSettings(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RequestURI) }))
	t.Cleanup(proxy.Close)
	c, err := web.New(web.Settings{BaseURL: "http://siem.example.com/x", Proxy: proxy.URL})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(t.Context(), web.Request{Path: []string{"y"}})
	if err != nil || string(resp.Body) != "http://siem.example.com/x/y" {
		t.Errorf("%v %v", resp, err)
	}
}

func TestConfidential(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{
		"https://soar.example/x": true, "http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://localhost": true,
		"http://soar.example": false, "http://localhost.evil.example": false, "http://127.0.0.1.evil.example": false, "ftp://soar.example": false, "": false,
	} {
		if err := web.Confidential(address); (err == nil) != fine {
			t.Errorf("%q: %v", address, err)
		}
	}
}
